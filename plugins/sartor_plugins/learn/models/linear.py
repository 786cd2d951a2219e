"""Linear models: logistic regression for classes, ridge regression for numbers."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from sartor.components import NUMBER, PROBABILITY, Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.settings import ClassWeights, LearnModel, MaxLevels, MinRows, Penalty


class Logistic(LearnModel):
    """Logistic regression, multinomial where there are more than two classes.

    Numbers are filled by their median, flagged where they were missing and brought to one scale; categories become
    flags. What stands under ``prepare`` comes before that.

    Parameters
    ----------
    penalty : float
        Strength of the L2 penalty on coefficients (1 / C), the intercept left free.
    scale : bool
        Bring numbers to one scale, so that the penalty treats them alike; flags of 0 and 1 stay as they are.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    class_weights : {"none", "balanced"}
        ``balanced`` learns as if all classes were equally common, and turns probabilities back to the real shares.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    penalty: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    scale: bool = True
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5
    class_weights: ClassWeights = "none"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the coefficients."""
        from sartor_plugins.learn.fitting.linear import fit_logistic

        return fit_logistic(self, training, context)


class Linear(LearnModel):
    """Ridge regression.

    Features are encoded as for `Logistic`.

    Parameters
    ----------
    penalty : float
        Strength of the L2 penalty on coefficients; 0 for least squares.
    scale : bool
        Bring numbers to one scale, so that the penalty treats them alike.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    """

    answers: ClassVar[frozenset[str]] = frozenset({NUMBER})

    penalty: Penalty = 1.0
    scale: bool = True
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the coefficients."""
        from sartor_plugins.learn.fitting.linear import fit_linear

        return fit_linear(self, training, context)
