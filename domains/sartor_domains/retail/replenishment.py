"""The task of replenishment: what sells in the time that an order must cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator

from sartor.components import QUANTILES, Column, Duration, Model, TableName, Task
from sartor_plugins.forecast.metrics.catalogue import quantity_metrics
from sartor_plugins.forecast.names import M5_QUANTILES
from sartor_plugins.forecast.settings import Begins, Quantiles, Returns, rising
from sartor_plugins.forecast.trivial import TrivialForecast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Tables
    from sartor.sections import Caution, Section


class Replenishment(Task):
    """How much will sell in the time that an order must cover? Answered with the mean and with quantiles.

    An order that is placed at one review must last until the order of the next review has arrived: for the review
    period and the lead time together, the protection interval. Demand is summed over it before anything is learned, so
    that a quantile of the answer is a quantile of the sum. A row is a series (an item in a store) at a review. The
    table is that of `forecast.demand`.

    Parameters
    ----------
    every : Duration
        Length of a period of the table.
    review : Duration
        Time between two orders.
    lead_time : Duration
        Time from an order to its arrival, whole reviews; an order counts as stock from the beginning of that day.
    table : str, optional
        The table of sales; needed where there are several.
    carry : list of columns
        Of the series, for the decision: what a unit costs, how many are in a pack.
    begins, returns
        As in `forecast.demand`.
    learn_every : int, optional
        Periods between the moments at which training rows are asked; one review unless said.
    learn_origins : int
        How many such moments there are, back from the first one that judges.
    at_least : int, optional
        Periods that a series must have before it is asked about; twice the protection interval unless said.
    quantiles : list of float
        Those that answers are judged on.
    """

    answers: ClassVar[str] = QUANTILES

    every: Duration
    review: Duration
    lead_time: Duration
    table: TableName | None = None
    carry: list[Column] = Field(default_factory=list)
    begins: Begins = "first line"
    returns: Returns = "refuse"
    learn_every: Annotated[int, Field(ge=1)] | None = None
    learn_origins: Annotated[int, Field(ge=1, le=1000)] = 80
    at_least: Annotated[int, Field(ge=1)] | None = None
    quantiles: Quantiles = Field(default_factory=lambda: list(M5_QUANTILES))

    @model_validator(mode="after")
    def _quantiles_rise(self) -> Self:
        rising(self.quantiles)
        return self

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return a row for each series and review."""
        from sartor_domains.retail.supply.asking import replenishment_rows

        return replenishment_rows(self, tables.single() if self.table is None else tables[self.table], origins)

    def trivial(self) -> dict[str, Model]:
        """Return the last stretch, the one a season ago, and a moving average."""
        return {
            "last value": TrivialForecast(method="naive", quantiles=self.quantiles),
            "a season ago": TrivialForecast(method="seasonal_naive", quantiles=self.quantiles),
            "moving average": TrivialForecast(method="moving_average", quantiles=self.quantiles),
        }

    def metrics(self) -> list[Metric]:
        """Return errors of totals and of quantiles; the quantiles come first, as orders follow from them."""
        found = {metric.name: metric for metric in quantity_metrics(self.quantiles)}
        return [found[name] for name in ("wspl", "wape", "bias", "pinball", "coverage_95")]

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return how quantiles hold, and errors by how demand comes."""
        from sartor_plugins.forecast.telling.demand import sections

        return sections(judged, context, self.quantiles)
