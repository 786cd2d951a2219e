"""Settings of the simulated chain of stores; the simulator itself is in `sartor_plugins.samples.chain_sales`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sartor.components import Fraction, Ingest
from sartor_plugins.samples.lending import Date

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor.context import Context


class Chain(Ingest):
    """Weekly sales of a simulated chain of stores, with prices, promotions, costs and packs.

    Nobody buys there. Demand has what makes real demand hard: items that sell hundreds a week beside items that sell
    now and then, seasons by category, slow trends, promotions that lift it and prices that move it. Everything asked
    for is sold.

    Parameters
    ----------
    stores, items : int
        How many of each; every store carries every item.
    weeks : int
        How many weeks, the first of which begins on `start`.
    start : date
        When the first week begins.
    seed : int
        The same settings give the same lines, whatever the seed of the run.
    intermittent : float
        Share of items that sell in few weeks.
    promoted : float
        Share of weeks in which an item is on promotion, in all stores alike.
    unwritten : float
        Share of weeks without a sale that have no line at all, as in the files of real chains.
    expected_units : bool
        Adds the demand that each number was drawn around. For tests of models, never as a feature.

    Examples
    --------
    >>> from sartor.context import Context
    >>> table = Chain(stores=2, items=3, weeks=10).read(Context())
    >>> table.column_names
    ['store', 'item', 'category', 'week', 'units', 'price', 'promo', 'unit_cost', 'case_pack']
    """

    simulated: ClassVar[bool] = True

    stores: Annotated[int, Field(ge=1, le=10_000)] = 6
    items: Annotated[int, Field(ge=1, le=100_000)] = 20
    weeks: Annotated[int, Field(ge=2, le=1_000)] = 130
    start: Date = date(2022, 1, 3)
    seed: Annotated[int, Field(ge=0)] = 0
    intermittent: Fraction = 0.4
    promoted: Annotated[Fraction, Field(le=0.5)] = 0.12
    unwritten: Fraction = 0.3
    expected_units: bool = False

    def columns(self, context: Context) -> Mapping[str, str]:
        """Return names and types, known beforehand."""
        known = {
            "store": "text",
            "item": "text",
            "category": "text",
            "week": "date",
            "units": "integer",
            "price": "number",
            "promo": "integer",
            "unit_cost": "number",
            "case_pack": "integer",
        }
        return {**known, **({"expected_units": "number"} if self.expected_units else {})}

    def source(self) -> str:
        """Say that it is made up."""
        return f"simulated by samples.chain, seed {self.seed}; not real"

    def fingerprint(self, context: Context) -> str:
        """Return the same text always: the lines follow from the settings alone."""
        return "simulated"

    def read(self, context: Context) -> pa.Table:
        """Return the sales."""
        from sartor_plugins.samples.chain_sales import sales

        return sales(self)
