"""What passes between the core and a sink: decisions to be delivered, and the receipt for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sartor.errors import InputError, nearest
from sartor.relations import identifier, literal, select
from sartor.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd
    import pyarrow as pa

LINES = 50_000
"""Lines of a batch, unless others are asked for."""


@dataclass(frozen=True)
class Decisions:
    """The decisions of one action, as the run's folder holds them.

    They are read from there piece by piece, so that a sink needs no more memory for many lines than for few.

    Parameters
    ----------
    file : Path
        Parquet.
    key : tuple of str
        Columns that tell lines apart: the key of the rows. Empty where the action makes no line for each row.
    idempotency_key : str
        The same whenever the same decisions are delivered by the same step of the recipe, also by another run, so
        that a place that cannot compare lines can still pass over what it has got already.
    recipe, run, step : str
        Where they come from.
    lines : int
        How many lines a batch has at most.
    """

    file: Path
    key: tuple[str, ...] = ()
    idempotency_key: str = ""
    recipe: str = ""
    run: str = ""
    step: str = ""
    lines: int = LINES

    @cached_property
    def schema(self) -> pa.Schema:
        """Names and Arrow types of the columns."""
        import pyarrow.parquet as pq

        return pq.read_schema(self.file)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.schema.names)

    @cached_property
    def rows(self) -> int:
        """How many lines there are."""
        import pyarrow.parquet as pq

        return int(pq.read_metadata(self.file).num_rows)

    def batches(self, columns: tuple[str, ...] | None = None) -> pa.RecordBatchReader:
        """Return the lines in their order, as Arrow batches.

        Parameters
        ----------
        columns : tuple of str, optional
            Which columns, in which order; all unless given.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        chosen = list(columns or self.columns)
        schema = pa.schema([self.schema.field(name) for name in chosen])
        parts = pq.ParquetFile(self.file).iter_batches(self.lines, columns=chosen)
        return pa.RecordBatchReader.from_batches(schema, (part.select(chosen) for part in parts))

    def check_key(self, key: Sequence[str], connection: duckdb.DuckDBPyConnection) -> None:
        """Make sure that columns are there in every line and tell the lines apart.

        Parameters
        ----------
        key : sequence of str
            Empty where lines are not told apart at all: then nothing is checked.
        connection : DuckDBPyConnection
            The run's, `sartor.context.Context.connection`; keys of many lines need not fit into memory.

        Raises
        ------
        InputError
            If a column is not there, a key is missing, or several lines carry one.
        """
        for name in key:
            if name not in self.columns:
                hints = nearest(name, self.columns)
                raise InputError(f"the decisions have no column '{name}'", code="R041", hints=hints)
        if not key:
            return
        named = [identifier(name) for name in key]
        source = f"read_parquet({literal(str(self.file))})"
        missing = " OR ".join(f"{name} IS NULL" for name in named)
        counts = select(["count(*)", f"count(*) FILTER ({missing})"], source)
        distinct = select(["count(*)"], f"({select(['DISTINCT ' + ', '.join(named)], source)})")
        rows, without = connection.execute(counts).fetchall()[0]
        different = connection.execute(distinct).fetchall()[0][0]
        said = ", ".join(key)
        if without:
            raise InputError(
                f"the key {said} is missing in {without:,} of {plural(rows, 'decision')}",
                code="D220",
                hints=(("to mend", "name a key that every decision has"),),
            )
        if different != rows:
            raise InputError(
                f"the key {said} does not tell decisions apart: {plural(rows, 'line')}, "
                f"{plural(different, 'different key')}",
                code="D220",
                hints=(("to mend", "name more columns, key: [a, b], so that each line has a key of its own"),),
            )

    def frame(self) -> pd.DataFrame:
        """Return all lines in memory; for sinks of few lines."""
        found: pd.DataFrame = self.batches().read_all().to_pandas()
        return found


@dataclass(frozen=True)
class Receipt:
    """What a sink says it has done.

    Parameters
    ----------
    rows : int
        Lines that stand at the target now: all that were handed over.
    added, changed : int or None
        How many of them are new, and how many stood there with other values; None where the sink cannot tell.

    Examples
    --------
    >>> Receipt(rows=298, added=0, changed=3).in_words()
    '298 rows, 3 changed'
    """

    rows: int
    added: int | None = None
    changed: int | None = None

    def in_words(self) -> str:
        """Return it for people."""
        said = [plural(self.rows, "row")]
        if self.added is not None and self.changed is not None:
            parts = [f"{count:,} {what}" for count, what in ((self.added, "new"), (self.changed, "changed")) if count]
            said += parts or ["all there already"]
        return ", ".join(said)
