"""Trees of scikit-learn's histogram boosting for one quantile, or for what is expected; kept as tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from sartor.context import Context
from sartor_plugins.learn.fitting.boosting import table_of_rounds
from sartor_plugins.learn.fitting.tree_scores import TreeScores

if TYPE_CHECKING:
    from sartor_plugins.forecast.fitting.growing import Lesson
    from sartor_plugins.forecast.models.boosting import Boosting

Floats = NDArray[np.float64]


class Grown:
    """Trees whose sum is a multiple, or its logarithm.

    Parameters
    ----------
    scores : TreeScores
    logarithm : bool
    """

    def __init__(self, scores: TreeScores, logarithm: bool) -> None:
        self.scores, self.logarithm = scores, logarithm

    def raw(self, matrix: Floats) -> Floats:
        """Return a multiple for each row."""
        sums = self.scores.raw(matrix)
        return np.exp(np.clip(sums, -50, 50)) if self.logarithm else sums

    def save(self, folder: Path) -> None:
        """Write the tables."""
        self.scores.told["logarithm"] = self.logarithm
        self.scores.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Grown:
        """Return what was saved."""
        scores = TreeScores.load(folder)
        return cls(scores, bool(scores.told["logarithm"]))


def grow(settings: Boosting, context: Context, lesson: Lesson, quantile: float | None, seed: int) -> Grown:
    """Grow trees; for what is expected the loss is Poisson's deviance, in which a multiple weighs as its amount.

    For quantiles all rows count alike: a few series with most of the money would leave too few to see the ends of a
    distribution.
    """
    expected = quantile is None
    weight = lesson.usual if expected else np.ones(len(lesson.usual))
    estimator = HistGradientBoostingRegressor(
        loss="poisson" if expected else "quantile",
        quantile=quantile,
        max_iter=settings.trees if expected else settings.quantile_trees,
        learning_rate=settings.rate if expected else settings.quantile_rate,
        max_leaf_nodes=settings.leaves,
        min_samples_leaf=settings.min_leaf,
        max_features=settings.max_features,
        categorical_features=lesson.encoder.categories or None,
        early_stopping=False,
        random_state=seed,
    )
    estimator.fit(lesson.matrix, lesson.multiple, sample_weight=weight / weight.mean())
    # scikit-learn keeps the trees themselves in private attributes; a test holds our answers against its own.
    table = table_of_rounds(estimator._predictors)
    start = np.ravel(estimator._baseline_prediction).astype(np.float64)
    width = lesson.matrix.shape[1]
    return Grown(TreeScores([table], "identity", start, False, np.zeros(width)), expected)
