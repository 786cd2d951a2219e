"""From what was seen of a table to what its contract may say, and what privacy may have to do with its columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sartor.contract.terms import ColumnTerms, ColumnType
from sartor.profiling.first_look import Glance
from sartor.profiling.personal import FEW, Looks, Values, looks_personal, words_of
from sartor.profiling.second_look import Second, Seen
from sartor.profiling.shapes import how_written
from sartor.wording import plural

ODD = 0.01
"""So many texts among numbers or dates are set aside; more of them make the column text."""
_RARE = 3
"""A text of fewer lines than these is nobody's to read."""
_DATED = frozenset(
    {"date", "day", "datum", "tag", "at", "on", "time", "timestamp", "ts", "when", "birth", "dob", "since"}
)
_UNITS = {
    "days": "days", "months": "months", "month": "months", "years": "years", "hours": "hours", "hrs": "hours",
    "minutes": "minutes", "mins": "minutes", "seconds": "seconds", "secs": "seconds", "weeks": "weeks",
    "eur": "EUR", "usd": "USD", "chf": "CHF", "gbp": "GBP", "jpy": "JPY", "twd": "TWD", "dm": "DM",
    "pct": "%", "percent": "%", "kg": "kg", "km": "km", "cm": "cm", "mm": "mm", "kwh": "kWh", "mg": "mg", "ml": "ml",
}  # fmt: skip
"""Units that the last word of a name tells; ``duration_in_month`` by the word before it."""


@dataclass(frozen=True)
class Column:
    """What is proposed for a column.

    Parameters
    ----------
    glance : Glance
    terms : mapping
        As they stand in a contract.
    looks : Looks or None
        Why it looks personal.
    required : bool
    notes : tuple of str
        What is worth knowing, the most important first.
    seen : Seen or None
    """

    glance: Glance
    terms: Mapping[str, Any] = field(default_factory=dict)
    looks: Looks | None = None
    required: bool = False
    notes: tuple[str, ...] = ()
    seen: Seen | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.glance.name

    @property
    def dropped(self) -> bool:
        """Whether privacy may let nothing of it in, so that a contract cannot speak of it."""
        return self.looks is not None and self.looks.treatment == "drop"


@dataclass(frozen=True)
class Proposal:
    """What is proposed for a table."""

    lines: int
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    time: str | None = None
    newest: str | None = None


def readings(glances: Sequence[Glance]) -> dict[str, ColumnTerms]:
    """Return how each column is read: what the first look found out."""
    found = {glance.name: _reading(glance) for glance in glances}
    return {name: terms for name, terms in found.items() if terms is not None}


def _reading(glance: Glance) -> ColumnTerms | None:
    if glance.kind == "other":
        return None
    if glance.kind != "text":
        return ColumnTerms(type=glance.kind)
    dated = bool(set(words_of(glance.name)) & _DATED)
    written = how_written(glance.shapes, dated=dated)
    coded = glance.odd > 0 and glance.marker != ""
    if glance.odd and not coded and (glance.numbered or glance.odd > ODD * glance.present):
        # Numbers among which C9600 stands are names that happen to be made of digits.
        return ColumnTerms(type="text")
    codes = (glance.marker,) if coded and written.type != "text" else ()
    return ColumnTerms(
        type=written.type, formats=written.formats, decimal=written.decimal, thousands=written.thousands,
        missing_codes=codes,
    )  # fmt: skip


def personal(glances: Sequence[Glance], terms: Mapping[str, ColumnTerms]) -> dict[str, Looks]:
    """Return why columns look personal."""
    found: dict[str, Looks] = {}
    for glance in glances:
        said = terms.get(glance.name)
        values = Values(
            type=said.type or "text" if said else "text", present=glance.present, distinct=glance.distinct,
            length=glance.length, mails=glance.mails, ips=glance.ips,
        )  # fmt: skip
        looks = looks_personal(glance.name, values)
        if looks is not None:
            found[glance.name] = looks
    return found


def proposal(
    glances: Sequence[Glance], terms: Mapping[str, ColumnTerms], looks: Mapping[str, Looks], second: Second
) -> Proposal:
    """Put together what both looks have seen."""
    columns = [
        _column(glance, terms.get(glance.name), looks.get(glance.name), second.columns.get(glance.name))
        for glance in glances
    ]
    key = _key(second, columns)
    unique = tuple((name,) for name in _telling(second.unique) if (name,) != key)
    if key:
        columns = [_as_key(column) if column.name in key else column for column in columns]
    time = _time(columns)
    newest = time.seen.greatest if time is not None and time.seen is not None and time.looks is None else None
    lines = glances[0].lines if glances else 0
    return Proposal(lines, tuple(columns), key, unique, time.name if time is not None else None, newest)


