"""A scorecard after learning: scores, explains, and writes itself down as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import Fitted
from sartor.context import say
from sartor.errors import InputError, nearest
from sartor.wording import plural
from sartor_domains.finance.card.bins import Bin, Characteristic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Scoring

    Floats = NDArray[np.float64]

FILE = "card.json"
FORMAT = 1


@dataclass(frozen=True)
class Scale:
    """How log-odds and points hang together.

    Parameters
    ----------
    points_to_double_odds, base_score, base_odds : float
    decimals : int

    Examples
    --------
    >>> scale = Scale(points_to_double_odds=20, base_score=600, base_odds=50, decimals=0)
    >>> round(scale.score(log(50)), 6), round(scale.score(log(100)), 6)
    (600.0, 620.0)
    """

    points_to_double_odds: float = 20.0
    base_score: float = 600.0
    base_odds: float = 50.0
    decimals: int = 0

    @property
    def factor(self) -> float:
        """Points for each unit of log-odds."""
        return self.points_to_double_odds / log(2)

    def score(self, log_odds: float) -> float:
        """The score that stands for log-odds of good."""
        return self.base_score + self.factor * (log_odds - log(self.base_odds))

    def log_odds(self, score: Floats) -> Floats:
        """The log-odds of good that a score stands for."""
        return np.asarray((score - self.base_score) / self.factor + log(self.base_odds))


@dataclass(frozen=True)
class Card(Fitted):
    """A points scorecard.

    Score, probability, explanation and every export come from the same points: `base_points` plus the points of one
    bin for each characteristic.

    Parameters
    ----------
    scale : Scale
    base_points : float
        Score of the average applicant.
    characteristics : tuple of Characteristic
        Widest reach first.
    left_out : mapping of str to str
        Columns that are not in the card, and why.
    rows, bad : float
        Training rows, weighted, and the bad ones among them.
    classes : tuple of str
        The good and the bad label.
    """

    scale: Scale
    base_points: float
    characteristics: tuple[Characteristic, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    rows: float = 0.0
    bad: float = 0.0
    classes: tuple[str, ...] = ()
    _tell: Callable[..., None] | None = field(default=None, compare=False, repr=False)
    _told: set[str] = field(default_factory=set, compare=False, repr=False)

    def telling(self, tell: Callable[..., None]) -> Card:
        """Return the same card; it tells of unseen levels through `tell` in place of `sartor.context.say`."""
        parts = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return Card(**parts, _tell=tell)

    def points(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the points of each row, a column for each characteristic.

        Raises
        ------
        InputError
            If a column is missing, or held numbers in training and holds text now.
        """
        columns = {
            entry.name: entry.points[entry.places(self._column(X, entry.name))] for entry in self.characteristics
        }
        return pd.DataFrame(columns, index=X.index, dtype=np.float64)

    def score(self, X: pd.DataFrame) -> Floats:
        """Return the score of each row: the base points and the points of its bins."""
        return np.asarray(self.base_points + self.points(X).to_numpy().sum(axis=1))

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the probability of bad that follows from the score; report levels that training never saw."""
        self._report(scoring.X)
        log_odds = self.scale.log_odds(self.score(scoring.X))
        return pd.DataFrame({"probability": 1 / (1 + np.exp(np.clip(log_odds, -700, 700)))}, index=scoring.X.index)

    def explain(self, scoring: Scoring) -> pd.DataFrame:
        """Return what each characteristic adds to the log-odds of bad, from the average applicant."""
        # Adding 0.0 turns a minus zero into a zero.
        return -self.points(scoring.X) / self.scale.factor + 0.0

    def without_bin(self, X: pd.DataFrame) -> dict[str, dict[str, int]]:
        """Count by column the rows whose value has no bin: they count neither for nor against."""
        found = {entry.name: entry.without_bin(self._column(X, entry.name)) for entry in self.characteristics}
        return {name: counts for name, counts in found.items() if counts}

    def learned(self) -> dict[str, Any]:
        """Return the points table in JSON types."""
        return {
            "base_points": self.base_points,
            "points_to_double_odds": self.scale.points_to_double_odds,
            "base_score": self.scale.base_score,
            "base_odds": self.scale.base_odds,
            "rows": self.rows,
            "bad": self.bad,
            "characteristics": [_table_of(entry) for entry in self.characteristics],
            "left_out": dict(self.left_out),
        }

    def save(self, folder: Path) -> None:
        """Write the card as JSON."""
        written = {
            "format": FORMAT,
            "scale": asdict(self.scale),
            "base_points": self.base_points,
            "characteristics": [_written(entry) for entry in self.characteristics],
            "left_out": self.left_out,
            "rows": self.rows,
            "bad": self.bad,
            "classes": list(self.classes),
        }
        text = json.dumps(written, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Card:
        """Read a card that `save` wrote."""
        read = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(
            scale=Scale(**read["scale"]),
            base_points=read["base_points"],
            characteristics=tuple(_read(entry) for entry in read["characteristics"]),
            left_out=read["left_out"],
            rows=read["rows"],
            bad=read["bad"],
            classes=tuple(read["classes"]),
        )

    def _column(self, X: pd.DataFrame, name: str) -> pd.Series[Any]:
        if name not in X.columns:
            raise InputError(
                f"the rows to score have no column '{name}', which the scorecard needs",
                code="D066",
                hints=nearest(name, map(str, X.columns)),
            )
        return X[name]

    def _report(self, X: pd.DataFrame) -> None:
        for name, counts in self.without_bin(X).items():
            for level, count in counts.items():
                what = "a missing value" if level == "missing" else f"'{level}'"
                if (said := f"{name}: {what}") in self._told:
                    continue
                self._told.add(said)
                rows = plural(count, "row")
                text = f"{name} is {what} in {rows}, which training never saw: it counts neither for nor against"
                (self._tell or say)(text, caution=True)


def _table_of(entry: Characteristic) -> dict[str, Any]:
    return {
        "name": entry.name,
        "information_value": entry.information_value,
        "coefficient": entry.coefficient,
        "unseen_points": entry.neutral_points,
        "bins": [
            {
                "bin": one.label,
                **_content_of(one),
                "rows": one.rows,
                "bad": one.bad,
                "bad_rate": one.bad / one.rows,
                "woe": one.woe,
                "points": one.points,
            }
            for one in entry.bins
        ],
    }


def _content_of(one: Bin) -> dict[str, Any]:
    """What falls into the bin, in full: its label cuts long lists of levels short."""
    if one.kind == "interval":
        return {"above": one.low, "up_to": one.high}
    return {"levels": list(one.levels)} if one.kind == "levels" else {}


def _written(entry: Characteristic) -> dict[str, Any]:
    return {**asdict(entry), "bins": [{**asdict(one), "levels": list(one.levels)} for one in entry.bins]}


def _read(written: dict[str, Any]) -> Characteristic:
    bins = tuple(Bin(**{**one, "levels": tuple(one["levels"])}) for one in written["bins"])
    return Characteristic(**{**written, "bins": bins})
