"""What must hold of a section that a component yields; says in words what does not."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sartor.runs.json_text import plain
from sartor.sections import DRAWN, KINDS, PLACES, TONES, Caution, Figure, Section, Table, TableColumn

MOST_LINES = 2_000
"""A longer table is no aggregate that anybody reads, and would not fit into the report."""
LONGEST_TEXT = 4_000
LARGEST_SPEC = 100_000
"""Characters of a figure's spec in JSON."""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OWN_KEYS = frozenset({"data", "datasets", "config", "width", "usermeta", "$schema", "autosize", "background"})
"""Of a spec: what the report says itself."""
_ADDRESSES = frozenset({"url", "href", "image"})
"""Nowhere in a spec: a report fetches nothing."""


def problem_of(record: Any) -> str:
    """Return what is wrong with a record; empty if nothing is.

    Examples
    --------
    >>> problem_of(Section("Kept", "analyst", "What was kept", "13 of 20 columns."))
    "the id 'Kept' is not made of lower-case words with hyphens"
    """
    return next(_problems(record), "")


def _problems(record: Any) -> Iterator[str]:
    if not isinstance(record, Section | Caution):
        yield f"it yields {type(record).__name__} where a Section is due"
        return
    if not _ID.fullmatch(str(record.id)):
        yield f"the id {record.id!r} is not made of lower-case words with hyphens"
        return
    if isinstance(record, Caution):
        yield from _text(record.sentence, "sentence", f"caution '{record.id}'")
        if not _is_number(record.weight) or not 0 <= record.weight <= 1:
            yield f"caution '{record.id}' has the weight {record.weight!r}, which does not lie between 0 and 1"
        return
    who = f"section '{record.id}'"
    if record.place not in PLACES:
        yield f"{who} has the place {record.place!r}; there are {', '.join(PLACES)}"
    yield from _text(record.title, "title", who)
    yield from _text(record.sentence, "sentence", who)
    yield from _text(record.note, "note", who, due=False)
    if record.table is not None:
        yield from _table(record.table, who)
    if record.figure is not None:
        yield from _figure(record.figure, who)


def _text(value: Any, what: str, who: str, *, due: bool = True) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{who} has {type(value).__name__} as its {what}, where a text is due"
    elif due and not value.strip():
        yield f"{who} has no {what}"
    elif len(value) > LONGEST_TEXT:
        yield f"{who} has a {what} of {len(value):,} characters; at most {LONGEST_TEXT:,} can be read"


# ---------------------------------------------------------------------------------------------------------------
# Tables
# ---------------------------------------------------------------------------------------------------------------


def _table(table: Any, who: str) -> Iterator[str]:
    if not isinstance(table, Table):
        yield f"{who} has {type(table).__name__} as its table"
        return
    yield from _text(table.caption, "caption", f"the table of {who}")
    yield from _columns(table.columns, who)
    if len(table.lines) > MOST_LINES:
        yield f"the table of {who} has {len(table.lines):,} lines; at most {MOST_LINES:,} can be read"
        return
    yield from _counts(table, who)
    places = range(len(table.lines))
    if any(place not in places for place in table.ours):
        yield f"the table of {who} names lines in ours that are not there"
    if table.tones and (len(table.tones) != len(table.lines) or any(tone not in TONES for tone in table.tones)):
        yield f"the table of {who} has tones that are not one of {', '.join(TONES[1:])} for each line"
    if table.parts and [column.kind for column in table.columns][:2] != ["text", "count"]:
        yield f"the table of {who} shows parts, and its first columns are not a text and a count"
    for place, line in enumerate(table.lines, 1):
        if isinstance(line, str) or not hasattr(line, "__len__") or len(line) != len(table.columns):
            yield f"line {place} of the table of {who} has not {len(table.columns)} cells"
            return
        for column, cell in zip(table.columns, line, strict=True):
            wrong = _cell(plain(cell), column.kind)
            if wrong:
                yield f"line {place} of the table of {who}, column '{column.title}': {wrong}"


def _columns(columns: Any, who: str) -> Iterator[str]:
    if not columns or not all(isinstance(column, TableColumn) for column in columns):
        yield f"the table of {who} has no columns, or others than TableColumn"
        return
    for column in columns:
        if column.kind not in KINDS:
            yield f"the table of {who} has a column of kind {column.kind!r}; there are {', '.join(KINDS)}"
    if columns[0].kind in DRAWN:
        yield f"the table of {who} has a drawn column where the lines are named"


