"""Kaplan-Meier curves, of events and of censoring, as step functions; weighted, vectorised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Steps:
    """A step function that is `before` up to the first time, and takes a value at each time on.

    Parameters
    ----------
    times, values : ndarray of shape (n_steps,)
    before : float
    """

    times: FloatArray
    values: FloatArray
    before: float = 1.0

    def at(self, times: FloatArray) -> FloatArray:
        """Return the value at each time.

        Examples
        --------
        >>> Steps(np.array([1.0, 2.0]), np.array([0.5, 0.25])).at(np.array([0.5, 1.0, 3.0])).tolist()
        [1.0, 0.5, 0.25]
        """
        return self._taken(np.searchsorted(self.times, times, side="right"))

    def just_before(self, times: FloatArray) -> FloatArray:
        """Return the value just before each time.

        Examples
        --------
        >>> Steps(np.array([1.0, 2.0]), np.array([0.5, 0.25])).just_before(np.array([1.0, 2.0])).tolist()
        [1.0, 0.5]
        """
        return self._taken(np.searchsorted(self.times, times, side="left"))

    def _taken(self, places: NDArray[np.intp]) -> FloatArray:
        return np.concatenate([[self.before], self.values])[places]


def kaplan_meier(time: FloatArray, event: NDArray[np.bool_], weight: FloatArray | None = None) -> Steps:
    """Return the share that is without the event from each time of an event on.

    Parameters
    ----------
    time : ndarray of shape (n_rows,)
    event : ndarray of bool, shape (n_rows,)
    weight : ndarray of shape (n_rows,), optional

    Examples
    --------
    Of four one is lost after 2, and of the two left at 3 one has the event.

    >>> curve = kaplan_meier(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, False]))
    >>> curve.times.tolist(), curve.values.tolist()
    ([1.0, 3.0], [0.75, 0.375])
    """
    weights = np.ones(len(time)) if weight is None else weight
    times, place = np.unique(time, return_inverse=True)
    leaving = np.bincount(place, weights=weights, minlength=len(times))
    events = np.bincount(place, weights=weights * event, minlength=len(times))
    at_risk = leaving[::-1].cumsum()[::-1]
    happens = events > 0
    values = np.cumprod(1 - events[happens] / at_risk[happens])
    return Steps(times[happens], values)


def censoring(time: FloatArray, event: NDArray[np.bool_], weight: FloatArray | None = None) -> Steps:
    """Return the share that is still watched from each time on: events end nobody's watching, and come first.

    Examples
    --------
    >>> curve = censoring(np.array([1.0, 2.0, 2.0, 4.0]), np.array([True, False, True, False]))
    >>> curve.times.tolist(), curve.values.tolist()
    ([2.0, 4.0], [0.5, 0.0])
    """
    weights = np.ones(len(time)) if weight is None else weight
    times, place = np.unique(time, return_inverse=True)
    leaving = np.bincount(place, weights=weights, minlength=len(times))
    events = np.bincount(place, weights=weights * event, minlength=len(times))
    # Who has the event at a time is out of the risk of being lost at that time.
    at_risk = leaving[::-1].cumsum()[::-1] - events
    lost = leaving - events
    happens = lost > 0
    still = np.asarray(np.cumprod(1 - lost[happens] / at_risk[happens]), dtype=np.float64)
    return Steps(times[happens], still)


def greenwood(time: FloatArray, event: NDArray[np.bool_], at: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return survival at some times with the ends of its 95 % interval, on the scale of log(-log), by Greenwood.

    Examples
    --------
    >>> value, low, high = greenwood(np.arange(1.0, 11.0), np.ones(10, dtype=bool), np.array([5.0]))
    >>> [round(float(one[0]), 3) for one in (value, low, high)]
    [0.5, 0.184, 0.753]
    """
    curve = kaplan_meier(time, event)
    at_risk = np.array([(time >= one).sum() for one in curve.times], dtype=np.float64)
    deaths = np.array([((time == one) & event).sum() for one in curve.times], dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.cumsum(deaths / (at_risk * (at_risk - deaths)))
    variance = Steps(curve.times, terms, 0.0).at(at)
    value = curve.at(at)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(value)
        half = 1.959964 * np.sqrt(variance) / np.abs(log)
        low, high = np.exp(log * np.exp(half)), np.exp(log * np.exp(-half))
    known = np.isfinite(low) & np.isfinite(high)
    return value, np.where(known, low, value), np.where(known, high, value)
