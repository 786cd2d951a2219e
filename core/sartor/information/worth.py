"""Whether a source is worth its price: three verdicts, and how many rows would tell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sartor.evidence.bootstrap import Interval, Measured

Floats = NDArray[np.float64]

Verdict = Literal["worth it", "not worth it", "cannot tell yet"]
WORTH: Verdict = "worth it"
NOT_WORTH: Verdict = "not worth it"
OPEN: Verdict = "cannot tell yet"
POWER = 0.8
"""How likely so many more rows show it, if it is as large as it looks."""
MOST_ROWS = 1_000
"""More than this multiple of the rows there are is no number that anybody will have."""


@dataclass(frozen=True)
class Worth:
    """What is known of a number whose sign decides.

    Parameters
    ----------
    value : float
    interval : Interval or None
    verdict : {"worth it", "not worth it", "cannot tell yet"}
    rows : int or None
        How many rows that judge would tell; None where it is told already, or no number in sight would.
    """

    value: float
    interval: Interval | None
    verdict: Verdict
    rows: int | None = None


def spread_out(line: Floats, noise: float, degrees: int, seed: int) -> Floats:
    """Add to redraws how far a fit goes by chance.

    Parameters
    ----------
    line : ndarray of shape (1 + n_redraws,)
        A value, and its redraws.
    noise : float
        Standard deviation of the value from fit to fit.
    degrees : int
        Of freedom: one less than the fits that the deviation is known from.
    seed : int

    Examples
    --------
    >>> line = np.zeros(2001)
    >>> wider = spread_out(line, 0.5, 3, seed=0)
    >>> float(wider[0]), round(float(np.quantile(wider[1:], 0.975)), 2)
    (0.0, 1.59)
    """
    redraws = len(line) - 1
    if not noise > 0 or degrees < 1 or not redraws:
        return line
    from scipy.stats import t

    steps = t.ppf((np.arange(redraws) + 0.5) / redraws, degrees) * noise
    wider = line.copy()
    wider[1:] += np.random.default_rng(seed).permutation(steps)
    return wider


def judged(line: Floats, rows: int, confidence: float) -> Worth:
    """Say whether a number is shown to be above zero, or below, or how many rows would show it.

    The width of an interval goes with one over the root of the rows: ``rows * ((z + z_power) * se / value) ** 2``
    of them show a value as large as this one with a chance of `POWER`.

    Parameters
    ----------
    line : ndarray of shape (1 + n_redraws,)
        A value, and its redraws.
    rows : int
        That judge now.
    confidence : float

    Examples
    --------
    >>> redraws = np.random.default_rng(0).normal(1.0, 1.0, 2000)
    >>> told = judged(np.append(1.0, redraws), 100, 0.95)
    >>> told.verdict, 700 < told.rows < 850
    ('cannot tell yet', True)
    >>> judged(np.append(1.0, 1 + (redraws - 1) / 5), 100, 0.95).verdict
    'worth it'
    """
    measured = Measured(float(line[0]), line[1:])
    interval = measured.interval(confidence)
    if interval is None:
        return Worth(measured.value, None, OPEN)
    if interval.low > 0:
        return Worth(measured.value, interval, WORTH)
    if interval.high < 0:
        return Worth(measured.value, interval, NOT_WORTH)
    return Worth(measured.value, interval, OPEN, _rows(measured, interval, rows, confidence))


def _rows(measured: Measured, interval: Interval, rows: int, confidence: float) -> int | None:
    from scipy.stats import norm

    z = float(norm.ppf((1 + confidence) / 2))
    error = (interval.high - interval.low) / (2 * z)
    if not abs(measured.value) > 0 or not error > 0:
        return None
    needed = rows * ((z + float(norm.ppf(POWER))) * error / measured.value) ** 2
    return max(rows + 1, math.ceil(needed)) if needed <= MOST_ROWS * rows else None
