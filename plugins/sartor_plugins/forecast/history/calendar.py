"""Periods of equal kind - days, weeks, months - numbered from 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.durations import Duration
from sartor.errors import InputError, SettingError

Places = NDArray[np.int64]
_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True)
class Calendar:
    """Numbers periods.

    Parameters
    ----------
    start : Timestamp
        Beginning of the first period.
    every : Duration
        Length of a period.

    Examples
    --------
    >>> weeks = Calendar(pd.Timestamp("2024-01-01"), Duration(1, "week"))
    >>> weeks.numbers(pd.to_datetime(["2024-01-01", "2024-01-15"])).tolist()
    [0, 2]
    >>> weeks.moments([0, 3]).tolist()
    [Timestamp('2024-01-01 00:00:00'), Timestamp('2024-01-22 00:00:00')]
    """

    start: pd.Timestamp
    every: Duration

    def numbers(self, moments: Any) -> Places:
        """Return the number of the period that begins at each moment; -1 - n for one inside period n."""
        index = pd.DatetimeIndex(moments)
        if self.every.is_fixed:
            passed = (index - self.start).to_numpy().astype("timedelta64[s]").astype(np.int64)
            number, rest = np.divmod(passed, self.every.seconds)
            begins = (rest == 0) & (index == index.floor("s"))
        else:
            length = self.every.count * _MONTHS[self.every.unit]
            months = (index.year - self.start.year) * 12 + index.month - self.start.month
            number, rest = np.divmod(months.to_numpy().astype(np.int64), length)
            begins = (rest == 0) & (index.day == self.start.day) & (index == index.normalize())
        return np.asarray(np.where(begins, number, -1 - np.abs(number)).astype(np.int64))

    def number(self, moment: Any, what: str) -> int:
        """Return the number of the period that begins at a moment; it may lie before the first.

        Raises
        ------
        InputError
            If none begins there.
        """
        stamp = pd.Timestamp(moment)
        stamp = stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo else stamp
        begin = self.moments([self._near(stamp)])[0]
        if begin != stamp:
            later = self.moments([self._near(stamp) + 1])[0]
            raise InputError(
                f"{what}, {stamp:%Y-%m-%d}, is no beginning of a period: periods of {self.every} begin at "
                f"{begin:%Y-%m-%d} and {later:%Y-%m-%d}",
                code="D181",
                hints=(
                    ("to mend", f"write {begin:%Y-%m-%d} or {later:%Y-%m-%d}"),
                    ("new data", f"sartor predict asks now, unless told when: --as-of {begin:%Y-%m-%d}"),
                ),
            )
        return self._near(stamp)

    def _near(self, stamp: pd.Timestamp) -> int:
        if self.every.is_fixed:
            return int((stamp - self.start).total_seconds() // self.every.seconds)
        length = self.every.count * _MONTHS[self.every.unit]
        return int(((stamp.year - self.start.year) * 12 + stamp.month - self.start.month) // length)

    def moments(self, numbers: Any) -> pd.DatetimeIndex:
        """Return the beginnings of periods."""
        wanted = np.asarray(numbers, dtype=np.int64)
        if self.every.is_fixed:
            seconds = (wanted * self.every.seconds).astype("timedelta64[s]")
            return pd.DatetimeIndex(self.start.as_unit("us") + pd.to_timedelta(seconds)).as_unit("us")
        length = self.every.count * _MONTHS[self.every.unit]
        first = self.start.year * 12 + self.start.month - 1
        months = (first + wanted * length - 1970 * 12).astype("datetime64[M]")
        return (pd.DatetimeIndex(months.astype("datetime64[us]")) + pd.Timedelta(days=self.start.day - 1)).as_unit("us")

    def count(self, length: Duration, what: str) -> int:
        """Return how many periods a length of time has.

        Raises
        ------
        SettingError
            If it is no whole number of them.
        """
        if self.every.is_fixed and length.is_fixed:
            number, rest = divmod(length.seconds, self.every.seconds)
        elif self.every.is_fixed or length.is_fixed:
            number, rest = 0, 1
        else:
            mine, theirs = (one.count * _MONTHS[one.unit] for one in (self.every, length))
            number, rest = divmod(theirs, mine)
        if rest:
            raise SettingError(
                f"{what}, {length}, is no whole number of periods of {self.every}",
                code="D181",
                hints=(("to mend", f"write it as a multiple of {self.every}"),),
            )
        return int(number)


def season_of(every: Duration) -> int:
    """Return after how many periods demand repeats itself at the soonest: 7 days, 52 weeks, 12 months.

    Examples
    --------
    >>> season_of(Duration(1, "day")), season_of(Duration(1, "week")), season_of(Duration(1, "month"))
    (7, 52, 12)
    """
    usual = {("day", 1): 7, ("week", 1): 52, ("month", 1): 12, ("hour", 1): 24, ("month", 3): 4}
    return usual.get((every.unit, every.count), 1)


def year_of(every: Duration) -> int:
    """Return how many periods a year has.

    Examples
    --------
    >>> year_of(Duration(1, "day")), year_of(Duration(1, "week")), year_of(Duration(1, "month"))
    (364, 52, 12)
    """
    if every.is_fixed:
        return max(1, 364 * 86_400 // every.seconds)
    return max(1, 12 // (every.count * _MONTHS[every.unit]))
