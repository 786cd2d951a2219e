"""Truth and predictions checked before they are judged, so that a wrong array is said and not scored."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sartor.errors import InputError
from sartor.wording import plural
from sartor_plugins.learn.metrics.weights import AnyArray, FloatArray, PlaceArray


def labels(truth: ArrayLike, predicted: ArrayLike) -> tuple[AnyArray, AnyArray]:
    """Two columns of the same length, of any kind.

    Raises
    ------
    InputError
        If their shapes differ or there are no rows.

    Examples
    --------
    >>> labels(["a"], ["b", "a"])
    Traceback (most recent call last):
    sartor.errors.InputError: truth of shape (1,) and predictions of shape (2,) are not line by line  D050
    """
    there, said = np.asarray(truth), np.asarray(predicted)
    if there.ndim != 1 or there.shape != said.shape:
        raise InputError(
            f"truth of shape {there.shape} and predictions of shape {said.shape} are not line by line", code="D050"
        )
    if not len(there):
        raise InputError("there are no rows to judge", code="D050")
    return there, said


def numbers(truth: ArrayLike, predicted: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Two columns of finite numbers.

    Raises
    ------
    InputError
        As `labels`, or if a number is missing or infinite.

    Examples
    --------
    >>> numbers([1, 2], [1.5, 2])
    (array([1., 2.]), array([1.5, 2. ]))
    """
    there, said = (column.astype(np.float64) for column in labels(truth, predicted))
    for name, column in (("truth", there), ("prediction", said)):
        strange = column[~np.isfinite(column)]
        if len(strange):
            raise InputError(
                f"a {name} must be a finite number, got {strange[0]:g} ({_of_rows(strange, column)})",
                code="D050",
            )
    return there, said


def events(truth: ArrayLike, score: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Outcomes of 0 and 1 with their scores.

    Raises
    ------
    InputError
        As `labels`, or if an outcome is neither 0 nor 1.

    Examples
    --------
    >>> events([True, False], [0.8, 0.3])
    (array([1., 0.]), array([0.8, 0.3]))
    """
    happened, said = (column.astype(np.float64) for column in labels(truth, score))
    strange = happened[(happened != 0) & (happened != 1)]
    if len(strange):
        raise InputError(f"an outcome must be 0 or 1, got {strange[0]:g} ({_of_rows(strange, happened)})", code="D050")
    return happened, said


def chances(truth: ArrayLike, probability: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Outcomes of 0 and 1 with their probabilities.

    Raises
    ------
    InputError
        As `events`, or if a probability lies outside 0 to 1 or is missing.

    Examples
    --------
    >>> chances([1], [120])
    Traceback (most recent call last):
    sartor.errors.InputError: a probability must lie between 0 and 1, got 120 (1 of 1 row)  D050
    """
    happened, said = events(truth, probability)
    within(said)
    return happened, said


def class_places(truth: ArrayLike, probabilities: ArrayLike) -> tuple[PlaceArray, FloatArray]:
    """Places of the true classes with the probabilities of every class.

    Parameters
    ----------
    truth : array of shape (n_rows,)
        Place of the true class, from 0.
    probabilities : array of shape (n_rows, n_classes)

    Raises
    ------
    InputError
        If shapes do not fit, a class has no column, or a probability lies outside 0 to 1.

    Examples
    --------
    >>> place, said = class_places([2], [[0.2, 0.3, 0.5]])
    >>> int(place[0]), said.shape
    (2, (1, 3))
    """
    place, said = np.asarray(truth, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if place.ndim != 1 or said.ndim != 2 or len(place) != len(said):
        raise InputError(
            f"truth of shape {place.shape} and probabilities of shape {said.shape} are not line by line", code="D050"
        )
    if not len(place):
        raise InputError("there are no rows to judge", code="D050")
    strange = place[~np.isin(place, np.arange(said.shape[1]))]
    if len(strange):
        raise InputError(
            f"a class must be a place from 0 to {said.shape[1] - 1}, got {strange[0]:g} ({_of_rows(strange, place)})",
            code="D050",
        )
    within(said)
    return place.astype(np.intp), said


def _of_rows(strange: np.ndarray, all_of_them: np.ndarray) -> str:
    return f"{len(strange):,} of {plural(len(all_of_them), 'row')}"


def within(probability: FloatArray) -> None:
    """Refuse what is no probability."""
    strange = probability[~((probability >= 0) & (probability <= 1))]
    if len(strange):
        raise InputError(
            f"a probability must lie between 0 and 1, got {strange[0]:g} ({_of_rows(strange, probability)})",
            code="D050",
        )
