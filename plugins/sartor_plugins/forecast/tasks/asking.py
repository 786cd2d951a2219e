"""Turns settings of a task into rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sartor.rows import GROUP, Rows
from sartor_plugins.forecast.features.forecasting import LONGEST, histories
from sartor_plugins.forecast.history.calendar import season_of, year_of
from sartor_plugins.forecast.history.panel import text_of
from sartor_plugins.forecast.methods.methods import forecasts
from sartor_plugins.forecast.names import PERIOD, trivial_name
from sartor_plugins.forecast.tasks.making import Asking, Made, make

if TYPE_CHECKING:
    from sartor.rows import Origins, Table
    from sartor_plugins.forecast.tasks.demand import Demand

TRIVIAL = ("naive", "seasonal_naive", "moving_average")
"""Answers of these stand in the rows, so that trivial answers need no feature."""


def demand_rows(settings: Demand, table: Table, origins: Origins) -> Rows:
    """Return the rows of `Demand`."""
    asking = Asking(
        every=settings.every,
        steps=range(1, settings.horizon + 1),
        span=1,
        learn_every=settings.learn_every or max(1, settings.horizon // 4),
        learn_origins=settings.learn_origins,
        at_least=settings.at_least or 2 * settings.horizon,
        levels=settings.levels,
        begins=settings.begins,
        returns=settings.returns,
    )
    made = make(asking, table, origins)
    with_trivial(made, asking.span)
    # Rows of one period depend on each other: weather and promotions reach all series at once.
    periods, places = np.unique(made.frame[PERIOD].to_numpy(), return_inverse=True)
    made.frame[GROUP] = np.array([text_of(period) for period in periods], dtype=object)[places]
    return finished(made)


def with_trivial(made: Made, span: int) -> None:
    """Give each row the answers of the plainest methods."""
    every = made.panel.calendar.every
    pairs, places = np.unique(np.stack([made.series, made.origin]), axis=1, return_inverse=True)
    season = season_of(every)
    memory = max(min(3 * year_of(every), LONGEST), season)
    past = histories(made.panel.units, pairs[0], pairs[1], memory)
    begin = made.start - made.origin
    horizon = int(begin.max()) + span
    for method in TRIVIAL:
        ahead = np.cumsum(forecasts(method, past, horizon, season), axis=1)
        ahead = np.concatenate([np.zeros((len(ahead), 1)), ahead], axis=1)
        made.frame[trivial_name(method)] = ahead[places.ravel(), begin + span] - ahead[places.ravel(), begin]


def finished(made: Made) -> Rows:
    """Return rows as the core takes them."""
    import narwhals as nw
    import pyarrow as pa

    arrow = pa.Table.from_pandas(made.frame, preserve_index=False)
    keys = (*made.panel.keys.columns,)
    return Rows(nw.from_native(arrow).lazy(), keys=keys)
