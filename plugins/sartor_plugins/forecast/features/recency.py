"""What a series sold lately, worked out for all rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor_plugins.forecast.features.asked import Asked, asked
from sartor_plugins.forecast.history.calendar import season_of, year_of
from sartor_plugins.forecast.history.panel import Panel, panel_of
from sartor_plugins.forecast.history.past import Past
from sartor_plugins.forecast.names import STEP, USUAL

if TYPE_CHECKING:
    from sartor.durations import Duration
    from sartor.rows import Rows, Table
    from sartor_plugins.forecast.features.recent import Recent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SEASONS = (4, 12)
"""Over how many of the last seasons the same phase is averaged."""


def build(settings: Recent, rows: Rows, table: Table) -> pd.DataFrame:
    """Build what `Recent` offers."""
    known = asked(rows, table)
    every = known.panel.calendar.every
    past, series = Past(known.panel.units), np.maximum(known.series, 0)
    usual = usual_of(past, series, known.origin, year_of(every))
    windows = settings.windows or default_windows(every)
    span = (known.stop - known.start).astype(np.float64)
    made: dict[str, Any] = {USUAL: usual * span, "ahead": known.frame[STEP].to_numpy(dtype=np.float64)}
    made |= _lately(past, series, known, usual, windows)
    made |= _seasons(past, series, known, usual, every)
    made |= _when(known, every)
    traits = _traits(settings, table, known.panel, every)
    for columns in settings.groups:
        made |= _group(known, traits, columns, every)
    for name in settings.names:
        made[f"of_{name}"] = traits[name].astype(str).to_numpy()[series]
    return known.columns(made)


def default_windows(every: Duration) -> list[int]:
    """Return numbers of periods from the last one to a year.

    Examples
    --------
    >>> from sartor.durations import Duration
    >>> default_windows(Duration(1, "day"))
    [1, 3, 7, 14, 28, 56, 91, 182]
    >>> default_windows(Duration(1, "month"))
    [1, 2, 3, 6, 24]
    """
    if year_of(every) > 100:
        return [1, 3, 7, 14, 28, 56, 91, 182]
    return [1, 2, 4, 8, 13, 26] if year_of(every) > 12 else [1, 2, 3, 6, 24]


def usual_of(past: Past, series: Ints, origin: Ints, year: int) -> Floats:
    """Return the mean of the last year; where nothing was sold in it, half a unit in all of it."""
    mean = past.mean(series, origin - year, origin)
    return np.maximum(np.nan_to_num(mean), 0.5 / year)


def _lately(past: Past, series: Ints, known: Asked, usual: Floats, windows: Sequence[int]) -> dict[str, Any]:
    origin = known.origin
    made: dict[str, Any] = {}
    for width in windows:
        made[f"last_{width}"] = past.mean(series, origin - width, origin) / usual
    for width in (windows[len(windows) // 2], windows[-1]):
        made[f"nothing_in_{width}"] = past.share_of_nothing(series, origin - width, origin)
        made[f"spread_{width}"] = past.spread(series, origin - width, origin) / usual
    made["since_sold"] = past.since(series, origin)
    made["age"] = (origin - known.panel.first[series]).astype(np.float64)
    return made


def _seasons(past: Past, series: Ints, known: Asked, usual: Floats, every: Duration) -> dict[str, Any]:
    season, year = season_of(every), year_of(every)
    made: dict[str, Any] = {}
    if 1 < season < year:
        for count in SEASONS:
            made[f"same_phase_{count}"] = _same_phase(past, series, known, season, count) / usual
    if year > 1:
        pad = year // 52
        made["year_ago"] = _year_ago(past, series, known, year, pad) / usual
        made["two_years_ago"] = _year_ago(past, series, known, 2 * year, pad) / usual
    return made


def _same_phase(past: Past, series: Ints, known: Asked, season: int, count: int) -> Floats:
    """Return the mean over the last seasons of the periods that stand where the asked ones do."""
    back = -(-(known.stop - known.origin) // season)
    total, held = np.zeros(len(series)), np.zeros(len(series))
    for place in range(count):
        shift = (back + place) * season
        total += past.total(series, known.start - shift, known.stop - shift)
        held += past.count(series, known.start - shift, known.stop - shift)
    return np.asarray(np.divide(total, held, out=np.full(len(series), np.nan), where=held > 0))


def _year_ago(past: Past, series: Ints, known: Asked, year: int, pad: int) -> Floats:
    start, stop = known.start - year - pad, np.minimum(known.stop - year + pad, known.origin)
    return past.mean(series, start, stop)


def _when(known: Asked, every: Duration) -> dict[str, Any]:
    """Return where in the year, month and week the asked periods lie."""
    numbers, places = np.unique(known.start, return_inverse=True)
    moments = known.panel.calendar.moments(numbers)
    made: dict[str, Any] = {"day_of_year": moments.day_of_year.to_numpy(dtype=np.float64)[places]}
    if season_of(every) == 7:
        made["day_of_week"] = moments.day_of_week.to_numpy(dtype=np.float64)[places]
        made["day_of_month"] = moments.day.to_numpy(dtype=np.float64)[places]
    return made


def _traits(settings: Recent, table: Table, panel: Panel, every: Duration) -> pd.DataFrame:
    wanted = list(dict.fromkeys([*(name for group in settings.groups for name in group), *settings.names]))
    other = [name for name in wanted if name not in panel.keys]
    if not other:
        return panel.keys
    told = panel_of(table, every, traits=other, returns="as zero").traits
    return pd.concat([panel.keys, told], axis=1)


def _group(known: Asked, traits: pd.DataFrame, columns: Sequence[str], every: Duration) -> dict[str, Any]:
    """Return how the demand of all series in a group moves."""
    codes = groups_of(traits, columns)
    past = Past(summed(known.panel.units, codes))
    group, origin, year = codes[np.maximum(known.series, 0)], known.origin, year_of(every)
    usual = usual_of(past, group, origin, year)
    name = "_".join(columns) or "all"
    short, long = (7, 28) if season_of(every) == 7 else (1, 4)
    made = {
        f"{name}_last_{short}": past.mean(group, origin - short, origin) / usual,
        f"{name}_last_{long}": past.mean(group, origin - long, origin) / usual,
    }
    season = season_of(every)
    if 1 < season < year:
        made[f"{name}_same_phase"] = _same_phase(past, group, known, season, SEASONS[1]) / usual
    if year > 1:
        ago = _year_ago(past, group, known, year, year // 52)
        then = past.mean(group, origin - year - long, origin - year + long)
        made[f"{name}_season"] = np.divide(ago, then, out=np.full(len(ago), np.nan), where=then > 0)
    return made


def groups_of(traits: pd.DataFrame, columns: Sequence[str]) -> Ints:
    """Return the number of each series' group."""
    if not columns:
        return np.zeros(len(traits), dtype=np.int64)
    return np.asarray(
        traits.groupby(list(columns), sort=True, observed=True, dropna=False).ngroup().to_numpy().astype(np.int64)
    )


def summed(values: Floats, codes: Ints) -> Floats:
    """Return sums by group; NaN where no series of the group has begun.

    Examples
    --------
    >>> summed(np.array([[1.0, 2.0], [np.nan, 3.0], [5.0, 6.0]]), np.array([0, 0, 1])).tolist()
    [[1.0, 5.0], [5.0, 6.0]]
    """
    total = np.zeros((int(codes.max()) + 1, values.shape[1]))
    held = np.zeros_like(total)
    np.add.at(total, codes, np.nan_to_num(values))
    np.add.at(held, codes, (~np.isnan(values)).astype(np.float64))
    return np.where(held > 0, total, np.nan)
