"""Largest values and numbers of different items in windows that move on from row to row, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sartor.windows.kernels import MISSING, MIX_WITHIN
from sartor.windows.kernels.jit import compiled

if TYPE_CHECKING:
    from sartor.windows.exact import Floats, Ints

_MIX = np.uint64(MIX_WITHIN)
_SHORT = 1024
"""Up to so many lines of an entity are compared by a table, which the nearest cache holds."""


def most(values: Floats, first: Ints, last: Ints, starts: tuple[Ints, Ints]) -> Floats:
    """Largest value in each window, missing ones left out; NaN where there is none."""
    return _most(values, first, last, starts[1])


@compiled
def _most(values: Floats, first: Ints, last: Ints, of_rows: Ints) -> Floats:
    found = np.empty(first.shape)
    power = np.zeros(_SHORT + 1, dtype=np.int64)
    for length in range(2, _SHORT + 1):
        power[length] = power[length // 2] + 1
    table, stack = np.empty((power[_SHORT] + 1, _SHORT)), np.empty(len(values) + 1, dtype=np.int64)
    for group in range(len(of_rows) - 1):
        rows = (of_rows[group], of_rows[group + 1])
        if rows[0] == rows[1]:
            continue
        begin, end = first[:, rows[0]].min(), last[rows[1] - 1]
        if end - begin <= _SHORT:
            _most_of_few(values[begin:end], begin, first, last, rows, (table, power), found)
        else:
            _most_of_many(values, first, last, rows, stack, found)
    return found


@compiled
def _most_of_few(
    values: Floats, begin: int, first: Ints, last: Ints, rows: tuple[int, int], room: tuple[Floats, Ints], found: Floats
) -> None:
    """Of few lines, keep the largest of each 2, 4, 8, ... on end: any two of them cover a window, without a branch."""
    table, power = room
    longest = 1
    for window in range(len(first)):
        for row in range(rows[0], rows[1]):
            longest = max(longest, last[row] - first[window, row])
    for line in range(len(values)):
        table[0, line] = -np.inf if np.isnan(values[line]) else values[line]
    for level in range(power[longest]):
        for line in range(len(values) - (2 << level) + 1):
            table[level + 1, line] = max(table[level, line], table[level, line + (1 << level)])
    for window in range(len(first)):
        for row in range(rows[0], rows[1]):
            low, high = first[window, row] - begin, last[row] - begin
            level = power[high - low]
            # An empty window finds the line before it, or none: it is told apart at the end.
            most = max(table[level, min(low, len(values) - 1)], table[level, max(high - (1 << level), 0)])
            found[window, row] = most if high > low and most > -np.inf else np.nan


@compiled
def _most_of_many(values: Floats, first: Ints, last: Ints, rows: tuple[int, int], stack: Ints, found: Floats) -> None:
    """Keep the lines that no later one exceeds: the first of them in a window is its largest.

    Windows that end together share the stack; each keeps the place in it where it begins.
    """
    heads = np.zeros(len(first), dtype=np.int64)
    size = line = 0
    for row in range(rows[0], rows[1]):
        begin = first[:, row].min()
        if line < begin:
            # Nothing of what stands before this row's windows is in them, nor in those of later rows.
            line, size = begin, 0
        lowest = size
        while line < last[row]:
            if not np.isnan(values[line]):
                while size > 0 and values[stack[size - 1]] <= values[line]:
                    size -= 1
                lowest = min(lowest, size)
                stack[size] = line
                size += 1
            line += 1
        for window in range(len(first)):
            head = min(heads[window], lowest)
            while head < size and stack[head] < first[window, row]:
                head += 1
            heads[window] = head
            found[window, row] = values[stack[head]] if head < size else np.nan


def distinct(items: Ints, first: Ints, last: Ints, starts: tuple[Ints, Ints]) -> Ints:
    """Count the different items in each window; missing ones do not count."""
    return _distinct(items, first, last, starts[1])


@compiled
def _distinct(items: Ints, first: Ints, last: Ints, of_rows: Ints) -> Ints:
    found = np.zeros(first.shape, dtype=np.int64)
    previous, following = np.empty(len(items), dtype=np.int64), np.empty(len(items), dtype=np.int64)
    bits = 4
    while (1 << bits) < 2 * len(items):
        bits += 1
    name, where = np.empty(1 << bits, dtype=np.int64), np.empty(1 << bits, dtype=np.int64)
    for group in range(len(of_rows) - 1):
        if of_rows[group] == of_rows[group + 1]:
            continue
        begin, end = first[:, of_rows[group]].min(), last[of_rows[group + 1] - 1]
        _link(items, begin, end, (previous, following), (name, where))
        for window in range(len(first)):
            _slide(previous, following, first[window], last, (of_rows[group], of_rows[group + 1]), found[window])
    return found


@compiled
def _link(items: Ints, begin: int, end: int, links: tuple[Ints, Ints], table: tuple[Ints, Ints]) -> None:
    """Say for each line where its item stands before and after it, by a hash table as small as the stretch allows."""
    previous, following = links
    name, where = table
    bits = 4
    while (1 << bits) < 2 * (end - begin):
        bits += 1
    where[: 1 << bits] = -1
    for line in range(begin, end):
        item = items[line]
        if item == MISSING:
            # Never first in a window, and never the last to leave it.
            previous[line], following[line] = len(items), -1
            continue
        place = np.int64((np.uint64(item) * _MIX) >> np.uint64(64 - bits))
        while where[place] >= 0 and name[place] != item:
            place = (place + 1) & ((1 << bits) - 1)
        previous[line], following[line] = where[place], len(items)
        if where[place] >= 0:
            following[where[place]] = line
        name[place], where[place] = item, line


@compiled
def _slide(previous: Ints, following: Ints, first: Ints, last: Ints, rows: tuple[int, int], found: Ints) -> None:
    """Count an item when its first line in the window comes in, and no longer when its last one leaves."""
    count = 0
    low = high = first[rows[0]]
    for row in range(rows[0], rows[1]):
        if first[row] >= high:
            low = high = first[row]
            count = 0
        while high < last[row]:
            count += previous[high] < low
            high += 1
        while low < first[row]:
            count -= following[low] >= high
            low += 1
        found[row] = count
