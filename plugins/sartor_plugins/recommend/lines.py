"""Lines of events at the door of recommendation: who did what with which item when, as arrays.

Several lines of one order for one item are one event. A return is matched with the purchases that it takes back, the
latest first; what is taken back is undone from the moment of the return on, not before: who was asked before did not
know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sartor.context import say
from sartor.errors import InputError
from sartor.wording import form, plural
from sartor_plugins.recommend.columns import (
    coded,
    event_lines,
    items_of,
    kinds_of,
    moments_of,
    numbers_of,
    ranks_of,
    texts_of,
)
from sartor_plugins.recommend.names import PURCHASE, TEST, TRAIN, VALIDATION
from sartor_plugins.recommend.returns import Returned, match

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Table

NEVER = np.iinfo(np.int64).max
DAY = 86_400_000_000
"""Microseconds."""


@dataclass(frozen=True)
class Events:
    """Events, sorted by user and moment.

    Parameters
    ----------
    users, items, kinds, parts : list of str
        What the numbers below stand for; `parts` is empty where events have moments.
    user, item, kind, part : ndarray of int
    moment : ndarray of int64
        In microseconds; 0 where events have none.
    undone : ndarray of int64
        The moment at which all of it had been returned, `NEVER` else.
    amount : ndarray of float
        What was paid.
    returned, returned_at : ndarray
        Which share was returned, and when the last of it.
    bought : ndarray of bool
        Whether it is a purchase.
    """

    users: list[str]
    items: list[str]
    kinds: list[str]
    parts: list[str]
    user: NDArray[np.int64]
    item: NDArray[np.int64]
    kind: NDArray[np.int64]
    part: NDArray[np.int64]
    moment: NDArray[np.int64]
    undone: NDArray[np.int64]
    amount: NDArray[np.float64]
    returned: NDArray[np.float64]
    returned_at: NDArray[np.int64]
    bought: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.user)

    def known_before(self, moment: int) -> NDArray[np.bool_]:
        """Return what had happened before a moment, and had not been undone by then."""
        return (self.moment < moment) & (self.undone >= moment)


def events_of(
    table: Table,
    bought: tuple[str, ...] = (PURCHASE,),
    returns: Literal["undo", "ignore"] = "undo",
    part: str = "",
    last: str = "",
) -> Events:
    """Read events from a table, by the roles of its columns.

    Parameters
    ----------
    table : Table
        Roles ``user`` and ``item``; optional ``event``, ``order``, ``quantity``, ``price`` or ``amount``, ``query``.
        Its time is the moment of each line.
    bought : tuple of str
        Events that are purchases, and called so from here on; without a role ``event`` every line is one.
    returns : {"undo", "ignore"}
        What a purchase of a negative quantity does: it takes back earlier ones, or nothing.
    part : str
        Column that stands in for time where there is none.
    last : str
        Column by which the lines of each user follow one another: the last is the part ``test``, the one before it
        ``validation``, all others are ``train``. Moments then say nothing else.
    """
    data = event_lines(table, part or last)
    user = texts_of(data[table.role("user")])
    item = items_of(table, data)
    kind = texts_of(data[table.roles["event"]]) if "event" in table.roles else None
    there = pc.and_(pc.is_valid(user), pc.is_valid(item))
    if last:
        moment = ranks_of(table, data, last)
    else:
        moment = moments_of(table, data) if table.time is not None else pa.array(np.zeros(len(data), dtype="int64"))
    there = pc.and_(there, pc.is_valid(moment))
    missing = len(data) - int(pc.sum(there).as_py() or 0)
    if missing == len(data):
        raise InputError(
            f"no line of table {table.name} names a user, an item and a moment: there is nothing to learn a taste from",
            code="D300",
            hints=(("to mend", "see whether roles and time name the columns that are meant: roles: {user: COLUMN}"),),
        )
    if missing:
        say(f"{missing:,} of {plural(len(data), 'line')} of {table.name} {form(missing, 'names', 'name')} no user, "
            f"no item or no moment, and {form(missing, 'tells', 'tell')} nothing of anybody's taste")  # fmt: skip
    data = data.filter(there)
    columns = {
        "user": coded(user.filter(there)),
        "item": coded(item.filter(there)),
        "kind": kinds_of(table, kind, there, bought),
        "part": coded(texts_of(data[part])) if part else (np.zeros(len(data), dtype="int64"), []),
        "order": coded(texts_of(data[table.roles["order"]])) if "order" in table.roles else None,
    }
    found = _gathered(table, data, columns, moment.filter(there).to_numpy(), returns)
    return _parted(found) if last else found


def _parted(events: Events) -> Events:
    """Say which events of each user are the last, and forget by what they were put in order."""
    ends = np.searchsorted(events.user, np.arange(len(events.users)), side="right")
    left = ends[events.user] - 1 - np.arange(len(events))
    parts = [TRAIN, VALIDATION, TEST]
    return replace(events, parts=parts, part=2 - np.minimum(left, 2), moment=np.zeros(len(events), dtype="int64"))


def _gathered(
    table: Table,
    data: pa.Table,
    columns: dict[str, Any],
    moment: NDArray[np.int64],
    returns: Literal["undo", "ignore"],
) -> Events:
    user, users = columns["user"]
    item, items = columns["item"]
    kind, kinds = columns["kind"]
    part, parts = columns["part"]
    quantity = numbers_of(table, data, "quantity")
    quantity = np.ones(len(user)) if quantity is None else quantity
    amount = numbers_of(table, data, "amount")
    if amount is None:
        price = numbers_of(table, data, "price")
        amount = np.zeros(len(user)) if price is None else quantity * price
    is_bought = kind == kinds.index(PURCHASE)
    back = is_bought & (quantity < 0)
    _say_returns(table, int(back.sum()), returns)
    found = match(user, item, moment, np.where(is_bought, quantity, 0.0), back if returns == "undo" else back & False)
    if returns == "undo" and back.any():
        _say_matched(found, back)
    kept = ~back & ~(is_bought & (quantity == 0))
    _say_negative(table, int((kept & is_bought & (np.where(quantity > 0, amount, 0.0) < 0)).sum()))
    order = moment if columns["order"] is None else columns["order"][0]
    return _grouped(
        {"user": user, "item": item, "kind": kind, "part": part, "order": order, "moment": moment},
        {"amount": amount, "quantity": quantity, "left": quantity - found.pieces, "at": found.at},
        kept,
        (users, items, kinds, parts),
        is_bought,
    )


def _say_returns(table: Table, count: int, returns: str) -> None:
    if count and returns == "ignore":
        say(f"{plural(count, 'return')} in {table.name} {form(count, 'takes', 'take')} nothing back, as asked")


def _say_negative(table: Table, count: int) -> None:
    if count:
        role = "amount" if "amount" in table.roles else "price"
        say(
            f"{plural(count, 'purchase line')} of {table.name} {form(count, 'has', 'have')} a negative {role} "
            f"('{table.roles[role]}') and {form(count, 'lowers', 'lower')} what customers count as having paid: hold "
            f"such lines back at ingest, contract: {{columns: {{{table.roles[role]}: {{at_least: 0}}}}}}",
            caution=True,
        )


def _say_matched(found: Returned, back: NDArray[np.bool_]) -> None:
    count, without = int(back.sum()), int(found.without.sum())
    say(
        f"{plural(count, 'return')}: {count - without:,} matched with what "
        f"{form(count - without, 'it takes', 'they take')} back, {without:,} without a purchase before "
        f"{form(without, 'it', 'them')}; {plural(int(found.whole.sum()), 'purchase line')} undone altogether"
    )


def _grouped(
    keys: dict[str, NDArray[np.int64]],
    numbers: dict[str, NDArray[Any]],
    kept: NDArray[np.bool_],
    names: tuple[list[str], list[str], list[str], list[str]],
    bought: NDArray[np.bool_],
) -> Events:
    """Make one event of the lines that one order has for one item."""
    keys = {name: values[kept] for name, values in keys.items()}
    numbers = {name: values[kept] for name, values in numbers.items()}
    bought = bought[kept]
    by = (keys["kind"], keys["order"], keys["item"], keys["part"], keys["moment"], keys["user"])
    order = np.lexsort(by)
    same = np.ones(max(len(order) - 1, 0), dtype=bool)
    for values in by:
        same &= values[order][1:] == values[order][:-1]
    first = np.flatnonzero(np.concatenate([[True], ~same])) if len(order) else np.zeros(0, dtype="int64")
    at = order[first]

    def total(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.add.reduceat(values[order], first) if len(first) else np.zeros(0)

    quantity, left = total(numbers["quantity"]), total(numbers["left"])
    last = np.maximum.reduceat(numbers["at"][order], first) if len(first) else np.zeros(0, dtype="int64")
    share = np.divide(quantity - left, quantity, out=np.zeros(len(first)), where=quantity > 0)
    users, items, kinds, parts = names
    return Events(
        users=users,
        items=items,
        kinds=kinds,
        parts=parts,
        user=keys["user"][at],
        item=keys["item"][at],
        kind=keys["kind"][at],
        part=keys["part"][at],
        moment=keys["moment"][at],
        undone=np.where((quantity > 0) & (left <= 0), last, NEVER),
        amount=total(numbers["amount"]),
        returned=share,
        returned_at=last,
        bought=bought[at],
    )
