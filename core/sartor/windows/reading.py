"""Reading what windows go over: batches of Arrow, turned into arrays of 64 bits.

Moments become ticks: microseconds since 1970 in UTC, or nanoseconds where a column has them. Missing values, NaN and
infinite ones are one thing: missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sartor.errors import InputError
from sartor.windows.kernels import EARLIEST, LATEST, MISSING

if TYPE_CHECKING:
    from sartor.windows.exact import Floats, Ints

BATCH = 122_880
"""Lines that are held as Arrow at a time: as many as DuckDB stores together, and few enough for the caches."""
EXACT = 2**53
"""Every whole number up to here is a float64."""
MICRO, NANO = 1_000_000, 1_000_000_000
"""Ticks of a second."""
_TICKS = {"s": 1, "ms": 1_000, "us": MICRO, "ns": NANO}


def batches(frame: nw.LazyFrame[Any]) -> Iterator[pa.RecordBatch]:
    """Work a lazy frame out, batch by batch, in its own order."""
    native = nw.to_native(frame)
    if frame.implementation.is_duckdb():
        yield from native.to_arrow_reader(BATCH)
    elif frame.implementation.is_polars():
        for piece in native.collect_batches(chunk_size=BATCH, maintain_order=True):
            yield from piece.to_arrow().to_batches(BATCH)
    else:
        yield from frame.collect("pyarrow").to_native().to_batches(BATCH)


def ticks_of(*dtypes: Any) -> int:
    """Return how many ticks a second needs to have for these types of moments.

    Examples
    --------
    >>> ticks_of(nw.Date(), nw.Datetime("ms"))
    1000000
    """
    return NANO if any(getattr(dtype, "time_unit", "us") == "ns" for dtype in dtypes) else MICRO


def moments(column: pa.Array, second: int) -> Ints:
    """Return ticks, `MISSING` where there is no moment; what is beyond the ticks lies at their ends."""
    is_date = pa.types.is_date32(column.type)
    if is_date:
        column, infinite, ticks = column.cast(pa.int32()).cast(pa.int64()), 2**31 - 1, 86_400 * second
    elif pa.types.is_date64(column.type):
        column, infinite, ticks = column.cast(pa.int64()), LATEST + 1, second // 1_000
    else:
        ticks = second // _TICKS[column.type.unit]
        column, infinite = column.cast(pa.int64()), LATEST + 1
    raw = whole(column)
    if ticks == 1 and raw.size and raw.min() > EARLIEST and raw.max() <= LATEST:
        return raw
    if ticks == 1:
        values = np.clip(raw, EARLIEST + 1, LATEST)
    else:
        values = np.clip(raw, -(LATEST // ticks), LATEST // ticks) * ticks
    gone = (raw == MISSING) | (raw == infinite) | (raw == -infinite)
    values[gone] = MISSING
    return values


def whole(column: pa.Array) -> Ints:
    """Return whole numbers as int64, `MISSING` where there is none."""
    if column.null_count:
        column = pc.fill_null(column.cast(pa.int64()), MISSING)
    return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.int64, copy=False)


def numbers(column: pa.Array) -> Floats:
    """Return numbers, and flags as 0 and 1, as float64; NaN where there is none, or an infinite one."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    values = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    finite = np.isfinite(values)
    return values if finite.all() else np.where(finite, values, np.nan)


def inexact(column: pa.Array) -> int | None:
    """Return the first whole number of a column that no float64 is equal to; None where there is none.

    Examples
    --------
    >>> inexact(pa.array([1, 2**53, 2**60])), inexact(pa.array([1, None, -(2**53) - 1])), inexact(pa.array([0.1]))
    (None, -9007199254740993, None)
    """
    kind = column.type
    if not (pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0)):
        return None
    ends = pc.min_max(column)
    if not ends["min"].is_valid or (int(ends["min"].as_py()) >= -EXACT and int(ends["max"].as_py()) <= EXACT):
        return None
    # Few columns reach so far; a multiple of a power of two is exact there still.
    given = (int(number) for number in column.to_pylist() if number is not None)
    return next((number for number in given if not is_exact(number)), None)


def too_large(number: int, where: str) -> InputError:
    """Return what is said of a whole number that would be rounded."""
    return InputError(
        f"{where} holds {number:,}, and windows measure in floats, which hold whole numbers exactly up to {EXACT:,}",
        code="D093",
        hints=(
            ("to mend", 'if it is a name or a code, count its different values: ("distinct", COLUMN)'),
            ("to mend", "if it is an amount, divide it in a step before: cents to thousands"),
        ),
    )


def is_exact(number: int) -> bool:
    """Tell whether a float64 is equal to a whole number.

    Examples
    --------
    >>> is_exact(2**53), is_exact(2**53 + 1), is_exact(2**53 + 2)
    (True, False, True)
    """
    return abs(number) <= EXACT or int(float(number)) == number


def is_whole(kind: pa.DataType) -> bool:
    """Whether a column of this type fits into int64."""
    return bool(pa.types.is_signed_integer(kind) or (pa.types.is_unsigned_integer(kind) and kind.bit_width < 64))


def labels(column: pa.Array) -> pa.Array:
    """Return a column of any type in a form that can be picked from and put together again."""
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    return column.cast(pa.large_string()) if pa.types.is_string_view(column.type) else column
