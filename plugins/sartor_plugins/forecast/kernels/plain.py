"""Methods in NumPy: one loop over time, all series at once. What the compiled form is held against.

Histories come as a matrix of shape (n_series, n_periods), each series ending in the last column; before it begins
stands NaN, and ``first`` says where it begins.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sartor_plugins.forecast.kernels.lanes import (
    CHEBYSHEV,
    TEMPER,
    THETA_ALPHAS,
    Lanes,
    criterion,
    lanes_of,
    polynomial_minimum,
    seasonal_shape,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Settings = tuple[Floats, Floats, Floats, Floats]
Ended = tuple[Floats, Floats, Floats, Floats]
Run = Callable[[Floats, Ints, Floats, Settings], Ended]
CELLS = 24_000
"""About as many series times periods of a season are smoothed in one go."""


def smoothed(y: Floats, first: Ints, alpha: float) -> Floats:
    """Return the last level of simple exponential smoothing, beginning with the first value."""
    level = np.zeros(len(y))
    for t in range(y.shape[1]):
        level = np.where(t == first, y[:, t], np.where(t > first, level + alpha * (y[:, t] - level), level))
    return level


def croston(y: Floats, first: Ints, alpha: float) -> tuple[Floats, Floats]:
    """Return the smoothed size of demand and the smoothed interval between demands; 0 where nothing was sold."""
    size, interval = np.zeros(len(y)), np.zeros(len(y))
    since = np.zeros(len(y))
    for t in range(y.shape[1]):
        values = y[:, t]
        since = np.where(t >= first, since + 1, since)
        sold = (t >= first) & (values > 0)
        new = sold & (interval == 0)
        size = np.where(new, values, np.where(sold, size + alpha * (values - size), size))
        interval = np.where(new, since, np.where(sold, interval + alpha * (since - interval), interval))
        since = np.where(sold, 0.0, since)
    return size, interval


def tsb(y: Floats, first: Ints, alpha_size: float, alpha_chance: float) -> Floats:
    """Return the smoothed chance of a demand times its smoothed size."""
    size, chance = np.zeros(len(y)), np.zeros(len(y))
    for t in range(y.shape[1]):
        values = y[:, t]
        sold = (t >= first) & (values > 0)
        size = np.where(sold, np.where(size == 0, values, size + alpha_size * (values - size)), size)
        now = sold.astype(np.float64)
        chance = np.where(t == first, now, np.where(t > first, chance + alpha_chance * (now - chance), chance))
    return size * chance


def imapa(y: Floats, first: Ints) -> Floats:
    """Return the mean of smoothed demand over levels of aggregation in time, up to the mean interval of demand."""
    n_series, n_periods = y.shape
    filled = np.nan_to_num(y)
    sold = filled > 0
    last = np.where(sold.any(axis=1), n_periods - 1 - sold[:, ::-1].argmax(axis=1), first - 1)
    count = sold.sum(axis=1)
    intervals = np.divide(last - first + 1, count, out=np.zeros(n_series), where=count > 0)
    levels = np.rint(intervals).astype(np.int64)
    total = np.zeros(n_series)
    for level in range(1, int(levels.max(initial=0)) + 1):
        chosen = np.flatnonzero(levels >= level)
        chunks = (n_periods - first[chosen]) // level
        width = n_periods // level
        sums = filled[chosen][:, n_periods - width * level :].reshape(len(chosen), width, level).sum(axis=2)
        alpha = _best_alpha(sums, width - chunks)
        smooth = np.zeros(len(chosen))
        for t in range(width):
            begun = t > width - chunks
            smooth = np.where(
                t == width - chunks, sums[:, t], np.where(begun, smooth + alpha * (sums[:, t] - smooth), smooth)
            )
        total[chosen] += smooth / level
    return np.asarray(np.divide(total, levels, out=np.zeros(n_series), where=levels > 0))


def _best_alpha(y: Floats, first: Ints) -> Floats:
    """Return for each series the smoothing between 0.1 and 0.3 with the least squared error."""
    level = np.zeros((len(y), len(CHEBYSHEV)))
    squares = np.zeros_like(level)
    for t in range(y.shape[1]):
        begun = np.greater(t, first)[:, None]
        error = np.where(begun, y[:, t, None] - level, 0.0)
        squares += error * error
        level = np.where(np.equal(t, first)[:, None], y[:, t, None], level + CHEBYSHEV * error)
    return polynomial_minimum(squares)


def smoothing(
    y: Floats, first: Ints, horizon: int, season: int, *, trend: bool = True, run: Run | None = None
) -> Floats:
    """Return exponential smoothing: classes of level, damped trend and season, weighed by what they explain.

    Parameters
    ----------
    y : ndarray of shape (n_series, n_periods)
    first : ndarray of shape (n_series,)
    horizon, season : int
    trend : bool
        Whether classes with a damped trend are among them.
    run : callable, optional
        Another form of `recursion`.

    Returns
    -------
    ndarray of shape (n_series, horizon)
    """
    found = np.zeros((len(y), horizon))
    size = max(64, CELLS // max(season, 12))
    for start in range(0, len(y), size):
        block = slice(start, start + size)
        found[block] = _smoothing(y[block], first[block], horizon, season, lanes_of(trend), run or recursion)
    return found


def _smoothing(y: Floats, first: Ints, horizon: int, season: int, lanes: Lanes, run: Run) -> Floats:
    n_series, n_periods = y.shape
    additive, multiplicative, seasonal, positive = seasonal_shape(y, first, season)
    length = (n_periods - first).astype(np.float64)
    classes = len(lanes.parameters)
    scores = np.full((n_series, classes), np.inf)
    forecasts = np.zeros((n_series, classes, horizon))
    applies = (np.ones(n_series, dtype=bool), seasonal, seasonal & positive)
    for place in range(classes):
        chosen = np.flatnonzero(lanes.model == place)
        kind = int(lanes.kind[chosen[0]])
        rows = np.flatnonzero(applies[kind])
        if not len(rows):
            continue
        index = additive[rows] if kind == 1 else np.zeros((len(rows), season))
        factor = multiplicative[rows] if kind == 2 else np.ones((len(rows), season))
        values = y[rows] / factor[:, np.arange(n_periods) % season]
        ended = run(values, first[rows], index, lanes.settings(chosen))
        best = ended[0].argmin(axis=1)
        least = ended[0][np.arange(len(rows)), best] * _stretch(y[rows], values)
        made = ahead(ended, best, lanes.phi[chosen], n_periods, horizon)
        forecasts[rows, place] = made * factor[:, (n_periods + np.arange(horizon)) % season]
        count = float(lanes.parameters[place] + (season - 1 if kind else 0))
        scores[rows, place] = criterion(least, length[rows], count)
    shares = np.exp(-TEMPER * (scores - scores.min(axis=1, keepdims=True)))
    shares /= shares.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("nc,nch->nh", shares, forecasts))


def _stretch(y: Floats, values: Floats) -> Floats:
    """Return how much larger squares of the series are than squares of what was divided by its season."""
    squares, flat = np.nansum(y * y, axis=1), np.nansum(values * values, axis=1)
    return np.asarray(np.divide(squares, flat, out=np.ones(len(y)), where=flat > 0))


def recursion(y: Floats, first: Ints, index: Floats, settings: Settings) -> Ended:
    """Run the recursion of exponential smoothing for several settings side by side.

    Parameters
    ----------
    y : ndarray of shape (n_series, n_periods)
    first : ndarray of shape (n_series,)
    index : ndarray of shape (n_series, season)
        The season to begin with, as summands.
    settings : tuple of ndarray of shape (n_lanes,)
        Smoothing of level and slope, damping, smoothing of the season.

    Returns
    -------
    squares, level, slope : ndarray of shape (n_series, n_lanes)
    shape : ndarray of shape (n_series, season, n_lanes)
    """
    alpha, beta, phi, gamma = settings
    n_series, n_periods = y.shape
    season = index.shape[1]
    level = np.zeros((n_series, len(alpha)))
    slope, squares = np.zeros_like(level), np.zeros_like(level)
    shape = np.repeat(index[:, :, None], len(alpha), axis=2)
    for t in range(n_periods):
        phase = t % season
        value = y[:, t, None]
        starts, begun = np.equal(t, first)[:, None], np.greater(t, first)[:, None]
        expected = level + phi * slope
        error = np.where(begun, value - expected - shape[:, phase], 0.0)
        squares += error * error
        level = np.where(starts, value - shape[:, phase], np.where(begun, expected + alpha * error, level))
        slope = np.where(begun, phi * slope + beta * error, slope)
        shape[:, phase] += gamma * error
    return squares, level, slope, shape


def ahead(ended: Ended, best: Ints, phi: Floats, n_periods: int, horizon: int) -> Floats:
    """Return the forecasts of each series' best lane, shape (n_series, horizon)."""
    _, levels, slopes, shapes = ended
    rows = np.arange(len(best))
    level, slope, damping = levels[rows, best], slopes[rows, best], phi[best]
    shape = shapes[rows, :, best]
    found = np.zeros((len(best), horizon))
    reach = np.zeros(len(best))
    for h in range(horizon):
        reach = reach + damping ** (h + 1)
        found[:, h] = level + reach * slope + shape[:, (n_periods + h) % shape.shape[1]]
    return found


