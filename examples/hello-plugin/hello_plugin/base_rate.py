"""The trivial answer: the share of urgent messages in training, for every message alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from sartor.components import PROBABILITY, Fitted, Model
from sartor.context import Context
from sartor.rows import Scoring, Training

if TYPE_CHECKING:
    import pandas as pd


class FittedBaseRate(Fitted):
    """Knows one number."""

    def __init__(self, share: float) -> None:
        self.share = share

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Give every row the same answer."""
        import pandas as pd

        return pd.DataFrame({"probability": [self.share] * len(scoring)})

    def save(self, folder: Path) -> None:
        """Write the number."""
        (folder / "base_rate.json").write_text(json.dumps({"share": self.share}), encoding="utf-8")


class BaseRate(Model):
    """The share of the positive class in training."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    def fit(self, training: Training, context: Context) -> FittedBaseRate:
        """Count."""
        return FittedBaseRate(float(training.y.mean()))

    def load(self, folder: Path) -> FittedBaseRate:
        """Read the number."""
        return FittedBaseRate(json.loads((folder / "base_rate.json").read_text(encoding="utf-8"))["share"])
