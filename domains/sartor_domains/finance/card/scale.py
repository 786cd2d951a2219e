"""How log-odds and points hang together."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STEEPEST = 700.0
"""Log-odds are held within this before they become a probability."""


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

    @property
    def log_base_odds(self) -> float:
        """The log-odds of good that the base score stands for."""
        return log(self.base_odds)

    def score(self, log_odds: float) -> float:
        """The score that stands for log-odds of good."""
        return self.base_score + self.factor * (log_odds - log(self.base_odds))

    def rounded(self, points: float) -> float:
        """Points as the card has them; never a minus zero."""
        return round(points, self.decimals) + 0.0

    def log_odds(self, score: Floats) -> Floats:
        """The log-odds of good that a score stands for."""
        return np.asarray((score - self.base_score) / self.factor + log(self.base_odds))

    def probability(self, score: Floats) -> Floats:
        """The probability of bad that a score stands for."""
        return np.asarray(1 / (1 + np.exp(np.clip(self.log_odds(score), -STEEPEST, STEEPEST))))

    def units(self, points: Floats) -> NDArray[np.int64]:
        """Points as whole numbers of their last decimal, so that sums are exact whatever their order."""
        return np.rint(points * 10.0**self.decimals).astype(np.int64)

    def from_units(self, units: NDArray[np.int64]) -> Floats:
        """Points that were whole numbers of their last decimal."""
        return np.asarray(units / 10.0**self.decimals, dtype=np.float64)
