"""The kernels in NumPy: always there, and what the compiled ones are tested against.

Everything goes over arrays sorted by entity: `starts[g]` to `starts[g + 1]` are the lines, or the rows, of entity
number `g`. A window of a row is the lines from `first` up to but not including `last`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sartor.windows.exact import deviations, layout_of, limbs_of, running, summed, survey_of
from sartor.windows.kernels import EARLIEST, MISSING, MIX

if TYPE_CHECKING:
    from sartor.windows.exact import Buckets, Floats, Ints, Layout, Survey
    from sartor.windows.measures import Upto

_KEYS = 2**62
"""Entity and moment are packed into one whole number below this."""


def buckets(entity: Ints, count: int) -> tuple[Buckets, Ints]:
    """Choose slices by a hash of the entity.

    Returns
    -------
    bucket : ndarray of shape (n_lines,)
    counts : ndarray of shape (n_slices,)
        How many lines each slice has.
    """
    mixed = entity.view(np.uint64) * np.uint64(MIX)
    bucket = (((mixed >> np.uint64(32)) * np.uint64(count)) >> np.uint64(32)).astype(np.uint16)
    return bucket, np.bincount(bucket, minlength=count)


def spread(columns: list[NDArray[Any]], bucket: Buckets, counts: Ints) -> Ints:
    """Put lines slice by slice, and in each column by column.

    Returns
    -------
    ndarray of shape (n_columns * n_lines,)
    """
    table = np.empty(len(columns) * len(bucket), dtype=np.int64)
    # NumPy sorts numbers of 16 bits by counting.
    places = np.argsort(bucket, kind="stable")
    before = np.repeat(np.cumsum(counts) - counts, counts)
    to = (len(columns) - 1) * before + np.arange(len(bucket))
    step = np.repeat(counts, counts)
    for column in columns:
        table[to] = column.view(np.int64)[places]
        to += step
    return table


def codes(of_lines: Ints, of_rows: Ints) -> tuple[Ints, Ints, int]:
    """Number the entities of the lines from 0; rows of others get the number after the last.

    Returns
    -------
    lines, rows : ndarray
        The number of each line's and each row's entity.
    count : int
        How many entities the lines have.
    """
    known, lines = np.unique(of_lines, return_inverse=True)
    if not known.size:
        return lines, np.zeros(len(of_rows), dtype=np.int64), 0
    place = np.searchsorted(known, of_rows)
    found = known[np.minimum(place, len(known) - 1)] == of_rows
    return lines, np.where(found, place, len(known)), len(known)


def sort(code: Ints, groups: int, time: Ints, order: Ints) -> tuple[Ints, Ints]:
    """Sort by entity, moment and order.

    Returns
    -------
    places, starts : ndarray
    """
    starts = np.zeros(groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(code, minlength=groups), out=starts[1:])
    earlier = time[:-1] <= time[1:]
    if order.size:
        earlier &= (time[:-1] < time[1:]) | (order[:-1] <= order[1:])
    if earlier.all() and len(code) < 2**31 and groups < 2**31:
        # Number of the entity and place in one whole number: the fastest sort there is, and a stable one.
        packed = np.sort(code << 32 | np.arange(len(code)))
        return packed & 0xFFFFFFFF, starts
    return np.lexsort((order, time, code) if order.size else (time, code)), starts


def bounds(
    starts: tuple[Ints, Ints], time: Ints, ends: Ints, orders: tuple[Ints, Ints], lengths: Ints, upto: Upto
) -> tuple[Ints, Ints]:
    """Find the lines of each row's windows.

    Parameters
    ----------
    starts : tuple of ndarray
        Of the lines and of the rows.
    time : ndarray of shape (n_lines,)
        Sorted within each entity.
    ends : ndarray of shape (n_rows,)
        Where windows end; sorted within each entity.
    orders : tuple of ndarray
        Of the lines and of the rows; empty where it does not matter.
    lengths : ndarray of shape (n_windows,)
        Below 0 for the window without a beginning.
    upto : {"before", "own", "including"}

    Returns
    -------
    first : ndarray of shape (n_windows, n_rows)
    last : ndarray of shape (n_rows,)
    """
    of_lines, of_rows = starts
    begins = [earlier(ends, int(length)) for length in lengths]
    # Lines of the row's entity: where everything must lie, and where a window without a beginning begins.
    low, high = (np.repeat(edge, np.diff(of_rows)) for edge in (of_lines[:-1], of_lines[1:]))
    finite = [moments for moments, length in zip(begins, lengths, strict=True) if length >= 0]
    wanted = [(moments, True) for moments in finite] + [(ends, False)] + [(ends, True)] * (upto != "before")
    found = iter(_found(starts, time, wanted, (low, high)))
    first = np.stack([low if length < 0 else next(found) for length in lengths])
    before, last = next(found), next(found, None)
    if last is None:
        return first, before
    return first, _searched(orders[0], orders[1], before, last, after=True) if upto == "own" else last


def _found(
    starts: tuple[Ints, Ints], time: Ints, wanted: list[tuple[Ints, bool]], edges: tuple[Ints, Ints]
) -> list[Ints]:
    """Find for each row the first line at a moment or later, or after it; within the lines of its entity."""
    of_lines, of_rows = starts
    if not of_rows[-1]:
        return [np.zeros(0, dtype=np.int64) for _ in wanted]
    least = min(int(moments.min()) for moments, _ in wanted) - 1
    span = max(int(moments.max()) for moments, _ in wanted) + 2 - least
    if span > _KEYS:
        return [_searched(time, moments, *edges, after=after) for moments, after in wanted]
    found = [np.empty(of_rows[-1], dtype=np.int64) for _ in wanted]
    block = _KEYS // span
    for begin in range(0, len(of_lines) - 1, block):
        lines, rows = of_lines[begin : begin + block + 1], of_rows[begin : begin + block + 1]
        some = slice(rows[0], rows[-1])
        line_base, row_base = (np.repeat(np.arange(len(edge) - 1) * span, np.diff(edge)) for edge in (lines, rows))
        keys = np.clip(time[lines[0] : lines[-1]], least, least + span - 1) - least + line_base
        for (moments, after), places in zip(wanted, found, strict=True):
            keyed = moments[some] - least + row_base
            places[some] = lines[0] + np.searchsorted(keys, keyed, side="right" if after else "left")
    return found


def _searched(sorted_: Ints, wanted: Ints, low: Ints, high: Ints, after: bool) -> Ints:
    """Search each wanted number in a stretch of its own, all at once: what `numpy.searchsorted` does in one."""
    low, high = low.copy(), high.copy()
    while (searching := low < high).any():
        middle = np.where(searching, (low + high) // 2, 0)
        there = sorted_[middle]
        reached = searching & (there <= wanted if after else there < wanted)
        low = np.where(reached, middle + 1, low)
        high = np.where(searching & ~reached, middle, high)
    return low


def earlier(moments: Ints, length: int) -> Ints:
    """Return the moments this much earlier; below 0, and beyond the calendar, what lies before all moments."""
    if length < 0:
        return np.full(len(moments), EARLIEST)
    return np.where(moments < EARLIEST + length, EARLIEST, moments - length)


def survey(values: Floats) -> Survey:
    """Look a column through."""
    return survey_of(values)


def sums(values: Floats, first: Ints, last: Ints, starts: tuple[Ints, Ints], layout: Layout) -> Floats:
    """Sums over windows, exact but for one rounding.

    Parameters
    ----------
    values : ndarray of shape (n_lines,)
        NaN where missing.
    layout : Layout

    Returns
    -------
    ndarray of shape (n_windows, n_rows)
    """
    total = _running(values, layout)
    return np.stack([summed(total[:, last] - total[:, one], layout) for one in first])


def means(values: Floats, first: Ints, last: Ints, layout: Layout, sums: Floats, present: Ints) -> Floats:
    """Means over windows, from their sums and the number of values in them; NaN where there is none."""
    counted = np.where(present > 0, present, np.nan)
    if not np.isinf(sums).any():
        return np.asarray(sums / counted)
    # A sum beyond the largest float has a mean that is none.
    total = _running(values, layout)
    parts = zip(first, counted, strict=True)
    return np.stack([summed(total[:, last] - total[:, one], layout, some) for one, some in parts])


def _running(values: Floats, layout: Layout) -> Ints:
    if layout.limbs:
        return running(limbs_of(values, layout))
    whole = (np.where(np.isnan(values), 0.0, values) * 2.0**-layout.base).astype(np.int64)
    return running(whole[np.newaxis])


def deviation(values: Floats, first: Ints, last: Ints, present: Ints) -> Floats:
    """Standard deviations in windows, worked out in whole numbers; NaN for fewer than two values."""
    layout = layout_of(survey_of(values), len(values), plain=False)
    sums, squares = running(limbs_of(values, layout)), running(limbs_of(values, layout, squared=True))
    return np.stack(
        [
            deviations(sums[:, last] - sums[:, one], squares[:, last] - squares[:, one], layout, some)
            for one, some in zip(first, present, strict=True)
        ]
    )


def most(values: Floats, first: Ints, last: Ints, starts: tuple[Ints, Ints]) -> Floats:
    """Largest value in each window, missing ones left out; NaN where there is none.

    Level `k` of the table holds the largest of each 2 ** k values on end; two of them cover any window.
    """
    length = last - first
    found = np.full(first.shape, np.nan)
    level = np.where(np.isnan(values), -np.inf, values)
    highest = int(length.max(initial=0)).bit_length()
    powers = np.frexp(np.maximum(length, 1).astype(np.float64))[1] - 1
    for power in range(highest):
        here = (powers == power) & (length > 0)
        ends = np.broadcast_to(last, first.shape)[here]
        found[here] = np.maximum(level[first[here]], level[ends - 2**power])
        if power + 1 < highest:
            level = np.maximum(level[: -(2**power)], level[2**power :])
    return np.where(np.isneginf(found), np.nan, found)


def distinct(items: Ints, first: Ints, last: Ints, starts: tuple[Ints, Ints]) -> Ints:
    """Count the different items in each window; missing ones do not count.

    An item is new in a window exactly when its previous place lies before the window. How many places in a window
    have a previous one below a bound is read off a wavelet matrix, bit by bit.
    """
    group = np.repeat(np.arange(len(starts[0]) - 1), np.diff(starts[0]))
    places = np.lexsort((items, group))
    again = (items[places[1:]] == items[places[:-1]]) & (group[places[1:]] == group[places[:-1]])
    previous = np.zeros(len(items), dtype=np.int64)
    previous[places[1:]] = np.where(again, places[:-1] + 1, 0)
    # Places count from 1, so that 0 is none before; those of missing items lie beyond every window.
    previous[items == MISSING] = len(items) + 1
    begin, end = first.copy(), np.broadcast_to(last, first.shape).copy()
    bound = first + 1
    found = np.zeros(first.shape, dtype=np.int64)
    for bit in reversed(range((len(items) + 1).bit_length())):
        ones = (previous >> bit) & 1
        zeros_before = np.concatenate([[0], np.cumsum(1 - ones)])
        zeros = zeros_before[-1]
        from_, to = zeros_before[begin], zeros_before[end]
        above = (bound >> bit) & 1 == 1
        found += np.where(above, to - from_, 0)
        begin = np.where(above, zeros + begin - from_, from_)
        end = np.where(above, zeros + end - to, to)
        previous = np.concatenate([previous[ones == 0], previous[ones == 1]])
    return found
