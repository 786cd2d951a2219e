"""Makes rows of a forecast from a table of series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.ahead import not_yet, say_what_lies_ahead
from sartor.context import say
from sartor.errors import InputError
from sartor.rows import AS_OF, KNOWN_AT, ROW, TARGET, WEIGHT
from sartor.wording import form, plural
from sartor_plugins.forecast.features.asked import calendar_text
from sartor_plugins.forecast.features.recency import groups_of, summed
from sartor_plugins.forecast.history.panel import (
    Panel,
    panel_of,
    price_column,
    price_filled,
    series_columns,
    text_of,
    units_column,
)
from sartor_plugins.forecast.history.past import Past
from sartor_plugins.forecast.names import ABSOLUTE, CALENDAR, MONEY, PERIOD, SCALE, SERIES, SPAN, STEP

if TYPE_CHECKING:
    from sartor.durations import Duration
    from sartor.rows import Origins, Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEVEL = "level "
"""Beginning of the columns that tell which sum of a level a row belongs to; `SCALE` and the level's name follow."""
BOTTOM = "series"


@dataclass(frozen=True)
class Asking:
    """Which rows are made.

    Parameters
    ----------
    every : Duration
        Length of a period.
    steps : sequence of int
        How many periods behind the moment of asking the demand begins; 1 is the next one.
    span : int
        How many periods it is summed over.
    learn_every, learn_origins : int
        Periods between the moments at which training rows are asked, and how many there are.
    at_least : int
        Periods that a series must have before the moment of asking.
    levels : sequence of sequences of str
        Columns that series are summed by, for metrics of sums.
    begins, returns : str
        See `panel_of`.
    """

    every: Duration
    steps: Sequence[int]
    span: int
    learn_every: int
    learn_origins: int
    at_least: int
    levels: Sequence[Sequence[str]]
    begins: str
    returns: str


def level_name(columns: Sequence[str]) -> str:
    """Return how a level is called.

    Examples
    --------
    >>> level_name([]), level_name(["store", "item"])
    ('all', 'store x item')
    """
    return " x ".join(columns) or "all"


@dataclass(frozen=True, eq=False)
class Made:
    """Rows with what they were made from.

    Parameters
    ----------
    frame : DataFrame
    panel : Panel
    series, origin, start : ndarray of shape (n_rows,)
        Places of the series, and periods, of each row.
    cut : int
        Period at whose beginning the rows that judge begin.
    """

    frame: pd.DataFrame
    panel: Panel
    series: Ints
    origin: Ints
    start: Ints
    cut: int


def make(asking: Asking, table: Table, origins: Origins) -> Made:
    """Make rows: for training at moments before the cut, for judging at the split's own.

    Raises
    ------
    InputError
        If the split does not go by time, a moment is no beginning of a period, or no series is long enough.
    """
    price = price_column(table)
    traits = sorted({name for level in asking.levels for name in level} - set(series_columns(table)))
    panel = panel_of(
        table, asking.every, more=[price] if price else [], traits=traits, begins=asking.begins, returns=asking.returns
    )
    if not origins.moments():
        raise InputError(
            "a forecast is judged at moments in time, and the split names none",
            code="D185",
            hints=(("to mend", f"split: {{time: DATE, every: {asking.every}, origins: 1}}"),),
        )
    remark(panel, table, units_column(table))
    asked = [panel.calendar.number(moment, "a moment of asking") for moment in origins.moments()]
    if max(asked) > panel.periods:
        said = [text_of(moment) for moment in panel.calendar.moments([panel.periods, max(asked)])]
        raise InputError(
            f"table {table.name} ends before {said[0]}, and a forecast is asked for on {said[1]}",
            code="D186",
            hints=(("to mend", f"ask by {said[0]} at the latest: an earlier split, or fewer origins"),),
        )
    series, origin, start = _places(asking, panel, asked, alone=origins.unanswered)
    return Made(_frame(asking, panel, price, (series, origin, start)), panel, series, origin, start, asked[0])


