"""What passes between the core and a sink: decisions to be delivered, and the receipt for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

LINES = 50_000
"""Lines of a batch."""


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
    """

    file: Path
    key: tuple[str, ...] = ()
    idempotency_key: str = ""
    recipe: str = ""
    run: str = ""
    step: str = ""

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
        parts = pq.ParquetFile(self.file).iter_batches(LINES, columns=chosen)
        return pa.RecordBatchReader.from_batches(schema, (part.select(chosen) for part in parts))

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
        said = [f"{self.rows:,} {'row' if self.rows == 1 else 'rows'}"]
        if self.added is not None and self.changed is not None:
            parts = [f"{count:,} {what}" for count, what in ((self.added, "new"), (self.changed, "changed")) if count]
            said += parts or ["all there already"]
        return ", ".join(said)
