"""Naive Bayes."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from sartor.components import PROBABILITY, Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.settings import LearnModel, MaxLevels


class NaiveBayes(LearnModel):
    """Naive Bayes for mixed columns: normal numbers, counted categories, as if independent within a class.

    Missing numbers say nothing; a missing category is a level of its own where training had some. Numbers beyond those
    of training count as the nearest that was seen. Its order is often good and its probabilities too extreme: wrap it
    in ``learn.calibrated`` where they matter.

    Parameters
    ----------
    smoothing : float
        Rows that every level of a category is given in every class beforehand.
    max_levels : int
        Levels of a category beyond the commonest share one count.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    smoothing: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    max_levels: MaxLevels = 200

    def fit(self, training: Training, context: Context) -> Fitted:
        """Count and average."""
        from sartor_plugins.learn.fitting.bayes import fit_bayes

        return fit_bayes(self, training, context)