def theta(
    y: Floats,
    first: Ints,
    horizon: int,
    season: int,
    *,
    best: Callable[[Floats, Ints], Floats] | None = None,
) -> Floats:
    """Return the Theta method: half the straight line through a series, half its smoothed double bend."""
    n_periods = y.shape[1]
    additive, multiplicative, seasonal, positive = seasonal_shape(y, first, season)
    phases, ahead = np.arange(n_periods) % season, (n_periods + np.arange(horizon)) % season
    times = positive & seasonal
    plus = seasonal & ~positive
    factor = np.where(times[:, None], multiplicative, 1.0)
    summand = np.where(plus[:, None], additive, 0.0)
    flat = (y - summand[:, phases]) / factor[:, phases]
    intercept, slope = line_through(flat, first)
    periods = np.arange(n_periods)
    bent = 2 * flat - intercept[:, None] - slope[:, None] * periods
    level = (best or best_level)(bent, first)
    future = n_periods + np.arange(horizon)
    made = 0.5 * level[:, None] + 0.5 * (intercept[:, None] + slope[:, None] * future)
    return np.asarray(made * factor[:, ahead] + summand[:, ahead])


def line_through(y: Floats, first: Ints) -> tuple[Floats, Floats]:
    """Return intercept and slope of the line of least squares through each series."""
    periods = np.arange(y.shape[1], dtype=np.float64)
    inside = periods[None, :] >= first[:, None]
    count = inside.sum(axis=1)
    at = np.where(inside, periods, 0.0)
    values = np.where(inside, y, 0.0)
    mean_at, mean = at.sum(axis=1) / count, values.sum(axis=1) / count
    spread = np.where(inside, at - mean_at[:, None], 0.0)
    squares = (spread * spread).sum(axis=1)
    slope = np.divide((spread * values).sum(axis=1), squares, out=np.zeros(len(y)), where=squares > 0)
    return mean - slope * mean_at, slope


def best_level(y: Floats, first: Ints) -> Floats:
    """Return the last level under the smoothing that foretold the series best."""
    level = np.zeros((len(y), len(THETA_ALPHAS)))
    squares = np.zeros_like(level)
    for t in range(y.shape[1]):
        begun = np.greater(t, first)[:, None]
        error = np.where(begun, y[:, t, None] - level, 0.0)
        squares += error * error
        level = np.where(np.equal(t, first)[:, None], y[:, t, None], level + THETA_ALPHAS * error)
    return np.asarray(level[np.arange(len(y)), squares.argmin(axis=1)])
