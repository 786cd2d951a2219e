"""PostgreSQL through ADBC: its catalogue, and rows as Arrow batches while the server still sends them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError, nearest
from sartor_plugins.databases.failures import told
from sartor_plugins.databases.parameters import Bound, bound
from sartor_plugins.databases.source import UNKNOWN, Asked, Described, Known, chosen, no_bytes

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor_plugins.databases.address import Address

LINES = 50_000
"""Rows that are fetched at a time where a query has parameters; else the driver streams."""

_NATIVE = {
    "bool": "boolean", "int2": "integer", "int4": "integer", "int8": "integer", "float4": "number", "float8": "number",
    "text": "text", "varchar": "text", "name": "text", "date": "date", "timestamp": "datetime",
    "timestamptz": "datetime",
}  # fmt: skip
"""Types that arrive as they are."""
_LISTS = frozenset({"_bool", "_int2", "_int4", "_int8", "_float4", "_float8", "_text", "_varchar"})
_ENDLESS = frozenset({"date", "timestamp", "timestamptz"})
_CAST = {
    "oid": ("integer", "CAST({} AS bigint)"),
    "money": ("number", "CAST(CAST({} AS numeric) AS float8)"),
    "interval": ("number", "CAST(extract(epoch FROM {}) AS float8)"),
    "_numeric": (UNKNOWN, "CAST({} AS float8[])"),
}
_NAME = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
NEIGHBOURS = (
    "SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1 LIMIT 1000"
)


def driver() -> Any:
    """Import the driver.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError as error:
        raise InputError(
            f"PostgreSQL needs {error.name or 'its driver'}, which is not installed",
            code="R024",
            hints=(("to mend", 'pip install "sartor[sql]"'),),
        ) from error
    return dbapi


@contextmanager
def connected(address: Address, what: str, seconds: int) -> Iterator[Any]:
    """Hand out a connection, which is closed behind the block; what is not committed then is undone."""
    dbapi = driver()
    with told(address, what):
        connection = dbapi.connect(with_options(address.url, connect_timeout=str(seconds), application_name="sartor"))
        try:
            yield connection
        finally:
            # A connection that the server has closed cannot be closed again.
            with suppress(dbapi.Error):
                connection.close()


def with_options(url: str, **options: str) -> str:
    """Return an address with options that it does not say itself.

    Examples
    --------
    >>> with_options("postgresql://db/shop?connect_timeout=9", connect_timeout="3", application_name="sartor")
    'postgresql://db/shop?connect_timeout=9&application_name=sartor'
    """
    for name, value in options.items():
        if not re.search(rf"[?&]{name}=", url):
            url += f"{'&' if '?' in url else '?'}{name}={value}"
    return url


