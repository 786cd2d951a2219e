"""What a text can be read as: its shape as a regular expression, its test and its cast in SQL.

The expressions mean the same to Python and to DuckDB's RE2, so that the first rows can be judged in Python and all of
them in the engine. A column's type is decided by all its values and never by a sample.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntFlag
from functools import cache
from typing import Literal

from sartor.relations import literal

ColumnType = Literal["text", "integer", "number", "boolean", "date", "datetime"]
TEXT: ColumnType = "text"
UNKNOWN = "unknown"
"""What `columns()` says of a type that only the rows can tell."""


class Kind(IntFlag):
    """What a value can be read as; a column's kinds are the union over its values."""

    NONE = 0
    INTEGER = 1
    NUMBER = 2
    INFINITE = 4
    BOOLEAN = 8
    DATE = 16
    DATETIME = 32
    ZONED = 64
    ZERO_LED = 128
    HUGE = 256
    NESTED = 512
    OTHER = 1024


NUMERIC = Kind.INTEGER | Kind.NUMBER | Kind.INFINITE
MOMENTS = Kind.DATE | Kind.DATETIME

_INTEGER = "[+-]?(?:0|[1-9][0-9]*)"
_NUMBER = r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_WHOLE_18 = "[+-]?(?:0|[1-9][0-9]{0,17})"
_NUMBER_18 = r"[+-]?(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+|0|[1-9][0-9]{0,17})(?:[eE][+-]?[0-9]+)?"
_ZERO_LED = r"[+-]?0[0-9]+(?:\.[0-9]*)?"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9]"
_DATETIME = rf"{_DATE}[T ]{_TIME}(?:\.[0-9]{{1,6}}0*)?)?"
_DATETIME_ANY_FRACTION = rf"{_DATE}[T ]{_TIME}(?:\.[0-9]+)?)?"
_DATE_LIKE = "____-__-__"
_MOMENT_LIKE = "____-__-_____:__:__"
_ZONE = "(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
_BOOLEAN = "(?i:true|false)"
_INFINITE = "[+-]?(?i:inf|infinity)"


@cache
def shapes(decimal: str) -> dict[Kind, str]:
    """Return the shape of each kind, in the order in which they are tried."""
    point = re.escape(decimal)
    return {
        Kind.INTEGER: _INTEGER,
        Kind.NUMBER: _NUMBER.replace(r"\.", point),
        Kind.BOOLEAN: _BOOLEAN,
        Kind.DATE: _DATE,
        Kind.DATETIME: _DATETIME,
        Kind.ZONED: _DATETIME + _ZONE,
        Kind.ZERO_LED: _ZERO_LED.replace(r"\.", point),
        Kind.INFINITE: _INFINITE,
    }


def certain_sql(value: str, kinds: Kind, decimal: str) -> str:
    """Return SQL that is true for texts that are certainly of the type which the kinds make, without a second look.

    It may be false for some that are: padded ones, whole numbers of 19 digits.
    """
    to = type_of(kinds)
    point = re.escape(decimal)
    if to in ("integer", "number"):
        # Up to 18 digits fit into 64 bits; what is longer needs a look.
        shape = _WHOLE_18 if to == "integer" else _NUMBER_18.replace(r"\.", point)
        return f"regexp_full_match({value}, {literal(shape)})"
    if to == "boolean":
        return f"regexp_full_match({value}, {literal(_BOOLEAN)})"
    # The calendar decides: 2023-02-29 has the shape of a date and is none. LIKE costs a third of a regular expression.
    exists = f"TRY_CAST({value} AS TIMESTAMP) IS NOT NULL"
    if kinds == Kind.ZONED:
        return f"regexp_full_match({value}, {literal(_DATETIME + _ZONE)}) AND {exists}"
    date, moment = f"{value} LIKE '{_DATE_LIKE}'", f"{value} LIKE '{_MOMENT_LIKE}'"
    shape = date if to == "date" else moment if kinds == Kind.DATETIME else f"({date} OR {moment})"
    return f"{shape} AND {exists}"


