"""What may be seen of a row's own line: by features, by models and actions, and of its past answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import narwhals as nw

from sartor.recipe.model import FoldSplit, GivenSplit, GroupSplit
from sartor.rows import KNOWN_AT, Rows, Table, Tables
from sartor.wide import chosen

if TYPE_CHECKING:
    from sartor.recipe.model import Split


def split_columns(rule: Split) -> tuple[str, ...]:
    """Columns that a split goes by; they are no features, as the test part holds values that training never saw."""
    if isinstance(rule, GivenSplit | GroupSplit):
        return (rule.column,)
    return (rule.column,) if isinstance(rule, FoldSplit) and rule.column else ()


def own_columns(rows: Rows, tables: Tables, split_columns: tuple[str, ...]) -> list[str]:
    """Columns of the row's own line that are features by themselves.

    Not its key and time, not what holds or came with the truth, not what the split goes by, not what the task or the
    recipe forbids.
    """
    if rows.own is None:
        return []
    table = tables[rows.own]
    barred = {*table.key, *barred_columns(rows, table, split_columns)}
    return [column for column in table.columns if column not in barred]


def barred_columns(rows: Rows, table: Table, split_columns: tuple[str, ...]) -> set[str]:
    """Columns of the own table that must not be features, its key aside."""
    return {*rows.truth, *rows.never, *split_columns, *([table.time] if table.time else [])}


def shown_columns(rows: Rows, tables: Tables) -> list[str]:
    """Columns of the row's own line that models and actions may look at: all but the truth."""
    if rows.own is None:
        return []
    return [column for column in tables[rows.own].columns if column not in rows.truth]


def without_truth(rows: Rows, tables: Tables) -> Tables:
    """Return the tables as features may see them: the own table without the columns that hold the answer.

    Past answers are in `Table.outcomes`, where the task says when each of them is known.
    """
    if rows.own is None or not rows.truth:
        return tables
    table = tables[rows.own]
    kept = [column for column in table.columns if column not in rows.truth]
    outcomes = None if table.unanswered else outcomes_of(rows, table)
    seen = replace(table.with_frame(chosen(table.frame, kept)), outcomes=outcomes)
    return Tables({**tables, rows.own: seen})


def outcomes_of(rows: Rows, table: Table) -> Table | None:
    """Return the own table's lines whose truth will be known, with the moment at which it is as their time.

    Parameters
    ----------
    rows : Rows
        The first of its truth columns holds the outcome: a line without one is known at no time.
    table : Table
        With the truth.
    """
    if KNOWN_AT not in rows.frame.collect_schema() or not rows.truth:
        return None
    known = rows.frame.select(*rows.keys, KNOWN_AT).filter(~nw.col(KNOWN_AT).is_null())
    there = chosen(table.frame, table.columns).filter(~nw.col(rows.truth[0]).is_null())
    frame = there.join(known, on=list(rows.keys), how="inner")
    return replace(table, frame=frame, time=KNOWN_AT, known_ahead=frozenset())
