"""Slope and intercept of calibration: outcomes regressed on the log-odds that were said, in every redraw at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sartor_plugins.learn.metrics.ranking import Ranking
from sartor_plugins.learn.metrics.truth import chances
from sartor_plugins.learn.metrics.weights import FloatArray, shaped_like, weight_matrix

CLIP = 1e-6
"""Probabilities nearer than this to 0 or 1 are moved to it: the log-odds of 0 and 1 are not finite."""

_STEPS = 200
_ENOUGH = 1e-5
"""A step that moves no row's log-odds by more than this is the last: the next would move them by its square."""
_FULL = 1.5
"""Largest movement of any row's log-odds for which a whole Newton step is sure to go downhill."""


def calibration_slope(
    truth: ArrayLike, probability: ArrayLike, weights: ArrayLike | None = None, *, ranking: Ranking | None = None
) -> FloatArray:
    """Slope of outcomes on the log-odds that were said; 1 is right, below 1 the probabilities are too extreme.

    See `calibration_line`, whose parameters, shapes and errors these are.

    Examples
    --------
    Said 0.9 and 0.1 where 8 of 10 and 2 of 10 happen: ln(4) / ln(9).

    >>> truth = [1] * 8 + [0] * 2 + [1] * 2 + [0] * 8
    >>> round(float(calibration_slope(truth, [0.9] * 10 + [0.1] * 10)), 4)
    0.6309
    """
    return calibration_line(truth, probability, weights, ranking=ranking)[0]


def calibration_intercept(
    truth: ArrayLike, probability: ArrayLike, weights: ArrayLike | None = None, *, ranking: Ranking | None = None
) -> FloatArray:
    """Intercept of outcomes on the log-odds that were said; 0 is right, if the slope is 1.

    See `calibration_line`, whose parameters, shapes and errors these are.

    Examples
    --------
    >>> truth = [1] * 8 + [0] * 2 + [1] * 2 + [0] * 8
    >>> round(float(calibration_intercept(truth, [0.8] * 10 + [0.4] * 10)), 4)
    -0.7589
    """
    return calibration_line(truth, probability, weights, ranking=ranking)[1]


def calibration_line(
    truth: ArrayLike, probability: ArrayLike, weights: ArrayLike | None = None, *, ranking: Ranking | None = None
) -> tuple[FloatArray, FloatArray]:
    """Logistic regression of the outcome on the log-odds that were said.

    ``log-odds of the outcome = intercept + slope * log(p / (1 - p))``, by maximum likelihood without penalty, p moved
    into [1e-6, 1 - 1e-6] [1]_. All redraws are solved side by side by Newton's method, from the line of the unweighted
    rows; a step is shortened where a whole one is not sure to go downhill [2]_.

    Parameters
    ----------
    truth : array of shape (n_rows,)
        1 for an event, 0 for none.
    probability : array of shape (n_rows,), each in [0, 1]
    weights : array of shape (n_rows,) or (n_redraws, n_rows), optional
        One or many sets of weights; a whole number is the same as that many equal rows.
    ranking : Ranking, optional
        ``Ranking.of(probability)``, if it is at hand.

    Returns
    -------
    slope, intercept : ndarray of shape (n_redraws,), or single numbers for a single set of weights
        NaN where there is no such line: one class only, a single probability for all rows, or events and non-events
        that a cut-off separates (any steeper line then fits better).

    Raises
    ------
    InputError
        If arrays do not fit each other, an outcome is neither 0 nor 1 or a probability lies outside 0 to 1.

    References
    ----------
    .. [1] Cox, "Two further applications of a model for binary regression", *Biometrika* 45, 1958; Van Calster et al.,
       "Calibration: the Achilles heel of predictive analytics", *BMC Medicine* 17:230, 2019.
    .. [2] Bach, "Self-concordant analysis for logistic regression", *Electronic Journal of Statistics* 4, 2010: along
       a step the third derivative of the loss is at most its second times the largest movement of any log-odds.
    """
    matrix = weight_matrix(weights, np.size(truth))
    slope, intercept = LineSearch.of(truth, probability, ranking).lines(matrix)
    return shaped_like(weights, slope), shaped_like(weights, intercept)


