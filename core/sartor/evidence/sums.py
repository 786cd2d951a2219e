"""Weighted sums that repeat to the last bit, however many threads are free."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]


def weighted_sums(weights: FloatArray, columns: FloatArray) -> FloatArray:
    """Sum of each column under each set of weights.

    A matrix product by BLAS may add in another order when it has another number of threads, or for another place of
    the column, and two policies that decide alike would then differ in the last bits. This always adds in one order.

    Parameters
    ----------
    weights : ndarray of shape (n_redraws, n_rows)
    columns : ndarray of shape (n_columns, n_rows)
        A line for each column, so that each lies in one piece.

    Returns
    -------
    ndarray of shape (n_redraws, n_columns)

    Examples
    --------
    >>> weighted_sums(np.array([[1.0, 1.0], [2.0, 0.0]]), np.array([[3.0, 4.0]]))
    array([[7.],
           [6.]])
    """
    sums: FloatArray = np.einsum("rn,kn->rk", weights, np.ascontiguousarray(columns))
    return sums


def weighted_means(weights: FloatArray, columns: FloatArray) -> FloatArray:
    """Mean of each column under each set of weights; NaN where all weights are 0.

    Parameters and shape are those of `weighted_sums`.

    Examples
    --------
    >>> weighted_means(np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([[3.0, 4.0]])).tolist()
    [[3.5], [nan]]
    """
    total = weights.sum(axis=1, keepdims=True)
    sums = weighted_sums(weights, columns)
    means: FloatArray = np.divide(sums, total, out=np.full_like(sums, np.nan), where=total != 0)
    return means


def partial_means(weights: FloatArray, columns: FloatArray) -> FloatArray:
    """Mean of each column over the rows where it is a number, under each set of weights; NaN where there are none.

    Parameters and shape are those of `weighted_sums`.

    Examples
    --------
    >>> partial_means(np.array([[1.0, 1.0, 2.0]]), np.array([[3.0, np.nan, 6.0]])).tolist()
    [[5.0]]
    """
    there = ~np.isnan(columns)
    total = weighted_sums(weights, there.astype(np.float64))
    sums = weighted_sums(weights, np.where(there, columns, 0.0))
    means: FloatArray = np.divide(sums, total, out=np.full_like(sums, np.nan), where=total != 0)
    return means
