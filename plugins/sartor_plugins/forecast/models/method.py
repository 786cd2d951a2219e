"""The model that answers with one method."""

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


class OneMethod(Model):
    """Answers with the forecast of each series from its own past, and with the quantiles that its misses had.

    The forecast is a feature: ``features: {own: {use: forecast.own, with: {methods: [theta]}}}``. Quantiles are those
    of demand against forecast in training rows that were said as much and lie as far ahead.

    Parameters
    ----------
    method : str
        One of those that `forecast.own` offers.
    quantiles : list of float
        Which quantiles of the demand to answer, rising.
    """

    answers: ClassVar[frozenset[str]] = frozenset({QUANTILES})

    method: Method
    quantiles: Quantiles = Field(default_factory=lambda: list(M5_QUANTILES))

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn how far off the method was."""
        from sartor_plugins.forecast.fitting.spread import fit_spread

        return fit_spread(self.method, self.quantiles, training, of_rows=False)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.forecast.fitting.spread import FittedSpread

        return FittedSpread.load(folder)
