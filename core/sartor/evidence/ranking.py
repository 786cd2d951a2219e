"""How well a single feature ranks an outcome: numbers all together, levels by what came of the rows that hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

STRONG_AUC = 0.98
STRONG_CORRELATION = 0.995
FEWEST = 20
"""A value in fewer rows proves nothing."""
MOST_VALUES = 30
"""A column of more different values has none that is a flag."""
BLOCK, MOST_BLOCKS = 40, 100
"""Rows in a block of neighbours at least, and how many blocks there are at most."""

_AT_ONCE = 1_000_000
"""Numbers that are sorted at once."""


@dataclass(frozen=True)
class Ranked:
    """What was seen of a column of numbers.

    Parameters
    ----------
    feature : str
    strong : str
        How it shows that it ranks the outcome nearly perfectly; empty where it does not.
    may_have_flags : bool
        Whether it is missing somewhere, or has few different values.
    """

    feature: str
    strong: str
    may_have_flags: bool


class Ranking:
    """An outcome that features may rank.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Place of the class, or the number to be predicted.
    classes : tuple
        Empty in a regression.

    Examples
    --------
    >>> outcome = Ranking(np.repeat([0, 1], 50), ("good", "bad"))
    >>> [(one.feature, one.strong) for one in outcome.of_numbers(pd.DataFrame({"copy": np.repeat([3.0, 7.0], 50)}))]
    [('copy', 'alone it has AUC 1.000 on 100 training rows')]
    """

    def __init__(self, y: np.ndarray, classes: tuple[object, ...]) -> None:
        self._of_classes = bool(classes)
        if len(classes) > 2:
            self._outcomes = [(y == place).astype("float64") for place in range(len(classes))]
        else:
            self._outcomes = [y.astype("float64")]
        if self._of_classes:
            # Where all rows have one outcome there is nothing to rank.
            self._outcomes = [one for one in self._outcomes if 0 < one.sum() < len(one)]

    def of_numbers(self, X: pd.DataFrame) -> Iterator[Ranked]:
        """Yield what is seen of each column of numbers or flags; where one is missing its median stands."""
        names = X.columns.tolist()
        at_once = max(1, _AT_ONCE // max(1, len(X)))
        for first in range(0, len(names), at_once):
            values = X.iloc[:, first : first + at_once].to_numpy(dtype="float64", na_value=np.nan).T
            yield from self._of_some(names[first : first + at_once], values)

    def _of_some(self, names: list[str], values: np.ndarray) -> Iterator[Ranked]:
        values, holes = _filled(values)
        order = np.argsort(values, axis=1)
        rising = np.take_along_axis(values, order, axis=1)
        begins = np.ones(rising.shape, dtype=bool)
        begins[:, 1:] = rising[:, 1:] != rising[:, :-1]
        different = begins.sum(axis=1)
        ranks = _ranks(begins)
        strong = dict.fromkeys(range(len(names)), "")
        for outcome in self._outcomes:
            measured = self._measure(ranks, outcome, order)
            for line in np.flatnonzero((different > 1) & (measured >= self._bar)).tolist():
                strong[line] = strong[line] or self._said(measured[line], values.shape[1])
            if self._of_classes:
                by_block = _blocks(ranks, outcome[order])
                for line in np.flatnonzero((different > MOST_VALUES) & (by_block >= self._bar)).tolist():
                    told = self._said(by_block[line], values.shape[1], " by blocks of its order")
                    strong[line] = strong[line] or told
        for line, name in enumerate(names):
            yield Ranked(name, strong[line], bool(holes[line] or different[line] <= MOST_VALUES))

    def of_levels(self, codes: np.ndarray) -> str:
        """Say how levels rank the outcome nearly perfectly, each at its mean outcome; empty where they do not.

        Rare levels are pooled, so that few rows tell nothing.

        Parameters
        ----------
        codes : ndarray of shape (n_rows,)
            The level of each row, from 0.
        """
        counts = np.bincount(codes)
        for outcome in self._outcomes:
            means = np.bincount(codes, weights=outcome) / np.maximum(counts, 1)
            means[counts < FEWEST] = outcome.mean()
            scores, places = np.unique(means[codes], return_inverse=True)
            if len(scores) == 1:
                continue
            ends = np.cumsum(np.bincount(places))
            ranks = (ends - (np.bincount(places) - 1) / 2)[places]
            measured = self._measure(ranks[None], outcome, np.arange(len(codes))[None])[0]
            if measured >= self._bar:
                return self._said(measured, len(codes))
        return ""

    @property
    def _bar(self) -> float:
        return STRONG_AUC if self._of_classes else STRONG_CORRELATION

    def _measure(self, ranks: np.ndarray, outcome: np.ndarray, order: np.ndarray) -> np.ndarray:
        """Return the AUC of each line, whichever way it ranks, or its rank correlation.

        Parameters
        ----------
        ranks, order : ndarray of shape (n_columns, n_rows)
            Ranks, and which row each is of.
        outcome : ndarray of shape (n_rows,)
        """
        n = len(outcome)
        if not self._of_classes:
            ours, theirs = ranks - (n + 1) / 2, rankdata(outcome) - (n + 1) / 2
            spread = np.sqrt((ours**2).sum(axis=1) * (theirs**2).sum())
            together: np.ndarray = np.abs((ours * theirs[order]).sum(axis=1))
            correlation: np.ndarray = np.divide(together, spread, out=np.zeros(len(ranks)), where=spread > 0)
            return correlation
        positive = outcome.sum()
        above = (ranks * outcome[order]).sum(axis=1) - positive * (positive + 1) / 2
        auc = above / (positive * (n - positive))
        found: np.ndarray = np.maximum(auc, 1 - auc)
        return found

    def _said(self, measured: float, rows: int, how: str = "") -> str:
        if self._of_classes:
            return f"alone it has AUC {measured:.3f}{how} on {rows:,} training rows"
        return f"its rank correlation with the target is {measured:.3f} on {rows:,} training rows"


def _blocks(ranks: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Return the AUC of the share of events among neighbours: it shows a file that was put together block by block.

    Equal numbers are in one block, or the order of the rows would be looked at in place of the numbers.

    Parameters
    ----------
    ranks, outcome : ndarray of shape (n_columns, n_rows)
        Ranks, rising, and whether the row of each rank is an event.

    Examples
    --------
    >>> both_ends = np.repeat([1.0, 0.0, 1.0], 40)
    >>> _blocks(np.arange(1.0, 121)[None], both_ends[None]).tolist()
    [1.0]
    """
    columns, n = ranks.shape
    size = max(BLOCK, n // MOST_BLOCKS)
    wide = int((n - 1) // size) + 1
    places = ((ranks - 1) // size).astype(np.int64) + wide * np.arange(columns)[:, None]
    rows = np.bincount(places.ravel(), minlength=columns * wide).reshape(columns, wide)
    events = np.bincount(places.ravel(), weights=outcome.ravel(), minlength=columns * wide).reshape(columns, wide)
    usual = outcome.mean(axis=1, keepdims=True)
    share = np.where(rows >= FEWEST, events / np.maximum(rows, 1), usual)
    order = np.argsort(share, axis=1)
    events, rows = np.take_along_axis(events, order, axis=1), np.take_along_axis(rows, order, axis=1)
    others = rows - events
    below = np.cumsum(others, axis=1) - others / 2
    found: np.ndarray = (events * below).sum(axis=1) / (events.sum(axis=1) * others.sum(axis=1))
    return found


def _filled(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return lines of numbers with their median where one is missing, and whether one is."""
    missing = np.isnan(values)
    holes = missing.any(axis=1)
    if not holes.any():
        return values, holes
    filled = np.where(missing, 0.0, values)
    for line in np.flatnonzero(holes & ~missing.all(axis=1)):
        filled[line, missing[line]] = np.median(values[line, ~missing[line]])
    return filled, holes


def _ranks(begins: np.ndarray) -> np.ndarray:
    """Return the ranks of lines of numbers in rising order, equal ones in the middle of theirs.

    Parameters
    ----------
    begins : ndarray of shape (n_lines, n_rows)
        Whether a number is larger than the one before it; true for the first.

    Examples
    --------
    >>> _ranks(np.array([[True, False, True, True]])).tolist()
    [[1.5, 1.5, 3.0, 4.0]]
    """
    places = np.arange(begins.shape[1])
    first = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    ends = np.ones(begins.shape, dtype=bool)
    ends[:, :-1] = begins[:, 1:]
    last = np.minimum.accumulate(np.where(ends, places, places[-1])[:, ::-1], axis=1)[:, ::-1]
    ranks: np.ndarray = (first + last) / 2 + 1
    return ranks
