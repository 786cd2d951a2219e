"""Merges neighbouring groups into few bins that are large enough, if need be with a risk that only rises or falls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def best_partition(rows: Floats, bad: Floats, max_bins: int, min_rows: float) -> tuple[list[int], float]:
    """Cut ordered groups into at most `max_bins` bins with the highest likelihood.

    Every bin holds at least `min_rows` rows, and both good and bad. The best cut into bins is found exactly, by
    dynamic programming.

    Parameters
    ----------
    rows, bad : ndarray of shape (n_groups,)
    max_bins : int
    min_rows : float

    Returns
    -------
    ends : list of int
        Where each bin ends: one past its last group. One bin of everything where no cut is allowed.
    likelihood : float
        Its log-likelihood; that of one bin where no cut is allowed.

    Examples
    --------
    >>> best_partition(np.array([10.0, 10.0, 10.0, 10.0]), np.array([1.0, 1.0, 5.0, 6.0]), max_bins=2, min_rows=5)[0]
    [2, 4]
    """
    groups = len(rows)
    all_rows, all_bad = _sums(rows), _sums(bad)
    most = min(max_bins, groups)
    best = np.full((most + 1, groups + 1), -np.inf)
    best[0, 0] = 0.0
    begins = np.zeros((most + 1, groups + 1), dtype=np.int64)
    for end in range(1, groups + 1):
        count, events = all_rows[end] - all_rows[:end], all_bad[end] - all_bad[:end]
        value = np.where(_allowed(count, events, min_rows), likelihood(count, events), -np.inf)
        with_one_more = best[:-1, :end] + value
        begins[1:, end] = np.argmax(with_one_more, axis=1)
        best[1:, end] = np.max(with_one_more, axis=1)
    bins = int(np.argmax(best[:, groups]))
    if not np.isfinite(best[bins, groups]):
        return [groups], _of_one_bin(all_rows, all_bad)
    ends, end = [], groups
    for step in range(bins, 0, -1):
        ends.append(end)
        end = int(begins[step, end])
    return ends[::-1], float(best[bins, groups])


def best_monotone_partition(
    rows: Floats, bad: Floats, max_bins: int, min_rows: float, direction: int
) -> tuple[list[int], float]:
    """Cut ordered groups as `best_partition` does, into bins whose bad rate rises (or falls) from each to the next.

    The best cut is found exactly, by dynamic programming over the last bin.

    Parameters
    ----------
    rows, bad : ndarray of shape (n_groups,)
        Some dozens of groups at most: memory grows with the third power of their number.
    max_bins : int
    min_rows : float
    direction : {1, -1}
        1 for a bad rate that rises, -1 for one that falls.

    Returns
    -------
    ends : list of int
    likelihood : float
        Both as for `best_partition`.

    Examples
    --------
    The third group is safer than the second, and joins it.

    >>> rows, bad = np.array([10.0, 10.0, 10.0, 10.0]), np.array([1.0, 5.0, 4.0, 9.0])
    >>> best_monotone_partition(rows, bad, max_bins=4, min_rows=5, direction=1)[0]
    [1, 3, 4]
    """
    groups = len(rows)
    all_rows, all_bad = _sums(rows), _sums(bad)
    # From every begin (down) to every end (across); what ends before it begins is no bin.
    count, events = all_rows[None, :] - all_rows[:, None], all_bad[None, :] - all_bad[:, None]
    allowed = _allowed(count, events, min_rows) & np.triu(np.ones_like(count, dtype=bool), 1)
    value = np.where(allowed, likelihood(count, events), -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = direction * events / count
    # Of a bin (down, across) and the begin of the one before it (inward): whether the rate may go from that to this.
    barrier = np.where(rate.T[:, None, :] < rate[:, :, None], 0.0, -np.inf)
    last = np.full_like(value, -np.inf)
    last[0] = value[0]
    best, begins = [last], []
    for _ in range(1, min(max_bins, groups)):
        before = best[-1].T[:, None, :] + barrier
        begins.append(np.argmax(before, axis=2))
        best.append(np.take_along_axis(before, begins[-1][:, :, None], axis=2)[:, :, 0] + value)
    # Of equally likely cuts the one into the fewest bins.
    bins = int(np.argmax([entry[:, groups].max() for entry in best]))
    begin, end = int(np.argmax(best[bins][:, groups])), groups
    if not np.isfinite(best[bins][begin, end]):
        return [groups], _of_one_bin(all_rows, all_bad)
    found, ends = float(best[bins][begin, end]), [end]
    for step in range(bins, 0, -1):
        begin, end = int(begins[step - 1][begin, end]), begin
        ends.append(end)
    return ends[::-1], found


def _sums(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])


def _allowed(count: Floats, events: Floats, min_rows: float) -> NDArray[np.bool_]:
    """Whether bins are large enough and hold both outcomes; sums of weights differ in their last bits."""
    slack = 1e-9 * max(min_rows, 1.0)
    return (count >= min_rows - slack) & (events > slack) & (events < count - slack)


def _of_one_bin(all_rows: Floats, all_bad: Floats) -> float:
    return float(likelihood(all_rows[-1:], all_bad[-1:])[0])


def likelihood(rows: Floats, bad: Floats) -> Floats:
    """Log-likelihood of bins that are as risky as they were seen to be.

    Examples
    --------
    >>> likelihood(np.array([4.0, 4.0]), np.array([2.0, 0.0])).round(3).tolist()
    [-2.773, 0.0]
    """
    good = rows - bad
    with np.errstate(divide="ignore", invalid="ignore"):
        of_bad = np.where(bad > 0, bad * np.log(bad / rows), 0.0)
        of_good = np.where(good > 0, good * np.log(good / rows), 0.0)
    return np.asarray(of_bad + of_good)
