"""Numbers as people read them: a true minus, thousands separated, three digits for metrics, money in whole units."""

from __future__ import annotations

import math
from collections.abc import Iterable

MINUS = "−"
UNKNOWN = "–"
_LARGEST = 1e15
"""From here on a float's whole units are no longer exact."""


def number(value: float | None, decimals: int = 0, *, sign: bool = False) -> str:
    """Return a number with a fixed number of decimals; with `sign` a plus stands before what is above zero.

    A number so large that its last whole places mean nothing is told by three digits and its power of ten.

    Examples
    --------
    >>> number(-147669.2), number(0.0143, 3, sign=True), number(-0.0001, 3, sign=True), number(None)
    ('−147,669', '+0.014', '0.000', '–')
    >>> number(-1.6253e303), number(999_999_999_999_999)
    ('−1.63e303', '999,999,999,999,999')
    """
    if value is None or math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "infinite" if value > 0 else f"{MINUS}infinite"
    shown = f"{abs(value):,.{decimals}f}" if abs(value) < _LARGEST else f"{abs(value):.2e}".replace("e+", "e")
    if not any(digit in shown for digit in "123456789"):
        return shown
    return (MINUS if value < 0 else "+" if sign else "") + shown


def metric_decimals(values: Iterable[float | None]) -> int:
    """Return how many decimals show three digits of the largest of some numbers.

    Examples
    --------
    >>> metric_decimals([0.771, 0.5]), metric_decimals([2.31]), metric_decimals([1234.5]), metric_decimals([0.00042])
    (3, 2, 0, 6)
    """
    largest = _largest(values)
    if largest == 0 or 0.01 <= largest <= 1:
        return 3
    return min(12, max(0, 2 - math.floor(math.log10(largest))))


def money_decimals(values: Iterable[float | None]) -> int:
    """Return 0 for money in whole units, 2 where all amounts are below 100 and whole units would hide them.

    Examples
    --------
    >>> money_decimals([18428.4, 0]), money_decimals([0.35, 12.5]), money_decimals([5, 0])
    (0, 2, 0)
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    return 2 if _largest(known) < 100 and any(value != round(value) for value in known) else 0


def _largest(values: Iterable[float | None]) -> float:
    return max((abs(value) for value in values if value is not None and math.isfinite(value)), default=0.0)


def bar(value: float) -> str:
    """Return the bar of a gate as its recipe says it, with two decimals at least where it has any.

    Examples
    --------
    >>> bar(0.7), bar(0.016), bar(100), bar(-0.05)
    ('0.70', '0.016', '100', '−0.05')
    """
    text = f"{abs(value):,.10f}".rstrip("0").rstrip(".")
    if "." in text:
        whole, _, decimals = text.partition(".")
        text = f"{whole}.{decimals.ljust(2, '0')}"
    elif abs(value) < 10 and value:
        text += ".00" if abs(value) <= 1 else ""
    return (MINUS if value < 0 else "") + text


def duration(seconds: float) -> str:
    """Return a length of time.

    Examples
    --------
    >>> duration(0.13), duration(2.6), duration(12.34), duration(125), duration(3725)
    ('0.13 s', '2.60 s', '12.3 s', '2 min 05 s', '1 h 02 min')
    """
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(number_of_bytes: float) -> str:
    """Return an amount of memory or of disk.

    Examples
    --------
    >>> size(8.2 * 2**30), size(512 * 2**20), size(519 * 2**10), size(20), size(0)
    ('8.2 GiB', '512 MiB', '519 KiB', '1 KiB', '0 KiB')
    """
    if number_of_bytes >= 2**30:
        return f"{number_of_bytes / 2**30:.1f} GiB"
    if number_of_bytes >= 2**20:
        return f"{number_of_bytes / 2**20:.0f} MiB"
    return f"{math.ceil(number_of_bytes / 2**10)} KiB"
