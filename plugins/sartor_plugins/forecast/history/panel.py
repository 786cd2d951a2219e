"""Series side by side: a line for each series, a column for each period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.errors import InputError
from sartor.wording import form, plural
from sartor_plugins.forecast.history.calendar import Calendar, Places

if TYPE_CHECKING:
    from sartor.durations import Duration
    from sartor.rows import Table

Floats = NDArray[np.float64]
UNITS, PRICE = "units", "price"
"""Roles: what was sold, and at which price."""


@dataclass(frozen=True, eq=False)
class Panel:
    """What was sold, series by period.

    Parameters
    ----------
    calendar : Calendar
    keys : DataFrame of shape (n_series, ...)
        Which series each line is, by the columns of the table's key but for its time.
    units : ndarray of shape (n_series, n_periods)
        NaN before a series begins; a period without a line counts as nothing sold.
    first : ndarray of shape (n_series,)
        Period of each series' first line.
    more : mapping of column to ndarray of shape (n_series, n_more)
        Columns known ahead, also of periods behind the last one sold in; NaN where there is no line.
    traits : DataFrame of shape (n_series, ...)
        Other columns of the table that each series has one value of.
    filled : int
        Cells between a series' first line and the last period that had no line, or none with a number.
    ended : int
        Series whose last line lies before the last period.
    """

    calendar: Calendar
    keys: pd.DataFrame
    units: Floats
    first: Places
    more: dict[str, Floats] = field(default_factory=dict)
    traits: pd.DataFrame = field(default_factory=pd.DataFrame)
    filled: int = 0
    ended: int = 0

    @property
    def periods(self) -> int:
        """How many periods were sold in."""
        return int(self.units.shape[1])

    def places(self, rows: pd.DataFrame) -> Places:
        """Return the line of each row's series, -1 where there is none."""
        columns = list(self.keys.columns)
        here = pd.MultiIndex.from_frame(self.keys.astype(str))
        wanted = pd.MultiIndex.from_frame(rows[columns].astype(str))
        return np.asarray(here.get_indexer(wanted), dtype=np.int64)

    def names(self) -> list[str]:
        """Return each series' key as one text."""
        parts = [self.keys[name].astype(str) for name in self.keys.columns]
        named = parts[0]
        for part in parts[1:]:
            named = named + "/" + part
        return list(named)


def series_columns(table: Table) -> list[str]:
    """Return the columns of a table's key that name a series: all but its time.

    Raises
    ------
    InputError
        If the table has no time, or no key with a time in it.
    """
    if table.time is None or table.time not in table.key or len(table.key) < 2:
        raise InputError(
            f"table {table.name} is no table of series over time: its key must be the columns of the series and its "
            "time",
            code="D180",
            hints=(("to mend", f"say at ingest {table.name}: {{key: [store, item, date], time: date, ...}}"),),
        )
    return [column for column in table.key if column != table.time]


def units_column(table: Table) -> str:
    """Return the column in the role ``units``."""
    return table.role(UNITS)


def price_column(table: Table) -> str | None:
    """Return the column in the role ``price``, if there is one."""
    return table.roles.get(PRICE) or (PRICE if PRICE in table.columns else None)


def panel_of(
    table: Table,
    every: Duration,
    *,
    more: Sequence[str] = (),
    traits: Sequence[str] = (),
    begins: str = "first line",
    returns: str = "refuse",
) -> Panel:
    """Put the lines of a table side by side.

    Parameters
    ----------
    table : Table
        A line for each series and period, with a time and the series in its key, and a column in the role ``units``.
    every : Duration
    more : sequence of str
        Columns that are wanted beside the units, also behind the last period: numbers, flags, or texts, which count
        as a flag that is set where something is written.
    traits : sequence of str
        Columns that tell something of the whole series.
    begins : {"first line", "first sale"}
        Where a series begins.
    returns : {"refuse", "as zero"}
        What to do with less than nothing sold.

    Raises
    ------
    InputError
        If dates are no beginnings of periods, units are no numbers, or less than nothing was sold.
    """
    columns = series_columns(table)
    assert table.time is not None
    units = units_column(table)
    wanted = list(dict.fromkeys([*columns, table.time, units, *more, *traits]))
    _check_columns(table, wanted)
    lines = _fetched(table, wanted)
    _check_units(table, lines, units, returns)
    if returns == "as zero":
        lines[units] = lines[units].clip(lower=0)
    known = lines[units].notna().to_numpy()
    if not known.any():
        raise InputError(f"table {table.name} holds no number in '{units}'", code="D182")
    moments = pd.DatetimeIndex(lines[table.time])
    calendar = Calendar(moments.min(), every)
    numbers = calendar.numbers(moments)
    _check_grid(table, moments, numbers, calendar)
    groups = lines.groupby(columns, sort=True, observed=True)
    series = groups.ngroup().to_numpy()
    keys = groups.size().reset_index()[columns]
    end = int(numbers[known].max()) + 1
    return _spread(lines, numbers, series, keys, calendar, end, units, more, traits, begins)


