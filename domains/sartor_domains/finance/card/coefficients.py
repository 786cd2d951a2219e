"""Logistic regression whose slopes cannot be negative: no characteristic can count the wrong way round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sartor_domains.finance.card.steps import Design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NOTHING = 1e-6
"""A smaller slope is none."""
MOST_STEPS = 100
STEEPEST = 1e-7
"""The loss is at its lowest where its slope, for each row, is no steeper."""
SHORTEST = 1e-8
"""Where not even this part of a step helps, rounding is all that is left."""


@dataclass(frozen=True)
class Sought:
    """What is asked of a fit.

    Parameters
    ----------
    design : Design
    good : ndarray of shape (n_rows,)
        1 for good, 0 for bad.
    weight : ndarray of shape (n_rows,)
        Of mean 1.
    penalty : ndarray of shape (n_columns, n_columns)
        See `sartor_domains.finance.card.steps.stiffness`.
    offset : ndarray of shape (n_rows,)
        Log-odds that are there already.
    """

    design: Design
    good: Floats
    weight: Floats
    penalty: Floats
    offset: Floats | float = 0.0

    def log_odds(self, values: Floats) -> Floats:
        """Return the log-odds of good of each row; the first value is the intercept."""
        return np.asarray(self.offset + values[0] + self.design.times(values[1:]))

    def loss(self, values: Floats, log_odds: Floats) -> float:
        """Return what is to be as low as it can be."""
        each = np.logaddexp(0, log_odds) - self.good * log_odds
        return float(self.weight @ each + 0.5 * values[1:] @ self.penalty @ values[1:])

    def slope(self, values: Floats, chance: Floats) -> Floats:
        """Return how the loss changes with each value."""
        left = self.weight * (chance - self.good)
        return np.concatenate([[left.sum()], self.design.sums(left) + self.penalty @ values[1:]])

    def curve(self, chance: Floats) -> Floats:
        """Return how its slope changes."""
        weight = self.weight * chance * (1 - chance)
        mixed = self.design.sums(weight)
        found = np.empty((len(mixed) + 1, len(mixed) + 1))
        found[0, 0], found[0, 1:], found[1:, 0] = weight.sum(), mixed, mixed
        found[1:, 1:] = self.design.squares(weight) + self.penalty
        return found


def non_negative_logistic(
    design: Design,
    bad: Floats,
    weight: Floats,
    penalty: Floats,
    start: Floats | None = None,
    offset: Floats | None = None,
) -> Floats:
    """Fit the log-odds of good as an intercept plus slopes times columns, by projected Newton steps.

    Parameters
    ----------
    design : Design
    bad : ndarray of shape (n_rows,)
        1 for bad, 0 for good.
    weight : ndarray of shape (n_rows,)
        Scaled here to a mean of 1.
    penalty : ndarray of shape (n_columns, n_columns)
        Half of slopes times this times slopes is added to the sum of log losses; the intercept goes free.
    start : ndarray, optional
        Where to begin: what was found under another penalty.
    offset : ndarray of shape (n_rows,), optional
        Log-odds of good that are there already, and stay.

    Returns
    -------
    ndarray of shape (1 + n_columns,)
        The intercept, then the slopes, each 0 or more.

    Examples
    --------
    Of the first half 30 of 50 are good, of the second 20 of 50: the log of 30 over 20, either way. The second column
    is the first one the wrong way round, and gets nothing.

    >>> place = np.repeat([0, 1], 50)
    >>> design = Design((place, place), (np.array([[1.0], [-1.0]]), np.array([[-1.0], [1.0]])))
    >>> bad = np.concatenate([np.repeat([0.0, 1.0], [30, 20]), np.repeat([1.0, 0.0], [30, 20])])
    >>> found = non_negative_logistic(design, bad, np.ones(100), np.zeros((2, 2)))
    >>> round(float(found[0]), 3) + 0.0, found[1:].round(3).tolist()
    (0.0, [0.405, 0.0])
    """
    weight = weight / weight.mean()
    sought = Sought(design, 1 - bad, weight, penalty, 0.0 if offset is None else offset)
    values = np.zeros(1 + design.columns) if start is None else start.copy()
    if start is None and offset is None:
        share = float(weight @ sought.good / weight.sum())
        values[0] = np.log(share / (1 - share))
    log_odds = sought.log_odds(values)
    lost = sought.loss(values, log_odds)
    for _ in range(MOST_STEPS):
        chance = _chance(log_odds)
        slope = sought.slope(values, chance)
        held = (values <= 0) & (slope > 0)
        held[0] = False
        if np.abs(np.where(held, 0.0, slope)).max() < STEEPEST * len(bad):
            break
        step = _newton_step(sought.curve(chance), slope, values, held)
        found = _descend(sought, lost, values, step, slope)
        if found is None:
            break
        values, log_odds, lost = found
    return np.concatenate([values[:1], np.where(values[1:] < NOTHING, 0.0, values[1:])])


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))


def _newton_step(curve: Floats, slope: Floats, values: Floats, held: NDArray[np.bool_]) -> Floats:
    """The step to where the loss would be lowest, among steps that take no slope at 0 below it."""
    held = held.copy()
    while True:
        free = np.flatnonzero(~held)
        step = np.zeros(len(values))
        step[free] = _solved(curve[np.ix_(free, free)], slope[free])
        below = (values <= 0) & (step > 0) & ~held
        below[0] = False
        if not below.any():
            return step
        held |= below


def _solved(curve: Floats, slope: Floats) -> Floats:
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    try:
        return np.asarray(cho_solve(cho_factor(curve, check_finite=False), slope, check_finite=False))
    except LinAlgError:
        # Columns that say the same make the curvature singular: the shortest of all best steps is taken.
        return np.asarray(np.linalg.lstsq(curve, slope, rcond=None)[0])


def _descend(
    sought: Sought, lost: float, values: Floats, step: Floats, slope: Floats
) -> tuple[Floats, Floats, float] | None:
    """Go along the step, as far as the loss falls as it should; slopes stop at 0. None where nothing is left."""
    size = 1.0
    while size > SHORTEST:
        trial = values - size * step
        trial[1:] = np.maximum(trial[1:], 0.0)
        log_odds = sought.log_odds(trial)
        found = sought.loss(trial, log_odds)
        if found <= lost - 1e-4 * float(slope @ (values - trial)):
            return (trial, log_odds, found) if found < lost else None
        size /= 2
    return None
