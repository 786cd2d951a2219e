"""Harrell's concordance under many sets of weights at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def concordance(time: FloatArray, event: NDArray[np.bool_], risk: FloatArray, weights: FloatArray) -> FloatArray:
    """How often, of two rows of which one is known to have had the event first, that one has the higher risk [1]_.

    A pair counts if the one with the shorter time had the event; where both times are equal, if one had it and the
    other did not. Equal risks count a half. Rows are taken from the longest time down, and the weights of those with
    a longer time are kept in a tree by risk (Fenwick), so that a row costs log(n_rows) steps for all sets of weights.

    Parameters
    ----------
    time : ndarray of shape (n_rows,)
    event : ndarray of bool, shape (n_rows,)
    risk : ndarray of shape (n_rows,)
    weights : ndarray of shape (n_redraws, n_rows)

    Returns
    -------
    ndarray of shape (n_redraws,)
        NaN where no pair can be compared.

    References
    ----------
    .. [1] Harrell, Califf, Pryor, Lee and Rosati, "Evaluating the Yield of Medical Tests", *JAMA* 247, 1982.

    Examples
    --------
    >>> time, event = np.array([1.0, 2.0, 3.0]), np.array([True, True, False])
    >>> concordance(time, event, np.array([0.9, 0.1, 0.5]), np.ones((1, 3))).round(4).tolist()
    [0.6667]
    """
    if (risk == risk[0]).all():
        return _all_alike(time, event, weights)
    levels, place = np.unique(risk, return_inverse=True)
    size = len(levels)
    tree = np.zeros((size + 1, len(weights)))
    total = np.zeros(len(weights))
    pairs, right = np.zeros(len(weights)), np.zeros(len(weights))
    up, down = _paths(size)
    columns = np.ascontiguousarray(weights.T)
    order = np.lexsort((event, -time))
    start = 0
    while start < len(order):
        end = start + 1
        # Of equal times those without the event are longer; those with it are not compared with each other.
        while end < len(order) and time[order[end]] == time[order[start]] and event[order[end]] == event[order[start]]:
            end += 1
        rows = order[start:end]
        if event[order[start]]:
            for row in rows:
                weight = columns[row]
                below = tree[down[place[row]]].sum(axis=0)
                upto = tree[down[place[row] + 1]].sum(axis=0)
                pairs += weight * total
                right += weight * (below + upto) / 2
        for row in rows:
            tree[up[place[row]]] += columns[row]
            total += columns[row]
        start = end
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(pairs > 0, right / pairs, np.nan)


def _all_alike(time: FloatArray, event: NDArray[np.bool_], weights: FloatArray) -> FloatArray:
    """Return one half wherever any pair can be compared."""
    drawn = weights > 0
    longest = np.where(drawn, time, -np.inf).max(axis=1, keepdims=True)
    first = drawn & event & (time < longest)
    tied = (drawn & event & (time == longest)).any(axis=1) & (drawn & ~event & (time == longest)).any(axis=1)
    return np.where(first.any(axis=1) | tied, 0.5, np.nan)


def _paths(size: int) -> tuple[list[NDArray[np.intp]], list[NDArray[np.intp]]]:
    """Return the places of the tree that a level is added to, and those that sum up all levels before a place."""
    up, down = [], [np.zeros(0, dtype=np.intp)]
    for level in range(size):
        path, at = [], level + 1
        while at <= size:
            path.append(at)
            at += at & -at
        up.append(np.array(path, dtype=np.intp))
        path, at = [], level + 1
        while at > 0:
            path.append(at)
            at -= at & -at
        down.append(np.array(path, dtype=np.intp))
    return up, down
