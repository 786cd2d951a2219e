"""Reading lines and rows once, batch by batch, into their slices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sartor.relations import select
from sartor.rows import AS_OF, ROW
from sartor.windows.frames import ENTITY, ITEM, KEY, NUMBER, ORDER, OWN, TIME, Sources
from sartor.windows.kernels import MISSING
from sartor.windows.measuring import Asked, Lines, none
from sartor.windows.reading import batches, inexact, is_whole, labels, moments, numbers, too_large, whole

if TYPE_CHECKING:
    import duckdb

    from sartor.windows.exact import Floats, Ints
    from sartor.windows.slices import Slices


@dataclass
class Filling:
    """Where lines and rows go as they are read.

    Parameters
    ----------
    sources : Sources
    second : int
        Ticks of a second.
    lines, rows : Slices
    twins : bool
        Whether lines stand for the rows; see `lines_are_rows`.
    names : list of Array
        Names of rows whose entity or moment is missing.
    """

    sources: Sources
    second: int
    lines: Slices
    rows: Slices
    twins: bool = False
    names: list[pa.Array] = field(default_factory=list)

    def fill(self) -> None:
        """Read lines, and then rows unless the lines stand for them."""
        for batch in batches(self.sources.lines(named=self.twins)):
            self._add_lines(batch)
        if not self.twins:
            for batch in batches(self.sources.of_rows()):
                self._add_rows(batch)
        self.lines.flush()
        self.rows.flush()

    def _add_lines(self, batch: pa.RecordBatch) -> None:
        """Put a batch of lines into slices; those without an entity or a moment belong to no window."""
        column, windows = batch.column, self.sources.windows
        entity, time = whole(column(ENTITY)), moments(column(TIME), self.second)
        columns: list[NDArray[Any]] = [entity, time]
        if self.sources.ordered:
            columns.append(whole(column(ORDER)))
        columns += [self._numbers(column(f"{NUMBER}_{place}"), name) for place, name in enumerate(windows.numbers)]
        columns += [whole(column(f"{ITEM}_{place}")) for place in range(len(windows.items))]
        there = (entity != MISSING) & (time != MISSING)
        name = self._named(batch, columns, there) if self.twins else None
        self.lines.add([*_those(columns, there)], name)

    def _numbers(self, column: pa.Array, name: str) -> Floats:
        """Return a column as it is measured: no value of it may be rounded before it is added up or compared."""
        rounded = inexact(column)
        if rounded is not None:
            raise too_large(rounded, f"column '{name}' of table {self.sources.table.name}")
        return numbers(column)

    def _add_rows(self, batch: pa.RecordBatch) -> None:
        """Put a batch of rows into slices; those without an entity or a moment are set aside."""
        column = batch.column
        entity, at = whole(column(ENTITY)), moments(column(AS_OF), self.second)
        columns: list[NDArray[Any]] = [entity, at]
        if self.sources.ordered:
            columns.append(whole(column(ORDER)))
        there = (entity != MISSING) & (at != MISSING)
        name = self._named(batch, columns, there)
        self.rows.add([*_those(columns, there)], name)

    def _named(self, batch: pa.RecordBatch, columns: list[NDArray[Any]], there: NDArray[np.bool_]) -> pa.Array | None:
        """Keep the names of rows: whole numbers as one more column, others as they are; set aside those not `there`."""
        name = batch.column(ROW)
        everything = bool(there.all())
        if not everything:
            self.names.append(name.filter(pa.array(~there)))
        if not is_whole(name.type):
            return labels(name if everything else name.filter(pa.array(there)))
        if not (self.twins and self.sources.order_is_name):
            columns.append(whole(name))
        return None

    # -- what was read --------------------------------------------------------------------------------------------

    def taken(self, one: int) -> tuple[Lines, Asked, pa.Array | Ints]:
        """Return lines and rows of a slice, and the names of its rows."""
        windows, ordered = self.sources.windows, int(self.sources.ordered)
        table, names = self.lines.take(one)
        entity, time, *rest = table
        order, rest = rest[:ordered], rest[ordered:]
        measured = [values.view(np.float64) for values in rest[: len(windows.numbers)]]
        items = rest[len(measured) : len(measured) + len(windows.items)]
        numbers_of, items_of = zip(windows.numbers, measured, strict=True), zip(windows.items, items, strict=True)
        lines = Lines(entity, time, order[0] if order else none(), dict(numbers_of), dict(items_of))
        if self.twins:
            asked = Asked(entity, time, lines.order)
            return lines, asked, names if names is not None else order[0] if self.sources.order_is_name else table[-1]
        table, names = self.rows.take(one)
        return lines, Asked(*table[: 2 + ordered]), table[-1] if names is None else names


def _those(columns: list[NDArray[Any]], there: NDArray[np.bool_]) -> Iterator[NDArray[Any]]:
    everything = bool(there.all())
    for column in columns:
        yield column if everything else column[there]


def lines_are_rows(sources: Sources, connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether every row is a line of the table, asked for at its moment and named by its key, and every line a row.

    Lines and rows are laid side by side, which is how they lie where all lines of a stored table are rows. It costs a
    look at a few columns, and spares a join of everything with everything.
    """
    lines, rows = sources.pairs()
    return _are_equal(connection, nw.to_native(lines), nw.to_native(rows))


def _are_equal(
    connection: duckdb.DuckDBPyConnection, window_lines: duckdb.DuckDBPyRelation, window_rows: duckdb.DuckDBPyRelation
) -> bool:
    differs = f"{KEY} IS DISTINCT FROM {OWN} OR {KEY} IS DISTINCT FROM {ROW} OR {TIME} IS DISTINCT FROM {AS_OF}"
    # DuckDB finds the two relations by the names of the arguments.
    query = select(["1"], "window_lines POSITIONAL JOIN window_rows", differs) + " LIMIT 1"
    return not connection.sql(query).fetchall()
