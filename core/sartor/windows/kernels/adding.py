"""Exact sums over windows, compiled: see `sartor.windows.exact`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sartor.windows.exact import LIMB, MASK, Survey
from sartor.windows.kernels.jit import compiled

if TYPE_CHECKING:
    from sartor.windows.exact import Floats, Ints, Layout, Words

_MANTISSA = 2**52 - 1
_HIDDEN = 2**52
_U = np.uint64
_WORD = _U(LIMB)
_LOW = _U(MASK)
_ONE = _U(1)
_LIMB_FLOAT = 2.0**LIMB
_FEW = 2**20
"""So many numbers below 2 ** 32 add up to one within the 53 bits of a float."""
_EXACT = 2.0**51
"""Whole numbers below this, and their differences, are floats."""
_DOUBLE = 126
"""Bits that a sum in two halves of 64 bits may take."""
_FAR = 900


def survey(values: Floats) -> Survey:
    """Look a column through."""
    missing, least, most, lowest = _survey(values.view(np.int64))
    return Survey(missing, least, most, lowest - 1075 if most else 0)


@compiled
def _survey(bits: Ints) -> tuple[bool, int, int, int]:
    missing, least, most, lowest = False, 2048, 0, 4096
    for line in range(len(bits)):
        stored = (bits[line] >> 52) & 0x7FF
        mantissa = bits[line] & _MANTISSA
        if stored == 0x7FF:
            missing = True
            continue
        if stored:
            mantissa |= _HIDDEN
        elif mantissa == 0:
            continue
        exponent = max(stored, 1)
        least, most = min(least, exponent), max(most, exponent)
        # Few numbers lower the lowest bit, so the search for it is short.
        while exponent < lowest and mantissa & ((1 << min(lowest - exponent, 53)) - 1):
            lowest = min(lowest - 1, exponent + 52)
    return missing, least if most else 0, most, lowest


def sums(values: Floats, first: Ints, last: Ints, starts: tuple[Ints, Ints], layout: Layout) -> Floats:
    """Sums over windows, exact but for one rounding."""
    where = (first, last, starts[1])
    out = np.empty(first.shape)
    if not layout.limbs:
        _plain_sums(values, layout.base, *where, out)
    elif layout.bits + len(values).bit_length() <= _DOUBLE and abs(layout.base) < _FAR:
        _double_sums(values, layout.base, *where, out)
    else:
        _limb_sums(values.view(np.int64), layout.base, layout.limbs, *where, out)
    return out


@compiled
def _longest(first: Ints, last: Ints, of_rows: Ints) -> int:
    """Return the most lines that windows of one entity reach over: room for them stays in the caches."""
    longest = 0
    for group in range(len(of_rows) - 1):
        if of_rows[group] < of_rows[group + 1]:
            longest = max(longest, last[of_rows[group + 1] - 1] - first[:, of_rows[group]].min())
    return longest


@compiled
def _plain_sums(values: Floats, base: int, first: Ints, last: Ints, of_rows: Ints, sums: Floats) -> None:
    total = np.zeros(_longest(first, last, of_rows) + 1, dtype=np.int64)
    up, down = 2.0**-base, 2.0**base
    for group in range(len(of_rows) - 1):
        if of_rows[group] == of_rows[group + 1]:
            continue
        begin = first[:, of_rows[group]].min()
        for line in range(begin, last[of_rows[group + 1] - 1]):
            whole = 0 if np.isnan(values[line]) else np.int64(values[line] * up)
            total[line + 1 - begin] = total[line - begin] + whole
        for window in range(len(first)):
            for row in range(of_rows[group], of_rows[group + 1]):
                sums[window, row] = (total[last[row] - begin] - total[first[window, row] - begin]) * down


@compiled
def _limb_sums(bits: Ints, base: int, limbs: int, first: Ints, last: Ints, of_rows: Ints, sums: Floats) -> None:
    total = np.zeros((_longest(first, last, of_rows) + 1, limbs), dtype=np.int64)
    one, size = np.empty(limbs, dtype=np.int64), np.empty(limbs + 3, dtype=np.uint64)
    for group in range(len(of_rows) - 1):
        if of_rows[group] == of_rows[group + 1]:
            continue
        begin = first[:, of_rows[group]].min()
        for line in range(begin, last[of_rows[group + 1] - 1]):
            _add(total[line - begin], bits[line], base, total[line + 1 - begin])
        for window in range(len(first)):
            for row in range(of_rows[group], of_rows[group + 1]):
                for limb in range(limbs):
                    one[limb] = total[last[row] - begin, limb] - total[first[window, row] - begin, limb]
                sums[window, row] = _long(one, size, base)


@compiled
def _add(before: Ints, bits: int, base: int, after: Ints) -> None:
    """Add a number to sums in limbs; a missing one adds nothing."""
    after[:] = before
    stored = (bits >> 52) & 0x7FF
    if stored == 0x7FF:
        return
    mantissa = bits & _MANTISSA
    if stored:
        mantissa |= _HIDDEN
    elif mantissa == 0:
        return
    shift = max(stored, 1) - 1075 - base
    limb, rest = shift >> 5, shift & 31
    low = (mantissa & MASK) << rest
    middle = ((mantissa >> LIMB) << rest) + (low >> LIMB)
    sign = -1 if bits < 0 else 1
    after[limb] += sign * (low & MASK)
    after[limb + 1] += sign * (middle & MASK)
    after[limb + 2] += sign * (middle >> LIMB)


@compiled
def _double_sums(values: Floats, base: int, first: Ints, last: Ints, of_rows: Ints, sums: Floats) -> None:
    """Add up in two floats that hold whole numbers, where they suffice, else in whole numbers of 128 bits."""
    bits = values.view(np.int64)
    room = _longest(first, last, of_rows) + 1
    high, low = np.zeros(room), np.zeros(room)
    upper, lower = np.zeros(room, dtype=np.int64), np.zeros(room, dtype=np.uint64)
    for group in range(len(of_rows) - 1):
        rows = (of_rows[group], of_rows[group + 1])
        if rows[0] == rows[1]:
            continue
        begin, end = first[:, rows[0]].min(), last[rows[1] - 1]
        if _add_halves(values[begin:end], 2.0**-base, high, low):
            _half_differences(high, low, 2.0**base, begin, first, last, rows, sums)
            continue
        for line in range(begin, end):
            to = line + 1 - begin
            upper[to], lower[to] = _plus(upper[to - 1], lower[to - 1], bits[line], base)
        _long_differences(upper, lower, base, begin, first, last, rows, sums)


@compiled
def _add_halves(values: Floats, up: float, high: Floats, low: Floats) -> bool:
    """Add up whole numbers as ``high * 2 ** 32 + low``; return whether no sum is too large for that to be exact."""
    if len(values) > _FEW:
        return False
    top = bottom = largest = 0.0
    for line in range(len(values)):
        if not np.isnan(values[line]):
            whole = values[line] * up
            half = np.floor(whole / _LIMB_FLOAT)
            top += half
            bottom += whole - half * _LIMB_FLOAT
            largest = max(largest, abs(top))
        high[line + 1], low[line + 1] = top, bottom
    return largest < _EXACT


@compiled
def _half_differences(
    high: Floats, low: Floats, unit: float, begin: int, first: Ints, last: Ints, rows: tuple[int, int], sums: Floats
) -> None:
    """Take differences of sums: each half is exact, so that only their sum is rounded."""
    for window in range(len(first)):
        ours, found = first[window], sums[window]
        for row in range(rows[0], rows[1]):
            one, other = np.uint64(ours[row] - begin), np.uint64(last[row] - begin)
            found[row] = ((high[other] - high[one]) * _LIMB_FLOAT + (low[other] - low[one])) * unit


@compiled
def _long_differences(
    upper: Ints, lower: Words, base: int, begin: int, first: Ints, last: Ints, rows: tuple[int, int], sums: Floats
) -> None:
    limbs, size = np.empty(4, dtype=np.int64), np.empty(7, dtype=np.uint64)
    for window in range(len(first)):
        for row in range(rows[0], rows[1]):
            one, other = first[window, row] - begin, last[row] - begin
            bottom = lower[other] - lower[one]
            top = upper[other] - upper[one] - (1 if lower[other] < lower[one] else 0)
            limbs[0], limbs[1] = np.int64(bottom & _LOW), np.int64(bottom >> _WORD)
            limbs[2], limbs[3] = top & MASK, top >> LIMB
            sums[window, row] = _long(limbs, size, base)


@compiled
def _plus(upper: int, lower: np.uint64, bits: int, base: int) -> tuple[int, np.uint64]:
    """Add a number to a sum in two halves; a missing one adds nothing."""
    stored = (bits >> 52) & 0x7FF
    mantissa = bits & _MANTISSA
    if stored == 0x7FF or (stored == 0 and mantissa == 0):
        return upper, lower
    if stored:
        mantissa |= _HIDDEN
    shift = max(stored, 1) - 1075 - base
    if shift < 64:
        low = _U(mantissa) << _U(shift)
        high = mantissa >> (64 - shift) if shift > 1 else 0
    else:
        low, high = _U(0), mantissa << (shift - 64)
    if bits >= 0:
        total = lower + low
        return upper + high + (1 if total < low else 0), total
    return upper - high - (1 if lower < low else 0), lower - low


@compiled
def _long(sums: Ints, size: Words, base: int) -> float:
    """Round a sum in limbs; `size` is room to work in."""
    negative = _carried(sums, size)
    if negative:
        for limb in range(len(sums)):
            sums[limb] = -sums[limb]
        _carried(sums, size)
    number, power = _rounded(size)
    return math.ldexp(-number if negative else number, power + base)


@compiled
def _carried(sums: Ints, size: Words) -> bool:
    """Bring limbs into 32 bits each, above two empty ones; return whether they are below 0."""
    size[:2] = 0
    over = 0
    for limb in range(len(sums)):
        total = sums[limb] + over
        over = total >> LIMB
        size[limb + 2] = _U(total & MASK)
    size[len(sums) + 2] = _U(over & MASK)
    return bool(over < 0)


@compiled
def _rounded(size: Words) -> tuple[float, int]:
    """Round to nearest, half to even; as `sartor.windows.exact.rounded` does it."""
    top = len(size) - 1
    while top > 2 and size[top] == 0:
        top -= 1
    length = 0
    while length < LIMB and size[top] >> _U(length) != 0:
        length += 1
    high, low = size[top] << _WORD | size[top - 1], size[top - 2]
    rest = False
    for limb in range(top - 2):
        rest = rest or size[limb] != 0
    drop = length + 2
    if drop <= LIMB:
        kept = high << _U(LIMB - drop) | low >> _U(drop)
        lost = low & ((_ONE << _U(drop)) - _ONE)
    else:
        kept = high >> _U(drop - LIMB)
        lost = (high & ((_ONE << _U(drop - LIMB)) - _ONE)) | low
    if lost != 0 or rest:
        kept |= _ONE
    return float(np.int64(kept)), LIMB * (top - 4) + drop
