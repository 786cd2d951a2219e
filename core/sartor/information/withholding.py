"""What the guard withholds where sources of a recipe are absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sartor.guard.entering import Withhold

if TYPE_CHECKING:
    from sartor.recipe.sources import Source
    from sartor.rows import Table


def withheld(absent: Mapping[str, Source], tables: Mapping[str, Table]) -> Withhold:
    """Return what the guard withholds.

    Parameters
    ----------
    absent : mapping of name to Source
    tables : mapping of name to Table
        As the run with all sources has them.
    """
    columns: dict[str, tuple[str, ...]] = {}
    lines: dict[str, tuple[Any, ...]] = {}
    whole: set[str] = set()
    for source in absent.values():
        if source.is_table and source.table is not None:
            whole.add(source.table)
        elif source.where is not None and source.table is not None:
            lines[source.table] = (*lines.get(source.table, ()), source.where)
        for table in tables if source.table is None else [source.table]:
            there = [column for column in source.columns if column in tables[table].columns]
            if there:
                columns[table] = (*columns.get(table, ()), *there)
    return Withhold(columns, frozenset(whole), lines)
