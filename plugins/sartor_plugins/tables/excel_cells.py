"""Turns the cells of a sheet into columns of one type each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError
from sartor.wording import form, plural
from sartor_plugins.tables.excel_sheets import Sheet, stop_at_errors
from sartor_plugins.tables.kinds import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor.context import Context
    from sartor_plugins.tables.excel_files import ExcelFiles

_SHOWN = 3
_WHOLE = 2**53
"""From here on a cell's number may not be the one that was meant."""
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_NOT_SO: dict[ColumnType, tuple[str, str]] = {
    "text": ("is not a text", "are not texts"),
    "integer": ("is not a whole number", "are not whole numbers"),
    "number": ("is not a number", "are not numbers"),
    "boolean": ("is neither true nor false", "are neither true nor false"),
    "date": ("is not a date", "are not dates"),
    "datetime": ("is not a moment", "are not moments"),
}


class Wrong:
    """Stands for a value that cannot be read as its column's type."""


WRONG = Wrong()


def table_of(settings: ExcelFiles, sheets: Sequence[Sheet], context: Context) -> pa.Table:
    """Return the table of all sheets.

    Raises
    ------
    InputError
        If cells hold error values, or values that cannot be read as the type that is given.
    """
    import pyarrow as pa

    if settings.errors == "stop":
        stop_at_errors(sheets)
    missing = {"", *settings.missing}
    columns, arrow = {}, _arrow_types()
    for name in sheets[0].names:
        values = [
            None if isinstance(value, str) and value.strip() in missing else value
            for sheet in sheets
            for value in sheet.column(name)
        ]
        kind = settings.types.get(name)
        if name in context.texts and kind is None:
            kind = "text"
        found = kind or _type_of(name, values, context)
        read = [None if value is None else _READERS[found](value) for value in values]
        _refuse(name, found, values, read, sheets)
        columns[name] = pa.array(read, arrow[found])
    if settings.row_number is not None:
        columns[settings.row_number] = pa.array(range(sum(len(sheet.rows) for sheet in sheets)), pa.int64())
    return pa.table(columns)


def _arrow_types() -> dict[ColumnType, Any]:
    import pyarrow as pa

    return {
        "text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(),
        "date": pa.date32(), "datetime": pa.timestamp("us"),
    }  # fmt: skip


def _type_of(name: str, values: Sequence[Any], context: Context) -> ColumnType:
    """Return the type that holds every value of a column; what is odd about it is noted."""
    present = [value for value in values if value is not None]
    kinds = {_kind(value) for value in present}
    texts = [value for value in present if isinstance(value, str)]
    like_numbers = sum(bool(_NUMBER.fullmatch(text.strip())) for text in texts)
    if kinds == {"text"}:
        if like_numbers == len(texts):
            context.note(
                f"column '{name}' holds numbers that are written as texts; types: {{{name}: number}} reads them"
            )
        return "text"
    if kinds == {"number", "text"} and like_numbers == len(texts):
        read = form(len(texts), "a number was read as a number", "numbers were read as numbers")
        context.note(f"column '{name}': {plural(len(texts), 'text')} written like {read}", caution=True)
        kinds = {"number"}
    if kinds == {"number"}:
        whole = all(float(value).is_integer() and abs(float(value)) < _WHOLE for value in present)
        return "integer" if whole else "number"
    if kinds == {"boolean"}:
        return "boolean"
    if kinds and kinds <= {"date", "datetime"}:
        return "datetime" if "datetime" in kinds else "date"
    if len(kinds) > 1:
        listed = " and ".join(f"{kind}s" if kind != "boolean" else "flags" for kind in sorted(kinds))
        context.note(f"column '{name}' mixes {listed}: it was read as text", caution=True)
    return "text"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, datetime):
        return "datetime"
    return "date" if isinstance(value, date) else "text" if isinstance(value, str) else "time"


def _refuse(name: str, kind: ColumnType, values: Sequence[Any], read: Sequence[Any], sheets: Sequence[Sheet]) -> None:
    """Name the cells whose values cannot be read as their column's type."""
    from sartor_plugins.tables.detection import masked

    wrong = [line for line, value in enumerate(read) if value is WRONG]
    if not wrong:
        return
    cells = [(sheet, line) for sheet in sheets for line in range(len(sheet.rows))]
    named = ", ".join(
        f"{cells[line][0].cell(name, cells[line][1])} ({masked(as_text(values[line]))!r})" for line in wrong[:_SHOWN]
    )
    one, several = _NOT_SO[kind]
    many = f"{plural(len(wrong), 'value')} of column '{name}' {form(len(wrong), one, several)}"
    raise InputError(
        f"{many}: {named}{', ...' if len(wrong) > _SHOWN else ''}",
        code="D117",
        hints=(("to mend", f"repair them, say which texts mean a missing value, or types: {{{name}: text}}"),),
    )


def as_text(value: Any) -> str:
    """Return a cell's value as text: a whole number without a point, dates in ISO form.

    Examples
    --------
    >>> as_text(7.0), as_text(0.5), as_text(datetime(2024, 2, 29, 8)), as_text(timedelta(hours=30)), as_text(True)
    ('7', '0.5', '2024-02-29 08:00:00', '30:00:00', 'true')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _WHOLE else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(value: Any) -> float | Wrong:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return WRONG
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value.strip()) else WRONG
    return float(value)


def _integer(value: Any) -> int | Wrong:
    if isinstance(value, str):
        text = value.strip()
        whole = re.fullmatch(r"[+-]?(0|[1-9][0-9]*)", text)
        return int(text) if whole and -(2**63) <= int(text) < 2**63 else WRONG
    number = _number(value)
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 2**63 else WRONG


def _boolean(value: Any) -> bool | Wrong:
    text = as_text(value).strip().lower()
    return True if text in _TRUE else False if text in _FALSE else WRONG


def _moment(value: Any) -> datetime | Wrong:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) and "-" in value else None
    except ValueError:
        found = None
    if found is None:
        return WRONG
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _date(value: Any) -> date | Wrong:
    moment = _moment(value)
    return moment.date() if isinstance(moment, datetime) and moment.time() == time() else WRONG


_READERS: dict[ColumnType, Callable[[Any], Any]] = {
    "text": as_text, "integer": _integer, "number": _number, "boolean": _boolean, "date": _date, "datetime": _moment,
}  # fmt: skip
