"""Logistic and ridge regression on an encoded matrix."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import Encoder, mixed
from sartor_plugins.learn.fitting.answer import Answer, Target
from sartor_plugins.learn.fitting.encoded import Lesson, fit_encoded
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, write_arrays

if TYPE_CHECKING:
    from sartor_plugins.learn.models.linear import Linear, Logistic

NEWTON_UP_TO = 1_000
"""Coefficients up to which Newton's method is taken: exact after a few steps, and its cost grows with their cube."""


class LinearScores:
    """Scores linear in the columns.

    Parameters
    ----------
    coefficients : ndarray of shape (n_outputs, n_columns)
        One output for two classes (log-odds of the second) and for a number, else one for each class.
    intercepts : ndarray of shape (n_outputs,)
    means : ndarray of shape (n_columns,)
        Of the training rows, where contributions are 0.
    is_number : bool
    """

    kind: ClassVar[str] = "linear"

    def __init__(self, coefficients: FloatArray, intercepts: FloatArray, means: FloatArray, is_number: bool) -> None:
        self.coefficients, self.intercepts, self.means = coefficients, intercepts, means
        self.is_number = is_number

    def raw(self, matrix: FloatArray) -> FloatArray:
        """Return probabilities or numbers."""
        scores = matrix @ self.coefficients.T + self.intercepts
        if self.is_number:
            return scores[:, 0]
        return probabilities_of(scores)

    def contributions(self, matrix: FloatArray) -> FloatArray | None:
        """Return coefficient times distance from the mean."""
        return (matrix - self.means) * self.coefficients[0] if len(self.coefficients) == 1 else None

    def learned(self, encoder: Encoder, answer: Answer) -> dict[str, Any]:
        """Return coefficients by column, in the unit that the model sees."""

        def of(output: int) -> dict[str, Any]:
            named = zip(encoder.names, self.coefficients[output], strict=True)
            return {
                "intercept": float(self.intercepts[output]),
                "coefficients": {name: float(value) for name, value in named},
            }

        if len(self.coefficients) == 1:
            return of(0)
        return {answer.classes[place]: of(output) for output, place in enumerate(answer.present)}

    def save(self, folder: Path) -> None:
        """Write the arrays."""
        write_arrays(
            folder,
            "linear.npz",
            coefficients=self.coefficients,
            intercepts=self.intercepts,
            means=self.means,
            is_number=np.array(self.is_number),
        )

    @classmethod
    def load(cls, folder: Path) -> LinearScores:
        """Return what was saved."""
        found = read_arrays(folder, "linear.npz")
        try:
            return cls(found["coefficients"], found["intercepts"], found["means"], bool(found["is_number"]))
        except KeyError as error:
            raise damaged(folder / "linear.npz", f"no array {error}") from error


def probabilities_of(scores: FloatArray) -> FloatArray:
    """Return probabilities: of two classes from one column of log-odds, of more from one column each.

    Examples
    --------
    >>> probabilities_of(np.array([[0.0]])).tolist()
    [[0.5, 0.5]]
    """
    if scores.shape[1] == 1:
        scores = np.column_stack([np.zeros(len(scores)), scores[:, 0]])
    return np.asarray(softmax(scores, axis=1), dtype=np.float64)


def fit_logistic(settings: Logistic, training: Training, context: Context) -> Fitted:
    """Fit `Logistic`."""

    def learn(lesson: Lesson) -> LinearScores:
        return logistic_scores(lesson.matrix, lesson.target, settings.penalty, context)

    encode = partial(mixed, scale=settings.scale, max_levels=settings.max_levels, min_rows=settings.min_rows)
    return fit_encoded(training, context, encode=encode, learn=learn, class_weights=settings.class_weights)


def logistic_scores(matrix: FloatArray, target: Target, penalty: float, context: Context) -> LinearScores:
    """Maximise the penalised likelihood."""
    outputs = 1 if target.n_classes == 2 else target.n_classes
    solver = "newton-cholesky" if outputs * matrix.shape[1] <= NEWTON_UP_TO else "lbfgs"
    estimator = LogisticRegression(C=1 / penalty, solver=solver, tol=1e-6, max_iter=1_000)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        estimator.fit(matrix, target.y, sample_weight=target.weight)
    if any(issubclass(warning.category, ConvergenceWarning) for warning in said):
        context.note("the logistic regression did not settle; a larger penalty helps", caution=True)
    return LinearScores(
        np.asarray(estimator.coef_, dtype=np.float64),
        np.asarray(estimator.intercept_, dtype=np.float64),
        np.average(matrix, axis=0, weights=target.weight),
        is_number=False,
    )


def fit_linear(settings: Linear, training: Training, context: Context) -> Fitted:
    """Fit `Linear`."""

    def learn(lesson: Lesson) -> LinearScores:
        matrix, target = lesson.matrix, lesson.target
        means = np.average(matrix, axis=0, weights=target.weight)
        overall = np.average(target.y, weights=target.weight)
        if settings.penalty == 0:
            # A category has one flag too many: of all coefficients that fit equally well the smallest are taken.
            root = np.sqrt(target.weights())
            coefficients = np.linalg.lstsq((matrix - means) * root[:, None], (target.y - overall) * root, rcond=None)[0]
        else:
            estimator = Ridge(alpha=settings.penalty, solver="cholesky")
            coefficients = estimator.fit(matrix, target.y, sample_weight=target.weight).coef_
        line = np.asarray(coefficients, dtype=np.float64)
        return LinearScores(line[None, :], np.array([overall - means @ line]), means, is_number=True)

    encode = partial(mixed, scale=settings.scale, max_levels=settings.max_levels, min_rows=settings.min_rows)
    return fit_encoded(training, context, encode=encode, learn=learn)
