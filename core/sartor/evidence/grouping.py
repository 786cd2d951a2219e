"""Makes groups of people out of a column: its levels, or bands of its numbers.

A group of too few rows is not told of. It could still be told from all rows and the other groups, as what is left:
where what is left are too few, the smallest of the others is told of together with them, and never by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.evidence.groups import Groups
from sartor.evidence.hiding import hidden_lines
from sartor.wording import plural

MOST_LEVELS = 10
"""A column of more different numbers is put into bands."""
MOST_GROUPS = 12
"""More groups are told of together: nobody reads them, and the worst of so many pairs is luck."""
MISSING = "missing"
OTHERS = "all others"


@dataclass(frozen=True, eq=False)
class Grouped:
    """The groups of a column's values.

    Parameters
    ----------
    groups : Groups
        Those of enough rows, in the order of their bands, or the largest first; missing values last.
    missing : int or None
        The place of the group of missing values, if there is one.
    too_small : tuple of (groups, rows)
        How many groups have too few rows to be told of, and how many rows they have together; those that are told of
        with another group, whose name says so, are not among them.
    """

    groups: Groups
    missing: int | None
    too_small: tuple[int, int]


def groups_of(
    values: pd.Series[Any],
    learned_from: pd.Series[Any],
    bands: Sequence[float],
    smallest: int,
    names: Mapping[str, str] | None = None,
) -> Grouped:
    """Put rows into groups.

    Parameters
    ----------
    values : Series of shape (n_rows,)
        Of the rows that are grouped.
    learned_from : Series
        The column in the training rows: bands that nobody has said are quarters of them.
    bands : sequence of float
        Rising edges; empty for levels, or for quarters where there are more numbers than levels.
    smallest : int
        Groups of fewer rows are not told of.
    names : mapping of value to group, optional
        Both as texts; a value without a name is a group of its own.

    Examples
    --------
    >>> sexes = pd.Series(["f"] * 20 + ["m"] * 15 + ["d"] * 3)
    >>> made = groups_of(sexes, sexes, (), smallest=10)
    >>> made.groups.names, made.groups.counts, made.too_small
    (('f', 'm, with 1 small group'), [20, 18], (0, 0))
    >>> ages = pd.Series(range(20, 60))
    >>> groups_of(ages, ages, (30, 50), smallest=10).groups.names
    ('below 30', '30 to below 50', '50 and above')
    """
    if _is_number(values) and not names and (bands or learned_from.nunique() > MOST_LEVELS):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        edges = np.asarray(bands or _quarters(learned_from), dtype=np.float64)
        called = _names_of_bands(edges)
        places = np.where(np.isnan(numbers), -1, np.searchsorted(edges, numbers, side="right"))
    else:
        places, called = _levels(values, names or {})
    return _large_enough(np.asarray(places, dtype=np.intp), called, smallest)


def _is_number(values: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)


def _quarters(learned_from: pd.Series[Any]) -> list[float]:
    """Return the edges of four bands of about equal size, at values that occur."""
    known = np.sort(learned_from.dropna().to_numpy(dtype=np.float64))
    at = [known[int(share * len(known))] for share in (0.25, 0.5, 0.75)] if len(known) else []
    return [float(edge) for edge in dict.fromkeys(at) if edge > known[0]]


def _names_of_bands(edges: NDArray[np.float64]) -> list[str]:
    if not len(edges):
        return ["all"]
    shown = [f"{edge:.12g}" for edge in edges]
    return [
        f"below {shown[0]}",
        *(f"{low} to below {high}" for low, high in pairwise(shown)),
        f"{shown[-1]} and above",
    ]


def _levels(values: pd.Series[Any], called: Mapping[str, str]) -> tuple[NDArray[np.intp], list[str]]:
    """Return levels as texts, the commonest first, those beyond the most that are told of put together."""
    codes, found = pd.factorize(values)
    texts = [called.get(text, text) for text in texts_of(pd.Series(found))]
    counts: Counter[str] = Counter()
    for text, count in zip(texts, np.bincount(codes[codes >= 0], minlength=len(texts)).tolist(), strict=True):
        counts[text] += count
    order = sorted(counts, key=lambda text: (-counts[text], text))
    rest = dict.fromkeys(order[MOST_GROUPS - 1 :], OTHERS) if len(order) > MOST_GROUPS else {}
    names = [*(text for text in order if text not in rest), *([OTHERS] if rest else [])]
    place = {name: at for at, name in enumerate(names)}
    of_code = np.array([*(place[rest.get(text, text)] for text in texts), -1], dtype=np.intp)
    return of_code[codes], names


def texts_of(values: pd.Series[Any]) -> pd.Series[str]:
    """Return values as the texts that groups are named by; missing ones stay missing."""
    return values.map(_text, na_action="ignore")


def _text(value: Any) -> str:
    """Return a level as people write it: 1 rather than 1.0."""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _large_enough(places: NDArray[np.intp], names: list[str], smallest: int) -> Grouped:
    counts = [*np.bincount(places[places >= 0], minlength=len(names)).tolist(), int((places < 0).sum())]
    names = [*names, MISSING]
    there = np.where(places < 0, len(names) - 1, places)
    small = {place for place, count in enumerate(counts) if 0 < count < smallest}
    hidden = hidden_lines(counts, len(counts), smallest)
    told = {place: place for place, count in enumerate(counts) if count >= max(smallest, 1)}
    for host in sorted(hidden - small, key=lambda place: counts[place])[-1:]:
        # What is left over from all and the others is hidden together, so it may be told of together.
        told = {place: own for place, own in told.items() if own not in hidden} | dict.fromkeys(hidden, host)
        names[host] = f"{names[host]}, with {plural(len(hidden) - 1, 'small group')}"
        small = set()
    kept = sorted(set(told.values()))
    at = np.full(len(names), -1, dtype=np.intp)
    for place, own in told.items():
        at[place] = kept.index(own)
    missing = len(kept) - 1 if len(names) - 1 in kept else None
    groups = Groups(tuple(names[place] for place in kept), at[there])
    return Grouped(groups, missing, (len(small), sum(counts[place] for place in small)))
