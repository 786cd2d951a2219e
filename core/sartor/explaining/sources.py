"""Features that tell the same, told together: whoever shuffles one of two copies finds that neither is missed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sartor.lists import holds_lists

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

ALIKE = 0.95
"""Rank correlation from which on two numbers count as near copies."""
STEP = re.compile(r"(?P<source>.+): \d+ before")
"""How a reading of a window is called."""


def sources_of(X: pd.DataFrame, steps: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Return features by the source that they are told of as.

    Readings of a window stand together, lists that one step built (what somebody bought, and when), and near copies:
    numbers whose ranks correlate by 0.95 or more, and texts of which each value of one goes with one of the other. A
    window is a near copy where its first reading is one.

    Parameters
    ----------
    X : DataFrame
        Some rows of the features.
    steps : mapping of feature to step, optional
        Which step built it.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"age": [31, 44, 58, 29], "born": [1995, 1982, 1968, 1997], "debt": [5, 1, 9, 3],
    ...                   "heat: 0 before": [1, 2, 3, 4], "heat: 1 before": [4, 1, 2, 3]})
    >>> sources_of(X)
    {'age and 1 alike': ['age', 'born'], 'debt': ['debt'], 'heat, its window': ['heat: 0 before', 'heat: 1 before']}
    >>> list(sources_of(X.assign(run=X["heat: 0 before"])))
    ['age and 1 alike', 'debt', 'heat, its window and 1 alike']
    """
    fixed: dict[str, list[str]] = {}
    for name in map(str, X.columns):
        fixed.setdefault(_together(name, X, steps or {}) or name, []).append(name)
    first = {names[0]: source for source, names in fixed.items()}  # a window is as its first reading
    copies = _copies(X, list(first))
    made: dict[str, list[str]] = {}
    for name, source in first.items():
        alike = copies.get(name, [name])
        if alike[0] == name:
            features = [feature for one in alike for feature in fixed[first[one]]]
            made[source if len(alike) == 1 else f"{source} and {len(alike) - 1} alike"] = features
    return made


def _together(name: str, X: pd.DataFrame, steps: Mapping[str, str]) -> str | None:
    match = STEP.fullmatch(name)
    if match:
        return f"{match['source']}, its window"
    return steps[name] if name in steps and holds_lists(X[name]) else None


def _copies(X: pd.DataFrame, names: Sequence[str]) -> dict[str, list[str]]:
    """Return the near copies of each feature that has some, itself among them, in the order of the features."""
    numbers, texts = {}, {}
    for name in names:
        column = X[name]
        if column.dtype.kind in "biuf" and column.nunique() > 1:
            numbers[name] = column.astype("float64").rank(na_option="top").to_numpy()
        elif column.dtype.kind not in "biufmM" and not holds_lists(column) and 1 < column.nunique() <= len(column) // 2:
            texts[name] = column.astype("object").where(column.notna(), None)
    leader = {name: name for name in names}
    for one, other in [*_pairs_of_numbers(numbers), *_pairs_of_texts(texts)]:
        first, second = leader[one], leader[other]
        leader.update({name: first for name in names if leader[name] == second})
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(leader[name], []).append(name)
    return {name: group for group in groups.values() if len(group) > 1 for name in group}


def _pairs_of_numbers(ranks: Mapping[str, NDArray[np.float64]]) -> list[tuple[str, str]]:
    if len(ranks) < 2:
        return []
    names = list(ranks)
    alike = np.abs(np.corrcoef(np.stack([ranks[name] for name in names]))) >= ALIKE
    return [(names[a], names[b]) for a, b in zip(*np.nonzero(np.triu(alike, 1)), strict=True)]


def _pairs_of_texts(texts: Mapping[str, pd.Series]) -> list[tuple[str, str]]:
    import pandas as pd

    codes = {name: pd.factorize(column)[0] for name, column in texts.items()}
    kinds = {name: int(found.max()) + 1 for name, found in codes.items()}
    names = list(codes)
    return [
        (one, other)
        for place, one in enumerate(names)
        for other in names[place + 1 :]
        if kinds[one] == kinds[other] and len(set(zip(codes[one], codes[other], strict=True))) == kinds[one]
    ]
