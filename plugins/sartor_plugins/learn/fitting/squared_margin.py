"""Linear support vector machines with squared loss, by Newton steps on the rows within the margin.

The loss is a parabola for every row that is on the wrong side of its margin and 0 for all others [1]_. As long as the
same rows are on the wrong side, one step solves a ridge regression and ends at the minimum; a handful of steps settles
which rows they are.

References
----------
.. [1] Chapelle, *Training a Support Vector Machine in the Primal*, Neural Computation 19, 2007.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve

from sartor_plugins.learn.encoding.columns import FloatArray

BLOCK = 50_000
"""Rows that are copied at once."""
MOST_STEPS = 100
SETTLED = 1e-10
"""A step that gains less than this share of the loss is the last."""


@dataclass(frozen=True)
class _Loss:
    """Penalised loss of coefficients, the last of which is the intercept."""

    matrix: FloatArray
    truth: FloatArray
    weight: FloatArray
    penalty: float
    tolerance: float | None

    def goals(self, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the number that each row is drawn to, and its weight: 0 where it is left alone."""
        if self.tolerance is None:
            return self.truth, np.where(self.truth * scores < 1, self.weight, 0.0)
        gap = self.truth - scores
        return self.truth - self.tolerance * np.sign(gap), np.where(np.abs(gap) > self.tolerance, self.weight, 0.0)

    def scores(self, line: FloatArray) -> FloatArray:
        return np.asarray(self.matrix @ line[:-1] + line[-1], dtype=np.float64)

    def value(self, line: FloatArray, scores: FloatArray) -> float:
        goals, pull = self.goals(scores)
        return float(self.penalty / 2 * line[:-1] @ line[:-1] + pull @ (goals - scores) ** 2)

    def newton(self, scores: FloatArray) -> FloatArray:
        """Return the minimum as if the same rows stayed on the wrong side."""
        goals, pull = self.goals(scores)
        used = np.flatnonzero(pull)
        size = self.matrix.shape[1] + 1
        curvature, slope = np.zeros((size, size)), np.zeros(size)
        curvature.flat[:: size + 1] = self.penalty
        curvature[-1, -1] = 1e-9  # the intercept is free; the trace keeps the system solvable when no row pulls
        for start in range(0, len(used), BLOCK):
            block = used[start : start + BLOCK]
            rows = np.column_stack([self.matrix[block], np.ones(len(block))])
            curvature += 2 * rows.T @ (rows * pull[block, None])
            slope += 2 * rows.T @ (pull[block] * goals[block])
        return np.asarray(solve(curvature, slope, assume_a="pos"), dtype=np.float64)


def squared_margin(
    matrix: FloatArray, truth: FloatArray, weight: FloatArray, penalty: float, tolerance: float | None = None
) -> tuple[FloatArray, float, bool]:
    """Learn a linear machine.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
    truth : ndarray of shape (n_rows,)
        -1 and 1; with `tolerance` numbers.
    weight : ndarray of shape (n_rows,)
    penalty : float
        ``penalty / 2 * |coefficients|^2`` is added to the loss.
    tolerance : float, optional
        Learn numbers: a row whose number is missed by no more than this is left alone.

    Returns
    -------
    coefficients : ndarray of shape (n_columns,)
    intercept : float
    settled : bool
        Whether the minimum was reached.

    Examples
    --------
    >>> coefficients, intercept, _ = squared_margin(np.array([[-1.0], [1.0]]), np.array([-1.0, 1.0]), np.ones(2), 1e-6)
    >>> round(float(coefficients[0]), 3), round(intercept, 3)
    (1.0, 0.0)
    """
    loss = _Loss(matrix, truth, weight, penalty, tolerance)
    line = np.zeros(matrix.shape[1] + 1)
    scores = loss.scores(line)
    value = loss.value(line, scores)
    for _ in range(MOST_STEPS):
        goal = loss.newton(scores)
        step = 1.0
        while True:
            trial = line + step * (goal - line)
            trial_scores = loss.scores(trial)
            trial_value = loss.value(trial, trial_scores)
            if trial_value <= value or step < 1e-8:
                break
            step /= 2
        gain = value - trial_value
        if gain > 0:
            line, scores, value = trial, trial_scores, trial_value
        if gain <= SETTLED * max(value, SETTLED):
            return line[:-1], float(line[-1]), True
    return line[:-1], float(line[-1]), False
