"""Windows for one row at a time: the lines of one entity are held, and its next row is measured as in a batch.

The kernel is that of `sartor.windows.over.over`, so that what a model is asked in service equals what it learned from.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.errors import SettingError
from sartor.windows.kernels import EARLIEST, LATEST, MISSING, kernels
from sartor.windows.measuring import Asked, Lines, measured, none, ticks
from sartor.windows.reading import MICRO, NANO, is_exact, too_large

if TYPE_CHECKING:
    from sartor.windows.exact import Floats, Ints
    from sartor.windows.measures import Windows

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class WindowState:
    """The lines of one entity, by moment.

    Parameters
    ----------
    windows : Windows
        What is measured, as `Rows.over` was told.
    nanoseconds : bool, default False
        Whether moments are held to the nanosecond, for columns that have them; else to the microsecond.

    Examples
    --------
    >>> from sartor.windows.measures import Windows
    >>> state = WindowState(Windows.of(["1 hour", "1 day"], {"n": "count", "spent": ("sum", "amount")}, upto="own"))
    >>> state.add(datetime(2024, 5, 1, 12), {"amount": 10.5}, key=1)
    >>> state.add(datetime(2024, 5, 1, 14), {"amount": 20.25}, key=2)
    >>> state.measure(datetime(2024, 5, 1, 14), key=2)
    {'n_1_hour': 1, 'n_1_day': 2, 'spent_1_hour': 20.25, 'spent_1_day': 30.75}
    """

    def __init__(self, windows: Windows, nanoseconds: bool = False) -> None:
        self.windows = windows
        self._second = NANO if nanoseconds else MICRO
        self._lines: list[tuple[int, Any]] = []
        self._values: list[tuple[tuple[float, ...], tuple[int, ...]]] = []
        self._codes: dict[str, dict[Any, int]] = {column: {} for column in windows.items}

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, moment: datetime | date | np.datetime64 | None, values: Mapping[str, Any], key: Any = 0) -> None:
        """Add a line; a line without a moment is in no window, as in a batch.

        Parameters
        ----------
        values : mapping of column to value
            Of the columns that are measured; one that is not there is missing.
        key : int, str or tuple, optional
            The line's key: which of several lines at one moment comes first, and which is a row's own.
        """
        at = self._ticks(moment)
        if at is None:
            return
        numbers = tuple(_number(values.get(column), column) for column in self.windows.numbers)
        items = tuple(self._code(column, values.get(column)) for column in self.windows.items)
        place = bisect_right(self._lines, (at, key))
        self._lines.insert(place, (at, key))
        self._values.insert(place, (numbers, items))

    def forget(self, before: datetime | date | np.datetime64) -> None:
        """Let go of lines that are in no window of a row at this moment or later."""
        at = self._ticks(before)
        if at is not None:
            place = bisect_left(self._lines, (self._reach(at),))
            del self._lines[:place], self._values[:place]

    def measure(self, as_of: datetime | date | np.datetime64 | None, key: Any = None) -> dict[str, int | float | None]:
        """Measure all windows of a row.

        Parameters
        ----------
        as_of : datetime, date or datetime64
            A moment without a zone is taken for UTC; with none, everything is missing.
        key : int, str or tuple, optional
            Key of the row, where it is a line of the table that is measured: that line may have been added or not.

        Returns
        -------
        dict of column to number
            None where there is nothing to tell.
        """
        if key is None and self.windows.upto == "own":
            raise SettingError("upto 'own' counts the row's own line: give its key")
        at = self._ticks(as_of)
        if at is None:
            return dict.fromkeys(self.windows.columns)
        end = max(at - ticks(self.windows.delay, self._second), EARLIEST)
        some = slice(bisect_left(self._lines, (self._reach(at),)), bisect_left(self._lines, (end + 1,)))
        times = np.array([time for time, _ in self._lines[some]], dtype=np.int64)
        order, own = none(), none()
        if key is not None and self.windows.needs_order(of_own_lines=True):
            order, own = self._order(some, end, key), np.ones(1, dtype=np.int64)
        numbers, items = self._columns(some)
        lines = Lines(np.zeros_like(times), times, order, numbers, items)
        asked = Asked(np.zeros(1, dtype=np.int64), np.array([at]), own)
        _, columns = measured(self.windows, lines, asked, self._second, kernels(compiled=False))
        return {name: _plain(values[0]) for name, values in columns.items()}

    def _ticks(self, moment: datetime | date | np.datetime64 | None) -> int | None:
        if moment is None or moment != moment:
            return None
        if isinstance(moment, np.datetime64):
            unit = "datetime64[ns]" if self._second == NANO else "datetime64[us]"
            return int(moment.astype(unit).astype(np.int64))
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day)
        known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        passed = (known - _EPOCH) // _MICROSECOND * (self._second // MICRO)
        if self._second == NANO:
            # A pandas Timestamp has them beside its microseconds.
            passed += getattr(moment, "nanosecond", 0)
        return min(max(passed, EARLIEST + 1), LATEST)

    def _reach(self, at: int) -> int:
        """Return the moment that no window of a row at this moment goes back beyond."""
        lengths = [ticks(length, self._second) for length in self.windows.lengths]
        if min(lengths) < 0:
            return EARLIEST
        return at - ticks(self.windows.delay, self._second) - max(lengths)

    def _order(self, some: slice, end: int, key: Any) -> Ints:
        """Place lines before, at or after the row's own: at the end of the window it tells which of them count."""
        return np.array(
            [1 if one == key else 2 * (time == end and one > key) for time, one in self._lines[some]], dtype=np.int64
        )

    def _columns(self, some: slice) -> tuple[dict[str, Floats], dict[str, Ints]]:
        held, windows = self._values[some], self.windows
        numbers = np.array([values for values, _ in held], dtype=np.float64).reshape(len(held), len(windows.numbers))
        items = np.array([codes for _, codes in held], dtype=np.int64).reshape(len(held), len(windows.items))
        return (
            dict(zip(windows.numbers, np.ascontiguousarray(numbers.T), strict=True)),
            dict(zip(windows.items, np.ascontiguousarray(items.T), strict=True)),
        )

    def _code(self, column: str, value: Any) -> int:
        """Number the different values of a column."""
        if value is None or value != value:
            return MISSING
        codes = self._codes[column]
        return codes.setdefault(value, len(codes))


def _number(value: Any, column: str) -> float:
    if isinstance(value, int | np.integer) and not is_exact(int(value)):
        raise too_large(int(value), f"column '{column}'")
    number = math.nan if value is None or value != value else float(value)
    return number if math.isfinite(number) else math.nan


def _plain(value: Any) -> int | float | None:
    if isinstance(value, np.integer):
        return int(value)
    return None if np.isnan(value) else float(value)
