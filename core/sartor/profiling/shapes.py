"""What texts look like, as SQL of one number a value, and what a column is whose values look so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from sartor.contract.terms import ColumnType
from sartor.relations import literal


class Shape(IntEnum):
    """What one text looks like; its number is its bit in a column's shapes."""

    INTEGER = 0
    POINT = 1
    POINT_GROUP = 2
    """1.234: one and a bit, or a thousand and more."""
    COMMA = 3
    COMMA_GROUP = 4
    COMMA_GROUPS = 5
    POINT_GROUPS = 6
    QUOTE_GROUPS = 7
    SPACE_GROUPS = 8
    EXPONENT = 9
    ZERO_LED = 10
    HUGE = 11
    COMPACT_DATE = 12
    ISO_DATE = 13
    ISO_MOMENT = 14
    ZONED = 15
    DOTTED = 16
    DOTTED_MOMENT = 17
    SLASH_DAY_FIRST = 18
    SLASH_MONTH_FIRST = 19
    SLASH_EITHER = 20
    FLAG = 21
    IP = 22
    OTHER = 23


_SIGN, _INTEGER = "[+-]?", "(?:0|[1-9][0-9]{0,17})"
_DATE, _TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,6})?)?"
_MONTH, _DAY, _LATE_DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])", "(?:1[3-9]|2[0-9]|3[01])"
_SHAPES: dict[Shape, str] = {
    Shape.COMPACT_DATE: f"(?:19|20)[0-9]{{2}}{_MONTH}{_DAY}",
    Shape.INTEGER: f"{_SIGN}{_INTEGER}",
    Shape.POINT_GROUP: f"{_SIGN}[1-9][0-9]{{0,2}}[.][0-9]{{3}}",
    Shape.POINT: f"{_SIGN}(?:{_INTEGER}[.][0-9]*|[.][0-9]+)",
    Shape.COMMA_GROUP: f"{_SIGN}[1-9][0-9]{{0,2}},[0-9]{{3}}",
    Shape.COMMA: f"{_SIGN}(?:{_INTEGER},[0-9]+|,[0-9]+)",
    Shape.ISO_DATE: _DATE,
    Shape.ISO_MOMENT: f"{_DATE}[T ]{_TIME}",
    Shape.ZONED: f"{_DATE}[T ]{_TIME}(?:Z|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)",
    Shape.EXPONENT: f"{_SIGN}(?:[0-9]+[.]?[0-9]*|[.][0-9]+)[eE][+-]?[0-9]{{1,3}}",
    Shape.ZERO_LED: "[+-]?0[0-9]+(?:[.][0-9]*)?",
    Shape.DOTTED: f"{_DAY}[.]{_MONTH}[.][0-9]{{4}}",
    Shape.DOTTED_MOMENT: f"{_DAY}[.]{_MONTH}[.][0-9]{{4}} {_TIME}",
    Shape.SLASH_DAY_FIRST: f"{_LATE_DAY}/{_MONTH}/[0-9]{{4}}",
    Shape.SLASH_MONTH_FIRST: f"{_MONTH}/{_LATE_DAY}/[0-9]{{4}}",
    Shape.SLASH_EITHER: f"{_MONTH}/{_MONTH}/[0-9]{{4}}",
    Shape.COMMA_GROUPS: f"{_SIGN}[0-9]{{1,3}}(?:(?:,[0-9]{{3}}){{2,}}(?:[.][0-9]*)?|,[0-9]{{3}}[.][0-9]*)",
    Shape.POINT_GROUPS: f"{_SIGN}[0-9]{{1,3}}(?:(?:[.][0-9]{{3}}){{2,}}(?:,[0-9]*)?|[.][0-9]{{3}},[0-9]*)",
    Shape.QUOTE_GROUPS: f"{_SIGN}[0-9]{{1,3}}(?:['\u2019][0-9]{{3}})+(?:[.][0-9]*)?",
    Shape.SPACE_GROUPS: f"{_SIGN}[0-9]{{1,3}}(?:[ \u00a0\u202f][0-9]{{3}})+(?:[.][0-9]*)?",
    Shape.IP: r"(?:[0-9]{1,3}[.]){3}[0-9]{1,3}",
    Shape.HUGE: f"{_SIGN}[1-9][0-9]{{18,}}",
}
"""Shapes that begin with a digit, a sign or a point, in the order in which they are tried."""
_DATED = (Shape.ISO_DATE, Shape.ISO_MOMENT, Shape.ZONED)


def shape_sql(text: str) -> str:
    """Return SQL that gives the shape of a text as a number; the text is trimmed and not empty."""
    tests = []
    for shape, form in _SHAPES.items():
        found = str(shape.value)
        if shape in _DATED:
            # The calendar decides: there was no 29 February in 2023.
            found = f"CASE WHEN TRY_CAST({text} AS TIMESTAMP) IS NULL THEN {Shape.OTHER.value} ELSE {found} END"
        tests.append(f"WHEN regexp_full_match({text}, {literal(form)}) THEN {found}")
    # The first sign spares most texts all of these.
    first = f"ascii({text})"
    return (
        f"CASE WHEN {first} BETWEEN 43 AND 57 THEN CASE {' '.join(tests)} ELSE {Shape.OTHER.value} END "
        f"WHEN {first} IN (70, 84, 102, 116) AND lower({text}) IN ('true', 'false') THEN {Shape.FLAG.value} "
        f"ELSE {Shape.OTHER.value} END"
    )


