"""Decisions in groups of people, and how far the worst pair of groups is apart.

The worst of many pairs looks bad by luck alone. An interval of the worst pair therefore allows for having looked at all
of them (Bonferroni: each tail holds its share of the pairs). In 400 simulated samples of 298 people in four groups, 15
of them in the smallest and a third of all accepted, a gate at 0.8 failed in 0.8 % where all were accepted alike and in
2.2 % where the true ratio was 0.8; without the allowance, and with the worst pair looked for anew in every redraw, it
failed in 20 % of either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sartor.evidence.bootstrap import CONFIDENCE, Interval, Measured
from sartor.evidence.measure import Measure
from sartor.evidence.sums import FloatArray, weighted_sums

if TYPE_CHECKING:
    import pandas as pd

_MOST_CELLS = 10_000
_MOST_SEEN = 200
_FEWEST_IN_A_TAIL = 2.0
"""With fewer redraws beyond an end of the interval their own luck would be the end."""


@dataclass(frozen=True, eq=False)
class Groups:
    """Which group each row is in.

    Parameters
    ----------
    names : tuple of str
    places : ndarray of shape (n_rows,)
        Of each row's group among `names`; -1 for a row in none of them.
    """

    names: tuple[str, ...]
    places: NDArray[np.intp]

    @classmethod
    def one(cls, n_rows: int) -> Groups:
        """Return all rows as a single group."""
        return cls(("all",), np.zeros(n_rows, dtype=np.intp))

    @property
    def counts(self) -> list[int]:
        """How many rows each group has."""
        inside = self.places[self.places >= 0]
        return [int(count) for count in np.bincount(inside, minlength=len(self.names))]


@dataclass(frozen=True, eq=False)
class JudgedDecisions:
    """Held-out rows with what was decided on them and what became of them, in groups.

    Parameters
    ----------
    decisions : DataFrame
        As the action made them.
    truth : ndarray or DataFrame
        As `sartor.rows.Training.y`.
    rows : DataFrame
        As `sartor.rows.Scoring.rows`.
    classes : tuple
        Labels of a classification.
    groups : Groups
    smallest : int
        Shares among fewer rows are not told: they are NaN.
    """

    decisions: pd.DataFrame
    truth: Any
    rows: pd.DataFrame
    classes: tuple[Any, ...]
    groups: Groups
    smallest: int = 0
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)
    _seen: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)
    _columns: dict[int, FloatArray] = field(default_factory=dict, init=False, repr=False)
    _cells: list[Cells | None] = field(default_factory=list, init=False, repr=False)

    def once(self, name: Any, make: Callable[[], Any]) -> Any:
        """Return something of all rows that is made when it is first asked for: measures are asked for every redraw.

        Parameters
        ----------
        name : hashable
        make : callable
        """
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def condense(self) -> None:
        """Put rows together that no sum so far tells apart; sums over redraws then cost next to nothing."""
        self._cells[:] = [Cells.of(self.groups.places, list(self._columns.values()))]

    def sums(self, weights: FloatArray, values: FloatArray | NDArray[np.bool_]) -> FloatArray:
        """Sum a value a row within each group, under each set of weights.

        Parameters
        ----------
        weights : ndarray of shape (n_redraws, n_rows)
        values : ndarray of shape (n_rows,)
            One that is kept, by `once`, is summed without looking at each row again.

        Returns
        -------
        ndarray of shape (n_redraws, n_groups)
        """
        column = self._again(("sum", id(values)), lambda: (np.asarray(values, dtype=np.float64), values))[0]
        cells = self._cells[0] if self._cells else None
        if not self._cells:
            self._columns[id(column)] = column
        groups = self.groups.places
        if cells is not None and id(column) in cells.values:
            weights, groups, column = cells.summed(weights), cells.groups, cells.values[id(column)]
        inside = np.array([groups == place for place in range(len(self.groups.names))])
        return weighted_sums(weights, inside * column[None, :])

    def _again(self, name: Any, make: Callable[[], Any]) -> Any:
        """Return what was made of some arrays, which `make` returns too: while they are held, their identity is theirs.

        Arrays that are made anew for every redraw are let go after some.
        """
        if name not in self._seen:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen[name] = make()
        return self._seen[name]

    def shares(
        self,
        weights: FloatArray,
        of: FloatArray | NDArray[np.bool_],
        among: FloatArray | NDArray[np.bool_] | None = None,
    ) -> FloatArray:
        """Return the share of some rows among others within each group, under each set of weights.

        Parameters
        ----------
        weights : ndarray of shape (n_redraws, n_rows)
        of : ndarray of shape (n_rows,)
            True for the rows that are counted, or how much each counts.
        among : ndarray of shape (n_rows,), optional
            True for the rows among which, or how much each counts; all rows unless given.

        Returns
        -------
        ndarray of shape (n_redraws, n_groups)
            NaN where there is nobody among whom, or where they are fewer rows than may be told of.

        Examples
        --------
        >>> import pandas as pd
        >>> judged = JudgedDecisions(pd.DataFrame(), None, pd.DataFrame(), (), Groups(("a", "b"), np.array([0, 0, 1])))
        >>> judged.shares(np.ones((1, 3)), np.array([True, False, True]))
        array([[0.5, 1. ]])
        """
        everyone, counted, enough, _, _ = self._again(
            ("share", id(of), id(among)), lambda: (*self._share(of, among), of, among)
        )
        whole, part = self.sums(weights, everyone), self.sums(weights, counted)
        shares: FloatArray = np.divide(part, whole, out=np.full_like(part, np.nan), where=(whole > 0) & enough)
        return shares

    def _share(self, of: Any, among: Any) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
        """Return among whom rows are counted, which of them, and in which groups there are enough of them."""
        everyone = np.ones(len(self.groups.places)) if among is None else np.asarray(among, dtype=np.float64)
        inside = self.groups.places[(everyone > 0) & (self.groups.places >= 0)]
        enough = np.bincount(inside, minlength=len(self.groups.names)) >= self.smallest
        return everyone, np.asarray(of, dtype=np.float64) * everyone, enough


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows that are alike in group and in all that is summed, put together.

    Parameters
    ----------
    order : ndarray of shape (n_rows,)
        Rows cell by cell.
    starts : ndarray of shape (n_cells,)
        Where each cell begins in that order.
    groups : ndarray of shape (n_cells,)
    values : mapping of int to ndarray of shape (n_cells,)
        By the identity of the column that is summed.
    columns : tuple of ndarray of shape (n_rows,)
        Those columns: while they are held, their identity is theirs.
    """

    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    groups: NDArray[np.intp]
    values: dict[int, FloatArray]
    columns: tuple[FloatArray, ...] = ()
    _last: list[tuple[FloatArray, FloatArray]] = field(default_factory=list, init=False, repr=False)

    @classmethod
    def of(cls, groups: NDArray[np.intp], columns: Sequence[FloatArray]) -> Cells | None:
        """Return the cells; None where they are hardly fewer than the rows."""
        codes = groups - groups.min(initial=0)
        for column in columns:
            found, places = np.unique(column, return_inverse=True)
            if len(found) > _MOST_CELLS:
                return None
            codes = np.unique(codes * len(found) + places, return_inverse=True)[1]
        order = np.argsort(codes, kind="stable")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        if not len(order) or len(starts) > min(_MOST_CELLS, len(order) / 4):
            return None
        first = order[starts]
        return cls(order, starts, groups[first], {id(column): column[first] for column in columns}, tuple(columns))

    def summed(self, weights: FloatArray) -> FloatArray:
        """Return the weights of the cells, shape (n_redraws, n_cells)."""
        if not self._last or self._last[0][0] is not weights:
            self._last[:] = [(weights, np.add.reduceat(weights[:, self.order], self.starts, axis=1))]
        return self._last[0][1]


