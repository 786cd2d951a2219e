"""Puts decisions into a table by their key: what is new is added, what is there with other values is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sartor.delivery import Receipt
from sartor.errors import InputError, nearest
from sartor.wording import plural

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor.context import Context
    from sartor.delivery import Decisions
    from sartor_plugins.databases.address import Address
    from sartor_plugins.databases.write import DatabaseWrite

Kind = Literal["text", "integer", "number", "boolean", "date", "datetime", "nested", "nothing"]


@dataclass(frozen=True)
class Ours:
    """A column of the decisions."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Theirs:
    """A column of the table: its name, and the database's word for its type."""

    name: str
    native: str


class Target(Protocol):
    """A table that is written to, in a transaction that is open."""

    def columns(self) -> list[Theirs] | None:
        """Return its columns; None where it is not there."""

    def names(self) -> list[str]:
        """Return the tables there are."""

    def create(self, columns: Sequence[Ours], key: Sequence[str]) -> None:
        """Make the table."""

    def unique(self) -> list[frozenset[str]]:
        """Return the columns of its primary key, and of each unique index."""

    def repeated(self, key: Sequence[str]) -> int:
        """Return how many keys stand in several lines."""

    def takes(self, ours: Ours, theirs: Theirs) -> bool:
        """Whether values of a column go into the table's without loss."""

    def put(self, columns: Sequence[Ours], key: Sequence[str], batches: Iterator[pa.RecordBatch]) -> tuple[int, int]:
        """Put the lines in; return how many were added and how many changed."""


def look(settings: DatabaseWrite, columns: tuple[str, ...] | None, address: Address, seconds: int) -> None:
    """See whether a table can take decisions, without changing anything.

    Raises
    ------
    InputError
    """
    if address.engine == "sqlite" and not address.file.exists() and settings.create:
        return
    chosen = tuple(settings.columns) or columns
    with _opened(settings, address, seconds, writes=False) as target:
        there = target.columns()
        if there is None:
            if not settings.create:
                raise _no_table(settings, address, target)
            return
        if chosen:
            _check_columns(settings, address, chosen, there)
        key = tuple(settings.key) or (columns[:1] if columns else ())
        if key:
            _check_unique(settings, address, target, key)


def upsert(settings: DatabaseWrite, decisions: Decisions, address: Address, context: Context) -> Receipt:
    """Carry out what `DatabaseWrite` says."""
    key = tuple(settings.key) or decisions.key
    if not key:
        raise InputError(
            "the decisions have no key by which they could be put into a table",
            code="D220",
            hints=(("to mend", "name the columns that tell them apart: key: [a, b]"),),
        )
    decisions.check_key(key, context.connection)
    chosen = tuple(settings.columns) or decisions.columns
    for name in chosen:
        if name not in decisions.columns:
            hints = nearest(name, decisions.columns)
            raise InputError(f"the decisions have no column '{name}'", code="R041", hints=hints)
    for name in key:
        if name not in chosen:
            raise InputError(
                f"columns leaves out '{name}', by which decisions are told apart",
                code="D220",
                hints=(("to mend", "name it under columns too"),),
            )
    ours = [Ours(name, kind_of(decisions.schema.field(name).type)) for name in chosen]
    with _opened(settings, address, 10, writes=True) as target:
        there = target.columns()
        if there is None:
            if not settings.create:
                raise _no_table(settings, address, target)
            target.create(ours, key)
            there = target.columns() or []
        _check_columns(settings, address, chosen, there)
        _check_unique(settings, address, target, key)
        _check_kinds(settings, target, ours, there)
        added, changed = target.put(ours, key, iter(decisions.batches(chosen)))
    return Receipt(decisions.rows, added, changed)


def _opened(settings: DatabaseWrite, address: Address, seconds: int, *, writes: bool) -> Any:
    if address.engine == "sqlite":
        from sartor_plugins.databases.sqlite_target import opened as in_sqlite

        return in_sqlite(address, settings.table, writes=writes, create=settings.create)
    from sartor_plugins.databases.postgresql_target import opened as in_postgresql

    return in_postgresql(address, settings.table, seconds, writes=writes)


def _no_table(settings: DatabaseWrite, address: Address, target: Target) -> InputError:
    near = nearest(settings.table, target.names())
    return InputError(
        f"{address.shown} has no table '{settings.table}'",
        code="D202",
        hints=(*near, ("to mend", "make it, or let the first delivery make it: create: true")),
    )


def _check_columns(settings: DatabaseWrite, address: Address, ours: Sequence[str], there: Sequence[Theirs]) -> None:
    names = [column.name for column in there]
    missing = [name for name in ours if name not in names]
    if missing:
        which = f"column '{missing[0]}'" if len(missing) == 1 else f"columns {', '.join(map(repr, missing))}"
        mend = ("to mend", "add them to the table, or name what is written: columns: [...]")
        raise InputError(
            f"table {settings.table} of {address.shown} has no {which}",
            code="D221",
            hints=(*(hint for hint in nearest(missing[0], names) if hint[0] == "did you mean"), mend),
        )


def _check_unique(settings: DatabaseWrite, address: Address, target: Target, key: Sequence[str]) -> None:
    if frozenset(key) in target.unique():
        return
    named = ", ".join(key)
    repeated = target.repeated(key)
    if repeated:
        said = f"{plural(repeated, 'key stands', 'keys stand')} in several lines"
        mend = "leave one line for each key in the table, then give it a primary key; or name another key"
    else:
        said = "it has no primary key or unique index of just these columns"
        mend = f"CREATE UNIQUE INDEX ON {settings.table} ({named}), or name another key"
    raise InputError(
        f"the key {named} does not tell lines of table {settings.table} apart: {said}",
        code="D221",
        hints=(("to mend", mend),),
    )


def _check_kinds(settings: DatabaseWrite, target: Target, ours: Sequence[Ours], there: Sequence[Theirs]) -> None:
    by_name = {column.name: column for column in there}
    for column in ours:
        theirs = by_name[column.name]
        if not target.takes(column, theirs):
            kind = {"nested": "lists", "number": "numbers with decimals", "datetime": "moments"}.get(column.kind)
            raise InputError(
                f"column '{column.name}' of table {settings.table} is {theirs.native}, and the decisions hold "
                f"{kind or f'{column.kind} values'} there",
                code="D221",
                hints=(("to mend", "give the column another type, or leave it out: columns: [...]"),),
            )


def kind_of(kind: pa.DataType) -> Kind:
    """Return what values of an Arrow type are."""
    from pyarrow import types

    if types.is_null(kind):
        return "nothing"
    if types.is_boolean(kind):
        return "boolean"
    if types.is_integer(kind):
        return "integer"
    if types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    if types.is_date(kind):
        return "date"
    if types.is_timestamp(kind):
        return "datetime"
    return "nested" if types.is_nested(kind) else "text"


def as_json(value: Any) -> str | None:
    """Return a list or structure as JSON; None where it is missing.

    Examples
    --------
    >>> from datetime import date
    >>> as_json(["low income", date(2024, 1, 31)]), as_json(None)
    ('["low income", "2024-01-31"]', None)
    """
    return None if value is None else json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value if value is None or isinstance(value, str | bool | int) else str(value)