def _telling(names: Sequence[str]) -> list[str]:
    """Return the columns that are called like what identifies a line: a measure without repeats has none by chance."""
    return [name for name in names if _CALLED & set(words_of(name))]


def _key(second: Second, columns: Sequence[Column]) -> tuple[str, ...]:
    """Of several columns that identify a line the one that is called like it, else the first that is no long text."""
    if not second.unique:
        return second.pairs[0] if second.pairs else ()
    by_name = {column.name: column for column in columns}
    plain = [name for name in second.unique if by_name[name].glance.length < _LONG]
    return ((_telling(second.unique) or plain or second.unique)[0],)


_CALLED = frozenset({"id", "key", "nr", "no", "number", "code", "uuid", "guid"})
_LONG = 24
"""Characters of a text that is rather told than looked up by."""


def _as_key(column: Column) -> Column:
    """A key tells lines apart, so no bounds are due."""
    terms = {rule: value for rule, value in column.terms.items() if rule not in ("between", "at_least", "allowed")}
    return replace(column, terms=terms)


def _time(columns: Sequence[Column]) -> Column | None:
    dated = [column for column in columns if column.terms.get("type") in ("date", "datetime") and not column.dropped]
    known = [column for column in dated if column.looks is None and column.required]
    return known[0] if len(known) == 1 else None


def _column(glance: Glance, read: ColumnTerms | None, looks: Looks | None, seen: Seen | None) -> Column:
    missing = glance.lines - glance.present
    notes = [f"missing in {missing:,}"] if missing else []
    if read is None or seen is None:
        return Column(glance, {}, looks, not missing, (*notes, "lists or structures"))
    if seen.unread > ODD * glance.present:
        # Its shapes looked like a type, and it is none after all.
        read, seen, notes = ColumnTerms(type="text"), Seen(), [*notes, f"{seen.unread:,} cannot be read as {read.type}"]
    terms: dict[str, Any] = {"type": read.type, **_written(read)}
    codes = list(read.missing_codes)
    if codes:
        notes.append(f"{plural(glance.odd, 'code')} for missing")
    if looks is None:
        terms, more, found = _judged(glance, read, seen, terms)
        codes, notes = codes + found, notes + more
    if codes:
        terms["missing_codes"] = codes
    unit = _unit(glance.name) if read.type in ("integer", "number") and "allowed" not in terms else None
    if unit is not None:
        terms["unit"] = unit
    if seen.unread:
        terms["otherwise"] = {"type": "set_aside"}
        notes.insert(0, f"{seen.unread:,} cannot be read as {_TYPE_WORDS[read.type or 'text']}")
    doubt = how_written(glance.shapes).doubt if glance.kind == "text" else ""
    notes += [doubt] if doubt else []
    required = not missing and not codes and not seen.unread and glance.present > 0
    return Column(glance, terms, looks, required, tuple(notes), seen)


_TYPE_WORDS: dict[ColumnType, str] = {
    "integer": "whole numbers", "number": "numbers", "date": "dates", "datetime": "moments",
    "boolean": "true or false", "text": "text",
}  # fmt: skip


def _written(read: ColumnTerms) -> dict[str, Any]:
    formats = list(read.formats)
    return {
        **({"format": formats[0] if len(formats) == 1 else formats} if formats else {}),
        **({"decimal": read.decimal} if read.decimal != "." else {}),
        **({"thousands": read.thousands} if read.thousands else {}),
    }


def _judged(
    glance: Glance, read: ColumnTerms, seen: Seen, terms: dict[str, Any]
) -> tuple[dict[str, Any], list[str], list[Any]]:
    """Return bounds or allowed values, what is said of them, and codes for missing."""
    codes, notes = codes_in(seen) if read.type in ("integer", "number", "date", "datetime") else ([], [])
    listed = _few(glance, read, seen, codes)
    if listed is not None:
        values, said = listed
        kind = {"type": "integer"} if read.type == "number" else {}
        return {**terms, **kind, "allowed": values} if values else terms, [*notes, said], codes
    if glance.distinct > 1 and read.type == "text":
        notes.append(f"about {glance.distinct:,} different texts" if glance.distinct > FEW else "")
    if read.type in ("integer", "number") and seen.least is not None:
        low, high = _without(seen, codes)
        bounds = [_outward(low, read.type, up=False), _outward(high, read.type, up=True)]
        return {**terms, "between": bounds}, [*notes, f"{_said(low)} to {_said(high)}"], codes
    if read.type in ("date", "datetime") and seen.least is not None:
        return (
            {**terms, "at_least": f"{str(seen.least)[:4]}-01-01"},
            [*notes, f"{seen.least} to {seen.greatest}"],
            codes,
        )
    return terms, [note for note in notes if note], codes


