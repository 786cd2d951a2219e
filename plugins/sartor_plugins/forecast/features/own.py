"""Settings of the feature that forecasts each series from its own past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from sartor.components import Feature
from sartor_plugins.forecast.settings import Method

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Rows, Tables


class OwnForecasts(Feature):
    """Forecasts of each series from nothing but its own past, a column for each method.

    They are features for models that learn from all series, and answers by themselves: `forecast.method` answers with
    one of them.

    Parameters
    ----------
    methods : list of str
        Any of ``naive``, ``seasonal_naive``, ``moving_average``, ``exponential_smoothing``, ``theta``, ``croston``,
        ``sba``, ``tsb``, ``imapa``.
    memory : int, optional
        Periods that are looked back on; left out, three years, and at most 400.
    season : int, optional
        Periods after which demand repeats itself; left out 7 days, 52 weeks, 12 months.
    """

    methods: Annotated[list[Method], Field(min_length=1)]
    memory: Annotated[int, Field(ge=2)] | None = None
    season: Annotated[int, Field(ge=1)] | None = None

    def build(self, rows: Rows, tables: Tables, context: Context) -> Any:
        """Return the columns; they use periods before the moment of asking only."""
        from sartor_plugins.forecast.features.forecasting import build

        return build(self, rows, tables.single(), context)
