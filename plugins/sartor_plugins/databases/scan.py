"""A table of a database for the engine: each pass over it runs the query anew and streams what comes.

Nothing is stored on the way. What privacy drops is dropped by the engine before a byte is kept, and memory holds a
batch at a time, however long the table is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sartor.engine import engine_of
from sartor.errors import InputError, SartorError
from sartor.relations import distinct_names, identifier, plain_sql
from sartor.wording import plural
from sartor_plugins.databases.source import UNKNOWN, Asked, Described
from sartor_plugins.tables.detection import masked
from sartor_plugins.tables.kinds import ColumnType, cast_sql, wrong_sql

if TYPE_CHECKING:
    import duckdb

    from sartor.context import Context

_SHOWN = 3
_WORDS: dict[str, str] = {
    "integer": "whole numbers", "number": "numbers", "boolean": "true or false", "date": "dates as in 2024-12-31",
    "datetime": "moments as in 2024-12-31 23:59:59",
}  # fmt: skip


@dataclass
class Scan:
    """What the engine reads, as often as it likes.

    Parameters
    ----------
    schema : pyarrow.Schema
    batches : callable
        Runs the query and yields its rows.
    token : str
        Stands in the message of a pass that failed, so that its failure is known from others.
    failure : SartorError or None
        Why the last pass failed.
    """

    schema: pa.Schema
    batches: Callable[[], Iterator[pa.RecordBatch]]
    token: str = field(default_factory=lambda: f"sartor:{secrets.token_hex(8)}")
    failure: SartorError | None = None

    def __arrow_c_schema__(self) -> Any:
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        reader = pa.RecordBatchReader.from_batches(self.schema, self._watched())
        return reader.__arrow_c_stream__(requested_schema)

    def _watched(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self.batches()
        except SartorError as error:
            self.failure = error
            # What crosses the engine is text, and the text is in logs: the error itself is taken from here.
            raise RuntimeError(self.token) from None

    def explain(self, error: duckdb.Error) -> InputError | None:
        """Return why a query of the engine failed, if it was a pass of this scan."""
        if self.failure is None or self.token not in str(error):
            return None
        return self.failure  # type: ignore[return-value] # a missing secret is a UsageError, and says more


def relation_of(described: Described, types: dict[str, ColumnType], asked: Asked, context: Context) -> Any:
    """Return a table of a database as a lazy relation of the run's engine.

    Parameters
    ----------
    described : Described
    types : mapping of column to type
        What texts are read as, where the recipe says it.
    asked : Asked
    context : Context
    """
    distinct_names([column.name for column in described.columns])
    scan = Scan(described.schema(), described.batches)
    raw = context.connection.from_arrow(scan)
    wanted: dict[str, ColumnType] = {
        column.name: column.type  # type: ignore[misc] # one of the words of ColumnType, as it comes from text
        for column in described.columns
        if column.from_text and column.name not in context.texts and column.type != UNKNOWN
    }
    wanted |= {name: kind for name, kind in types.items() if kind != "text" and name not in context.texts}
    columns = []
    for place, (name, native) in enumerate(zip(raw.columns, raw.types, strict=True)):
        if name in wanted:
            value = cast_sql(identifier(name), wanted[name], ".", (), f"{scan.token}:{place}:")
        else:
            value = plain_sql(identifier(name), _word(native))
        columns.append(f"{value} AS {identifier(name)}")
    relation = raw.project(", ".join(columns))

    def meaning(error: duckdb.Error) -> InputError | None:
        told = scan.explain(error)
        if told is None and f"{scan.token}:" in str(error):
            place = int(str(error).split(f"{scan.token}:", 1)[1].split(":", 1)[0])
            name = raw.columns[place]
            told = _wrong_values(raw, name, wanted[name], asked)
        return told

    engine = engine_of(context.connection)
    if engine is not None:
        engine.explain_failures_with(meaning)
    return relation


def _word(native: Any) -> str:
    word = str(native.id).lower()
    return "timestamp zone" if "time zone" in str(native).lower() and word.startswith("timestamp") else word


def _wrong_values(raw: Any, name: str, to: ColumnType, asked: Asked) -> InputError:
    """Return the error for texts that cannot be read as the type they should have."""
    value = identifier(name)
    judged = raw.filter(wrong_sql(value, to, ".", ())).aggregate(
        f"count(*) AS number, list(DISTINCT left({value}, 25)) AS texts"
    )
    count, texts = judged.fetchall()[0]
    forms = sorted({masked(text) for text in texts or []})
    shown = ", ".join(map(repr, forms[:_SHOWN]))
    return InputError(
        f"{plural(count, 'value')} of column '{name}' of {asked.shown} cannot be read as {_WORDS[to]}: {shown}",
        code="D207",
        hints=(("to mend", f"say what they are, types: {{{name}: text}}, or mend them in a query"),),
    )
