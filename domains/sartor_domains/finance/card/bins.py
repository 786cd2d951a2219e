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


@dataclass(frozen=True)
class Bin:
    """One bin of a characteristic, an attribute as scorecards say.

    Parameters
    ----------
    kind : {"interval", "levels", "missing"}
    low, high : float or None
        An interval goes from above `low` up to and including `high`; None has no end.
    levels : tuple of str
    whole : bool
        All numbers seen were whole.
    rows, bad : float
        Training rows, weighted, and the bad ones among them.
    woe : float
        Weight of evidence: log of the share of all good rows over the share of all bad rows; above 0 is better.
    points : float
        What it adds to the score of the average applicant.
    """

    kind: Literal["interval", "levels", "missing"]
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    whole: bool = False
    rows: float = 0.0
    bad: float = 0.0
    woe: float = 0.0
    points: float = 0.0

    @property
    def label(self) -> str:
        """The bin in words.

        Examples
        --------
        >>> Bin("interval", low=11, high=17, whole=True).label
        '12 to 17'
        >>> Bin("interval", low=0.25).label
        'over 0.25'
        """
        if self.kind == "missing":
            return "missing"
        if self.kind == "levels":
            more = len(self.levels) - SHOWN_LEVELS
            return ", ".join(self.levels[:SHOWN_LEVELS]) + (f" and {more} more" if more > 0 else "")
        if self.low is None:
            return "any number" if self.high is None else f"up to {self.high:,.12g}"
        if self.high is None:
            return f"over {self.low:,.12g}"
        if not self.whole:
            return f"over {self.low:,.12g} to {self.high:,.12g}"
        first = np.floor(self.low) + 1
        return f"{first:,.12g}" if first == self.high else f"{first:,.12g} to {self.high:,.12g}"


@dataclass(frozen=True)
class Characteristic:
    """A column of the card with its bins.

    Parameters
    ----------
    name : str
    numeric : bool
        Whether its bins are intervals of a number, or sets of levels.
    bins : tuple of Bin
        Intervals in their order, levels from the safest to the riskiest, missing last.
    information_value : float
    coefficient : float
        What the weights of evidence are multiplied with; never negative.
    neutral_points : float
        Points of what has no bin: a level that training never saw, a missing value where none was missing.
    """

    name: str
    numeric: bool
    bins: tuple[Bin, ...]
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
        """The place of each level that training saw."""
        return {level: place for place, entry in enumerate(self.bins) for level in entry.levels}

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
            intervals = sum(1 for entry in self.bins if entry.kind == "interval")
            return np.where(known, found if intervals else self.unseen, self.missing)
        codes, levels = levels_of(column)
        where = np.array(
            [*(self.level_places.get(level, self.unseen) for level in levels), self.missing], dtype=np.int64
        )
        return where[codes]

    def without_bin(self, column: pd.Series[Any]) -> dict[str, int]:
        """Count the rows of a column whose value has no bin, by value; missing values as ``missing``."""
        lost = column[self.places(column) == self.unseen]
        if lost.empty:
            return {}
        codes, levels = levels_of(lost)
        counts = np.bincount(np.where(codes < 0, len(levels), codes), minlength=len(levels) + 1)
        return {level: int(count) for level, count in zip([*levels, "missing"], counts, strict=True) if count}


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
    return codes.astype(np.int64), [_text(value) for value in uniques]


def _text(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
