"""The level of forecasts, corrected on the last moments of training, which the trees had not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import Fitted
from sartor.rows import AS_OF, KNOWN_AT, Training
from sartor.wording import plural
from sartor_plugins.forecast.fitting.spread import demand_of
from sartor_plugins.forecast.names import NUMBER, quantiles_of

Floats = NDArray[np.float64]
FARTHEST = 1.5
"""A level is never corrected by more than this factor."""
FEWEST = 50
"""Rows that a correction needs."""


@dataclass(frozen=True)
class Level:
    """Factors that answers are multiplied by.

    Parameters
    ----------
    mean : float
    quantiles : mapping of quantile to float
    rows, moments : int
        What they were learned from.
    """

    mean: float = 1.0
    quantiles: Mapping[float, float] = field(default_factory=dict)
    rows: int = 0
    moments: int = 0

    def of(self, quantile: float) -> float:
        """Return the factor of a quantile."""
        return float(self.quantiles.get(quantile, 1.0))

    def told(self) -> str:
        """Say what was corrected."""
        if not self.rows:
            return "the level of forecasts stands as it was learned"
        word = "raised" if self.mean > 1 else "lowered"
        return (
            f"forecasts {word} by {abs(self.mean - 1):.1%}, as demand at {plural(self.moments, 'later moment')} of "
            "training asked for"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it in JSON types."""
        quantiles = {f"{quantile!r}": float(factor) for quantile, factor in self.quantiles.items()}
        return {"mean": self.mean, "quantiles": quantiles, "rows": self.rows, "moments": self.moments}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Level:
        """Return what was written."""
        quantiles = {float(quantile): float(factor) for quantile, factor in saved["quantiles"].items()}
        return cls(float(saved["mean"]), quantiles, int(saved["rows"]), int(saved["moments"]))


def level_of(moments: int, training: Training, fit: Callable[[Training], Fitted]) -> Level:
    """Learn the level: fit on what was known early on, and see how later demand lay to the answers.

    Parameters
    ----------
    moments : int
        Moments of asking that are held back; 0 for none.
    training : Training
    fit : callable

    Returns
    -------
    Level
        Without any factor where there are too few rows or no moments.
    """
    parts = late_part(training.rows, moments)
    if parts is None:
        return Level()
    early, late = (training.take(part) for part in parts)
    if len(early) < FEWEST or len(late) < FEWEST:
        return Level()
    answer = fit(early).predict(late.without_truth())
    demand = demand_of(late)
    weight = np.ones(len(demand)) if late.weight is None else np.asarray(late.weight)
    names = quantiles_of(answer.columns)
    factors = {quantile: _factor(demand, answer[name].to_numpy(), weight, quantile) for quantile, name in names.items()}
    said = float(answer[NUMBER].sum())
    mean = float(np.clip(demand.sum() / said, 1 / FARTHEST, FARTHEST)) if said > 0 else 1.0
    return Level(mean, factors, len(late), int(late.rows[AS_OF].nunique()))


def late_part(rows: pd.DataFrame, moments: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return which rows were known early on, and which were asked later; None where time does not allow it."""
    if not moments or AS_OF not in rows or KNOWN_AT not in rows:
        return None
    asked, known = rows[AS_OF], rows[KNOWN_AT]
    end = known.max()
    longest = (known - asked).max()
    whole = np.sort(asked[asked <= end - longest].unique())
    if len(whole) < 2:
        return None
    cut = whole[-min(moments, max(1, len(whole) // 3))]
    late = ((asked >= cut) & (asked <= end - longest)).to_numpy()
    early = (known <= cut).to_numpy()
    return (early, late) if early.any() and late.any() else None


def _factor(demand: Floats, said: Floats, weight: Floats, quantile: float) -> float:
    """Return the factor with the least pinball loss."""
    tried = np.geomspace(1 / FARTHEST, FARTHEST, 61)
    losses = []
    for factor in tried:
        gap = demand - factor * said
        losses.append(float((weight * np.maximum(quantile * gap, (quantile - 1) * gap)).sum()))
    return float(tried[int(np.argmin(losses))])
