"""The leak check: a feature that tells the outcome by itself is more often a leak than a discovery.

Two signs are looked for on training rows: a single feature that ranks the outcome nearly perfectly, and a rare value
(or being missing) with which the outcome is near certain. What is honestly that strong is declared
``expected_strong``.

A rare value stops a run only where it has large support and no order explains it. Six of at most six contacts may well
be the end of a slope, as five foretell more than four: such values, and those of few rows, are a caution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import binom

from sartor.errors import InputError
from sartor.evidence.ranking import FEWEST, MOST_VALUES, Ranking
from sartor.wording import percent, plural

if TYPE_CHECKING:
    from sartor.errors import Position

CERTAIN = 0.98
"""Share of one outcome among a value's rows that counts as near certain."""
RARE = 0.25
"""A value in at most this share of the rows is rare."""
CHANCE = 1e-6
"""A certainty that chance explains with more than this probability is none."""
LARGE_SHARE, LARGE_CATCH = 0.01, 0.05
"""Large support is this share of all rows, or of the rows with the value's outcome."""
SLOPE_CATCH = 0.25
"""At the end of a slope it takes this share of the rows with the value's outcome."""


@dataclass(frozen=True)
class Leak:
    """A feature that tells too much, and how it shows; one that does not stop a run is suspicious only."""

    feature: str
    how: str
    stops: bool = True


def find_leaks(
    X: pd.DataFrame, y: np.ndarray, classes: tuple[object, ...], strong: frozenset[str], *, rare: bool = True
) -> list[Leak]:
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
    rare : bool
        Whether rare values are looked at, too, with which the outcome is near certain.

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
    numeric = [_is_number(kind) for kind in X.dtypes]
    names = X.columns.tolist()
    ranking = Ranking(y, classes)
    looked_at = [number and name not in strong for name, number in zip(names, numeric, strict=True)]
    ranked = {one.feature: one for one in ranking.of_numbers(X.loc[:, looked_at])}
    found = []
    for name in names:
        if name in strong:
            continue
        one = ranked.get(name)
        how = one.strong if one else ""
        if one is None or (classes and one.may_have_flags and not how):
            levels = _Levels.of(X[name], y, classes)
            how = ranking.of_levels(levels.codes) if one is None else how
            if rare and not how:
                found += _too_certain(name, levels, classes)
        if how:
            found.append(Leak(name, how))
    return found


def check_leaks(
    X: pd.DataFrame,
    y: np.ndarray,
    classes: tuple[object, ...],
    strong: frozenset[str],
    where: Callable[[str], Position | None] = lambda feature: None,
    caution: Callable[[str], None] = lambda text: None,
    *,
    rare: bool = True,
) -> None:
    """Stop when `find_leaks` finds one that stops; `caution` hears of the others.

    `where` tells where in the recipe a feature comes from.

    Raises
    ------
    InputError
        Naming every such feature, how it shows, and how to declare an honest one.
    """
    from sartor.errors import Problem

    leaks = find_leaks(X, y, classes, strong, rare=rare)
    for leak in leaks:
        if not leak.stops:
            caution(
                f"feature '{leak.feature}' may tell the outcome by itself: {leak.how}. If it is honest, declare it "
                f"where it comes from, expected_strong: [{leak.feature}]; if it leaks, keep it away, "
                f"never: [{leak.feature}]"
            )
    stopping = [leak for leak in leaks if leak.stops]
    if stopping:
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
            for leak in stopping
        )


def parts_of_truth(truth: pd.DataFrame) -> Iterator[tuple[np.ndarray, np.ndarray, tuple[object, ...]]]:
    """Yield what a truth with a flag holds that a feature could tell: the flag, and the numbers beside it.

    Of the numbers, such as the time until an event, only those lines count in which all flags are set: how long
    somebody was watched who had no event, honest features may well tell.

    Parameters
    ----------
    truth : DataFrame
        Columns of other kinds, such as lists, are left out; without a flag there is nothing.

    Returns
    -------
    iterator of (rows, y, classes)
        Which rows, their outcome, and its classes; none of a number.

    Examples
    --------
    >>> truth = pd.DataFrame({"time": [5.0, 2.0, 9.0], "event": [1, 0, 1]})
    >>> [(rows.tolist(), y.tolist(), classes) for rows, y, classes in parts_of_truth(truth)]
    [([True, True, True], [1, 0, 1], (0, 1)), ([True, False, True], [5.0, 9.0], ())]
    """
    numbers = {name: truth[name].to_numpy(dtype="float64") for name in truth if _is_number(truth[name].dtype)}
    flags = {name: values for name, values in numbers.items() if set(np.unique(values)) == {0.0, 1.0}}
    every = np.ones(len(truth), dtype=bool)
    for values in flags.values():
        yield every, values.astype("int64"), (0, 1)
    happened = np.all([values == 1 for values in flags.values()], axis=0)
    for name, values in numbers.items() if flags else ():
        rows = happened & np.isfinite(values)
        if name not in flags and rows.any():
            yield rows, values[rows], ()


