"""How fast an advantage goes stale: an exponential decay through what a source is worth at several ages.

``advantage(age) = fresh * 2 ** (-age / half_life)``, by least squares over the ages; for each half-life the best
``fresh`` follows, so that only the half-life is searched for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sartor.evidence.bootstrap import Measured

Floats = NDArray[np.float64]

POINTS = 240
"""Half-lives that are tried."""
SHORTEST, LONGEST = 0.05, 50.0
"""They go from this part of the shortest age above 0 to this multiple of the longest age."""
KEPT = 0.9
"""Part of the advantage that is kept, on average, by refreshing often enough."""
_TOLD = 5.0
"""A half-life beyond this multiple of the longest age is none that was seen."""


@dataclass(frozen=True)
class Decay:
    """What came of looking.

    Parameters
    ----------
    days : float or None
        Half-life; None where it cannot be told, as `why` says.
    low, high : float or None
        Of its interval; `high` is None where it has no end that was seen.
    fresh : float
        The advantage of what is known at once, as fitted.
    why : str
    """

    days: float | None
    low: float | None = None
    high: float | None = None
    fresh: float = float("nan")
    why: str = ""

    @property
    def refresh(self) -> float | None:
        """Days between refreshes by which `KEPT` of the advantage is kept."""
        return None if self.days is None else self.days * refresh_for(KEPT)


def refresh_for(kept: float) -> float:
    """Return how often to refresh, in half-lives, so that a part of the advantage is kept on average.

    Between refreshes the age rises evenly from 0 to the time between them, so that on average
    ``(1 - 2 ** -x) / (x ln 2)`` of the advantage is left.

    Examples
    --------
    >>> round(refresh_for(0.9), 3), round(refresh_for(0.5), 3)
    (0.31, 2.299)
    """
    from scipy.optimize import brentq

    ln2 = np.log(2)
    return float(brentq(lambda x: (1 - 2**-x) / (x * ln2) - kept, 1e-9, 1e4))


def half_life(ages: Floats, advantages: Floats, confidence: float = 0.95) -> Decay:
    """Fit a half-life.

    Parameters
    ----------
    ages : ndarray of shape (n_ages,)
        In days, rising.
    advantages : ndarray of shape (n_ages, 1 + n_redraws)
        What the source is worth at each age; the first column on the rows, the others on redraws of them.
    confidence : float

    Examples
    --------
    >>> ages = np.array([0.0, 1.0, 7.0, 30.0])
    >>> true = 0.2 * 2 ** (-ages / 10)
    >>> noise = np.random.default_rng(0).normal(0, 0.005, (4, 200))
    >>> found = half_life(ages, np.column_stack([true, true[:, None] + noise]))
    >>> round(found.days, 1), found.low < 10 < found.high
    (10.0, True)
    """
    ages = np.asarray(ages, dtype=np.float64)
    fresh = Measured(float(advantages[0, 0]), advantages[0, 1:])
    interval = fresh.interval(confidence)
    if interval is None:
        return Decay(None, why="there are too few independent rows")
    if interval.low <= 0:
        return Decay(None, why="it is not shown that the source brings anything while it is fresh")
    lost = Measured(float(advantages[0, 0] - advantages[-1, 0]), advantages[0, 1:] - advantages[-1, 1:])
    loss = lost.interval(confidence)
    if loss is None or loss.low <= 0:
        return Decay(None, why=f"nothing shows that it is worth less when it is {days_in_words(ages[-1])} old")
    tried = _tried(ages)
    found, heights = _fitted(ages, advantages, tried)
    ends = np.quantile(found[1:], [(1 - confidence) / 2, (1 + confidence) / 2])
    seen = _TOLD * ages[-1]
    if found[0] > seen:
        return Decay(None, why=f"it goes stale more slowly than {days_in_words(ages[-1])} can show")
    high = float(max(ends[1], found[0]))
    return Decay(float(found[0]), float(min(ends[0], found[0])), high if high <= seen else None, float(heights[0]))


def _tried(ages: Floats) -> Floats:
    above = ages[ages > 0]
    return np.geomspace(SHORTEST * above.min(), LONGEST * above.max(), POINTS)


def _fitted(ages: Floats, advantages: Floats, tried: Floats) -> tuple[Floats, Floats]:
    """Return the best half-life, and the height that goes with it, for each column."""
    left = 2.0 ** (-ages[None, :] / tried[:, None])
    heights = left @ advantages / (left**2).sum(axis=1)[:, None]
    # What is left of the sum of squares is least where height squared times the weight of the curve is most; a curve
    # below zero is none.
    explained = np.where(heights > 0, heights**2, 0.0) * (left**2).sum(axis=1)[:, None]
    best = explained.argmax(axis=0)
    refined = _refined(tried, explained, best)
    return refined, heights[best, np.arange(advantages.shape[1])]


def _refined(tried: Floats, explained: Floats, best: NDArray[np.intp]) -> Floats:
    """Put a parabola through the best half-life and its neighbours, on a scale of logarithms."""
    inside = np.clip(best, 1, len(tried) - 2)
    columns = np.arange(explained.shape[1])
    below, at, above = (explained[inside + step, columns] for step in (-1, 0, 1))
    bend = below - 2 * at + above
    move = np.divide(0.5 * (below - above), bend, out=np.zeros_like(bend), where=bend < 0)
    step = np.log(tried[1] / tried[0])
    return np.where(best == inside, np.exp(np.log(tried[inside]) + np.clip(move, -1, 1) * step), tried[best])


def days_in_words(days: float) -> str:
    """Return a length of time as people say it.

    Examples
    --------
    >>> days_in_words(0.25), days_in_words(1), days_in_words(12.3), days_in_words(75)
    ('6 hours', '1 day', '12 days', '11 weeks')
    """
    if days < 1.5 / 24:
        minutes = max(1, round(days * 24 * 60))
        return f"{minutes} minute{'s' if minutes != 1 else ''}"
    for unit, length, upto in (("hour", 1 / 24, 0.99), ("day", 1.0, 60.0), ("week", 7.0, 180.0)):
        if days < upto:
            count = round(days / length)
            return f"{count} {unit}{'s' if count != 1 else ''}"
    months = round(days / 30.4375)
    return f"{months} months"