def bare_cast_sql(value: str, kinds: Kind, decimal: str) -> str:
    """Return SQL that reads texts of which `certain_sql` is true."""
    if kinds == Kind.ZONED:
        return f"timezone('UTC', CAST({value} AS TIMESTAMPTZ))"
    number = type_of(kinds) == "number" and decimal != "."
    text = f"replace({value}, {literal(decimal)}, '.')" if number else value
    return f"CAST({text} AS {SQL_TYPES[type_of(kinds)]})"


def shape_of(text: str, decimal: str) -> Kind:
    """Return what a text looks like; whether a date exists, or a number fits, only the engine's test tells.

    Examples
    --------
    >>> shape_of("1e5", "."), shape_of("007", "."), shape_of("2024-02-30", ".")
    (<Kind.NUMBER: 2>, <Kind.ZERO_LED: 128>, <Kind.DATE: 16>)
    """
    return next((kind for kind, shape in shapes(decimal).items() if re.fullmatch(shape, text)), Kind.OTHER)


def type_of(kinds: Kind) -> ColumnType:
    """Return the type that holds every value of a column without loss; ``text`` where none else does.

    Examples
    --------
    >>> type_of(Kind.INTEGER | Kind.NUMBER), type_of(Kind.INTEGER | Kind.OTHER), type_of(Kind.NONE)
    ('number', 'text', 'text')
    """
    if kinds == Kind.INTEGER:
        return "integer"
    if kinds & (Kind.INTEGER | Kind.NUMBER) and not kinds & ~NUMERIC:
        return "number"
    if kinds == Kind.BOOLEAN:
        return "boolean"
    if kinds == Kind.DATE:
        return "date"
    # A zone on some values only leaves open what the others mean.
    if kinds == Kind.ZONED or (kinds & Kind.DATETIME and not kinds & ~MOMENTS):
        return "datetime"
    return "text"


def kind_sql(value: str, decimal: str, missing: Sequence[str]) -> str:
    """Return SQL that gives the kind of a text, as a number; 0 where it is missing.

    Parameters
    ----------
    value : str
        SQL of the text.
    decimal : str
    missing : sequence of str
        Texts that stand for a missing value.
    """
    trimmed = f"trim({value})"
    tests = " ".join(_test(kind, shape, trimmed) for kind, shape in shapes(decimal).items())
    return (
        f"CAST(CASE WHEN {value} IS NULL OR {_is_missing(trimmed, missing)} THEN 0 {tests} "
        f"ELSE {Kind.OTHER.value} END AS SMALLINT)"
    )


def _test(kind: Kind, shape: str, value: str) -> str:
    found: str | int = kind.value
    if kind is Kind.INTEGER:
        found = f"CASE WHEN TRY_CAST({value} AS BIGINT) IS NULL THEN {Kind.HUGE.value} ELSE {kind.value} END"
    elif kind in (Kind.DATE, Kind.DATETIME, Kind.ZONED):
        found = f"CASE WHEN TRY_CAST({value} AS TIMESTAMP) IS NULL THEN {Kind.OTHER.value} ELSE {kind.value} END"
    return f"WHEN regexp_full_match({value}, {literal(shape)}) THEN {found}"


def _is_missing(trimmed: str, missing: Sequence[str]) -> str:
    # Not `IN`: for more than a few texts the engine makes a list of them for every column, and a wide file takes hours.
    shape = "|".join(_verbatim(text) for text in dict.fromkeys(["", *missing]))
    return f"regexp_full_match({trimmed}, {literal(f'(?:{shape})')})"


def _verbatim(text: str) -> str:
    """Return a regular expression for a text as it is, in the dialect of RE2."""
    return "".join(letter if letter.isalnum() or letter == "_" else rf"\x{{{ord(letter):x}}}" for letter in text)


def _double(value: str, decimal: str) -> str:
    # The engine takes 12_34 for 1234.
    plain = f"NOT contains({value}, '_')"
    if decimal == ".":
        return f"CASE WHEN {plain} THEN TRY_CAST({value} AS DOUBLE) END"
    plain += f" AND NOT contains({value}, '.')"
    return f"CASE WHEN {plain} THEN TRY_CAST(replace({value}, {literal(decimal)}, '.') AS DOUBLE) END"