def _is_number(kind: Any) -> bool:
    return bool(pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind))


@dataclass(frozen=True)
class _Levels:
    """The different values of a column, and what came of the rows that hold them.

    Parameters
    ----------
    values : sequence
        In the order in which they appear.
    codes : ndarray of shape (n_rows,)
        0 where the column is missing, else the place of the value and 1 more.
    counts : ndarray of shape (n_values + 1, n_classes)
        Rows by value and outcome; the first line is of those where it is missing.
    """

    values: Any
    codes: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, column: pd.Series, y: np.ndarray, classes: tuple[object, ...]) -> _Levels:
        codes, values = pd.factorize(column.array)
        lines, wide = len(values) + 1, max(1, len(classes))
        places = (codes + 1) * wide + (y if classes else 0)
        return cls(values, codes + 1, np.bincount(places, minlength=lines * wide).reshape(lines, wide))


def _too_certain(name: str, levels: _Levels, classes: tuple[object, ...]) -> list[Leak]:
    """Return the first value that stops, else the first that is suspicious, if there is any."""
    if not classes:
        return []
    every = levels.counts.sum(axis=0)
    n = int(every.sum())
    # Where it is missing, where it is present, and where it has each of a few values.
    inside = np.vstack([levels.counts[:1], every - levels.counts[:1], levels.counts[1:]])
    if not levels.counts[0].any():
        inside[:2] = 0
    if len(levels.values) > MOST_VALUES:
        inside = inside[:2]
    rows, most, places = inside.sum(axis=1), inside.max(axis=1), inside.argmax(axis=1)
    near_certain = (rows >= FEWEST) & (rows <= RARE * n) & (most >= CERTAIN * rows) & (every[places] <= n / 2)
    found = []
    for line in np.flatnonzero(near_certain).tolist():
        place = int(places[line])
        if binom.sf(most[line] - 1, rows[line], every[place] / n) < CHANCE:
            how = (
                f"where it is {_said(levels, line)} ({rows[line]:,} of {plural(n, 'training row')}) the outcome is "
                f"'{classes[place]}' in {most[line]:,}, against {percent(every[place] / n)} in all"
            )
            caught = most[line] / every[place]
            large = rows[line] >= LARGE_SHARE * n or caught >= LARGE_CATCH
            ends_a_slope = line > 1 and _ends_a_slope(levels, line - 2, place)
            found.append(Leak(name, how, bool(caught >= SLOPE_CATCH if ends_a_slope else large)))
    return sorted(found, key=lambda leak: not leak.stops)[:1]


def _ends_a_slope(levels: _Levels, which: int, place: int) -> bool:
    """Whether a value of a number ends a slope: all beyond it are as certain, and those before it lean its way."""
    # With two values there is no slope: it is a flag.
    if len(levels.values) < 3 or not _is_number(getattr(levels.values, "dtype", None)):
        return False
    order = np.argsort(np.asarray(levels.values, dtype="float64"))
    counts = levels.counts[1:][order]
    at = int(np.flatnonzero(order == which)[0])
    share = levels.counts[:, place].sum() / levels.counts.sum()
    for beyond, before in ((counts[at:], counts[:at][::-1]), (counts[: at + 1][::-1], counts[at + 1 :])):
        if len(before) > 1 and beyond[:, place].sum() >= CERTAIN * beyond.sum():
            # The nearest values, as many as make up enough rows.
            enough = int(np.searchsorted(np.cumsum(before.sum(axis=1)), FEWEST)) + 1
            if before[:enough, place].sum() > share * before[:enough].sum():
                return True
    return False


def _said(levels: _Levels, line: int) -> str:
    if line < 2:
        return ("missing", "present")[line]
    value = levels.values[line - 2]
    if isinstance(value, str):
        return repr(value)
    return str(value).removesuffix(".0")
