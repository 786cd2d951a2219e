"""A chance of fraud from the amount alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from sartor.components import PROBABILITY, Fitted
from sartor.errors import InputError, PluginError, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Scoring, Training
    from sartor_domains.finance.amount_alone import AmountAlone

    Floats = NDArray[np.float64]

FILE = "by_amount.json"


@dataclass(frozen=True)
class ByAmount(Fitted):
    """Log-odds that rise (or fall) with the logarithm of the amount.

    Parameters
    ----------
    amount : str
    slope, intercept : float
    centre : float
        Mean logarithm of training.
    median : float
        Stands for a missing amount.
    """

    amount: str
    slope: float
    intercept: float
    centre: float
    median: float

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the chance of each row."""
        return pd.DataFrame({PROBABILITY: expit(self.intercept + self._beyond(scoring))})

    def explain(self, scoring: Scoring) -> pd.DataFrame:
        """Return what the amount adds to the log-odds."""
        found = pd.DataFrame(0.0, index=range(len(scoring)), columns=scoring.X.columns)
        found[self.amount] = self._beyond(scoring)
        return found

    def _beyond(self, scoring: Scoring) -> Floats:
        return self.slope * (logarithm(scoring, self.amount, self.median) - self.centre)

    def learned(self) -> dict[str, Any]:
        """Return the curve."""
        return {"slope of the logarithm": self.slope, "log-odds at the mean": self.intercept}

    def save(self, folder: Path) -> None:
        """Write the numbers."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> ByAmount:
        """Return what was saved."""
        try:
            saved = json.loads((folder / FILE).read_text(encoding="utf-8"))
            return cls(str(saved.pop("amount")), **{name: float(value) for name, value in saved.items()})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PluginError(
                f"the saved model in {folder.name} cannot be read: {FILE}: {error}", code="X031"
            ) from error


def fit(settings: AmountAlone, training: Training) -> ByAmount:
    """Fit `AmountAlone`."""
    y, weight = np.asarray(training.y), training.weight
    values = amounts(training, settings.amount)
    known = values[np.isfinite(values)]
    median = float(np.median(known)) if len(known) else 0.0
    x = logarithm(training, settings.amount, median)
    centre, spread = float(x.mean()), float(x.std())
    share = float(np.average(y == 1, weights=weight))
    if not 0 < share < 1 or spread < 1e-12:
        bounded = min(max(share, 1e-9), 1 - 1e-9)
        return ByAmount(settings.amount, 0.0, float(np.log(bounded / (1 - bounded))), centre, median)
    learned = LogisticRegression(C=1e4, tol=1e-8, max_iter=1_000)
    learned.fit(((x - centre) / spread)[:, None], y == 1, sample_weight=weight)
    slope, intercept = float(learned.coef_[0, 0]) / spread, float(learned.intercept_[0])
    return ByAmount(settings.amount, slope, intercept, centre, median)


def amounts(scoring: Scoring, amount: str) -> Floats:
    """Return the amounts of rows; NaN where there is none.

    Raises
    ------
    InputError
        If the column is not there.
    """
    for frame in (scoring.rows, scoring.X):
        if amount in frame.columns:
            return np.asarray(frame[amount].to_numpy(dtype=np.float64, na_value=np.nan))
    raise InputError(
        f"the rows have no column '{amount}' for the amount of the payment",
        code="R041",
        hints=nearest(amount, [*map(str, scoring.rows.columns), *map(str, scoring.X.columns)]),
    )


def logarithm(scoring: Scoring, amount: str, median: float) -> Floats:
    """Return log(1 + amount), a missing one counted as the median and a negative one as 0."""
    values = amounts(scoring, amount)
    return np.log1p(np.maximum(np.where(np.isfinite(values), values, median), 0.0))