@dataclass(frozen=True, eq=False)
class Worst(Measured):
    """The worst of several comparisons; its interval allows for all of them.

    Parameters
    ----------
    comparisons : int
        How many there were to choose from.
    lower, higher : str
        The two groups.
    """

    comparisons: int = 1
    lower: str = ""
    higher: str = ""

    def interval(self, confidence: float = CONFIDENCE) -> Interval | None:
        """Return the value with its interval, or None; `why_no_interval` then says why."""
        outside = (1 - confidence) / self.comparisons
        found = super().interval(1 - outside)
        if found is None or outside / 2 * len(self.draws) >= _FEWEST_IN_A_TAIL:
            return found
        from scipy.special import ndtri

        # So few redraws lie that far out that the normal distribution tells it better.
        reach = float(ndtri(1 - outside / 2) * np.nanstd(self.draws))
        low, high = max(self.value - reach, self.least), min(self.value + reach, self.most)
        return Interval(self.value, min(low, self.value), max(high, self.value))


def worst_pair(
    measure: Measure,
    names: Sequence[str],
    values: Sequence[FloatArray],
    draws: Sequence[FloatArray],
    compared: Sequence[NDArray[np.bool_]],
) -> Worst | None:
    """Return the pair of groups that a measure finds furthest apart.

    Parameters
    ----------
    measure : Measure
        With `pair`.
    names : sequence of str
        Of the groups.
    values : sequence of ndarray of shape (n_groups,)
        On the rows as they are, one for each measure that is compared.
    draws : sequence of ndarray of shape (n_redraws, n_groups)
    compared : sequence of ndarray of shape (n_groups,)
        Groups that are compared at all, one for each measure.

    Returns
    -------
    Worst or None
        None where there are no two groups to compare.

    Examples
    --------
    >>> ratio = Measure("ratio", "ratio", "higher", "Least to most.", of=("share",), pair=lambda low, high: low / high)
    >>> shares = np.array([0.2, 0.5, 0.4])
    >>> worst = worst_pair(ratio, "abc", [shares], [np.tile(shares, (9, 1))], [shares > 0])
    >>> worst.value, worst.lower, worst.higher, worst.comparisons
    (0.4, 'a', 'b', 3)
    """
    assert measure.pair is not None
    found: list[Worst] = []
    for at, drawn, inside in zip(values, draws, compared, strict=True):
        there = [place for place in np.flatnonzero(inside).tolist() if not np.isnan(at[place])]
        for one, other in combinations(there, 2):
            low, high = (one, other) if at[one] <= at[other] else (other, one)
            with np.errstate(divide="ignore", invalid="ignore"):
                value = float(measure.pair(at[[low]], at[[high]])[0])
                moved = np.asarray(measure.pair(drawn[:, low], drawn[:, high]), dtype=np.float64)
            moved = np.where(np.isfinite(moved), moved, np.nan)
            found.append(Worst(value, moved, measure.least, measure.most, 1, names[low], names[high]))
    there_are = [pair for pair in found if np.isfinite(pair.value)]
    if not there_are:
        return None
    pick = min if measure.better == "higher" else max
    worst = pick(there_are, key=lambda pair: pair.value)
    return Worst(worst.value, worst.draws, worst.least, worst.most, len(there_are), worst.lower, worst.higher)