@dataclass(frozen=True)
class Written:
    """How the values of a column are written.

    Parameters
    ----------
    type : str
    formats : tuple of str
        Of dates that are not in ISO form.
    decimal, thousands : str
    doubt : str
        What else it may be.
    """

    type: ColumnType = "text"
    formats: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    doubt: str = ""


def shapes_in(bits: int) -> frozenset[Shape]:
    """Return the shapes of a column's values."""
    return frozenset(shape for shape in Shape if bits >> shape.value & 1)


def how_written(shapes: frozenset[Shape], *, dated: bool = False) -> Written:
    """Return the type that reads values of some shapes without doubt; text where none does.

    Parameters
    ----------
    shapes : frozenset of Shape
        Without `Shape.OTHER`: whoever asks decides how many odd values there may be.
    dated : bool
        Whether the column is called like a date: then 20241231 is one.

    Examples
    --------
    >>> how_written(frozenset({Shape.INTEGER, Shape.COMMA})).decimal
    ','
    >>> how_written(frozenset({Shape.SLASH_DAY_FIRST, Shape.SLASH_EITHER})).formats
    ('%d/%m/%Y',)
    >>> how_written(frozenset({Shape.SLASH_EITHER})).type
    'text'
    """
    if not shapes:
        return Written()
    if shapes == {Shape.FLAG}:
        return Written("boolean")
    if dated and shapes == {Shape.COMPACT_DATE}:
        return Written("date", ("%Y%m%d",))
    numbers = shapes - {Shape.COMPACT_DATE} | ({Shape.INTEGER} if Shape.COMPACT_DATE in shapes else set())
    return _number(numbers) or _date(shapes) or Written(doubt=_doubt(shapes))


_POINTS = frozenset({Shape.INTEGER, Shape.POINT, Shape.POINT_GROUP, Shape.EXPONENT})
_GROUPS = {",": {Shape.COMMA_GROUP, Shape.COMMA_GROUPS}, "'": {Shape.QUOTE_GROUPS}, " ": {Shape.SPACE_GROUPS}}
_COMMAS = frozenset({Shape.INTEGER, Shape.COMMA, Shape.COMMA_GROUP})


def _number(shapes: frozenset[Shape]) -> Written | None:
    if shapes == {Shape.INTEGER}:
        return Written("integer")
    if shapes <= _POINTS:
        return Written("number")
    if shapes <= _COMMAS and Shape.COMMA in shapes:
        return Written("number", decimal=",")
    if shapes <= _COMMAS | {Shape.POINT_GROUPS, Shape.POINT_GROUP} and {Shape.POINT_GROUPS, Shape.COMMA} & shapes:
        return Written("number", decimal=",", thousands=".")
    for sign, grouped in _GROUPS.items():
        if shapes <= _POINTS | grouped and not (sign == "," and shapes & {Shape.COMMA_GROUP} and _unsure(shapes)):
            doubt = "a comma may stand before decimals: decimal: ','" if shapes <= {*_COMMAS} else ""
            return Written("number", thousands=sign, doubt=doubt)
    return None


def _unsure(shapes: frozenset[Shape]) -> bool:
    """1.234 beside 1,234: one of the two signs stands before decimals, and nothing tells which."""
    return Shape.POINT_GROUP in shapes and Shape.POINT not in shapes and Shape.COMMA_GROUPS not in shapes


def _date(shapes: frozenset[Shape]) -> Written | None:
    if shapes == {Shape.ISO_DATE}:
        return Written("date")
    if shapes == {Shape.ZONED} or (shapes <= {Shape.ISO_DATE, Shape.ISO_MOMENT}):
        return Written("datetime")
    forms: list[str] = []
    rest = set(shapes)
    if Shape.ISO_DATE in rest:
        forms.append("%Y-%m-%d")
    if Shape.DOTTED in rest:
        forms.append("%d.%m.%Y")
    rest -= {Shape.ISO_DATE, Shape.DOTTED}
    if rest and rest <= {Shape.SLASH_DAY_FIRST, Shape.SLASH_EITHER} and Shape.SLASH_DAY_FIRST in rest:
        forms.append("%d/%m/%Y")
        rest.clear()
    if rest and rest <= {Shape.SLASH_MONTH_FIRST, Shape.SLASH_EITHER} and Shape.SLASH_MONTH_FIRST in rest:
        forms.append("%m/%d/%Y")
        rest.clear()
    if forms and not rest:
        return Written("date", tuple(forms))
    if shapes == {Shape.DOTTED_MOMENT}:
        return Written("datetime", ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"))
    return None


def _doubt(shapes: frozenset[Shape]) -> str:
    slashes = shapes & {Shape.SLASH_DAY_FIRST, Shape.SLASH_MONTH_FIRST, Shape.SLASH_EITHER}
    if slashes and slashes == shapes:
        return "dates, and nothing tells whether the day or the month stands first: format: '%d/%m/%Y', '%m/%d/%Y'"
    if Shape.ZONED in shapes and shapes <= {Shape.ZONED, Shape.ISO_DATE, Shape.ISO_MOMENT}:
        return "moments, some of them without a zone: type: datetime, zone: Europe/Berlin"
    return ""
