"""The first look at all values of a table: of each column what its values look like, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sartor.contract.kinds import Kind, kind_of, kinds
from sartor.contract.reading import SPACES
from sartor.profiling.shapes import Shape, shape_sql, shapes_in
from sartor.relations import identifier, literal

if TYPE_CHECKING:
    import duckdb

TOGETHER = 50
"""Columns that one query looks at: what it costs to plan grows with the square of them."""
WIDE = 200
"""Of a table of more columns than these, those that are looked at alike are put under each other first.

To plan a query costs far more for each column than to look at some hundred values.
"""
STACKED = 500
"""Columns that are put under each other."""
COLUMN, VALUE = "__column", "__value"
"""Number of a column that stands under others, and its values."""
MARKERS = (
    "?", "-", "--", ".", "*", "n.a.", "na", "nil", "none", "no data", "not available", "unknown", "unbekannt",
    "missing", "undefined", "n/d", "nd", "k.a.", "#n/a", "#na", "(null)", "null", "nan",
)  # fmt: skip
"""Texts that mean in most tables that there is no value; compared without their capital letters."""
_NUMBERED = "[A-Za-z][A-Za-z0-9.-]*[0-9][A-Za-z0-9.-]*|[0-9]+[A-Za-z]+[0-9][A-Za-z0-9.-]*"


@dataclass(frozen=True)
class Glance:
    """What the first look has seen of a column.

    Parameters
    ----------
    name : str
    kind : str
        As the reader gives it.
    lines, present : int
        Lines, and those with a value.
    distinct : int
        About how many different values.
    shapes : frozenset of Shape
        Of texts.
    odd : int
        Texts that look like nothing in particular.
    numbered : int
        Odd texts of letters and digits without a blank, such as ``C9600``: names of something, among numbers too.
    marker : str
        A text among `MARKERS`, if all odd ones are it.
    length : float
        Characters on average.
    mails, ips : float
        Shares of values.
    """

    name: str
    kind: Kind
    lines: int
    present: int
    distinct: int
    shapes: frozenset[Shape] = frozenset()
    odd: int = 0
    numbered: int = 0
    marker: str = ""
    length: float = 0.0
    mails: float = 0.0
    ips: float = 0.0


def glances(relation: duckdb.DuckDBPyRelation) -> list[Glance]:
    """Look over a table; memory does not grow with its lines.

    Parameters
    ----------
    relation : DuckDBPyRelation
        As a reader returns it, texts as they are.
    """
    dtypes = kinds(relation)
    names = list(dtypes)
    found: dict[str, Glance] = {}
    texts = [name for name in names if kind_of(dtypes[name]) == "text"] if len(names) > WIDE else []
    for start in range(0, len(texts), STACKED):
        found |= _stacked(relation, texts[start : start + STACKED])
    rest = [name for name in names if name not in found]
    for start in range(0, len(rest), TOGETHER):
        found |= {one.name: one for one in _looked(relation, rest[start : start + TOGETHER], dtypes)}
    return [found[name] for name in names]


def under_each_other(relation: duckdb.DuckDBPyRelation, values: Sequence[str]) -> duckdb.DuckDBPyRelation:
    """Return columns of one type under each other, as `VALUE` with the place of each as `COLUMN`."""
    return relation.project(f"unnest([{', '.join(values)}]) AS {VALUE}, unnest(range({len(values)})) AS {COLUMN}")


def _stacked(relation: duckdb.DuckDBPyRelation, texts: Sequence[str]) -> dict[str, Glance]:
    stack = under_each_other(relation, [_trimmed(name) for name in texts])
    shaped = stack.project(f"*, {shape_sql(VALUE)} AS {VALUE}_shape")
    rows = shaped.aggregate(", ".join([COLUMN, "count(*)", *_asked(VALUE)]), COLUMN).fetchall()
    said = {place: (lines, row) for place, lines, *row in rows}
    nothing = (0, [0, 0, None, 0, 0, None, None, None, 0, 0])
    return {name: _text(name, *said.get(place, nothing)) for place, name in enumerate(texts)}


def _trimmed(name: str) -> str:
    return f"nullif(trim({identifier(name)}, {SPACES}), '')"


def _looked(relation: duckdb.DuckDBPyRelation, names: Sequence[str], dtypes: dict[str, Any]) -> list[Glance]:
    texts = [name for name in names if kind_of(dtypes[name]) == "text"]
    trimmed = {name: f"__t{place}" for place, name in enumerate(texts)}
    inner = [
        *(f"{_trimmed(name)} AS {short}" for name, short in trimmed.items()),
        *(identifier(name) for name in names if name not in trimmed),
    ]
    read = relation.project(", ".join(inner))
    shaped = read.project(", ".join(["*", *(f"{shape_sql(short)} AS {short}_shape" for short in trimmed.values())]))
    asked = [_asked(trimmed[name]) if name in trimmed else _asked_typed(identifier(name)) for name in names]
    row: Sequence[Any] = shaped.aggregate(", ".join(["count(*)", *(sql for one in asked for sql in one)])).fetchall()[0]
    lines, answers, found = row[0], list(row[1:]), []
    for name, one in zip(names, asked, strict=True):
        said, answers = answers[: len(one)], answers[len(one) :]
        kind = kind_of(dtypes[name])
        found.append(_text(name, lines, said) if name in trimmed else Glance(name, kind, lines, said[0], said[1]))
    return found


def _asked_typed(column: str) -> list[str]:
    return [f"count({column})", f"approx_count_distinct({column})"]


def _asked(text: str) -> list[str]:
    odd = f"FILTER ({text}_shape = {Shape.OTHER.value})"
    known = f"lower({text}) IN ({', '.join(map(literal, MARKERS))})"
    return [
        f"count({text})",
        f"approx_count_distinct({text})",
        f"bit_or(1::BIGINT << {text}_shape) FILTER ({text} IS NOT NULL)",
        f"count({text}) {odd}",
        f"count(CASE WHEN regexp_full_match({text}, {literal(_NUMBERED)}) THEN 1 END) {odd}",
        # No value but a well-known one leaves the engine: of any other it is only told that there are others.
        f"min(CASE WHEN {known} THEN {text} ELSE '' END) {odd}",
        f"max(CASE WHEN {known} THEN {text} ELSE '' END) {odd}",
        f"avg(length({text}))",
        f"count({text}) FILTER (contains({text}, '@') AND contains({text}, '.') AND NOT contains({text}, ' '))",
        f"count({text}) FILTER ({text}_shape = {Shape.IP.value})",
    ]


def _text(name: str, lines: int, said: Sequence[Any]) -> Glance:
    present, distinct, bits, odd, numbered, least, greatest, length, mails, ips = said
    return Glance(
        name=name,
        kind="text",
        lines=lines,
        present=present,
        distinct=distinct,
        shapes=shapes_in(bits or 0) - {Shape.OTHER},
        odd=odd,
        numbered=numbered,
        marker=greatest if odd and least == greatest else "",
        # Whole characters: a mean of many millions differs in its last bits from run to run.
        length=round(length or 0.0),
        mails=mails / present if present else 0.0,
        ips=ips / present if present else 0.0,
    )
