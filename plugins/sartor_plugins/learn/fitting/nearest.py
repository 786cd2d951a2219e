"""Nearest neighbours by squared distance, block by block."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor.wording import plural
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import Encoder, mixed
from sartor_plugins.learn.fitting.answer import Answer
from sartor_plugins.learn.fitting.encoded import Lesson, fit_encoded
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, write_arrays

if TYPE_CHECKING:
    from sartor_plugins.learn.models.nearest import Nearest as Settings

BLOCK = 4_000_000
"""Distances that are held at once."""
MANY = 100_000
"""Training rows above which the user is warned: time grows with their number at every answer."""
ALIKE = 1e-9
"""Distances that differ by less, relative to their size, are the same: the rest is rounding."""


class Nearest:
    """Training rows and what is known of them.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_columns)
    truth : ndarray of shape (n_rows, n_outputs)
        Membership of each class, or the number.
    weight : ndarray of shape (n_rows,)
    base : ndarray of shape (n_outputs,)
        What one more neighbour answers; empty for numbers.
    neighbours : int
    by_distance : bool
    """

    kind: ClassVar[str] = "nearest"

    def __init__(
        self,
        rows: FloatArray,
        truth: FloatArray,
        weight: FloatArray,
        base: FloatArray,
        neighbours: int,
        by_distance: bool,
    ) -> None:
        self.rows, self.truth, self.weight, self.base = rows, truth, weight, base
        self.neighbours, self.by_distance = neighbours, by_distance

    def raw(self, matrix: FloatArray) -> FloatArray:
        """Return probabilities or numbers."""
        answers = np.empty((len(matrix), self.truth.shape[1]))
        lengths = (self.rows**2).sum(axis=1)
        step = max(1, BLOCK // len(self.rows))
        for start in range(0, len(matrix), step):
            block = matrix[start : start + step]
            size = (block**2).sum(axis=1)[:, None]
            distance = np.maximum(size + lengths - 2 * block @ self.rows.T, 0)
            answers[start : start + step] = self._answer(distance, size + lengths.max())
        return answers if len(self.base) else answers[:, 0]

    def _answer(self, distance: FloatArray, size: FloatArray) -> FloatArray:
        """Answer from squared distances; `size` is the scale of their rounding."""
        last = min(self.neighbours, len(self.rows)) - 1
        border = np.partition(distance, last, axis=1)[:, last : last + 1]
        slack = ALIKE * size
        closer = distance < border - slack
        level = ~closer & (distance <= border + slack)
        left = self.neighbours - closer.sum(axis=1, keepdims=True)
        votes = closer + level * np.minimum(1.0, left / level.sum(axis=1, keepdims=True))
        if self.by_distance:
            # A row that is equal to the one asked counts very much, yet not infinitely: there may be several.
            votes /= np.sqrt(np.maximum(distance, slack)) + np.sqrt(slack)
            votes *= self.neighbours / votes.sum(axis=1, keepdims=True)
        votes *= self.weight
        total = votes.sum(axis=1, keepdims=True)
        if len(self.base):
            return np.asarray((votes @ self.truth + self.base) / (total + 1), dtype=np.float64)
        return np.asarray(votes @ self.truth / total, dtype=np.float64)

    def contributions(self, matrix: FloatArray) -> FloatArray | None:
        """Return None: neighbours have no additive contributions."""
        return None

    def learned(self, encoder: Encoder, answer: Answer) -> dict[str, Any]:
        """Return how many rows are asked of how many."""
        return {"neighbours": min(self.neighbours, len(self.rows)), "training rows": len(self.rows)}

    def save(self, folder: Path) -> None:
        """Write the arrays."""
        write_arrays(
            folder,
            "rows.npz",
            rows=self.rows,
            truth=self.truth,
            weight=self.weight,
            base=self.base,
            asked=np.array([self.neighbours, int(self.by_distance)]),
        )

    @classmethod
    def load(cls, folder: Path) -> Nearest:
        """Return what was saved."""
        found = read_arrays(folder, "rows.npz")
        try:
            asked = found["asked"]
            return cls(found["rows"], found["truth"], found["weight"], found["base"], int(asked[0]), bool(asked[1]))
        except KeyError as error:
            raise damaged(folder / "rows.npz", f"no array {error}") from error


def fit_nearest(settings: Settings, training: Training, context: Context) -> Fitted:
    """Fit `learn.nearest`."""

    def learn(lesson: Lesson) -> Nearest:
        target = lesson.target
        if settings.neighbours > len(lesson.matrix):
            counted = plural(len(lesson.matrix), "training row is", "training rows are")
            context.note(f"{counted} fewer than {settings.neighbours} neighbours")
        if len(lesson.matrix) > MANY:
            context.note(
                f"each answer looks at all {len(lesson.matrix):,} training rows; other models answer faster",
                caution=True,
            )
        truth = target.y[:, None] if target.is_number else np.eye(target.n_classes)[target.y]
        weight = target.weights() / target.weights().mean()
        return Nearest(
            lesson.matrix,
            np.asarray(truth, dtype=np.float64),
            weight,
            target.base,
            settings.neighbours,
            settings.weigh == "distance",
        )

    encode = partial(mixed, scale=settings.scale, max_levels=settings.max_levels, min_rows=settings.min_rows)
    return fit_encoded(training, context, encode=encode, learn=learn)
