"""Lines that a contract sets aside: stored beside the table, with the reason, where they stand and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sartor.contract.tallying import ROW
from sartor.contract.telling import Places
from sartor.guard.admitted import AS_READ, Admission
from sartor.relations import identifier, literal, select

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

QUARANTINE = "quarantine.parquet"
REASON, PLACE, SOURCE_ROW = "__reason", "__place", "__source_row"
"""Why a line is set aside; where it stands, as FILE:LINE; its number in the source, from 0."""
_PLACED_ROW = "__placed_row"
PLACED = 10_000
"""Lines whose place in the source is looked up; of more, the first."""


def quarantine_of(table: str) -> str:
    """Return where a run's folder keeps the lines of a table that were set aside.

    Examples
    --------
    >>> quarantine_of("loans")
    'quarantine/loans.parquet'
    """
    return f"quarantine/{table}.parquet"


def write_quarantine(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    admission: Admission,
    reasons: Sequence[tuple[str, str]],
    places: Places,
    file: Path,
) -> None:
    """Write the lines that are set aside.

    Columns that are for audit only stay out, as they stay out of everything that a run writes; others stand in the
    form in which privacy lets them enter.

    Parameters
    ----------
    connection : DuckDBPyConnection
    source : str
        SQL of the stored table, lines that are set aside among them.
    admission : Admission
    reasons : sequence of (SQL, text)
        Which lines are set aside, and why.
    places : callable
    file : Path
    """
    aside = " OR ".join(condition for condition, _ in reasons)
    first = f"{select([ROW], source, aside)} ORDER BY {ROW} LIMIT {PLACED}"
    rows = [row for (row,) in connection.execute(first).fetchall()]
    said = ", ".join(f"CASE WHEN {condition} THEN {literal(text)} END" for condition, text in reasons)
    texts = ", ".join(f"{literal(name)}: {admission.text_as_read(name)}" for name in admission.as_read)
    as_read = [f"CASE WHEN {AS_READ} IS NOT NULL THEN {{{texts}}} END AS {AS_READ}"] if texts else []
    columns = [*map(identifier, admission.visible), *([AS_READ] if texts else [])]
    chosen = [
        *map(identifier, admission.visible),
        *as_read,
        f"concat_ws('; ', {said}) AS {REASON}",
        f"{ROW} AS {SOURCE_ROW}",
    ]
    lines = connection.sql(select(chosen, source, aside)).set_alias("lines")
    where = connection.from_arrow(_table(rows, places(rows))).set_alias("places")
    placed = lines.join(where, f"lines.{SOURCE_ROW} = places.{_PLACED_ROW}", how="left")
    kept = placed.project(", ".join([*columns, REASON, PLACE, SOURCE_ROW]))
    kept.order(SOURCE_ROW).write_parquet(str(file), compression="zstd")


def _table(rows: Sequence[int], places: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    # No table has columns that are called so: its own may be 'row' and 'place'.
    return pa.table({_PLACED_ROW: pa.array(rows, pa.int64()), PLACE: pa.array(places, pa.string())})
