"""How well features tell an attribute that no step may see: each alone, and all together, on rows that did not teach.

What is learned is small on purpose: values in bins, the share of each class in a bin, and of all features together a
ridge regression on the bins and on the pairs of the strongest features. It is learned in four fifths of the training
rows and asked in the rest, five times; rows that judge models have no part in it. Strength is a concordance: of two
persons who differ in the attribute, how often the answer for them is the right way round. 0.5 is chance, 1 is always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import kendalltau, norm, rankdata

FEWEST = 20
"""Of fewer persons of a class nothing can be told."""
FOLDS = 5
MOST_ROWS = 20_000
"""Rows that are looked at; of more a part that their places draw."""
BINS, PAIR_BINS, PAIRED = 16, 4, 8
"""Bins of a feature, of each of a pair, and how many of the strongest features make pairs."""
MOST_COLUMNS = 1_500
"""Bins that the regression of all features takes at most; of more features the strongest."""
MOST_CLASSES = 12
"""An attribute of numbers with more different values is one of amounts."""
_RIDGE = 1.0
_SPREAD = 1.3
"""Answers of folds, which share most of what they learned from, vary so much more than those of strangers."""


@dataclass(frozen=True)
class Told:
    """How well an attribute is told.

    Parameters
    ----------
    feature : str
        Empty of all together.
    value, low, high : float
        Concordance, with the ends of an interval that allows for every feature and class that was looked at.
    group : str
        The class that is told best; empty where the attribute is an amount.
    """

    feature: str
    value: float
    low: float
    high: float
    group: str = ""


@dataclass(frozen=True)
class Proxies:
    """What was found of one attribute.

    Parameters
    ----------
    rows : int
        That were looked at.
    together : Told or None
    each : tuple of Told
        The strongest first.
    why_not : str
        Why nothing can be told; empty where it can.
    """

    rows: int
    together: Told | None = None
    each: tuple[Told, ...] = ()
    why_not: str = ""


def proxies(
    X: pd.DataFrame, attribute: pd.Series, groups: np.ndarray | None = None, accepted: Sequence[str] = ()
) -> Proxies:
    """Find out how well features tell an attribute.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Training rows.
    attribute : Series of shape (n_rows,)
        Rows where it is missing are left out.
    groups : ndarray of shape (n_rows,), optional
        Rows of one group are never on both sides.
    accepted : sequence of str
        Features that are left out.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sex = pd.Series(np.repeat(["f", "m"], 200))
    >>> X = pd.DataFrame({"height": np.repeat([165.0, 178.0], 200) + rng.normal(0, 7, 400), "luck": rng.random(400)})
    >>> found = proxies(X, sex)
    >>> found.each[0].feature, found.each[0].low > 0.8, found.each[1].low < 0.5 < found.each[1].high
    ('height', True, True)
    """
    keep = _looked_at(attribute)
    X = X.iloc[keep].reset_index(drop=True).drop(columns=[name for name in accepted if name in X])
    outcome = _Outcome.of(attribute.iloc[keep].reset_index(drop=True))
    if outcome is None or X.shape[1] == 0:
        why = "there is no feature left to look at" if outcome is not None else _too_few(attribute)
        return Proxies(len(keep), why_not=why)
    fold = _folds(len(X), None if groups is None else groups[keep])
    if len(np.unique(fold)) < 2:
        return Proxies(len(keep), why_not="all of them are one group of rows")
    codes = {str(name): _binned(X[name], BINS) for name in X}
    level = 0.05 / (len(codes) + 1) / max(1, outcome.Y.shape[1])
    each = sorted(
        (outcome.told(name, _alone(code, outcome.Y, fold), fold, level) for name, code in codes.items()),
        key=lambda one: (-one.value, one.feature),
    )
    strongest = [one.feature for one in each]
    together = outcome.told("", _together(X, codes, strongest, outcome.Y, fold), fold, level)
    return Proxies(len(keep), together, tuple(each))


def _looked_at(attribute: pd.Series) -> np.ndarray:
    """Return the places of the rows that are looked at; which they are follows from how many there are."""
    known = np.flatnonzero(attribute.notna().to_numpy())
    if len(known) <= MOST_ROWS:
        return known
    return np.sort(np.random.default_rng(len(known)).choice(known, MOST_ROWS, replace=False))


def _too_few(attribute: pd.Series) -> str:
    known = int(attribute.notna().sum())
    if known and attribute.nunique() == 1:
        return "all rows are alike in it"
    return f"it is known of {known:,} training rows, and of each side {FEWEST} are needed"


@dataclass(frozen=True)
class _Outcome:
    """An attribute as it is to be told: a column of 0 and 1 a class, or one of amounts."""

    Y: np.ndarray
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: pd.Series) -> _Outcome | None:
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            if values.nunique() > MOST_CLASSES:
                return cls(rankdata(values.to_numpy(dtype="float64"))[:, None] / len(values), ())
        elif pd.api.types.is_datetime64_any_dtype(values):
            return cls(rankdata(values.astype("int64"))[:, None] / len(values), ()) if len(values) > FEWEST else None
        texts = values.astype(str)
        counts = texts.value_counts()
        names = tuple(sorted(str(name) for name, n in counts.items() if FEWEST <= n <= len(texts) - FEWEST))
        if not names:
            return None
        # Of two classes one says it all.
        names = names[1:] if len(names) == 2 == len(counts) else names
        return cls(np.column_stack([(texts == name).to_numpy(dtype="float64") for name in names]), names)

    def told(self, feature: str, scores: np.ndarray, fold: np.ndarray, level: float) -> Told:
        z = _SPREAD * float(norm.isf(level / 2))
        found = []
        for place in range(self.Y.shape[1]):
            y, score = self.Y[:, place], scores[:, place]
            value = _concordance(y, score, fold, amounts=not self.names)
            error = _error_of_amounts(len(y)) if not self.names else _error(value, y)
            group = self.names[place] if self.names else ""
            found.append(Told(feature, value, max(0.0, value - z * error), min(1.0, value + z * error), group))
        return max(found, key=lambda one: (one.low, one.value))


def _concordance(y: np.ndarray, score: np.ndarray, fold: np.ndarray, *, amounts: bool) -> float:
    """Return the concordance inside the folds, whose answers are of different makes."""
    values, weights = [], []
    for one in np.unique(fold):
        inside, said = y[fold == one], score[fold == one]
        if amounts:
            tau = kendalltau(inside, said).statistic if len(inside) > 1 else np.nan
            values.append(0.5 if np.isnan(tau) else (1 + tau) / 2)
            weights.append(float(len(inside)))
            continue
        ones = inside.sum()
        zeros = len(inside) - ones
        if ones and zeros:
            ranks = rankdata(said)[inside == 1].sum()
            values.append((ranks - ones * (ones + 1) / 2) / (ones * zeros))
            weights.append(float(ones * zeros))
    return float(np.average(values, weights=weights)) if values else 0.5


def _error(auc: float, y: np.ndarray) -> float:
    """Return the standard error of an AUC, by Hanley and McNeil (1982)."""
    ones = float(y.sum())
    zeros = len(y) - ones
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (ones - 1) * (first - auc**2) + (zeros - 1) * (second - auc**2)
    return float(np.sqrt(max(variance, 1e-12) / (ones * zeros)))


def _error_of_amounts(n: int) -> float:
    """Return half the standard error of Kendall's tau."""
    return float(np.sqrt(2 * (2 * n + 5) / (9 * n * (n - 1))) / 2) if n > 1 else 1.0


