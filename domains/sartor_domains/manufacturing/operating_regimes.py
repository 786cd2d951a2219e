"""Settings of operating regimes; they are learned in `sartor_domains.manufacturing.indicators.regimes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sartor.components import FittedStep, Prepare
from sartor_plugins.learn.settings import FeatureNames

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.context import Context
    from sartor.rows import Training

AGE_FEATURE = "age"


class OperatingRegimes(Prepare):
    """Learns the regimes that units run in, and measures indicators against what is usual in each.

    Regimes are clusters of the training rows in the columns named (k-means on columns brought to one scale). Every
    other number becomes its distance from the mean of the row's regime, in standard deviations of the regime, and the
    column ``regime`` is added. Rows of new data belong to the nearest regime. A row whose condition is missing belongs
    to the largest one.

    Parameters
    ----------
    by : list of str
        Features that hold the operating condition: the ``at_...`` of `manufacturing.condition_indicators`.
    regimes : int
        How many. Where training rows know fewer different conditions, each of them is one.
    without : list of str, optional
        Numbers that stay as they are; ``age`` unless named.
    """

    by: FeatureNames
    regimes: Annotated[int, Field(ge=1, le=200)] = 6
    without: FeatureNames | None = None

    def fit(self, training: Training, context: Context) -> FittedStep:
        """Learn the regimes."""
        from sartor_domains.manufacturing.indicators.regimes import fit_regimes

        return fit_regimes(self, training, context)

    def load(self, folder: Path) -> FittedStep:
        """Return what was saved."""
        from sartor_domains.manufacturing.indicators.regimes import Regimes

        return Regimes.load(folder)
