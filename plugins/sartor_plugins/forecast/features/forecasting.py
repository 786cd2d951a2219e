"""Forecasts of each series from its own past, at every moment of asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor_plugins.forecast.features.asked import asked
from sartor_plugins.forecast.history.calendar import season_of, year_of
from sartor_plugins.forecast.methods.methods import forecasts

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Rows, Table
    from sartor_plugins.forecast.features.own import OwnForecasts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LONGEST = 400


def build(settings: OwnForecasts, rows: Rows, table: Table, context: Context) -> pd.DataFrame:
    """Build what `OwnForecasts` offers."""
    known = asked(rows, table)
    every = known.panel.calendar.every
    season = settings.season or season_of(every)
    memory = settings.memory or min(3 * year_of(every), LONGEST)
    series = np.maximum(known.series, 0)
    pairs, places = np.unique(np.stack([series, known.origin]), axis=1, return_inverse=True)
    places = places.ravel()
    past = histories(known.panel.units, pairs[0], pairs[1], memory)
    horizon = int((known.stop - known.origin).max(initial=1))
    begin, end = known.start - known.origin, known.stop - known.origin
    made: dict[str, Any] = {}
    for number, method in enumerate(settings.methods):
        context.progress(number, len(settings.methods), "methods")
        ahead = np.cumsum(forecasts(method, past, horizon, season), axis=1)
        ahead = np.concatenate([np.zeros((len(ahead), 1)), ahead], axis=1)
        made[method] = ahead[places, end] - ahead[places, begin]
    return known.columns(made)


def histories(units: Floats, series: Ints, origin: Ints, memory: int) -> Floats:
    """Return for pairs of series and moment the periods before the moment, right-aligned.

    Examples
    --------
    >>> histories(np.array([[1.0, 2.0, 3.0]]), np.array([0, 0]), np.array([1, 3]), memory=2).tolist()
    [[nan, 1.0], [2.0, 3.0]]
    """
    memory = max(1, min(memory, int(origin.max(initial=1))))
    places = origin[:, None] - memory + np.arange(memory)
    inside = (places >= 0) & (places < units.shape[1])
    found = units[series[:, None], np.clip(places, 0, units.shape[1] - 1)]
    return np.where(inside, found, np.nan)
