"""Settings of the lending simulator; the simulator itself is in `sartor_plugins.samples.applicants`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from sartor.components import Duration, Fraction, Ingest, Share
from sartor.durations import Duration as _Duration
from sartor.errors import SettingError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from sartor.context import Context

MOST_ROWS_IN_MEMORY = 500_000
"""More rows are written, block by block, to a file in the run's scratch folder."""


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise SettingError(
            f"'{value}' is not a date", code="R076", hints=(("to mend", "write it like 2024-01-31"),)
        ) from None


Date = Annotated[date, BeforeValidator(_date)]


class Lending(Ingest):
    """Simulated loan applications and how they were repaid.

    Nobody in it exists. Columns depend on each other as they do in practice: income on age, employment and region,
    amount on income and purpose, the bureau score on a way with money that shows nowhere else. Applications come in
    the order of their dates, numbered from 0.

    Parameters
    ----------
    rows : int
        How many applications.
    seed : int
        The same settings give the same rows, whatever the seed of the run.
    bad_rate : float
        Share of loans that go bad, on average over all dates.
    start, end : date
        First and last day of application.
    performance_window : Duration
        How long after the application its outcome is known: ``outcome_date``.
    missing : float
        Share of values missing in ``income`` and ``employment_years``; twice as many among the self-employed.
    no_hit : float
        Share of applicants whom the bureau does not know: ``bureau_score`` is missing; most of them are young.
    indeterminate : float
        Share of loans whose outcome is neither good nor bad but ``indeterminate``.
    drift : float
        How much riskier applicants are at the end than at the start, in log-odds. Their bureau scores do not show it.
    present_policy : bool
        Adds what the lender decides today, ``approved``: ``yes`` for a bureau score of 620 or more with at most one
        delinquency before, ``looked at`` where the bureau knows nobody, else ``no``. How a loan went is known of all.
    true_probability : bool
        Adds the chance of going bad that each outcome was drawn with. For tests of models, never as a feature.

    Examples
    --------
    >>> from sartor.context import Context
    >>> table = Lending(rows=1000).read(Context())
    >>> table.num_rows, table.column_names[:3]
    (1000, ['application_id', 'application_date', 'age'])
    """

    simulated: ClassVar[bool] = True
    known_columns: ClassVar[Mapping[str, str]] = {
        "application_id": "integer",
        "application_date": "date",
        "age": "integer",
        "sex": "text",
        "region": "text",
        "housing": "text",
        "employment": "text",
        "employment_years": "number",
        "income": "number",
        "purpose": "text",
        "amount": "number",
        "duration_months": "integer",
        "existing_instalments": "number",
        "bureau_score": "number",
        "previous_delinquencies": "integer",
        "inquiries_6_months": "integer",
        "outcome": "text",
        "outcome_date": "date",
    }

    rows: Annotated[int, Field(ge=1, le=1_000_000_000)] = 10_000
    seed: Annotated[int, Field(ge=0)] = 0
    bad_rate: Share = 0.08
    start: Date = date(2022, 1, 1)
    end: Date = date(2023, 12, 31)
    performance_window: Duration = _Duration(12, "month")
    missing: Annotated[Fraction, Field(le=0.5)] = 0.03
    no_hit: Annotated[Fraction, Field(le=0.25)] = 0.07
    indeterminate: Fraction = 0.0
    drift: Annotated[float, Field(ge=-5, le=5)] = 0.0
    present_policy: bool = False
    true_probability: bool = False

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.end < self.start:
            raise SettingError(
                f"end, {self.end}, lies before start, {self.start}", hints=(("to mend", "exchange the two dates"),)
            )
        return self

    def columns(self, context: Context) -> Mapping[str, str]:
        """Return names and types, known beforehand."""
        more = {"approved": "text"} if self.present_policy else {}
        return {**self.known_columns, **more, **({"true_probability": "number"} if self.true_probability else {})}

    def source(self) -> str:
        """Say that nobody in it exists."""
        return f"simulated by samples.lending, seed {self.seed}; not real"

    def fingerprint(self, context: Context) -> str:
        """Return the same text always: the rows follow from the settings alone."""
        return "simulated"

    def read(self, context: Context) -> pa.Table | duckdb.DuckDBPyRelation:
        """Return the applications: an Arrow table, or a relation over a file where they are many."""
        import pyarrow as pa

        from sartor_plugins.samples.applicants import blocks, schema_of, write_blocks

        if self.rows <= MOST_ROWS_IN_MEMORY:
            return pa.Table.from_batches(blocks(self), schema_of(self))
        path = context.scratch / f"{context.step or 'lending'}.parquet"
        write_blocks(self, path, context.progress)
        return context.connection.read_parquet(str(path))
