"""Works out the windows of `sartor_plugins.history.windows` by the core's windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from sartor.errors import InputError
from sartor.rows import ROW
from sartor.windows.measures import Windows as Asked

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Rows, Table, Tables
    from sartor_plugins.history.windows import Windows

COUNTED = ("count", "sum", "distinct")
"""Measures that are 0 in an empty window."""


def build(settings: Windows, rows: Rows, tables: Tables, context: Context) -> nw.LazyFrame[Any]:
    """Return ``__row`` and the measures."""
    table = _measured(settings, rows, tables)
    own = tables[rows.own] if rows.own is not None and rows.own in tables else None
    measures = {
        f"{settings.prefix}{name}": one if isinstance(one, str) else one.said[0]
        for name, one in settings.measures.items()
    }
    lengths = [str(length) for length in settings.windows]
    built = rows.over(
        table,
        settings.entity,
        lengths,
        measures,
        context,
        upto=_upto(settings, rows, table),
        delay=settings.delay,
        own=own,
    )
    if settings.empty is None:
        return built
    asked = Asked.of(lengths, measures)
    fill = [asked.column(name, length) for name, one in asked.measures.items() if one.kind not in COUNTED
            for length in asked.lengths]  # fmt: skip
    filled = [nw.col(name).fill_null(float(settings.empty)) for name in fill]
    return built.with_columns(*filled).select(ROW, *asked.columns)


def _upto(settings: Windows, rows: Rows, table: Table) -> Literal["before", "own", "including"]:
    if settings.of == "outcomes":
        return "including"
    of_own_lines = rows.own == table.name
    if settings.own_line is None:
        return "own" if of_own_lines else "before"
    if settings.own_line and not of_own_lines:
        return "including"
    return "own" if settings.own_line else "before"


def _measured(settings: Windows, rows: Rows, tables: Tables) -> Table:
    """Return the table whose lines are measured."""
    name = settings.table or (rows.own if rows.own in tables else None)
    table = tables.single() if name is None else tables[name]
    if settings.of == "lines":
        return table
    if table.outcomes is None:
        raise InputError(
            f"outcomes of {table.name} are asked for, and it is not said when they are known",
            code="D272",
            hints=(("to mend", "give the rows' own table, and say in the task when its truth is known"),),
        )
    return table.outcomes
