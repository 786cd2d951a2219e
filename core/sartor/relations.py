"""Relations of DuckDB and what they are made of and made into: SQL names, Arrow, the types of pandas."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError, PluginError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

_WHOLE = frozenset({"tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger"})
_WIDE = frozenset({"ubigint", "hugeint", "uhugeint", "decimal", "bignum"})
_AS_TEXT = frozenset({"enum", "uuid", "time", "time_ns", "time with time zone", "bit", "null", "sqlnull"})
_MOMENTS = frozenset({"timestamp_s", "timestamp_ms", "timestamp_ns"})
_JOINED = 5
"""Constants from which on the engine answers `IN` by a join."""
_DECIMAL = re.compile(r"-?\d+(\.\d+(e[-+]?\d+)?|e[-+]?\d+)")
"""A number as a float is written."""


def identifier(name: str) -> str:
    """Quote a name for SQL.

    Examples
    --------
    >>> print(identifier('order "of" select'))
    "order ""of"" select"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL.

    Examples
    --------
    >>> print(literal("it's"))
    'it''s'
    """
    return "'" + text.replace("'", "''") + "'"


def one_of(value: str, listed: Sequence[str]) -> str:
    """Return SQL that tells whether a value is one of some constants; missing where the value is.

    From five values on the engine answers ``IN`` by a join, which hands lines on in any order. Whoever numbers lines,
    or stores them as they come, asks with this, which is also faster for long lists.

    Parameters
    ----------
    value : str
        SQL of the value.
    listed : sequence of str
        SQL of the constants, all of them texts, numbers, flags or moments.

    Examples
    --------
    >>> one_of("region", ["'north'", "'south'"])
    "region IN ('north', 'south')"
    >>> one_of("share", ["0", "0.25", "0.5", "0.75", "1.0", "1"])[:60]
    'map_contains(map {0::DOUBLE: 0, 0.25::DOUBLE: 0, 0.5::DOUBLE'
    """
    if len(listed) < _JOINED:
        return f"{value} IN ({', '.join(listed)})"
    keys = list(dict.fromkeys(listed))
    if any(_DECIMAL.fullmatch(key) for key in keys):
        # As doubles, as which a column of them compares; one of them may be written in several ways.
        keys = [f"{key}::DOUBLE" for key in {float(key): key for key in reversed(keys)}.values()][::-1]
    return f"map_contains(map {{{', '.join(f'{key}: 0' for key in keys)}}}, {value})"


def select(columns: Sequence[str], source: str, where: str = "") -> str:
    """Return a SELECT; whatever comes from a recipe or a file must have gone through `identifier` or `literal`.

    Examples
    --------
    >>> select([identifier("age"), "1 AS one"], identifier("loans"), where="one > 0")
    'SELECT "age", 1 AS one FROM "loans" WHERE one > 0'
    """
    chosen = f" WHERE {where}" if where else ""
    return f"SELECT {', '.join(columns)} FROM {source}{chosen}"  # noqa: S608 - see above


def plain(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return a relation in which missing is one thing and every moment is in UTC without a zone.

    NaN becomes a missing value, moments get microseconds, categories become text: what the other engines and file
    formats bring along, so that the rest of the run meets one form only.
    """
    columns = [
        f"{plain_sql(identifier(name), _type(kind))} AS {identifier(name)}"
        for name, kind in zip(relation.columns, relation.types, strict=True)
    ]
    return relation.project(", ".join(columns))


def plain_sql(column: str, kind: str) -> str:
    """Return SQL that gives a column of a DuckDB type in the form of `plain`."""
    if kind in ("float", "double"):
        return f"CASE WHEN isnan({column}) THEN NULL ELSE {column} END"
    if kind.startswith("timestamp") and "zone" in kind:
        return f"CAST(timezone('UTC', CAST({column} AS TIMESTAMPTZ)) AS TIMESTAMP)"
    if kind in _MOMENTS:
        return f"CAST({column} AS TIMESTAMP)"
    return f"CAST({column} AS VARCHAR)" if kind in _AS_TEXT else column


def distinct_names(names: Sequence[str]) -> None:
    """Refuse column names that the engine would take for one another.

    Raises
    ------
    InputError
        If two names are equal, or differ only by capital letters.
    """
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            other = seen[name.lower()]
            equal = other == name
            raise InputError(
                f"column '{name}' appears twice"
                if equal
                else f"columns '{other}' and '{name}' differ only by capital letters",
                code="D004" if equal else "D110",
                hints=(("to mend", "give one of them another name"),),
            )
        seen[name.lower()] = name


