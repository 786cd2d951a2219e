"""Grows survival trees with scikit-survival, and takes them out of it as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sartor.context import Context
from sartor.errors import SettingError
from sartor.rows import Training
from sartor.threads import limited
from sartor_plugins.learn.encoding.encoder import Encoder, mixed
from sartor_plugins.survival.curves import grid_of
from sartor_plugins.survival.fitting.cox import baseline
from sartor_plugins.survival.fitting.tree_arrays import SurvivalTreesFit, TreeArrays
from sartor_plugins.survival.fitting.truth import truth_of

if TYPE_CHECKING:
    from sartor_plugins.survival.trees import Boosting, Forest

FloatArray = NDArray[np.float64]


def fit_forest(settings: Forest, training: Training, context: Context) -> SurvivalTreesFit:
    """Fit `Forest`."""
    from sksurv.ensemble import RandomSurvivalForest
    from sksurv.util import Surv

    encoder, matrix, time, event = _lesson(settings, training)
    times = grid_of(time, event)
    with limited(context.threads):
        forest = RandomSurvivalForest(
            n_estimators=settings.trees,
            min_samples_leaf=settings.min_leaf,
            max_depth=settings.depth,
            max_features=None if settings.max_features == "all" else settings.max_features,
            n_jobs=min(settings.threads, context.threads),
            random_state=context.seed,
        ).fit(matrix, Surv.from_arrays(event, _brought_to(times, time, event)))
    # A forest's own times are those at which anybody leaves; curves are kept where events are.
    places = np.searchsorted(forest.unique_times_, times)
    trees = TreeArrays.of([tree.tree_ for tree in forest.estimators_])
    hazards, curves = [], []
    for tree in forest.estimators_:
        value = tree.tree_.value
        hazards.append(value[:, :, 0][:, tree.is_event_time_].sum(axis=1))
        curves.append(value[:, places, 1])
    return SurvivalTreesFit(encoder, trees, np.concatenate(hazards), times, np.concatenate(curves), None)


def fit_boosting(settings: Boosting, training: Training, context: Context) -> SurvivalTreesFit:
    """Fit `Boosting`."""
    from sksurv.ensemble import GradientBoostingSurvivalAnalysis
    from sksurv.util import Surv

    encoder, matrix, time, event = _lesson(settings, training)
    with limited(context.threads):
        boosted = GradientBoostingSurvivalAnalysis(
            n_estimators=settings.trees,
            learning_rate=settings.rate,
            max_depth=settings.depth,
            subsample=settings.rows,
            min_samples_leaf=settings.min_leaf,
            random_state=context.seed,
        ).fit(matrix, Surv.from_arrays(event, time))
    grown: list[Any] = [tree.tree_ for tree in boosted.estimators_.ravel()]
    trees = TreeArrays.of(grown)
    values = np.concatenate([settings.rate * tree.value[:, 0, 0] for tree in grown])
    times = grid_of(time, event)
    risk = trees.summed(matrix, values)
    middle = float(risk.mean())
    hazard = baseline((risk - middle)[:, None], time, event, training.weight, np.ones(1), times)
    return SurvivalTreesFit(encoder, trees, values, times, None, hazard, middle)


def _lesson(settings: Any, training: Training) -> tuple[Encoder, FloatArray, FloatArray, NDArray[np.bool_]]:
    time, event, weight = truth_of(training)
    if weight is not None:
        raise SettingError(
            "survival trees of scikit-survival cannot weigh rows",
            code="R034",
            hints=(("to mend", "leave weight out of the task, or use: survival.cox"),),
        )
    encoder = mixed(training.X, scale=False, max_levels=settings.max_levels, min_rows=settings.min_rows)
    return encoder, encoder.matrix(training.X).astype(np.float32).astype(np.float64), time, event


def _brought_to(times: FloatArray, time: FloatArray, event: NDArray[np.bool_]) -> FloatArray:
    """Return each time brought to one of a grid: events to the next, who was lost to the one before.

    Who was lost between two times is then at risk at the first and not at the second, as it was.

    Examples
    --------
    >>> _brought_to(np.array([2.0, 5.0]), np.array([1.0, 1.0, 3.0, 4.0]), np.array([True, False, False, True])).tolist()
    [2.0, 0.0, 2.0, 5.0]
    """
    after = times[np.searchsorted(times, time, side="left").clip(0, len(times) - 1)]
    before = np.concatenate([[0.0], times])[np.searchsorted(times, time, side="right")]
    return np.asarray(np.where(event, after, np.minimum(before, time)), dtype=np.float64)
