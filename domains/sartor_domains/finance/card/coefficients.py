"""Logistic regression whose coefficients cannot be negative: no characteristic can count the wrong way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NOTHING = 1e-6
"""A smaller coefficient is none."""
MOST_STEPS = 100
STEEPEST = 1e-10
"""The loss is at its lowest where its slope, for each row, is no steeper."""
SHORTEST = 1e-8
"""Where not even this part of a step helps, rounding is all that is left."""


def non_negative_logistic(evidence: Floats, bad: Floats, weight: Floats, penalty: float) -> tuple[float, Floats]:
    """Fit the log-odds of good as an intercept plus coefficients times weights of evidence, by projected Newton steps.

    Parameters
    ----------
    evidence : ndarray of shape (n_rows, n_characteristics)
        Above 0 is better.
    bad : ndarray of shape (n_rows,)
        1 for bad, 0 for good.
    weight : ndarray of shape (n_rows,)
        Scaled here to a mean of 1.
    penalty : float
        Half of it times the squared coefficients is added to the sum of log losses; the intercept goes free.

    Returns
    -------
    intercept : float
    coefficients : ndarray of shape (n_characteristics,)
        Each 0 or more.

    Examples
    --------
    Of the first half 30 of 50 are good, of the second 20 of 50: the log of 30 over 20, either way. The second column
    is the first one the wrong way round, and gets nothing.

    >>> right = np.repeat([1.0, -1.0], 50)
    >>> bad = np.concatenate([np.repeat([0.0, 1.0], [30, 20]), np.repeat([1.0, 0.0], [30, 20])])
    >>> intercept, coefficients = non_negative_logistic(np.column_stack([right, -right]), bad, np.ones(100), 0.0)
    >>> round(intercept, 3) + 0.0, coefficients.round(3).tolist()
    (0.0, [0.405, 0.0])
    """
    weight = weight / weight.mean()
    good = 1 - bad
    design = np.column_stack([np.ones(len(bad)), evidence])
    ridge = np.full(design.shape[1], penalty)
    ridge[0] = 0.0
    share = float((weight * good).mean())
    values = np.zeros(design.shape[1])
    values[0] = np.log(share / (1 - share))

    def loss(values: Floats) -> float:
        log_odds = design @ values
        lost = weight @ (np.logaddexp(0, log_odds) - good * log_odds)
        return float(lost + ridge @ values**2 / 2)

    lost = loss(values)
    for _ in range(MOST_STEPS):
        chance = _chance(design @ values)
        slope = design.T @ (weight * (chance - good)) + ridge * values
        held = (values <= 0) & (slope > 0)
        held[0] = False
        if np.abs(slope[~held]).max(initial=0.0) <= STEEPEST * len(bad):
            break
        curve = design.T @ (design * (weight * chance * (1 - chance))[:, None]) + np.diag(ridge)
        step = _newton_step(curve, slope, values, held)
        values, lost, moved = _descend(loss, lost, values, step, slope)
        if not moved:
            break
    return float(values[0]), np.where(values[1:] < NOTHING, 0.0, values[1:])


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))


def _newton_step(curve: Floats, slope: Floats, values: Floats, held: NDArray[np.bool_]) -> Floats:
    """The step to where the loss would be lowest, among steps that take no coefficient at 0 below it."""
    held = held.copy()
    while True:
        free = np.flatnonzero(~held)
        step = np.zeros(len(values))
        # Columns that say the same make the curvature singular: the shortest of all best steps is taken.
        step[free] = np.linalg.lstsq(curve[np.ix_(free, free)], slope[free], rcond=None)[0]
        below = (values <= 0) & (step > 0)
        below[0] = False
        if not below.any():
            return step
        held |= below


def _descend(
    loss: Callable[[Floats], float], lost: float, values: Floats, step: Floats, slope: Floats
) -> tuple[Floats, float, bool]:
    """Go along the step, as far as the loss falls as it should; coefficients stop at 0."""
    size = 1.0
    while size > SHORTEST:
        trial = values - size * step
        trial[1:] = np.maximum(trial[1:], 0.0)
        found = loss(trial)
        if found <= lost - 1e-4 * float(slope @ (values - trial)):
            return trial, found, bool(found < lost)
        size /= 2
    return values, lost, False
