"""Curves of many rows: written into predictions, and read at any time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor_plugins.survival.answer import CURVE, RISK, TIMES

FloatArray = NDArray[np.float64]

MOST_TIMES = 200
"""More times than this are thinned: each step of the curve is then half a percent of the events at most."""


def grid_of(time: FloatArray, event: NDArray[np.bool_]) -> FloatArray:
    """Return the times at which curves are kept: those of events, thinned to equal shares of them where they are many.

    Examples
    --------
    >>> grid_of(np.array([3.0, 1.0, 2.0, 1.0]), np.array([True, True, False, True])).tolist()
    [1.0, 3.0]
    """
    found = np.unique(time[event])
    if len(found) <= MOST_TIMES:
        return np.asarray(found, dtype=np.float64)
    kept = np.quantile(np.sort(time[event]), np.linspace(0, 1, MOST_TIMES), method="higher")
    return np.unique(kept)


def answers(risk: FloatArray, times: FloatArray, curves: FloatArray) -> pd.DataFrame:
    """Return predictions.

    Parameters
    ----------
    risk : ndarray of shape (n_rows,)
        Higher is sooner.
    times : ndarray of shape (n_times,)
        Rising.
    curves : ndarray of shape (n_rows, n_times)
        The share without the event from each time on.

    Examples
    --------
    >>> answers(np.array([0.3]), np.array([1.0, 2.0]), np.array([[0.9, 0.8]])).columns.tolist()
    ['hazard_score', 'times', 'survival']
    """
    return pd.DataFrame(
        {
            RISK: np.asarray(risk, dtype=np.float64),
            TIMES: pd.Series([times] * len(risk), dtype=object),
            CURVE: pd.Series(list(np.asarray(curves, dtype=np.float64)), dtype=object),
        }
    )


def survival_at(predictions: pd.DataFrame, at: FloatArray, curve: str = CURVE) -> FloatArray:
    """Return what was said of survival at some times.

    Parameters
    ----------
    predictions : DataFrame of shape (n_rows, ...)
        Rows that were answered by different models may have different times.
    at : ndarray of shape (n_times,)
    curve : str
        Column of the curve, if not the answer's own.

    Returns
    -------
    ndarray of shape (n_rows, n_times)

    Examples
    --------
    >>> said = answers(np.array([0.3, 0.1]), np.array([1.0, 2.0]), np.array([[0.9, 0.8], [1.0, 0.9]]))
    >>> survival_at(said, np.array([0.5, 1.5, 9.0])).tolist()
    [[1.0, 0.9, 0.8], [1.0, 1.0, 0.9]]
    """
    at = np.asarray(at, dtype=np.float64)
    found = np.ones((len(predictions), len(at)))
    times, curves = predictions[TIMES].to_list(), predictions[curve].to_list()
    start = 0
    while start < len(times):
        end = start + 1
        # Rows of one model stand together, and share their times.
        while end < len(times) and (times[end] is times[start] or np.array_equal(times[end], times[start])):
            end += 1
        places = np.searchsorted(np.asarray(times[start], dtype=np.float64), at, side="right")
        block = np.ones((end - start, len(times[start]) + 1))
        if len(times[start]):
            block[:, 1:] = np.stack([np.asarray(one, dtype=np.float64) for one in curves[start:end]])
        found[start:end] = block[:, places]
        start = end
    return found


def chance_within(predictions: pd.DataFrame, horizon: float, curve: str = CURVE) -> FloatArray:
    """Return the chance of the event within a horizon that was said of each row.

    Examples
    --------
    >>> said = answers(np.array([0.3]), np.array([1.0, 2.0]), np.array([[0.9, 0.75]]))
    >>> chance_within(said, 2.0).tolist()
    [0.25]
    """
    return np.asarray(1 - survival_at(predictions, np.array([horizon]), curve)[:, 0], dtype=np.float64)
