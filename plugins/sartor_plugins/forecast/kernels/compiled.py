"""The same methods compiled: series by series, settings side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sartor.windows.kernels.jit import compiled
from sartor_plugins.forecast.kernels import plain
from sartor_plugins.forecast.kernels.lanes import (
    CHEBYSHEV,
    THETA_ALPHAS,
    polynomial_minimum,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def smoothed(y: Floats, first: Ints, alpha: float) -> Floats:
    """Return the last level of simple exponential smoothing."""
    found = np.zeros(y.shape[0])
    for i in range(y.shape[0]):
        level = y[i, first[i]] if first[i] < y.shape[1] else 0.0
        for t in range(first[i] + 1, y.shape[1]):
            level += alpha * (y[i, t] - level)
        found[i] = level
    return found


@compiled
def croston(y: Floats, first: Ints, alpha: float) -> tuple[Floats, Floats]:
    """Return smoothed size and interval."""
    sizes, intervals = np.zeros(y.shape[0]), np.zeros(y.shape[0])
    for i in range(y.shape[0]):
        size, interval, since = 0.0, 0.0, 0.0
        for t in range(first[i], y.shape[1]):
            since += 1.0
            value = y[i, t]
            if value > 0:
                if interval == 0.0:
                    size, interval = value, since
                else:
                    size += alpha * (value - size)
                    interval += alpha * (since - interval)
                since = 0.0
        sizes[i], intervals[i] = size, interval
    return sizes, intervals


@compiled
def tsb(y: Floats, first: Ints, alpha_size: float, alpha_chance: float) -> Floats:
    """Return the smoothed chance of a demand times its smoothed size."""
    found = np.zeros(y.shape[0])
    for i in range(y.shape[0]):
        size, chance = 0.0, 0.0
        for t in range(first[i], y.shape[1]):
            value = y[i, t]
            now = 1.0 if value > 0 else 0.0
            if value > 0:
                size = value if size == 0.0 else size + alpha_size * (value - size)
            chance = now if t == first[i] else chance + alpha_chance * (now - chance)
        found[i] = size * chance
    return found


@compiled
def _levels(y: Floats, first: Ints) -> Ints:
    """Return up to which level each series is added up."""
    found = np.zeros(y.shape[0], dtype=np.int64)
    for i in range(y.shape[0]):
        count, last = 0, 0
        for t in range(first[i], y.shape[1]):
            if y[i, t] > 0:
                count += 1
                last = t - first[i] + 1
        if count > 0:
            found[i] = np.int64(np.rint(last / count))
    return found


@compiled
def _squares(y: Floats, first: Ints, level: int, chosen: Ints, alphas: Floats) -> tuple[Floats, Floats]:
    """Return sums over `level` periods, right-aligned, and the squared errors of smoothing them."""
    width = y.shape[1] // level
    lanes = len(alphas)
    sums = np.zeros((len(chosen), width))
    errors = np.zeros((len(chosen), lanes))
    state, total = np.zeros(lanes), np.zeros(lanes)
    for place in range(len(chosen)):
        i = chosen[place]
        chunks = (y.shape[1] - first[i]) // level
        begin = y.shape[1] - chunks * level
        for j in range(lanes):
            total[j] = 0.0
        for chunk in range(chunks):
            value = 0.0
            for t in range(begin + chunk * level, begin + (chunk + 1) * level):
                value += y[i, t]
            sums[place, width - chunks + chunk] = value
            if chunk == 0:
                for j in range(lanes):
                    state[j] = value
            else:
                for j in range(lanes):
                    error = value - state[j]
                    total[j] += error * error
                    state[j] += alphas[j] * error
        for j in range(lanes):
            errors[place, j] = total[j]
    return sums, errors


@compiled
def _smoothed_by(sums: Floats, chunks: Ints, alpha: Floats) -> Floats:
    found = np.zeros(len(sums))
    for i in range(len(sums)):
        first = sums.shape[1] - chunks[i]
        level = sums[i, first] if chunks[i] > 0 else 0.0
        for t in range(first + 1, sums.shape[1]):
            level += alpha[i] * (sums[i, t] - level)
        found[i] = level
    return found


def imapa(y: Floats, first: Ints) -> Floats:
    """Return the mean of smoothed demand over levels of aggregation in time."""
    levels = _levels(y, first)
    total = np.zeros(len(y))
    for level in range(1, int(levels.max(initial=0)) + 1):
        chosen = np.flatnonzero(levels >= level)
        sums, errors = _squares(y, first, level, chosen, CHEBYSHEV)
        alpha = polynomial_minimum(errors)
        total[chosen] += _smoothed_by(sums, (y.shape[1] - first[chosen]) // level, alpha) / level
    return np.asarray(np.divide(total, levels, out=np.zeros(len(y)), where=levels > 0))


@compiled
def _best_level(y: Floats, first: Ints, alphas: Floats) -> Floats:
    found = np.zeros(y.shape[0])
    lanes = len(alphas)
    state, total = np.zeros(lanes), np.zeros(lanes)
    for i in range(y.shape[0]):
        for j in range(lanes):
            state[j] = y[i, first[i]] if first[i] < y.shape[1] else 0.0
            total[j] = 0.0
        for t in range(first[i] + 1, y.shape[1]):
            value = y[i, t]
            for j in range(lanes):
                error = value - state[j]
                total[j] += error * error
                state[j] += alphas[j] * error
        found[i] = state[np.argmin(total)]
    return found


def theta(y: Floats, first: Ints, horizon: int, season: int) -> Floats:
    """Return the Theta method."""
    return plain.theta(y, first, horizon, season, best=_level)


def _level(bent: Floats, first: Ints) -> Floats:
    return _best_level(bent, first, THETA_ALPHAS)


@compiled
def _run(
    y: Floats, first: Ints, index: Floats, alpha: Floats, beta: Floats, phi: Floats, gamma: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Run the recursion of some lanes; return squared errors, levels, slopes and shapes of the season."""
    n_series, n_periods, season, lanes = y.shape[0], y.shape[1], index.shape[1], len(alpha)
    squares = np.zeros((n_series, lanes))
    levels, slopes = np.zeros((n_series, lanes)), np.zeros((n_series, lanes))
    shapes = np.zeros((n_series, season, lanes))
    for i in range(n_series):
        for phase in range(season):
            for j in range(lanes):
                shapes[i, phase, j] = index[i, phase]
        phase = first[i] % season
        for j in range(lanes):
            levels[i, j] = y[i, first[i]] - shapes[i, phase, j] if first[i] < n_periods else 0.0
        for t in range(first[i] + 1, n_periods):
            phase = t % season
            value = y[i, t]
            for j in range(lanes):
                ahead = levels[i, j] + phi[j] * slopes[i, j]
                error = value - ahead - shapes[i, phase, j]
                squares[i, j] += error * error
                levels[i, j] = ahead + alpha[j] * error
                slopes[i, j] = phi[j] * slopes[i, j] + beta[j] * error
                shapes[i, phase, j] += gamma[j] * error
    return squares, levels, slopes, shapes


def smoothing(y: Floats, first: Ints, horizon: int, season: int, *, trend: bool = True) -> Floats:
    """Return exponential smoothing: classes of level, damped trend and season, weighed by what they explain."""
    return plain.smoothing(y, first, horizon, season, trend=trend, run=_ended)


def _ended(y: Floats, first: Ints, index: Floats, settings: plain.Settings) -> plain.Ended:
    return _run(np.ascontiguousarray(y), first, index, *settings)
