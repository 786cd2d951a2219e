"""One or many sets of row weights, checked and brought into one form for every metric."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sartor.errors import InputError
from sartor.evidence.sums import weighted_means
from sartor.wording import plural

FloatArray: TypeAlias = NDArray[np.float64]
PlaceArray: TypeAlias = NDArray[np.intp]
AnyArray: TypeAlias = NDArray[Any]


def weight_matrix(weights: ArrayLike | None, n_rows: int) -> FloatArray:
    """Weights as a matrix with a line for each redraw.

    Parameters
    ----------
    weights : array of shape (n_rows,) or (n_redraws, n_rows), or None
        Each at least 0; None weighs every row once.
    n_rows : int
        How many rows are judged.

    Returns
    -------
    ndarray of shape (n_redraws, n_rows)
        One line where `weights` is None or has one dimension.

    Raises
    ------
    InputError
        If there is not one weight for each row.

    Examples
    --------
    >>> weight_matrix(None, 3)
    array([[1., 1., 1.]])
    >>> weight_matrix([2, 0, 1], 3).shape
    (1, 3)
    """
    if weights is None:
        return np.ones((1, n_rows))
    matrix = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    if matrix.ndim != 2 or matrix.shape[1] != n_rows:
        raise InputError(
            f"weights of shape {np.shape(weights)} do not fit {plural(n_rows, 'row')}; one weight a row is due",
            code="D050",
        )
    return matrix


def shaped_like(weights: ArrayLike | None, per_redraw: FloatArray) -> FloatArray:
    """Give a value for each redraw the shape that was asked with: a number for one set of weights.

    Parameters
    ----------
    weights : array or None
        As the caller gave them.
    per_redraw : ndarray of shape (n_redraws,)

    Returns
    -------
    ndarray of shape (n_redraws,), or a single number
        A number where `weights` is None or has one dimension.

    Examples
    --------
    >>> float(shaped_like(None, np.array([0.7])))
    0.7
    """
    many = weights is not None and np.ndim(weights) == 2
    number: FloatArray = per_redraw.reshape(-1)[0] if not many else per_redraw
    return number


def weighted_mean(values: FloatArray, weights: ArrayLike | None) -> FloatArray:
    """Mean of one value a row, under each set of weights.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
    weights : array of shape (n_rows,) or (n_redraws, n_rows), or None

    Returns
    -------
    ndarray of shape (n_redraws,), or a single number
        NaN where all weights are 0.

    Examples
    --------
    >>> weighted_mean(np.array([1.0, 4.0]), [[1, 1], [2, 1]])
    array([2.5, 2. ])
    """
    matrix = weight_matrix(weights, len(values))
    return shaped_like(weights, weighted_means(matrix, values[None, :])[:, 0])


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Divide; where the denominator is 0 there is no answer, so NaN.

    Examples
    --------
    >>> ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0]))
    array([0.5, nan])
    """
    answer = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    quotient: FloatArray = np.divide(numerator, denominator, out=answer, where=denominator != 0)
    return quotient
