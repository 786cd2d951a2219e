"""Settings of the choice of indicators; they are ranked in `sartor_domains.manufacturing.indicators.ranking`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sartor.components import FittedStep, Fraction, Prepare

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.context import Context
    from sartor.rows import Training


class TellingIndicators(Prepare):
    """Keeps the indicators that tell wear best, by the lives of the training units [1]_.

    *Monotonicity*: how steadily an indicator rises or falls over a life (rank correlation with age, its size, averaged
    over units). *Trendability*: how alike its course is from unit to unit (correlation of each unit's course with the
    average course, over the share of life). *Prognosability*: how near to each other units end, against how far they
    have come (``exp(-sd(ends) / mean |end - beginning|)``). Each lies between 0 and 1, and the score is their mean.
    Numbers alone are ranked; whatever else there is stays. A number that never changes is left out always.

    Parameters
    ----------
    keep : int
        How many indicators are kept at most.
    least_score : float
        An indicator of a lower score is left out.

    References
    ----------
    .. [1] Coble and Hines, "Identifying Optimal Prognostic Parameters from Data: A Genetic Algorithms Approach",
       PHM 2009.
    """

    keep: Annotated[int, Field(ge=1, le=100_000)] = 40
    least_score: Fraction = 0.0

    def fit(self, training: Training, context: Context) -> FittedStep:
        """Rank the indicators.

        Raises
        ------
        InputError
            If rows do not tell their unit and age, as those of `manufacturing.remaining_life` do.
        """
        from sartor_domains.manufacturing.indicators.ranking import fit_telling

        return fit_telling(self, training, context)

    def load(self, folder: Path) -> FittedStep:
        """Return what was saved."""
        from sartor_domains.manufacturing.indicators.ranking import Telling

        return Telling.load(folder)
