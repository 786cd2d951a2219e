"""The second look at all values of a table: read as they were found to be written, in one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from sartor.contract.kinds import kinds
from sartor.contract.terms import ColumnTerms, Contract
from sartor.guard.admission import judged
from sartor.guard.terms import Terms
from sartor.profiling.first_look import COLUMN, STACKED, TOGETHER, VALUE, WIDE, Glance, under_each_other
from sartor.profiling.personal import Looks, may_identify
from sartor.relations import identifier, literal

if TYPE_CHECKING:
    import duckdb

    from sartor.contract.judging import Check, Names

NINES = (99, 999, 9999, 99999, 999999, 9999999, 99999999, 999999999)
"""Numbers that are often written where there is none."""
FAR_DAYS = ("1900-01-01", "1899-12-30", "1970-01-01", "2099-12-31", "2999-12-31", "9999-12-31")
"""Days that are often written where there is none."""
COUNTED = 60
"""About so many different values at most are counted one by one."""
_KEYS, _PAIRS = 4, 4
"""Columns, and pairs of them, of which it is found out whether they identify a line."""


@dataclass(frozen=True)
class Seen:
    """What the second look has seen of a column; of one that looks personal, no value.

    Parameters
    ----------
    unread : int
        Values that cannot be read as their type.
    least, greatest : object
        None where they are not asked for.
    negative : int
        Values below 0.
    least_negative, greatest_negative : object
    zeros : int
    least_positive : object
    nines : int
        Values among `NINES`, or days among `FAR_DAYS`.
    nine : object
        The greatest of them.
    greatest_else : object
        The greatest value that is none of them.
    counts : mapping of value to int
        Where there are few; their values as they are read.
    """

    unread: int = 0
    least: Any = None
    greatest: Any = None
    negative: int = 0
    least_negative: Any = None
    greatest_negative: Any = None
    zeros: int = 0
    least_positive: Any = None
    nines: int = 0
    nine: Any = None
    greatest_else: Any = None
    counts: Mapping[Any, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Second:
    """What the second look has seen.

    Parameters
    ----------
    columns : mapping of column to Seen
    unique : tuple of str
        Columns of which no two lines have the same value, among those that were asked for.
    pairs : tuple of pairs of str
        Pairs of columns that identify a line; only looked for where no single one does.
    """

    columns: Mapping[str, Seen]
    unique: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


def look_again(
    relation: duckdb.DuckDBPyRelation,
    glances: Sequence[Glance],
    terms: Mapping[str, ColumnTerms],
    looks: Mapping[str, Looks],
) -> Second:
    """Look at the values as they are read.

    Parameters
    ----------
    relation : DuckDBPyRelation
    glances : sequence of Glance
    terms : mapping of column to ColumnTerms
        How each is read; columns that cannot be are left out.
    looks : mapping of column to Looks
        Columns that look personal: no value of theirs leaves the engine.
    """
    hidden = frozenset(looks)
    seen: dict[str, Seen] = {}
    names = [glance.name for glance in glances if glance.name in terms]
    by_name = {glance.name: glance for glance in glances}
    whole = [glance for glance in glances if _whole(glance, terms) and may_identify(looks.get(glance.name))]
    singles = _singles(whole)
    pairs = [] if singles else _pairs(whole)
    asked = keyed(singles, pairs)
    looked = [_together(relation, names[:1], terms, by_name, hidden, asked)] if asked and len(names) > WIDE else []
    if len(names) > WIDE:
        for some in _alike(relation, names, terms, by_name, hidden):
            seen |= _under_each_other(relation, some, terms, by_name, hidden)
    else:
        for start in range(0, max(1, len(names)), TOGETHER):
            some = names[start : start + TOGETHER]
            looked.append(_together(relation, some, terms, by_name, hidden, asked if start == 0 else {}))
    keys: dict[str, int] = {}
    for found, counted in looked:
        seen |= found
        keys |= counted
    lines = glances[0].lines if glances else 0
    unique = tuple(name for name in singles if keys.get(name) == lines)
    both = tuple(pair for pair in pairs if keys.get("\0".join(pair)) == lines)
    return Second(seen, unique, both)


def _together(
    relation: duckdb.DuckDBPyRelation,
    some: Sequence[str],
    terms: Mapping[str, ColumnTerms],
    by_name: Mapping[str, Glance],
    hidden: frozenset[str],
    asked: Mapping[str, tuple[str, ...]],
) -> tuple[dict[str, Seen], dict[str, int]]:
    """Look at some columns beside each other, and count how many values sets of columns have."""
    needed = dict.fromkeys([*some, *(name for columns in asked.values() for name in columns if name in terms)])
    said = Terms("", contract=Contract({name: terms[name] for name in needed}))
    read, values, checks = judged(relation, said, list(needed))
    wanted = {name: _wanted(name, by_name[name], values[name], checks, terms[name], hidden) for name in some}
    sql = [one for parts in wanted.values() for one in parts]
    sql += [f"count(DISTINCT hash({', '.join(values[name].kept for name in columns)}))" for columns in asked.values()]
    row: Sequence[Any] = read.aggregate(", ".join(["count(*)", *sql])).fetchall()[0]
    answers, seen = list(row[1:]), {}
    for name, parts in wanted.items():
        seen[name] = _seen(answers[: len(parts)])
        answers = answers[len(parts) :]
    return seen, dict(zip(asked, answers, strict=True))


def _alike(
    relation: duckdb.DuckDBPyRelation,
    names: Sequence[str],
    terms: Mapping[str, ColumnTerms],
    by_name: Mapping[str, Glance],
    hidden: frozenset[str],
) -> list[list[str]]:
    """Return columns that are looked at in the same way, by some hundred."""
    dtypes = kinds(relation)
    groups: dict[Any, list[str]] = {}
    for name in names:
        few = by_name[name].distinct <= COUNTED
        groups.setdefault((str(dtypes[name]), repr(terms[name]), name in hidden, few), []).append(name)
    return [group[start : start + STACKED] for group in groups.values() for start in range(0, len(group), STACKED)]


def _under_each_other(
    relation: duckdb.DuckDBPyRelation,
    some: Sequence[str],
    terms: Mapping[str, ColumnTerms],
    by_name: Mapping[str, Glance],
    hidden: frozenset[str],
) -> dict[str, Seen]:
    """Look at columns that are looked at in the same way."""
    first = some[0]
    stack = under_each_other(relation, [identifier(name) for name in some])
    read, values, checks = judged(stack, Terms("", contract=Contract({VALUE: terms[first]})), [VALUE])
    hides = frozenset({VALUE}) if first in hidden else frozenset()
    sql = _wanted(VALUE, by_name[first], values[VALUE], checks, terms[first], hides)
    rows = read.aggregate(", ".join([COLUMN, *sql]), COLUMN).fetchall()
    said = {place: row for place, *row in rows}
    return {name: _seen(said[place]) if place in said else Seen() for place, name in enumerate(some)}


def keyed(singles: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the sets of columns that may identify a line, by a name for each."""
    return {**{name: (name,) for name in singles}, **{"\0".join(pair): pair for pair in pairs}}


