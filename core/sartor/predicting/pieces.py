"""Pieces of new data: some rows in the order in which they came, in the columns that the run's own table had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sartor.errors import InputError, Problem, nearest
from sartor.predicting.values import arrow_type, check_kind, type_word

ROWS = 1 << 16
"""Most rows of a piece."""


@dataclass(frozen=True)
class Wanted:
    """What is taken of new data for a table; other columns are ignored.

    Parameters
    ----------
    table : str
    columns : mapping of column to type
        As they were when the run read them.
    required : mapping of column to str
        Those without which nothing can be answered, and what they are.
    whole : frozenset of str
        Columns whose whole numbers must not pass through decimals: keys, names of users and items.
    moment : str or None
        Column of the moment at which a row is asked; where it is missing, a row is asked now.
    """

    table: str
    columns: Mapping[str, str]
    required: Mapping[str, str] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    moment: str | None = None

    def check_names(self, names: Sequence[str], shown: str) -> None:
        """Refuse new data that lacks what is required, all of it in one go.

        Raises
        ------
        InputError
        """
        missing = [column for column in self.required if column not in names]
        if not missing:
            return
        if len(names) == 1 and any(sign in names[0] for sign in ",;\t|"):
            raise InputError(
                f"{shown} has one column only, '{names[0][:60]}': its fields are separated by another sign than was "
                "looked for",
                code="D160",
                hints=(("to mend", "write it with the sign that the run's own data had, or with commas"),),
            )
        raise InputError([self.missing(column, names, shown) for column in missing])

    def missing(self, column: str, names: Sequence[str], shown: str) -> Problem:
        """Return the problem of a required column that is not there."""
        what = self.required[column]
        return Problem("D160", f"{shown} has no column '{column}', {what}", hints=nearest(column, names))


@dataclass(frozen=True)
class Refused:
    """A line that cannot be answered, and why."""

    line: int
    problem: Problem


@dataclass(frozen=True)
class Piece:
    """Some rows of new data.

    Parameters
    ----------
    data : pyarrow.Table
        Columns that are wanted, as far as they are there.
    lines : ndarray of int
        Where each row stands: its number in a file or frame, its line in a stream; from 1, rising.
    refused : tuple of Refused
        Lines that could not be read, among those of the rows.
    """

    data: pa.Table
    lines: np.ndarray
    refused: tuple[Refused, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, places: np.ndarray) -> Piece:
        """Return some of the rows, without what was refused."""
        return Piece(self.data.take(pa.array(places)), self.lines[places])


class Source(Protocol):
    """Where new data comes from.

    Attributes
    ----------
    shown : str
        What a user calls it.
    streamed : bool
        Whether rows come one by one, each to be answered before the next one is there.
    """

    shown: str
    streamed: bool

    def pieces(self) -> Iterator[Piece]:
        """Yield its rows in order; a second call begins anew, where it can."""


def conformed(data: pa.Table, wanted: Wanted, shown: str, infinite: Counter[str]) -> pa.Table:
    """Return some rows in the columns and types that the run's own table had.

    Parameters
    ----------
    data : pyarrow.Table
    wanted : Wanted
    shown : str
        What the data is called in messages.
    infinite : Counter
        Counts by column the infinite values that were read as missing.

    Raises
    ------
    InputError
        If a column is missing, or holds something else than it did.
    """
    wanted.check_names(data.column_names, shown)
    columns = {
        name: _column(data[name], kind, wanted, name, shown, infinite)
        for name, kind in wanted.columns.items()
        if name in data.column_names
    }
    return pa.table(columns) if columns else data.select([])


def _column(
    column: pa.ChunkedArray, kind: str, wanted: Wanted, name: str, shown: str, infinite: Counter[str]
) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    known = arrow_type(kind) if kind in ("integer", "number", "boolean", "date", "datetime", "text") else column.type
    if column.null_count == len(column):
        # Nothing but missing values has no type of its own: pandas calls it a number, Arrow calls it nothing.
        return pa.chunked_array([pa.nulls(len(column), known)])
    if pa.types.is_floating(column.type):
        column = _finite(column, name, infinite)
    check_kind(shown, name, type_word(column.type), kind)
    if kind == "integer" and pa.types.is_floating(column.type) and name not in wanted.whole:
        return _whole_again(column)
    return column


def _finite(column: pa.ChunkedArray, name: str, infinite: Counter[str]) -> pa.ChunkedArray:
    wrong = pc.fill_null(pc.is_inf(column), fill_value=False)
    found = pc.sum(wrong).as_py() or 0
    if not found:
        return column
    infinite[name] += found
    return pc.if_else(wrong, pa.scalar(None, column.type), column)


def _whole_again(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return numbers as whole ones, as the run's own were, where all of them are."""
    numbers = column.to_numpy()
    known = numbers[~np.isnan(numbers)]
    if (np.abs(known) >= 2**53).any() or (known != np.floor(known)).any():
        return column
    return pc.cast(pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column), pa.int64())
