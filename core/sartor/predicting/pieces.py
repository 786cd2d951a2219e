"""Pieces of new data: some rows in the order in which they came, in the columns that the run's own table had."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sartor.errors import InputError, Problem, nearest
from sartor.predicting.values import arrow_type, check_kind, is_plain, type_word

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
    open : frozenset of str
        Columns that the contract reads as their type, whatever comes.
    moment : str or None
        Column of the moment at which a row is asked; where it is missing, a row is asked now.
    hides : bool
        Whether there are values that nobody may see: what looks like a header may hold them.
    """

    table: str
    columns: Mapping[str, str]
    required: Mapping[str, str] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    moment: str | None = None
    hides: bool = False

    def told(self, names: Sequence[str]) -> bool:
        """Tell whether names may be told: they are names if one of them is known."""
        return not self.hides or any(name in self.columns for name in names)

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
            parts = [part.strip(' "') for part in re.split("[,;\t|]", names[0])]
            named = f", '{names[0][:60]}'" if self.told(parts) else ""
            raise InputError(
                f"{shown} has one column only{named}: its fields are separated by another sign than was looked for",
                code="D160",
                hints=(("to mend", "write it with the sign that the run's own data had, or with commas"),),
            )
        raise InputError([self.missing(column, names, shown) for column in missing])

    def missing(self, column: str, names: Sequence[str], shown: str) -> Problem:
        """Return the problem of a column that is not there."""
        what = self.required.get(column, "which the run's own table had")
        hints = nearest(column, names)
        if not self.told(names):
            hints = (("perhaps", "the first line holds values and no names: let it begin with a header"),)
        return Problem("D160", f"{shown} has no column '{column}', {what}", hints=hints)


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
    unanswered : ndarray of bool or None
        Rows that are not answered, by the guard; None before it.
    """

    data: pa.Table
    lines: np.ndarray
    refused: tuple[Refused, ...] = ()
    unanswered: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, places: np.ndarray) -> Piece:
        """Return some of the rows, without what was refused."""
        return Piece(self.data.take(pa.array(places)), self.lines[places])


class Source(Protocol):
    """Where new data comes from."""

    @property
    def shown(self) -> str:
        """What a user calls it."""

    @property
    def streamed(self) -> bool:
        """Whether rows come one by one, each to be answered before the next one is there."""

    def pieces(self) -> Iterator[Piece]:
        """Yield its rows in order; a second call begins anew, where it can."""


def conformed(data: pa.Table, wanted: Wanted, shown: str) -> pa.Table:
    """Return some rows in the columns and types that the run's own table had.

    Parameters
    ----------
    data : pyarrow.Table
    wanted : Wanted
    shown : str
        What the data is called in messages.

    Raises
    ------
    InputError
        If a column is missing, or holds something else than it did.
    """
    wanted.check_names(data.column_names, shown)
    columns = {
        name: _column(data[name], kind, wanted, name, shown)
        for name, kind in wanted.columns.items()
        if name in data.column_names
    }
    return pa.table(columns) if columns else data.select([])


def _column(column: pa.ChunkedArray, kind: str, wanted: Wanted, name: str, shown: str) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.null_count == len(column):
        # Nothing but missing values has no type of its own: pandas calls it a number, Arrow calls it nothing.
        return pa.chunked_array([pa.nulls(len(column), arrow_type(kind) if is_plain(kind) else column.type)])
    if name in wanted.open:
        return column
    check_kind(shown, name, type_word(column.type), kind)
    if kind != "integer" or not pa.types.is_floating(column.type):
        return column
    whole = _whole_again(column)
    if whole is None and name in wanted.whole:
        raise InputError(
            f"column '{name}' of {shown} holds numbers with decimals, or too large to be exact, and held whole numbers "
            "that name something when the models learned",
            code="D161",
            hints=(("to mend", "write it as whole numbers"),),
        )
    return column if whole is None else whole


def _whole_again(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return numbers as whole ones, as the run's own were, where all of them are."""
    numbers = column.to_numpy()
    known = numbers[~np.isnan(numbers)]
    if (np.abs(known) >= 2**53).any() or (known != np.floor(known)).any():
        return None
    return pc.cast(pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column), pa.int64())