def _counts(table: Table, who: str) -> Iterator[str]:
    counts: Any = table.counts
    if counts is None:
        return
    if isinstance(counts, str | Mapping) or (hasattr(counts, "__len__") and len(counts) != len(table.lines)):
        yield f"the table of {who} has counts for other than its {len(table.lines):,} lines"
        return
    told = [counts] if not hasattr(counts, "__len__") else counts
    if not all(_is_number(plain(count)) and float(count) >= 0 for count in told):
        yield f"the table of {who} has counts that are no numbers of rows"


def _cell(cell: Any, kind: str) -> str:
    """Say what is wrong with a cell, which is in JSON types: what is not finite is None by now."""
    if cell is None:
        return ""
    if kind == "text":
        return "" if isinstance(cell, str) else f"a text is due, not {cell!r}"
    if kind == "range":
        return "" if _are_numbers(cell, 2) else f"a pair (low, high) is due, not {cell!r}"
    if kind in ("interval", "bar"):
        good = _is_number(cell) or _are_numbers(cell, 1, 3)
        return "" if good else f"a number or (value, low, high) is due, not {cell!r}"
    if kind == "waterfall":
        good = _are_numbers(cell, 2, 4)
        return "" if good else f"(start, value) or (start, value, low, high) is due, not {cell!r}"
    if kind == "count" and _is_number(cell) and cell != math.floor(cell):
        return f"a whole number is due, not {cell!r}"
    return "" if _is_number(cell) else f"a number is due, not {cell!r}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_numbers(cell: Any, *lengths: int) -> bool:
    """Whether a cell is a sequence of numbers; an end of an interval may be missing."""
    if not isinstance(cell, list) or len(cell) not in lengths:
        return False
    return all(part is None or _is_number(part) for part in cell)


# ---------------------------------------------------------------------------------------------------------------
# Figures
# ---------------------------------------------------------------------------------------------------------------


def _figure(figure: Any, who: str) -> Iterator[str]:
    if not isinstance(figure, Figure):
        yield f"{who} has {type(figure).__name__} as its figure"
        return
    for what in ("title", "reading", "sentence", "slider"):
        yield from _text(getattr(figure, what), what, f"the figure of {who}", due=what != "slider")
    if figure.size not in ("full", "half"):
        yield f"the figure of {who} has the size {figure.size!r}; there are full and half"
    yield from _table(figure.table, f"the figure of {who}")
    if isinstance(figure.table, Table):
        names = [column.field for column in figure.table.columns]
        if len(set(names)) != len(names) or not all(names):
            yield f"the figure of {who} has columns without a name of their own: {', '.join(names)}"
    for spec in (figure.spec, figure.narrow):
        if spec is not None:
            yield from _spec(spec, f"the figure of {who}")


def _spec(spec: Any, who: str) -> Iterator[str]:
    if not isinstance(spec, Mapping):
        yield f"{who} has {type(spec).__name__} as its spec, where a mapping is due"
        return
    own = sorted(_OWN_KEYS & set(_keys_at_top(spec)))
    if own:
        yield f"{who} has a spec that says {', '.join(own)}, which the report says itself"
    if _ADDRESSES & set(_keys(spec)):
        yield f"{who} has a spec with an address or a picture: a report fetches nothing"
    try:
        text = json.dumps(plain(spec), allow_nan=False)
    except (TypeError, ValueError) as error:
        yield f"{who} has a spec that is no JSON: {error}"
        return
    if len(text) > LARGEST_SPEC:
        yield f"{who} has a spec of {len(text):,} characters; its data belong into the table"


def _keys_at_top(spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of a spec and of the specs inside it."""
    yield from map(str, spec)
    for name in ("layer", "hconcat", "vconcat", "concat"):
        for inner in spec.get(name) or ():
            if isinstance(inner, Mapping):
                # A view inside another has a width of its own.
                yield from (key for key in _keys_at_top(inner) if key != "width")
    if isinstance(spec.get("spec"), Mapping):
        yield from (key for key in _keys_at_top(spec["spec"]) if key != "width")


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _keys(inner)
        if value.get("type") == "image" or value.get("mark") == "image":
            yield "image"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _keys(inner)