def run(connection: Any, text: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Run a statement and return what it gives, in memory; for small answers."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(text, values)
        return list(cursor.fetchall()) if cursor.description else []


def begin_reading(connection: Any, seconds: int | None) -> None:
    """Make the transaction one that reads only, and speaks one language of dates."""
    run(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    run(connection, "SET LOCAL TimeZone = 'UTC'")
    run(connection, "SET LOCAL DateStyle = 'ISO, YMD'")
    run(connection, f"SET LOCAL statement_timeout = {1000 * seconds if seconds else 0}")


def quoted(name: str) -> str:
    """Return the name of a table for SQL, capitals and all.

    Examples
    --------
    >>> quoted("credit.loans"), quoted('"my.table"')
    ('"credit"."loans"', '"my.table"')
    """
    parts = [(match[1] or "").replace('""', '"') or match[2] for match in _NAME.finditer(name)]
    return ".".join(identifier(part) for part in parts)


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def describe(address: Address, asked: Asked, *, seconds: int = 10, limit: int | None = None) -> Described:
    """Ask the server what a table or query has, without reading a row.

    Parameters
    ----------
    address : Address
    asked : Asked
    seconds : int
        How long to wait for a connection.
    limit : int, optional
        How many seconds the server may think about it.

    Raises
    ------
    SartorError
    """
    import pyarrow as pa

    with connected(address, asked.shown, seconds) as connection:
        begin_reading(connection, limit)
        if asked.table:
            _check_table(connection, address, asked)
            query = Bound(f"SELECT * FROM {quoted(asked.table)}")  # noqa: S608 - quoted
        else:
            query = bound(asked.query, asked.params, "$")
        with closing(connection.cursor()) as cursor:
            schema = cursor.adbc_execute_schema(query.text)
            columns = chosen([_known(field, asked) for field in schema], asked, address)
            for column in columns:
                if column.native == "bytea":
                    raise no_bytes(column, asked)
            reads = [_read(column, asked) for column in columns]
            text = f"SELECT {', '.join(reads)} FROM ({query.text}\n) AS asked"  # noqa: S608 - names are quoted
            types = cursor.adbc_prepare(text) if query.values else None
            given = _values(types, query.values, asked) if types is not None else None
            answer = cursor.adbc_execute_schema(text)
    plain = pa.schema([pa.field(field.name, field.type) for field in answer])
    return Described(tuple(columns), lambda: plain, lambda: _batches(address, asked, text, given, plain))


def _check_table(connection: Any, address: Address, asked: Asked) -> None:
    """Say which tables there are where the one that is asked for is not."""
    if run(connection, "SELECT to_regclass($1)", [quoted(asked.table)])[0][0] is None:
        names = [name for (name,) in run(connection, NEIGHBOURS)]
        hints = nearest(asked.table, names)
        raise InputError(f"{address.shown} has no table '{asked.table}'", code="D202", hints=hints)


def _known(field: pa.Field, asked: Asked) -> Known:
    metadata = field.metadata or {}
    native = metadata.get(b"POSTGRESQL:type", b"").decode()
    if field.name in asked.as_text:
        return Known(field.name, native, "text")
    if native == "numeric":
        return Known(field.name, native, "integer" if _is_whole(metadata) else "number")
    if native in _CAST:
        return Known(field.name, native, _CAST[native][0])
    return Known(field.name, native, _NATIVE.get(native) or (UNKNOWN if native in _LISTS else "text"))


def _is_whole(metadata: dict[bytes, bytes]) -> bool:
    """Whether a numeric is declared without decimals: its modifier holds precision and scale."""
    modifier = int(metadata.get(b"POSTGRESQL:typmod", b"-1"))
    # The scale has 11 bits and a sign.
    return modifier >= 4 and (((modifier - 4) & 0x7FF) ^ 1024) - 1024 <= 0


def _read(column: Known, asked: Asked) -> str:
    """Return SQL that gives a column in a form that arrives whole."""
    name = identifier(column.name)
    value = f"asked.{name}"
    if column.name in asked.as_text:
        value = f"CAST({value} AS text)"
    elif column.native in _ENDLESS:
        # The driver makes a date of infinity, some day thousands of years away.
        value = f"CASE WHEN isfinite({value}) THEN {value} END"
    elif column.native == "numeric":
        whole = f"CAST(NULLIF({value}, 'NaN') AS bigint)"
        value = whole if column.type == "integer" else f"CAST({value} AS float8)"
    elif column.native in _CAST:
        value = _CAST[column.native][1].format(value)
    elif column.native not in _NATIVE and column.native not in _LISTS:
        value = f"CAST({value} AS text)"
    return f"{value} AS {name}"


def _values(types: pa.Schema, values: Sequence[Any], asked: Asked) -> pa.RecordBatch:
    """Return the values of parameters as the server wants them."""
    import pyarrow as pa

    from sartor_plugins.databases.parameters import names_in

    arrays = []
    for name, field, value in zip(names_in(asked.query), types, values, strict=True):
        arrays.append(_array(name, field.type, value))
    return pa.RecordBatch.from_arrays(arrays, names=[str(place) for place in range(len(arrays))])


def _array(name: str, kind: pa.DataType, value: Any) -> pa.Array:
    from datetime import date, datetime

    import pyarrow as pa

    try:
        if isinstance(value, str) and pa.types.is_date(kind):
            return pa.array([date.fromisoformat(value)], kind)
        if isinstance(value, str) and pa.types.is_timestamp(kind):
            return pa.array([datetime.fromisoformat(value)], kind)
        if pa.types.is_string(kind) and not isinstance(value, str):
            raise ValueError("a text is due")
        plain = pa.types.is_primitive(kind) or pa.types.is_string(kind)
        return pa.array([value], kind if plain else None)
    except (ValueError, TypeError, pa.ArrowException) as error:
        due = "a date such as 2024-12-31" if pa.types.is_temporal(kind) else f"{kind}"
        raise InputError(
            f"params: '{name}' is compared with {due}, and is {value!r}",
            code="D210",
            hints=(("to mend", "write a value of that type, or CAST(... AS ...) in the query"),),
        ) from error


def _batches(
    address: Address, asked: Asked, text: str, given: pa.RecordBatch | None, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Run a query and yield its rows while they arrive."""
    with connected(address, asked.shown, 10) as connection:
        begin_reading(connection, None)
        if given is None:
            with closing(connection.cursor()) as cursor:
                cursor.execute(text)
                for batch in cursor.fetch_record_batch():
                    yield _as(batch, schema)
            return
        # With parameters the driver would fetch all rows at once; a cursor of the server's gives them in pieces.
        run(connection, f"DECLARE sartor NO SCROLL CURSOR FOR {text}", given)
        while True:
            with closing(connection.cursor()) as cursor:
                cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
                cursor.execute(f"FETCH FORWARD {LINES} FROM sartor")
                table = cursor.fetch_arrow_table()
            if not table.num_rows:
                return
            for batch in table.to_batches():
                yield _as(batch, schema)


def _as(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_arrays(batch.columns, schema=schema)