def _whole(glance: Glance, terms: Mapping[str, ColumnTerms]) -> bool:
    """Whether a column may be part of a key: it has a value in each line, and is no measure."""
    said = terms.get(glance.name)
    kind = (said.type if said is not None else None) or glance.kind
    return glance.present == glance.lines > 0 and kind in ("text", "integer", "date", "datetime")


def _singles(whole: Sequence[Glance]) -> list[str]:
    """Columns that may identify a line: with about as many different values as there are lines."""
    # The count is an estimate, some per cent off.
    likely = [one for one in whole if one.distinct >= 0.85 * one.lines]
    return [one.name for one in likely[:_KEYS]]


def _pairs(whole: Sequence[Glance]) -> list[tuple[str, str]]:
    likely = [one for one in whole if one.distinct > 1]
    fits = [
        (first.distinct * second.distinct, first.name, second.name)
        for first, second in combinations(likely, 2)
        if first.distinct * second.distinct >= first.lines
    ]
    # The fewest combinations that are enough: they are hardly so by chance.
    return [(first, second) for _, first, second in sorted(fits)[:_PAIRS]]


def _wanted(
    name: str, glance: Glance, names: Names, checks: Sequence[Check], terms: ColumnTerms, hidden: frozenset[str]
) -> list[str]:
    """Return SQL of everything that `Seen` holds, NULL where it is not asked for."""
    value, nothing = names.kept, "NULL"
    unread = [check.found for check in checks if check.column == name and check.rule == "type"]
    first = [f"count(*) FILTER ({' OR '.join(unread)})" if unread else "0"]
    if name in hidden:
        return [*first, *[nothing] * 10, nothing]
    counts = f"histogram(CAST({value} AS VARCHAR))" if glance.distinct <= COUNTED else nothing
    kind = terms.type or glance.kind
    if kind in ("integer", "number"):
        return [*first, *_of_numbers(value), counts]
    if kind in ("date", "datetime"):
        return [*first, *_of_days(f"CAST({value} AS DATE)"), nothing]
    return [*first, *[nothing] * 10, counts]


def _of_numbers(value: str) -> list[str]:
    nines = f"{value} IN ({', '.join(map(str, NINES))})"
    below = f"FILTER ({value} < 0)"
    return [
        f"min({value})", f"max({value})", f"count(*) {below}", f"min({value}) {below}", f"max({value}) {below}",
        f"count(*) FILTER ({value} = 0)", f"min({value}) FILTER ({value} > 0)", f"count(*) FILTER ({nines})",
        f"max({value}) FILTER ({nines})", f"max({value}) FILTER (NOT {nines})",
    ]  # fmt: skip


def _of_days(day: str) -> list[str]:
    far = f"{day} IN ({', '.join(f'DATE {literal(one)}' for one in FAR_DAYS)})"
    least, greatest, last = (
        f"CAST({which}({day}) FILTER ({those}) AS VARCHAR)"
        for which, those in (("min", f"NOT {far}"), ("max", f"NOT {far}"), ("max", far))
    )
    return [least, greatest, *["NULL"] * 5, f"count(*) FILTER ({far})", last, "NULL"]


def _seen(said: Sequence[Any]) -> Seen:
    *values, counts = said
    unread, least, greatest, negative, first, last, zeros, positive, nines, nine, other = values
    return Seen(
        unread or 0, least, greatest, negative or 0, first, last, zeros or 0, positive, nines or 0, nine, other,
        dict(sorted((counts or {}).items())),
    )  # fmt: skip
