"""Rows of a time to event: how long each was watched, and whether that ended with the event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.errors import InputError, nearest
from sartor.rows import Rows, Table
from sartor.wording import plural
from sartor_plugins.learn.outcome_labels import label_counts, label_of, label_text
from sartor_plugins.learn.outcome_rows import Marks, OwnLines
from sartor_plugins.survival.answer import EVENT, TIME

if TYPE_CHECKING:
    from sartor_plugins.learn.tasks import Label

FEWEST_EVENTS = 2


def rows_of_time_to_event(
    table: Table,
    time: str,
    event: str,
    happened: Label | list[Label] = 1,
    censored: Label | list[Label] | None = None,
    horizons: Sequence[float] = (),
    *,
    never: Sequence[str] = (),
    group: str | None = None,
    as_of: str | None = None,
    weight: str | None = None,
) -> Rows:
    """Make a row of each line of a table; tasks of an industry reuse it.

    Parameters
    ----------
    table : Table
        With a key.
    time, event, happened, censored, horizons, never, group, as_of, weight
        As the settings of `sartor_plugins.survival.time_to_event.TimeToEvent`.

    Returns
    -------
    Rows
        With ``__target_time`` and ``__target_event``; a row whose event or time is missing has no truth.

    Raises
    ------
    InputError
        If a time is negative, the event's values are not as declared, nothing happened, or a horizon lies beyond all
        follow-up.
    """
    own = OwnLines.of(table, event, Marks(never, group, as_of, None, weight))
    if table.unanswered:
        rows = own.rows({TIME: nw.lit(None, nw.Float64), EVENT: nw.lit(None, nw.Int64)})
        return _hidden(rows, time)
    _check_time(table, time)
    did, did_not = _labels(table, event, happened, censored)
    text = label_text(table.frame, event)
    duration = nw.col(time).cast(nw.Float64)
    known = [~duration.is_null(), duration.is_finite(), text.is_in([*did, *did_not]), *own.known()]
    _check_follow_up(table, time, duration, text.is_in(did), known, horizons)
    code = nw.when(*known).then(text.is_in(did).cast(nw.Int64))
    return _hidden(own.rows({TIME: nw.when(*known).then(duration), EVENT: code}), time)


def _hidden(rows: Rows, time: str) -> Rows:
    from dataclasses import replace

    return replace(rows, truth=tuple(dict.fromkeys([*rows.truth, time])))


def _check_time(table: Table, time: str) -> None:
    schema = table.frame.collect_schema()
    if time not in schema:
        raise InputError(f"table {table.name} has no column '{time}'", code="R041", hints=nearest(time, list(schema)))
    if not schema[time].is_numeric():
        raise InputError(
            f"column '{time}' of table {table.name} is to be a time until an event, and holds no numbers",
            code="D195",
            hints=(("to mend", f"read it as a number at ingest: types: {{{time}: number}}"),),
        )
    below = int(table.frame.filter(nw.col(time) < 0).select(nw.len()).collect().item())
    if below:
        raise InputError(
            f"the time '{time}' of table {table.name} is negative in {plural(below, 'line')}",
            code="D195",
            hints=(
                (
                    "to mend",
                    f"set them aside: contract: {{columns: {{{time}: {{at_least: 0, otherwise: set_aside}}}}}}",
                ),
            ),
        )


def _labels(
    table: Table, event: str, happened: Label | list[Label], censored: Label | list[Label] | None
) -> tuple[list[str], list[str]]:
    """Return the values that mean the event, and those that mean none."""
    counts = label_counts(table.frame, label_text(table.frame, event))
    did = [label_of(value) for value in (happened if isinstance(happened, list) else [happened])]
    for label in did:
        if label not in counts:
            raise InputError(
                f"the event '{event}' of table {table.name} never is '{label}'; it holds "
                f"{', '.join(f'{name!r} ({count:,})' for name, count in list(counts.items())[:8])}",
                code="D196",
                hints=(*nearest(label, counts), ("to mend", "say which value means that it happened: happened: VALUE")),
            )
    others = [label for label in counts if label not in did]
    if censored is not None:
        declared = [label_of(value) for value in (censored if isinstance(censored, list) else [censored])]
        strange = [label for label in others if label not in declared]
    else:
        declared, strange = others[:1], others[1:]
    if strange:
        told = ", ".join(f"'{label}' ({counts[label]:,})" for label in [*did, *others][:8])
        raise InputError(
            f"the event '{event}' of table {table.name} holds {told}: which of them mean that it did not happen is not "
            "said",
            code="D196",
            hints=(
                ("to mend", "name them: censored: [VALUE, ...]"),
                (
                    "beware",
                    "an event of another kind, such as another cause of death, makes risks too high as censored",
                ),
            ),
        )
    return did, declared


def _check_follow_up(
    table: Table, time: str, duration: Any, did: Any, known: list[Any], horizons: Sequence[float]
) -> None:
    lines, events, longest = (
        table.frame.filter(*known)
        .select(nw.len().alias("lines"), did.cast(nw.Int64).sum().alias("events"), duration.max().alias("longest"))
        .collect()
        .row(0)
    )
    if not lines or int(events or 0) < FEWEST_EVENTS:
        raise InputError(
            f"the event happened in {plural(int(events or 0), 'line')} of {int(lines):,} in table {table.name}: "
            "there is nothing to learn from",
            code="D197",
            hints=(("to mend", "watch longer, or see which values of the event mean that it happened"),),
        )
    if not longest > 0:
        raise InputError(
            f"nobody of table {table.name} was watched for longer than 0 ('{time}'): no horizon can be answered",
            code="D198",
            hints=(
                ("to mend", f"see whether '{time}' is the column that is meant, and in which unit it counts"),
                ("or", "make it at the source: the time from the first day of watching to the event, or to the last"),
            ),
        )
    beyond = [horizon for horizon in horizons if horizon > longest]
    if beyond:
        raise InputError(
            f"the horizon {beyond[0]:,g} lies beyond all follow-up: nobody of table {table.name} was watched for "
            f"longer than {longest:,g} ('{time}')",
            code="D198",
            hints=(("to mend", f"take horizons up to {longest:,g}, in the unit of the time"),),
        )
