"""How rows become lessons: in memory where they fit, over files on disk where they do not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sartor.components import NUMBER
from sartor.context import Context
from sartor.rows import Training
from sartor.windows.answering import scratch_of
from sartor_plugins.keras.inputs import Inputs
from sartor_plugins.keras.lesson import Lesson, Scale, encoded, lesson_of
from sartor_plugins.keras.streaming import Streamed
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.fitting.answer import Target

DRAWN_ROWS = 200_000
"""Rows beyond memory by which columns are read."""
DRAWN_CELLS = 20_000_000
"""Numbers that these rows have at most, but for `FEWEST_DRAWN`."""
FEWEST_DRAWN = 10_000
PIECE_ROWS = 65_536
"""Rows that are encoded together."""
PIECE_CELLS = 4_000_000
"""Numbers that these rows have at most."""

See = Callable[[pd.DataFrame], pd.DataFrame]


def as_they_are(X: pd.DataFrame) -> pd.DataFrame:
    """Return features as they are."""
    return X


def shown(training: Training, seed: int, see: See) -> pd.DataFrame:
    """Return the features by which columns are read: of all rows, or of drawn ones where they do not fit in memory."""
    if not training.stored:
        return training.X
    fitting = max(FEWEST_DRAWN, DRAWN_CELLS // max(1, len(training.features)))
    drawn = training.drawn(min(DRAWN_ROWS, fitting), seed)
    # What is read of `training` itself would be held from then on.
    return see((drawn.take(np.arange(len(drawn))) if drawn is training else drawn).X)


def pieces_of(training: Training) -> Iterator[Training]:
    """Yield rows on disk piece by piece, fewer at a time where they are wide."""
    return training.pieces(max(1, min(PIECE_ROWS, PIECE_CELLS // max(1, len(training.features)))))


@contextmanager
def room_for(training: Training, context: Context) -> Iterator[Path | None]:
    """Hold a folder for rows that do not fit in memory; it is removed at the end, however that comes."""
    if not training.stored:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="rows-", dir=scratch_of(context), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@dataclass(frozen=True)
class Maker:
    """Makes lessons.

    Parameters
    ----------
    inputs : Inputs
    target : Target
        What is learned.
    scale : Scale
    see : callable
        Turns features that lie on disk into what `inputs` reads.
    seed : int
    folder : Path or None
        For rows that do not fit in memory.
    """

    inputs: Inputs
    target: Target
    scale: Scale
    see: See
    seed: int
    folder: Path | None

    def lesson(self, training: Training) -> Lesson:
        """Return rows to learn from."""
        return self._lesson("learn", training, self.target.y, self.target.weight)

    def held_out(self, validate: Training) -> Lesson | None:
        """Return rows held out; those of a class that no training row has say nothing, nor those of weight 0."""
        answer = self.target.answer
        if answer.answers == NUMBER and validate.weight is None:
            return self._lesson("held", validate, np.asarray(validate.y, dtype=np.float64), None)
        weight = np.ones(len(validate)) if validate.weight is None else np.asarray(validate.weight, dtype=np.float64)
        if answer.answers == NUMBER:
            rows, y = np.flatnonzero(weight > 0), np.asarray(validate.y, dtype=np.float64)
        else:
            # The last is of rows without a class.
            place = np.full(len(answer.classes) + 1, -1)
            place[list(answer.present)] = np.arange(len(answer.present))
            y = place[np.asarray(validate.y, dtype=np.int64)]
            rows = np.flatnonzero((y >= 0) & (weight > 0))
            weight = weight * np.array(answer.learned_weights)[y]
        if not len(rows):
            return None
        return self._lesson("held", validate.take(rows), y[rows], weight[rows])

    def _lesson(self, name: str, training: Training, y: FloatArray, weight: FloatArray | None) -> Lesson:
        number = self.target.is_number
        if not training.stored:
            return lesson_of(self.inputs, training.X, y, weight, self.scale, number=number)
        assert self.folder is not None, "rows beyond memory have a folder"
        folder = self.folder / name
        folder.mkdir()
        lesson = Streamed(folder, self.inputs, len(training), self.seed, number=number)
        mean, begin = 1.0 if weight is None else weight.mean(), 0
        for piece in pieces_of(training):
            some = slice(begin, begin + len(piece))
            counts = np.ones(len(piece)) if weight is None else weight[some] / mean
            lesson.add(*encoded(self.inputs, self.see(piece.X), y[some], counts, self.scale, number=number))
            begin += len(piece)
        return lesson