@dataclass(frozen=True, eq=False)
class LineSearch:
    """What all redraws of the same rows have in common when their calibration lines are searched.

    Parameters
    ----------
    happened : ndarray of shape (n_rows,)
    ranking : Ranking
        Of the clipped probabilities.
    x : ndarray of shape (n_places,)
        Their log-odds at every place of the ranking, less `middle`, divided by `spread`.
    middle, spread : float
    start : ndarray of shape (1, 2) or None
        Intercept and slope on `x` of the unweighted rows; None if they have no line, as then no redraw has one.
    """

    happened: FloatArray
    ranking: Ranking
    x: FloatArray
    middle: float
    spread: float
    start: FloatArray | None

    @classmethod
    def of(cls, truth: ArrayLike, probability: ArrayLike, ranking: Ranking | None = None) -> LineSearch:
        """Check, sort and solve for the unweighted rows."""
        happened, said = chances(truth, probability)
        clipped = np.clip(said, CLIP, 1 - CLIP)
        order = ranking if ranking is not None and np.array_equal(clipped, said) else Ranking.of(clipped)
        odds = clipped[order.first_of_each()]
        odds = np.log(odds / (1 - odds))
        middle, spread = float(odds.mean()), float(odds.std()) or 1.0
        x = (odds - middle) / spread
        once = np.ones((1, len(happened)))
        rows, event = order.sums(once), order.sums(once, happened)
        start = _newton(x, rows, event, np.zeros((1, 2))) if _overlap(rows, event)[0] else None
        return cls(happened, order, x, middle, spread, start)

    def lines(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Slope and intercept under each set of weights, two arrays of shape (n_redraws,)."""
        line = np.full((len(weights), 2), np.nan)
        if self.start is not None:
            rows, event = self.ranking.sums(weights), self.ranking.sums(weights, self.happened)
            solvable = _overlap(rows, event)
            if solvable.all():
                line = _newton(self.x, rows, event, self.start)
            elif solvable.any():
                line[solvable] = _newton(self.x, rows[solvable], event[solvable], self.start)
        slope = line[:, 1] / self.spread
        return slope, line[:, 0] - slope * self.middle


def _overlap(rows: FloatArray, event: FloatArray) -> NDArray[np.bool_]:
    """Whether events and non-events overlap strictly, without which the likelihood has no maximum."""
    happens, fails = event > 0, rows > event
    last = rows.shape[1] - 1
    first_event, last_event = happens.argmax(axis=1), last - happens[:, ::-1].argmax(axis=1)
    first_other, last_other = fails.argmax(axis=1), last - fails[:, ::-1].argmax(axis=1)
    both = happens.any(axis=1) & fails.any(axis=1)
    return np.asarray(both & (last_event > first_other) & (last_other > first_event))


def _newton(x: FloatArray, rows: FloatArray, event: FloatArray, start: FloatArray) -> FloatArray:
    """Maximise the likelihood of every redraw; `start` is one line for all."""
    event_sums = np.stack([event.sum(axis=1), _along(event, x)], axis=1)
    widest = float(np.abs(x).max())
    line, moving = start, np.arange(len(rows))
    solved = np.full((len(rows), 2), np.nan)
    for _ in range(_STEPS):
        step = _newton_step(x, rows, event_sums, line)
        movement = np.abs(step[:, 0]) + np.abs(step[:, 1]) * widest
        line = line + step * np.where(movement <= _FULL, 1.0, np.log1p(movement) / np.maximum(movement, _FULL))[:, None]
        done = ~(movement > _ENOUGH)  # what is not a number will not become one
        if done.any():
            solved[moving[done]] = line[done]
            rows, event_sums, line, moving = rows[~done], event_sums[~done], line[~done], moving[~done]
            if not len(moving):
                break
    return solved


def _newton_step(x: FloatArray, rows: FloatArray, event_sums: FloatArray, line: FloatArray) -> FloatArray:
    """One whole Newton step; with a single `line` for all redraws the chances are computed once."""
    chance = line[:, 1:] * (x / 2)
    chance += line[:, :1] / 2
    np.tanh(chance, out=chance)
    chance *= 0.5
    chance += 0.5
    expected = rows * chance
    short = event_sums[:, 0] - expected.sum(axis=1), event_sums[:, 1] - _along(expected, x)
    expected *= np.subtract(1.0, chance, out=chance)
    curve_0, curve_1 = expected.sum(axis=1), _along(expected, x)
    expected *= x
    curve_2 = _along(expected, x)
    determinant = curve_0 * curve_2 - curve_1**2
    with np.errstate(divide="ignore", invalid="ignore"):
        step = curve_2 * short[0] - curve_1 * short[1], curve_0 * short[1] - curve_1 * short[0]
        whole: FloatArray = np.stack(step, axis=1) / determinant[:, None]
    return whole


def _along(matrix: FloatArray, x: FloatArray) -> FloatArray:
    """Sum of every line times `x`."""
    sums: FloatArray = np.einsum("rp,p->r", matrix, x)
    return sums
