"""The same answer for every row: the base rate, a mean, a median."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sartor.components import NUMBER, Fitted
from sartor.context import Context
from sartor.rows import Scoring, Training
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.fitting.answer import Answer, Target, target_of
from sartor_plugins.learn.fitting.stored import read_json, write_json, write_kind


class Constant(Fitted):
    """Answers alike for all.

    Parameters
    ----------
    answer : Answer
    values : sequence of float
        Shares of the present classes, or one number.
    """

    def __init__(self, answer: Answer, values: list[float]) -> None:
        self.answer, self.values = answer, values

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the one answer for each row."""
        if self.answer.answers == NUMBER:
            return self.answer.frame(np.full(len(scoring), self.values[0]))
        return self.answer.frame(np.tile(np.array(self.values), (len(scoring), 1)))

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return no contribution of any feature."""
        return pd.DataFrame(0.0, index=range(len(scoring)), columns=scoring.X.columns)

    def learned(self) -> dict[str, Any]:
        """Return the shares, or the number."""
        if self.answer.answers == NUMBER:
            return {"number": self.values[0]}
        labels = [self.answer.classes[place] for place in self.answer.present]
        return {"shares": dict(zip(labels, self.values, strict=True))}

    def save(self, folder: Path) -> None:
        """Write the answer as JSON."""
        write_kind(folder, "constant")
        write_json(folder, "answer.json", {"answer": self.answer.to_json(), "values": self.values})

    @classmethod
    def load(cls, folder: Path) -> Constant:
        """Return what was saved."""
        saved = read_json(folder, "answer.json")
        return cls(Answer.from_json(saved["answer"]), [float(value) for value in saved["values"]])


def constant_of(target: Target) -> Constant:
    """Return the base rate of a classification, or the mean of a regression."""
    if target.is_number:
        return Constant(target.answer, [float(np.average(target.y, weights=target.weight))])
    plain = Answer(target.answer.answers, target.answer.classes, target.answer.present)
    return Constant(plain, [float(share) for share in target.base])


def fit_base_rate(training: Training, context: Context) -> Constant:
    """Learn the shares of the classes."""
    return constant_of(target_of(training, context)[0])


def fit_mean(training: Training, context: Context) -> Constant:
    """Learn the mean."""
    return constant_of(target_of(training, context)[0])


def fit_median(training: Training, context: Context) -> Constant:
    """Learn the number that half of the weight lies below."""
    target, _ = target_of(training, context)
    return Constant(target.answer, [weighted_median(target.y, target.weights())])


def weighted_median(values: FloatArray, weights: FloatArray) -> float:
    """Return the median, each value counting as often as its weight says.

    Examples
    --------
    >>> weighted_median(np.array([1.0, 2.0, 9.0]), np.ones(3))
    2.0
    >>> weighted_median(np.array([1.0, 2.0]), np.ones(2))
    1.5
    >>> weighted_median(np.array([1.0, 2.0]), np.array([1.0, 3.0]))
    2.0
    """
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    half = below[-1] / 2
    low = values[order][np.searchsorted(below, half * (1 - 1e-12))]
    high = values[order][min(np.searchsorted(below, half * (1 + 1e-12)), len(values) - 1)]
    return float((low + high) / 2)
