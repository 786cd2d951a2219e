"""What both forms of the methods share: settings that are tried side by side, and how the best is found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOWEST, HIGHEST = 0.1, 0.3
"""Smoothing that IMAPA chooses from."""
_NODES = 8
CHEBYSHEV: Floats = (LOWEST + HIGHEST) / 2 + (HIGHEST - LOWEST) / 2 * np.cos(
    np.pi * (2 * np.arange(_NODES) + 1) / (2 * _NODES)
)
"""Smoothings at which squared errors are worked out; a polynomial through them says where the least is."""
THETA_ALPHAS: Floats = np.array(
    [0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75,
     0.8, 0.85, 0.9, 0.99]
)  # fmt: skip
"""Smoothings that Theta chooses from."""
SEASONAL = 1.645
"""How many standard errors the correlation with one season ago must have for a season to be believed."""


TEMPER = 0.1
"""How fast a class counts less as its criterion grows. Akaike's own weights would have 0.5; on simulated series that no
benchmark or recipe is judged on, more of a mixture foretold better."""


@dataclass(frozen=True, eq=False)
class Lanes:
    """Settings of exponential smoothing that are tried side by side.

    Parameters
    ----------
    alpha, beta, phi, gamma : ndarray of shape (n_lanes,)
        Smoothing of level, of slope, damping of the slope, smoothing of the season.
    kind : ndarray of shape (n_lanes,)
        0 without a season, 1 with one that is added, 2 with one that multiplies.
    model : ndarray of shape (n_lanes,)
        Which class of models the lane belongs to.
    parameters : ndarray of shape (n_classes,)
        How many each class has, but for the shape of the season.
    """

    alpha: Floats
    beta: Floats
    phi: Floats
    gamma: Floats
    kind: Ints
    model: Ints
    parameters: Ints

    def settings(self, chosen: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the smoothings and the damping of some lanes."""
        return self.alpha[chosen], self.beta[chosen], self.phi[chosen], self.gamma[chosen]


@cache
def lanes_of(trend: bool) -> Lanes:
    """Return the settings that are tried."""
    levels = (0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.95)
    bends = [(a, a * b, p) for a in (0.05, 0.15, 0.35, 0.7) for b in (0.005, 0.02, 0.1) for p in (0.98, 1.0)]
    flat = [(a, 0.0, 0.0) for a in levels]
    lines: list[tuple[float, float, float, float, int, int]] = []
    counts: list[int] = []
    for kind, gammas in ((0, (0.0,)), (1, (0.0, 0.1, 0.3)), (2, (0.0,))):
        for settings, count in ((flat, 2), (bends, 5)) if trend else ((flat, 2),):
            lines += [(a, b, p, g * (1 - a), kind, len(counts)) for a, b, p in settings for g in gammas]
            counts.append(count + (kind == 1))
    alpha, beta, phi, gamma = (np.array([line[place] for line in lines], dtype=np.float64) for place in range(4))
    kinds, models = (np.array([line[place] for line in lines], dtype=np.int64) for place in (4, 5))
    return Lanes(alpha, beta, phi, gamma, kinds, models, np.array(counts, dtype=np.int64))


def criterion(squares: Floats, length: Floats, count: float) -> Floats:
    """Return Akaike's criterion for short series; infinite where nothing can be said but of the plainest class."""
    room = length - count - 1
    tiny = np.maximum(squares, 1e-12)
    penalty = np.where(room > 0, 2 * count * length / np.maximum(room, 1e-9), 1e6 * (count + 1))
    return np.where(np.isfinite(squares), length * np.log(tiny / np.maximum(length, 1)) + penalty, np.inf)


def polynomial_minimum(values: Floats) -> Floats:
    """Return where between 0.1 and 0.3 the polynomial through values at `CHEBYSHEV` is least.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_nodes)

    Examples
    --------
    >>> polynomial_minimum((CHEBYSHEV - 0.17)[None, :] ** 2).round(6).tolist()
    [0.17]
    """
    basis, grid = _basis()
    at = values @ basis
    best = at.argmin(axis=1)
    inner = np.clip(best, 1, len(grid) - 2)
    rows = np.arange(len(values))
    left, middle, right = at[rows, inner - 1], at[rows, inner], at[rows, inner + 1]
    bend = left - 2 * middle + right
    shift = np.divide(0.5 * (left - right), bend, out=np.zeros(len(values)), where=bend > 0)
    step = grid[1] - grid[0]
    return np.asarray(np.where(best == inner, grid[inner] + np.clip(shift, -1, 1) * step, grid[best]))


