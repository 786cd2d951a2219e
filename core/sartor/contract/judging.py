"""The rules of a column, each as SQL that tells whether a value breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sartor.contract.kinds import Kind
from sartor.contract.reading import Reading
from sartor.contract.terms import Bounds, ColumnTerms, Value
from sartor.errors import InputError
from sartor.relations import literal, one_of

Consequence = Literal["repaired", "missing", "set_aside", "stop", "told"]
"""What follows where a check finds something; ``repaired`` needs no outcome, ``told`` only counts."""
SHOWN = 5
"""Allowed values that a message lists."""


@dataclass(frozen=True)
class Check:
    """Something that is looked for in every line, and counted.

    Parameters
    ----------
    column : str
    rule : str
        A rule of the contract, or ``blank``, ``code``, ``tidy``, ``infinite``, ``zoned``, ``unshifted``.
    consequence : str
    found : str
        SQL, true where it is found; never missing.
    says : str
        What is said of a value: ``not between 100 and 100,000``.
    """

    column: str
    rule: str
    consequence: Consequence
    found: str
    says: str


@dataclass(frozen=True)
class Names:
    """SQL names of one column at the stages of the projection."""

    raw: str
    value: str
    kept: str
    """The value, codes for missing taken out."""


def code_sql(terms: ColumnTerms, reading: Reading, names: Names) -> str | None:
    """Return SQL that tells whether a value is a code for missing; None where there are no codes."""
    if not terms.missing_codes:
        return None
    kind, found = reading.kind, []
    texts = [str(code) for code in terms.missing_codes if isinstance(code, str)]
    if kind == "text":
        written = [str(code) if not isinstance(code, bool) else str(code).lower() for code in terms.missing_codes]
        found.append(one_of(names.value, list(map(literal, written))))
    else:
        typed = [text for text in (_code(code, kind) for code in terms.missing_codes) if text is not None]
        found += [one_of(names.value, typed)] if typed else []
        if texts and reading.text is not None:
            # A code that is no value of the type, such as '?' among numbers.
            as_text = one_of(f"trim({reading.text})", list(map(literal, texts)))
            found.append(f"({names.value} IS NULL AND {as_text})")
    return f"coalesce({' OR '.join(found)}, false)" if found else None


def _code(code: Value, kind: Kind) -> str | None:
    if kind in ("integer", "number"):
        try:
            return None if isinstance(code, bool) else repr(float(code) if isinstance(code, str) else code)
        except ValueError:
            return None
    if kind in ("date", "datetime") and isinstance(code, str):
        return _moment(code, kind)
    return str(code).lower() if kind == "boolean" and isinstance(code, bool) else None


def _moment(text: str, kind: Kind) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    if kind == "date":
        return f"DATE {literal(moment.date().isoformat())}"
    return f"TIMESTAMP {literal(moment.isoformat(sep=' '))}"


def checks_of(table: str, column: str, terms: ColumnTerms, reading: Reading, names: Names) -> list[Check]:
    """Return everything that is looked for in a column.

    Raises
    ------
    InputError
        If a rule cannot be judged on what the column holds.
    """
    rules = _Rules(table, column, terms, reading, names)
    return [*rules.repairs(), *rules.readable(), *rules.judged()]


def good_sql(
    checks: list[Check], reading: Reading, terms: ColumnTerms, names: Names, *, plain: bool = False
) -> str | None:
    """Return SQL that is true for values in which nothing is found, as far as a glance tells; None where none is due.

    It is all that is asked of most lines, so it asks each column once; of a column whose `plain` values stand there it
    asks what `sartor.contract.plain.Plain.holds` has not.
    """
    if not checks:
        return None
    judged = [f"NOT ({check.found})" for check in checks if check.rule in ("pattern", "length", "tidy", "unshifted")]
    if plain:
        coded = [f"({names.kept} IS NOT NULL OR {names.value} IS NULL)"] if names.kept != names.value else []
        return " AND ".join([*coded, *judged]) or None
    bounds = [sql for sql in (_within(terms, reading.kind, names), _among(terms, reading.kind, names)) if sql]
    judged += [reading.quick] if reading.quick is not None else []
    if reading.twice is not None:
        judged.append(f"NOT {reading.twice}")
    good = " AND ".join([*(bounds or [f"{names.kept} IS NOT NULL"]), *judged])
    return f"({good})" if terms.required else f"(({good}) OR {names.raw} IS NULL)"


def _within(terms: ColumnTerms, kind: Kind, names: Names) -> str | None:
    low, high = (_bound(value, kind) for value in (terms.bounds.low, terms.bounds.high))
    if low and high:
        return f"{names.kept} BETWEEN {low} AND {high}"
    sides = [f"{names.kept} >= {low}"] if low else []
    return " AND ".join([*sides, *([f"{names.kept} <= {high}"] if high else [])]) or None


def _bound(value: int | float | str | None, kind: Kind) -> str | None:
    if value is None:
        return None
    if kind in ("integer", "number"):
        return None if isinstance(value, str) else repr(value)
    return _moment(value, kind) if kind in ("date", "datetime") and isinstance(value, str) else None


def _among(terms: ColumnTerms, kind: Kind, names: Names) -> str | None:
    if not terms.allowed:
        return None
    if kind == "text":
        found: list[str | None] = [literal(str(one)) for one in terms.allowed]
    elif kind in ("integer", "number"):
        found = [None if isinstance(one, (bool, str)) else repr(one) for one in terms.allowed]
    elif kind == "boolean":
        found = [str(one).lower() if isinstance(one, bool) else None for one in terms.allowed]
    else:
        found = [_moment(one, kind) if isinstance(one, str) else None for one in terms.allowed]
    listed = [one for one in found if one is not None]
    return one_of(names.kept, listed) if len(listed) == len(found) else None


@dataclass(frozen=True)
class _Rules:
    table: str
    column: str
    terms: ColumnTerms
    reading: Reading
    names: Names

    def _check(self, rule: str, found: str, says: str, consequence: Consequence | None = None) -> Check:
        return Check(self.column, rule, consequence or self.terms.outcome(rule), found, says)

    def repairs(self) -> Iterator[Check]:
        """What is put right without being asked, and counted."""
        reading, names = self.reading, self.names
        if reading.blank is not None:
            yield self._check("blank", f"({names.raw} IS NOT NULL AND ({reading.blank}))", "empty", "repaired")
        if reading.infinite is not None:
            yield self._check("infinite", f"coalesce({reading.infinite}, false)", "infinite", "repaired")
        code = code_sql(self.terms, reading, names)
        if code is not None:
            yield self._check("code", code, "a code for missing", "repaired")
        if self.terms.tidy and reading.text is not None:
            tidied = f"({names.kept} IS NOT NULL AND {names.kept} IS DISTINCT FROM {names.raw})"
            yield self._check("tidy", tidied, "untidy", "repaired")
        if reading.zoned is not None and self.terms.zone is None:
            yield self._check("zoned", f"({names.kept} IS NOT NULL AND {reading.zoned})", "with a zone", "told")

    def readable(self) -> Iterator[Check]:
        """Whether a value is of its type, is one at all, and means one moment."""
        reading, names = self.reading, self.names
        excused = [f"({reading.blank})"] if reading.blank else []
        excused += [f"coalesce({reading.infinite}, false)"] if reading.infinite else []
        code = code_sql(self.terms, reading, names)
        excused += [code] if code else []
        unread = " AND ".join(
            [f"{names.raw} IS NOT NULL", f"{names.value} IS NULL", *(f"NOT {one}" for one in excused)]
        )
        fails = self.terms.type is not None and reading.careful and reading.kind != "text"
        if fails:
            yield self._check("type", f"({unread})", _type_says(self.terms))
        if reading.twice is not None:
            yield self._check("twice", reading.twice, "a time of day that occurs twice as clocks are set back")
        if self.terms.required:
            empty = f"{names.kept} IS NULL" + (f" AND NOT ({unread})" if fails else "")
            yield self._check("required", f"({empty})", "missing")

    def judged(self) -> Iterator[Check]:
        """Whether a value is one of those that may be."""
        terms, kept, kind = self.terms, self.names.kept, self.reading.kind
        if terms.bounds != Bounds():
            within = _within(terms, kind, self.names)
            said = [value for value in (terms.bounds.low, terms.bounds.high) if value is not None]
            if within is None or any(_bound(value, kind) is None for value in said):
                raise self._unjudged("between", "numbers or dates, written as in the recipe")
            yield self._check("between", f"coalesce(NOT ({within}), false)", bounds_say(terms.bounds))
        if terms.allowed:
            listed = _among(terms, kind, self.names)
            if listed is None:
                raise self._unjudged("allowed", "values of the type in which the recipe writes them")
            yield self._check("allowed", f"coalesce(NOT ({listed}), false)", _allowed_say(terms.allowed))
        if (terms.pattern or terms.length != Bounds()) and kind != "text":
            raise self._unjudged("pattern" if terms.pattern else "length", "text")
        if terms.pattern:
            matches = f"regexp_full_match({kept}, {literal(terms.pattern)})"
            yield self._check("pattern", f"coalesce(NOT {matches}, false)", f"not of the pattern {terms.pattern!r}")
        if terms.length != Bounds():
            low, high = terms.length.low, terms.length.high
            fits = f"length({kept}) BETWEEN {low} AND {high}"
            characters = f"{low}" if low == high else f"{low} to {high}"
            yield self._check("length", f"coalesce(NOT ({fits}), false)", f"not of {characters} characters")

    def _unjudged(self, rule: str, wanted: str) -> InputError:
        return InputError(
            f"the rule '{rule}' of column '{self.column}' of table {self.table} asks for {wanted}, and the column "
            f"holds {_KINDS[self.reading.kind]}",
            code="D174",
            hints=(("to mend", f"say its type in the contract: columns: {{{self.column}: {{type: number}}}}"),),
        )


_KINDS: dict[Kind, str] = {
    "text": "text", "integer": "whole numbers", "number": "numbers", "boolean": "true and false", "date": "dates",
    "datetime": "moments", "other": "lists or structures",
}  # fmt: skip


def _type_says(terms: ColumnTerms) -> str:
    kind = terms.type or "text"
    if kind in ("date", "datetime") and terms.formats:
        return f"not of the form {' or '.join(terms.formats)}" + (f" in {terms.zone}" if terms.zone else "")
    says = {
        "text": "not text", "integer": "not a whole number", "number": "not a number",
        "boolean": "neither true nor false", "date": "not a date as in 2024-12-31",
        "datetime": "not a moment as in 2024-12-31 23:59:59",
    }  # fmt: skip
    return says[kind] + (f" in {terms.zone}" if terms.zone else "")


def bounds_say(bounds: Bounds) -> str:
    """Say what breaks bounds.

    Examples
    --------
    >>> bounds_say(Bounds(100, 100000)), bounds_say(Bounds(low=0)), bounds_say(Bounds(high="2024-12-31"))
    ('not between 100 and 100,000', 'below 0', 'after 2024-12-31')
    """
    low, high = (_written(value) for value in (bounds.low, bounds.high))
    dates = isinstance(bounds.low if bounds.low is not None else bounds.high, str)
    if low is not None and high is not None:
        return f"not between {low} and {high}"
    if low is not None:
        return f"{'before' if dates else 'below'} {low}"
    return f"{'after' if dates else 'above'} {high}"


def _written(value: int | float | str | None) -> str | None:
    return f"{value:,}" if isinstance(value, (int, float)) else value


def _allowed_say(allowed: tuple[Value, ...]) -> str:
    listed = [str(one).lower() if isinstance(one, bool) else str(one) for one in allowed]
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return f"not one of {', '.join(listed[:SHOWN])}{more}"
