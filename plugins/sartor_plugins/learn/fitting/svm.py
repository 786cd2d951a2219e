"""Support vector machines on an encoded matrix, with probabilities learned on rows held out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC, SVR

from sartor.components import Fitted
from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import Training
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import Encoder, mixed
from sartor_plugins.learn.fitting.answer import Answer, Target
from sartor_plugins.learn.fitting.encoded import Lesson, fit_encoded
from sartor_plugins.learn.fitting.linear import probabilities_of
from sartor_plugins.learn.fitting.rounds import rounds_of
from sartor_plugins.learn.fitting.squared_margin import squared_margin
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, write_arrays

if TYPE_CHECKING:
    from sartor_plugins.learn.models.svm import SVM

BLOCK = 4_000_000
"""Cells of the kernel matrix that are held at once."""
TOLERANCE = 0.1
"""Numbers missed by no more than this share of their standard deviation are right enough."""


@dataclass(frozen=True, eq=False)
class Machine:
    """Scores of a machine: linear in the columns, or in likeness to some training rows.

    Parameters
    ----------
    vectors : ndarray of shape (n_vectors, n_columns)
        Training rows that likeness is measured to; none in a linear machine.
    weights : ndarray of shape (n_vectors or n_columns, n_outputs)
    offsets : ndarray of shape (n_outputs,)
    gamma : float
        Likeness is ``exp(-gamma * squared distance)``; 0 in a linear machine.
    """

    vectors: FloatArray
    weights: FloatArray
    offsets: FloatArray
    gamma: float

    def scores(self, matrix: FloatArray) -> FloatArray:
        """Return scores of shape (n_rows, n_outputs)."""
        if self.gamma == 0:
            return matrix @ self.weights + self.offsets
        scores = np.empty((len(matrix), self.weights.shape[1]))
        step = max(1, BLOCK // max(1, len(self.vectors)))
        lengths = (self.vectors**2).sum(axis=1)
        for start in range(0, len(matrix), step):
            rows = matrix[start : start + step]
            distance = (rows**2).sum(axis=1)[:, None] + lengths - 2 * rows @ self.vectors.T
            scores[start : start + step] = np.exp(-self.gamma * np.maximum(distance, 0)) @ self.weights
        return scores + self.offsets


class Kernel:
    """A machine and the logistic curve over its scores.

    Parameters
    ----------
    machine : Machine
    curve : tuple of ndarray, optional
        Coefficients (n_curves, n_outputs) and intercepts (n_curves,) of the probabilities; None for numbers.
    """

    kind: ClassVar[str] = "kernel"

    def __init__(self, machine: Machine, curve: tuple[FloatArray, FloatArray] | None) -> None:
        self.machine, self.curve = machine, curve

    def raw(self, matrix: FloatArray) -> FloatArray:
        """Return probabilities or numbers."""
        scores = self.machine.scores(matrix)
        if self.curve is None:
            return scores[:, 0]
        return probabilities_of(scores @ self.curve[0].T + self.curve[1])

    def contributions(self, matrix: FloatArray) -> FloatArray | None:
        """Return None: only the linear machine would have them, and the logistic regression is the better one."""
        return None

    def learned(self, encoder: Encoder, answer: Answer) -> dict[str, Any]:
        """Return the size of the machine."""
        if self.machine.gamma == 0:
            return {"columns": len(self.machine.weights)}
        return {"vectors": len(self.machine.vectors), "gamma": self.machine.gamma}

    def save(self, folder: Path) -> None:
        """Write the arrays."""
        curve = {} if self.curve is None else {"slopes": self.curve[0], "intercepts": self.curve[1]}
        machine = self.machine
        write_arrays(
            folder,
            "machine.npz",
            vectors=machine.vectors,
            weights=machine.weights,
            offsets=machine.offsets,
            gamma=np.array(machine.gamma),
            **curve,
        )

    @classmethod
    def load(cls, folder: Path) -> Kernel:
        """Return what was saved."""
        found = read_arrays(folder, "machine.npz")
        try:
            machine = Machine(found["vectors"], found["weights"], found["offsets"], float(found["gamma"]))
        except KeyError as error:
            raise damaged(folder / "machine.npz", f"no array {error}") from error
        return cls(machine, (found["slopes"], found["intercepts"]) if "slopes" in found else None)


def fit_svm(settings: SVM, training: Training, context: Context) -> Fitted:
    """Fit `SVM`."""

    def learn(lesson: Lesson) -> Kernel:
        matrix, target = lesson.matrix, lesson.target
        exact = settings.kernel == "rbf" and len(matrix) <= settings.exact_up_to
        if settings.kernel == "rbf" and not exact:
            context.note(
                f"{len(matrix):,} rows are too many for the exact machine: its kernel is spanned by "
                f"{min(settings.landmarks, len(matrix)):,} of them"
            )
        maker = _Maker(settings, exact, settings.gamma or _gamma(matrix), context)
        if not target.is_number:
            context.progress(0, 1 + settings.rounds, "machines")
        machine = maker.make(matrix, target)
        if target.is_number:
            return Kernel(machine, None)
        return Kernel(machine, _curve(maker, lesson, machine))

    encode = partial(mixed, scale=settings.scale, max_levels=settings.max_levels, min_rows=settings.min_rows)
    return fit_encoded(training, context, encode=encode, learn=learn, class_weights=settings.class_weights)


def _gamma(matrix: FloatArray) -> float:
    spread = float(matrix.var())
    return 1 / (matrix.shape[1] * spread) if spread > 0 else 1.0


@dataclass(frozen=True)
class _Maker:
    """Makes machines with one set of settings."""

    settings: SVM
    exact: bool
    gamma: float
    context: Context

    def make(self, matrix: FloatArray, target: Target) -> Machine:
        """Learn a machine."""
        if self.settings.kernel == "linear":
            weights, offsets = self._linear(matrix, target)
            return Machine(np.empty((0, matrix.shape[1])), weights, offsets, 0.0)
        if not self.exact:
            span = Nystroem(
                gamma=self.gamma,
                n_components=min(self.settings.landmarks, len(matrix)),
                random_state=self.context.seed,
            )
            weights, offsets = self._linear(span.fit_transform(matrix), target)
            return Machine(span.components_, span.normalization_.T @ weights, offsets, self.gamma)
        return self._exact(matrix, target)

    def _linear(self, matrix: FloatArray, target: Target) -> tuple[FloatArray, FloatArray]:
        """Learn one machine, or one for each class against the others."""
        centre, spread = (0.0, 1.0)
        tolerance = None
        if target.is_number:
            (centre, spread), tolerance = _unit(target), TOLERANCE
            truths = [(target.y - centre) / spread]
        else:
            truths = [np.where(event, 1.0, -1.0) for event in _events(target)]
        made = [squared_margin(matrix, truth, target.weights(), self.settings.penalty, tolerance) for truth in truths]
        if not all(settled for _, _, settled in made):
            self.context.note("the support vector machine did not settle; a larger penalty helps", caution=True)
        weights = np.column_stack([coefficients for coefficients, _, _ in made]) * spread
        return weights, np.array([intercept for _, intercept, _ in made]) * spread + centre

    def _exact(self, matrix: FloatArray, target: Target) -> Machine:
        """Learn one machine, or one for each class against the others."""
        C = 1 / self.settings.penalty
        if target.is_number:
            centre, spread = _unit(target)
            machine = SVR(C=C, gamma=self.gamma, epsilon=TOLERANCE)
            # Nothing in it is random, and yet it would draw a seed from NumPy's global generator.
            machine.random_state = 0
            machine.fit(matrix, (target.y - centre) / spread, target.weight)
            weights = machine.dual_coef_.T * spread
            return Machine(matrix[machine.support_], weights, machine.intercept_ * spread + centre, self.gamma)
        events = _events(target)
        weights = np.zeros((len(matrix), len(events)))
        offsets = np.zeros(len(events))
        for place, event in enumerate(events):
            machine = SVC(C=C, gamma=self.gamma, random_state=0)
            machine.fit(matrix, event.astype(int), target.weight)
            weights[machine.support_, place] = machine.dual_coef_[0]
            offsets[place] = machine.intercept_[0]
        used = np.flatnonzero((weights != 0).any(axis=1))
        return Machine(matrix[used], weights[used], offsets, self.gamma)


def _events(target: Target) -> list[Any]:
    """Return what each machine tells apart: the second of two classes, or each of more."""
    return [target.y == 1] if target.n_classes == 2 else [target.y == place for place in range(target.n_classes)]


def _unit(target: Target) -> tuple[float, float]:
    centre = float(np.average(target.y, weights=target.weight))
    return centre, float(np.std(target.y)) or 1.0


def _curve(maker: _Maker, lesson: Lesson, machine: Machine) -> tuple[FloatArray, FloatArray]:
    """Learn the probabilities from scores of rows that the machine behind them had not seen."""
    matrix, target = lesson.matrix, lesson.target
    scores, places = [], []
    try:
        rounds = rounds_of(lesson.training, maker.settings.rounds, maker.context)
    except InputError:
        rounds = []
    for made, (learn, held) in enumerate(rounds, 1):
        maker.context.progress(made, len(rounds) + 1, "machines")
        if len(np.unique(target.y[learn])) == target.n_classes and len(held):
            scores.append(maker.make(matrix[learn], target.take(learn)).scores(matrix[held]))
            places.append(held)
    maker.context.progress(len(rounds) + 1, len(rounds) + 1, "machines")
    seen = np.concatenate(places) if places else np.empty(0, dtype=np.int64)
    if len(np.unique(target.y[seen])) < target.n_classes:
        maker.context.note(
            "too few rows to hold any out: probabilities were learned on the machine's own rows", caution=True
        )
        return _logistic(machine.scores(matrix), target)
    return _logistic(np.concatenate(scores), target.take(seen))


def _logistic(scores: FloatArray, target: Target) -> tuple[FloatArray, FloatArray]:
    # A light penalty keeps the curve finite where the machine separates all rows.
    spread = float(scores.std()) or 1.0
    estimator = LogisticRegression(C=100.0, tol=1e-8, max_iter=1_000)
    estimator.fit(scores / spread, target.y, sample_weight=target.weight)
    return estimator.coef_ / spread, estimator.intercept_