GRID = 129


@cache
def _basis() -> tuple[Floats, Floats]:
    """Return the matrix from values at the nodes to values on a fine grid."""
    grid = np.linspace(LOWEST, HIGHEST, GRID)
    basis = np.ones((_NODES, GRID))
    for node in range(_NODES):
        for other in range(_NODES):
            if other != node:
                basis[node] *= (grid - CHEBYSHEV[other]) / (CHEBYSHEV[node] - CHEBYSHEV[other])
    return basis, grid


def seasonal_shape(y: Floats, first: Ints, season: int) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return each series' season as summands and as factors, whether it is believed, and whether all is above 0.

    Parameters
    ----------
    y : ndarray of shape (n_series, n_periods)
    first : ndarray of shape (n_series,)
    season : int

    Returns
    -------
    additive, multiplicative : ndarray of shape (n_series, season)
        By period modulo season, counted from the first column.
    seasonal, positive : ndarray of bool, shape (n_series,)
    """
    n_series, n_periods = y.shape
    inside = np.arange(n_periods)[None, :] >= first[:, None]
    length = n_periods - first
    values = np.where(inside, y, 0.0)
    positive = np.where(inside, y, 1.0).min(axis=1, initial=np.inf) > 0
    if season < 2:
        flat = np.zeros((n_series, 1))
        return flat, flat + 1, np.zeros(n_series, dtype=bool), positive
    seasonal = _believed(values, inside, length, season) & (length >= 2 * season + 1)
    additive, multiplicative = np.zeros((n_series, season)), np.ones((n_series, season))
    rows = np.flatnonzero(seasonal)
    if len(rows):
        additive[rows], multiplicative[rows] = _indices(y[rows], first[rows], season)
    return additive, multiplicative, seasonal, positive & (multiplicative.min(axis=1) > 0.01)


def _believed(values: Floats, inside: NDArray[np.bool_], length: Ints, season: int) -> NDArray[np.bool_]:
    mean = values.sum(axis=1) / np.maximum(length, 1)
    centred = np.where(inside, values - mean[:, None], 0.0)
    variance = (centred * centred).sum(axis=1)
    squares = np.zeros(len(values))
    correlation = np.zeros(len(values))
    for lag in range(1, season + 1):
        if lag >= values.shape[1]:
            return np.zeros(len(values), dtype=bool)
        product = (centred[:, lag:] * centred[:, :-lag]).sum(axis=1)
        correlation = np.divide(product, variance, out=np.zeros(len(values)), where=variance > 0)
        if lag < season:
            squares += correlation * correlation
    limit = SEASONAL * np.sqrt((1 + 2 * squares) / np.maximum(length, 1))
    return np.asarray(correlation > limit)


def _indices(y: Floats, first: Ints, season: int) -> tuple[Floats, Floats]:
    """Return summands and factors of the season: means of what is left beside a moving average over a season."""
    trend = _moving_average(y, season)
    n_periods = y.shape[1]
    phases = np.arange(n_periods) % season
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(trend > 0, y / trend, np.nan)
    rest = y - trend
    additive, multiplicative = np.zeros((len(y), season)), np.ones((len(y), season))
    for phase in range(season):
        here = phases == phase
        additive[:, phase] = _mean(rest[:, here], 0.0)
        multiplicative[:, phase] = _mean(ratio[:, here], 1.0)
    additive -= additive.mean(axis=1, keepdims=True)
    multiplicative /= multiplicative.mean(axis=1, keepdims=True)
    return additive, np.maximum(multiplicative, 0.0)


def _mean(values: Floats, otherwise: float) -> Floats:
    there = np.isfinite(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), otherwise)


def _moving_average(y: Floats, season: int) -> Floats:
    """Return the centred moving average over a season; NaN where it does not fit into the series."""
    weights = np.ones(season) / season
    if season % 2 == 0:
        weights = np.convolve(weights, [0.5, 0.5])
    half = len(weights) // 2
    found = np.full(y.shape, np.nan)
    total = np.zeros((len(y), y.shape[1] - 2 * half))
    for shift, weight in enumerate(weights):
        total += weight * y[:, shift : shift + total.shape[1]]
    found[:, half : half + total.shape[1]] = total
    return found
