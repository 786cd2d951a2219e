"""How well indicators tell wear: monotonicity, trendability and prognosability over the lives of units."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from sartor.components import FittedStep
from sartor.errors import InputError, PluginError, nearest
from sartor.rows import GROUP
from sartor.wording import plural
from sartor_domains.manufacturing.units import AGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.manufacturing.telling_indicators import TellingIndicators

Floats = NDArray[np.float64]

POINTS = 50
"""At so many shares of life the courses of units are compared."""
FEWEST = 3
"""A unit with fewer rows has no course."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """How well each indicator tells wear; all numbers lie between 0 and 1.

    Parameters
    ----------
    names : list of str
    monotonicity, trendability, prognosability : ndarray of shape (n_names,)
    units : int
        How many lives they were measured on.
    """

    names: list[str]
    monotonicity: Floats
    trendability: Floats
    prognosability: Floats
    units: int

    @property
    def score(self) -> Floats:
        """The mean of the three."""
        return np.asarray((self.monotonicity + self.trendability + self.prognosability) / 3)

    def best(self) -> list[int]:
        """Places from the best indicator to the worst; of equal ones the first."""
        return [int(place) for place in np.argsort(-self.score, kind="stable")]


def rank(X: pd.DataFrame, unit: Sequence[object], age: Floats) -> Ranking:
    """Rank the numbers of some rows.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
    unit : sequence of shape (n_rows,)
    age : ndarray of shape (n_rows,)

    Examples
    --------
    A counter rises in every unit and ends at one value; a coin does neither.

    >>> age = np.tile(np.arange(1.0, 9.0), 2)
    >>> coin = np.array([1.0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0])
    >>> found = rank(pd.DataFrame({"coin": coin, "counter": age}), ["a"] * 8 + ["b"] * 8, age)
    >>> [found.names[place] for place in found.best()], float(found.score[1])
    (['counter', 'coin'], 1.0)
    """
    names = [
        str(name)
        for name, dtype in X.dtypes.items()
        if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
    ]
    values = X[names].to_numpy(dtype=np.float64)
    order = np.lexsort((age, pd.factorize(np.asarray(unit, dtype=object))[0]))
    codes = pd.factorize(np.asarray(unit, dtype=object)[order])[0]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    lives = [
        _filled(values[order[start:end]])
        for start, end in zip(starts, [*starts[1:], len(order)], strict=True)
        if end - start >= FEWEST
    ]
    if not lives:
        nothing = np.zeros(len(names))
        return Ranking(names, nothing, nothing, nothing, 0)
    return Ranking(names, _monotonicity(lives), _trendability(lives), _prognosability(lives), len(lives))


def _filled(life: Floats) -> Floats:
    """Return a course without gaps: what is missing is as it was before, at the beginning as it is first."""
    return np.asarray(pd.DataFrame(life).ffill().bfill().fillna(0.0).to_numpy(dtype=np.float64))


def _monotonicity(lives: list[Floats]) -> Floats:
    found = []
    for life in lives:
        time = np.arange(len(life), dtype=np.float64)
        found.append(np.abs(_correlation(rankdata(life, axis=0), time[:, None])))
    return np.asarray(np.mean(found, axis=0))


def _trendability(lives: list[Floats]) -> Floats:
    share = np.linspace(0, 1, POINTS)
    courses = np.stack(
        [
            np.column_stack([np.interp(share, np.linspace(0, 1, len(life)), column) for column in life.T])
            for life in lives
        ]
    )
    middle = courses.mean(axis=0)
    alike = np.mean([_correlation(course, middle) for course in courses], axis=0)
    return np.asarray(np.clip(alike, 0.0, 1.0))


def _prognosability(lives: list[Floats]) -> Floats:
    ends, beginnings = np.stack([life[-1] for life in lives]), np.stack([life[0] for life in lives])
    come = np.abs(ends - beginnings).mean(axis=0)
    spread = ends.std(axis=0)
    return np.where(come > 0, np.exp(-spread / np.where(come > 0, come, 1.0)), 0.0)


def _correlation(first: Floats, second: Floats) -> Floats:
    """Return the correlation of columns with columns; 0 where one of them does not change."""
    a, b = first - first.mean(axis=0), second - second.mean(axis=0)
    size = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    flat = (a.std(axis=0) <= 1e-9 * np.abs(first).max(axis=0)) | (size == 0)
    return np.where(flat, 0.0, (a * b).sum(axis=0) / np.where(flat, 1.0, size))


class Telling(FittedStep):
    """The indicators that are left out.

    Parameters
    ----------
    left_out : list of str
    """

    def __init__(self, left_out: Sequence[str]) -> None:
        self.left_out = list(left_out)

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the features that are kept."""
        for name in self.left_out:
            if name not in X:
                raise InputError(f"there is no feature '{name}'", code="R041", hints=nearest(name, list(X.columns)))
        return X[[name for name in X.columns if name not in set(self.left_out)]].copy()

    def save(self, folder: Path) -> None:
        """Write the names."""
        (folder / "left_out.json").write_text(json.dumps(self.left_out), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Telling:
        """Return what was saved.

        Raises
        ------
        PluginError
            If the folder holds no such step.
        """
        try:
            return cls([str(name) for name in json.loads((folder / "left_out.json").read_text(encoding="utf-8"))])
        except (OSError, ValueError, TypeError) as error:
            raise PluginError(f"the saved step in {folder.name} cannot be read: {error}", code="X031") from error


def fit_telling(settings: TellingIndicators, training: Training, context: Context) -> Telling:
    """Fit `TellingIndicators`."""
    rows = training.rows
    if GROUP not in rows or AGE not in rows:
        raise InputError(
            "indicators are ranked over the lives of units, and these rows tell neither unit nor age",
            code="D259",
            hints=(("to mend", "use it with the task manufacturing.remaining_life"),),
        )
    found = rank(training.X, rows[GROUP].tolist(), rows[AGE].to_numpy(dtype=np.float64))
    changes = training.X[found.names].nunique().to_numpy() > 1
    good = [place for place in found.best() if changes[place] and found.score[place] >= settings.least_score]
    kept = {found.names[place] for place in good[: settings.keep]}
    if not kept:
        raise InputError(
            f"none of {plural(len(found.names), 'indicator')} changes and has a score of {settings.least_score:g}",
            code="D257",
            hints=(("to mend", "lower least_score, or build other indicators"),),
        )
    best = ", ".join(found.names[place] for place in good[:3])
    context.note(f"{len(kept)} of {len(found.names)} indicators are kept; {best} tell best")
    return Telling([name for name in found.names if name not in kept])
