"""Answers side by side with the keys of their rows: what is written, a line a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from sartor.predicting.pieces import Refused

if TYPE_CHECKING:
    from sartor.rows import Scoring


@dataclass(frozen=True)
class Part:
    """Rows that were scored together.

    Parameters
    ----------
    places : ndarray of int
        Where each row stands among the lines of its piece.
    scoring : Scoring
    answers : mapping of model to DataFrame
    """

    places: np.ndarray
    scoring: Scoring
    answers: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Answered:
    """Some rows with their answers, in the order in which they came.

    Parameters
    ----------
    lines : ndarray of int
        Where each row stood.
    keys : pyarrow.Table
    predictions : mapping of model to DataFrame
        NaN for lines that are no rows of the task.
    decisions : mapping of action to DataFrame
        Without ``__row``; empty where nothing was decided.
    parts : tuple of Part
        The rows themselves where an action has still to decide on all at once.
    refused : tuple of Refused
    """

    lines: np.ndarray
    keys: pa.Table
    predictions: Mapping[str, pd.DataFrame]
    decisions: Mapping[str, pd.DataFrame]
    parts: tuple[Part, ...] = ()
    refused: tuple[Refused, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def any_answer(self) -> bool:
        """Whether a line is a row of the task; what a model says beside its answer is not known before."""
        return any(frame.iloc[:, 0].notna().any() for frame in self.predictions.values())

    def table(self, model: str, decided_on: Mapping[str, str]) -> pa.Table:
        """Return keys, the answer of a model, and decisions, as one table.

        Parameters
        ----------
        model : str
            Whose answer is asked for.
        decided_on : mapping of action to model

        Returns
        -------
        pyarrow.Table
            A decision's column that repeats the answer it was made on stands there once. What two actions both have,
            and what has the name of a key, is told apart by ``ACTION: COLUMN`` and ``answer: COLUMN``.
        """
        columns: dict[str, pa.ChunkedArray] = dict(zip(self.keys.column_names, self.keys.columns, strict=True))
        answer = self.predictions[model]
        for name in answer.columns:
            columns[f"answer: {name}" if name in columns else str(name)] = _arrow(answer[name])
        for action, decisions in self.decisions.items():
            for name in decisions.columns:
                if decided_on[action] == model and name in answer.columns:
                    continue
                several = len(self.decisions) > 1 or name in columns
                columns[f"{action}: {name}" if several else str(name)] = _arrow(decisions[name])
        return pa.table(columns)


def _arrow(column: pd.Series) -> pa.ChunkedArray:
    array = pa.Array.from_pandas(column)
    if pa.types.is_null(array.type) or pa.types.is_large_string(array.type):
        array = array.cast(pa.string())
    return pa.chunked_array([array]) if isinstance(array, pa.Array) else array


def spread(frame: pd.DataFrame, places: np.ndarray, count: int) -> pd.DataFrame:
    """Return a frame with `count` lines, its own at their places and missing values elsewhere."""
    if len(places) == count and (places == np.arange(count)).all():
        return frame.reset_index(drop=True)
    return frame.set_axis(places).reindex(range(count))


def together(parts: Sequence[tuple[np.ndarray, pd.DataFrame]], count: int) -> pd.DataFrame:
    """Return frames put together, each line at its place."""
    if len(parts) == 1:
        return spread(parts[0][1], parts[0][0], count)
    joined = pd.concat([frame.set_axis(places) for places, frame in parts])
    return joined.reindex(range(count))
