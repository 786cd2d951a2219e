"""A table of a PostgreSQL database that decisions are put into: copied beside it, then merged by one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sartor.errors import SartorError
from sartor_plugins.databases.failures import told
from sartor_plugins.databases.postgresql import NEIGHBOURS, connected, identifier, quoted, run
from sartor_plugins.databases.upserting import Kind, Ours, Theirs, as_json

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor_plugins.databases.address import Address

WAIT = 30
"""Seconds to wait for somebody who holds the table."""

_TYPES: dict[Kind, str] = {
    "text": "text", "integer": "bigint", "number": "double precision", "boolean": "boolean", "date": "date",
    "datetime": "timestamp", "nested": "jsonb", "nothing": "text",
}  # fmt: skip
_TEXTS = frozenset({"text", "varchar", "bpchar"})
_JSON = frozenset({"json", "jsonb"})
_NUMBERS = frozenset({"numeric", "float4", "float8"})
_WHOLE = frozenset({"int2", "int4", "int8"})
_TAKES: dict[Kind, frozenset[str]] = {
    "integer": _WHOLE | _NUMBERS | _TEXTS,
    "number": _NUMBERS | _TEXTS,
    "boolean": frozenset({"bool"}) | _TEXTS,
    "date": frozenset({"date", "timestamp", "timestamptz"}) | _TEXTS,
    "datetime": frozenset({"timestamp", "timestamptz"}) | _TEXTS,
}
_COLUMNS = (
    "SELECT a.attname, t.typname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a "
    "JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped "
    "ORDER BY a.attnum"
)
_UNIQUE = (
    "SELECT array_to_string(ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = "
    "ANY((i.indkey::int2[])[0:i.indnkeyatts - 1]) ORDER BY 1), E'\\x01') FROM pg_index i WHERE i.indrelid = "
    "to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL"
)


@contextmanager
def opened(address: Address, table: str, seconds: int, *, writes: bool) -> Iterator[PostgresqlTarget]:
    """Hand out the table in a transaction, which is committed when the block ends well."""
    what = f"table {table}"
    with connected(address, what, seconds) as connection, told(address, what):
        if not writes:
            run(connection, "SET TRANSACTION READ ONLY")
        run(connection, "SET LOCAL TimeZone = 'UTC'")
        run(connection, "SET LOCAL DateStyle = 'ISO, YMD'")
        run(connection, f"SET LOCAL lock_timeout = {1000 * (WAIT if writes else seconds)}")
        if not writes:
            run(connection, f"SET LOCAL statement_timeout = {1000 * seconds}")
        yield PostgresqlTarget(connection, table)
        if writes:
            connection.commit()


@dataclass(frozen=True)
class PostgresqlTarget:
    """See `sartor_plugins.databases.upserting.Target`."""

    connection: Any
    table: str

    @property
    def name(self) -> str:
        """The table for SQL."""
        return quoted(self.table)

    def names(self) -> list[str]:
        """Return the tables there are."""
        return [name for (name,) in run(self.connection, NEIGHBOURS)]

    def columns(self) -> list[Theirs] | None:
        """Return its columns; None where it is not there."""
        return [Theirs(name, native) for name, native, _ in self._found()] or None

    def _found(self) -> list[tuple[Any, ...]]:
        return run(self.connection, _COLUMNS, [self.name])

    def create(self, columns: Sequence[Ours], key: Sequence[str]) -> None:
        """Make the table; whoever makes it at the same moment is as good."""
        said = ", ".join(f"{identifier(column.name)} {_TYPES[column.kind]}" for column in columns)
        named = ", ".join(map(identifier, key))
        run(self.connection, f"CREATE TABLE IF NOT EXISTS {self.name} ({said}, PRIMARY KEY ({named}))")

    def unique(self) -> list[frozenset[str]]:
        """Return the columns of its primary key, and of each unique index."""
        return [frozenset(names.split("\x01")) for (names,) in run(self.connection, _UNIQUE, [self.name]) if names]

    def repeated(self, key: Sequence[str]) -> int:
        """Return how many keys stand in several lines."""
        named = ", ".join(map(identifier, key))
        repeats = f"SELECT 1 FROM {self.name} GROUP BY {named} HAVING count(*) > 1"  # noqa: S608 - quoted
        return int(run(self.connection, f"SELECT count(*) FROM ({repeats}) AS repeats")[0][0])  # noqa: S608 - quoted

    def takes(self, ours: Ours, theirs: Theirs) -> bool:
        """Whether values of a column go into the table's without loss."""
        if ours.kind in ("text", "nothing"):
            return True
        if ours.kind == "nested":
            return theirs.native in _TEXTS | _JSON or theirs.native.startswith("_")
        return theirs.native in _TAKES[ours.kind]

    def put(self, columns: Sequence[Ours], key: Sequence[str], batches: Iterator[pa.RecordBatch]) -> tuple[int, int]:
        """Put the lines in; return how many were added and how many changed."""
        import pyarrow as pa

        watched = _Watched(batches)
        first = next(watched.lines(columns), None)
        if first is None:
            return 0, 0

        def all_lines() -> Iterator[pa.RecordBatch]:
            yield first
            yield from watched.lines(columns)

        with closing(self.connection.cursor()) as cursor:
            try:
                reader = pa.RecordBatchReader.from_batches(first.schema, all_lines())
                cursor.adbc_ingest("sartor_staging", reader, mode="create", temporary=True)
            except Exception:
                # The driver only knows that its source has failed; why, is here.
                if watched.failure is not None:
                    raise watched.failure from None
                raise
        new = self._new(columns, key)
        with closing(self.connection.cursor()) as cursor:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
            cursor.execute(self._merging(columns, key))
            touched = int(cursor.fetchone()[0])
        # Another delivery may have added some of them meanwhile.
        return min(new, touched), max(0, touched - new)

    def _merging(self, columns: Sequence[Ours], key: Sequence[str]) -> str:
        natives = {name: (native, full) for name, native, full in self._found()}
        names = [identifier(column.name) for column in columns]
        values = [_value(column, *natives[column.name]) for column in columns]
        others = [(identifier(c.name), natives[c.name][0]) for c in columns if c.name not in key]
        changes = ", ".join(f"{name} = EXCLUDED.{name}" for name, _ in others)
        differs = " OR ".join(
            f"{_comparable(f't.{name}', native)} IS DISTINCT FROM {_comparable(f'EXCLUDED.{name}', native)}"
            for name, native in others
        )
        otherwise = f"UPDATE SET {changes} WHERE {differs}" if others else "NOTHING"
        # All names are quoted.
        return (
            f"WITH done AS (INSERT INTO {self.name} AS t ({', '.join(names)}) SELECT {', '.join(values)} "  # noqa: S608
            f"FROM pg_temp.sartor_staging AS s ON CONFLICT ({', '.join(map(identifier, key))}) DO {otherwise} "
            f"RETURNING 1) SELECT count(*) FROM done"
        )

    def _new(self, columns: Sequence[Ours], key: Sequence[str]) -> int:
        """Return how many of the staged keys are not in the table."""
        natives = {name: (native, full) for name, native, full in self._found()}
        same = " AND ".join(
            f"t.{identifier(column.name)} = {_value(column, *natives[column.name])}"
            for column in columns
            if column.name in key
        )
        there = f"SELECT 1 FROM {self.name} AS t WHERE {same}"  # noqa: S608 - quoted
        counting = f"SELECT count(*) FROM pg_temp.sartor_staging AS s WHERE NOT EXISTS ({there})"  # noqa: S608 - quoted
        return int(run(self.connection, counting)[0][0])


