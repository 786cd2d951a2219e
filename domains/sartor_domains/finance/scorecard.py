"""Settings of the points scorecard; how it is learned is in `sartor_domains.finance.card`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sartor.components import PROBABILITY, Model, Unit

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.components import Fitted
    from sartor.context import Context
    from sartor.rows import Training


class Scorecard(Model):
    """Points scorecard that a person can add up by hand.

    Each characteristic is cut into bins whose risk rises or falls throughout, missing values in a bin of their own. A
    logistic regression on the bins' weights of evidence whose coefficients cannot be negative gives each bin its
    points, counted from the average applicant: above 0 is better, below 0 worse. The score is the base points plus
    the points of one bin for each characteristic, and the probability follows from the score and nothing else.

    The second class of the task is the one that is to be avoided (bad). A level that training never saw counts
    neither for nor against, with a weight of evidence of 0, and is reported when it is scored.

    Parameters
    ----------
    max_bins : int
        Most bins of a characteristic, the one for missing values apart.
    min_share : float
        Fewest training rows in a bin, as a share of all; each bin also holds both good and bad. Rarer levels are
        pooled. A smaller bin of missing values is drawn towards the average.
    min_information_value : float
        A characteristic that tells less is left out.
    penalty : float
        Strength of the L2 penalty on the coefficients, against the sum of log losses of all rows.
    points_to_double_odds, base_score, base_odds : float
        A score of `base_score` stands for odds of `base_odds` good to one bad; every `points_to_double_odds` more
        double them.
    decimals : int
        Points are rounded to so many decimals, and the score is the sum of rounded points.

    References
    ----------
    .. [1] Siddiqi, *Intelligent Credit Scoring*, 2nd ed., 2017.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    max_bins: Annotated[int, Field(ge=2, le=50)] = 6
    min_share: Annotated[float, Unit("share"), Field(gt=0, le=0.5)] = 0.05
    min_information_value: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.02
    penalty: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 3.0
    points_to_double_odds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 20.0
    base_score: Annotated[float, Field(allow_inf_nan=False)] = 600.0
    base_odds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 50.0
    decimals: Annotated[int, Field(ge=0, le=6)] = 0

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the card.

        Raises
        ------
        InputError
            If there are more than two classes, or training rows of one class only.
        """
        from sartor_domains.finance.card.learning import learn

        return learn(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return the card that `Card.save` wrote."""
        from sartor_domains.finance.card.card import Card

        return Card.load(folder)
