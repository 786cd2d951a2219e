"""Settings of Cox regression; the work is done in `sartor_plugins.survival.fitting.cox`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from sartor.components import Fitted, Model
from sartor_plugins.learn.settings import MaxLevels, MinRows, Penalty
from sartor_plugins.survival.answer import SURVIVAL

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.context import Context
    from sartor.rows import Training


class Cox(Model):
    """Cox regression: features multiply the hazard, the same at all times; the hazard itself is as it was.

    Numbers are filled by their median, flagged where they were missing and brought to one scale; categories become
    flags. What stands under ``prepare`` comes before that. The curve is Breslow's.

    Parameters
    ----------
    penalty : float
        Strength of the L2 penalty on coefficients, against the log-likelihood of all rows; 0 for none.
    ties : {"efron", "breslow"}
        How events at one time are counted.
    flags : bool
        Flag missing numbers.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    """

    answers: ClassVar[frozenset[str]] = frozenset({SURVIVAL})

    penalty: Penalty = 1.0
    ties: Literal["efron", "breslow"] = "efron"
    flags: bool = True
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5

    def fit(self, training: Training, context: Context) -> Fitted:
        """Maximise the penalised partial likelihood."""
        from sartor_plugins.survival.fitting.cox import fit_cox

        return fit_cox(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.survival.fitting.cox import CoxFit

        return CoxFit.load(folder)