def _value(ours: Ours, native: str, full: str) -> str:
    """Return SQL that gives a staged value the type of the table's column.

    Texts go into texts without a cast, which would cut them off at the column's length in silence.
    """
    value = f"s.{identifier(ours.name)}"
    if ours.kind == "nested" and native.startswith("_"):
        items = f"ARRAY(SELECT jsonb_array_elements_text(CAST({value} AS jsonb)))"
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE CAST({items} AS {full}) END"
    if ours.kind == "text" and native in _TEXTS:
        return value
    if native in _TEXTS:
        return f"CAST({value} AS text)"
    return f"CAST({value} AS {full})" if ours.kind in ("text", "nested", "nothing") else value


def _comparable(value: str, native: str) -> str:
    # Type json has no equality.
    return f"CAST({value} AS text)" if native in ("json", "xml") else value


class _Watched:
    """Batches as the driver takes them, and why they ended where they did not end well."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self.failure: BaseException | None = None

    def lines(self, columns: Sequence[Ours]) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._batches:
                yield _plain(batch, columns)
        except (OSError, ValueError, SartorError) as error:
            self.failure = error
            raise


def _plain(batch: pa.RecordBatch, columns: Sequence[Ours]) -> pa.RecordBatch:
    """Return a batch in types that the driver writes: lists as JSON, NaN as missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    types = {
        "text": pa.string(), "nothing": pa.string(), "integer": pa.int64(), "number": pa.float64(),
        "date": pa.date32(), "datetime": pa.timestamp("us"),
    }  # fmt: skip
    arrays = []
    for column, array in zip(columns, batch.columns, strict=True):
        if column.kind == "nested":
            arrays.append(pa.array([as_json(value) for value in array.to_pylist()], pa.string()))
            continue
        # A moment with a zone is one in UTC inside; nanoseconds are cut off.
        made = array.cast(types.get(column.kind, array.type), safe=column.kind != "datetime")
        arrays.append(pc.if_else(pc.is_nan(made), None, made) if column.kind == "number" else made)
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])
