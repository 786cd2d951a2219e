"""Builds what each user did before the row's moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sartor.context import silently
from sartor.rows import AS_OF, ROW
from sartor_plugins.recommend.asking import known_to, listed
from sartor_plugins.recommend.lines import Events, events_of
from sartor_plugins.recommend.names import HISTORY_DAYS, HISTORY_EVENTS, HISTORY_ITEMS, NEXT, PART

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Rows, Table


def histories(rows: Rows, table: Table) -> pa.Table:
    """Return the lists of each row; those of rows without a past are empty."""
    facts = rows.facts
    last = facts.get("leave_last") or ""
    part = facts.get("part") or ""
    with silently():
        # The task has said what there is to be said of them.
        events = events_of(table, tuple(facts["bought"]), facts["returns"], part, last)
    part = PART if last else part
    (user,) = rows.keys
    names = [ROW, user, *([part] if part else [AS_OF])]
    asked = rows.frame.select(*names).collect(backend="pyarrow").to_native()
    who = _numbers(events, asked[user].combine_chunks())
    if part:
        places = {name: _known(events, known_to(name, facts["known"], in_order=bool(last))) for name in events.parts}
        if last:
            places[NEXT] = np.ones(len(events), dtype=bool)
        moments = asked[part].to_pylist()
        made = [
            _built(events, who, np.array([one == name for one in moments]), mask, 0) for name, mask in places.items()
        ]
    else:
        as_of = asked[AS_OF].combine_chunks().cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
        made = [_built(events, who, as_of == at, events.known_before(at), int(at)) for at in np.unique(as_of)]
    order = np.concatenate([at for at, _ in made]) if made else np.zeros(0, dtype="int64")
    lists = pa.concat_tables([lists for _, lists in made])
    return lists.append_column(ROW, asked[ROW].combine_chunks().take(pa.array(order)))


def _known(events: Events, parts: list[str]) -> NDArray[np.bool_]:
    return np.isin(events.part, [place for place, name in enumerate(events.parts) if name in parts])


def _numbers(events: Events, users: pa.Array) -> NDArray[np.int64]:
    """Return the number of each user among those of the events; -1 for one of whom there is none."""
    found = pc.index_in(users.cast(pa.string()), pa.array(events.users, pa.string()))
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype="int64")


def _built(
    events: Events, who: NDArray[np.int64], asked: NDArray[np.bool_], known: NDArray[np.bool_], moment: int
) -> tuple[NDArray[np.int64], Any]:
    """Return the places of the rows that are asked at one moment, by user, and their lists."""
    at = np.flatnonzero(asked)
    at = at[np.argsort(who[at], kind="stable")]
    users = who[at]
    mask = known & np.isin(events.user, users)
    distinct, place = np.unique(users[users >= 0], return_inverse=True)
    lists = {
        HISTORY_ITEMS: listed(events, mask, distinct, "item"),
        HISTORY_DAYS: _ago(listed(events, mask, distinct, "days", origin=moment)),
        HISTORY_EVENTS: listed(events, mask, distinct, "kind"),
    }
    strangers = int((users < 0).sum())
    numbers = np.concatenate([np.zeros(strangers, dtype="int64"), place])
    taken = pa.array(numbers, mask=np.arange(len(numbers)) < strangers)
    return at, pa.table({name: _empty_for_null(values.take(taken)) for name, values in lists.items()})


def _ago(days: pa.ListArray) -> pa.ListArray:
    return pa.ListArray.from_arrays(days.offsets, pc.negate(days.values))


def _empty_for_null(lists: pa.ListArray) -> pa.ListArray:
    return lists if not lists.null_count else pc.fill_null(lists, pa.scalar([], lists.type))
