"""The methods by name; each sees nothing but the series' own past."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sartor_plugins.forecast.kernels import kernels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SMOOTH = 0.1
"""Smoothing of the methods that do not choose it."""
BLOCK = 4096
"""Series that are forecast in one go."""
BIAS = 0.95
"""What Syntetos and Boylan take of Croston's answer, 1 - smoothing / 2."""


def forecasts(method: str, histories: Floats, horizon: int, season: int = 1) -> Floats:
    """Forecast each history by one method.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    histories : ndarray of shape (n_series, n_periods)
        Each ends in the last column; NaN before it begins.
    horizon : int
        Periods ahead.
    season : int
        Periods after which demand repeats itself.

    Returns
    -------
    ndarray of shape (n_series, horizon)
        Never below 0; 0 for a history with nothing in it.

    Examples
    --------
    >>> forecasts("moving_average", np.array([[np.nan, 2.0, 4.0]]), horizon=2).tolist()
    [[3.0, 3.0]]
    >>> forecasts("seasonal_naive", np.array([[1.0, 2.0, 3.0, 4.0]]), horizon=3, season=2).tolist()
    [[3.0, 4.0, 3.0]]
    """
    found = np.zeros((len(histories), horizon))
    # Some series after the other: what is worked out on the way then stays near the processor.
    for start in range(0, len(histories), BLOCK):
        block = slice(start, start + BLOCK)
        y = np.ascontiguousarray(histories[block], dtype=np.float64)
        first = _first(y)
        begun = first < y.shape[1]
        if begun.all():
            found[block] = METHODS[method](y, first, horizon, season)
        elif begun.any():
            some = np.flatnonzero(begun)
            found[start + some] = METHODS[method](y[some], first[some], horizon, season)
    return np.maximum(found, 0.0, out=found)


def _first(y: Floats) -> Ints:
    """Return where each history begins; behind its end where it never does."""
    if not y.shape[1]:
        return np.zeros(len(y), dtype=np.int64)
    if not np.isnan(y[:, 0]).any():
        return np.zeros(len(y), dtype=np.int64)
    there = ~np.isnan(y)
    return np.asarray(np.where(there.any(axis=1), there.argmax(axis=1), y.shape[1]), dtype=np.int64)


def _flat(values: Floats, horizon: int) -> Floats:
    return np.broadcast_to(values[:, None], (len(values), horizon))


def naive(y: Floats, first: Ints, horizon: int, season: int) -> Floats:
    """The last value."""
    return _flat(y[:, -1], horizon)


def seasonal_naive(y: Floats, first: Ints, horizon: int, season: int) -> Floats:
    """The value a season ago; the last one where a series is too young for that."""
    n_periods = y.shape[1]
    places = n_periods - season + np.arange(horizon) % season
    found = np.where(places >= 0, y[:, np.maximum(places, 0)], np.nan)
    return np.where(np.isnan(found), y[:, -1:], found)


def moving_average(y: Floats, first: Ints, horizon: int, season: int) -> Floats:
    """The mean of the last 28 periods of a daily series, else of the last 8."""
    width = 28 if season == 7 else 8
    recent = y[:, -width:]
    return _flat(np.nanmean(recent, axis=1), horizon)


def exponential_smoothing(y: Floats, first: Ints, horizon: int, season: int) -> Floats:
    """Level, damped trend and season, weighed by what they explain."""
    return np.asarray(kernels(y.size).smoothing(y, first, horizon, season))


def theta(y: Floats, first: Ints, horizon: int, season: int) -> Floats:
    """Half a straight line, half the smoothed double bend (Assimakopoulos and Nikolopoulos 2000)."""
    return np.asarray(kernels(y.size).theta(y, first, horizon, season))


def croston(y: Floats, first: Ints, horizon: int, season: int) -> Floats:
    """Smoothed size over smoothed interval of demand (Croston 1972)."""
    size, interval = kernels(y.size).croston(y, first, SMOOTH)
    return _flat(np.divide(size, interval, out=np.zeros(len(y)), where=interval > 0), horizon)


def sba(y: Floats, first: Ints, horizon: int, season: int) -> Floats:
    """Croston's answer less its bias (Syntetos and Boylan 2005)."""
    return BIAS * croston(y, first, horizon, season)


def tsb(y: Floats, first: Ints, horizon: int, season: int) -> Floats:
    """Smoothed chance of a demand times its smoothed size (Teunter, Syntetos and Babai 2011)."""
    return _flat(kernels(y.size).tsb(y, first, SMOOTH, SMOOTH), horizon)


def imapa(y: Floats, first: Ints, horizon: int, season: int) -> Floats:
    """Demand smoothed at several levels of aggregation in time (Petropoulos and Kourentzes 2015)."""
    return _flat(kernels(y.size).imapa(y, first), horizon)


METHODS: dict[str, Callable[[Floats, Ints, int, int], Floats]] = {
    "naive": naive,
    "seasonal_naive": seasonal_naive,
    "moving_average": moving_average,
    "exponential_smoothing": exponential_smoothing,
    "theta": theta,
    "croston": croston,
    "sba": sba,
    "tsb": tsb,
    "imapa": imapa,
}
