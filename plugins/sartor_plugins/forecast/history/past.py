"""Means over stretches of the past, for many series and moments at once."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Past:
    """Values of series by period, with running sums.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_periods)
        NaN where there is nothing.

    Examples
    --------
    >>> past = Past(np.array([[np.nan, 2.0, 4.0, 6.0]]))
    >>> past.mean(np.array([0, 0]), np.array([0, 2]), np.array([2, 4])).tolist()
    [2.0, 5.0]
    """

    def __init__(self, values: Floats) -> None:
        self.values = values
        self.there = ~np.isnan(values)

    @cached_property
    def _sums(self) -> Floats:
        return _running(np.where(self.there, self.values, 0.0))

    @cached_property
    def _squares(self) -> Floats:
        return _running(np.where(self.there, self.values, 0.0) ** 2)

    @cached_property
    def _counts(self) -> Floats:
        return _running(self.there.astype(np.float64))

    @cached_property
    def _nothing(self) -> Floats:
        return _running((self.there & (self.values == 0)).astype(np.float64))

    def _between(self, running: Floats, series: Ints, start: Ints, stop: Ints) -> Floats:
        end = running.shape[1] - 1
        lower, upper = np.clip(start, 0, end), np.clip(stop, 0, end)
        return running[series, upper] - running[series, np.minimum(lower, upper)]

    def total(self, series: Ints, start: Ints, stop: Ints) -> Floats:
        """Return sums over periods from `start` up to, without, `stop`."""
        return self._between(self._sums, series, start, stop)

    def count(self, series: Ints, start: Ints, stop: Ints) -> Floats:
        """Return how many periods there hold a value."""
        return self._between(self._counts, series, start, stop)

    def mean(self, series: Ints, start: Ints, stop: Ints) -> Floats:
        """Return means; NaN where there is no value."""
        return _ratio(self.total(series, start, stop), self.count(series, start, stop))

    def spread(self, series: Ints, start: Ints, stop: Ints) -> Floats:
        """Return standard deviations."""
        square = _ratio(self._between(self._squares, series, start, stop), self.count(series, start, stop))
        return np.sqrt(np.maximum(square - self.mean(series, start, stop) ** 2, 0.0))

    def share_of_nothing(self, series: Ints, start: Ints, stop: Ints) -> Floats:
        """Return the share of periods in which nothing was sold."""
        return _ratio(self._between(self._nothing, series, start, stop), self.count(series, start, stop))

    @cached_property
    def _since(self) -> Ints:
        """Periods since the last one with something in it, before each period."""
        width = self.values.shape[1]
        places = np.where(self.there & (np.nan_to_num(self.values) > 0), np.arange(width), -1)
        latest = np.maximum.accumulate(np.concatenate([np.full((len(places), 1), -1), places], axis=1), axis=1)
        return np.where(latest >= 0, np.arange(width + 1) - latest, width + 1)

    def since(self, series: Ints, moment: Ints) -> Floats:
        """Return how many periods ago something was sold last."""
        return self._since[series, np.clip(moment, 0, self.values.shape[1])].astype(np.float64)


def _running(values: Floats) -> Floats:
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))
