"""A model learns from training rows and answers for others. This one fits on a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field
from sartor.components import PROBABILITY, Fitted, Model
from sartor.context import Context
from sartor.errors import SettingError
from sartor.rows import Scoring, Training

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class FittedPoints(Fitted):
    """Knows the points of every feature.

    Parameters
    ----------
    start : float
        Log-odds before any feature has spoken.
    cuts : dict
        For each number, where low ends and high begins.
    points : dict
        For each feature and each thing it can say, what is added to the log-odds.
    average : dict
        For each feature the average points of the training rows.
    """

    def __init__(
        self, start: float, cuts: dict[str, float], points: dict[str, dict[str, float]], average: dict[str, float]
    ) -> None:
        self.start, self.cuts, self.points, self.average = start, cuts, points, average

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return one line for each row, in their order, with the column `probability`."""
        import numpy as np
        import pandas as pd

        log_odds = self.start + self._points(scoring).sum(axis=1)
        return pd.DataFrame({"probability": 1 / (1 + np.exp(-log_odds))})

    def explain(self, scoring: Scoring) -> pd.DataFrame:
        """Return what each feature adds to the log-odds, counted from the average training row."""
        return self._points(scoring) - self.average

    def learned(self) -> dict[str, Any]:
        """Return what a person wants to read of it; it stands in the record and in the report."""
        return {"start": self.start, "cuts": self.cuts, "points": self.points}

    def save(self, folder: Path) -> None:
        """Write plain data, never a pickle."""
        learned = {"start": self.start, "cuts": self.cuts, "points": self.points, "average": self.average}
        (folder / "points.json").write_text(json.dumps(learned), encoding="utf-8")

    def _points(self, scoring: Scoring) -> pd.DataFrame:
        """Return the points of each row; what training never showed says nothing, and gets none."""
        import pandas as pd

        return pd.DataFrame(
            {
                name: said(scoring.X[name], self.cuts.get(name)).map(points).astype("float64").fillna(0.0)
                for name, points in self.points.items()
            }
        )


class Points(Model):
    """Points for what each feature says, added up: naive Bayes on halves and labels.

    Numbers are cut at their training median. Features that say the same count twice, so that probabilities come out
    too sure of themselves; `damping` holds them back.

    Parameters
    ----------
    smoothing : float
        How many rows of each class are thought to be there before counting; more of them pull points to zero.
    damping : float
        What all points are multiplied by.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    smoothing: float = Field(default=5.0, gt=0, allow_inf_nan=False)
    damping: float = Field(default=0.7, gt=0, le=1)

    def fit(self, training: Training, context: Context) -> FittedPoints:
        """Count, for each thing that a feature can say, how often the row was positive."""
        if len(training.classes) != 2:
            raise SettingError(
                f"tells two classes apart, and there are {len(training.classes)}",
                hints=(("to see all", "sartor list models"),),
            )
        cuts = {name: float(column.median()) for name, column in training.X.items() if is_number(column)}
        start = self._log_odds(training.y)
        points = {
            name: {
                str(label): self.damping * (self._log_odds(training.y[places]) - start)
                for label, places in said(column, cuts.get(name)).groupby(said(column, cuts.get(name))).indices.items()
            }
            for name, column in training.X.items()
        }
        fitted = FittedPoints(start, cuts, points, average={})
        average = fitted._points(training).mean()
        return FittedPoints(start, cuts, points, {str(name): float(mean) for name, mean in average.items()})

    def load(self, folder: Path) -> FittedPoints:
        """Read what `save` wrote."""
        return FittedPoints(**json.loads((folder / "points.json").read_text(encoding="utf-8")))

    def _log_odds(self, y: np.ndarray) -> float:
        import math

        positive = float((y == 1).sum())
        return math.log((positive + self.smoothing) / (len(y) - positive + self.smoothing))


def is_number(column: pd.Series) -> bool:
    """Tell numbers from flags, texts and categories: numbers reach a model as float64."""
    import pandas as pd

    return bool(pd.api.types.is_float_dtype(column.dtype))


def said(column: pd.Series, cut: float | None) -> pd.Series:
    """Return what a feature says in each row, as a label."""
    import numpy as np
    import pandas as pd

    if cut is None:
        return column.astype("object").where(column.notna(), "missing").map(str)
    halves = np.where(column <= cut, "low", "high")
    return pd.Series(np.where(column.isna(), "missing", halves), index=column.index)