def _folds(n: int, groups: np.ndarray | None) -> np.ndarray:
    rng = np.random.default_rng(0)
    if groups is None:
        return rng.permutation(np.arange(n) % FOLDS)
    codes, found = pd.factorize(np.asarray(groups))
    of_group = rng.permutation(np.arange(len(found) + 1) % FOLDS)
    return np.asarray(of_group[codes])


def _binned(column: pd.Series, bins: int) -> np.ndarray:
    """Return the bin of each value: quantiles of numbers and dates, the commonest of other values; 0 where missing."""
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.astype("int64").where(column.notna())
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype="float64", na_value=np.nan)
        known = values[np.isfinite(values)]
        different = np.unique(known)
        if len(different) <= bins:
            edges = different[1:]
        else:
            edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))
        return np.where(np.isfinite(values), np.searchsorted(edges, values, side="right") + 1, 0)
    texts = column.astype(object).where(column.notna(), None)
    codes, values = pd.factorize(pd.Series([None if one is None else str(one) for one in texts], dtype=object))
    counts = np.bincount(codes[codes >= 0], minlength=len(values))
    rank = np.empty(len(values), dtype="int64")
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(values))
    return np.where(codes >= 0, np.minimum(np.append(rank, 0)[codes], bins - 1) + 1, 0)


def _alone(code: np.ndarray, Y: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Return what one feature says of each row: the mean of its bin among the rows of other folds."""
    scores, wide = np.zeros_like(Y), int(code.max()) + 1
    for one in np.unique(fold):
        learn, ask = fold != one, fold == one
        counts = np.bincount(code[learn], minlength=wide)
        for place in range(Y.shape[1]):
            sums = np.bincount(code[learn], weights=Y[learn, place], minlength=wide)
            scores[ask, place] = ((sums + Y[learn, place].mean()) / (counts + 1))[code[ask]]
    return scores


def _together(
    X: pd.DataFrame, codes: dict[str, np.ndarray], strongest: Sequence[str], Y: np.ndarray, fold: np.ndarray
) -> np.ndarray:
    """Return what all features say of each row, by a ridge regression that did not learn from it."""
    blocks: list[np.ndarray] = []
    for name in strongest:
        blocks.append(np.eye(int(codes[name].max()) + 1)[codes[name]])
        if sum(block.shape[1] for block in blocks) > MOST_COLUMNS:
            break
    coarse = {name: _binned(X[name], PAIR_BINS) for name in strongest[:PAIRED]}
    for first, second in combinations(coarse, 2):
        pair = coarse[first] * (int(coarse[second].max()) + 1) + coarse[second]
        blocks.append(np.eye(int(pair.max()) + 1)[pair])
    B, scores = np.hstack(blocks), np.zeros_like(Y)
    for one in np.unique(fold):
        learn, ask = fold != one, fold == one
        center = Y[learn].mean(axis=0)
        inner = B[learn].T @ B[learn] + _RIDGE * np.eye(B.shape[1])
        scores[ask] = B[ask] @ np.linalg.solve(inner, B[learn].T @ (Y[learn] - center))
    return scores