def for_pandas(relation: duckdb.DuckDBPyRelation) -> list[str]:
    """Return SQL that gives each column of a relation in a type that pandas has; see `sartor.engine.Engine.fetch`."""
    columns = []
    for name, native in zip(relation.columns, relation.types, strict=True):
        column, kind = identifier(name), _type(native)
        if kind in _WHOLE:
            column = f"CAST({column} AS BIGINT)"
        elif kind in _WIDE or kind == "float":
            column = f"CAST({column} AS DOUBLE)"
        elif kind == "date":
            column = f"CAST({column} AS TIMESTAMP)"
        elif kind == "interval":
            # Arrow's form of it becomes objects in pandas; a whole number of microseconds becomes timedelta64.
            column = f"epoch_us({column})"
        elif kind == "array":
            # Of a fixed length, they are read back from a file only where none is missing.
            column = f"CAST({column} AS {native.children[0][1]}[])"
        elif str(native) == "JSON":
            column = f"CAST({column} AS VARCHAR)"
        elif kind not in ("double", "varchar", "timestamp"):
            column = plain_sql(column, kind)
        columns.append(f"{column} AS {identifier(name)}")
    return columns


def alike(relation: duckdb.DuckDBPyRelation, with_holes: Container[str]) -> dict[str, str]:
    """Return what pandas calls the types of columns, where a piece of what `for_pandas` selected does not tell it.

    Parameters
    ----------
    relation : DuckDBPyRelation
    with_holes : container of str
        Columns in which values are missing: whole numbers are then floats to pandas, also in a piece without holes.
    """
    kinds = {}
    for name, native in zip(relation.columns, relation.types, strict=True):
        kind = _type(native)
        if kind == "interval":
            kinds[name] = "timedelta64[us]"
        elif name in with_holes and (kind in _WHOLE or kind == "boolean"):
            kinds[name] = "boolean" if kind == "boolean" else "float64"
    return kinds


def _type(native: Any) -> str:
    """Return DuckDB's word for a type, the same in all its versions."""
    word = str(native.id).lower()
    return f"{word} zone" if word.startswith("timestamp") and "TZ" in f"{native}{word.upper()}" else word


def type_word(dtype: Any) -> str:
    """Return the word for a type of Narwhals: text, integer, number, boolean, date or datetime, or its own name.

    Examples
    --------
    >>> import narwhals as nw
    >>> type_word(nw.Int32()), type_word(nw.Float64()), type_word(nw.Datetime("us")), type_word(nw.List(nw.String()))
    ('integer', 'number', 'datetime', 'list(string)')
    """
    import narwhals as nw

    if dtype.is_integer():
        return "integer"
    if dtype.is_numeric():
        return "number"
    words = {nw.Boolean: "boolean", nw.Date: "date", nw.Datetime: "datetime", nw.String: "text"}
    return next((word for kind, word in words.items() if dtype == kind), str(dtype).lower())


def pandas_of(table: pa.Table, relation: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """Return the pandas form of what `for_pandas` selected from a relation."""
    import pyarrow as pa

    frame: pd.DataFrame = table.to_pandas()
    for name, column, native in zip(table.column_names, table.columns, relation.types, strict=True):
        if _type(native) == "interval":
            frame[name] = frame[name].astype("timedelta64[us]")
        elif pa.types.is_boolean(column.type) and column.null_count:
            frame[name] = frame[name].astype("boolean")
    return frame


def ordered(relation: duckdb.DuckDBPyRelation, order_by: str | Sequence[str] | None) -> duckdb.DuckDBPyRelation:
    """Return a relation sorted by columns, missing values last; unchanged where none are named."""
    if not order_by:
        return relation
    names = [order_by] if isinstance(order_by, str) else order_by
    return relation.order(", ".join(f"{identifier(name)} ASC NULLS LAST" for name in names))


def as_arrow(native: Any) -> Any:
    """Return an Arrow table or reader of a table from elsewhere.

    Raises
    ------
    PluginError
        If it is no table.
    InputError
        If a pandas column holds values of kinds that do not go together.
    """
    import pyarrow as pa

    if isinstance(native, pa.Table | pa.RecordBatchReader):
        return native
    if isinstance(native, pa.RecordBatch):
        return pa.Table.from_batches([native])
    if type(native).__module__.startswith("polars") and hasattr(native, "collect"):
        native = native.collect()
    if type(native).__module__.startswith("pandas") and hasattr(native, "columns"):
        return _pandas_to_arrow(native)
    if hasattr(native, "__arrow_c_stream__") and hasattr(native, "columns"):
        return pa.table(native)
    raise PluginError(
        f"{type(native).__module__}.{type(native).__name__} is not a table",
        code="X020",
        hints=(("to mend", "return a Narwhals frame, a DuckDB relation, an Arrow table, a pandas or Polars frame"),),
    )


def _pandas_to_arrow(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    distinct_names([str(name) for name in frame.columns])
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, TypeError) as error:
        for name in frame.columns:
            try:
                pa.Table.from_pandas(frame[[name]], preserve_index=False)
            except (pa.ArrowException, TypeError):
                kinds = sorted({type(value).__name__ for value in frame[name].dropna()})
                raise InputError(
                    f"column '{name}' holds values of kinds that do not go into one column: {', '.join(kinds)}",
                    code="D130",
                    hints=(("to mend", "make them one kind before the table is returned"),),
                ) from error
        raise