def _places(asking: Asking, panel: Panel, asked: Sequence[int], alone: bool) -> tuple[Ints, Ints, Ints]:
    """Return series, moment and first period of each row; `alone` without rows to learn from."""
    cut = asked[0]
    learned = [] if alone else [cut - place * asking.learn_every for place in range(1, asking.learn_origins + 1)]
    sums = np.cumsum(np.nan_to_num(panel.units), axis=1)
    found: list[tuple[Ints, Ints, Ints]] = []
    for moment in [*sorted(one for one in learned if one > 0), *asked]:
        before = min(moment, panel.periods)
        fits = np.flatnonzero((panel.first <= moment - asking.at_least) & (sums[:, before - 1] > 0))
        starts = np.array([moment + step - 1 for step in asking.steps], dtype=np.int64)
        if moment < cut:
            starts = starts[starts + asking.span <= cut]
        found.append(
            (np.repeat(fits, len(starts)), np.full(len(fits) * len(starts), moment), np.tile(starts, len(fits)))
        )
    series, origin, start = (np.concatenate(parts).astype(np.int64) for parts in zip(*found, strict=True))
    if not (origin >= cut).any() or not (alone or (origin < cut).any()):
        raise InputError(
            f"no series has {plural(asking.at_least, 'period')} and something sold before "
            f"{text_of(panel.calendar.moments([cut])[0])}, and before the moments that are learned from",
            code="D186",
            hints=(("to mend", "split later, ask for a shorter horizon, or at_least: fewer periods"),),
        )
    return series, origin, start


def _frame(asking: Asking, panel: Panel, price: str | None, places: tuple[Ints, Ints, Ints]) -> pd.DataFrame:
    series, origin, start = places
    calendar, stop = panel.calendar, start + asking.span
    moments = calendar.moments(np.arange(int(stop.max()) + 1))
    names = np.array(panel.names(), dtype=object)
    stamps = np.array([text_of(moment) for moment in moments], dtype=object)
    step = start - origin + 1
    row = names[series] + "/" + stamps[origin]
    if len(asking.steps) > 1:
        row = row + "/" + np.char.mod("%03d", step).astype(object)
    frame = pd.DataFrame({ROW: row, SERIES: names[series]})
    for name in panel.keys.columns:
        frame[name] = panel.keys[name].to_numpy()[series]
    frame[AS_OF], frame[KNOWN_AT] = moments[origin], moments[stop]
    frame[PERIOD], frame[STEP], frame[SPAN] = moments[start], step, asking.span
    frame[CALENDAR] = calendar_text(asking.every, asking.begins, asking.returns)
    past = Past(panel.units)
    known = stop <= panel.periods
    frame[TARGET] = np.where(known, past.total(series, start, stop), np.nan)
    return frame.assign(**_judged_by(asking, panel, price, places))


def _judged_by(
    asking: Asking, panel: Panel, price: str | None, places: tuple[Ints, Ints, Ints]
) -> dict[str, NDArray[np.float64]]:
    """Return what metrics measure by: one-step differences of the past, and the money of the last periods."""
    series, origin, _ = places
    horizon = max(asking.steps) - 1 + asking.span
    prices = price_filled(panel.more[price], panel.periods) if price else np.ones_like(panel.units)
    paid = Past(np.nan_to_num(panel.units) * np.nan_to_num(prices))
    money = paid.total(series, origin - horizon, origin)
    squared, absolute = differences(panel.units)
    made = {SCALE: squared[series, origin - 1], ABSOLUTE: absolute[series, origin - 1], MONEY: money}
    share = money / np.where(made[ABSOLUTE] > 0, made[ABSOLUTE], np.inf)
    made[WEIGHT] = share / share.mean() if share.any() else np.ones(len(share))
    traits = pd.concat([panel.keys, panel.traits], axis=1)
    enters = np.zeros(len(panel.keys), dtype=bool)
    enters[series[origin == origin.max()]] = True
    for columns in asking.levels:
        codes = groups_of(traits, columns)
        of_level, _ = differences(summed(np.where(enters[:, None], panel.units, np.nan), codes))
        made[f"{LEVEL}{level_name(columns)}"] = codes[series].astype(np.float64)
        made[f"{SCALE} {level_name(columns)}"] = of_level[codes[series], origin - 1]
    return made


