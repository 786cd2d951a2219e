"""Parquet files: names, types and the number of rows stand in the footer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sartor.errors import InputError, Problem
from sartor_plugins.tables.files import File, find
from sartor_plugins.tables.names import LOOK_AT_IT, check_settings, checked_names, same_columns, some_row
from sartor_plugins.tables.settings import FileReader

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from sartor.context import Context

_ROW_LABELS = re.compile(r"__index_level_\d+__")
"""Columns that pandas adds for the labels of its rows."""
_WHOLE = ("tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger")
_NESTED = ("list", "array", "struct", "map", "union", "variant")


class ParquetFiles(FileReader):
    """Reads Parquet files.

    Whole numbers, numbers (decimals among them), booleans, dates, datetimes (in UTC where they have a zone) and texts
    keep their kind; NaN is a missing value. Nested values become text that holds JSON; times of day, durations and
    bytes become text. The labels of rows that pandas stores as ``__index_level_0__`` are left out.

    Parameters
    ----------
    path : str or list of str
        A file, a glob such as ``sales/*.parquet``, or several. Files are read in the order in which they are named,
        those of a glob sorted by name, each once. They must have the same columns, of the same kinds, in whatever
        order.
    row_number : str, optional
        Adds a column of this name with the number of the row, from 0, counted through all files: a key where the
        files have none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pyarrow as pa, pyarrow.parquet
    >>> from sartor.context import Context
    >>> folder = Path(tempfile.mkdtemp())
    >>> pa.parquet.write_table(pa.table({"amount": [1.5]}), folder / "loans.parquet")
    >>> ParquetFiles(path="loans.parquet", row_number="loan").columns(Context(folder=folder))
    {'amount': 'number', 'loan': 'integer'}
    """

    def columns(self, context: Context) -> Mapping[str, str] | None:
        """Return the names and types in the footer."""
        if self.out_of_reach(context):
            return None
        _, columns = self._footers(context)
        return self.numbered(columns)

    def read(self, context: Context) -> duckdb.DuckDBPyRelation:
        """Return the table, lazily."""
        from sartor.engine import engine_of
        from sartor.relations import identifier, select
        from sartor_plugins.tables.diagnosis import explained
        from sartor_plugins.tables.texts import ROW_NUMBER, sql_files

        found, columns = self._footers(context)

        def meaning(error: duckdb.Error) -> InputError | None:
            return _meaning(error, found)

        files = sql_files([file.path for file in found], context)
        # Only files that differ in the order or the width of their columns need more than the first footer.
        options = f"union_by_name = {str(len(found) > 1).lower()}, hive_partitioning = false"
        scan = f"read_parquet({files}, {options})"
        with explained(meaning):
            raw = context.connection.sql(select([identifier(name) for name in columns], scan))
            kinds = {name: str(kind.id).lower() for name, kind in zip(raw.columns, raw.types, strict=True)}
            chosen = [f"{_unified(identifier(name), kinds[name])} AS {identifier(name)}" for name in columns]
            if self.row_number is not None:
                chosen.append(f"{ROW_NUMBER} AS {identifier(self.row_number)}")
            relation = context.connection.sql(select(chosen, scan))
        engine = engine_of(context.connection)
        if engine is not None:
            engine.explain_failures_with(meaning)
        return relation

    def _footers(self, context: Context) -> tuple[list[File], dict[str, str]]:
        found = find(self.patterns, context)
        footers = [_footer(file) for file in found]
        tables = [_columns(schema, file) for file, (schema, _) in zip(found, footers, strict=True)]
        for file, other in zip(found[1:], tables[1:], strict=True):
            same_columns(list(tables[0]), list(other), found[0].shown, file.shown)
            _same_types(tables[0], other, found[0].shown, file.shown)
        some_row([rows > 0 for _, rows in footers], [file.shown for file in found], "columns")
        columns = {name: _first_known(name, tables) for name in tables[0]}
        check_settings(list(columns), found[0].shown, {}, self.row_number)
        return found, columns


def _footer(file: File) -> tuple[pa.Schema, int]:
    """Return the columns of a file and its number of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    size = file.path.stat().st_size
    if size == 0:
        raise InputError(f"{file.shown} is empty", code="D105", hints=LOOK_AT_IT)
    with file.path.open("rb") as stream:
        head = stream.read(4)
        stream.seek(-min(size, 4), 2)
        tail = stream.read(4)
    if head != b"PAR1":
        hints = (("to mend", "text is read by tables.csv or tables.json_lines"),)
        raise InputError(f"{file.shown} is not a Parquet file", code="D118", hints=hints)
    if tail != b"PAR1":
        hints = (("to mend", "get the file again: a download or a copy was broken off"),)
        raise InputError(f"{file.shown} ends in the middle: the footer is missing", code="D115", hints=hints)
    try:
        with pq.ParquetFile(file.path) as parquet:
            return parquet.schema_arrow, parquet.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise _damaged(file.shown) from error


def _damaged(shown: str) -> InputError:
    return InputError(
        f"{shown} is damaged: it cannot be read as Parquet",
        code="D115",
        hints=(("to mend", "get the file again from where it came from"),),
    )


def _columns(schema: pa.Schema, file: File) -> dict[str, str]:
    kept = [field for field in schema if not _ROW_LABELS.fullmatch(field.name)]
    checked_names([field.name for field in kept], file.shown)
    return {field.name: _type_of(field.type) for field in kept}


def _type_of(kind: pa.DataType) -> str:
    """Return the type of a column; empty for one that holds nothing but missing values and has none."""
    from pyarrow import types

    if types.is_null(kind):
        return ""
    if types.is_integer(kind) or types.is_duration(kind):
        return "integer"
    if types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    if types.is_boolean(kind):
        return "boolean"
    if types.is_date(kind):
        return "date"
    return "datetime" if types.is_timestamp(kind) else "text"


def _first_known(name: str, tables: Sequence[Mapping[str, str]]) -> str:
    return next((table[name] for table in tables if table[name]), "text")


def _same_types(first: Mapping[str, str], other: Mapping[str, str], first_shown: str, other_shown: str) -> None:
    problems = [
        Problem(
            "D116",
            f"column '{name}' is {other[name]} in {other_shown} and {kind} in {first_shown}",
            hints=(("to mend", "write the files with one type for each column"),),
        )
        for name, kind in first.items()
        if kind and other[name] and kind != other[name]
    ]
    if problems:
        raise InputError(problems)


def _unified(column: str, kind: str) -> str:
    """Return SQL that gives a column in the one form that its kind has in a run."""
    from sartor.relations import plain_sql

    if kind in _WHOLE:
        return f"CAST({column} AS BIGINT)"
    if kind in ("float", "double"):
        return plain_sql(f"CAST({column} AS DOUBLE)", "double")
    if kind == "decimal":
        return f"CAST({column} AS DOUBLE)"
    if kind in _NESTED:
        return f"CAST(to_json({column}) AS VARCHAR)"
    if kind in ("blob", "interval", "geometry"):
        return f"CAST({column} AS VARCHAR)"
    return plain_sql(column, kind)


def _meaning(error: duckdb.Error, found: Sequence[File]) -> InputError | None:
    """Return what a failed query means, if it failed at one of these files."""
    said = str(error)
    for file in found:
        if str(file.path.absolute()) in said:
            if not file.path.exists():
                return InputError(f"{file.shown} was taken away while it was read", code="D101")
            return _damaged(file.shown)
    return None
