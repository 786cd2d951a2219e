"""A stream of lines, CSV or JSON: whatever has come is answered at once, and a broken line is told by its number."""

from __future__ import annotations

import csv
import json
import os
import select
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import IO, Any, Literal

import numpy as np
import pyarrow as pa

from sartor.errors import InputError, Problem
from sartor.predicting.pieces import Piece, Refused, Wanted
from sartor.predicting.values import MISSING, WrongValue, column_of, from_json, from_text
from sartor.wording import plural

DELIMITERS = (",", ";", "\t", "|")
LINES = 4096
"""Most lines of a piece: whoever waits for answers should not wait for many."""
_BYTES = 1 << 16

Form = Literal["csv", "jsonl"]


@dataclass(frozen=True)
class Writing:
    """How texts of CSV stand for values; by default as `tables.csv` reads files, or as the recipe's own reader does.

    Parameters
    ----------
    delimiter, decimal, quote, encoding : str
    missing : frozenset of str
        Texts that stand for a missing value.
    names : tuple of str
        Columns of a stream that has no header; empty where the first line names them.
    """

    delimiter: str = ""
    decimal: str = "."
    quote: str = '"'
    encoding: str = "utf-8"
    missing: frozenset[str] = frozenset(MISSING)
    names: tuple[str, ...] = ()


class LineStream:
    """Lines from a pipe.

    Parameters
    ----------
    file : binary file
        Standard input as a rule.
    wanted : Wanted
    form : {"csv", "jsonl"} or None
        Told from the first line where it is None: an object begins with a brace.
    writing : Writing
    """

    streamed = True

    def __init__(self, file: IO[bytes], wanted: Wanted, form: Form | None = None, writing: Writing | None = None):
        self.shown = "the stream"
        self.wanted, self.form, self.writing = wanted, form, writing or Writing()
        self._file = file
        self._header: list[str] = []

    def pieces(self) -> Iterator[Piece]:
        """Yield rows as they come; lines that have other columns than the line before begin a piece of their own.

        Raises
        ------
        InputError
            If there is no line at all, or the header lacks what is needed.
        """
        came = False
        for some in _arriving(self._file):
            read = [self._read(number, raw) for number, raw in some if raw.strip()]
            kept = [line for line in read if line is not None]
            came = came or bool(kept)
            for _, group in groupby(kept, key=_columns_of):
                yield self._piece(list(group))
        if not came:
            raise InputError("no row came from the stream", code="D002", hints=(("to mend", "see what writes to it"),))

    def _read(self, number: int, raw: bytes) -> tuple[int, dict[str, Any] | Problem] | None:
        """Return a line's values, or what is wrong with it; None for the header."""
        try:
            text = raw.decode(self.writing.encoding).removeprefix("\ufeff").rstrip("\r\n")
        except UnicodeDecodeError as error:
            said = (
                f"line {number} holds the byte 0x{raw[error.start]:02X}, which is not {self.writing.encoding.upper()}"
            )
            return number, Problem("D164", said, hints=(("to mend", "write the stream in UTF-8"),))
        if self.form is None:
            self.form = "jsonl" if text.lstrip().startswith(("{", "[")) else "csv"
        if self.form == "jsonl":
            return number, self._from_object(number, text)
        if not self._header:
            self._header = list(self.writing.names) or self._names(text)
            self.wanted.check_names(self._header, self.shown)
            if not self.writing.names:
                return None
        return number, self._from_fields(number, text)

    # -- JSON lines -----------------------------------------------------------------------------------------------

    def _from_object(self, number: int, text: str) -> dict[str, Any] | Problem:
        try:
            found = json.loads(text, object_pairs_hook=_distinct)
        except _TwiceError as error:
            return Problem("D164", f"line {number} names '{error}' twice")
        except (ValueError, RecursionError) as error:
            said = f": {error.msg} at character {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            return Problem("D164", f"line {number} is not a JSON object{said}", hints=_ONE_A_LINE)
        if not isinstance(found, dict):
            return Problem("D164", f"line {number} is not a JSON object", hints=_ONE_A_LINE)
        missing = [column for column in self.wanted.required if column not in found]
        if missing:
            problem = self.wanted.missing(missing[0], list(found), f"line {number}")
            mend = (("to mend", "write null for a value that is missing"),)
            return problem if problem.hints[:1] and problem.hints[0][0] == "did you mean" else _with(problem, mend)
        return self._values(number, {name: found[name] for name in self.wanted.columns if name in found}, self._json)

    # -- CSV ------------------------------------------------------------------------------------------------------

    def _names(self, text: str) -> list[str]:
        """Read the header, by the sign that finds most of the columns that are wanted."""
        signs = dict.fromkeys([*([self.writing.delimiter] if self.writing.delimiter else []), *DELIMITERS])
        best: list[str] = []
        chosen = self.writing.delimiter or ","
        for sign in signs:
            fields = self._fields(text, sign)
            names = [name.strip() for name in fields] if fields else [text]
            if not best or _known(names, self.wanted) > _known(best, self.wanted):
                best, chosen = names, sign
        while len(best) > 1 and not best[-1]:
            best.pop()
        twice = sorted({name for name in best if best.count(name) > 1})
        if twice and self.wanted.told(best):
            raise InputError(f"{self.shown} has the column '{twice[0]}' more than once", code="D004")
        self.writing = Writing(**{**vars(self.writing), "delimiter": chosen})
        return best

    def _fields(self, text: str, delimiter: str) -> list[str] | None:
        """Return the fields of a line; None where its quotes do not close."""
        quoting = {"quotechar": self.writing.quote} if self.writing.quote else {"quoting": csv.QUOTE_NONE}
        reader = csv.reader([text], delimiter=delimiter, skipinitialspace=True, strict=True, **quoting)
        try:
            return next(reader, [])
        except csv.Error:
            return None

    def _from_fields(self, number: int, text: str) -> dict[str, Any] | Problem:
        fields = self._fields(text, self.writing.delimiter or ",")
        if fields is None:
            return Problem("D164", f"line {number} has a quote that does not close", hints=_ONE_A_LINE)
        width = len(self._header)
        if len(fields) < width or any(fields[width:]):
            counted = plural(len(fields), "field")
            sign = self.writing.delimiter
            mend = (("to mend", f"put fields that hold {'a tab' if sign == chr(9) else repr(sign)} in quotes"),)
            return Problem("D164", f"line {number} has {counted} where the header names {width}", hints=mend)
        found = {name: field for name, field in zip(self._header, fields, strict=False) if name in self.wanted.columns}
        return self._values(number, found, self._text)

    # -- both -----------------------------------------------------------------------------------------------------

    def _json(self, name: str, value: Any) -> Any:
        if name in self.wanted.open:
            return value if value is None or isinstance(value, str) else json.dumps(value)
        return self._whole(name, from_json(value, self.wanted.columns[name]))

    def _text(self, name: str, text: str) -> Any:
        kind = "text" if name in self.wanted.open else self.wanted.columns[name]
        return self._whole(name, from_text(text, kind, self.writing.missing, self.writing.decimal))

    def _whole(self, name: str, value: Any) -> Any:
        """Return a number that names something as a whole one."""
        if not isinstance(value, float) or name not in self.wanted.whole or self.wanted.columns[name] != "integer":
            return value
        if value.is_integer() and abs(value) < 2**53:
            return int(value)
        raise WrongValue("holds no whole number, and names something by whole numbers")

    def _values(self, number: int, found: Mapping[str, Any], read: Any) -> dict[str, Any] | Problem:
        values = {}
        for name, value in found.items():
            try:
                values[name] = read(name, value)
            except WrongValue as error:
                mend = (("to mend", "write it as in the data of the run, or leave it out as a missing value"),)
                return Problem("D164", f"line {number}: column '{name}' {error}", hints=mend)
        return values

    def _piece(self, lines: Sequence[tuple[int, dict[str, Any] | Problem]]) -> Piece:
        rows = [(number, values) for number, values in lines if isinstance(values, dict)]
        names = list(rows[0][1]) if rows else []
        kinds = {name: "text" if name in self.wanted.open else self.wanted.columns[name] for name in names}
        columns = {name: column_of([values[name] for _, values in rows], kinds[name]) for name in names}
        refused = tuple(Refused(number, problem) for number, problem in lines if isinstance(problem, Problem))
        return Piece(pa.table(columns), np.array([number for number, _ in rows], dtype=np.int64), refused)