def cast_sql(value: str, to: ColumnType, decimal: str, missing: Sequence[str], fault: str | None) -> str:
    """Return SQL that reads a text as a type.

    Parameters
    ----------
    value : str
        SQL of the text.
    to : ColumnType
    decimal : str
    missing : sequence of str
        Texts that stand for a missing value, beside those of nothing but spaces.
    fault : str or None
        What the query fails with at a text that cannot be read so; None reads it as missing.
    """
    if to == "text":
        # What begins with a space sorts before '!': a glance at four bytes spares the rest.
        return f"CASE WHEN {value} < '!' AND trim({value}) = '' THEN NULL ELSE {value} END"
    trimmed = f"trim({value})"
    last = "NULL" if fault is None else f"CAST(error({literal(fault)}) AS {SQL_TYPES[to]})"
    # Only what the first form does not take goes through the second: padded, missing or wrong texts.
    second = f"coalesce({_exact(trimmed, to, decimal)}, {last})"
    absent = f"{value} IS NULL OR {_is_missing(trimmed, missing)}"
    return f"coalesce({_quick(value, to, decimal)}, CASE WHEN {absent} THEN NULL ELSE {second} END)"


def wrong_sql(value: str, to: ColumnType, decimal: str, missing: Sequence[str]) -> str:
    """Return SQL that says whether a text is there and cannot be read as a type."""
    trimmed = f"trim({value})"
    return (
        f"({value} IS NOT NULL AND NOT {_is_missing(trimmed, missing)} "
        f"AND {cast_sql(value, to, decimal, missing, None)} IS NULL)"
    )


SQL_TYPES: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}


def _quick(value: str, to: ColumnType, decimal: str) -> str:
    """Return SQL that reads a text as a type if it is plainly that, at the least cost, and gives NULL if not."""
    if to == "integer":
        # A cast to BIGINT rounds: 1.5 becomes 2, so the value must be the same as a double.
        whole = f"TRY_CAST({value} AS DOUBLE) = TRY_CAST({value} AS BIGINT)"
        # The engine takes 12_34 for 1234.
        plain = f" AND NOT contains({value}, '_')"
        plain += "" if decimal == "." else f" AND NOT contains({value}, '.')"
        return f"CASE WHEN {whole}{plain} THEN TRY_CAST({value} AS BIGINT) END"
    if to == "number":
        return _double(value, decimal)
    if to == "boolean":
        return f"TRY_CAST({value} AS BOOLEAN)"
    if to == "date":
        return f"CASE WHEN {value} LIKE '{_DATE_LIKE}' THEN TRY_CAST({value} AS DATE) END"
    # Of this form no text has a zone, which a cast to TIMESTAMP would drop in silence.
    return f"CASE WHEN {value} LIKE '{_MOMENT_LIKE}' THEN TRY_CAST({value} AS TIMESTAMP) END"


def _exact(value: str, to: ColumnType, decimal: str) -> str:
    """Return SQL that reads a text as a type in whichever form, and gives NULL if it is not of that type."""
    if to == "date":
        midnight = rf"{_DATE}[T ]00:00(?::00(?:\.0*)?)?"
        shape = literal(f"{_DATE}|{midnight}")
        return f"CASE WHEN regexp_full_match({value}, {shape}) THEN TRY_CAST({value} AS DATE) END"
    if to == "datetime":
        local, zoned = literal(f"{_DATE}|{_DATETIME_ANY_FRACTION}"), literal(_DATETIME_ANY_FRACTION + _ZONE)
        return (
            f"CASE WHEN regexp_full_match({value}, {local}) THEN TRY_CAST({value} AS TIMESTAMP) "
            f"WHEN regexp_full_match({value}, {zoned}) THEN timezone('UTC', TRY_CAST({value} AS TIMESTAMPTZ)) END"
        )
    return _quick(value, to, decimal)
