"""What a network learns from, as arrays of 32 bits; those of rows beyond memory are in `streaming`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sartor_plugins.keras.inputs import Inputs
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.fitting.answer import Target

Tensors: TypeAlias = list[Any]
"""Numbers, codes, truth and weights of some rows."""
AT_ONCE = 2**20
"""Numbers that are added up together."""
SOME = 10_000
"""Rows that the average row is taken from."""


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
    >>> scale_of(Target(np.array([100.0, 500.0]), None, Answer("number"), np.empty(0)))
    Scale(centre=300.0, spread=200.0)
    """
    if not target.is_number:
        return Scale()
    largest = max(float(target.y.max()), -float(target.y.min())) or 1.0
    centre = _mean(target, lambda y: y / largest)
    spread = float(np.sqrt(_mean(target, lambda y: (y / largest - centre) ** 2)))
    return Scale(centre * largest, spread * largest if spread > 1e-12 else 1.0)


def _mean(target: Target, of: Callable[[FloatArray], FloatArray]) -> float:
    """Return the weighted mean of something of each number, some at a time: beyond memory even one more each is much.

    Examples
    --------
    >>> from sartor_plugins.learn.fitting.answer import Answer
    >>> _mean(Target(np.array([1.0, 3.0]), np.array([3.0, 1.0]), Answer("number"), np.empty(0)), np.square)
    3.0
    """
    total = count = 0.0
    for start in range(0, len(target.y), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        values, weight = of(target.y[some]), None if target.weight is None else target.weight[some]
        total += float((values if weight is None else values * weight).sum())
        count += len(values) if weight is None else float(weight.sum())
    return total / count


class Lesson(ABC):
    """Rows as a network takes them, wherever they are: a course asks for all of them once in each epoch.

    Rows come as tensors: numbers, codes, truth on the scale of learning or places among the classes, and weights, of
    which the average is 1.
    """

    @abstractmethod
    def __len__(self) -> int:
        """Return how many rows there are."""

    @abstractmethod
    def epoch(self, rng: np.random.Generator, batch: int) -> Iterator[tuple[Tensors, NDArray[np.int32]]]:
        """Yield all rows once, in a drawn order: some rows, and the order in which they are to be learned from.

        Whatever is yielded, but for the last, makes whole batches.
        """

    @abstractmethod
    def chunks(self) -> Iterator[Tensors]:
        """Yield all rows once, some at a time, to be judged."""

    @property
    @abstractmethod
    def identity(self) -> list[Any]:
        """What no other lesson has in common with it, see `sartor_plugins.keras.resuming.name_of`."""

    @property
    @abstractmethod
    def total(self) -> float:
        """The sum of all weights."""

    @abstractmethod
    def sizes(self) -> NDArray[np.float64]:
        """Return the largest size of each number."""

    @abstractmethod
    def counts(self, place: int, codes: int) -> NDArray[np.int64]:
        """Return how often each code of a category is there."""

    @abstractmethod
    def some(self) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
        """Return numbers, codes and weights of some thousand rows, evenly chosen."""


@dataclass(frozen=True, eq=False)
class InMemory(Lesson):
    """Rows that are held in memory.

    Each epoch goes through them in an order of its own, every order as likely as any other.

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

    @cached_property
    def _tensors(self) -> Tensors:
        return [tf.constant(values) for values in self.identity]

    def epoch(self, rng: np.random.Generator, batch: int) -> Iterator[tuple[Tensors, NDArray[np.int32]]]:
        """Yield all rows, and an order."""
        yield self._tensors, rng.permutation(len(self)).astype(np.int32)

    def chunks(self) -> Iterator[Tensors]:
        """Yield all rows."""
        yield self._tensors

    @property
    def identity(self) -> list[Any]:
        """Its arrays, in the order in which a trainer takes them."""
        return [self.numbers, self.codes, self.y, self.weight]

    @property
    def total(self) -> float:
        """The sum of all weights."""
        return float(self.weight.sum(dtype=np.float64))

    def sizes(self) -> NDArray[np.float64]:
        """Return the largest size of each number."""
        return np.asarray(np.abs(self.numbers).max(axis=0), dtype=np.float64)

    def counts(self, place: int, codes: int) -> NDArray[np.int64]:
        """Return how often each code of a category is there."""
        return np.bincount(self.codes[:, place], minlength=codes)

    def some(self) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
        """Return numbers, codes and weights of some rows."""
        places = evenly(len(self))
        return self.numbers[places], self.codes[places], self.weight[places]


def evenly(rows: int) -> NDArray[np.int64]:
    """Return the places of some thousand rows, evenly chosen.

    Examples
    --------
    >>> evenly(3).tolist(), len(evenly(25_000)), evenly(25_000)[-2:].tolist()
    ([0, 1, 2], 10000, [24996, 24999])
    """
    return np.unique(np.linspace(0, rows - 1, min(SOME, rows)).astype(np.int64))


def lesson_of(inputs: Inputs, X: Any, y: Any, weight: FloatArray | None, scale: Scale, *, number: bool) -> InMemory:
    """Encode rows that are held in memory."""
    counts = np.ones(len(y)) if weight is None else weight / weight.mean()
    return InMemory(*encoded(inputs, X, y, counts, scale, number=number))


def encoded(
    inputs: Inputs, X: Any, y: Any, counts: FloatArray, scale: Scale, *, number: bool
) -> tuple[NDArray[np.float32], NDArray[np.int32], Any, NDArray[np.float32]]:
    """Return numbers, codes, truth and weights as a network takes them."""
    numbers, codes = inputs.encode(X)
    truth = scale.down(np.asarray(y, dtype=np.float64)).astype(np.float32) if number else np.asarray(y, dtype=np.int32)
    return numbers.astype(np.float32), codes, truth, counts.astype(np.float32)
