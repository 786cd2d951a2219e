"""Settings of the shop simulator; the simulator itself is in `sartor_plugins.samples.shopping`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from sartor.components import Fraction, Ingest
from sartor_plugins.samples.lending import Date

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor.context import Context

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "events": {
        "line": "integer",
        "at": "datetime",
        "customer": "text",
        "item": "text",
        "event": "text",
        "query": "text",
        "invoice": "text",
        "quantity": "integer",
        "price": "number",
    },
    "items": {
        "item": "text",
        "category": "text",
        "price": "number",
        "margin": "number",
        "stock": "integer",
        "promoted": "boolean",
    },
    "customers": {"customer": "text", "consent": "boolean"},
}


class Shop(Ingest):
    """A simulated web shop: what its customers look at, search for and buy, its catalogue and its customers.

    No such shop exists. Each customer has tastes, and staples that are bought again and again; items come into fashion
    and go out of it. Many purchases are looked at first. Lines come in the order of their moments. A few are as they
    are in practice, unless `dirt` is 0: bought by a guest, taken back by a negative line, entered twice, written in
    small letters, or no product at all.

    Parameters
    ----------
    table : {"events", "items", "customers"}
        Which of its tables; with the same other settings they belong together.
    customers : int
        How many customers.
    items : int
        How many items the catalogue has.
    start : date
        The first day.
    days : int
        For how many days.
    visits : float
        How often a customer buys in 30 days, on average.
    dirt : float
        Share of lines of each kind of dirt.
    seed : int
        The same settings give the same rows, whatever the seed of the run.

    Examples
    --------
    >>> from sartor.context import Context
    >>> Shop(table="items", items=3).read(Context()).column_names
    ['item', 'category', 'price', 'margin', 'stock', 'promoted']
    """

    simulated: ClassVar[bool] = True

    table: Literal["events", "items", "customers"] = "events"
    customers: Annotated[int, Field(ge=1, le=1_000_000)] = 800
    items: Annotated[int, Field(ge=1, le=100_000)] = 300
    start: Date = date(2024, 1, 1)
    days: Annotated[int, Field(ge=1, le=3_650)] = 180
    visits: Annotated[float, Field(gt=0, le=100)] = 1.2
    dirt: Annotated[Fraction, Field(le=0.2)] = 0.02
    seed: Annotated[int, Field(ge=0)] = 0

    def columns(self, context: Context) -> Mapping[str, str]:
        """Return names and types, known beforehand."""
        return dict(COLUMNS[self.table])

    def source(self) -> str:
        """Say that no such shop exists."""
        return f"simulated by samples.shop, seed {self.seed}; not real"

    def fingerprint(self, context: Context) -> str:
        """Return the same text always: the rows follow from the settings alone."""
        return "simulated"

    def read(self, context: Context) -> pa.Table:
        """Return the table."""
        from sartor_plugins.samples.shopping import table_of

        return table_of(self)
