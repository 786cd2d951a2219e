"""Windows over lines that are in memory: the one piece of work that batches, slices and single rows share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sartor.windows.exact import Survey, layout_of
from sartor.windows.kernels import LATEST
from sartor.windows.kernels.plain import deviation, earlier, means

if TYPE_CHECKING:
    from sartor.durations import Duration
    from sartor.windows.exact import Floats, Ints
    from sartor.windows.kernels import Kernels
    from sartor.windows.measures import Measure, Windows


def none() -> Ints:
    """Return no numbers."""
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Lines:
    """Lines of a table, in any order.

    Parameters
    ----------
    entity, time : ndarray of shape (n_lines,)
    order : ndarray of shape (n_lines,)
        Order of the lines' keys; empty where it does not matter.
    numbers : mapping of column to ndarray
        NaN where missing; nothing infinite.
    items : mapping of column to ndarray
        Whole numbers, one for each different value; `sartor.windows.kernels.MISSING` where missing.
    """

    entity: Ints
    time: Ints
    order: Ints = field(default_factory=none)
    numbers: dict[str, Floats] = field(default_factory=dict)
    items: dict[str, Ints] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """Rows whose windows are asked for: their entity, their moment, and the order of their keys."""

    entity: Ints
    at: Ints
    order: Ints = field(default_factory=none)


def ticks(length: Duration | None, second: int) -> int:
    """Return a length in ticks, of which a second has so many; -1 for the window without a beginning."""
    return -1 if length is None else min(length.seconds * second, LATEST)


def measured(
    windows: Windows, lines: Lines, asked: Asked, second: int, kernels: Kernels
) -> tuple[Ints, dict[str, NDArray[Any]]]:
    """Measure all windows of all rows.

    Parameters
    ----------
    second : int
        How many ticks of `time` a second has.

    Returns
    -------
    places : ndarray of shape (n_rows,)
        In which order the rows come out.
    columns : dict of name to ndarray of shape (n_rows,)
        Counts are int64, all else float64 with NaN where there is nothing to tell.
    """
    delay, lengths = ticks(windows.delay, second), [ticks(length, second) for length in windows.lengths]
    are_rows = asked.entity is lines.entity and asked.at is lines.time
    of_lines, of_rows, groups = kernels.codes(lines.entity, none() if are_rows else asked.entity)
    # One group more: rows of entities without a line.
    line_places, line_starts = kernels.sort(of_lines, groups + 1, lines.time, lines.order)
    time = lines.time[line_places]
    order = lines.order[line_places] if lines.order.size else lines.order
    places, at, own, starts = line_places, time, order, (line_starts, line_starts)
    if not are_rows:
        places, row_starts = kernels.sort(of_rows, groups + 1, asked.at, asked.order)
        at, starts = asked.at[places], (line_starts, row_starts)
        own = asked.order[places] if order.size else order
    ends = earlier(at, delay) if delay else at
    first, last = kernels.bounds(starts, time, ends, (order, own), np.array(lengths), windows.upto)
    found = _Found(kernels, lines, line_places, starts, first, last)
    columns: dict[str, NDArray[Any]] = {}
    for name, measure in windows.measures.items():
        if measure.kind == "since":
            values = _since(time, at, first, _latest(last, (order, own)), second)
        else:
            values = found.of(measure)
        columns |= {windows.column(name, length): one for length, one in zip(windows.lengths, values, strict=True)}
    return places, columns


@dataclass
class _Found:
    """What was found in the windows, each column looked through once."""

    kernels: Kernels
    lines: Lines
    places: Ints
    starts: tuple[Ints, Ints]
    first: Ints
    last: Ints
    added: dict[str, Floats] = field(default_factory=dict)
    sorted_: dict[str, tuple[Floats, Survey]] = field(default_factory=dict)

    def of(self, measure: Measure) -> NDArray[Any]:
        """Return a measure as an array of shape (n_windows, n_rows)."""
        where = (self.first, self.last, self.starts)
        if measure.column is None:
            return np.subtract(self.last, self.first, dtype=np.int64)
        if measure.kind == "distinct":
            return self.kernels.distinct(self.lines.items[measure.column][self.places], *where)
        values, survey = self._values(measure.column)
        if measure.kind == "max":
            return self.kernels.most(values, *where)
        if measure.kind == "min":
            return -self.kernels.most(-values, *where)
        if measure.kind == "std":
            return deviation(values, self.first, self.last, self._present(values, survey))
        layout = layout_of(survey, len(values))
        if measure.column not in self.added:
            self.added[measure.column] = self.kernels.sums(values, *where, layout)
        total = self.added[measure.column]
        if measure.kind == "sum":
            return total
        return means(values, self.first, self.last, layout, total, self._present(values, survey))

    def _values(self, column: str) -> tuple[Floats, Survey]:
        """Return a column of numbers sorted by entity and moment, and what is known of it."""
        if column not in self.sorted_:
            values = self.lines.numbers[column][self.places]
            self.sorted_[column] = values, self.kernels.survey(values)
        return self.sorted_[column]

    def _present(self, values: Floats, survey: Survey) -> Ints:
        """Count the values in each window that are not missing."""
        if not survey.missing:
            return np.subtract(self.last, self.first, dtype=np.int64)
        present = np.zeros(len(values) + 1, dtype=np.int64)
        np.cumsum(~np.isnan(values), out=present[1:])
        return np.asarray(present[self.last] - present[self.first])


def _latest(last: Ints, order: tuple[Ints, Ints]) -> Ints:
    """Return each row's latest line; the row's own does not count."""
    latest = last - 1
    if order[0].size:
        latest -= (last > 0) & (order[0][np.maximum(latest, 0)] == order[1])
    return latest


def _since(time: Ints, at: Ints, first: Ints, latest: Ints, second: int) -> Floats:
    there = latest >= first
    if not time.size:
        return np.full(first.shape, np.nan)
    # Their difference may need all 64 bits.
    passed = (at - time[np.maximum(latest, 0)]).view(np.uint64) / second
    return np.where(there, passed, np.nan)
