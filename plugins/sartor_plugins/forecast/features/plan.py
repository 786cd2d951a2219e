"""Settings of the feature that tells what is planned; the work is in `sartor_plugins.forecast.features.planning`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from sartor.components import Column, Feature
from sartor.errors import SettingError

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Rows, Tables


class Plan(Feature):
    """What is known ahead of the periods asked about: prices, promotions, events.

    The columns must be declared at ingest: ``known_ahead: [price, deal]``; else the run stops because they saw the
    future.

    Parameters
    ----------
    prices : list of columns
        Carried forward to periods without a line, then back to the time before the first. Told against the series'
        own mean of a year, against its last price, and against the other series of `among`.
    flags : list of columns
        Promotions and events: numbers, or texts that count as set where something is written. Nothing is set in a
        period without a line. Told as they are, and by what the series sold before when they were as they will be.
    among : list of columns
        Which series compete: those with the same store, ``[store]``.
    """

    prices: list[Column] = Field(default_factory=list)
    flags: list[Column] = Field(default_factory=list)
    among: list[Column] = Field(default_factory=list)

    @model_validator(mode="after")
    def _something_planned(self) -> Self:
        if not self.prices and not self.flags:
            raise SettingError(
                "the plan names neither prices nor flags",
                hints=(("to mend", "name columns that are known ahead: prices: [price], flags: [deal]"),),
            )
        return self

    def build(self, rows: Rows, tables: Tables, context: Context) -> Any:
        """Return the columns, from what is known ahead and from sales before the moment of asking."""
        from sartor_plugins.forecast.features.planning import build

        return build(self, rows, tables.single())
