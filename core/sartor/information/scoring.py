"""What an answer says of what came, in bits: the log score of each row, or else the task's own metric.

Probabilities: ``log2 p`` of the class that came. Nobody learns from n rows that something never happens: no
probability counts as less than 1 in ``2 (n + 1)``.

Numbers: the log density of the truth around the answer. Its form, normal or Laplace, and its width are those of the
errors on rows that the model did not learn from: the training part, split again by the recipe's own rule. No row that
judges has a say. A difference of two such scores does not depend on the unit of the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from sartor.components import NUMBER, PROBABILITY
from sartor.errors import PluginError
from sartor.evidence.sums import weighted_means
from sartor.stages.judging import measure_rounds

if TYPE_CHECKING:
    from sartor.components import Task
    from sartor.evidence.bootstrap import Redraws
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged
    from sartor.session import Session
    from sartor.stages.framing import Frame

Floats = NDArray[np.float64]
LN2 = float(np.log(2))


@dataclass(frozen=True)
class Spread:
    """How far answers are from the truth.

    Parameters
    ----------
    form : {"normal", "Laplace"}
    width : float
        Root of the mean square of the errors, or the mean of their sizes; above 0.

    Examples
    --------
    >>> errors = np.random.default_rng(0).normal(0, 2.0, 2000)
    >>> found = Spread.of(errors, np.array([0.0, 10.0]))
    >>> found.form, round(found.width, 1)
    ('normal', 2.0)
    """

    form: Literal["normal", "Laplace"]
    width: float

    @classmethod
    def of(cls, errors: Floats, truth: Floats) -> Spread:
        """Return the form and the width under which errors are likeliest.

        Parameters
        ----------
        errors : ndarray of shape (n_rows,)
            On rows that were not learned from.
        truth : ndarray
            Gives the least width: no answer is known to be right to more than nine digits.
        """
        least = 1e-9 * max(1e-9, float(np.std(truth)))
        normal = cls("normal", max(least, float(np.sqrt(np.mean(errors**2)))))
        laplace = cls("Laplace", max(least, float(np.mean(np.abs(errors)))))
        return max((normal, laplace), key=lambda spread: float(spread.log_density(errors).sum()))

    def log_density(self, errors: Floats) -> Floats:
        """Return the log density of errors, in nats."""
        normal: Floats = -0.5 * np.log(2 * np.pi * self.width**2) - 0.5 * (errors / self.width) ** 2
        laplace: Floats = -np.log(2 * self.width) - np.abs(errors) / self.width
        return normal if self.form == "normal" else laplace


@dataclass(frozen=True)
class Measure:
    """What answers are measured by.

    Parameters
    ----------
    in_bits : bool
    label : str
        ``bits``, or the name of the task's own metric.
    about : str
        How it is measured, in one sentence.
    metric : Metric or None
        The task's own, where it is not in bits.
    """

    in_bits: bool
    label: str
    about: str
    metric: Metric | None = None


def measure_of(task: Task, judged: Judged, metrics: Sequence[Metric]) -> Measure:
    """Return what a task's answers are measured by.

    Parameters
    ----------
    task : Task
    judged : Judged
        Some rows with answers, to see whether the task has a log score of its own.
    metrics : sequence of Metric
        The task's, the first of them compared.
    """
    if task.log_score(judged) is not None:
        return Measure(True, "bits", "log score of what came, in bits a row, as the task defines it")
    if task.answers == PROBABILITY:
        return Measure(True, "bits", "log score of the class that came, in bits a row")
    if task.answers == NUMBER:
        about = "log score of the number that came, in bits a row; spread of errors on rows held out inside training"
        return Measure(True, "bits", about)
    metric = next((one for one in metrics if one.better in ("higher", "lower")), metrics[0])
    return Measure(False, metric.label, f"{metric.label}, the task's own measure: its answers have no bits", metric)


def line_of(
    measure: Measure,
    task: Task,
    frame: Frame,
    predictions: Sequence[Any],
    redraws: Redraws,
    spreads: Sequence[Spread] = (),
) -> Floats:
    """Return how good answers are on the rows that judge and on redraws, shape (1 + n_redraws,); more is better.

    Parameters
    ----------
    measure : Measure
    task : Task
    frame : Frame
    predictions : sequence of DataFrame
        For each round's test rows.
    redraws : Redraws
    spreads : sequence of Spread
        For each round, where the answers are numbers.
    """
    if measure.metric is not None:
        judged = {"": [frame.judged(number, predicted) for number, predicted in enumerate(predictions)]}
        measured = measure_rounds(judged, [measure.metric], redraws, frame)[""][measure.metric.name]
        return -np.asarray(measure.metric.shortfall(np.append(measured.value, measured.draws)))
    scores = [
        _log_scores(task, frame.judged(number, predicted), spreads[number] if spreads else None)
        for number, predicted in enumerate(predictions)
    ]
    return means_of(np.concatenate(scores) / LN2, redraws)


def means_of(values: Floats, redraws: Redraws) -> Floats:
    """Return the mean of a number a row, on the rows and on their redraws, shape (1 + n_redraws,)."""
    drawn = [weighted_means(weights, values[None, :])[:, 0] for weights in redraws.blocks()]
    return np.concatenate([[values.mean()], *drawn])


def _log_scores(task: Task, judged: Judged, spread: Spread | None) -> Floats:
    own = task.log_score(judged)
    if own is not None:
        return _checked(task, np.asarray(own, dtype=np.float64), len(judged.rows))
    if spread is not None:
        errors = np.asarray(judged.truth, dtype=np.float64) - judged.predictions["number"].to_numpy(dtype=np.float64)
        return spread.log_density(errors)
    return _of_classes(judged)


def _of_classes(judged: Judged) -> Floats:
    learned = len(judged.learned_from) if judged.learned_from is not None else len(judged.rows)
    truth = np.asarray(judged.truth, dtype=np.int64)
    if len(judged.classes) == 2:
        positive = judged.predictions["probability"].to_numpy(dtype=np.float64)
        said = np.column_stack([1 - positive, positive])
    else:
        said = judged.predictions[[f"probability:{label}" for label in judged.classes]].to_numpy(dtype=np.float64)
    said = np.maximum(said, 1 / (2 * (learned + 1)))
    said = said / said.sum(axis=1, keepdims=True)
    scores: Floats = np.log(said[np.arange(len(truth)), truth])
    return scores


def _checked(task: Task, scores: Floats, rows: int) -> Floats:
    if scores.shape != (rows,) or not np.isfinite(scores).all():
        raise PluginError(
            f"task: '{type(task).__name__}' breaks the contract of log_score: one finite number is due for each of "
            f"{rows:,} rows",
            code="X021",
        )
    return scores


def spreads_of(session: Session, task: Task, frame: Frame, fit: Any) -> list[Spread]:
    """Return the spread of a model's errors for each round, from rows held out inside the training part.

    Where there are too few rows to hold any out, from the rows that it learned from.

    Parameters
    ----------
    session : Session
    task : Task
    frame : Frame
    fit : callable
        ``fit(training, held, number)`` gives predictions for other rows.
    """
    from sartor.errors import InputError

    found = []
    for number in range(len(frame.parts.rounds)):
        training = frame.round(number)[0]
        try:
            learn, held = training.inner()
        except InputError:
            learn = held = training
        predicted = fit(learn, held, number)
        truth = np.asarray(held.y, dtype=np.float64)
        found.append(Spread.of(truth - predicted["number"].to_numpy(dtype=np.float64), np.asarray(training.y)))
    return found
