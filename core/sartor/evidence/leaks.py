"""The leak check: a feature that tells the outcome by itself is more often a leak than a discovery.

Two signs are looked for on training rows: a single feature that ranks the outcome nearly perfectly, and a rare value
(or being missing) with which the outcome is near certain. What is honestly that strong is declared
``expected_strong``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import binom, rankdata

from sartor.errors import InputError

if TYPE_CHECKING:
    from sartor.errors import Position

STRONG_AUC = 0.98
STRONG_CORRELATION = 0.995
CERTAIN = 0.98
"""Share of one outcome among a value's rows that counts as near certain."""
RARE = 0.25
"""A value in at most this share of the rows is rare."""
FEWEST = 20
"""A value in fewer rows proves nothing."""
CHANCE = 1e-6
"""A certainty that chance explains with more than this probability is none."""


@dataclass(frozen=True)
class Leak:
    """A feature that tells too much, and how it shows."""

    feature: str
    how: str


def find_leaks(X: pd.DataFrame, y: np.ndarray, classes: tuple[object, ...], strong: frozenset[str]) -> list[Leak]:
    """Look for features that tell the outcome by themselves.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Training rows only.
    y : ndarray of shape (n_rows,)
        Place of the class, or the number to be predicted.
    classes : tuple
        Empty in a regression.
    strong : frozenset of str
        Features that may.

    Returns
    -------
    list of Leak
        At most one for each feature.

    Examples
    --------
    >>> X = pd.DataFrame({"copy": np.repeat([0.0, 1.0], 50), "noise": np.tile([0.0, 1.0], 50)})
    >>> [leak.feature for leak in find_leaks(X, np.repeat([0, 1], 50), ("good", "bad"), frozenset())]
    ['copy']
    """
    if len(y) < 2 * FEWEST:
        return []
    found = []
    for column in X.columns:
        if column in strong:
            continue
        how = _too_strong(X[column], y, classes)
        if how is None and classes:
            how = _too_certain(X[column], y, classes)
        if how:
            found.append(Leak(column, how))
    return found


def check_leaks(
    X: pd.DataFrame,
    y: np.ndarray,
    classes: tuple[object, ...],
    strong: frozenset[str],
    where: Callable[[str], Position | None] = lambda feature: None,
) -> None:
    """Stop when `find_leaks` finds one; `where` tells where in the recipe a feature comes from.

    Raises
    ------
    InputError
        Naming every such feature, how it shows, and how to declare an honest one.
    """
    from sartor.errors import Problem

    leaks = find_leaks(X, y, classes, strong)
    if leaks:
        raise InputError(
            Problem(
                "D044",
                f"feature '{leak.feature}' tells the outcome by itself: {leak.how}",
                where(leak.feature),
                hints=(
                    ("if it leaks", f"keep it away: task with never: [{leak.feature}], or drop it under privacy"),
                    ("if it is honest", f"declare it where it comes from: expected_strong: [{leak.feature}]"),
                ),
            )
            for leak in leaks
        )


def _ranks(values: pd.Series, y: np.ndarray) -> np.ndarray | None:
    """Numbers as they are; categories by their mean outcome, rare levels pooled so that few rows tell nothing."""
    if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        filled: np.ndarray = np.where(
            np.isnan(numbers), np.nanmedian(numbers) if not np.isnan(numbers).all() else 0, numbers
        )
        return filled
    codes, levels = pd.factorize(values.astype(object), use_na_sentinel=False)
    counts = np.bincount(codes, minlength=len(levels))
    means = np.bincount(codes, weights=y, minlength=len(levels)) / np.maximum(counts, 1)
    means[counts < FEWEST] = y.mean()
    scored: np.ndarray = means[codes]
    return scored


def _too_strong(values: pd.Series, y: np.ndarray, classes: tuple[object, ...]) -> str | None:
    outcomes = (
        [y.astype(float)] if len(classes) in (0, 2) else [(y == place).astype(float) for place in range(len(classes))]
    )
    for outcome in outcomes:
        scores = _ranks(values, outcome)
        if scores is None or np.ptp(scores) == 0:
            return None
        ranks = rankdata(scores)
        if not classes:
            correlation = abs(np.corrcoef(ranks, rankdata(outcome))[0, 1])
            if correlation >= STRONG_CORRELATION:
                return f"its rank correlation with the target is {correlation:.3f} on {len(y):,} training rows"
            continue
        positive = outcome == 1
        n, p = len(outcome), int(positive.sum())
        if p in (0, n):
            continue
        auc = (ranks[positive].sum() - p * (p + 1) / 2) / (p * (n - p))
        if max(auc, 1 - auc) >= STRONG_AUC:
            return f"alone it has AUC {max(auc, 1 - auc):.3f} on {n:,} training rows"
    return None


def _too_certain(values: pd.Series, y: np.ndarray, classes: tuple[object, ...]) -> str | None:
    n = len(y)
    shares = np.bincount(y, minlength=len(classes)) / n
    for said, inside in _rare_values(values, y, len(classes)):
        rows = int(inside.sum())
        if rows < FEWEST or rows > RARE * n:
            continue
        place = int(inside.argmax())
        if shares[place] > 0.5 or inside[place] < CERTAIN * rows:
            continue
        if binom.sf(inside[place] - 1, rows, shares[place]) < CHANCE:
            return (
                f"where it is {said} ({rows:,} of {n:,} training rows) the outcome is '{classes[place]}' "
                f"in {inside[place]:,}, against {shares[place]:.0%} in all"
            )
    return None


MOST_VALUES = 30
"""A column of more different values has none that is a flag."""


def _rare_values(values: pd.Series, y: np.ndarray, n_classes: int) -> list[tuple[str, np.ndarray]]:
    """Count the outcomes where a column is missing, where it is present, and where it has each of a few values."""
    codes, uniques = pd.factorize(values)
    counts = np.bincount((codes + 1) * n_classes + y, minlength=(len(uniques) + 1) * n_classes).reshape(-1, n_classes)
    missing, present = counts[0], counts[1:].sum(axis=0)
    found = [("missing", missing), ("present", present)] if missing.any() else []
    if len(uniques) <= MOST_VALUES:
        found += [
            (repr(value) if isinstance(value, str) else str(value), inside)
            for value, inside in zip(uniques, counts[1:], strict=True)
        ]
    return found
