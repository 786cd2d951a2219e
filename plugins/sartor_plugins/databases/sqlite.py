"""SQLite through Python's own module: its catalogue, and rows as Arrow batches.

Not through ADBC: its driver takes the types of columns from the first 1,024 rows, makes 4000 of a 4000.5 and 0 of a
text in a column of whole numbers (seen with version 1.13), and brings a second copy of SQLite into the process, in
which the locks of one copy do not hold for the other.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sartor.errors import InputError, nearest
from sartor.wording import form, plural
from sartor_plugins.databases.failures import told
from sartor_plugins.databases.parameters import without_params
from sartor_plugins.databases.source import UNKNOWN, Asked, Described, Known, chosen, no_bytes

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor_plugins.databases.address import Address

LINES = 20_000
"""Rows of a batch."""
PATIENCE = 5.0
"""Seconds to wait for somebody who writes."""

_NUMBERED = re.compile(r"(.+):[0-9]+", re.DOTALL)
_WORDS = (
    ("INT", "integer"), ("CHAR", "text"), ("CLOB", "text"), ("TEXT", "text"), ("STRING", "text"), ("JSON", "text"),
    ("UUID", "text"), ("BLOB", "bytes"), ("REAL", "number"), ("FLOA", "number"), ("DOUB", "number"),
    ("BOOL", "boolean"), ("DATETIME", "datetime"), ("TIMESTAMP", "datetime"), ("DATE", "date"), ("TIME", "text"),
)  # fmt: skip
"""What a declared type means, by the first word that is in it; SQLite itself goes by the first six kinds."""
_FROM_TEXT = ("boolean", "date", "datetime")


@contextmanager
def connected(address: Address, what: str, *, writes: bool = False, create: bool = False) -> Iterator[Any]:
    """Hand out a connection, which is closed behind the block; what is not committed then is undone."""
    mode = ("rwc" if create else "rw") if writes else "ro"
    file = address.file.absolute()
    if not file.is_file() and not (create and not file.exists()):
        raise _not_there(address, file)
    with told(address, what):
        # Batches are asked for by threads of the engine, one after the other.
        connection = sqlite3.connect(
            f"file:{quote(os.fspath(file))}?mode={mode}", uri=True, timeout=PATIENCE, isolation_level=None,
            check_same_thread=False,
        )  # fmt: skip
        with closing(connection):
            yield connection


def _not_there(address: Address, file: Path) -> InputError:
    if file.is_dir():
        return InputError(f"{address.shown} is a folder, and a database is due", code="D209")
    hints = nearest(file.name, [entry.name for entry in file.parent.iterdir()]) if file.parent.is_dir() else ()
    return InputError(f"there is no database {address.shown}", code="D101", hints=hints)


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def describe(address: Address, asked: Asked) -> Described:
    """Ask a database what a table or query has, without reading a row; see `postgresql.describe`."""
    with connected(address, asked.shown) as connection:
        source = _source(connection, address, asked)
        columns = chosen(_columns(connection, source, asked), asked, address)
    for column in columns:
        if column.type == "bytes":
            raise no_bytes(column, asked)
    reads = ", ".join(identifier(column.name) for column in columns)
    text = f"SELECT {reads} FROM {source}"  # noqa: S608 - names are quoted

    def schema() -> pa.Schema:
        return _schema(address, asked, columns, source)

    return Described(tuple(columns), schema, lambda: _batches(address, asked, text, schema()))


def _source(connection: Any, address: Address, asked: Asked) -> str:
    """Return what stands behind FROM."""
    if not asked.table:
        return f"({asked.query}\n) AS asked"
    tables = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    names = [name for (name,) in connection.execute(tables)]
    # As SQLite does: small and capital letters are alike.
    found = next((name for name in names if name.lower() == asked.table.lower()), None)
    if found is None:
        hints = nearest(asked.table, names)
        raise InputError(f"{address.shown} has no table '{asked.table}'", code="D202", hints=hints)
    return identifier(found)


def _columns(connection: Any, source: str, asked: Asked) -> list[Known]:
    """Return names and declared types; a view of its own tells them of a query, and reads no row."""
    text = without_params(asked.query) if asked.query else f"SELECT * FROM {source}"  # noqa: S608 - quoted
    connection.execute(f"CREATE TEMP VIEW sartor_asked AS {text}")
    found = connection.execute("PRAGMA table_info(sartor_asked)").fetchall()
    names = {name for _, name, *_ in found}
    # A view numbers names that come twice: a:1.
    given = [match[1] if (match := _NUMBERED.fullmatch(name)) and match[1] in names else name for _, name, *_ in found]
    return [_known(name, str(native or ""), asked) for name, (_, _, native, *_) in zip(given, found, strict=True)]


def _known(name: str, native: str, asked: Asked) -> Known:
    if name in asked.as_text:
        return Known(name, native, "text")
    if not native:
        return Known(name, native, UNKNOWN)
    word = native.upper()
    kind = next((kind for part, kind in _WORDS if part in word), "number")
    return Known(name, native, kind, from_text=kind in _FROM_TEXT)


def _schema(address: Address, asked: Asked, columns: Sequence[Known], source: str) -> pa.Schema:
    """Return the Arrow types; those of columns without a declared type come from all their values."""
    import pyarrow as pa

    types = {"integer": pa.int64(), "number": pa.float64()}
    unknown = [column for column in columns if column.type == UNKNOWN]
    found = _kinds(address, asked, unknown, source) if unknown else {}
    kinds = {column.name: found.get(column.name) or column for column in columns}
    return pa.schema(
        [(name, pa.string() if kind.from_text else types.get(kind.type, pa.string())) for name, kind in kinds.items()]
    )


def _kinds(address: Address, asked: Asked, columns: Sequence[Known], source: str) -> dict[str, Known]:
    """Look at the values of columns that have no type: it is the one that holds all of them."""
    words = ("integer", "real", "text", "blob")
    tests = ", ".join(f"max(typeof({identifier(column.name)}) = '{word}')" for column in columns for word in words)
    with connected(address, asked.shown) as connection:
        row = connection.execute(f"SELECT {tests} FROM {source}", dict(asked.params)).fetchone()  # noqa: S608 - quoted
    found = {}
    for place, column in enumerate(columns):
        whole, real, text, blob = (bool(one) for one in row[4 * place : 4 * place + 4])
        if blob:
            raise no_bytes(column, asked)
        kind = "text" if text or not (whole or real) else "number" if real else "integer"
        found[column.name] = Known(column.name, "", kind)
    return found


def _batches(address: Address, asked: Asked, text: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    with connected(address, asked.shown) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(text, dict(asked.params))
        while rows := cursor.fetchmany(LINES):
            arrays = []
            for field, values in zip(schema, zip(*rows, strict=True), strict=True):
                try:
                    arrays.append(_array(values, field.type))
                except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
                    raise _misfit(connection, asked, text, field) from error
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if pa.types.is_string(kind):
        if not all(value is None or type(value) is str for value in values):
            values = [None if value is None else _text(value) for value in values]
        return pa.array(values, kind)
    # Arrow makes 4000 of a 4000.5 among whole numbers, so what is none is found here.
    allowed = (int, float) if pa.types.is_floating(kind) else (int,)
    if any(value is not None and type(value) not in allowed for value in values):
        raise TypeError("a number is due")
    if pa.types.is_floating(kind):
        values = [None if value is None else float(value) for value in values]
    return pa.array(values, kind)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        raise TypeError("a text is due")
    return value if isinstance(value, str) else repr(value)


def _misfit(connection: Any, asked: Asked, text: str, field: pa.Field) -> InputError:
    """Return the error for values that are not of their column's type, with how many there are."""
    import pyarrow as pa

    name = identifier(field.name)
    fits, due = {
        pa.int64(): ("'integer', 'null'", "a whole number"),
        pa.float64(): ("'integer', 'real', 'null'", "a number"),
    }.get(field.type, ("'integer', 'real', 'text', 'null'", "a text"))
    counting = f"SELECT count(*) FROM ({text}) WHERE typeof({name}) NOT IN ({fits})"  # noqa: S608 - quoted
    count = connection.execute(counting, dict(asked.params)).fetchone()[0]
    other = "number" if "whole" in due else "text"
    mend = f"read it as what it is, types: {{{field.name}: {other}}}; SQLite keeps any value in any column"
    if due == "a text":
        mend = "name the other columns, only: [...], or read what the bytes say in a query"
    return InputError(
        f"{plural(count, 'value')} of column '{field.name}' of {asked.shown} {form(count, 'is', 'are')} not {due}",
        code="D207",
        hints=(("to mend", mend),),
    )