def codes_in(seen: Seen) -> tuple[list[Any], list[str]]:
    """Return values that stand apart from all others as codes for missing do, and what may be one.

    Examples
    --------
    >>> codes_in(Seen(least=-9, greatest=74, negative=12, least_negative=-9, greatest_negative=-9, least_positive=18))
    ([-9], ['12 of -9'])
    >>> codes_in(Seen(least=0, greatest=603, zeros=172, least_positive=85))
    ([], ['172 zeros stand apart from 85 on: perhaps missing_codes: [0]'])
    """
    codes: list[Any] = []
    notes: list[str] = []
    single = seen.negative > 1 and seen.least_negative == seen.greatest_negative
    beside = seen.least_negative == -1 and seen.zeros > 0 and float(seen.greatest or 0) < _KINDS
    if single and beside:
        notes.append(f"{seen.negative:,} of -1: perhaps missing_codes: [-1]")
    elif single and seen.least_negative in _MINUS and (seen.least_positive is not None or seen.zeros):
        codes.append(_plain(seen.least_negative))
        notes.append(f"{seen.negative:,} of {_said(seen.least_negative)}")
    if seen.nines > 1 and seen.nine is not None and seen.nine == seen.greatest and seen.greatest_else is not None:
        if isinstance(seen.nine, str) or seen.nine >= 3 * abs(seen.greatest_else):
            codes.append(_plain(seen.nine))
            notes.append(f"{seen.nines:,} of {_said(seen.nine)}")
    elif isinstance(seen.nine, str) and seen.nines > 1:
        codes.append(seen.nine)
        notes.append(f"{seen.nines:,} of {seen.nine}")
    apart = seen.least_positive is not None and seen.greatest and seen.least_positive >= 0.1 * float(seen.greatest)
    if seen.zeros and seen.negative == 0 and apart and seen.least_positive > 1:
        notes.append(f"{plural(seen.zeros, 'zero stands', 'zeros stand')} apart from {_said(seen.least_positive)} on: "
                     "perhaps missing_codes: [0]")  # fmt: skip
    return codes, notes


_KINDS = 10
"""With 0 and numbers below this, -1 is as likely one more kind of something as that there is none."""
_MINUS = (-1, -9, -99, -999, -9999, -99999, -8, -7, -88, -888)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _without(seen: Seen, codes: Sequence[Any]) -> tuple[Any, Any]:
    low, high = seen.least, seen.greatest
    if low in codes:
        low = 0 if seen.zeros else seen.least_positive
    return low, seen.greatest_else if high in codes else high


def _few(glance: Glance, read: ColumnTerms, seen: Seen, codes: Sequence[Any]) -> tuple[list[Any], str] | None:
    """Return the values of a column that has a few, where they may be told, and what is said of them."""
    counts = {value: count for value, count in seen.counts.items() if not _is_code(value, codes)}
    if (
        not 1 <= len(counts) <= FEW
        or glance.present < 5 * len(counts)
        or read.type not in ("integer", "number", "text")
    ):
        return None
    if read.type != "text":
        if any(not float(value).is_integer() for value in counts):
            return None
        numbers = {int(float(value)): count for value, count in counts.items()}
        said = ", ".join(f"{value}: {count:,}" for value, count in sorted(numbers.items()))
        return sorted(numbers), said
    rare = sum(count < _RARE for count in counts.values())
    if rare:
        return [], f"{plural(len(counts), 'different text')}, {rare} of them in fewer than {_RARE} lines and not told"
    said = ", ".join(f"{value}: {count:,}" for value, count in sorted(counts.items()))
    return sorted(counts), said


def _is_code(value: Any, codes: Sequence[Any]) -> bool:
    return any(str(value) in (str(code), f"{code}.0") for code in codes)


def _outward(value: Any, kind: ColumnType, *, up: bool) -> Any:
    """Return a bound just beyond a value, in two digits: what comes tomorrow is hardly all within today's."""
    if value == 0 or not math.isfinite(value):
        return 0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    rounded = (math.ceil if up else math.floor)(round(value / step, 9)) * step
    whole = round(rounded, max(0, -math.floor(math.log10(step))))
    if kind == "integer" or float(whole).is_integer():
        return math.ceil(whole) if up else math.floor(whole)
    return whole


def _said(value: Any) -> str:
    return f"{_plain(value):,}" if isinstance(value, (int, float)) else str(value)


def _unit(name: str) -> str | None:
    words = words_of(name)
    return _UNITS.get(words[-1]) if len(words) > 1 else None
