"""Sums that are exact: of floating-point numbers as of whole numbers, rounded once at the very end.

Every float is a whole number of some power of two. In a column they are written as whole numbers of one such unit,
in limbs of 32 bits, and added up as integers: no order of lines, no number of slices and no huge amount that has left
the window changes a bit of a sum. What `math.fsum` gives is what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.signedinteger[Any]]
Words: TypeAlias = NDArray[np.uint64]
Buckets: TypeAlias = NDArray[np.uint16]

LIMB = 32
"""Bits of a limb: as an int64 it takes 2 ** 31 additions without a carry."""
MASK = 2**LIMB - 1
_MANTISSA = 2**52 - 1
_SMALLEST = -1074
"""The power of two that every float is a whole number of."""
_ROOM = 62
"""Bits that a sum in one int64 may take."""
_FAR = 1000
"""Powers of two up to here and their inverses are floats, with room to spare."""


@dataclass(frozen=True)
class Layout:
    """How the numbers of a column are written as whole numbers.

    Parameters
    ----------
    base : int
        The unit is ``2 ** base``.
    bits : int
        How many bits any one of them takes.
    limbs : int
        How many limbs hold any one of them; 0 where a plain int64 holds even their sum.
    """

    base: int
    bits: int
    limbs: int


def parts(values: Floats) -> tuple[Ints, Ints]:
    """Return mantissa and exponent: the size of each number is ``mantissa * 2 ** (exponent - 1075)``; 0 where missing.

    Examples
    --------
    >>> mantissa, exponent = parts(np.array([3.0, np.nan]))
    >>> (mantissa * 2.0 ** (exponent - 1075)).tolist()
    [3.0, 0.0]
    """
    bits = values.view(np.int64)
    stored = (bits >> 52) & 0x7FF
    mantissa = bits & _MANTISSA
    mantissa |= np.where(stored > 0, np.int64(2**52), 0)
    mantissa[stored == 0x7FF] = 0
    return mantissa, np.maximum(stored, 1)


@dataclass(frozen=True)
class Survey:
    """What must be known of a column before its numbers are added up.

    Parameters
    ----------
    missing : bool
        Whether any value is.
    least, most : int
        Least and most exponent, as `parts` gives them, of values that are there and not 0; `most` is 0 if none is.
    lowest : int
        The highest power of two that all of them are whole numbers of.
    """

    missing: bool
    least: int
    most: int
    lowest: int


def survey_of(values: Floats) -> Survey:
    """Look a column through.

    Examples
    --------
    >>> survey_of(np.array([1.0, 12.0, np.nan]))
    Survey(missing=True, least=1023, most=1026, lowest=0)
    """
    mantissa, exponent = parts(values)
    live = mantissa != 0
    missing = bool(np.isnan(values).any())
    if not live.all():
        mantissa, exponent = mantissa[live], exponent[live]
    if not mantissa.size:
        return Survey(missing, 0, 0, 0)
    # The lowest bit that is set, as a float, has the place of that bit for its exponent.
    lowest = (mantissa & -mantissa).astype(np.float64).view(np.int64) >> 52
    base = int((exponent + lowest).min()) - 1023 + _SMALLEST - 1
    return Survey(missing, int(exponent.min()), int(exponent.max()), base)


def layout_of(survey: Survey, count: int, plain: bool = True) -> Layout:
    """Choose the unit and the limbs in which so many numbers are added up; `plain` allows for no limbs.

    Examples
    --------
    >>> layout_of(survey_of(np.array([1.0, 2.0, 12.0])), 3), layout_of(survey_of(np.array([0.01, 250.0])), 2)
    (Layout(base=0, bits=4, limbs=0), Layout(base=-59, bits=67, limbs=3))
    """
    if not survey.most:
        return Layout(0, 0, 0 if plain else 3)
    top = survey.most + 53 + _SMALLEST - 1
    if plain and top - survey.lowest + count.bit_length() <= _ROOM and abs(survey.lowest) < _FAR:
        return Layout(survey.lowest, top - survey.lowest, 0)
    spread = survey.most - survey.least
    return Layout(survey.least + _SMALLEST - 1, spread + 53, spread // LIMB + 3)


def limbs_of(values: Floats, layout: Layout, squared: bool = False) -> Ints:
    """Write numbers, or their squares, as whole numbers in limbs; all limbs of a number have its sign.

    Returns
    -------
    ndarray of shape (n_limbs, n_values)
        A number is the sum of ``limb[k] * 2 ** (32 * k)`` in the layout's unit (its square, for squares); missing
        values are 0.
    """
    mantissa, exponent = parts(values)
    shift = np.where(mantissa != 0, exponent + _SMALLEST - 1 - layout.base, 0)
    if not squared:
        limbs = _placed(mantissa.view(np.uint64), shift, layout.limbs)
        return np.where(values < 0, -limbs, limbs)
    high, low = (mantissa >> 27).view(np.uint64), (mantissa & (2**27 - 1)).view(np.uint64)
    number = squared_limbs(layout)
    return (
        _placed(low * low, 2 * shift, number)
        + _placed(high * low, 2 * shift + 28, number)
        + _placed(high * high, 2 * shift + 54, number)
    )


def squared_limbs(layout: Layout) -> int:
    """How many limbs hold the square of a number of this layout."""
    return 2 * layout.limbs + 1


def _placed(number: Words, shift: Ints, limbs: int) -> Ints:
    placed = np.empty((limbs, len(number)), dtype=np.int64)
    for limb in range(limbs):
        # NumPy gives 0 where a shift leaves nothing; only the lowest 32 bits are looked at.
        left = np.maximum(shift - LIMB * limb, 0).view(np.uint64)
        right = np.maximum(LIMB * limb - shift, 0).view(np.uint64)
        placed[limb] = (((number << left) >> right) & np.uint64(MASK)).view(np.int64)
    return placed


def running(limbs: Ints) -> Ints:
    """Sums of the limbs of the first 0, 1, 2, ... numbers; the difference of two is the sum of what lies between."""
    sums = np.zeros((len(limbs), limbs.shape[1] + 1), dtype=np.int64)
    np.cumsum(limbs, axis=1, out=sums[:, 1:])
    return sums


def carried(limbs: Ints) -> tuple[Words, NDArray[np.bool_]]:
    """Bring sums of limbs into 32 bits each, and one limb more; return their sizes and whether they are negative."""
    limbs = limbs.copy()
    out = np.empty((len(limbs) + 1, limbs.shape[1]), dtype=np.int64)
    top = _carry(limbs, out)
    negative = top < 0
    if negative.any():
        limbs[:, negative] = -limbs[:, negative]
        top = _carry(limbs, out)
    out[-1] = top
    return out.view(np.uint64), negative


def _carry(limbs: Ints, out: Ints) -> Ints:
    over = np.zeros(limbs.shape[1], dtype=np.int64)
    for place, limb in enumerate(limbs):
        total = limb + over
        over = total >> LIMB
        out[place] = total & MASK
    return over


def rounded(size: Words) -> tuple[Floats, Ints]:
    """Round whole numbers, given in limbs of 32 bits, to the nearest float: ``number * 2 ** power``, half to even.

    Examples
    --------
    >>> number, power = rounded(np.array([[1], [0], [1]], dtype=np.uint64))
    >>> np.ldexp(number, power).tolist() == [float(2**64 + 1)]
    True
    """
    padded = np.concatenate([np.zeros((2, size.shape[1]), dtype=np.uint64), size])
    nonzero = padded != 0
    top = np.maximum(len(padded) - 1 - np.argmax(nonzero[::-1], axis=0), 2)
    lines = np.arange(size.shape[1])
    high = padded[top, lines] << np.uint64(LIMB) | padded[top - 1, lines]
    low = padded[top - 2, lines]
    # Bits of the highest limb; the 62 highest bits of all make an int64, of which the last one stands for the rest.
    length = np.frexp(padded[top, lines].astype(np.float64))[1].astype(np.int64)
    below = np.cumsum(nonzero, axis=0)
    rest = below[np.maximum(top - 3, 0), lines] * (top >= 3) > 0
    drop = length + 2
    few = drop <= LIMB
    narrow, wide = np.where(few, drop, 0).view(np.uint64), np.where(few, 0, drop - LIMB).view(np.uint64)
    one = np.uint64(1)
    kept = np.where(few, high << (np.uint64(LIMB) - narrow) | low >> narrow, high >> wide)
    lost = np.where(few, low & ((one << narrow) - one), (high & ((one << wide) - one)) | low)
    kept |= ((lost != 0) | rest).astype(np.uint64)
    return kept.view(np.int64).astype(np.float64), LIMB * (top - 4) + drop


def summed(sums: Ints, layout: Layout, counts: Floats | None = None) -> Floats:
    """Round exact sums; with `counts`, those of so many numbers, and divide them, which keeps them from overflowing."""
    if layout.limbs == 0:
        number, power = sums[0].astype(np.float64), np.zeros(sums.shape[1], dtype=np.int64)
    else:
        size, negative = carried(sums)
        number, power = rounded(size)
        number = np.where(negative, -number, number)
    power = power + layout.base
    with np.errstate(over="ignore"):
        total = np.ldexp(number, power)
    if counts is None:
        return np.asarray(total)
    return np.asarray(np.where(np.isinf(total), np.ldexp(number / counts, power), total / counts))


def deviations(sums: Ints, squares: Ints, layout: Layout, present: Ints) -> Floats:
    """Standard deviations, with the divisor n - 1, from exact sums of numbers and squares; NaN for fewer than two.

    ``n * squares - sum ** 2`` is worked out in whole numbers, so equal numbers have a deviation of exactly 0.
    """
    total, _ = carried(sums)
    squared, _ = carried(squares)
    limbs = max(2 * len(total), len(squared) + 1) + 1
    spread = np.zeros((limbs, total.shape[1]), dtype=np.int64)
    for place, limb in enumerate(squared):
        product = limb * present.view(np.uint64)
        spread[place] += (product & np.uint64(MASK)).view(np.int64)
        spread[place + 1] += (product >> np.uint64(LIMB)).view(np.int64)
    for one, left in enumerate(total):
        for two, right in enumerate(total):
            product = left * right
            spread[one + two] -= (product & np.uint64(MASK)).view(np.int64)
            spread[one + two + 1] -= (product >> np.uint64(LIMB)).view(np.int64)
    number, power = rounded(carried(spread)[0])
    odd = power % 2
    pairs = np.where(present > 1, present * (present - 1), 0).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(number * (1 + odd) / pairs)
    return np.asarray(np.ldexp(np.where(present > 1, root, np.nan), (power - odd) // 2 + layout.base))