def differences(units: Floats) -> tuple[Floats, Floats]:
    """Return mean squared and mean absolute one-step differences up to each period, from the first sale on.

    Examples
    --------
    >>> squared, absolute = differences(np.array([[0.0, 2.0, 5.0, 4.0]]))
    >>> squared.tolist(), absolute.tolist()
    ([[0.0, 0.0, 9.0, 5.0]], [[0.0, 0.0, 3.0, 2.0]])
    """
    begun = np.maximum.accumulate(np.nan_to_num(units) > 0, axis=1)
    both = begun[:, 1:] & begun[:, :-1]
    change = np.where(both, np.nan_to_num(np.diff(units, axis=1)), 0.0)
    count = np.maximum(np.cumsum(both, axis=1), 1)
    nothing = np.zeros((len(units), 1))
    squared = np.concatenate([nothing, np.cumsum(change * change, axis=1) / count], axis=1)
    return squared, np.concatenate([nothing, np.cumsum(np.abs(change), axis=1) / count], axis=1)


ODD = 1000
"""A line this many times as large as the series' usual one is told of."""


def remark(panel: Panel, table: Table, units: str) -> None:
    """Say what in the table may be otherwise than it looks."""
    if panel.filled:
        say(
            f"{plural(panel.filled, 'period')} between the first line of a series and the last period of {table.name} "
            f"{form(panel.filled, 'has', 'have')} no number in '{units}' and {form(panel.filled, 'counts', 'count')} "
            "as nothing sold: the table cannot tell whether nothing was asked for, nothing was on the shelf, or the "
            "item was not carried"
        )
    if panel.ended:
        say(
            f"{plural(panel.ended, 'series', 'series')} of {table.name} {form(panel.ended, 'ends', 'end')} before its "
            "last period, and count as nothing sold from then on"
        )
    _remark_on_sizes(panel, table, units)
    _remark_on_odd_lines(panel, table, units)
    _remark_on_days_to_come(panel, table)
    _remark_on_prices(panel, table)


def _remark_on_days_to_come(panel: Panel, table: Table) -> None:
    """Say what was sold on days that have not come; a plan, known ahead, may well tell of them."""
    ahead = np.flatnonzero(panel.calendar.moments(np.arange(panel.periods)) >= np.datetime64(not_yet()))
    say_what_lies_ahead(int((np.nan_to_num(panel.units[:, ahead]) > 0).sum()), "line", table.name)


def _remark_on_prices(panel: Panel, table: Table) -> None:
    price = price_column(table)
    below = int((panel.more[price] < 0).sum()) if price in panel.more else 0
    if below:
        say(
            f"{plural(below, 'line')} of {table.name} {form(below, 'has', 'have')} a negative price ('{price}'): hold "
            f"such lines back at ingest, contract: {{columns: {{{price}: {{at_least: 0}}}}}}",
            caution=True,
        )


def _remark_on_sizes(panel: Panel, table: Table, units: str) -> None:
    whole = np.nan_to_num(panel.units)
    if not (whole == np.rint(whole)).all():
        return
    divisors = np.gcd.reduce(whole.astype(np.int64), axis=1)
    often = (whole > 0).sum(axis=1) >= 10
    large = np.flatnonzero((divisors >= 10) & often)
    if len(large):
        common = np.bincount(divisors[large]).argmax()
        say(
            f"'{units}' of {plural(len(large), 'series', 'series')} of {table.name} holds only multiples of a larger "
            f"number, most often {common}: it may count ounces or pieces of a pack and no packs",
            caution=True,
        )


def _remark_on_odd_lines(panel: Panel, table: Table, units: str) -> None:
    sold = np.where(np.nan_to_num(panel.units) > 0, panel.units, np.nan)
    some = np.flatnonzero((~np.isnan(sold)).sum(axis=1) >= 10)
    if not len(some):
        return
    middle = np.nanmedian(sold[some], axis=1)
    odd = sold[some] > ODD * middle[:, None]
    count = int(odd.sum())
    if count:
        largest = float(np.nanmax(np.where(odd, sold[some], np.nan)))
        say(
            f"{plural(count, 'line')} of {table.name} {form(count, 'holds', 'hold')} more than {ODD:,} times what its "
            f"series usually sells, the largest {largest:,.0f}: look whether '{units}' counts something else there",
            caution=True,
        )
