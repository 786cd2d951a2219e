"""How a plain word in a recipe is read: YAML 1.2, and an error where YAML 1.1 would have read something else.

Text in quotes never comes here: it is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_INTEGER = re.compile(r"0|[-+]?[1-9][0-9]*")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")
_SIGNED_ZERO = re.compile(r"[-+]0")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_BASE = re.compile(r"([-+]?)0([xob])([0-9a-fA-F_]+)")
_UNDERSCORES = re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?")
_SIXTIES = re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NUMBER_LIKE = re.compile(r"[-+]?\.?[0-9][0-9a-fA-F_.:xo+-]*")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_TRUTH = {
    word: value
    for value, words in ((True, ("true", "yes", "on", "y")), (False, ("false", "no", "off", "n")))
    for lower in words
    for word in (lower, lower.capitalize(), lower.upper())
}

LONGEST_NUMBER = 400
"""Characters, enough for any number that a computer calculates with; Python refuses to read very long ones."""

_LARGEST_EXPONENT = 300


@dataclass(frozen=True)
class Surprise:
    """A word that not everybody reads alike.

    Parameters
    ----------
    message : str
        What is unclear about it.
    write : str
        What to write in its place.
    value : str, int, float or bool
        What was probably meant; stands in for it while the rest of the recipe is checked.
    """

    message: str
    write: str
    value: str | int | float | bool


def read_plain(text: str) -> str | int | float | bool | None | Surprise:
    """Read a word that stands without quotes.

    Examples
    --------
    >>> read_plain("30"), read_plain("0.5"), read_plain("true"), read_plain("2024-01-31"), read_plain("~")
    (30, 0.5, True, '2024-01-31', None)
    >>> read_plain("1e-3").write
    'write 0.001'
    >>> read_plain("012").message
    '012 is 10 to some YAML readers and 12 to others'
    """
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if text in _TRUTH:
        write = "true" if _TRUTH[text] else "false"
        message = f"'{text}' is {write} to some YAML readers and text to others"
        return Surprise(message, f"write {write}, or {quoted(text)} in quotes", _TRUTH[text])
    if text[0] not in "+-.0123456789":
        return text
    return _number(text)


def _number(text: str) -> str | int | float | Surprise:
    if len(text) > LONGEST_NUMBER:
        if not _NUMBER_LIKE.fullmatch(text):
            return text
        message = f"a number of {len(text):,} characters is too long"
        return Surprise(message, "shorten it, or put it in quotes if it is text", 0)
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return Surprise(f"'{text}' is not a number that a recipe can hold", "write a finite number", 0.0)
    for reading in (_odd_zero, _other_base, _underscores, _sixties, _loose_number):
        surprise = reading(text)
        if surprise:
            return surprise
    return text


def _odd_zero(text: str) -> Surprise | None:
    if _SIGNED_ZERO.fullmatch(text):
        return Surprise(f"'{text}' is a zero with a sign", "write 0", 0)
    if not _LEADING_ZERO.fullmatch(text):
        return None
    decimal = int(text)
    octal = int(text, 8) if not set(text) & {"8", "9"} else "text"
    message = f"{text} is {octal} to some YAML readers and {decimal} to others"
    return Surprise(message, f"write {decimal}, or {quoted(text)} in quotes if it is text", decimal)


def _other_base(text: str) -> Surprise | None:
    match = _BASE.fullmatch(text)
    if not match:
        return None
    try:
        value = int(match[1] + match[3].replace("_", ""), {"x": 16, "o": 8, "b": 2}[match[2]])
    except ValueError:
        return None
    message = f"{text} is {value} to some YAML readers and text to others"
    return Surprise(message, f"write {value}, or {quoted(text)} in quotes if it is text", value)


def _underscores(text: str) -> Surprise | None:
    if not _UNDERSCORES.fullmatch(text):
        return None
    digits = text.replace("_", "")
    value, write = _value_of(digits)
    message = f"{text} is {write} to some YAML readers and text to others"
    return Surprise(message, f"write {write}, or {quoted(text)} in quotes if it is text", value)


def _sixties(text: str) -> Surprise | None:
    if not _SIXTIES.fullmatch(text):
        return None
    value = Decimal(0)
    for part in text.lstrip("+-").split(":"):
        value = value * 60 + Decimal(part)
    number, write = _value_of(format(-value if text[0] == "-" else value, "f"))
    message = f"{text} is {write} to some YAML readers and text to others"
    return Surprise(message, f"write {quoted(text)} in quotes, or {write} if it is a number", number)


def _loose_number(text: str) -> Surprise | None:
    if not _NUMBER.fullmatch(text):
        return None
    exponent = re.split("[eE]", text)[1] if "e" in text.lower() else "0"
    if len(exponent) > 4 or abs(int(exponent)) > _LARGEST_EXPONENT:
        return Surprise(f"'{text}' is not a number that a recipe can hold", "put it in quotes if it is text", 0.0)
    value, write = _value_of(text)
    if exponent == "0" and "e" not in text.lower():
        return Surprise(f"'{text}' is not how a recipe writes a number", f"write {write}", value)
    return Surprise(f"{text} is {write} to some YAML readers and text to others", f"write {write}", value)


def _value_of(number: str) -> tuple[int | float, str]:
    """The value of digits that Python's Decimal can read, and how a recipe writes it."""
    decimal = Decimal(number)
    if decimal == decimal.to_integral_value():
        whole = int(decimal)
        return whole, str(whole)
    write = format(decimal, "f").rstrip("0")
    return float(write), write


def quoted(text: str) -> str:
    """Return a text in YAML's single quotes.

    Examples
    --------
    >>> print(quoted("it's"))
    'it''s'
    """
    return "'" + text.replace("'", "''") + "'"
