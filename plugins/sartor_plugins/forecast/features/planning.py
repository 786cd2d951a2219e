"""What is planned for the periods asked about, worked out for all rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor_plugins.forecast.features.asked import Asked, asked
from sartor_plugins.forecast.features.recency import groups_of, usual_of
from sartor_plugins.forecast.history.calendar import year_of
from sartor_plugins.forecast.history.panel import price_filled, widened
from sartor_plugins.forecast.history.past import Past

if TYPE_CHECKING:
    from sartor.rows import Rows, Table
    from sartor_plugins.forecast.features.plan import Plan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SHRINK = 4.0
"""Periods of usual demand that stand beside those with the same flag."""


def build(settings: Plan, rows: Rows, table: Table) -> pd.DataFrame:
    """Build what `Plan` offers."""
    known = asked(rows, table, [*settings.prices, *settings.flags])
    wanted = max(int(known.stop.max(initial=0)), known.panel.periods)
    groups = groups_of(known.panel.keys, settings.among) if settings.among else None
    made: dict[str, Any] = {}
    for name in settings.prices:
        made |= _price(name, price_filled(known.panel.more[name], wanted), known, groups)
    for name in settings.flags:
        made |= _flag(name, np.nan_to_num(widened(known.panel.more[name], wanted)), known, groups)
    return known.columns(made)


def _price(name: str, prices: Floats, known: Asked, groups: Ints | None) -> dict[str, Any]:
    series, year = np.maximum(known.series, 0), year_of(known.panel.calendar.every)
    past = Past(prices)
    planned = past.mean(series, known.start, known.stop)
    before = past.mean(series, known.origin - year, known.origin)
    made = {
        name: planned,
        f"{name}_vs_year": _ratio(planned, before),
        f"{name}_vs_last": _ratio(planned, past.mean(series, known.origin - 1, known.origin)),
    }
    if groups is not None:
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = prices / np.where(prices > 0, _yearly(past, year), np.nan)
        others = Past(others_mean(relative, groups))
        made[f"{name}_of_others"] = others.mean(series, known.start, known.stop)
    return made


def _yearly(past: Past, year: int) -> Floats:
    """Return each period's mean over the year that ends with it."""
    n_series, n_periods = past.values.shape
    series = np.repeat(np.arange(n_series), n_periods)
    stop = np.tile(np.arange(n_periods), n_series) + 1
    return past.mean(series, stop - year, stop).reshape(n_series, n_periods)


def others_mean(values: Floats, groups: Ints) -> Floats:
    """Return for each series the mean of the others in its group; NaN where there are none.

    Examples
    --------
    >>> others_mean(np.array([[1.0], [2.0], [6.0]]), np.array([0, 0, 0])).ravel().tolist()
    [4.0, 3.5, 1.5]
    """
    there = ~np.isnan(values)
    filled = np.where(there, values, 0.0)
    total, held = np.zeros((int(groups.max()) + 1, values.shape[1])), np.zeros((int(groups.max()) + 1, values.shape[1]))
    np.add.at(total, groups, filled)
    np.add.at(held, groups, there.astype(np.float64))
    rest, count = total[groups] - filled, held[groups] - there
    return np.asarray(np.divide(rest, count, out=np.full(values.shape, np.nan), where=count > 0))


def _flag(name: str, flags: Floats, known: Asked, groups: Ints | None) -> dict[str, Any]:
    series, year = np.maximum(known.series, 0), year_of(known.panel.calendar.every)
    units = known.panel.units
    past = Past(flags)
    planned = past.mean(series, known.start, known.stop)
    made = {name: planned, f"{name}_lately": past.mean(series, known.origin - 1, known.origin)}
    usual = usual_of(Past(units), series, known.origin, year)
    if _is_flag(flags):
        here = flags[:, : units.shape[1]] > 0.5
        rates = []
        for wanted in (False, True):
            then = Past(np.where(here == wanted, units, np.nan))
            total = then.total(series, known.origin - 2 * year, known.origin)
            count = then.count(series, known.origin - 2 * year, known.origin)
            rates.append((total + SHRINK * usual) / (count + SHRINK) / usual)
        made[f"sold_at_such_{name}"] = rates[0] + (rates[1] - rates[0]) * planned
    if groups is not None:
        made[f"{name}_of_others"] = Past(others_mean(flags, groups)).mean(series, known.start, known.stop)
    return made


def _is_flag(flags: Floats) -> bool:
    """Tell whether values lie between 0 and 1 and are set now and then."""
    return bool(flags.min(initial=0) >= 0 and flags.max(initial=0) <= 1 and flags.any())


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))
