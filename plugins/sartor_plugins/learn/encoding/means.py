"""Target means: a category by what was true of its level, learned so that no row sees its own truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.components import NUMBER
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.encoding.columns import MISSING, FloatArray, Known, codes_of
from sartor_plugins.learn.encoding.fitted_step import FittedParts, known_columns, with_names
from sartor_plugins.learn.encoding.parts import MeansPart
from sartor_plugins.learn.fitting.rounds import folds_of

if TYPE_CHECKING:
    from sartor_plugins.learn.steps import TargetMean


def fit_means(settings: TargetMean, training: Training) -> FittedParts:
    """Learn the means of all training rows."""
    found = known_columns(training, settings.columns, as_category=True)
    return _means(training, [known.name for _, known in found if known.kind == "category"], settings.smoothing)


def cross_fit_means(settings: TargetMean, training: Training, context: Context) -> tuple[FittedParts, pd.DataFrame]:
    """Learn the means of all training rows, and give each fold those of the others."""
    whole = fit_means(settings, training)
    prepared = whole.transform(training.X)
    if not whole.parts:
        return whole, prepared
    made = {new: prepared[new].to_numpy(copy=True) for new in whole.sources()}
    for learn, held in folds_of(training, settings.folds, context):
        answers = _means(training.take(learn), list(whole.parts), settings.smoothing).transform(training.X.iloc[held])
        for new, values in made.items():
            values[held] = answers[new].to_numpy()
    return whole, prepared.assign(**made)


def _means(training: Training, columns: list[str], smoothing: float) -> FittedParts:
    """Learn the means of certain columns, also of one that has no value in these rows."""
    outputs, truth = _outputs(training)
    weight = np.ones(len(training)) if training.weight is None else training.weight
    found = known_columns(training, columns, as_category=True) if columns else []
    parts = [means_part(values, known, truth, weight, smoothing, outputs) for values, known in found]
    return with_names(parts, training.X)


def means_part(
    values: pd.Series,
    known: Known,
    truth: FloatArray,
    weight: FloatArray,
    smoothing: float,
    outputs: tuple[str, ...] = ("",),
) -> MeansPart:
    """Learn the mean truth of each level.

    Parameters
    ----------
    values : Series
        A category.
    known : Known
    truth : ndarray of shape (n_rows, n_outputs)
    weight : ndarray of shape (n_rows,)
    smoothing : float
        A level is drawn to the overall mean as by this much weight.
    outputs : tuple of str

    Examples
    --------
    Two of three in ``b``, drawn to 0.5 by one row: (2 + 0.5) / (3 + 1).

    >>> values = pd.Series(["a", "b", "b", "b"])
    >>> known = Known("shop", "category", levels=("b", "a"), counts=(3, 1))
    >>> part = means_part(values, known, np.array([[0.0], [1.0], [1.0], [0.0]]), np.ones(4), smoothing=1)
    >>> part.means
    ((0.625,), (0.25,))
    """
    prior = np.average(truth, axis=0, weights=weight)
    codes = codes_of(values, known.levels, known.name)
    missing = len(known.levels)
    codes = np.where(codes == MISSING, missing, codes)
    sums = np.stack(
        [
            np.bincount(codes, weights=truth[:, place] * weight, minlength=missing + 1)
            for place in range(truth.shape[1])
        ],
        axis=1,
    )
    size = np.bincount(codes, weights=weight, minlength=missing + 1)[:, None]
    # Without smoothing a level of weight 0 has no mean of its own.
    means = np.divide(sums + smoothing * prior, size + smoothing, out=np.tile(prior, (missing + 1, 1)), where=size > 0)
    lines = [tuple(float(value) for value in line) for line in means]
    return MeansPart(known.name, known.levels, tuple(lines[:-1]), tuple(map(float, prior)), lines[-1], outputs)


def _outputs(training: Training) -> tuple[tuple[str, ...], FloatArray]:
    """Return the names and values of what is averaged: a number, an event, or membership of each class."""
    y = np.asarray(training.y)
    if training.answers == NUMBER or len(training.classes) == 2:
        return ("",), y.astype(np.float64)[:, None]
    return tuple(map(str, training.classes)), np.eye(len(training.classes))[y.astype(np.int64)]
