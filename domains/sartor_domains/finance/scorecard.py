"""Settings of the points scorecard; how it is learned is in `sartor_domains.finance.card`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sartor.components import PROBABILITY, Column, Model, Unit
from sartor.errors import SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.components import Fitted
    from sartor.context import Context
    from sartor.rows import Training


Code = Annotated[float | str, Field(union_mode="smart")]
Two = Annotated[list[Column], Field(min_length=2, max_length=2)]


class Scorecard(Model):
    """Points scorecard that a person can add up by hand.

    Each characteristic is cut into bins whose risk rises or falls throughout; each special code, and missing values,
    have a bin of their own. A logistic regression gives each bin its points, counted from the average applicant: above
    0 is better, below 0 worse. It learns the steps from one weight of evidence to the next, and none of them can be
    negative: of two bins of a characteristic the riskier one never earns more. The score is the base points plus the
    points of one bin for each characteristic, and the probability follows from the score and nothing else.

    The second class of the task is the one that is to be avoided (bad). A level that training never saw counts neither
    for nor against, with a weight of evidence of 0, and is reported when it is scored. A row of which nothing is known,
    everything that the card asks being missing, a special code or unseen, is not scored: its score is missing, its
    status is ``cannot score``, its probability the base rate of training.

    Parameters
    ----------
    max_bins : int
        Most bins of a characteristic, special codes and missing values apart.
    min_share : float
        Fewest training rows in a bin, as a share of all; each bin also holds both good and bad. Rarer levels are
        pooled. A smaller bin of a special code or of missing values is drawn towards the average.
    min_information_value : float
        A characteristic that tells less is left out.
    max_characteristics : int
        Of more characteristics those are taken that tell most beside all others.
    special_codes : mapping of column to list
        Values that are no values: ``{pdays: [999]}``.
    pairs : int or list of two columns each
        Pairs of characteristics that have points together, ``[[amount, duration]]``: the riskier either of them is,
        the riskier the pair. A number takes as many of the strongest characteristics' pairs at most, those that help
        on rows held out inside the training part.
    stiffness : float or "chosen"
        How strongly the steps of a characteristic are held to one length for each unit of weight of evidence. Large
        gives each characteristic one coefficient, as in textbooks; 0 lets each step find its own. ``chosen`` takes the
        stiffest of some that rows held out inside the training part do not show to be worse.
    penalty : float
        Strength of the L2 penalty on a characteristic's coefficient, against the sum of log losses of all rows.
    points_to_double_odds, base_score, base_odds : float
        A score of `base_score` stands for odds of `base_odds` good to one bad; every `points_to_double_odds` more
        double them.
    decimals : int
        Points are rounded to so many decimals, and the score is the sum of rounded points.
    fewest_known : int
        A row is scored if so many columns of the card hold something other than a missing value, a special code or a
        level that training never saw; 0 scores every row.

    References
    ----------
    .. [1] Siddiqi, *Intelligent Credit Scoring*, 2nd ed., 2017.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    max_bins: Annotated[int, Field(ge=2, le=50)] = 8
    min_share: Annotated[float, Unit("share"), Field(gt=0, le=0.5)] = 0.03
    min_information_value: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.02
    max_characteristics: Annotated[int, Field(ge=1, le=500)] = 50
    special_codes: dict[Column, Annotated[list[Code], Field(min_length=1, max_length=50)]] = Field(default_factory=dict)
    pairs: Annotated[int, Field(ge=0, le=20)] | Annotated[list[Two], Field(max_length=20)] = 0
    stiffness: Annotated[float, Field(ge=0, allow_inf_nan=False)] | Literal["chosen"] = 30.0
    penalty: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 3.0
    points_to_double_odds: Annotated[float, Field(gt=0, le=1e6)] = 20.0
    base_score: Annotated[float, Field(ge=-1e6, le=1e6)] = 600.0
    base_odds: Annotated[float, Field(gt=0, le=1e6)] = 50.0
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    fewest_known: Annotated[int, Field(ge=0)] = 1

    @model_validator(mode="after")
    def _pairs_are_of_two(self) -> Self:
        pairs = [] if isinstance(self.pairs, int) else self.pairs
        for first, second in pairs:
            if first == second:
                raise SettingError(f"pairs names '{first}' with itself", hints=(("to mend", "name two columns"),))
        if len({frozenset(pair) for pair in pairs}) != len(pairs):
            raise SettingError("pairs names two columns twice", hints=(("to mend", "leave one out"),))
        return self

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the card.

        Raises
        ------
        InputError
            If there are more than two classes, training rows of one class only, or a setting names a column that is
            no feature.
        """
        from sartor_domains.finance.card.learning import learn

        return learn(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return the card that `Card.save` wrote."""
        from sartor_domains.finance.card.card import Card

        return Card.load(folder)
