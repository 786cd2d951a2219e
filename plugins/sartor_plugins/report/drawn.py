"""The drawn column of a table, in HTML and CSS: dot with interval, bar, waterfall, on one scale with its zero line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sartor_plugins.report.markup import Markup, tag
from sartor_plugins.report.numbers import NO_BREAK, amount, cell_numbers, decimals_of, number

FAR = 4.0
"""A line that would make the scale this many times as long is an arrow at the edge with its number."""
_ROOM = 0.04
"""Share of the scale that is left free at either end."""
_TICKS = 5


@dataclass(frozen=True)
class Mark:
    """A drawn cell.

    Parameters
    ----------
    value : float
    low, high : float or None
    start : float or None
        Where its bar begins, if not at the reference.
    """

    value: float
    low: float | None = None
    high: float | None = None
    start: float | None = None

    @classmethod
    def of(cls, cell: Any, kind: str) -> Mark | None:
        """Return the mark of a cell; None for an empty one."""
        parts = cell if isinstance(cell, list) else [cell]
        if kind == "waterfall":
            start, value, low, high = [*parts, None, None][:4]
            return None if value is None else cls(float(value), low, high, float(start or 0.0))
        value, low, high = [*parts, None, None][:3]
        return None if value is None else cls(float(value), low, high)

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest number of it."""
        known = [part for part in (self.value, self.low, self.high, self.start) if part is not None]
        return min(known), max(known)


@dataclass(frozen=True)
class Scale:
    """The numbers at the ends of a drawn column.

    Parameters
    ----------
    low, high : float
    """

    low: float
    high: float

    @classmethod
    def over(
        cls, marks: Sequence[Mark], reference: float, ours: Sequence[int], ends: tuple[float | None, float | None]
    ) -> Scale:
        """Return a scale that holds our own marks and the reference, and the others unless they lie far off."""
        if not marks:
            return cls(reference, reference + 1.0)
        first = [marks[place] for place in ours if place < len(marks)] or list(marks)
        low = min([reference, *(mark.ends[0] for mark in first)])
        high = max([reference, *(mark.ends[1] for mark in first)])
        for mark in sorted(marks, key=lambda mark: max(low - mark.ends[0], mark.ends[1] - high)):
            wider = (min(low, mark.ends[0]), max(high, mark.ends[1]))
            if high == low or wider[1] - wider[0] <= FAR * (high - low):
                low, high = wider
        low, high = (low if ends[0] is None else ends[0]), (high if ends[1] is None else ends[1])
        room = _ROOM * (high - low or abs(high) or 1.0)
        return cls(
            low - (0.0 if ends[0] is not None else room),
            high + (0.0 if ends[1] is not None and high > low else room),
        )

    def at(self, value: float) -> float:
        """Return where a number stands, in percent, within the ends."""
        return min(100.0, max(0.0, 100.0 * (value - self.low) / (self.high - self.low)))

    def holds(self, mark: Mark) -> bool:
        """Whether a mark lies within the ends, at least in part."""
        low, high = mark.ends
        return low <= self.high and high >= self.low and self.low <= mark.value <= self.high

    def ticks(self) -> list[float]:
        """Return round numbers along it, three to six of them.

        Examples
        --------
        >>> Scale(-18000, 31000).ticks()
        [-10000.0, 0.0, 10000.0, 20000.0, 30000.0]
        """
        step = (self.high - self.low) / _TICKS
        base = 10.0 ** math.floor(math.log10(step))
        step = next(base * times for times in (1, 2, 5, 10) if base * times >= step * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        return [place * step for place in range(first, math.floor(self.high / step + 1e-9) + 1)]


def short(value: float, of: str, step: float = 0.0) -> str:
    """Return a number as a label of a scale.

    Examples
    --------
    >>> short(-20000, "money").replace(NO_BREAK, " "), short(0.7, "number", step=0.1)
    ('−20 k', '0.7')
    """
    if of == "share":
        decimals = max(0, -math.floor(math.log10(100 * step))) if step else 0
        return amount(value, "share", min(3, decimals))
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 10 * size or (size > 1e3 and abs(value) >= size):
            shown = number(value / size, 1).removesuffix(".0")
            return f"{shown}{NO_BREAK}{letter}"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step else decimals_of("number", [value])
    return number(value, min(6, decimals))


def axis(scale: Scale, of: str) -> Markup:
    """Return the labels above a drawn column."""
    ticks = scale.ticks()
    step = ticks[1] - ticks[0] if len(ticks) > 1 else abs(ticks[0]) if ticks and ticks[0] else 1.0
    labels = [tag("span", short(tick, of, step), style=_left(scale.at(tick))) for tick in ticks]
    return tag("div.axis", labels, aria_hidden="true")


def drawing(mark: Mark | None, kind: str, scale: Scale, reference: float, of: str, tone: str, unit: str) -> Markup:
    """Return a drawn cell; its numbers stand in other columns, so it is hidden from readers."""
    zero = tag("span.z", style=_left(scale.at(reference)))
    if mark is None:
        return tag("div.tr", zero, aria_hidden="true")
    tone = f".{tone}" if tone else ""
    if not scale.holds(mark):
        return tag("div.tr", zero, _far(mark, scale, of, unit), aria_hidden="true")
    parts = [zero]
    if kind != "interval":
        start = mark.start if mark.start is not None else reference
        low, high = sorted((scale.at(start), scale.at(mark.value)))
        negative = ".neg" if mark.value < start else ""
        parts.append(tag(f"span.b{tone}{negative}", style=_left(low) + _width(high - low)))
    if mark.low is not None and mark.high is not None:
        low, high = scale.at(mark.low), scale.at(mark.high)
        over = ".over" if kind != "interval" else ""
        parts.append(tag(f"span.w{tone}{over}", style=_left(low) + _width(high - low)))
    if kind == "interval":
        parts.append(tag(f"span.p{tone}", style=_left(scale.at(mark.value))))
    return tag("div.tr", parts, aria_hidden="true")


def _far(mark: Mark, scale: Scale, of: str, unit: str) -> Markup:
    shown = amount(mark.value, of, decimals_of(of, cell_numbers(mark.value)), unit=unit)
    left = mark.value < scale.low
    return tag(f"span.off{'' if left else '.right'}", f"◂ far to the left: {shown}" if left else f"{shown} ▸")


def _left(percent: float) -> str:
    return f"left:{percent:.2f}%"


def _width(percent: float) -> str:
    return f";width:{percent:.2f}%"
