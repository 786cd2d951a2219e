"""Values of a stream as columns of the types that the run's own table had: from texts of CSV, from values of JSON.

Texts are read as `tables.csv` reads them: spaces around numbers, dates and flags count for nothing, what stands for a
missing value is missing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

MISSING = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null")
"""Texts that stand for a missing value where the recipe's reader does not say which do."""

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?i:inf|infinity)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*")
_FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}
_LARGEST_WHOLE = 2**63
_SPOKEN = {
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date as in 2024-12-31",
    "datetime": "a moment as in 2024-12-31T23:59:59",
    "text": "a text",
}


class WrongValue(ValueError):
    """A value that cannot be read as its column's type; says what is due and what came, without the value itself."""


def from_text(text: str, kind: str, missing: frozenset[str], decimal: str = ".") -> Any:
    """Return the value that a text of CSV stands for.

    Parameters
    ----------
    text : str
    kind : str
        ``text``, ``integer``, ``number``, ``boolean``, ``date`` or ``datetime``.
    missing : frozenset of str
        Texts that stand for a missing value, beside the empty one.
    decimal : str
        Sign before the decimals.

    Raises
    ------
    WrongValue

    Examples
    --------
    >>> from_text(" 12 ", "integer", frozenset()), from_text("1,5", "number", frozenset(), ","), from_text("", "text",
    ... frozenset())
    (12, 1.5, None)
    """
    plain = text.strip()
    if not plain or text in missing or plain in missing:
        return None
    if kind == "text":
        return text
    read = _READERS[kind]
    return read(plain.replace(decimal, ".") if decimal != "." and kind in ("integer", "number") else plain)


def from_json(value: Any, kind: str) -> Any:
    """Return the value that a value of JSON stands for.

    Raises
    ------
    WrongValue
        If it is of another kind: a text where the column holds numbers.

    Examples
    --------
    >>> from_json(12, "number"), from_json("2024-12-31", "date"), from_json(" ", "text")
    (12, datetime.date(2024, 12, 31), None)
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        if not value.strip():
            return None
        if kind in ("date", "datetime"):
            return _READERS[kind](value.strip())
        return value if kind == "text" else _wrong(kind, "a text")
    if isinstance(value, bool):
        return value if kind == "boolean" else _wrong(kind, "true or false")
    if isinstance(value, int | float):
        return _sized(value) if kind in ("integer", "number") else _wrong(kind, "a number")
    return _wrong(kind, "a list" if isinstance(value, list) else "an object")


def _wrong(kind: str, found: str) -> Any:
    raise WrongValue(f"holds {found} where {_SPOKEN[kind]} is due")


def _number(text: str) -> int | float:
    if _WHOLE.fullmatch(text):
        return _sized(int(text)) if len(text) < 400 else float(text)
    if not _NUMBER.fullmatch(text):
        raise WrongValue("holds what is no number")
    return float(text)


def _sized(value: int | float) -> int | float:
    return float(value) if isinstance(value, int) and not -_LARGEST_WHOLE <= value < _LARGEST_WHOLE else value


def _flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise WrongValue("holds what is neither true nor false")
    return _FLAGS[text.lower()]


def _date(text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    raise WrongValue(f"holds what is not {_SPOKEN['date']}")


def _moment(text: str) -> datetime:
    try:
        if _DATE.fullmatch(text) or _MOMENT.fullmatch(text):
            read = datetime.fromisoformat(text)
            return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read
    except ValueError:
        pass
    raise WrongValue(f"holds what is not {_SPOKEN['datetime']}")


_READERS: dict[str, Callable[[str], Any]] = {
    "integer": _number,
    "number": _number,
    "boolean": _flag,
    "date": _date,
    "datetime": _moment,
}


def column_of(values: Sequence[Any], kind: str) -> pa.Array:
    """Return values as an Arrow array.

    Examples
    --------
    >>> str(column_of([1, None], "integer").type), str(column_of([1, 2.5], "integer").type)
    ('int64', 'double')
    """
    import pyarrow as pa

    if kind == "integer" and all(value is None or isinstance(value, int) for value in values):
        return pa.array(values, pa.int64())
    if kind in ("integer", "number"):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array(values, arrow_type(kind))


def arrow_type(kind: str) -> pa.DataType:
    """Return the Arrow type that holds a column's values; text for what has no type of its own here."""
    import pyarrow as pa

    types = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us"),
    }
    return types.get(kind, pa.string())


def is_plain(kind: str) -> bool:
    """Tell whether a type is one of those that a table of texts may have."""
    return kind in ("integer", "number", "boolean", "date", "datetime", "text")


def type_word(kind: Any) -> str:
    """Return the word for an Arrow type.

    Examples
    --------
    >>> import pyarrow as pa
    >>> type_word(pa.int32()), type_word(pa.decimal128(10, 2)), type_word(pa.large_string()), type_word(pa.null())
    ('integer', 'number', 'text', 'nothing')
    """
    from pyarrow import types

    if types.is_dictionary(kind):
        return type_word(kind.value_type)
    if types.is_null(kind):
        return "nothing"
    if types.is_boolean(kind):
        return "boolean"
    if types.is_integer(kind):
        return "integer"
    if types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    if types.is_date(kind):
        return "date"
    if types.is_timestamp(kind):
        return "datetime"
    texts = (types.is_string, types.is_large_string, types.is_string_view, types.is_time)
    return "text" if any(is_text(kind) for is_text in texts) else str(kind)


_ALIKE = {"integer": "numbers", "number": "numbers", "date": "dates", "datetime": "dates"}


def spoken(kind: str) -> str:
    """Return what a column of a type holds, in words; types that may stand for each other have one word.

    Examples
    --------
    >>> spoken("integer"), spoken("date"), spoken("boolean"), spoken("list<item: string>")
    ('numbers', 'dates', 'true and false', 'list<item: string>')
    """
    return _ALIKE.get(kind) or {"boolean": "true and false", "nothing": "nothing"}.get(kind, kind)


def check_kind(table: str, column: str, found: str, learned: str) -> None:
    """Refuse a column that holds something else than what models learned from.

    Raises
    ------
    InputError
    """
    if spoken(found) != spoken(learned) and found != "nothing":
        raise InputError(
            f"column '{column}' of {table} holds {spoken(found)}, and held {spoken(learned)} when the models learned",
            code="D161",
            hints=(("to mend", f"write it as {spoken(learned)}, as in the data of the run"),),
        )
