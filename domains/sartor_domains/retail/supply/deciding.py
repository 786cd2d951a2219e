"""Decides what to order, and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.rows import ROW
from sartor.wording import form, plural
from sartor_domains.retail.supply.facts import YEAR, Facts, facts
from sartor_domains.retail.supply.stock import Flow, flow
from sartor_plugins.forecast.names import NUMBER, quantiles_of
from sartor_plugins.forecast.telling.words import NO_BREAK, percent

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Scoring
    from sartor_domains.retail.order_proposal import OrderProposal

Floats = NDArray[np.float64]
NONE, OUT, SOON, JUMP, TOO_MUCH = "", "out of stock", "runs out before it arrives", "far above usual", "too much stock"
"""Exceptions, the most urgent first behind none."""
URGENCY = {OUT: 0, SOON: 1, JUMP: 2, TOO_MUCH: 3, NONE: 4}
FAR = 2.5
"""Demand expected to be so many times what sold lately is far above usual."""


def decide(settings: OrderProposal, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
    """Return the proposed orders of `OrderProposal`."""
    known = facts(settings, scoring, context)
    _remark_on_margins(known, context)
    share = shares(settings, known)
    level = level_at(predictions, share)
    expected = predictions[NUMBER].to_numpy(dtype=np.float64)
    return proposed(settings, scoring, known, level, expected, share, economic(settings, known, expected))


def _remark_on_margins(known: Facts, context: Context) -> None:
    """Say which series sell below what they cost: a unit that is not on the shelf then counts as a cent lost."""
    below = np.flatnonzero(known.price < known.cost)
    if not len(below):
        return
    names = [known.names[place] for place in np.unique(known.series[below])]
    context.note(
        f"{plural(len(below), 'order line')} of {plural(len(names), 'series', 'series')} "
        f"{form(len(below), 'sells', 'sell')} below cost, such as {names[0]}: see whether price and cost are of the "
        "same unit and both with or both without tax; a lost unit counts as a cent",
        caution=True,
    )


def economic(settings: OrderProposal, known: Facts, expected: Floats) -> Floats:
    """Return the quantity at which the cost of order lines and of holding balance; 0 where it is not asked for."""
    if not settings.economic:
        return np.zeros(len(expected))
    demand = np.maximum(expected, 0.0) / (known.lead + 1)
    holding = known.cost * settings.holding_rate * known.days / YEAR
    found = np.divide(2 * settings.order_cost * demand, holding, out=np.zeros(len(demand)), where=holding > 0)
    return np.asarray(np.sqrt(found))


def shares(settings: OrderProposal, known: Facts) -> Floats:
    """Return the share of cycles that shall not run out: as said, or where margin and holding balance.

    One unit too few loses a margin; one too many is held until the next review.
    """
    if settings.service_level is not None:
        return np.full(len(known.cost), settings.service_level)
    margin = np.maximum(known.price - known.cost, 0.01)
    holding = known.cost * settings.holding_rate * known.days / YEAR
    return margin / np.maximum(margin + holding, 1e-12)


def level_at(predictions: pd.DataFrame, share: Floats) -> Floats:
    """Return each row's quantile at its own share, on the line between those that were answered.

    Examples
    --------
    >>> answer = pd.DataFrame({"number": [4.0, 4.0], "quantile:0.5": [3.0, 3.0], "quantile:0.9": [7.0, 7.0]})
    >>> level_at(answer, np.array([0.7, 0.99])).round(6).tolist()
    [5.0, 7.0]
    """
    held = quantiles_of(predictions.columns)
    if not held:
        return np.asarray(predictions[NUMBER].to_numpy(dtype=np.float64))
    levels = np.array(list(held))
    values = predictions[list(held.values())].to_numpy(dtype=np.float64)
    upper = np.clip(np.searchsorted(levels, share), 0, len(levels) - 1)
    lower = np.maximum(upper - 1, 0)
    rows = np.arange(len(share))
    width = levels[upper] - levels[lower]
    part = np.divide(share - levels[lower], width, out=np.zeros(len(share)), where=width > 0)
    part = np.clip(part, 0, 1)
    return np.asarray(values[rows, lower] + part * (values[rows, upper] - values[rows, lower]))


def proposed(
    settings: OrderProposal,
    scoring: Scoring,
    known: Facts,
    level: Floats,
    expected: Floats,
    share: Floats,
    least: Floats,
) -> pd.DataFrame:
    """Return orders up to a level, replayed from review to review."""
    moved = flow(
        known.grid(level),
        known.grid(known.sold),
        known.lead,
        known.of_series(known.pack),
        known.grid(np.maximum(known.least, least)),
        known.on_hand,
        known.on_order,
    )
    cells = (known.series, known.review)
    order = moved.order[cells]
    exception = _exceptions(settings, known, moved, level + least, expected)
    return pd.DataFrame(
        {
            ROW: scoring.rows[ROW].to_numpy(),
            "order": order,
            "packs": np.rint(order / known.pack).astype(np.int64),
            "look_first": _ranks(known, exception, order * known.cost),
            "exception": pd.Series(exception, dtype="str"),
            "reason": pd.Series(_reasons(known, moved, level, expected, share), dtype="str"),
            "order_up_to": level,
            "expected": expected,
            "on_hand": moved.on_hand[cells],
            "arriving": moved.arriving[cells],
            "on_order": moved.on_order[cells],
            "service_level": share,
            "unit_cost": known.cost,
            "price": known.price,
            "order_value": order * known.cost,
        }
    )


def _exceptions(
    settings: OrderProposal, known: Facts, moved: Flow, level: Floats, expected: Floats
) -> NDArray[np.object_]:
    """Return what asks for a person's look at each line."""
    cells = (known.series, known.review)
    shelf, coming = moved.shelf[cells], moved.on_order[cells]
    stretch = expected / (known.lead + 1)
    until_arrival = stretch * max(known.lead, 1)
    wanted = expected > 0.5
    conditions = [
        wanted & (shelf <= 0),
        wanted & (shelf + coming < until_arrival),
        (stretch > FAR * np.maximum(known.sold, 1.0)) & (expected > 10),
        (shelf + coming > settings.too_much * np.maximum(stretch, 1e-9)) & (shelf + coming > np.maximum(level, 1.0)),
    ]
    return np.asarray(np.select(conditions, [OUT, SOON, JUMP, TOO_MUCH], default=NONE), dtype=object)