def _spread(
    lines: pd.DataFrame,
    numbers: Places,
    series: Places,
    keys: pd.DataFrame,
    calendar: Calendar,
    end: int,
    units: str,
    more: Sequence[str],
    traits: Sequence[str],
    begins: str,
) -> Panel:
    count, width = len(keys), int(numbers.max()) + 1
    matrix = np.full((count, width), np.nan)
    matrix[series, numbers] = lines[units].to_numpy(dtype="float64", na_value=np.nan)
    starts = np.full(count, width, dtype=np.int64)
    counted = (lines[units] > 0).to_numpy(dtype=bool, na_value=False) if begins == "first sale" else numbers < end
    np.minimum.at(starts, series[counted], numbers[counted])
    last = np.full(count, -1, dtype=np.int64)
    there = ~np.isnan(matrix)
    last = np.where(there.any(axis=1), width - 1 - there[:, ::-1].argmax(axis=1), -1)
    matrix = matrix[:, :end]
    inside = np.arange(end)[None, :] >= starts[:, None]
    holes = inside & np.isnan(matrix)
    matrix = np.where(inside, np.nan_to_num(matrix), np.nan)
    beside = {name: _beside(lines[name], series, numbers, (count, width)) for name in more}
    told = lines.assign(__series=series).sort_values("__series", kind="stable").drop_duplicates("__series")
    return Panel(
        calendar,
        keys,
        matrix,
        starts,
        beside,
        told[list(traits)].reset_index(drop=True),
        filled=int(holes.sum()),
        ended=int(((last < end - 1) & (last >= 0)).sum()),
    )


def _beside(column: pd.Series, series: Places, numbers: Places, shape: tuple[int, int]) -> Floats:
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        values = column.to_numpy(dtype="float64", na_value=np.nan)
    else:
        values = (column.notna() & (column.astype("str").str.strip() != "")).to_numpy(dtype="float64")
    matrix = np.full(shape, np.nan)
    matrix[series, numbers] = values
    return matrix


def _fetched(table: Table, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of a lazy frame in pandas."""
    arrow = table.frame.select(*columns).collect(backend="pyarrow").to_native()
    return pd.DataFrame(arrow.to_pandas(types_mapper=None))


def _check_columns(table: Table, wanted: Sequence[str]) -> None:
    from sartor.errors import nearest

    here = table.columns
    for name in wanted:
        if name not in here:
            raise InputError(f"table {table.name} has no column '{name}'", code="R041", hints=nearest(name, here))


def _check_units(table: Table, lines: pd.DataFrame, units: str, returns: str) -> None:
    if not pd.api.types.is_numeric_dtype(lines[units].dtype):
        try:
            lines[units] = pd.to_numeric(lines[units])
        except (ValueError, TypeError) as error:
            raise InputError(
                f"column '{units}' of table {table.name} holds no numbers: {error}",
                code="D182",
                hints=(("to mend", f"declare its type at ingest: types: {{{units}: number}}"),),
            ) from None
    below = int((lines[units] < 0).sum())
    if below and returns == "refuse":
        raise InputError(
            f"less than nothing was sold in {plural(below, 'line')} of table {table.name}: returns are no demand",
            code="D183",
            hints=(
                ("to mend", "count them as nothing sold: with: {returns: as zero}"),
                ("or", "give each return back to the day of its sale, at the source"),
            ),
        )


def _check_grid(table: Table, moments: pd.DatetimeIndex, numbers: Places, calendar: Calendar) -> None:
    inside = numbers < 0
    if inside.any():
        stray = moments[inside].min()
        raise InputError(
            f"{plural(int(inside.sum()), 'line')} of table {table.name} "
            f"{form(int(inside.sum()), 'stands', 'stand')} inside a period: periods of {calendar.every} begin at "
            f"{calendar.start:%Y-%m-%d}, and '{table.time}' holds {stray:%Y-%m-%d}",
            code="D181",
            hints=(
                ("to mend", "say how long a period really is: every: 1 day"),
                ("or", "leave out the lines before the first whole period"),
            ),
        )


def price_filled(prices: Floats, wanted: int) -> Floats:
    """Return prices carried forward, then back, for as many periods as are wanted.

    Examples
    --------
    >>> price_filled(np.array([[np.nan, 2.0, np.nan, 3.0]]), 5).tolist()
    [[2.0, 2.0, 2.0, 3.0, 3.0]]
    """
    frame = pd.DataFrame(widened(prices, wanted))
    return np.asarray(frame.ffill(axis=1).bfill(axis=1).to_numpy(dtype="float64"))


def widened(values: Floats, wanted: int) -> Floats:
    """Return values with as many periods as are wanted, NaN in new ones."""
    have = values.shape[1]
    if have >= wanted:
        return values[:, :wanted]
    return np.concatenate([values, np.full((len(values), wanted - have), np.nan)], axis=1)


def text_of(value: Any) -> str:
    """Return a moment as it is written in keys."""
    stamp = pd.Timestamp(value)
    return f"{stamp:%Y-%m-%d}" if stamp == stamp.normalize() else f"{stamp:%Y-%m-%d %H:%M}"
