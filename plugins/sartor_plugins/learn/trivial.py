"""The trivial answers that stand beside every model; also usable as models."""

from __future__ import annotations

from typing import ClassVar

from sartor.components import NUMBER, PROBABILITY, Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.settings import LearnModel


class BaseRate(LearnModel):
    """Answers every row with the classes' shares in training."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    def fit(self, training: Training, context: Context) -> Fitted:
        """Count."""
        from sartor_plugins.learn.fitting.constant import fit_base_rate

        return fit_base_rate(training, context)


class Mean(LearnModel):
    """Answers every row with the mean of training."""

    answers: ClassVar[frozenset[str]] = frozenset({NUMBER})

    def fit(self, training: Training, context: Context) -> Fitted:
        """Average."""
        from sartor_plugins.learn.fitting.constant import fit_mean

        return fit_mean(training, context)


class Median(LearnModel):
    """Answers every row with the median of training."""

    answers: ClassVar[frozenset[str]] = frozenset({NUMBER})

    def fit(self, training: Training, context: Context) -> Fitted:
        """Find the middle."""
        from sartor_plugins.learn.fitting.constant import fit_median

        return fit_median(training, context)
