"""Naive Bayes on numbers and codes of categories."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import softmax

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import Encoder, native
from sartor_plugins.learn.fitting.answer import Answer
from sartor_plugins.learn.fitting.encoded import Lesson, fit_encoded
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, write_arrays

if TYPE_CHECKING:
    from sartor_plugins.learn.models.bayes import NaiveBayes

LEAST_VARIANCE = 1e-3
"""Variance within a class is at least this share of the column's own: a class of equal numbers is not certain."""


class Bayes:
    """Log-likelihoods, column by column.

    Parameters
    ----------
    prior : ndarray of shape (n_classes,)
        Logarithms of the classes' shares.
    numbers : ndarray of shape (n_columns, 2 + 2 * n_classes)
        For a number: least and greatest value seen, means, variances; NaN for a category.
    levels : ndarray of shape (n_columns, n_codes + 1, n_classes)
        For a category: logarithm of each level's share in each class, the last for missing; 0 where nothing is said.
    average : ndarray of shape (n_columns,)
        Mean contribution in training, two classes only.
    """

    kind: ClassVar[str] = "bayes"

    def __init__(self, prior: FloatArray, numbers: FloatArray, levels: FloatArray, average: FloatArray) -> None:
        self.prior, self.numbers, self.levels, self.average = prior, numbers, levels, average

    def likelihoods(self, matrix: FloatArray) -> FloatArray:
        """Return what each column says, shape (n_rows, n_columns, n_classes)."""
        n_classes = len(self.prior)
        said = np.zeros((*matrix.shape, n_classes))
        for column in range(matrix.shape[1]):
            values = matrix[:, column]
            if np.isnan(self.numbers[column, 0]):
                codes = np.where(np.isnan(values), self.levels.shape[1] - 1, values).astype(np.int64)
                said[:, column] = self.levels[column, codes]
                continue
            low, high = self.numbers[column, :2]
            means, variances = self.numbers[column, 2 : 2 + n_classes], self.numbers[column, 2 + n_classes :]
            distance = np.clip(values, low, high)[:, None] - means
            density = -0.5 * (np.log(variances) + distance**2 / variances)
            said[:, column] = np.where(np.isnan(values)[:, None], 0.0, density)
        return said

    def raw(self, matrix: FloatArray) -> FloatArray:
        """Return probabilities."""
        return np.asarray(softmax(self.likelihoods(matrix).sum(axis=1) + self.prior, axis=1), dtype=np.float64)

    def contributions(self, matrix: FloatArray) -> FloatArray | None:
        """Return the log-odds that each column adds, from the average training row."""
        if len(self.prior) != 2:
            return None
        said = self.likelihoods(matrix)
        return np.asarray(said[:, :, 1] - said[:, :, 0] - self.average)

    def learned(self, encoder: Encoder, answer: Answer) -> dict[str, Any]:
        """Return means of numbers by class."""
        labels = [answer.classes[place] for place in answer.present]
        told = {}
        for name, line in zip(encoder.names, self.numbers, strict=True):
            if not np.isnan(line[0]):
                told[name] = dict(zip(labels, (float(mean) for mean in line[2 : 2 + len(labels)]), strict=True))
        return {"means": told}

    def save(self, folder: Path) -> None:
        """Write the arrays."""
        write_arrays(
            folder, "bayes.npz", prior=self.prior, numbers=self.numbers, levels=self.levels, average=self.average
        )

    @classmethod
    def load(cls, folder: Path) -> Bayes:
        """Return what was saved."""
        found = read_arrays(folder, "bayes.npz")
        try:
            return cls(found["prior"], found["numbers"], found["levels"], found["average"])
        except KeyError as error:
            raise damaged(folder / "bayes.npz", f"no array {error}") from error


def fit_bayes(settings: NaiveBayes, training: Training, context: Context) -> Fitted:
    """Fit `NaiveBayes`."""

    def learn(lesson: Lesson) -> Bayes:
        return _count(lesson, settings.smoothing)

    return fit_encoded(
        training, context, encode=partial(native, max_levels=settings.max_levels, first="as given"), learn=learn
    )


def _count(lesson: Lesson, smoothing: float) -> Bayes:
    matrix, target = lesson.matrix, lesson.target
    n_classes, n_columns = target.n_classes, matrix.shape[1]
    member = np.eye(n_classes)[target.y] * target.weights()[:, None]
    categories = lesson.encoder.categories
    widest = 1 + int(np.nanmax(matrix[:, categories], initial=0)) if categories else 0
    numbers = np.full((n_columns, 2 + 2 * n_classes), np.nan)
    levels = np.zeros((n_columns, widest + 1, n_classes))
    for column in range(n_columns):
        if column in categories:
            levels[column] = _shares(matrix[:, column], member, widest, smoothing)
        else:
            numbers[column] = _normal(matrix[:, column], member)
    bayes = Bayes(np.log(target.base), numbers, levels, np.zeros(n_columns))
    if n_classes == 2:
        found = bayes.contributions(matrix)
        assert found is not None, "two classes have contributions"
        bayes.average = np.average(found, axis=0, weights=target.weight)
    return bayes


def _shares(codes: FloatArray, member: FloatArray, widest: int, smoothing: float) -> FloatArray:
    """Return logarithms of the levels' shares in each class, the last line for missing values."""
    missing = np.isnan(codes)
    counts = np.zeros((widest + 1, member.shape[1]))
    np.add.at(counts, np.where(missing, widest, codes).astype(np.int64), member)
    seen = counts.sum(axis=1) > 0
    counts = np.where(seen[:, None], counts + smoothing, 0.0)
    shares = np.log(counts / counts.sum(axis=0), out=np.zeros_like(counts), where=counts > 0)
    return np.asarray(shares, dtype=np.float64)


def _normal(values: FloatArray, member: FloatArray) -> FloatArray:
    """Return least and greatest value, means and variances of the classes."""
    there = ~np.isnan(values)
    known, weight = values[there], member[there]
    overall = float(np.average(known, weights=weight.sum(axis=1)))
    spread = float(np.average((known - overall) ** 2, weights=weight.sum(axis=1)))
    per_class = weight.sum(axis=0)
    # A class without a value of its own says what all rows say, which tells it from no other.
    means = np.full(member.shape[1], overall)
    np.divide(known @ weight, per_class, out=means, where=per_class > 0)
    squares = ((known[:, None] - means) ** 2 * weight).sum(axis=0)
    variances = np.divide(squares, per_class, out=np.full(member.shape[1], spread), where=per_class > 0)
    least = LEAST_VARIANCE * spread if spread > 0 else 1.0
    return np.array([known.min(), known.max(), *means, *np.maximum(variances, least)])
