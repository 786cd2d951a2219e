"""Makes the rows of a recommendation from the table of the events."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sartor.ahead import not_yet, say_what_lies_ahead
from sartor.errors import InputError
from sartor.rows import AS_OF, GROUP, KNOWN_AT, ROW, TARGET, Rows
from sartor_plugins.recommend.asking import Window, known_to, microseconds, parted, unknown, window
from sartor_plugins.recommend.catalogues import shelved
from sartor_plugins.recommend.lines import Events, events_of
from sartor_plugins.recommend.names import NEWCOMER, NEXT, PART, TRAIN, TRUTH, VALIDATION, WANTED

if TYPE_CHECKING:
    from sartor.rows import Origins, Table
    from sartor_plugins.recommend.tasks import NextItems


def rows_of(task: NextItems, table: Table, origins: Origins, catalogue: Table | None = None) -> Rows:
    """Return a row for each user at each origin, or in each part."""
    last = task.leave_last or ""
    events = events_of(table, tuple(task.bought), task.returns, task.part or "", last)
    user = table.role("user")
    facts = {"bought": list(task.bought), "returns": task.returns, "part": task.part, "known": list(task.known)}
    if last:
        facts |= {"leave_last": last, "known": [TRAIN, VALIDATION]}
        frame = _of_last(task, events, user, table.name, unanswered=origins.unanswered)
    elif task.part is not None:
        frame = _of_parts(task, events, user)
    elif table.time is None:
        raise InputError(
            f"table {table.name} has no time, and rows are made at moments",
            code="D303",
            hints=(
                ("to mend", "say at ingest which column is the moment of a line: time: COLUMN"),
                ("or", "name a column that tells which lines judge: part: COLUMN, known: [VALUE]"),
                ("or", "let the last line of each user judge: leave_last: COLUMN, which puts a user's lines in order"),
            ),
        )
    else:
        frame = _of_moments(task, events, user, table.name, origins)
    if catalogue is not None:
        frame = shelved(frame, catalogue, task.about, origins.cut, unanswered=origins.unanswered)
    return Rows(_lazy(frame), keys=(user,), facts=facts)


def _lazy(frame: pa.Table) -> nw.LazyFrame[Any]:
    # The engine's connection is the default one while it is open.
    return nw.from_native(duckdb.default_connection().from_arrow(frame)).lazy()


def _of_moments(task: NextItems, events: Events, user: str, table: str, origins: Origins) -> pa.Table:
    if origins.cut is None:
        raise InputError(
            "the rows of a recommendation are made at moments, and the split names none",
            code="D303",
            hints=(("to mend", "split by time: split: {time: DATE, every: 30 days, origins: 1}"),),
        )
    cut = naive(origins.cut)
    ahead = [naive(moment) for moment in origins.moments()]
    if origins.unanswered:
        return pa.concat_tables([_unanswered(task, events, user, moment) for moment in ahead])
    _check_moments(events, cut, table)
    behind = [naive(task.horizon.to_offset(cut, times=-place)) for place in range(task.origins, 0, -1)]
    first = int(events.moment.min())
    # A window before which nobody had bought anything teaches nothing.
    starts = [moment for moment in behind if microseconds(moment) > first]
    parts = []
    for moment in [*starts, *ahead]:
        end = naive(task.horizon.to_offset(moment, times=1))
        found = window(events, microseconds(moment), microseconds(end), task.targets)
        parts.append(_table(events, found, user, moment, end, task.targets))
    if not starts:
        raise InputError(
            f"no window of {task.horizon} before {cut:%Y-%m-%d} has anything before it: the first line of {table} "
            f"is of {np.datetime64(first, 'us').astype('datetime64[D]')}",
            code="D304",
            hints=(("to mend", "choose a later cut, or a shorter horizon"),),
        )
    return pa.concat_tables(parts)


def naive(moment: datetime) -> datetime:
    """Return a moment as the engine has it: in UTC, without saying so."""
    from datetime import UTC

    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _check_moments(events: Events, cut: datetime, table: str) -> None:
    """Refuse a cut behind the data, and say what lies in the future."""
    if not len(events.moment):
        raise InputError(
            f"no line of table {table} has a quantity above 0 that was not taken back: there is nothing to learn from",
            code="D300",
            hints=(("to mend", "see whether quantities are read as they are meant, or say returns: ignore"),),
        )
    last = int(events.moment.max())
    if last < microseconds(cut):
        raise InputError(
            f"the cut is {cut:%Y-%m-%d}, and the last line of {table} is of "
            f"{np.datetime64(last, 'us').astype('datetime64[D]')}: there is nothing to judge by",
            code="D304",
            hints=(("to mend", "choose an earlier cut"),),
        )
    say_what_lies_ahead(int((events.moment >= microseconds(not_yet())).sum()), "event", table)


def _table(events: Events, found: Window, user: str, start: datetime, end: datetime, wanted: str) -> pa.Table:
    names = pa.array(events.users, pa.string()).take(pa.array(found.user))
    count = len(names)
    row = pc.binary_join_element_wise(names, f"{start:%Y-%m-%d}" if _is_day(start) else start.isoformat(), "|")
    return pa.table(
        {
            ROW: row,
            user: names,
            WANTED: pa.array([wanted] * count, pa.string()),
            NEWCOMER: pa.array(found.newcomer),
            AS_OF: pa.array([start] * count, pa.timestamp("us")),
            KNOWN_AT: pa.array([end] * count, pa.timestamp("us")),
            GROUP: names,
            **{f"{TARGET}_{name}": found.lists[name] for name in TRUTH},
        }
    )


def _is_day(moment: datetime) -> bool:
    return moment.time() == datetime.min.time()


def _unanswered(task: NextItems, events: Events, user: str, moment: datetime) -> pa.Table:
    """Return everybody who is known by now; what they will want nobody knows."""
    known = np.unique(events.user[events.known_before(microseconds(moment))])
    end = naive(task.horizon.to_offset(moment, times=1))
    return _table(
        events, Window(known, unknown(len(known)), np.zeros(len(known), dtype=bool)), user, moment, end, task.targets
    )


def _of_parts(task: NextItems, events: Events, user: str) -> pa.Table:
    assert task.part is not None
    made = []
    for part in events.parts:
        found = parted(events, part, known_to(part, task.known, in_order=False), task.targets)
        made.append(_of_part(task, events, found, user, task.part, part))
    return pa.concat_tables(made)


def _of_part(task: NextItems, events: Events, found: Window, user: str, column: str, part: str) -> pa.Table:
    names = pa.array(events.users, pa.string()).take(pa.array(found.user))
    return pa.table(
        {
            ROW: pc.binary_join_element_wise(names, part, "|"),
            user: names,
            column: pa.array([part] * len(names), pa.string()),
            WANTED: pa.array([task.targets] * len(names), pa.string()),
            NEWCOMER: pa.array(found.newcomer),
            **{f"{TARGET}_{name}": found.lists[name] for name in TRUTH},
        }
    )


def _of_last(task: NextItems, events: Events, user: str, table: str, *, unanswered: bool) -> pa.Table:
    """Return a row for the last event of each user, the one before it, and all others; or for the next one."""
    if not len(events):
        raise InputError(
            f"no line of table {table} has a quantity above 0 that was not taken back: there is nothing to learn from",
            code="D300",
            hints=(("to mend", "see whether quantities are read as they are meant, or say returns: ignore"),),
        )
    if unanswered:
        everybody = np.unique(events.user)
        found = Window(everybody, unknown(len(everybody)), np.zeros(len(everybody), dtype=bool))
        made = [_of_part(task, events, found, user, PART, NEXT)]
    else:
        known = [TRAIN, VALIDATION]
        windows = {
            part: parted(events, part, known_to(part, known, in_order=True), task.targets) for part in events.parts
        }
        made = [_of_part(task, events, found, user, PART, part) for part, found in windows.items() if len(found.user)]
    return pa.concat_tables(made)
