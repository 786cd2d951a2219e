"""The task of forecasting demand, period by period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sartor.components import QUANTILES, Duration, Model, TableName, Task
from sartor_plugins.forecast.names import M5_QUANTILES
from sartor_plugins.forecast.settings import Begins, Levels, Quantiles, Returns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Tables
    from sartor.sections import Caution, Section


def _all() -> list[list[str]]:
    return [[]]


class Demand(Task):
    """How much will each series sell in each of the next periods? Answered with the mean and with quantiles.

    A row is a series, a moment of asking, and one of the periods behind it. The table has a line for each series and
    period, with both in its key: ``{key: [store, item, date], time: date, roles: {units: sold, price: price}}``. A
    period without a line counts as nothing sold. Rows that judge are asked at the moments of the split.

    Parameters
    ----------
    every : Duration
        Length of a period: ``1 day``, ``1 week``, ``1 month``.
    horizon : int
        Periods that are asked about at each moment.
    levels : list of lists of columns
        Sums of series that forecasts are judged on beside the series themselves, an empty list for the sum of all.
    table : str, optional
        The table of the series; needed where there are several.
    begins : {"first line", "first sale"}
        Where a series begins.
    returns : {"refuse", "as zero"}
        What less than nothing sold is: an error, or nothing sold.
    learn_every : int, optional
        Periods between the moments at which training rows are asked; a quarter of the horizon unless said.
    learn_origins : int
        How many such moments there are, back from the first one that judges.
    at_least : int, optional
        Periods that a series must have before it is asked about; twice the horizon unless said.
    quantiles : list of float
        Those that answers are judged on; the nine of the M5 competition unless said.
    """

    answers: ClassVar[str] = QUANTILES

    every: Duration
    horizon: Annotated[int, Field(ge=1, le=1000)]
    levels: Levels = Field(default_factory=_all)
    table: TableName | None = None
    begins: Begins = "first line"
    returns: Returns = "refuse"
    learn_every: Annotated[int, Field(ge=1)] | None = None
    learn_origins: Annotated[int, Field(ge=1, le=1000)] = 40
    at_least: Annotated[int, Field(ge=1)] | None = None
    quantiles: Quantiles = Field(default_factory=lambda: list(M5_QUANTILES))

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return a row for each series, moment and period."""
        from sartor_plugins.forecast.tasks.asking import demand_rows

        return demand_rows(self, tables.single() if self.table is None else tables[self.table], origins)

    def trivial(self) -> dict[str, Model]:
        """Return the last value, the one a season ago, and a moving average."""
        from sartor_plugins.forecast.trivial import TrivialForecast

        return {
            "last value": TrivialForecast(method="naive", quantiles=self.quantiles),
            "a season ago": TrivialForecast(method="seasonal_naive", quantiles=self.quantiles),
            "moving average": TrivialForecast(method="moving_average", quantiles=self.quantiles),
        }

    def metrics(self) -> list[Metric]:
        """Return errors of sums and series weighed by money, of totals, and of quantiles."""
        from sartor_plugins.forecast.metrics.catalogue import demand_metrics

        return demand_metrics(self.levels, self.quantiles)

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return what the report shows: errors by how demand comes, by period, and how quantiles hold."""
        from sartor_plugins.forecast.telling.demand import sections

        return sections(judged, context, self.quantiles)
