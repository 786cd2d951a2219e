"""A step of prepare: whatever is learned from rows to prepare features belongs here, and nowhere else.

sartor fits it on training rows only, in every fold. A feature that knew the average over all messages would have seen
the ones that it is judged by.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sartor.components import Column, FittedStep, Prepare
from sartor.context import Context
from sartor.rows import Training

if TYPE_CHECKING:
    import pandas as pd


class FittedRelative(FittedStep):
    """Knows what is usual for each label, and for all together."""

    def __init__(self, number: str, by: str, usual: dict[str, float], overall: float) -> None:
        self.number, self.by, self.usual, self.overall = number, by, usual, overall

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Divide; a label that training never showed is held against all together."""
        usual = X[self.by].astype("object").map(self.usual).astype("float64").fillna(self.overall)
        # `assign` makes a new frame: what a verb is handed must stay as it is.
        return X.assign(**{self.number: X[self.number] / usual})

    def save(self, folder: Path) -> None:
        """Write plain JSON: opening a pickle would run whatever is in it, and is not allowed."""
        learned = {"number": self.number, "by": self.by, "usual": self.usual, "overall": self.overall}
        (folder / "relative.json").write_text(json.dumps(learned), encoding="utf-8")


class Relative(Prepare):
    """Holds a number against what is usual for its like: 300 letters are a long chat and a short letter.

    Parameters
    ----------
    number : str
        The feature to divide; it must be positive.
    by : str
        The feature that says what is alike.
    """

    number: Column
    by: Column

    def fit(self, training: Training, context: Context) -> FittedRelative:
        """Average the training rows of each label."""
        numbers, labels = training.X[self.number], training.X[self.by].astype("object")
        usual = numbers.groupby(labels).mean().dropna()
        return FittedRelative(
            self.number, self.by, {str(label): float(mean) for label, mean in usual.items()}, float(numbers.mean())
        )

    def load(self, folder: Path) -> FittedRelative:
        """Read what `save` wrote."""
        return FittedRelative(**json.loads((folder / "relative.json").read_text(encoding="utf-8")))
