"""Draws intervals in a row of characters, all rows on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sartor.cli.figures import number

_FAR = 3.0
"""A baseline further off than this many times the span of the rest becomes an arrow at the edge."""


@dataclass(frozen=True)
class Dot:
    """A number, with its interval where it has one."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def ends(self) -> tuple[float, float] | None:
        """The interval, or the number twice; None where there is nothing to draw."""
        known = [x for x in (self.value, self.low, self.high) if x is not None and math.isfinite(x)]
        return (min(known), max(known)) if self.value is not None and math.isfinite(self.value) else None


NOTHING = Dot(None)
"""Where there is no number."""


@dataclass(frozen=True)
class Scale:
    """Where numbers stand in a row of characters.

    Parameters
    ----------
    low, high : float
        What the first and the last character stand for.
    width : int
        Characters.
    zero : float or None
        The number whose line goes through all rows.
    """

    low: float
    high: float
    width: int
    zero: float | None = None

    def place(self, value: float) -> int:
        """Return the character that a number falls on."""
        share = (value - self.low) / (self.high - self.low)
        return min(self.width - 1, max(0, round(share * (self.width - 1))))

    def ticks(self) -> str:
        """Return the line of labels above the rows.

        Examples
        --------
        >>> Scale(0.5, 0.86, 33).ticks()
        '0.5      0.6      0.7      0.8'
        """
        step = _step(self.high - self.low, self.width)
        decimals = _decimals(step)
        line, at = "", math.ceil(self.low / step - 1e-9)
        while at * step <= self.high + step * 1e-9:
            label, place = number(at * step, decimals), self.place(at * step)
            if (not line or place >= len(line) + 2) and place + len(label) <= self.width:
                line = line.ljust(place) + label
            at += 1
        return line

    def row(self, dot: Dot) -> str:
        """Return the interval as characters.

        Examples
        --------
        >>> Scale(0, 10, 11, zero=0).row(Dot(6, 4, 9))
        '│   ├─●──┤ '
        """
        line = [" "] * self.width
        if self.zero is not None:
            line[self.place(self.zero)] = "│"
        if dot.value is None or dot.ends is None:
            return "".join(line)
        low, high = dot.ends
        if high < self.low or low > self.high:
            line[0 if high < self.low else -1] = "◂" if high < self.low else "▸"
            return "".join(line)
        first, last = self.place(low), self.place(high)
        line[first : last + 1] = "─" * (last + 1 - first)
        line[first], line[last] = "├", "┤"
        line[self.place(dot.value)] = "●"
        return "".join(line)


def _step(span: float, width: int) -> float:
    """Return the finest round distance of labels that leaves room between them."""
    for exponent in range(math.floor(math.log10(span)) - 2, math.floor(math.log10(span)) + 2):
        for factor in (1, 2, 5):
            step = factor * 10.0**exponent
            label = number(span, _decimals(step))
            if step / span * (width - 1) >= len(label) + 3:
                return step
    return 10.0 ** math.ceil(math.log10(span))


def _decimals(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9))


def scale(dots: Sequence[Dot], width: int, zero: float | None = None) -> Scale | None:
    """Return a scale on which all intervals can be drawn, and the line of zero where that is not far off.

    Parameters
    ----------
    dots : sequence of Dot
    width : int
        Characters.
    zero : float, optional
        Zero, or what the trivial answer reaches.

    Returns
    -------
    Scale or None
        None where there is nothing to draw, or all is one number.
    """
    ends = [dot.ends for dot in dots if dot.ends is not None]
    if not ends:
        return None
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    if zero is not None and math.isfinite(zero):
        distance = max(low - zero, zero - high, 0.0)
        if high > low and distance > _FAR * (high - low):
            zero = None
        else:
            low, high = min(low, zero), max(high, zero)
    if not high - low > 1e-12 * max(abs(low), abs(high), 1e-300):
        return None
    return Scale(low, high, width, zero)
