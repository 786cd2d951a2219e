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
from sartor_plugins.recommend.names import PURCHASE, SEARCHED, TEST, TRAIN, VALIDATION
from sartor_plugins.recommend.returns import Returned, match

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Table

NEVER = np.iinfo(np.int64).max
UNKNOWN = "unknown"
"""What an event is called of which the line does not say what it is."""
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
    data = _fetched(table, part or last)
    user = _texts(data[table.role("user")])
    item = _with_searches(table, data)
    kind = _texts(data[table.roles["event"]]) if "event" in table.roles else None
    there = pc.and_(pc.is_valid(user), pc.is_valid(item))
    if last:
        moment = _ranks(table, data, last)
    else:
        moment = _moments(table, data) if table.time is not None else pa.array(np.zeros(len(data), dtype="int64"))
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
        "user": _coded(user.filter(there)),
        "item": _coded(item.filter(there)),
        "kind": _kinds(table, kind, there, bought),
        "part": _coded(_texts(data[part])) if part else (np.zeros(len(data), dtype="int64"), []),
        "order": _coded(_texts(data[table.roles["order"]])) if "order" in table.roles else None,
    }
    found = _gathered(table, data, columns, moment.filter(there).to_numpy(), returns)
    return _parted(found) if last else found


def _parted(events: Events) -> Events:
    """Say which events of each user are the last, and forget by what they were put in order."""
    ends = np.searchsorted(events.user, np.arange(len(events.users)), side="right")
    left = ends[events.user] - 1 - np.arange(len(events))
    parts = [TRAIN, VALIDATION, TEST]
    return replace(events, parts=parts, part=2 - np.minimum(left, 2), moment=np.zeros(len(events), dtype="int64"))


def _ranks(table: Table, data: pa.Table, column: str) -> pa.Array:
    """Return the place of each line's value among all values, missing where it is."""
    values = data[column].combine_chunks()
    kind = values.type
    if not (pa.types.is_temporal(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise InputError(
            f"column '{column}' of {table.name} says which event of a user is the last, and holds {kind}, whose order "
            "is not that of events",
            code="D309",
            hints=(("to mend", _declared(column, "integer")), ("or", _declared(column, "datetime"))),
        )
    encoded = values.dictionary_encode()
    rank = np.empty(len(encoded.dictionary), dtype="int64")
    rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(rank))
    places = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    found = rank[places] if len(rank) else np.zeros(len(places), dtype="int64")
    return pa.array(found, mask=places < 0)


def _fetched(table: Table, part: str) -> pa.Table:
    names = [table.role("user"), table.role("item"), *([table.time] if table.time else []), *([part] if part else [])]
    known = ("event", "order", "quantity", "price", "amount", "query")
    names += [table.roles[role] for role in known if role in table.roles]
    fetched: pa.Table = table.frame.select(*dict.fromkeys(names)).collect(backend="pyarrow").to_native()
    if not len(fetched):
        raise InputError(
            f"table {table.name} has no line: there is nothing to learn a taste from",
            code="D300",
            hints=(("to mend", "see which file is read at ingest, and what its contract sets aside"),),
        )
    return fetched


def _texts(column: pa.ChunkedArray) -> pa.Array:
    """Return values as texts: 7 and 7.0 are one item, and 007 is another."""
    array = column.combine_chunks()
    if pa.types.is_floating(array.type):
        whole = pc.equal(array, pc.floor(array))
        if pc.all(pc.fill_null(whole, True)).as_py():
            array = array.cast(pa.int64())
    return array.cast(pa.string())


def _with_searches(table: Table, data: pa.Table) -> pa.Array:
    """Return the items; the words of a search stand in for the item of a line that has none."""
    item = _texts(data[table.role("item")])
    if "query" not in table.roles:
        return item
    words = pc.utf8_lower(pc.utf8_trim_whitespace(_texts(data[table.roles["query"]])))
    words = pc.if_else(pc.equal(pc.utf8_length(words), 0), pa.scalar(None, pa.string()), words)
    return pc.coalesce(item, pc.binary_join_element_wise(SEARCHED, words, ""))


def _moments(table: Table, data: pa.Table) -> pa.Array:
    column = data[table.time].combine_chunks()
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        raise InputError(
            f"the time '{table.time}' of table {table.name} holds {column.type}, which is no moment",
            code="D301",
            hints=(("to mend", _declared(str(table.time), "datetime")),),
        )
    return column.cast(pa.timestamp("us")).cast(pa.int64())


def _kinds(
    table: Table, kind: pa.Array | None, there: pa.Array, bought: tuple[str, ...]
) -> tuple[NDArray[np.int64], list[str]]:
    """Number the kinds of events; those that are purchases have one name from here on, and no other has it."""
    if kind is None:
        return np.zeros(int(pc.sum(there).as_py() or 0), dtype="int64"), [PURCHASE]
    codes, names = _coded(pc.fill_null(kind.filter(there), UNKNOWN))
    if not set(bought) & set(names):
        raise InputError(
            f"no event of table {table.name} is {' or '.join(bought)}: nothing was bought; there are "
            f"{', '.join(names[:12])}",
            code="D306",
            hints=(("to mend", "name the events that are purchases: task: {with: {bought: [EVENT]}}"),),
        )
    other = {PURCHASE: UNKNOWN}
    told = [PURCHASE if name in bought else other.get(name, name) for name in names]
    distinct = sorted(set(told))
    return np.array([distinct.index(name) for name in told])[codes], distinct


def _declared(column: str, kind: str) -> str:
    """Say what is to be written at ingest so that a column is read as what it is."""
    return f"say at ingest what it holds: contract: {{columns: {{{column}: {{type: {kind}}}}}}}"


def _coded(column: pa.Array) -> tuple[NDArray[np.int64], list[str]]:
    """Number texts in their own order, so that numbers do not depend on the order of lines; -1 where there is none."""
    encoded = column.dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    names = encoded.dictionary
    order = pc.sort_indices(names).to_numpy()
    rank = np.empty(len(order), dtype="int64")
    rank[order] = np.arange(len(order))
    places = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return np.where(places < 0, -1, rank[places] if len(rank) else -1), names.take(pa.array(order)).to_pylist()


def _numbers(table: Table, data: pa.Table, role: str) -> NDArray[np.float64] | None:
    if role not in table.roles:
        return None
    column = data[table.roles[role]]
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)):
        raise InputError(
            f"column '{table.roles[role]}' of {table.name} is the {role} and holds no numbers",
            code="D302",
            hints=(("to mend", _declared(table.roles[role], "number")),),
        )
    return np.asarray(np.nan_to_num(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), nan=0.0))


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
    quantity = _numbers(table, data, "quantity")
    quantity = np.ones(len(user)) if quantity is None else quantity
    amount = _numbers(table, data, "amount")
    if amount is None:
        price = _numbers(table, data, "price")
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
