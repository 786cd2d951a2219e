"""A table of an SQLite database that decisions are put into."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sartor_plugins.databases.failures import told
from sartor_plugins.databases.sqlite import connected, identifier
from sartor_plugins.databases.upserting import Kind, Ours, Theirs, as_json

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor_plugins.databases.address import Address

_TYPES: dict[Kind, str] = {
    "text": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "BOOLEAN", "date": "DATE",
    "datetime": "DATETIME", "nested": "TEXT", "nothing": "TEXT",
}  # fmt: skip
_WHOLE = ("INT", "BOOL")
_STAGING = "temp.sartor_staging"


@contextmanager
def opened(address: Address, table: str, *, writes: bool, create: bool) -> Iterator[SqliteTarget]:
    """Hand out the table in a transaction, which is committed when the block ends well."""
    what = f"table {table}"
    with connected(address, what, writes=writes, create=create) as connection, told(address, what):
        # At once: whoever waits for the lock later may find that the table has changed meanwhile.
        connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        try:
            yield SqliteTarget(connection, table)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@dataclass(frozen=True)
class SqliteTarget:
    """See `sartor_plugins.databases.upserting.Target`."""

    connection: sqlite3.Connection
    table: str

    @property
    def name(self) -> str:
        """The table for SQL."""
        return identifier(self.table)

    def names(self) -> list[str]:
        """Return the tables there are."""
        return [name for (name,) in self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def columns(self) -> list[Theirs] | None:
        """Return its columns; None where it is not there."""
        found = self.connection.execute("SELECT name, type FROM pragma_table_info(?)", [self.table]).fetchall()
        return [Theirs(name, native or "of any type") for name, native in found] or None

    def create(self, columns: Sequence[Ours], key: Sequence[str]) -> None:
        """Make the table."""
        said = [f"{identifier(column.name)} {_TYPES[column.kind]}" for column in columns]
        # SQLite would let keys be missing in a primary key.
        said = [f"{text} NOT NULL" if column.name in key else text for text, column in zip(said, columns, strict=True)]
        named = ", ".join(map(identifier, key))
        self.connection.execute(f"CREATE TABLE {self.name} ({', '.join(said)}, PRIMARY KEY ({named}))")

    def unique(self) -> list[frozenset[str]]:
        """Return the columns of its primary key, and of each unique index."""
        keys = "SELECT name FROM pragma_table_info(?) WHERE pk > 0"
        found = [frozenset(name for (name,) in self.connection.execute(keys, [self.table]))]
        indexes = 'SELECT name FROM pragma_index_list(?) WHERE "unique" AND NOT partial'
        for (index,) in self.connection.execute(indexes, [self.table]).fetchall():
            named = self.connection.execute("SELECT name FROM pragma_index_info(?)", [index]).fetchall()
            found.append(frozenset(name for (name,) in named))
        return [columns for columns in found if columns and None not in columns]

    def repeated(self, key: Sequence[str]) -> int:
        """Return how many keys stand in several lines."""
        named = ", ".join(map(identifier, key))
        repeats = f"SELECT 1 FROM {self.name} GROUP BY {named} HAVING count(*) > 1"  # noqa: S608 - quoted
        return int(self.connection.execute(f"SELECT count(*) FROM ({repeats})").fetchone()[0])  # noqa: S608

    def takes(self, ours: Ours, theirs: Theirs) -> bool:
        """Whether values of a column go into the table's without loss: SQLite itself takes everything everywhere."""
        native = theirs.native.upper()
        if ours.kind in ("number", "text", "nested", "datetime", "date"):
            return not any(word in native for word in _WHOLE)
        return True

    def put(self, columns: Sequence[Ours], key: Sequence[str], batches: Iterator[pa.RecordBatch]) -> tuple[int, int]:
        """Put the lines in; return how many were added and how many changed."""
        names = [identifier(column.name) for column in columns]
        listed = ", ".join(names)
        self.connection.execute(f"CREATE TEMP TABLE sartor_staging ({listed})")
        # The names are quoted, and the values are bound.
        adding = f"INSERT INTO {_STAGING} VALUES ({', '.join('?' for _ in names)})"  # noqa: S608
        for batch in batches:
            lines = [
                [_value(value) for value in values]
                for values in zip(*(column.to_pylist() for column in batch.columns), strict=True)
            ]
            self.connection.executemany(adding, lines)
        before = self._lines()
        others = [name for name, column in zip(names, columns, strict=True) if column.name not in key]
        changes = ", ".join(f"{name} = excluded.{name}" for name in others)
        differs = " OR ".join(f"t.{name} IS NOT excluded.{name}" for name in others)
        otherwise = f"UPDATE SET {changes} WHERE {differs}" if others else "NOTHING"
        self.connection.execute(
            f"INSERT INTO {self.name} AS t ({listed}) SELECT {listed} FROM {_STAGING} WHERE true "  # noqa: S608
            f"ON CONFLICT ({', '.join(map(identifier, key))}) DO {otherwise}"
        )
        touched = self.connection.execute("SELECT changes()").fetchone()[0]
        added = self._lines() - before
        self.connection.execute(f"DROP TABLE {_STAGING}")
        return added, touched - added

    def _lines(self) -> int:
        return int(self.connection.execute(f"SELECT count(*) FROM {self.name}").fetchone()[0])  # noqa: S608


def _value(value: Any) -> Any:
    """Return a value as SQLite takes it: dates and moments as text, flags as 0 and 1, lists as JSON."""
    if isinstance(value, list | dict):
        return as_json(value)
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if value is None or isinstance(value, str | int):
        return int(value) if isinstance(value, bool) else value
    isoformat = getattr(value, "isoformat", None)
    if isoformat is None:
        return str(value)
    return value.isoformat(sep=" ") if hasattr(value, "hour") else isoformat()
