"""The kernels compiled by numba (extra ``fast``): one pass over the lines and rows of each entity.

What each function takes and returns is said in `sartor.windows.kernels.plain`, whose results these equal bit by bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sartor.windows.kernels import EARLIEST, MIX, MIX_WITHIN
from sartor.windows.kernels.adding import sums, survey
from sartor.windows.kernels.jit import compiled
from sartor.windows.kernels.sliding import distinct, most

if TYPE_CHECKING:
    from sartor.windows.exact import Buckets, Ints
    from sartor.windows.measures import Upto

__all__ = ["bounds", "buckets", "codes", "distinct", "most", "sort", "spread", "sums", "survey"]

_MIX, _MIX_WITHIN = np.uint64(MIX), np.uint64(MIX_WITHIN)
_HALF = np.uint64(32)
_ONE = np.uint64(1)
_BEFORE, _OWN = 0, 1


@compiled
def buckets(entity: Ints, count: int) -> tuple[Buckets, Ints]:
    """Choose slices by a hash of the entity."""
    bucket = np.empty(len(entity), dtype=np.uint16)
    counts = np.zeros(count, dtype=np.int64)
    slices = np.uint64(count)
    for line in range(len(entity)):
        mixed = np.uint64(entity[line]) * _MIX
        one = np.uint16(((mixed >> _HALF) * slices) >> _HALF)
        bucket[line] = one
        counts[one] += 1
    return bucket, counts


def spread(columns: list[NDArray[Any]], bucket: Buckets, counts: Ints) -> Ints:
    """Put lines slice by slice, and in each column by column."""
    table = np.empty(len(columns) * len(bucket), dtype=np.int64)
    for place, column in enumerate(columns):
        _spread(column.view(np.int64), bucket, counts, place, len(columns), table)
    return table


@compiled
def _spread(column: Ints, bucket: Buckets, counts: Ints, place: int, columns: int, table: Ints) -> None:
    free = np.empty(len(counts), dtype=np.int64)
    start = 0
    for one in range(len(counts)):
        free[one] = columns * start + place * counts[one]
        start += counts[one]
    # The column is read in its order and written to as many places as there are slices: the caches keep up.
    for line in range(len(column)):
        table[free[bucket[line]]] = column[line]
        free[bucket[line]] += 1


@compiled
def codes(of_lines: Ints, of_rows: Ints) -> tuple[Ints, Ints, int]:
    """Number the entities, by a hash table that grows with them, so that few of them stay in the caches."""
    bits = 8
    number, name = np.full(1 << bits, -1, dtype=np.int64), np.empty(1 << bits, dtype=np.int64)
    lines, rows = np.empty(len(of_lines), dtype=np.int64), np.empty(len(of_rows), dtype=np.int64)
    count = 0
    for line in range(len(of_lines)):
        place = _place(name, number, of_lines[line], bits)
        if number[place] < 0:
            name[place] = of_lines[line]
            number[place] = count
            count += 1
        lines[line] = number[place]
        if 2 * count > 1 << bits:
            bits += 2
            name, number = _grown(name, number, bits)
    for row in range(len(of_rows)):
        found = number[_place(name, number, of_rows[row], bits)]
        rows[row] = found if found >= 0 else count
    return lines, rows, count


@compiled
def _grown(name: Ints, number: Ints, bits: int) -> tuple[Ints, Ints]:
    """Return a larger hash table of the same names."""
    names, numbers = np.empty(1 << bits, dtype=np.int64), np.full(1 << bits, -1, dtype=np.int64)
    for old in range(len(number)):
        if number[old] >= 0:
            place = _place(names, numbers, name[old], bits)
            names[place], numbers[place] = name[old], number[old]
    return names, numbers


@compiled
def _place(name: Ints, number: Ints, wanted: int, bits: int) -> np.int64:
    """Return where a name stands in a hash table, or would."""
    place = np.int64((np.uint64(wanted) * _MIX_WITHIN) >> np.uint64(64 - bits))
    while number[place] >= 0 and name[place] != wanted:
        place = (place + 1) & ((1 << bits) - 1)
    return place


@compiled
def sort(code: Ints, groups: int, time: Ints, order: Ints) -> tuple[Ints, Ints]:
    """Sort by entity, by counting; then by moment and order those entities that are not sorted yet."""
    starts = np.zeros(groups + 1, dtype=np.int64)
    for line in range(len(code)):
        starts[code[line] + 1] += 1
    for group in range(groups):
        starts[group + 1] += starts[group]
    free, unsorted = starts[:-1].copy(), np.zeros(groups, dtype=np.bool_)
    places = np.empty(len(code), dtype=np.int64)
    for line in range(len(code)):
        group = code[line]
        place = free[group]
        if place > starts[group] and _comes_after(time, order, places[place - 1], line):
            unsorted[group] = True
        places[place] = line
        free[group] = place + 1
    for group in range(groups):
        if unsorted[group]:
            _sort_stretch(places[starts[group] : starts[group + 1]], time, order)
    return places, starts


@compiled
def _comes_after(time: Ints, order: Ints, one: int, two: int) -> bool:
    if time[one] != time[two]:
        return bool(time[one] > time[two])
    return bool(len(order) > 0 and order[one] > order[two])


@compiled
def _sort_stretch(places: Ints, time: Ints, order: Ints) -> None:
    if len(order):
        places[:] = places[np.argsort(order[places], kind="mergesort")]
    places[:] = places[np.argsort(time[places], kind="mergesort")]


def bounds(
    starts: tuple[Ints, Ints], time: Ints, ends: Ints, orders: tuple[Ints, Ints], lengths: Ints, upto: Upto
) -> tuple[Ints, Ints]:
    """Find the lines of each row's windows, by walking on from row to row."""
    which = {"before": _BEFORE, "own": _OWN, "including": 2}[upto]
    return _bounds(*starts, time, ends, *orders, lengths, which)