_ONE_A_LINE = (("to mend", "write each row on one line"),)


class _TwiceError(Exception):
    """A key stands twice in an object."""


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _with(problem: Problem, hints: tuple[tuple[str, str], ...]) -> Problem:
    return Problem(problem.code, problem.message, problem.where, hints)


def _columns_of(line: tuple[int, dict[str, Any] | Problem]) -> tuple[str, ...] | None:
    """Return what lines of one piece have in common; broken lines go with the line before or after."""
    return tuple(line[1]) if isinstance(line[1], dict) else None


def _known(names: Sequence[str], wanted: Wanted) -> int:
    return sum(name in wanted.columns for name in names)


def _arriving(file: IO[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    """Yield numbered lines, as many at a time as have come already."""
    number, rest, ended = 0, b"", False
    while not ended:
        some = _some(file)
        waiting = len(some)
        while some and waiting < _BYTES * 16 and _has_more(file):
            more = _some(file)
            if not more:
                ended = True
                break
            some, waiting = some + more, waiting + len(more)
        ended = ended or not some
        *lines, rest = (rest + some).split(b"\n")
        if ended and rest:
            lines.append(rest)
        numbered = [(number + place, line) for place, line in enumerate(lines, 1)]
        number += len(lines)
        for start in range(0, len(numbered), LINES):
            yield numbered[start : start + LINES]


def _some(file: IO[bytes]) -> bytes:
    """Return what has come, at least a byte; nothing at the end."""
    try:
        return os.read(file.fileno(), _BYTES)
    except (OSError, ValueError, AttributeError):
        # No real file: a test's bytes, or what somebody made to look like a file.
        return file.read(_BYTES)


def _has_more(file: IO[bytes]) -> bool:
    try:
        return bool(select.select([file.fileno()], [], [], 0)[0])
    except (OSError, ValueError, AttributeError):
        return False
