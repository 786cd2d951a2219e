"""Rounds points so that together they stay close to what was found: each up or down, whichever the rows speak for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sartor_domains.finance.card.scale import STEEPEST, Scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor_domains.finance.card.binning import Sample

    Floats = NDArray[np.float64]

SWEEPS = 5
MOST_STEPS, ENOUGH = 100, 1e-10
"""Of Newton's method for the base points, in log-odds."""


@dataclass(frozen=True)
class Exact:
    """Points of a part before they are rounded.

    Parameters
    ----------
    points : ndarray of shape (n_places,)
        By place; the last one is for what has no bin.
    woes : ndarray of shape (n_places,)
        Points must rise with them.
    places : ndarray of shape (n_rows,)
        Of the training rows.
    """

    points: Floats
    woes: Floats
    places: NDArray[np.int64]


def rounded(parts: Sequence[Exact], sample: Sample, scale: Scale) -> tuple[float, list[Floats]]:
    """Round points to the decimals of a scale.

    One after the other each bin's points are taken up or down to the next rounded number, whichever makes the training
    rows likelier, as long as points rise with weights of evidence. Then as many rows are expected to be bad as were.

    Parameters
    ----------
    parts : sequence of Exact
    sample : Sample
    scale : Scale

    Returns
    -------
    base_points : float
    points : list of ndarray
        By place, for each part.
    """
    unit = 10.0**-scale.decimals
    units = [np.rint(part.points / unit) for part in parts]
    total = np.zeros(len(sample.bad))
    for part, found in zip(parts, units, strict=True):
        total += found[part.places] * unit
    for _ in range(SWEEPS):
        shift = _shift(total, sample, scale)
        moved = False
        for number, part in enumerate(parts):
            turned = _turned(part, units[number], total, shift, sample, scale)
            if (turned != units[number]).any():
                total += (turned - units[number])[part.places] * unit
                units[number], moved = turned, True
        if not moved:
            break
    base = scale.rounded(scale.score(_shift(total, sample, scale)))
    return base, [np.array([scale.rounded(value * unit) for value in found.tolist()]) for found in units]


def _turned(part: Exact, units: Floats, total: Floats, shift: float, sample: Sample, scale: Scale) -> Floats:
    """Units of a part after each bin has been turned the other way if that is likelier."""
    unit = 10.0**-scale.decimals
    chance = 1 / (1 + np.exp(np.clip(total / scale.factor + shift, -STEEPEST, STEEPEST)))
    count = len(units)
    left = np.bincount(part.places, weights=sample.weight * (sample.bad - chance), minlength=count)
    curve = np.bincount(part.places, weights=sample.weight * chance * (1 - chance), minlength=count)
    exact = part.points / unit
    other = np.where(units > exact, np.floor(exact), np.ceil(exact))
    step = (other - units) * unit / scale.factor
    # The base points follow, which takes a part of the move back.
    lower = left * step + 0.5 * (curve - curve**2 / curve.sum()) * step**2 < 0
    found = units.copy()
    order = np.argsort(part.woes, kind="stable")
    for place, before, after in zip(order, [None, *order[:-1]], [*order[1:], None], strict=True):
        fits = (before is None or found[before] <= other[place]) and (after is None or other[place] <= found[after])
        alike = [near for near in (before, after) if near is not None and part.woes[near] == part.woes[place]]
        if lower[place] and fits and not alike:
            found[place] = other[place]
    return found


def _shift(points: Floats, sample: Sample, scale: Scale) -> float:
    """Log-odds of good, beside the points, with which as many rows are expected to be bad as were."""
    log_odds, weight, bad = _by_score(points, sample, scale)
    share = float(bad / weight.sum())
    shift = float(np.log((1 - share) / share))
    for _ in range(MOST_STEPS):
        chance = 1 / (1 + np.exp(np.clip(log_odds + shift, -STEEPEST, STEEPEST)))
        step = float(weight @ chance - bad) / float(weight @ (chance * (1 - chance)))
        shift += float(np.clip(step, -1.0, 1.0))
        if abs(step) < ENOUGH:
            break
    return shift


def _by_score(points: Floats, sample: Sample, scale: Scale) -> tuple[Floats, Floats, float]:
    """Return the scores that occur as log-odds, what the rows of each weigh, and what all bad rows weigh."""
    bad = float(sample.weight @ sample.bad)
    units = scale.units(points)
    lowest = int(units.min(initial=0))
    width = int(units.max(initial=0)) - lowest + 1
    if width > len(points):
        return points / scale.factor, sample.weight, bad
    weight = np.bincount(units - lowest, weights=sample.weight, minlength=width).astype(np.float64)
    occurs = np.flatnonzero(weight)
    return scale.from_units(occurs + lowest) / scale.factor, weight[occurs], bad