def _ranks(known: Facts, exception: NDArray[np.object_], worth: Floats) -> NDArray[np.int64]:
    """Number the lines of each review: exceptions first, the most urgent kind first, then by what is ordered."""
    urgency = np.array([URGENCY[text] for text in exception], dtype=np.int64)
    order = np.lexsort((known.series, -worth, urgency, known.review))
    ranks = np.empty(len(order), dtype=np.int64)
    _, starts = np.unique(known.review[order], return_index=True)
    begin = np.zeros(len(order), dtype=np.int64)
    begin[starts] = starts
    ranks[order] = np.arange(len(order)) - np.maximum.accumulate(begin) + 1
    return ranks


def _reasons(known: Facts, moved: Flow, level: Floats, expected: Floats, share: Floats) -> list[str]:
    cells = (known.series, known.review)
    shelf, coming, order = moved.shelf[cells], moved.on_order[cells], moved.order[cells]
    shelf = shelf if known.lead else shelf - order
    cycles = known.lead + 1
    return [
        _reason(cycles, *values)
        for values in zip(expected, level, share, shelf, coming, order, known.pack, strict=True)
    ]


def _reason(
    cycles: int, expected: float, level: float, share: float, shelf: float, coming: float, order: float, pack: float
) -> str:
    covered = percent(share, 1).replace(NO_BREAK, " ")
    asked = f"{expected:,.0f} expected in {cycles} reviews, {level:,.0f} cover {covered}"
    there = f"{shelf:,.0f} on the shelf" + (f" and {coming:,.0f} on the way" if coming > 0 else "")
    if order <= 0:
        return f"{asked}; {there} are enough"
    packs = f"{order / pack:,.0f} x {pack:,.0f}" if pack > 1 else f"{order:,.0f}"
    return f"{asked}; {there}: order {packs}"
