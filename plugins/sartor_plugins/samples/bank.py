"""Settings of the bank simulator; the simulator itself is in `sartor_plugins.samples.payments`."""

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


class Bank(Ingest):
    """Simulated card payments of a bank, some of them fraudulent.

    No such bank exists. Each card has habits of its own: how often it pays, how much, where. Fraud comes in three ways:
    a card is stolen and pays much more than its holder does, and often, for some days; a terminal is tampered with, and
    for some weeks every other payment there is fraud, of usual amounts; somebody buys at night from afar. Payments come
    in the order of their moments, numbered from 0.

    Parameters
    ----------
    cards : int
        How many cards.
    terminals : int
        How many terminals they pay at.
    start : date
        The first day.
    days : int
        For how many days.
    payments_a_day : float
        How often a card pays a day, on average.
    fraud : float
        How much fraud there is, 1 being usual: about 1 % of payments.
    missing : float
        Share of payments without a ``category``.
    not_known : float
        Share of payments whose ``outcome`` is not known: it is missing.
    scenario : bool
        Adds the way of each fraud, 0 for none. For looking at models, never as a feature.
    seed : int
        The same settings give the same payments, whatever the seed of the run.

    Examples
    --------
    >>> from sartor.context import Context
    >>> payments = Bank(cards=20, days=10).read(Context())
    >>> payments.column_names
    ['payment', 'at', 'card', 'terminal', 'category', 'amount', 'fraud']
    """

    simulated: ClassVar[bool] = True
    known_columns: ClassVar[Mapping[str, str]] = {
        "payment": "integer",
        "at": "datetime",
        "card": "text",
        "terminal": "text",
        "category": "text",
        "amount": "number",
        "fraud": "integer",
    }

    cards: Annotated[int, Field(ge=1, le=1_000_000)] = 500
    terminals: Annotated[int, Field(ge=2, le=1_000_000)] = 250
    start: Date = date(2024, 1, 1)
    days: Annotated[int, Field(ge=1, le=3_650)] = 80
    payments_a_day: Annotated[float, Field(gt=0, le=100)] = 1.2
    fraud: Annotated[float, Field(ge=0, le=20)] = 1.0
    missing: Annotated[Fraction, Field(le=0.5)] = 0.0
    not_known: Annotated[Fraction, Field(le=0.5)] = 0.0
    scenario: bool = False
    seed: Annotated[int, Field(ge=0)] = 0

    def columns(self, context: Context) -> Mapping[str, str]:
        """Return names and types, known beforehand."""
        return {**self.known_columns, **({"scenario": "integer"} if self.scenario else {})}

    def source(self) -> str:
        """Say that no such bank exists."""
        return f"simulated by samples.bank, seed {self.seed}; not real"

    def fingerprint(self, context: Context) -> str:
        """Return the same text always: the rows follow from the settings alone."""
        return "simulated"

    def read(self, context: Context) -> pa.Table:
        """Return the payments."""
        from sartor_plugins.samples.payments import payments

        return payments(self)
