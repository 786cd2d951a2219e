"""What is measured over which stretches of time before a row: the settings of windows, read without a heavy library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from sartor.durations import Duration
from sartor.errors import SettingError, nearest
from sartor.relations import distinct_names
from sartor.rows import RESERVED

Upto: TypeAlias = Literal["before", "own", "including"]
"""Which lines at the very end of a window are in it."""
Given: TypeAlias = "str | Sequence[str]"
"""A measure as it is written: ``"count"`` or ``("sum", "amount")``."""

EVER = "ever"
"""The window without a beginning."""
OF_LINES = ("count", "since")
"""Measures of the lines themselves."""
OF_NUMBERS = ("sum", "mean", "min", "max", "std")
"""Measures of a column of numbers."""
OF_ITEMS = ("distinct",)
"""Measures of a column of anything."""

_NO_DELAY = Duration(0, "second")


@dataclass(frozen=True)
class Measure:
    """One thing to measure.

    Parameters
    ----------
    kind : {"count", "since", "sum", "mean", "min", "max", "std", "distinct"}
    column : str or None
        What is measured; None for ``count`` and ``since``, which go by lines.

    Examples
    --------
    >>> Measure.of(("mean", "amount"))
    Measure(kind='mean', column='amount')
    """

    kind: str
    column: str | None = None

    @classmethod
    def of(cls, given: Given | Measure) -> Measure:
        """Read a measure as it is written.

        Raises
        ------
        SettingError
            If there is no such measure, or a column lacks or is too much.
        """
        if isinstance(given, Measure):
            return given
        parts: list[Any] = [given] if isinstance(given, str) else list(given)
        if not parts or len(parts) > 2 or not all(isinstance(part, str) and part for part in parts):
            raise SettingError(
                f"a measure is a word, or a word and a column, got {given!r}",
                hints=(("to mend", 'write "count" or ("sum", "amount")'),),
            )
        kind, column = parts[0], parts[1] if len(parts) == 2 else None
        kinds = (*OF_LINES, *OF_NUMBERS, *OF_ITEMS)
        if kind not in kinds:
            raise SettingError(f"no measure is called '{kind}'", hints=nearest(kind, kinds))
        if kind in OF_LINES and column is not None:
            raise SettingError(
                f"'{kind}' goes by lines and takes no column, got '{column}'",
                hints=(("to mend", f'write "{kind}"'),),
            )
        if kind not in OF_LINES and column is None:
            raise SettingError(
                f"'{kind}' is to measure a column, and none is named",
                hints=(("to mend", f'write ("{kind}", "COLUMN")'),),
            )
        return cls(kind, column)


@dataclass(frozen=True)
class Windows:
    """What is measured, over which stretches of time, and where these end.

    Parameters
    ----------
    lengths : tuple of Duration or None
        None is the window without a beginning.
    measures : mapping of name to Measure
    upto : {"before", "own", "including"}
    delay : Duration
        Windows end this long before the row's ``as_of``.

    Examples
    --------
    >>> Windows.of(["1 hour", "7 days", "ever"], {"spent": ("sum", "amount")}).columns
    ('spent_1_hour', 'spent_7_days', 'spent_ever')
    """

    lengths: tuple[Duration | None, ...]
    measures: Mapping[str, Measure]
    upto: Upto = "before"
    delay: Duration = _NO_DELAY

    @classmethod
    def of(
        cls,
        windows: Sequence[str | Duration],
        measures: Mapping[str, Given | Measure],
        upto: Upto = "before",
        delay: str | Duration | None = None,
    ) -> Windows:
        """Read windows and measures as they are written.

        Raises
        ------
        SettingError
            If a length is no fixed length of time, is 0 or named twice, or a measure is none.
        """
        if isinstance(windows, str) or not windows:
            raise SettingError("windows are a list of at least one length of time", hints=_WRITTEN)
        if not measures:
            raise SettingError("nothing is measured", hints=(("to mend", 'name a measure: {"n": "count"}'),))
        if upto not in get_args(Upto):
            raise SettingError(f"upto is one of {', '.join(get_args(Upto))}, got {upto!r}")
        late = _NO_DELAY if delay is None else _duration(delay)
        _ = late.seconds
        read = cls(
            tuple(_length(window) for window in windows),
            {_name(name): Measure.of(given) for name, given in measures.items()},
            upto,
            late,
        )
        twice = sorted({name for name in read.columns if read.columns.count(name) > 1})
        if twice:
            raise SettingError(f"two windows would give the same column '{twice[0]}'", hints=_WRITTEN)
        distinct_names(read.columns)
        return read

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns: measure by measure, each over the windows in their order."""
        return tuple(self.column(name, length) for name in self.measures for length in self.lengths)

    @staticmethod
    def column(name: str, length: Duration | None) -> str:
        """Return the column of a measure over one window.

        Examples
        --------
        >>> Windows.column("n", Duration.parse("1d"))
        'n_1_day'
        """
        return f"{name}_{EVER if length is None else str(length).replace(' ', '_')}"

    def named(self, kinds: Sequence[str]) -> tuple[str, ...]:
        """Return the columns that measures of these kinds go over, each once."""
        columns = [measure.column for measure in self.measures.values() if measure.kind in kinds]
        return tuple(dict.fromkeys(column for column in columns if column is not None))

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns that are measured as numbers."""
        return self.named(OF_NUMBERS)

    @property
    def items(self) -> tuple[str, ...]:
        """Columns whose different values are counted."""
        return self.named(OF_ITEMS)

    def needs_order(self, of_own_lines: bool) -> bool:
        """Whether it matters which of several lines at one moment is the row's own."""
        asks_since = any(measure.kind == "since" for measure in self.measures.values())
        return of_own_lines and (self.upto == "own" or asks_since)


_WRITTEN = (("to mend", 'write windows like ["1 hour", "7 days"], each once'),)


def _duration(given: str | Duration) -> Duration:
    return given if isinstance(given, Duration) else Duration.parse(given)


def _length(given: str | Duration) -> Duration | None:
    if given == EVER:
        return None
    length = _duration(given)
    if length.seconds == 0:
        raise SettingError(f"a window of {length} holds nothing", hints=_WRITTEN)
    return length


def _name(name: str) -> str:
    if not name or name.startswith(RESERVED):
        raise SettingError(
            f"'{name}' is no name for a measure",
            hints=(("to mend", f"give it a name that does not begin with '{RESERVED}'"),),
        )
    return name
