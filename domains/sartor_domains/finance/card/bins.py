"""Bins and characteristics: plain records that hold what was learned and find the bin of a value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from sartor.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHOWN_LEVELS = 4
"""More levels of a bin are counted and not listed."""

Kind = Literal["interval", "levels", "special", "missing", "cells"]


@dataclass(frozen=True)
class Bin:
    """One bin of a characteristic, an attribute as scorecards say.

    Parameters
    ----------
    kind : {"interval", "levels", "special", "missing", "cells"}
        ``cells`` are those of a pair, see `sartor_domains.finance.card.pairs.Pair`.
    low, high : float or None
        An interval goes from above `low` up to and including `high`; None has no end.
    levels : tuple of str
        Of ``levels``; the one code, as text, of a ``special`` bin.
    cells : tuple of (int, int)
        Places of the first and the second part of a pair.
    whole : bool
        All numbers seen were whole.
    rows, bad : float
        Training rows, weighted, and the bad ones among them.
    woe : float
        Weight of evidence: log of the share of all good rows over the share of all bad rows; above 0 is better.
    points : float
        What it adds to the score of the average applicant.
    """

    kind: Kind
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    cells: tuple[tuple[int, int], ...] = ()
    whole: bool = False
    rows: float = 0.0
    bad: float = 0.0
    woe: float = 0.0
    points: float = 0.0

    @property
    def tells(self) -> bool:
        """Whether who is in it has told something: neither missing nor a special code."""
        return self.kind in ("interval", "levels")

    @property
    def label(self) -> str:
        """The bin in words.

        Examples
        --------
        >>> Bin("interval", low=11, high=17, whole=True).label
        '12 to 17'
        >>> Bin("interval", low=0.25).label
        'over 0.25'
        >>> Bin("special", levels=("999",)).label
        'special code 999'
        """
        if self.kind == "missing":
            return "missing"
        if self.kind == "special":
            return f"special code {self.levels[0]}"
        if self.kind == "levels":
            return listed(self.levels)
        if self.low is None:
            return "any number" if self.high is None else f"up to {self.high:,.12g}"
        if self.high is None:
            return f"over {self.low:,.12g}"
        if not self.whole:
            return f"over {self.low:,.12g} to {self.high:,.12g}"
        first = np.floor(self.low) + 1
        return f"{first:,.12g}" if first == self.high else f"{first:,.12g} to {self.high:,.12g}"


def listed(texts: tuple[str, ...], most: int = SHOWN_LEVELS, sign: str = ", ") -> str:
    """Return some texts in a row, and how many more there are.

    Examples
    --------
    >>> listed(("a", "b", "c"), most=2)
    'a, b and 1 more'
    """
    more = len(texts) - most
    return sign.join(texts[:most]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True)
class Characteristic:
    """A column of the card with its bins.

    Parameters
    ----------
    name : str
    numeric : bool
        Whether its bins are intervals of a number, or sets of levels.
    bins : tuple of Bin
        Intervals in their order, levels from the safest to the riskiest, special codes, missing last.
    special : tuple of str
        All special codes that it may hold, those that training never saw included, as text.
    information_value : float
    coefficient : float
        How far apart the points of its best and its worst bin are, in log-odds, for each unit between their weights
        of evidence; never negative.
    neutral_points : float
        Points of what has no bin: a level that training never saw, a missing value where none was missing.
    """

    name: str
    numeric: bool
    bins: tuple[Bin, ...]
    special: tuple[str, ...] = ()
    information_value: float = 0.0
    coefficient: float = 0.0
    neutral_points: float = 0.0

    @property
    def unseen(self) -> int:
        """The place of what has no bin: one past the last."""
        return len(self.bins)

    @cached_property
    def missing(self) -> int:
        """The place of missing values."""
        kinds = [entry.kind for entry in self.bins]
        return kinds.index("missing") if "missing" in kinds else self.unseen

    @cached_property
    def level_places(self) -> dict[str, int]:
        """The place of each level that training saw, special codes included; of other special codes `unseen`."""
        places = dict.fromkeys(self.special, self.unseen)
        return places | {level: place for place, entry in enumerate(self.bins) for level in entry.levels}

    @cached_property
    def intervals(self) -> int:
        """How many intervals there are; they come first."""
        return sum(1 for entry in self.bins if entry.kind == "interval")

    @cached_property
    def cuts(self) -> NDArray[np.float64]:
        """Upper ends of the intervals but the last."""
        return np.array([entry.high for entry in self.bins if entry.high is not None], dtype=np.float64)

    @cached_property
    def woes(self) -> NDArray[np.float64]:
        """Weight of evidence by place; 0 for what has no bin."""
        return np.array([*(entry.woe for entry in self.bins), 0.0])

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """Points by place."""
        return np.array([*(entry.points for entry in self.bins), self.neutral_points])

    @cached_property
    def tells(self) -> NDArray[np.bool_]:
        """By place, whether who stands there has told something."""
        return np.array([*(entry.tells for entry in self.bins), False])

    @property
    def reach(self) -> float:
        """How many points lie between its best and its worst bin."""
        return max(entry.points for entry in self.bins) - min(entry.points for entry in self.bins)

    def places(self, column: pd.Series[Any]) -> NDArray[np.int64]:
        """Return for each value the place of its bin, `unseen` where it has none.

        Raises
        ------
        InputError
            If the column held numbers in training and holds something else now.
        """
        if self.numeric:
            numbers = numbers_of(column)
            known = np.isfinite(numbers)
            found = np.searchsorted(self.cuts, np.where(known, numbers, 0.0), side="left")
            # A card of nothing but missing values has no interval for a number.
            places = np.where(known, found if self.intervals else self.unseen, self.missing)
            for code in self.special:
                places[numbers == float(code)] = self.level_places[code]
            return places
        codes, levels = levels_of(column)
        where = np.array(
            [*(self.level_places.get(level, self.unseen) for level in levels), self.missing], dtype=np.int64
        )
        return where[codes]

    def without_bin(self, column: pd.Series[Any]) -> dict[str | None, int]:
        """Count the rows of a column whose value has no bin, by value; missing values as None, last."""
        lost = column[self.places(column) == self.unseen]
        if lost.empty:
            return {}
        codes, levels = levels_of(lost)
        counts = np.bincount(np.where(codes < 0, len(levels), codes), minlength=len(levels) + 1).tolist()
        return {level: count for level, count in zip([*levels, None], counts, strict=True) if count}


def is_numeric(column: pd.Series[Any]) -> bool:
    """Whether a column is cut into intervals: numbers, but not true and false."""
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


def numbers_of(column: pd.Series[Any]) -> NDArray[np.float64]:
    """Return a numeric column as floats, NaN for missing.

    Raises
    ------
    InputError
        If it does not hold numbers.
    """
    if not pd.api.types.is_numeric_dtype(column.dtype):
        raise InputError(
            f"column '{column.name}' held numbers when the scorecard was learned, and holds text now",
            code="D063",
            hints=(("to mend", f"read it as a number at ingest: types: {{{column.name}: number}}"),),
        )
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def levels_of(column: pd.Series[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """Return a code for each row, -1 for missing, and the levels that the codes stand for, as text.

    Examples
    --------
    >>> codes, levels = levels_of(pd.Series(["b", None, "a", "b"]))
    >>> codes.tolist(), levels
    ([0, -1, 1, 0], ['b', 'a'])
    >>> levels_of(pd.Series([True, False]))[1]
    ['true', 'false']
    """
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    return codes.astype(np.int64), [text_of(value) for value in uniques]


def text_of(value: Any) -> str:
    """Return a value as levels are written: whole numbers without a point, ``true`` and ``false``.

    Examples
    --------
    >>> text_of(999.0), text_of(0.5), text_of(True), text_of("x")
    ('999', '0.5', 'true', 'x')
    """
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return repr(float(value)) if isinstance(value, float | np.floating) else str(value)
