"""What a network learns from, as arrays: rows to learn from and rows held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sartor.components import NUMBER
from sartor.rows import Training
from sartor_plugins.keras.inputs import Inputs
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.fitting.answer import Target


@dataclass(frozen=True)
class Scale:
    """How a number is brought to one scale for learning, and back.

    Parameters
    ----------
    centre, spread : float

    Examples
    --------
    >>> scale = Scale(500.0, 200.0)
    >>> scale.down(np.array([700.0])).tolist(), scale.up(np.array([1.0])).tolist()
    ([1.0], [700.0])
    """

    centre: float = 0.0
    spread: float = 1.0

    def down(self, numbers: FloatArray) -> FloatArray:
        """Return numbers on the scale of learning."""
        return (numbers - self.centre) / self.spread

    def up(self, numbers: FloatArray) -> FloatArray:
        """Return numbers in their own unit."""
        return numbers * self.spread + self.centre


def scale_of(target: Target) -> Scale:
    """Learn the scale of a number from training rows: weighted mean and deviation.

    Examples
    --------
    >>> from sartor_plugins.learn.fitting.answer import Answer
    >>> scale_of(Target(np.array([100.0, 500.0]), None, Answer(NUMBER), np.empty(0)))
    Scale(centre=300.0, spread=200.0)
    """
    if not target.is_number:
        return Scale()
    largest = float(np.abs(target.y).max()) or 1.0
    inside = target.y / largest
    centre = float(np.average(inside, weights=target.weight))
    spread = float(np.sqrt(np.average((inside - centre) ** 2, weights=target.weight)))
    return Scale(centre * largest, spread * largest if spread > 1e-12 else 1.0)


@dataclass(frozen=True, eq=False)
class Lesson:
    """Rows as a network takes them.

    Parameters
    ----------
    numbers : ndarray of shape (n_rows, width), float32
    codes : ndarray of shape (n_rows, n_categories), int32
    y : ndarray of shape (n_rows,)
        float32 on the scale of learning, or int32 places among the classes.
    weight : ndarray of shape (n_rows,), float32
        1 on average.
    """

    numbers: NDArray[np.float32]
    codes: NDArray[np.int32]
    y: Any
    weight: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.y)

    @property
    def parts(self) -> tuple[NDArray[Any], ...]:
        """Its arrays, in the order in which a trainer takes them."""
        return self.numbers, self.codes, self.y, self.weight


def lesson_of(inputs: Inputs, X: Any, y: Any, weight: FloatArray | None, scale: Scale, *, number: bool) -> Lesson:
    """Encode rows."""
    numbers, codes = inputs.encode(X)
    truth = scale.down(np.asarray(y, dtype=np.float64)).astype(np.float32) if number else np.asarray(y, dtype=np.int32)
    counts = np.ones(len(truth)) if weight is None else weight / weight.mean()
    return Lesson(numbers.astype(np.float32), codes, truth, counts.astype(np.float32))


def held_out(inputs: Inputs, validate: Training, target: Target, scale: Scale) -> Lesson | None:
    """Encode the rows held out; those of a class that no training row has say nothing, nor those of weight 0."""
    weight = np.ones(len(validate)) if validate.weight is None else np.asarray(validate.weight, dtype=np.float64)
    if target.answer.answers == NUMBER:
        rows, y = np.flatnonzero(weight > 0), np.asarray(validate.y, dtype=np.float64)
    else:
        place = {known: at for at, known in enumerate(target.answer.present)}
        y = np.array([place.get(int(truth), -1) for truth in validate.y], dtype=np.int64)
        rows = np.flatnonzero((y >= 0) & (weight > 0))
        weight = weight * np.array(target.answer.learned_weights)[y]
    if not len(rows):
        return None
    return lesson_of(
        inputs,
        validate.X.iloc[rows].reset_index(drop=True),
        y[rows],
        weight[rows],
        scale,
        number=target.is_number,
    )
