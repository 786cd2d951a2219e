"""The form of an answer: the columns of predictions, and the target that a model learns from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import NUMBER, PROBABILITY
from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import Training
from sartor.wording import plural
from sartor_plugins.learn.encoding.columns import FloatArray, PlaceArray


@dataclass(frozen=True)
class Answer:
    """How a model's raw output becomes predictions.

    Parameters
    ----------
    answers : {"probability", "number"}
    classes : tuple of str
        Labels in the task's order.
    present : tuple of int
        Places of the classes that had training rows: the columns of the raw output.
    learned_weights : tuple of float
        How many times more each present class counted in learning than it is there; probabilities are turned back.
    """

    answers: str
    classes: tuple[str, ...] = ()
    present: tuple[int, ...] = ()
    learned_weights: tuple[float, ...] = ()

    def frame(self, raw: FloatArray) -> pd.DataFrame:
        """Return predictions.

        Parameters
        ----------
        raw : ndarray of shape (n_rows, n_present) or (n_rows,)
            Probabilities of the present classes, or numbers.

        Examples
        --------
        >>> answer = Answer("probability", ("good", "bad"), (0, 1), (1.0, 3.0))
        >>> answer.frame(np.array([[0.25, 0.75]]))["probability"].tolist()
        [0.5]
        """
        if self.answers == NUMBER:
            return pd.DataFrame({NUMBER: raw})
        shares = raw / np.array(self.learned_weights) if self.learned_weights else raw
        full = np.zeros((len(raw), len(self.classes)))
        full[:, list(self.present)] = shares
        return probability_frame(full, self.classes)

    def to_json(self) -> dict[str, Any]:
        """Return the answer's form as JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Answer:
        """Return the form that was written."""
        return cls(
            str(saved["answers"]),
            tuple(map(str, saved["classes"])),
            tuple(map(int, saved["present"])),
            tuple(map(float, saved["learned_weights"])),
        )


def probability_frame(shares: FloatArray, classes: tuple[Any, ...]) -> pd.DataFrame:
    """Return probabilities that sum to 1, in the columns of the contract.

    Parameters
    ----------
    shares : ndarray of shape (n_rows, n_classes), each at least 0
    classes : tuple
        Labels, the positive one last.

    Examples
    --------
    >>> probability_frame(np.array([[1.0, 3.0]]), ("no", "yes")).to_dict("records")
    [{'probability': 0.75}]
    >>> probability_frame(np.array([[1.0, 1.0, 2.0]]), ("a", "b", "c")).columns.tolist()
    ['probability:a', 'probability:b', 'probability:c']
    """
    total = shares.sum(axis=1, keepdims=True)
    # Where nothing speaks for any class, all are equally likely.
    even = np.full_like(shares, 1 / shares.shape[1])
    probabilities = np.clip(np.divide(shares, total, out=even, where=total > 0), 0, 1)
    if len(classes) == 2:
        return pd.DataFrame({PROBABILITY: probabilities[:, 1]})
    return pd.DataFrame(probabilities, columns=[f"{PROBABILITY}:{label}" for label in classes])


def probability_matrix(predictions: pd.DataFrame, classes: tuple[Any, ...]) -> FloatArray:
    """Return the probability of every class, shape (n_rows, n_classes).

    Examples
    --------
    >>> probability_matrix(pd.DataFrame({"probability": [0.75]}), ("no", "yes")).tolist()
    [[0.25, 0.75]]
    """
    if len(classes) == 2:
        positive = predictions[PROBABILITY].to_numpy(dtype=np.float64)
        return np.column_stack([1 - positive, positive])
    columns = [f"{PROBABILITY}:{label}" for label in classes]
    return np.asarray(predictions[columns].to_numpy(dtype=np.float64))


@dataclass(frozen=True)
class Target:
    """What a model learns: truth and weights of the rows that count.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Place among the present classes, or the number.
    weight : ndarray of shape (n_rows,), optional
        None where all rows count the same.
    answer : Answer
    base : ndarray of shape (n_present,)
        Weighted shares of the present classes, before any class weights; empty in a regression.
    """

    y: Any
    weight: FloatArray | None
    answer: Answer
    base: FloatArray

    @property
    def is_number(self) -> bool:
        """Whether a number is asked for."""
        return self.answer.answers == NUMBER

    @property
    def n_classes(self) -> int:
        """How many classes had training rows."""
        return len(self.answer.present)

    def weights(self) -> FloatArray:
        """Return a weight for each row."""
        return np.ones(len(self.y)) if self.weight is None else self.weight

    def take(self, places: PlaceArray) -> Target:
        """Return the target of some rows."""
        return replace(self, y=self.y[places], weight=None if self.weight is None else self.weight[places])


def target_of(training: Training, context: Context, class_weights: str = "none") -> tuple[Target, Training]:
    """Return what to learn, and the training rows that count.

    Parameters
    ----------
    training : Training
    context : Context
        Hears which classes have no training row.
    class_weights : {"none", "balanced"}

    Raises
    ------
    InputError
        If there is no row, a truth is missing, or a weight is negative or missing.
    """
    training = _counting(training)
    if training.answers == NUMBER:
        y = np.asarray(training.y, dtype=np.float64)
        if not np.isfinite(y).all():
            raise InputError(f"{_rows_have(~np.isfinite(y))} no finite number as truth", code="D075")
        return Target(y, training.weight, Answer(NUMBER), np.empty(0)), training
    places = np.asarray(training.y, dtype=np.int64)
    if (places < 0).any():
        raise InputError(f"{_rows_have(places < 0)} no class", code="D075")
    present, place_of = np.unique(places, return_inverse=True)
    absent = [str(label) for place, label in enumerate(training.classes) if place not in present]
    if absent:
        context.note(f"no training row has the class {', '.join(absent)}: its probability is 0", caution=True)
    weight = training.weight
    factors: FloatArray = np.ones(len(present))
    by_class = np.bincount(place_of, weights=weight, minlength=len(present)).astype(np.float64)
    if class_weights == "balanced":
        factors = np.asarray(by_class.sum() / (len(present) * by_class), dtype=np.float64)
        weight = factors[place_of] if weight is None else weight * factors[place_of]
    answer = Answer(
        PROBABILITY,
        tuple(map(str, training.classes)),
        tuple(int(place) for place in present),
        tuple(float(factor) for factor in factors),
    )
    return Target(place_of, weight, answer, by_class / by_class.sum()), training


def _rows_have(which: NDArray[np.bool_]) -> str:
    return plural(int(which.sum()), "training row has", "training rows have")


def _counting(training: Training) -> Training:
    """Leave out rows of weight 0: to some algorithms they are rows all the same."""
    weight = training.weight
    if weight is not None:
        if not (np.isfinite(weight) & (weight >= 0)).all():
            raise InputError(
                "a weight must be a number of at least 0, and "
                f"{_rows_have(~(np.isfinite(weight) & (weight >= 0)))} none such",
                code="D078",
            )
        if (weight == 0).any():
            training = training.take(weight > 0)
    if not len(training):
        raise _no_row(0 if weight is None else len(weight))
    return training


def _no_row(weightless: int) -> InputError:
    said = "there is no row to learn from"
    if not weightless:
        return InputError(said, code="D075")
    has = plural(weightless, "training row has", "training rows have")
    mend = "give rows that are to teach a weight above 0, or name another column as weight"
    return InputError(f"{said}: {has} a weight of 0, and none another", code="D075", hints=(("to mend", mend),))
