"""Lines that repeat others: of which two or more have the same values in some columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sartor.contract.tallying import EXAMPLES, ROW
from sartor.relations import identifier, select

if TYPE_CHECKING:
    import duckdb

_FIRST, _COUNT = "__first", "__count"
"""Of the lines of a group; no column of a table is called so."""


@dataclass(frozen=True)
class Repeats:
    """Lines that repeat earlier ones.

    Parameters
    ----------
    columns : tuple of str
    count : int
        How many lines repeat an earlier one.
    examples : tuple of (row, row)
        The first of them, each with the line that it repeats.
    """

    columns: tuple[str, ...]
    count: int = 0
    examples: tuple[tuple[int, int], ...] = ()


def is_rising(connection: duckdb.DuckDBPyConnection, source: str, kept: str, columns: Sequence[str]) -> bool:
    """Tell whether each line has a greater value than the one before: then lines are sorted, and none repeats another.

    One pass in the order of the lines, in bounded memory.

    Parameters
    ----------
    connection : DuckDBPyConnection
    source, kept : str
        SQL of the table, and of which of its lines count.
    columns : sequence of str
        Compared one after the other.
    """
    values = [f"{identifier(column)} AS a{place}" for place, column in enumerate(columns)]
    before = [f"lag({identifier(column)}) OVER () AS b{place}" for place, column in enumerate(columns)]
    inner = select([*values, *before, "row_number() OVER () AS n"], source, kept)
    greater = "false"
    for place in reversed(range(len(columns))):
        greater = f"(a{place} > b{place} OR (a{place} = b{place} AND {greater}))"
    missing = " OR ".join(f"a{place} IS NULL" for place in range(len(columns)))
    falls = f"{missing} OR (n > 1 AND NOT coalesce({greater}, false))"
    return connection.execute(select(["1"], f"({inner})", falls) + " LIMIT 1").fetchall() == []


def repeats(connection: duckdb.DuckDBPyConnection, source: str, kept: str, columns: Sequence[str]) -> Repeats:
    """Find lines that repeat earlier ones; lines with a missing value in one of the columns are not compared."""
    if is_rising(connection, source, kept, columns):
        return Repeats(tuple(columns))
    groups = _groups(source, kept, columns)
    count = connection.execute(select([f"coalesce(sum({_COUNT} - 1), 0)"], f"({groups})")).fetchall()[0][0]
    if not count:
        return Repeats(tuple(columns))
    wanted = [f"t.{ROW}", f"g.{_FIRST}"]
    found = connection.execute(
        f"{repeating(source, kept, columns, wanted)} ORDER BY t.{ROW} LIMIT {EXAMPLES}"
    ).fetchall()
    return Repeats(tuple(columns), int(count), tuple((row, first) for row, first in found))


def repeating(source: str, kept: str, columns: Sequence[str], wanted: Sequence[str]) -> str:
    """Return SQL of the lines ``t`` that repeat an earlier one, the first such line of ``g``."""
    same = " AND ".join(f"t.{identifier(column)} = g.{identifier(column)}" for column in columns)
    lines = f"({select(['*'], source, kept)}) t JOIN ({_groups(source, kept, columns)}) g ON {same}"
    return select(wanted, lines, f"t.{ROW} > g.{_FIRST}")


def _groups(source: str, kept: str, columns: Sequence[str]) -> str:
    named = [identifier(column) for column in columns]
    there = " AND ".join([f"({kept})", *(f"{name} IS NOT NULL" for name in named)])
    grouped = select([*named, f"min({ROW}) AS {_FIRST}", f"count(*) AS {_COUNT}"], source, there)
    return f"{grouped} GROUP BY {', '.join(named)} HAVING count(*) > 1"