@compiled
def _bounds(
    of_lines: Ints, of_rows: Ints, time: Ints, ends: Ints, order: Ints, own: Ints, lengths: Ints, upto: int
) -> tuple[Ints, Ints]:
    first = np.empty((len(lengths), len(ends)), dtype=np.int32)
    last = np.empty(len(ends), dtype=np.int32)
    for group in range(len(of_lines) - 1):
        rows = (of_rows[group], of_rows[group + 1])
        if rows[0] == rows[1]:
            continue
        lines = (of_lines[group], of_lines[group + 1])
        _ends_of(lines, rows, time, ends, order, own, upto, last)
        for window in range(len(lengths)):
            _begins_of(lines, rows, time, ends, lengths[window], first[window])
    return first, last


@compiled
def _ends_of(
    lines: tuple[int, int],
    rows: tuple[int, int],
    time: Ints,
    ends: Ints,
    order: Ints,
    own: Ints,
    upto: int,
    last: Ints,
) -> None:
    place = lines[0]
    for row in range(rows[0], rows[1]):
        while place < lines[1] and (
            time[place] < ends[row]
            or (time[place] == ends[row] and upto != _BEFORE and (upto != _OWN or order[place] <= own[row]))
        ):
            place += 1
        last[row] = place


@compiled
def _begins_of(lines: tuple[int, int], rows: tuple[int, int], time: Ints, ends: Ints, length: int, first: Ints) -> None:
    if length < 0:
        first[rows[0] : rows[1]] = lines[0]
        return
    # Unsigned, so that no place is looked at as if it were counted from the end.
    place, end = np.uint64(lines[0]), np.uint64(lines[1])
    for row in range(rows[0], rows[1]):
        begin = ends[row] - length
        if begin > ends[row]:
            # Beyond the calendar.
            begin = EARLIEST
        while place < end and time[place] <= begin:
            place += _ONE
        first[row] = place
