"""Writes answers as they come: CSV, JSON lines, Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from sartor.errors import InputError

if TYPE_CHECKING:
    from sartor.predicting.answering import Written

ERROR = "error"
"""Column that says why a line has no answer, where such lines are passed over."""


class Writer(Protocol):
    """Writes answers."""

    def write(self, written: Written) -> None:
        """Write some answers."""

    def close(self) -> None:
        """Write what is still held back, and end."""


class _Columns:
    """Writes columns, which the first answers decide; lines that are refused wait for them.

    Parameters
    ----------
    errors : bool
        Whether there is a column that says why a line has no answer.
    """

    def __init__(self, *, errors: bool) -> None:
        self._errors = errors
        self._schema: pa.Schema | None = None
        self._waiting: list[Written] = []

    def write(self, written: Written) -> None:
        """Write some answers."""
        if self._schema is None:
            if not written.whole:
                self._waiting.append(written)
                return
            self._begin(written.table.schema)
        assert self._schema is not None
        self._put(with_errors(written, self._schema) if self._errors else _cast(written.table, self._schema))

    def _begin(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._open(schema)
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            self.write(one)

    def _open(self, schema: pa.Schema) -> None:
        """Write what stands above all answers."""

    def _put(self, table: pa.Table) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Write what still waits, where no row has an answer."""
        if self._waiting:
            self._begin(_schema_of(self._waiting))


class Csv(_Columns):
    """CSV with a header, in UTF-8: missing values empty, lists as JSON.

    Parameters
    ----------
    out : callable
        Takes bytes.
    errors : bool
        Whether there is a column that says why a line has no answer.
    """

    def __init__(self, out: Callable[[bytes], Any], *, errors: bool = False) -> None:
        super().__init__(errors=errors)
        self._out = out

    def _open(self, schema: pa.Schema) -> None:
        header = io.StringIO()
        names = [*schema.names, *([ERROR] if self._errors else [])]
        csv.writer(header, lineterminator="\n").writerow(names)
        self._out(header.getvalue().encode())

    def _put(self, table: pa.Table) -> None:
        lines = io.BytesIO()
        options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
        pa.csv.write_csv(as_texts(table), lines, options)
        self._out(lines.getvalue())


def _schema_of(waiting: Sequence[Written]) -> pa.Schema:
    """Return the columns of what waits, as far as any has some."""
    return next((one.table.schema for one in waiting if one.table.num_columns), pa.schema([]))


class JsonLines:
    """A JSON object a line, in UTF-8; a line that has no answer gives its number, code and error."""

    def __init__(self, out: Callable[[bytes], Any]) -> None:
        self._out = out

    def write(self, written: Written) -> None:
        """Write some answers."""
        told: list[tuple[int, Mapping[str, Any]]] = list(
            zip(written.lines.tolist(), written.table.to_pylist(), strict=True)
        )
        told += [
            (one.line, {"line": one.line, "code": one.problem.code, ERROR: one.problem.message})
            for one in written.refused
        ]
        if written.refused:
            told.sort(key=lambda pair: pair[0])
        self._out("".join(f"{_json(values)}\n" for _, values in told).encode())

    def close(self) -> None:
        """Nothing is held back."""


class Parquet(_Columns):
    """A Parquet file; the first answers decide its types.

    Parameters
    ----------
    file : Path
    errors : bool
        Whether there is a column that says why a line has no answer.
    """

    def __init__(self, file: Path, *, errors: bool = False) -> None:
        super().__init__(errors=errors)
        self._file = file
        self._writer: pq.ParquetWriter | None = None

    def _put(self, table: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, table.schema, compression="zstd")
        self._writer.write_table(table)

    def close(self) -> None:
        """Write what waits, and the footer."""
        super().close()
        if self._writer is not None:
            self._writer.close()


def _cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table in the columns and types of the first one; what it lacks is missing."""
    if table.schema == schema:
        return table
    for field in schema:
        if field.name not in table.column_names:
            table = table.append_column(field.name, pa.nulls(table.num_rows, field.type))
    try:
        return table.select(schema.names).cast(schema)
    except (pa.ArrowException, KeyError) as error:
        raise InputError(
            f"answers change their form on the way: {error}",
            code="D166",
            hints=(("to mend", "write JSON lines: --format jsonl"),),
        ) from error


def with_errors(written: Written, schema: pa.Schema) -> pa.Table:
    """Return answers and refused lines together, in the order of their lines, with the column `ERROR`."""
    count, refused = written.table.num_rows, len(written.refused)
    answered = _cast(written.table, schema) if count else schema.empty_table()
    answered = answered.append_column(ERROR, pa.nulls(count, pa.string()))
    if not refused:
        return answered
    blank = {field.name: pa.nulls(refused, field.type) for field in schema}
    said = [f"{one.problem.message} ({one.problem.code})" for one in written.refused]
    told = pa.table({**blank, ERROR: pa.array(said, pa.string())}, schema=answered.schema)
    order = np.argsort([*written.lines.tolist(), *(one.line for one in written.refused)], kind="stable")
    return pa.concat_tables([answered, told]).take(pa.array(order))


def as_texts(table: pa.Table) -> pa.Table:
    """Return a table that CSV can hold: lists and structures become JSON."""
    for place, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            texts = [None if value is None else _json(value) for value in table.column(place).to_pylist()]
            table = table.set_column(place, field.name, pa.array(texts, pa.string()))
        elif pa.types.is_decimal(field.type):
            table = table.set_column(place, field.name, pc.cast(table.column(place), pa.float64()))
    return table


def _json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, default=_plain)


def _plain(value: Any) -> Any:
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)
