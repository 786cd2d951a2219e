"""Trailing measures of one entity's readings: what they say up to each reading, and nothing of what comes after.

Sums run from an entity's first reading to its last, so that a measure is the same to the last bit whether later
readings are there or not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FLAT = 1e-12
"""A variance below this part of the squared size of the values is no variance but rounding."""


class Trail:
    """Running sums over the readings of one entity, in their order.

    Parameters
    ----------
    at : ndarray of shape (n_readings,)
        When they were taken; rising.
    values : ndarray of shape (n_readings, n_sensors)
        NaN where a sensor is missing.

    Examples
    --------
    >>> trail = Trail(np.arange(4.0), np.array([[1.0], [3.0], [np.nan], [5.0]]))
    >>> trail.mean(2).ravel().tolist()
    [1.0, 2.0, 3.0, 5.0]
    >>> trail.slope(4).ravel().round(6).tolist()
    [0.0, 2.0, 2.0, 1.285714]
    >>> trail.first(2).ravel().tolist()
    [1.0, 2.0, 2.0, 2.0]
    """

    def __init__(self, at: Floats, values: Floats) -> None:
        self.n = len(values)
        seen = np.isfinite(values)
        self._base = _first_seen(values, seen)
        x = np.where(seen, values - self._base, 0.0)
        t = (at - at[0] if self.n else at)[:, None] * seen
        self._size = np.maximum.accumulate(np.where(seen, np.abs(values), 0.0), axis=0)
        self._count = _running(seen.astype(np.float64))
        self._x, self._xx = _running(x), _running(x * x)
        self._t, self._tt, self._tx = _running(t), _running(t * t), _running(t * x)

    def mean(self, window: int) -> Floats:
        """Return the mean of the last `window` readings; NaN where all of them are missing."""
        return self._base + _divided(self._last(self._x, window), self._last(self._count, window))

    def sd(self, window: int) -> Floats:
        """Return the standard deviation of the last `window` readings; 0 where one alone is there."""
        count, x = self._last(self._count, window), self._last(self._x, window)
        spread = self._last(self._xx, window) - _divided(x * x, count)
        variance = np.where(count > 1, spread / np.maximum(count - 1, 1), 0.0)
        found = np.where(variance > FLAT * self._size**2, np.sqrt(np.maximum(variance, 0.0)), 0.0)
        return np.where(count > 0, found, np.nan)

    def slope(self, window: int) -> Floats:
        """Return how much the last `window` readings rise for each unit of time; 0 where one alone is there."""
        count, x, t = (self._last(sums, window) for sums in (self._count, self._x, self._t))
        together = self._last(self._tx, window) - _divided(t * x, count)
        spread = self._last(self._tt, window) - _divided(t * t, count)
        found = np.where(spread > 1e-9, together / np.where(spread > 1e-9, spread, 1.0), 0.0)
        rounding = np.abs(found) * np.sqrt(np.maximum(spread, 0.0)) <= np.sqrt(FLAT) * self._size
        return np.where(count > 0, np.where(rounding, 0.0, found), np.nan)

    def first(self, readings: int) -> Floats:
        """Return the mean of the first readings, as far as they have been taken."""
        upto = np.minimum(np.arange(1, self.n + 1), readings)
        return self._base + _divided(self._x[upto], self._count[upto])

    def _last(self, sums: Floats, window: int) -> Floats:
        end = np.arange(1, self.n + 1)
        found: Floats = sums[end] - sums[np.maximum(end - window, 0)]
        return found


def _running(values: Floats) -> Floats:
    return np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])


def _divided(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)


def _first_seen(values: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Return each sensor's first value, from which the others are counted: small numbers add up without loss."""
    if not len(values):
        return np.zeros(values.shape[1])
    place = seen.argmax(axis=0)
    return np.where(seen.any(axis=0), values[place, np.arange(values.shape[1])], 0.0)
