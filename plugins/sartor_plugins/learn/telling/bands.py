"""Rows in bands of an order, none with too few of them, and intervals of shares and means in each."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sartor.sections import pooled

FloatArray = NDArray[np.float64]
_Z = 1.959964
"""Of 95 %."""


def wilson(events: float, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, by Wilson's score: it stays within 0 and 1 and is right for few events.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(0, 20)]
    [0.0, 0.161]
    """
    share, n = events / rows, float(rows)
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def around_mean(values: FloatArray) -> tuple[float, float]:
    """Return the 95 % interval of a mean, from its standard error."""
    mean = float(values.mean())
    half = _Z * float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return mean - half, mean + half


def equal_bands(values: FloatArray, bands: int, smallest: int) -> list[NDArray[np.intp]]:
    """Return the places of rows in bands of rising values, about equally many in each, equal values together.

    Examples
    --------
    >>> [place.tolist() for place in equal_bands(np.array([3.0, 1.0, 2.0, 2.0]), bands=2, smallest=1)]
    [[1, 2, 3], [0]]
    """
    order = np.argsort(values, kind="stable")
    cuts = (
        np.linspace(0, len(values), min(bands, max(1, len(values) // max(1, smallest))) + 1).round().astype(int)[1:-1]
    )
    ranked = values[order]
    # A band ends where the value changes.
    ends = sorted({int(np.searchsorted(ranked, ranked[cut - 1], side="right")) for cut in cuts if cut > 0})
    edges = [0, *(end for end in ends if end < len(values)), len(values)]
    counts = np.diff(edges).tolist()
    return [order[edges[start] : edges[stop]] for start, stop in pooled(counts, smallest)] if len(values) else []


def histogram(values: FloatArray, edges: FloatArray, smallest: int) -> list[tuple[float, float, int]]:
    """Return bins as (from, to, rows), neighbours put together until none has too few rows.

    Examples
    --------
    >>> histogram(np.array([0.1] * 12 + [0.9] * 3), np.array([0.0, 0.5, 1.0]), smallest=10)
    [(0.0, 1.0, 15)]
    """
    counts = np.histogram(values, edges)[0].tolist()
    return [
        (float(edges[start]), float(edges[stop]), int(sum(counts[start:stop])))
        for start, stop in pooled(counts, smallest)
    ]


def thinned(steps: Sequence[int], at_most: int) -> list[int]:
    """Return the places of some steps, evenly chosen, the first and the last among them."""
    if len(steps) <= at_most:
        return list(range(len(steps)))
    return sorted({round(place) for place in np.linspace(0, len(steps) - 1, at_most)})
