"""Rows of a replenishment: a series at a review, with what simple rules go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.errors import InputError, SettingError
from sartor.rows import GROUP, TARGET, Rows
from sartor_domains.retail.names import (
    MEANS,
    NEXT,
    PRICE,
    REVIEWS,
    SOLD,
    SPREAD,
    SUMS,
    TOTAL,
    USUAL_PRICE,
    mean_name,
    sum_name,
)
from sartor_plugins.forecast.history.calendar import Calendar, year_of
from sartor_plugins.forecast.history.panel import price_column, price_filled, series_columns
from sartor_plugins.forecast.history.past import Past
from sartor_plugins.forecast.names import SERIES
from sartor_plugins.forecast.tasks.asking import finished, with_trivial
from sartor_plugins.forecast.tasks.making import Asking, Made, make

if TYPE_CHECKING:
    from sartor.rows import Origins, Table
    from sartor_domains.retail.replenishment import Replenishment

Floats = NDArray[np.float64]


def replenishment_rows(settings: Replenishment, table: Table, origins: Origins) -> Rows:
    """Return the rows of `Replenishment`.

    Raises
    ------
    SettingError
        If the lead time is no whole number of reviews, or the split asks at other moments than the reviews.
    """
    review, lead = _stretches(settings)
    if origins.count > 1 and origins.every is not None and str(origins.every) != str(settings.review):
        raise SettingError(
            f"the split asks every {origins.every}, and orders are reviewed every {settings.review}",
            code="D188",
            hints=(("to mend", f"split: {{time: ..., every: {settings.review}, origins: {origins.count}}}"),),
        )
    asking = Asking(
        every=settings.every,
        steps=[1],
        span=review + lead,
        learn_every=settings.learn_every or review,
        learn_origins=settings.learn_origins,
        at_least=settings.at_least or 2 * (review + lead),
        levels=[],
        begins=settings.begins,
        returns=settings.returns,
    )
    made = make(asking, table, origins)
    with_trivial(made, asking.span)
    made.frame[REVIEWS] = lead // review
    _two_truths(made, review)
    _with_price(settings, table, made, review)
    _with_rules(made, review, asking.span)
    _carried(settings, table, made)
    # What is left on the shelf at one review is there at the next: reviews of a series hang together.
    made.frame[GROUP] = made.frame[SERIES]
    return finished(made)


def _stretches(settings: Replenishment) -> tuple[int, int]:
    calendar = Calendar(pd.Timestamp(2024, 1, 1), settings.every)
    review, lead = calendar.count(settings.review, "review"), calendar.count(settings.lead_time, "lead_time")
    if review < 1 or lead % review:
        raise SettingError(
            f"lead_time, {settings.lead_time}, is no whole number of reviews of {settings.review}",
            code="D188",
            hints=(("to mend", "write the time until the review at whose beginning the order is there"),),
        )
    return review, lead


def _two_truths(made: Made, review: int) -> None:
    """Put what sells before the next review beside what sells in the whole interval."""
    past = Past(made.panel.units)
    known = made.start + review <= made.panel.periods
    following = np.where(known, past.total(made.series, made.start, made.start + review), np.nan)
    total = made.frame.pop(TARGET)
    made.frame[f"{TARGET}_{TOTAL}"], made.frame[f"{TARGET}_{NEXT}"] = total, following
    made.frame[SOLD] = past.total(made.series, made.origin - review, made.origin)


def _with_price(settings: Replenishment, table: Table, made: Made, review: int) -> None:
    price = price_column(table)
    if price is None:
        made.frame[PRICE] = made.frame[USUAL_PRICE] = np.nan
        return
    wanted = max(int((made.start + review).max()), made.panel.periods)
    ahead = price in table.known_ahead
    prices = price_filled(made.panel.more[price], wanted)
    start, stop = (made.start, made.start + review) if ahead else (made.origin - 1, made.origin)
    past, year = Past(prices), year_of(made.panel.calendar.every)
    made.frame[PRICE] = past.mean(made.series, start, stop)
    made.frame[USUAL_PRICE] = past.mean(made.series, made.origin - year, made.origin)


def _with_rules(made: Made, review: int, span: int) -> None:
    """Give each row what simple rules go by: means, spread and quantiles of what sold before."""
    past, series, origin = Past(made.panel.units), made.series, made.origin
    for reviews in MEANS:
        made.frame[mean_name(reviews)] = np.nan_to_num(past.mean(series, origin - reviews * review, origin)) * review
    pairs, places = np.unique(np.stack([series, origin]), axis=1, return_inverse=True)
    places = places.ravel()
    stretches = _sums(past, pairs, review, 26, review)
    made.frame[SPREAD] = _spread(stretches)[places]
    year = max(2, year_of(made.panel.calendar.every) // review)
    sums = _sums(past, pairs, span, year, review)
    for share in SUMS:
        made.frame[sum_name(share)] = _quantile(sums, share)[places]


def _sums(past: Past, pairs: NDArray[np.int64], span: int, count: int, step: int) -> Floats:
    """Return what sold in the last stretches of one length, a step apart; NaN before a series began."""
    series, origin = pairs
    found = np.full((pairs.shape[1], count), np.nan)
    for place in range(count):
        stop = origin - place * step
        whole = past.count(series, stop - span, stop) == span
        found[:, place] = np.where(whole, past.total(series, stop - span, stop), np.nan)
    return found


def _spread(values: Floats) -> Floats:
    there = ~np.isnan(values)
    count = np.maximum(there.sum(axis=1), 1)
    filled = np.where(there, values, 0.0)
    mean = filled.sum(axis=1) / count
    squares = np.where(there, (values - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return np.asarray(np.sqrt(squares / np.maximum(count - 1, 1)))


def _quantile(values: Floats, share: float) -> Floats:
    """Return a quantile of each line, leaving out what is missing; 0 where there is nothing."""
    ordered = np.sort(values, axis=1)
    count = (~np.isnan(values)).sum(axis=1)
    at = share * np.maximum(count - 1, 0)
    lower = np.floor(at).astype(np.int64)
    upper = np.minimum(lower + 1, np.maximum(count - 1, 0))
    rows = np.arange(len(values))
    below, above = np.nan_to_num(ordered[rows, lower]), np.nan_to_num(ordered[rows, upper])
    return np.asarray(below + (at - lower) * (above - below))


def _carried(settings: Replenishment, table: Table, made: Made) -> None:
    """Give each row what the table says of its series, as the last line before the first judged review has it."""
    wanted = [name for name in settings.carry if name not in made.frame]
    if not wanted:
        return
    assert table.time is not None
    for name in wanted:
        if name not in table.columns:
            raise InputError(f"table {table.name} has no column '{name}' to carry", code="R041")
    values = _latest(table, made, wanted)
    for name in wanted:
        made.frame[name] = values[name].to_numpy()[made.series]


def _latest(table: Table, made: Made, wanted: list[str]) -> pd.DataFrame:
    import narwhals as nw

    assert table.time is not None
    columns = series_columns(table)
    moment = made.panel.calendar.moments([made.cut])[0].to_pydatetime()
    lines: Any = (
        table.frame.filter(nw.col(table.time) < moment)
        .select(*columns, table.time, *wanted)
        .collect(backend="pyarrow")
        .to_native()
        .to_pandas()
    )
    lines = lines.sort_values([*columns, table.time]).groupby(columns, sort=True).last().reset_index()
    places = pd.Series(made.panel.places(lines), index=lines.index)
    found = lines.loc[places[places >= 0].index, wanted].set_axis(places[places >= 0])
    return found.reindex(range(len(made.panel.keys)))
