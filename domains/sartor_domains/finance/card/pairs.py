"""Pairs of characteristics whose bins are cells of both, along which risk only rises with the risk of either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sartor_domains.finance.card.binning import Sample
from sartor_domains.finance.card.bins import Bin, Characteristic, listed
from sartor_domains.finance.card.evidence import with_evidence
from sartor_domains.finance.card.merging import best_monotone_partition

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EXPECTED_SHARE = 0.5
"""Each cell is filled up with so many rows, as a share of the smallest bin's, of the risk that its two bins let expect.

Small cells are drawn towards what the two characteristics say apart, and cells without a row have just that.
"""
ROUNDS = 500
"""Most rounds of smoothing; a grid of some dozens of cells needs a few."""
ALIKE = 1e-9
SIGN = " × "


@dataclass(frozen=True)
class Pair:
    """Two characteristics together.

    Parameters
    ----------
    first, second : Characteristic
        With the bins that the cells are made of.
    table : Characteristic
        The pair's own bins, of the kind ``cells``, with their points; what has no bin in a part has none here.
    """

    first: Characteristic
    second: Characteristic
    table: Characteristic

    @property
    def name(self) -> str:
        """Both names."""
        return self.table.name

    @cached_property
    def grid(self) -> NDArray[np.int64]:
        """By places of the first and the second the place in the table; the last of each is for what has no bin."""
        found = np.full((len(self.first.bins) + 1, len(self.second.bins) + 1), self.table.unseen, dtype=np.int64)
        for place, entry in enumerate(self.table.bins):
            for cell in entry.cells:
                found[cell] = place
        return found

    def places(self, X: pd.DataFrame) -> NDArray[np.int64]:
        """Return for each row the place in the table."""
        return np.asarray(self.grid[self.first.places(X[self.first.name]), self.second.places(X[self.second.name])])

    def label(self, entry: Bin, named: Callable[[Characteristic, Bin], str] = lambda _, one: one.label) -> str:
        """Return a bin in words: the cells that it is made of, those of one line of the grid together.

        Parameters
        ----------
        entry : Bin
        named : callable
            Names a bin of one of the two.
        """
        lines: dict[tuple[int, ...], list[int]] = {}
        for first in sorted({cell[0] for cell in entry.cells}):
            beside = tuple(second for one, second in entry.cells if one == first)
            lines.setdefault(beside, []).append(first)
        parts = tuple(
            f"{self.first.name} {' or '.join(named(self.first, self.first.bins[place]) for place in firsts)} with "
            f"{self.second.name} {' or '.join(named(self.second, self.second.bins[place]) for place in seconds)}"
            for seconds, firsts in lines.items()
        )
        return listed(parts, sign="; ")


def paired(first: Characteristic, second: Characteristic, X: pd.DataFrame, sample: Sample) -> Pair:
    """Cut two characteristics into bins of cells.

    The bad rate of a bin of cells never falls when one part moves to a riskier bin of its own and the other stays.
    Together with the points that each part may have for itself, more risk never earns more points.

    Parameters
    ----------
    first, second : Characteristic
        With bins and weights of evidence.
    X : DataFrame
        Training rows.
    sample : Sample
    """
    shape = len(first.bins), len(second.bins)
    cell = np.ravel_multi_index((first.places(X[first.name]), second.places(X[second.name])), shape)
    rows, bad = (counts.reshape(shape) for counts in sample.counts(cell, shape[0] * shape[1]))
    order = tuple(np.argsort(-part.woes[:-1], kind="stable") for part in (first, second))
    rows, bad = (counts[np.ix_(*order)] for counts in (rows, bad))
    smooth = rising(*_filled(rows, bad, first.woes[order[0]], second.woes[order[1]], sample))
    # Cells by the risk that they are taken to have: bins are made of neighbours, and keep its order.
    by_risk = np.argsort(smooth.ravel(), kind="stable")
    starts = np.flatnonzero(np.diff(smooth.ravel()[by_risk], prepend=-1.0) > ALIKE)
    groups = [np.add.reduceat(counts.ravel()[by_risk], starts) for counts in (rows, bad)]
    ends, _ = best_monotone_partition(*_without_empty(groups[0], groups[1]), sample.max_bins, sample.min_rows, 1)
    group_ends = _with_empty(ends, groups[0])
    borders = [0, *(int(starts[end]) if end < len(starts) else len(by_risk) for end in group_ends)]
    bins = []
    for begin, end in pairwise(borders):
        inside = [np.unravel_index(place, smooth.shape) for place in by_risk[begin:end]]
        cells = tuple(sorted((int(order[0][one]), int(order[1][two])) for one, two in inside))
        at = by_risk[begin:end]
        bins.append(Bin("cells", cells=cells, rows=float(rows.ravel()[at].sum()), bad=float(bad.ravel()[at].sum())))
    table = Characteristic(f"{first.name}{SIGN}{second.name}", False, tuple(bins))
    return Pair(first, second, with_evidence(table, sample.min_rows))


def _filled(rows: Floats, bad: Floats, first: Floats, second: Floats, sample: Sample) -> tuple[Floats, Floats]:
    """Rows and bad rates of cells, filled up with rows of the risk that both weights of evidence add up to."""
    share = float(bad.sum() / rows.sum())
    expected = 1 / (1 + np.exp(first[:, None] + second[None, :] + np.log((1 - share) / share)))
    more = EXPECTED_SHARE * sample.min_rows
    return rows + more, (bad + more * expected) / (rows + more)


def rising(weight: Floats, rate: Floats) -> Floats:
    """Return the rates closest to some others, weighted, that fall along no line and along no column.

    Parameters
    ----------
    weight, rate : ndarray of shape (n_lines, n_columns)

    References
    ----------
    .. [1] Dykstra and Robertson, "An algorithm for isotonic regression for two or more independent variables",
       Annals of Statistics 10, 1982.

    Examples
    --------
    >>> rising(np.ones((2, 2)), np.array([[0.1, 0.4], [0.3, 0.2]])).round(3).tolist()
    [[0.1, 0.3], [0.3, 0.3]]
    """
    left = [np.zeros_like(rate), np.zeros_like(rate)]
    found = rate.copy()
    for _ in range(ROUNDS):
        before = found
        for axis in (0, 1):
            moved = found - left[axis]
            found = np.stack(
                [
                    _rising_line(line, heavy)
                    for line, heavy in zip(np.moveaxis(moved, axis, 1), np.moveaxis(weight, axis, 1), strict=True)
                ]
            )
            found = np.moveaxis(found, 1, axis) if axis == 0 else found
            left[axis] = found - moved
        if np.abs(found - before).max() < ALIKE / 10:
            break
    # What is left of rounding must not turn an order round.
    return np.maximum.accumulate(np.maximum.accumulate(np.round(found, 9), axis=0), axis=1)


def _rising_line(values: Floats, weight: Floats) -> Floats:
    """Pool neighbours that fall, until none does."""
    pooled: list[list[float]] = []
    for value, heavy in zip(values.tolist(), weight.tolist(), strict=True):
        pooled.append([value, heavy, 1])
        while len(pooled) > 1 and pooled[-2][0] > pooled[-1][0]:
            last = pooled.pop()
            one = pooled[-1]
            total = one[1] + last[1]
            pooled[-1] = [(one[0] * one[1] + last[0] * last[1]) / total, total, one[2] + last[2]]
    return np.repeat([entry[0] for entry in pooled], [int(entry[2]) for entry in pooled])


def _without_empty(rows: Floats, bad: Floats) -> tuple[Floats, Floats]:
    return rows[rows > 0], bad[rows > 0]


def _with_empty(ends: list[int], rows: Floats) -> list[int]:
    """Ends among all groups, from ends among those with rows: an empty group goes with the one before it."""
    filled = np.flatnonzero(rows > 0)
    return [*(int(filled[end]) for end in ends[:-1]), len(rows)]
