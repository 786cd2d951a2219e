"""A lesson that does not fit in memory: rows are encoded once, scattered over files, and read by `tf.data`.

What is random, and what is not: for each row a file is drawn by itself, and each epoch goes through the files in a
drawn order, and through the rows of a file in a drawn order. A batch is thus a uniform draw of a uniform draw of all
rows, however the table is sorted, by time or by class. What full batches leave over of a file is mixed into the next,
so that only the last batch of an epoch is short, and each row teaches exactly once. Rows that lie in one file do so in
every epoch: they meet in a batch more often than others do, which would only matter if there were very few of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sartor_plugins.keras.inputs import Inputs
from sartor_plugins.keras.lesson import Lesson, Tensors, evenly
from sartor_plugins.keras.shards import Shards, Words

AHEAD = 1
"""Files that are read while another is learned from."""


class Streamed(Lesson):
    """Rows on disk.

    Parameters
    ----------
    folder : Path
        An empty one; whoever made it removes it.
    inputs : Inputs
    rows : int
        How many there will be.
    number : bool
        Whether the truth is a number, else a place among classes.
    seed : int
        Of the draw of files.
    """

    def __init__(self, folder: Path, inputs: Inputs, rows: int, seed: int, *, number: bool) -> None:
        self.width, self.categories = inputs.width, len(inputs.categories)
        self.truth = tf.float32 if number else tf.int32
        self.shards = Shards(folder, rows, self.width + self.categories + 2, seed)
        self._total, self._sizes = 0.0, np.zeros(self.width)
        self._counts = [np.zeros(part.codes, dtype=np.int64) for part in inputs.categories]
        self._evenly, self._some = evenly(rows), [np.zeros((0, self.shards.width), dtype=np.uint32)]
        self._plan: tuple[int, int] | None = None
        self._failures: list[Exception] = []
        self._data = self._dataset()

    def add(self, numbers: NDArray[np.float32], codes: NDArray[np.int32], y: Any, weight: NDArray[np.float32]) -> None:
        """Take some more rows, as `sartor_plugins.keras.lesson.encoded` returns them."""
        if not len(y):
            return
        columns = (numbers, codes, y[:, None], weight[:, None])
        words = np.hstack([np.ascontiguousarray(values).view(np.uint32) for values in columns])
        begin = len(self.shards)
        places = self._evenly[np.searchsorted(self._evenly, begin) : np.searchsorted(self._evenly, begin + len(y))]
        self._some.append(words[places - begin])
        self._total += float(weight.sum(dtype=np.float64))
        self._sizes = np.maximum(self._sizes, np.abs(numbers).max(axis=0))
        for place, before in enumerate(self._counts):
            self._counts[place] = before + np.bincount(codes[:, place], minlength=len(before))
        self.shards.add(words)

    @property
    def about(self) -> dict[str, Any]:
        """What it takes to learn from them in another process, as JSON types."""
        number = self.truth == tf.float32
        return {"number": number, "total": self._total, "sizes": self._sizes.tolist(), "shards": self.shards.about}

    @classmethod
    def opened(cls, folder: Path, inputs: Inputs, about: Mapping[str, Any]) -> Streamed:
        """Return what another process wrote, to be learned from; what is in it by code is known there only."""
        lesson = cls(folder, inputs, 0, 0, number=bool(about["number"]))
        lesson.shards = Shards.opened(folder, lesson.shards.width, about["shards"])
        lesson._total, lesson._sizes = float(about["total"]), np.array(about["sizes"], dtype=np.float64)
        return lesson

    def __len__(self) -> int:
        return len(self.shards)

    def epoch(self, rng: np.random.Generator, batch: int) -> Iterator[tuple[Tensors, NDArray[np.int32]]]:
        """Yield the rows of each file, what was left over of the one before among them, and an order."""
        for *rows, order in self._read((int(rng.integers(0, 2**63 - 1)), batch)):
            yield rows, order.numpy()

    def chunks(self) -> Iterator[Tensors]:
        """Yield the rows of each file."""
        for *rows, _ in self._read(None):
            yield rows

    @property
    def identity(self) -> list[Any]:
        """A digest of all rows, in the order in which they came."""
        return [self.shards.digest]

    @property
    def total(self) -> float:
        """The sum of all weights."""
        return self._total

    def sizes(self) -> NDArray[np.float64]:
        """Return the largest size of each number."""
        return self._sizes

    def counts(self, place: int, codes: int) -> NDArray[np.int64]:
        """Return how often each code of a category is there."""
        return self._counts[place]

    def some(self) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
        """Return numbers, codes and weights of some rows."""
        numbers, codes, _, weight = self._columns(np.concatenate(self._some))
        return numbers, codes, weight

    def _dataset(self) -> tf.data.Dataset:
        """Return what reads files in a thread of its own, while others are learned from."""
        signature = (
            tf.TensorSpec((None, self.width), tf.float32),
            tf.TensorSpec((None, self.categories), tf.int32),
            tf.TensorSpec((None,), self.truth),
            tf.TensorSpec((None,), tf.float32),
            tf.TensorSpec((None,), tf.int32),
        )
        return tf.data.Dataset.from_generator(self._elements, output_signature=signature).prefetch(AHEAD)

    def _read(self, plan: tuple[int, int] | None) -> Iterator[tuple[Any, ...]]:
        self._plan, self._failures = plan, []
        try:
            yield from self._data
        except tf.errors.OpError as error:
            # TensorFlow tells a text only.
            raise (self._failures or [error])[0] from None

    def _elements(self) -> Iterator[tuple[NDArray[Any], ...]]:
        try:
            yield from self._in_order() if self._plan is None else self._drawn(*self._plan)
        except Exception as error:
            self._failures.append(error)
            raise

    def _in_order(self) -> Iterator[tuple[NDArray[Any], ...]]:
        for place in range(self.shards.count):
            yield *self._columns(self.shards.read(place)), np.zeros(0, dtype=np.int32)

    def _drawn(self, seed: int, batch: int) -> Iterator[tuple[NDArray[Any], ...]]:
        rng = np.random.default_rng(seed)
        over = np.zeros((0, self.shards.width), dtype=np.uint32)
        for at, place in enumerate(rng.permutation(self.shards.count), 1):
            read = self.shards.read(place)
            rows = np.concatenate([over, read]) if len(over) else read
            order = rng.permutation(len(rows)).astype(np.int32)
            whole = len(rows) if at == self.shards.count else len(rows) - len(rows) % batch
            over = rows[order[whole:]]
            if whole:
                yield *self._columns(rows), order[:whole]

    def _columns(self, rows: Words) -> tuple[NDArray[Any], ...]:
        ends = (self.width, self.width + self.categories)
        return (
            rows[:, : ends[0]].view(np.float32),
            rows[:, ends[0] : ends[1]].view(np.int32),
            rows[:, ends[1]].view(self.truth.as_numpy_dtype),
            rows[:, ends[1] + 1].view(np.float32),
        )
