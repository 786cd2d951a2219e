"""Decisions as lines of text, CSV or JSON, and the lines of an older file that stay."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TextIO

if TYPE_CHECKING:
    from sartor_plugins.tables.writing import Job

# What spreadsheets take for the beginning of a formula, also in its wide form, and what makes them look further.
_FORMULA = re.compile(r"[ ]*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_LONGEST_FIELD = 2**31 - 1

Record = tuple[str, ...]


class Text(Protocol):
    """A format of lines."""

    def head(self) -> str:
        """Return what stands before all lines."""

    def line(self, values: dict[str, Any]) -> str:
        """Return a decision as a line, its end included."""

    def key_of(self, values: dict[str, Any]) -> Record:
        """Return the key of a decision as it stands in the file."""

    def lines(self, stream: TextIO) -> Iterator[tuple[Record, str]]:
        """Yield the key and the text of every line of an older file."""


def write_text(job: Job, text: Text, stream: BinaryIO, old: Path | None) -> tuple[int, int]:
    """Write the lines of an older file whose keys do not come again, then all decisions.

    Returns
    -------
    added, changed : int
        How many decisions are new, and how many take the place of others.
    """
    fresh: dict[Record, int] = {}
    if job.key:
        fresh = {text.key_of(values): hash(text.line(values)) for values in _decisions(job)}
    met: set[Record] = set()
    changed = 0
    stream.write(text.head().encode())
    if old is not None:
        try:
            with old.open(encoding="utf-8-sig", newline="") as lines:
                for key, line in text.lines(lines):
                    if key not in fresh:
                        stream.write(line.encode())
                    else:
                        met.add(key)
                        changed += hash(line) != fresh[key]
        except UnicodeDecodeError as error:
            raise job.unreadable("it is not in UTF-8") from error
    stream.writelines(text.line(values).encode() for values in _decisions(job))
    return len(fresh) - len(met), changed


def _decisions(job: Job) -> Iterator[dict[str, Any]]:
    for batch in job.decisions.batches(job.columns):
        yield from batch.to_pylist()


class CsvText:
    """CSV."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._special = re.compile(f'[{re.escape(job.separator)}"\r\n]')

    def head(self) -> str:
        """Return the header."""
        return self._joined([self._field(self._guarded(name)) for name in self.job.columns])

    def line(self, values: dict[str, Any]) -> str:
        """Return a decision as a line."""
        return self._joined([self._field(self._text(values[name])) for name in self.job.columns])

    def key_of(self, values: dict[str, Any]) -> Record:
        """Return the key's fields."""
        return tuple(self._text(values[name]) or "" for name in self.job.key)

    def lines(self, stream: TextIO) -> Iterator[tuple[Record, str]]:
        """Yield the key and the text of every record; a record may go over several lines."""
        taken: list[str] = []

        def remembered() -> Iterator[str]:
            for line in stream:
                taken.append(line)
                yield line

        before = csv.field_size_limit(_LONGEST_FIELD)
        try:
            records = csv.reader(remembered(), delimiter=self.job.separator, strict=True)
            header = next(records)
            if header != [self._guarded(name) for name in self.job.columns]:
                raise self.job.unlike(header)
            taken.clear()
            places = [self.job.columns.index(name) for name in self.job.key]
            for record in records:
                text, width = "".join(taken), len(record)
                taken.clear()
                if width not in (0, len(header)):
                    said = f"line {records.line_num} has {width} fields where the header has {len(header)}"
                    raise self.job.unreadable(said)
                if width:
                    yield tuple(record[place] for place in places), text if text.endswith("\n") else f"{text}\n"
        except csv.Error as error:
            raise self.job.unreadable(f"line {records.line_num}: {error}") from error
        finally:
            csv.field_size_limit(before)

    def _joined(self, fields: list[str]) -> str:
        return self.job.separator.join(fields) + "\n"

    def _field(self, text: str | None) -> str:
        if text is None:
            return ""
        return '"' + text.replace('"', '""') + '"' if not text or self._special.search(text) else text

    def _text(self, value: Any) -> str | None:
        if isinstance(value, str):
            return self._guarded(value)
        if isinstance(value, list):
            return self._guarded("; ".join(text for item in value if (text := plain_text(item)) is not None))
        return plain_text(value)

    def _guarded(self, text: str) -> str:
        if self.job.guard and _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text):
            return f"'{text}"
        return text


def plain_text(value: Any) -> str | None:
    """Return a value as text; None where it is missing.

    Examples
    --------
    >>> plain_text(True), plain_text(0.1), plain_text(datetime(2024, 12, 31, 8)), plain_text(float("nan"))
    ('true', '0.1', '2024-12-31 08:00:00', None)
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(_json(value), ensure_ascii=False) if isinstance(value, dict | list) else str(value)


class JsonText:
    """JSON lines."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def head(self) -> str:
        """Return nothing: each line names its columns."""
        return ""

    def line(self, values: dict[str, Any]) -> str:
        """Return a decision as an object."""
        return json.dumps(_json(values), ensure_ascii=False, allow_nan=False) + "\n"

    def key_of(self, values: dict[str, Any]) -> Record:
        """Return the key's values as JSON."""
        return tuple(json.dumps(_json(values[name])) for name in self.job.key)

    def lines(self, stream: TextIO) -> Iterator[tuple[Record, str]]:
        """Yield the key and the text of every line that is not blank."""
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                values = json.loads(line)
            except ValueError as error:
                raise self.job.unreadable(f"line {number} is not JSON") from error
            if not isinstance(values, dict) or list(values) != list(self.job.columns):
                raise self.job.unlike(list(values) if isinstance(values, dict) else [])
            key = tuple(json.dumps(values[name]) for name in self.job.key)
            yield key, line if line.endswith("\n") else f"{line}\n"


def _json(value: Any) -> Any:
    """Return a value in JSON types."""
    if isinstance(value, dict):
        return {str(key): _json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | bool | int) else plain_text(value)
