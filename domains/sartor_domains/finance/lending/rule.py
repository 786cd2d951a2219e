"""The best rule on a single characteristic: what a lender could write on one line, learned on training rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor_domains.finance.card.binning import readable_cut
from sartor_domains.finance.card.bins import levels_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MIN_SHARE = 0.05
"""Each side of a rule, and each level that it names, holds at least this share of the training rows."""


@dataclass(frozen=True)
class Rule:
    """Whom to accept by one characteristic.

    Parameters
    ----------
    column : str or None
        None treats everyone alike.
    accepts : str
        Whom it accepts, in words: ``everyone``, ``where income is over 2,000``.
    worth : float
        What it would have been worth on the training rows.
    at_most, above : float or None
        Accepts numbers up to `at_most`, or over `above`.
    levels : frozenset of str
        Accepts these levels.
    missing : bool
        Accepts missing values.
    everyone : bool
        Without a column: accepts everyone, or no one.
    """

    column: str | None
    accepts: str
    worth: float
    at_most: float | None = None
    above: float | None = None
    levels: frozenset[str] = frozenset()
    missing: bool = False
    everyone: bool = False

    def accepted(self, X: pd.DataFrame) -> NDArray[np.bool_]:
        """Tell for each row whether the rule accepts it; a level that training never saw is declined."""
        if self.column is None:
            return np.full(len(X), self.everyone)
        column = X[self.column]
        if self.at_most is None and self.above is None:
            codes, texts = levels_of(column)
            inside = np.array([*(text in self.levels for text in texts), self.missing], dtype=bool)
            return inside[codes]
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        with np.errstate(invalid="ignore"):
            inside = numbers <= self.at_most if self.at_most is not None else numbers > self.above
        return np.where(np.isfinite(numbers), inside, self.missing)


def best_rule(X: pd.DataFrame, worth: Floats) -> Rule:
    """Return the rule on one characteristic that would have been worth most; of equal ones the first.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Training rows.
    worth : ndarray of shape (n_rows,)
        What each row brings if it is accepted; declining brings nothing.

    Examples
    --------
    >>> X = pd.DataFrame({"income": [1000.0, 2000.0, 3000.0, 4000.0]})
    >>> best_rule(X, np.array([-600.0, -600.0, 120.0, 120.0])).accepts
    'where income is over 2,000'
    """
    rules = [
        Rule(None, "no one", 0.0),
        Rule(None, "everyone", float(worth.sum()), everyone=True),
        *(rule for name in X.columns for rule in _rules(str(name), X[name], worth)),
    ]
    return max(rules, key=lambda rule: rule.worth)


def _rules(name: str, column: pd.Series[Any], worth: Floats) -> Iterator[Rule]:
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        yield from _of_a_number(name, column.to_numpy(dtype=np.float64, na_value=np.nan), worth)
    else:
        yield from _of_levels(name, column, worth)


def _of_a_number(name: str, numbers: Floats, worth: Floats) -> Iterator[Rule]:
    known = np.isfinite(numbers)
    fewest = max(1.0, MIN_SHARE * len(numbers))
    distinct, place = np.unique(numbers[known], return_inverse=True)
    if len(distinct) < 2:
        return
    rows = np.cumsum(np.bincount(place))[:-1]
    below = np.cumsum(np.bincount(place, weights=worth[known]))
    fits = (rows >= fewest) & (known.sum() - rows >= fewest)
    if not fits.any():
        return
    of_missing = float(worth[~known].sum())
    missing = of_missing > 0
    rest = max(of_missing, 0.0)
    or_missing = " or missing" if missing else ""
    low_side = np.where(fits, below[:-1], -np.inf)
    high_side = np.where(fits, below[-1] - below[:-1], -np.inf)
    at = int(np.argmax(low_side))
    cut = readable_cut(float(distinct[at]), float(distinct[at + 1]))
    yield Rule(
        name, f"where {name} is up to {cut:,.12g}{or_missing}", low_side[at] + rest, at_most=cut, missing=missing
    )
    at = int(np.argmax(high_side))
    cut = readable_cut(float(distinct[at]), float(distinct[at + 1]))
    yield Rule(name, f"where {name} is over {cut:,.12g}{or_missing}", high_side[at] + rest, above=cut, missing=missing)


def _of_levels(name: str, column: pd.Series[Any], worth: Floats) -> Iterator[Rule]:
    codes, texts = levels_of(column)
    # Missing values stand last, as a level of their own.
    places = np.where(codes < 0, len(texts), codes)
    rows = np.bincount(places, minlength=len(texts) + 1)
    brings = np.bincount(places, weights=worth, minlength=len(texts) + 1)
    good = (brings > 0) & (rows >= max(1.0, MIN_SHARE * len(column)))
    levels = sorted(texts[place] for place in np.flatnonzero(good[:-1]).tolist())
    missing = bool(good[-1])
    if not levels and not missing:
        return
    shown = [*(f"'{level}'" for level in levels[:4]), *([f"{len(levels) - 4} more"] if len(levels) > 4 else [])]
    words = " or ".join([*shown, *(["missing"] if missing else [])])
    yield Rule(name, f"where {name} is {words}", float(brings[good].sum()), levels=frozenset(levels), missing=missing)
