"""Lengths of time in words: ``30 days``, ``1 week``, ``6 months``.

Minutes, hours, days and weeks are fixed lengths. Months and years follow the calendar: one month after 31 January is
the last day of February.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sartor.errors import SettingError
from sartor.wording import form

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 7 * 86_400}
_MONTHS = {"month": 1, "year": 12}
_SHORT = {"s": "second", "min": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
_WORDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([^\W\d_]+)")
_LONGEST_YEARS = 3000


@dataclass(frozen=True)
class Duration:
    """A length of time.

    Parameters
    ----------
    count : int
        How many units; 0 or more.
    unit : {"second", "minute", "hour", "day", "week", "month", "year"}

    Examples
    --------
    >>> Duration.parse("6 months").to_offset(datetime(2023, 8, 31))
    datetime.datetime(2024, 2, 29, 0, 0)
    >>> Duration.parse("1d").seconds
    86400
    >>> str(Duration.parse("90min"))
    '90 minutes'
    """

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count} {form(self.count, self.unit)}"

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read a length of time.

        Parameters
        ----------
        text : str
            A whole number and a unit: ``30 days``, ``1 week``, ``90 minutes``, ``1d``.

        Raises
        ------
        SettingError
            If it is written otherwise; ``m`` alone is refused because it may be minutes or months.
        """
        match = _WORDS.fullmatch(text.strip())
        if not match:
            raise _refused(f"'{_short(text)}' is not a length of time")
        number, word = match.groups()
        unit = _unit(word.lower())
        if unit is None:
            if word == "m":
                mend = f"write {number} minutes or {number} months"
                raise _refused(f"'{_short(text)}' may be minutes or months", mend)
            raise _refused(f"'{_short(text)}' has no unit of time that is known")
        if "." in number:
            raise _refused(f"'{_short(text)}' is not a whole number of {unit}s", _whole(float(number), unit))
        if len(number) > 12 or int(number) * _days(unit) > _LONGEST_YEARS * 366:
            raise _refused(f"'{_short(text)}' is longer than {_LONGEST_YEARS:,} years", "write a shorter time")
        return cls(int(number), unit)

    @property
    def is_fixed(self) -> bool:
        """Whether it lasts equally long whenever it begins; months and years do not."""
        return self.unit in _SECONDS

    @property
    def seconds(self) -> int:
        """Its length in seconds.

        Raises
        ------
        SettingError
            For months and years, which have no fixed length.
        """
        if not self.is_fixed:
            days = self.count * (30 if self.unit == "month" else 365)
            raise _refused(f"{self} have no fixed length", f"write it in days or weeks, such as {days} days")
        return self.count * _SECONDS[self.unit]

    def to_offset(self, moment: datetime, times: int = 1) -> datetime:
        """Return the moment this much later.

        Parameters
        ----------
        moment : datetime
            Where to start.
        times : int
            How many times to add it, also negative. Adding a month twice in one step keeps the day of the month where
            two steps may lose it: 31 January, 28 February, 28 March, but 31 March in one step of two.

        Raises
        ------
        SettingError
            If the result lies beyond the years 1 to 9999.
        """
        try:
            if self.is_fixed:
                return moment + timedelta(seconds=times * self.count * _SECONDS[self.unit])
            months = moment.year * 12 + moment.month - 1 + times * self.count * _MONTHS[self.unit]
            year, month = divmod(months, 12)
            return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
        except (OverflowError, ValueError) as error:
            raise SettingError(f"{self} from {moment.isoformat()} lies beyond the calendar", code="R075") from error

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let settings hold a duration: written as text, also in JSON Schema."""
        from pydantic_core import core_schema

        def validated(value: object) -> Duration:
            if isinstance(value, cls):
                return value
            if isinstance(value, str):
                return cls.parse(value)
            hint = f"write {_counted(value, 'day')}" if isinstance(value, int) and not isinstance(value, bool) else None
            raise _refused(f"must be a length of time in words, got {value!r}", hint)

        return core_schema.no_info_plain_validator_function(
            validated,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )


def _unit(word: str) -> str | None:
    singular = word.removesuffix("s") if len(word) > 3 else word
    if singular in _SECONDS or singular in _MONTHS:
        return singular
    return _SHORT.get(word)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _days(unit: str) -> float:
    return _SECONDS[unit] / 86_400 if unit in _SECONDS else {"month": 30, "year": 365}[unit]


def _whole(number: float, unit: str) -> str:
    """Suggest the same length in the next smaller unit that makes it whole."""
    if unit in _MONTHS:
        months = number * _MONTHS[unit]
        return f"write {_counted(int(months), 'month')}" if months.is_integer() else "write it in days"
    seconds = number * _SECONDS[unit]
    for smaller in ("week", "day", "hour", "minute"):
        if (seconds / _SECONDS[smaller]).is_integer():
            return f"write {_counted(int(seconds / _SECONDS[smaller]), smaller)}"
    return f"write {round(seconds)} seconds"


def _refused(message: str, mend: str | None = None) -> SettingError:
    return SettingError(message, code="R075", hints=[("to mend", mend or "write it like 30 days, 1 week or 6 months")])


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
