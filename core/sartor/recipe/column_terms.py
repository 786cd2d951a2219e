"""``contract.columns.COLUMN``: type, form, range and the like of one column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sartor.contract.terms import RULES, Bounds, ColumnTerms, ColumnType, Outcome, Tidy, Value
from sartor.errors import nearest
from sartor.recipe.document import Mapping, Node, Scalar, Sequence
from sartor.recipe.fields import Fields, Hint
from sartor.recipe.kinds import described, near
from sartor.recipe.writing import in_one_line

COLUMN_KEYS = (
    "type", "format", "decimal", "thousands", "zone", "twice", "tidy", "missing_codes", "between", "at_least",
    "at_most", "allowed", "pattern", "length", "unit", "otherwise",
)  # fmt: skip
TYPES: dict[str, ColumnType] = {
    "text": "text", "integer": "integer", "number": "number", "boolean": "boolean", "date": "date",
    "datetime": "datetime",
}  # fmt: skip
TIDY: dict[str, Tidy] = {"strip": "strip", "collapse": "collapse", "upper": "upper", "lower": "lower"}
SIGNS = {".": ".", ",": ","}
THOUSANDS = {".": ".", ",": ",", " ": " ", "'": "'", "_": "_"}
TWICE: dict[str, Literal["earlier", "later"]] = {"earlier": "earlier", "later": "later"}
_OUTCOMES: dict[str, Outcome] = {"missing": "missing", "set_aside": "set_aside", "stop": "stop"}
_DIRECTIVES = frozenset("YymdHMSfjbBpIz%")
_NUMBERS, _MOMENTS = ("integer", "number"), ("date", "datetime")
_SUITS: dict[str, tuple[str, ...]] = {
    "format": _MOMENTS, "decimal": _NUMBERS, "thousands": _NUMBERS, "zone": ("datetime",), "twice": ("datetime",),
    "tidy": ("text",), "pattern": ("text",), "length": ("text",),
    "between": (*_NUMBERS, *_MOMENTS), "at_least": (*_NUMBERS, *_MOMENTS), "at_most": (*_NUMBERS, *_MOMENTS),
    "allowed": ("text", *_NUMBERS, *_MOMENTS),
}  # fmt: skip
"""The types that a rule goes with, where the contract says the type."""
_NEEDS_TYPE = ("format", "decimal", "thousands", "zone", "twice")
_LOOKS = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]")


def parse_column(fields: Fields, column: str, default: Outcome | None, *, required: bool) -> ColumnTerms:
    """Read what must hold of one column.

    Parameters
    ----------
    fields : Fields
    column : str
    default : str or None
        What the contract does with values of all columns that break a rule.
    required : bool
        Whether the contract lists it under ``required``.
    """
    return _Column(fields, column, default, required).terms()


@dataclass(frozen=True)
class _Column:
    fields: Fields
    column: str
    default: Outcome | None
    required: bool

    def terms(self) -> ColumnTerms:
        fields = self.fields
        fields.refuse_unknown(COLUMN_KEYS, "a column of a contract")
        kind = fields.choice("type", TYPES)
        self._check_suits(kind)
        return ColumnTerms(
            type=kind,
            formats=self._formats(),
            decimal=fields.choice("decimal", SIGNS) or ".",
            thousands=self._thousands(),
            zone=self._zone(),
            twice=self._twice(),
            tidy=self._tidy(),
            missing_codes=tuple(value for _, value in self._values("missing_codes", kind, codes=True)),
            bounds=self._bounds(kind),
            allowed=tuple(value for _, value in self._values("allowed", kind)),
            pattern=self._pattern(),
            length=self._length(),
            required=self.required,
            unit=fields.text("unit"),
            otherwise=self._otherwise(),
        )

    def _report(self, code: str, message: str, key: str, *hints: Hint) -> None:
        self.fields.report(code, message, self.fields.node.entries[key].where, *hints)

    def _check_suits(self, kind: ColumnType | None) -> None:
        for key, kinds in _SUITS.items():
            if key not in self.fields or kind in kinds or (kind is None and key not in _NEEDS_TYPE):
                continue
            if kind is None and "type" in self.fields:
                # The type has been reported already.
                continue
            goes = " or ".join(kinds)
            mend = f"write type: {goes}, or leave {key} out"
            what = f"'{key}' of column '{self.column}' goes with type {goes}"
            message = what if kind is None else f"{what}, and the type is {kind}"
            self.fields.report("R080", message, self.fields.where_key(key), ("to mend", mend))

    def _formats(self) -> tuple[str, ...]:
        formats = self.fields.names("format", or_one=True)
        for text in formats:
            named = re.findall(r"%(.?)", text, re.DOTALL)
            strange = [letter for letter in named if letter not in _DIRECTIVES]
            if strange or not named:
                what = f"holds '%{strange[0]}'" if strange else "says no part of a date"
                known = "%Y %m %d %H %M %S, %y for two digits of the year, %b for Jan, %B for January, %z for +02:00"
                self._report("R069", f"the format '{text}' {what}", "format", ("there are", known))
                return ()
        return formats

    def _thousands(self) -> str:
        sign = self.fields.choice("thousands", THOUSANDS) or ""
        decimal = self.fields.node.entries.get("decimal")
        if sign and sign == (decimal.value if isinstance(decimal, Scalar) else "."):
            mend = ("to mend", "write decimal: ',' and thousands: '.', or the other way round")
            self._report("R081", f"'{sign}' cannot separate both thousands and decimals", "thousands", mend)
            return ""
        return sign

    def _zone(self) -> str | None:
        zone = self.fields.text("zone")
        if zone is None:
            return None
        from zoneinfo import ZoneInfo, available_timezones

        try:
            ZoneInfo(zone)
        except (OSError, ValueError, KeyError):
            hints = near(zone, available_timezones(), self.fields.problems)
            meant = [hint for hint in hints if hint[0] == "did you mean"]
            mend = meant or [("to mend", "write it like Europe/Berlin")]
            self._report("R069", f"no time zone is called '{zone}'", "zone", *mend)
            return None
        return zone

    def _twice(self) -> Literal["earlier", "later"] | None:
        if "twice" in self.fields and "zone" not in self.fields:
            mend = ("to mend", "write zone: Europe/Berlin beside it, or the zone that it is")
            self.fields.report("R061", "'twice' needs a zone whose clocks are set back", self.fields.where_key("twice"),
                               mend)  # fmt: skip
        return self.fields.choice("twice", TWICE)

    def _tidy(self) -> tuple[Tidy, ...]:
        words = self.fields.names("tidy", or_one=True)
        for word in words:
            if word not in TIDY:
                hints = nearest(word, TIDY)
                self._report("R069", f"tidy cannot '{word}'", "tidy", *hints)
        if {"upper", "lower"} <= set(words):
            self._report("R081", "tidy makes letters both upper and lower", "tidy")
        return tuple(TIDY[word] for word in words if word in TIDY)

    def _values(self, key: str, kind: ColumnType | None, *, codes: bool = False) -> list[tuple[Node, Value]]:
        node = self.fields.take(key)
        if node is None:
            return []
        if not isinstance(node, Sequence):
            written = in_one_line(node.value) if isinstance(node, Scalar) else "VALUE, VALUE"
            mend = ("to mend", f"write {key}: [{written}]")
            self.fields.report("R062", f"{key} must be a list, got {described(node)}", node.where, mend)
            return []
        if not node.items:
            self.fields.report("R069", f"{key} must hold at least one value", node.where)
        found: list[tuple[Node, Value]] = []
        for item in node.items:
            value = item.value if isinstance(item, Scalar) else None
            if isinstance(value, (str, int, float, bool)):
                # A code may be written as the source writes it, such as '?' among numbers.
                if not (codes and isinstance(value, str)):
                    self._check_value(key, item, value, kind)
                found.append((item, value))
            elif not (isinstance(item, Scalar) and item.broken):
                self.fields.report("R062", f"{key} must hold single values, got {described(item)}", item.where)
        if not codes and len({_sort(value) for _, value in found}) > 1:
            mend = ("to mend", "write texts in quotes: ['1', 'x']")
            self.fields.report("R080", f"{key} holds values of several types", node.where, mend)
        return found

    def _check_value(self, key: str, node: Node, value: Value, kind: ColumnType | None) -> None:
        wanted = {"integer": "a number", "number": "a number", "date": "a date", "datetime": "a date", "text": "text"}
        if kind is None or kind not in wanted:
            return
        fits = {
            "a number": _is_number(value) and (kind != "integer" or float(value).is_integer()),
            "a date": isinstance(value, str) and _is_date(value),
            "text": isinstance(value, str) or _is_number(value),
        }
        if not fits[wanted[kind]]:
            message = f"{key} of a column of type {kind} cannot be {described(node)}"
            hints = [("to mend", "write it like 2024-12-31")] if kind in _MOMENTS else []
            self.fields.report("R080", message, node.where, *hints)

    def _bounds(self, kind: ColumnType | None) -> Bounds:
        fields = self.fields
        if "between" not in fields:
            return Bounds(*(self._bound(key, fields.take(key), kind) for key in ("at_least", "at_most")))
        for key in ("at_least", "at_most"):
            if key in fields:
                mend = ("to mend", "keep one of them")
                fields.report("R081", f"between and {key} say the same", fields.where_key(key), mend)
        return self._pair("between", kind, "[0, 100]")

    def _pair(self, key: str, kind: ColumnType | None, example: str) -> Bounds:
        node = self.fields.take(key)
        if node is None:
            return Bounds()
        if not isinstance(node, Sequence) or len(node.items) != 2:
            got = f"{len(node.items)} of them" if isinstance(node, Sequence) else described(node)
            mend = ("to mend", f"write {key}: {example}; one bound alone is at_least or at_most")
            self.fields.report("R062", f"{key} must be a list of two values, got {got}", node.where, mend)
            return Bounds()
        low, high = (self._bound(key, item, kind) for item in node.items)
        if low is None or high is None:
            return Bounds()
        if _sort(low) != _sort(high):
            self.fields.report("R080", f"{key} holds values of several types", node.where)
            return Bounds()
        if _sorted(low) > _sorted(high):
            mend = ("to mend", f"write [{in_one_line(high)}, {in_one_line(low)}]")
            self.fields.report("R069", f"{key} must rise, got {low} and then {high}", node.where, mend)
            return Bounds()
        return Bounds(low, high)

    def _bound(self, key: str, node: Node | None, kind: ColumnType | None) -> int | float | str | None:
        if node is None or (isinstance(node, Scalar) and node.broken):
            return None
        value = node.value if isinstance(node, Scalar) else None
        number, date = _is_number(value), isinstance(value, str) and _is_date(value)
        if not number and not date:
            message = f"{key} must hold numbers or dates, got {described(node)}"
            self.fields.report("R062", message, node.where, ("to mend", f"write {key}: 100, or a date: 2024-12-31"))
            return None
        if kind is not None and (date if kind in _NUMBERS else number if kind in _MOMENTS else False):
            self.fields.report("R080", f"{key} of a column of type {kind} cannot be {described(node)}", node.where)
            return None
        assert isinstance(value, (int, float, str))
        return value

    def _pattern(self) -> str | None:
        pattern = self.fields.text("pattern")
        if pattern is None:
            return None
        hint: Hint = ("to mend", "write a regular expression for the whole text, such as '[A-Z]{2}[0-9]{4}'")
        try:
            re.compile(pattern)
        except re.error as error:
            self._report("R069", f"the pattern cannot be read: {error}", "pattern", hint)
            return None
        if _LOOKS.search(pattern):
            message = "the pattern looks ahead, behind or back, which would take unbounded time on long texts"
            self._report("R069", message, "pattern", hint)
            return None
        return pattern

    def _length(self) -> Bounds:
        node = self.fields.take("length")
        if node is None:
            return Bounds()
        items = node.items if isinstance(node, Sequence) else (node,)
        values = [item.value if isinstance(item, Scalar) else None for item in items]
        counts = [value for value in values if type(value) is int and value >= 0]
        if len(counts) != len(values) or len(values) not in (1, 2) or counts != sorted(counts):
            mend = ("to mend", "write length: 5, or length: [1, 40]")
            message = f"length must be a whole number, or two that rise, got {described(node)}"
            self.fields.report("R062", message, node.where, mend)
            return Bounds()
        return Bounds(counts[0], counts[-1])

    def _otherwise(self) -> dict[str, Outcome]:
        node = self.fields.take("otherwise")
        found: dict[str, Outcome] = dict.fromkeys(RULES, self.default) if self.default else {}
        if isinstance(node, Mapping):
            inner = self.fields.inner("otherwise")
            assert inner is not None
            inner.refuse_unknown(RULES, "otherwise: {RULE: OUTCOME}")
            said = {rule: inner.choice(rule, _OUTCOMES) for rule in inner if rule in RULES}
            found |= {rule: outcome for rule, outcome in said.items() if outcome is not None}
        elif node is not None:
            outcome = self.fields.choice("otherwise", _OUTCOMES)
            found = dict.fromkeys(RULES, outcome) if outcome else found
        self._check_required(found, node)
        return found

    def _check_required(self, found: dict[str, Outcome], node: Node | None) -> None:
        """A line must have a value: then what is wrong with one cannot become missing."""
        if not self.required:
            return
        lost = [rule for rule, outcome in found.items() if outcome == "missing"]
        if lost and node is not None:
            mend = ("to mend", "write otherwise: set_aside or otherwise: stop, or take it out of required")
            message = f"'{self.column}' is required, so a wrong value cannot become missing"
            self.fields.report("R081", message, node.where, mend)
        found.update(dict.fromkeys(lost, "stop"))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) >= len("2024-12-31")


def _sort(value: Any) -> str:
    return "number" if _is_number(value) else type(value).__name__


def _sorted(value: int | float | str) -> Any:
    return datetime.fromisoformat(value).replace(tzinfo=None) if isinstance(value, str) else value
