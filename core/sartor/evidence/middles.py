"""The middle of drawn values: its ends and its median.

A run asks for them of every metric of every model, so that what they cost counts: values are sorted once, and the
rest is arithmetic on a few of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sartor.evidence.sums import FloatArray


def rising(draws: FloatArray) -> FloatArray:
    """Return the values that are numbers, in rising order.

    Parameters
    ----------
    draws : ndarray of shape (n_draws,)
        NaN where there is no value.

    Examples
    --------
    >>> rising(np.array([3.0, np.nan, 1.0])).tolist()
    [1.0, 3.0]
    """
    values = np.sort(draws)
    return values[: len(values) - int(np.count_nonzero(np.isnan(values)))]


def middle_of(values: FloatArray, confidence: float, *, around: float | None = None) -> tuple[float, float]:
    """Ends of the middle of some values; moved so that their median lies on `around`, if it is given.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        Numbers in rising order, at least one.
    confidence : float
        Share of the values that lies between the ends.
    around : float, optional
        What the median of the values is moved to, and the ends with it.

    Examples
    --------
    >>> middle_of(np.arange(101.0), 0.5)
    (25.0, 75.0)
    >>> middle_of(np.arange(101.0), 0.5, around=40.0)
    (15.0, 65.0)
    """
    outside = (1 - confidence) / 2
    move = 0.0 if around is None else around - median_of(values)
    return quantile_of(values, outside) + move, quantile_of(values, 1 - outside) + move


def median_of(values: FloatArray) -> float:
    """Return the median of numbers in rising order.

    Examples
    --------
    >>> median_of(np.array([1.0, 2.0, 4.0, 8.0]))
    3.0
    """
    upper = len(values) // 2
    return float(values[upper]) if len(values) % 2 else float((values[upper - 1] + values[upper]) / 2)


def quantile_of(values: FloatArray, share: float) -> float:
    """Return a quantile of numbers in rising order, on the line between two of them: that of NumPy, digit by digit.

    Examples
    --------
    >>> quantile_of(np.array([1.0, 2.0, 4.0]), 0.75)
    3.0
    """
    place = (len(values) - 1) * share
    below = int(place)
    low, high = float(values[below]), float(values[min(below + 1, len(values) - 1)])
    part = place - below
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)
