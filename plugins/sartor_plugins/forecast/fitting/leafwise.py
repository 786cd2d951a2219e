"""Trees of LightGBM for one quantile, or for what is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np

from sartor.context import Context
from sartor_plugins.learn.fitting.lightgbm import Booster

if TYPE_CHECKING:
    from sartor_plugins.forecast.fitting.growing import Lesson
    from sartor_plugins.forecast.models.boosting import LightGBM


def grow(settings: LightGBM, context: Context, lesson: Lesson, quantile: float | None, seed: int) -> Booster:
    """Grow trees.

    For what is expected the loss is Tweedie's deviance, and a multiple weighs as much as its amount would. For
    quantiles all rows count alike: a few series with most of the money would leave too few to see the ends of a
    distribution.
    """
    expected = quantile is None
    weight = lesson.usual ** (2 - settings.tweedie) if expected else np.ones(len(lesson.usual))
    data = lightgbm.Dataset(
        lesson.matrix,
        label=lesson.multiple,
        weight=weight / weight.mean(),
        categorical_feature=lesson.encoder.categories or "auto",
    )
    loss: dict[str, Any] = (
        {"objective": "tweedie", "tweedie_variance_power": settings.tweedie}
        if expected
        else {"objective": "quantile", "alpha": quantile}
    )
    parameters = {
        **loss,
        "learning_rate": settings.rate if expected else settings.quantile_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.min_leaf,
        "bagging_fraction": settings.rows,
        "bagging_freq": 1 if settings.rows < 1 else 0,
        "feature_fraction": settings.max_features,
        "num_threads": context.threads,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    trees = settings.trees if expected else settings.quantile_trees
    return Booster(lightgbm.train(parameters, data, num_boost_round=trees), context.threads)
