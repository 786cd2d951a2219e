"""Trivial answers of a forecast: plain methods, with the quantiles that their misses had."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sartor.components import QUANTILES, Fitted, Model
from sartor_plugins.forecast.names import M5_QUANTILES
from sartor_plugins.forecast.settings import Method, Quantiles

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.context import Context
    from sartor.rows import Training


class TrivialForecast(Model):
    """Answers with one method, which the rows themselves carry.

    Parameters
    ----------
    method : {"naive", "seasonal_naive", "moving_average"}
    quantiles : list of float
    """

    answers: ClassVar[frozenset[str]] = frozenset({QUANTILES})

    method: Method
    quantiles: Quantiles = Field(default_factory=lambda: list(M5_QUANTILES))

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn how far off the method was."""
        from sartor_plugins.forecast.fitting.spread import fit_spread

        return fit_spread(self.method, self.quantiles, training, of_rows=True)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.forecast.fitting.spread import FittedSpread

        return FittedSpread.load(folder)
