"""What an order rule looks at: rows in the order of series and review, with costs, packs and stock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.errors import InputError
from sartor.rows import AS_OF
from sartor.wording import form, plural
from sartor_domains.retail.names import PRICE, REVIEWS, SOLD, USUAL_PRICE
from sartor_plugins.forecast.names import SERIES

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Scoring, Table
    from sartor_domains.retail.order_proposal import OrderProposal

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
YEAR = 365.0
SHOWN = 5
"""Series that an error names at most."""
MEANING = {
    "case_pack": "units in a pack, 1 where single units are ordered",
    "moq": "units that an order has at least, 0 where any is taken",
}
"""What the columns of packs and smallest orders hold."""


@dataclass(frozen=True, eq=False)
class Facts:
    """Rows as a grid of series and reviews.

    Parameters
    ----------
    series, review : ndarray of shape (n_rows,)
        Where each row stands in the grid.
    shape : tuple of int
    names : list of str
    lead : int
        Reviews until an order arrives.
    days : float
        Days between two reviews.
    sold, cost, price, pack, least : ndarray of shape (n_rows,)
    on_hand, on_order : ndarray of shape (n_series,) or None
        At the first review.
    """

    series: Ints
    review: Ints
    shape: tuple[int, int]
    names: list[str]
    lead: int
    days: float
    sold: Floats
    cost: Floats
    price: Floats
    pack: Floats
    least: Floats
    on_hand: Floats | None
    on_order: Floats | None

    def grid(self, values: Floats) -> Floats:
        """Return values of rows as series by review; NaN where a series is not asked."""
        found = np.full(self.shape, np.nan)
        found[self.series, self.review] = values
        return found

    def of_series(self, values: Floats) -> Floats:
        """Return one value a series: that of its first row."""
        found = np.zeros(self.shape[0])
        found[self.series[::-1]] = values[::-1]
        return found


def facts(settings: OrderProposal, scoring: Scoring, context: Context) -> Facts:
    """Return what an order rule looks at.

    Raises
    ------
    InputError
        If the rows are none of a replenishment, reviews are left out, or costs or stock are not known.
    """
    rows = scoring.rows
    if REVIEWS not in rows or SOLD not in rows:
        raise InputError(
            "orders are proposed for the rows of a replenishment, and these are others",
            code="D188",
            hints=(("to mend", "task: {use: retail.replenishment, ...}"),),
        )
    moments, review = np.unique(rows[AS_OF].to_numpy(), return_inverse=True)
    names, series = np.unique(rows[SERIES].astype(str).to_numpy(), return_inverse=True)
    days = _days(moments)
    cost = _cost(settings, rows)
    price = _number(settings.price if settings.price is not None else PRICE, rows, "price")
    _known(price, "price", settings.price if settings.price is not None else "the table's role price")
    found = Facts(
        series.astype(np.int64),
        review.astype(np.int64),
        (len(names), len(moments)),
        list(names),
        int(rows[REVIEWS].iloc[0]),
        days,
        rows[SOLD].to_numpy(dtype=np.float64),
        cost,
        price,
        _at_least(1.0, _number(settings.case_pack, rows, "case_pack"), rows, "case_pack", settings.case_pack),
        _at_least(0.0, _number(settings.moq, rows, "moq"), rows, "moq", settings.moq),
        None,
        None,
    )
    return _with_stock(settings, found, rows, context)


def _cost(settings: OrderProposal, rows: pd.DataFrame) -> Floats:
    """Return what a unit of each row costs."""
    if settings.unit_cost is not None:
        cost = _number(settings.unit_cost, rows, "unit_cost")
        _known(cost, "unit_cost", settings.unit_cost)
        return cost
    assert settings.cost_of_price is not None
    cost = settings.cost_of_price * _number(USUAL_PRICE, rows, "cost_of_price")
    _known(cost, "unit_cost", "the price of the last year")
    return cost


def _days(moments: NDArray[Any]) -> float:
    """Return the days between two reviews, a week where there is one review only.

    Raises
    ------
    InputError
        If reviews are not equally far apart.
    """
    if len(moments) < 2:
        return 7.0
    gaps = np.diff(moments).astype("timedelta64[s]").astype(np.float64) / 86_400
    if gaps.max() > 1.2 * gaps.min():
        raise InputError(
            f"reviews are {gaps.min():g} to {gaps.max():g} days apart: orders are replayed one after the other, and "
            "some are left out",
            code="D188",
        )
    return float(gaps.mean())


def _number(what: str | float, rows: pd.DataFrame, setting: str) -> Floats:
    if isinstance(what, int | float):
        return np.full(len(rows), float(what))
    if what not in rows:
        raise InputError(
            f"the rows have no column '{what}', which {setting} names",
            code="D189",
            hints=(("to mend", f"let the task carry it: task: {{with: {{carry: [{what}]}}}}"),),
        )
    column = pd.to_numeric(rows[what], errors="coerce")
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _known(values: Floats, setting: str, what: str | float) -> None:
    wrong = int((~(values > 0)).sum())
    if wrong:
        raise InputError(
            f"{setting} is missing or not above 0 in {plural(wrong, 'row')}, by {what}",
            code="D189",
            hints=(
                ("to mend", f"fill it at the source, or give one number for all: with: {{{setting}: 2.50}}"),
                ("or", "say at ingest which column it is: roles: {price: COLUMN}"),
            ),
        )


def _at_least(least: float, values: Floats, rows: pd.DataFrame, setting: str, column: str | float) -> Floats:
    """Return values of a column that orders go by; refuse one that is missing or below the least that has a meaning."""
    wrong = np.flatnonzero(~(values >= least))
    if len(wrong):
        series = list(dict.fromkeys(rows[SERIES].iloc[wrong].astype(str)))
        named = ", ".join(series[:SHOWN]) + (", ..." if len(series) > SHOWN else "")
        raise InputError(
            f"{setting} is missing or below {least:g} in {plural(len(wrong), 'row')} of "
            f"{plural(len(series), 'series', 'series')}, by '{column}': {named}",
            code="D179",
            hints=(
                ("to mend", f"correct '{column}' at the source: {MEANING[setting]}"),
                ("or", f"give one number for all: with: {{{setting}: {least:g}}}"),
            ),
        )
    return values


def _with_stock(settings: OrderProposal, found: Facts, rows: pd.DataFrame, context: Context) -> Facts:
    """Add what is on hand and on its way at the first review, if a table says so."""
    from dataclasses import replace

    if settings.on_hand is None:
        if found.shape[1] == 1:
            raise InputError(
                "what is on hand is not known, and orders for one review cannot begin with full shelves",
                code="D178",
                hints=(("to mend", "actions: {orders: {from: stock, with: {on_hand: COLUMN, on_order: COLUMN}}}"),),
            )
        return found
    table = _stock_table(settings, context)
    if found.shape[1] > 1 and table.time is None:
        # What is on hand today says nothing of the day on which a replay begins.
        return found
    stock: pd.DataFrame = table.frame.collect(backend="pyarrow").to_native().to_pandas()
    if table.time is not None:
        stock = stock.sort_values(table.time)
    keys = [name for name in rows.columns if name in stock and name not in (settings.on_hand, settings.on_order)]
    stock = stock.drop_duplicates(keys, keep="last")
    first = rows.assign(__series=found.series).drop_duplicates("__series")[["__series", *keys]]
    as_text = dict.fromkeys(keys, str)
    joined = first.astype(as_text).merge(stock.astype(as_text), on=keys)
    hand = np.full(found.shape[0], np.nan)
    hand[joined["__series"]] = pd.to_numeric(joined[settings.on_hand], errors="coerce")
    unknown = np.flatnonzero(np.isnan(hand))
    if len(unknown):
        raise InputError(
            f"the stock of {plural(len(unknown), 'series', 'series')} is not known, "
            f"{form(len(unknown), 'that of', 'the first')} {found.names[unknown[0]]}",
            code="D178",
            hints=(("to mend", "give each series a line with what is on hand, 0 where it is nothing"),),
        )
    coming = None
    if settings.on_order is not None:
        coming = np.zeros(found.shape[0])
        coming[joined["__series"]] = np.nan_to_num(pd.to_numeric(joined[settings.on_order], errors="coerce"))
    return replace(found, on_hand=np.maximum(hand, 0.0), on_order=coming)


def _stock_table(settings: OrderProposal, context: Context) -> Table:
    for table in context.tables.values():
        if settings.on_hand in table.columns:
            return table
    raise InputError(
        f"no table that the action is given has a column '{settings.on_hand}'",
        code="D178",
        hints=(("to mend", "name the table of the stock: actions: {orders: {from: stock, ...}}"),),
    )
