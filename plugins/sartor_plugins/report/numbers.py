"""Numbers and intervals in words, as the terminal shows them: true minus, thousands, money in whole units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sartor.cli.figures import MINUS, UNKNOWN, metric_decimals, money_decimals, number

__all__ = ["MINUS", "UNKNOWN", "amount", "decimals_of", "metric_decimals", "money_decimals", "number", "span"]

NO_BREAK = "\u00a0"


def decimals_of(of: str, values: Iterable[float | None], digits: int | None = None) -> int:
    """Return how many decimals a column of numbers shows."""
    if digits is not None:
        return digits
    if of == "money":
        return money_decimals(values)
    return metric_decimals(values) if of == "number" else 0


def amount(value: float | None, of: str = "number", decimals: int = 0, *, unit: str = "", sign: bool = False) -> str:
    """Return one number with what it is.

    Examples
    --------
    >>> amount(-147669.2, "money"), amount(0.771, decimals=3), amount(None)
    ('−147,669', '0.771', '–')
    >>> amount(0.149, "share").replace(NO_BREAK, " ")
    '15 %'
    """
    if value is None:
        return UNKNOWN
    if of == "share":
        return f"{number(100 * value, decimals, sign=sign)}{NO_BREAK}%"
    shown = number(value, decimals, sign=sign)
    return f"{unit}{NO_BREAK}{shown}" if of == "money" and unit else shown


def span(
    low: float | None, high: float | None, of: str = "number", decimals: int = 0, *, unit: str = "", sign: bool = False
) -> str:
    """Return the two ends of an interval; empty where there is none.

    Examples
    --------
    >>> span(6093, 30375, "money"), span(0.1, 0.25, "share").replace(NO_BREAK, " "), span(None, 1.0)
    ('6,093 to 30,375', '10 to 25 %', '')
    """
    if low is None or high is None:
        return ""
    first = amount(low, of, decimals, unit=unit, sign=sign).removesuffix(f"{NO_BREAK}%")
    return f"{first} to {amount(high, of, decimals, sign=sign)}"


def cell_numbers(cell: Any) -> list[float]:
    """Return all numbers of a cell of a table."""
    parts: Sequence[Any] = cell if isinstance(cell, list) else [cell]
    return [float(part) for part in parts if isinstance(part, int | float) and not isinstance(part, bool)]
