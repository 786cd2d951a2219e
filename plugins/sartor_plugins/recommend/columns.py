"""Columns of event lines, by their roles, as arrays: users and items as texts, kinds of events, moments, numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sartor.errors import InputError
from sartor_plugins.recommend.names import PURCHASE, SEARCHED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Table

UNKNOWN = "unknown"
"""What an event is called of which the line does not say what it is."""


def event_lines(table: Table, part: str) -> pa.Table:
    """Fetch the columns that have a role, and one more."""
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


def texts_of(column: pa.ChunkedArray) -> pa.Array:
    """Return values as texts: 7 and 7.0 are one item, and 007 is another."""
    array = column.combine_chunks()
    if pa.types.is_floating(array.type):
        whole = pc.equal(array, pc.floor(array))
        if pc.all(pc.fill_null(whole, True)).as_py():
            array = array.cast(pa.int64())
    return array.cast(pa.string())


def items_of(table: Table, data: pa.Table) -> pa.Array:
    """Return the items; the words of a search stand in for the item of a line that has none."""
    item = texts_of(data[table.role("item")])
    if "query" not in table.roles:
        return item
    words = pc.utf8_lower(pc.utf8_trim_whitespace(texts_of(data[table.roles["query"]])))
    words = pc.if_else(pc.equal(pc.utf8_length(words), 0), pa.scalar(None, pa.string()), words)
    return pc.coalesce(item, pc.binary_join_element_wise(SEARCHED, words, ""))


def moments_of(table: Table, data: pa.Table) -> pa.Array:
    """Return the moment of each line in microseconds."""
    column = data[table.time].combine_chunks()
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        raise InputError(
            f"the time '{table.time}' of table {table.name} holds {column.type}, which is no moment",
            code="D301",
            hints=(("to mend", _declared(str(table.time), "datetime")),),
        )
    return column.cast(pa.timestamp("us")).cast(pa.int64())


def ranks_of(table: Table, data: pa.Table, column: str) -> pa.Array:
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


def kinds_of(
    table: Table, kind: pa.Array | None, there: pa.Array, bought: tuple[str, ...]
) -> tuple[NDArray[np.int64], list[str]]:
    """Number the kinds of events; those that are purchases have one name from here on, and no other has it."""
    if kind is None:
        return np.zeros(int(pc.sum(there).as_py() or 0), dtype="int64"), [PURCHASE]
    codes, names = coded(pc.fill_null(kind.filter(there), UNKNOWN))
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


def coded(column: pa.Array) -> tuple[NDArray[np.int64], list[str]]:
    """Number texts in their own order, so that numbers do not depend on the order of lines; -1 where there is none."""
    encoded = column.dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    names = encoded.dictionary
    order = pc.sort_indices(names).to_numpy()
    rank = np.empty(len(order), dtype="int64")
    rank[order] = np.arange(len(order))
    places = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return np.where(places < 0, -1, rank[places] if len(rank) else -1), names.take(pa.array(order)).to_pylist()


def numbers_of(table: Table, data: pa.Table, role: str) -> NDArray[np.float64] | None:
    """Return the numbers of a role, 0 where one is missing; nothing where no column has the role."""
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


def _declared(column: str, kind: str) -> str:
    """Say what is to be written at ingest so that a column is read as what it is."""
    return f"say at ingest what it holds: contract: {{columns: {{{column}: {{type: {kind}}}}}}}"
