"""Settings of the credit decision; the work is done in `sartor_domains.finance.lending`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator

from sartor.components import PROBABILITY, Action, Column, Columns, Money, Settings, Share, Unit
from sartor.errors import SettingError
from sartor.wording import plural, plural_noun, singular

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from sartor.context import Context
    from sartor.evidence.measure import Measure
    from sartor.rows import Scoring, Training
    from sartor.sections import Caution, Section

ACCEPT, REFER, DECLINE = "accept", "refer", "decline"
APPLICATIONS = "applications"


Label = bool | int | float | str
"""A value as it may be written in a recipe; they compare as text."""
ReasonText = Annotated[str, Field(min_length=1, max_length=120)]


class PresentPolicy(Settings):
    """Where the rows say what was decided on them until now.

    Parameters
    ----------
    column : str
        It must be no feature: say it of the task, ``never: [COLUMN]``.
    accept, decline, refer : list of label
        What its values mean. A value in none of them is an error; where it is missing a person had to look.
    """

    column: Column
    accept: Annotated[list[Label], Field(min_length=1)]
    decline: list[Label] = Field(default_factory=list)
    refer: list[Label] = Field(default_factory=list)

    @model_validator(mode="after")
    def _each_value_means_one_thing(self) -> Self:
        labels = [str(label) for label in (*self.accept, *self.decline, *self.refer)]
        twice = next((label for label in labels if labels.count(label) > 1), None)
        if twice is not None:
            raise SettingError(
                f"the present policy's value '{twice}' means two things",
                hints=(("to mend", "name it under one of accept, decline and refer"),),
            )
        return self


class CreditDecision(Action):
    """Accept an application, have a person look at it, or decline it.

    A good loan earns `margin` times its amount, a bad one loses `loss_given_default` times its amount. A loan is worth
    making below the break-even chance of default, margin / (margin + loss_given_default). Declining is worth nothing
    and costs nothing. A referred application counts as nothing until a person has decided, less `refer_cost`: the
    value of a run claims nothing for that person's judgement.

    An application without an amount above 0 (and up to 1e100), without a probability, or of which the model says that
    it cannot score it is always referred, and a loan without an amount counts as nothing.

    Each decline comes with at most four reasons, the factors that the model counts most against the applicant, from
    the average applicant. A decline without a reason that may be named becomes a referral, and is counted: no notice
    could say why. A model that does not explain itself declines without reasons, and the run says so.

    Parameters
    ----------
    loss_given_default : float
        Share of the amount lost when a loan goes bad, after recoveries.
    margin : float
        Share of the amount earned over the whole life of a good loan, after the costs of money and handling.
    amount : str, optional
        Column of the amount at stake. Left out, it is the one column that is called like an amount.
    amount_per_loan : float, optional
        The same amount for every loan, in place of a column.
    refer_within : float
        Refers applications whose chance of default lies this close to break-even.
    accept_below, decline_from : float, optional
        Cut-offs on the chance of default, in place of break-even and `refer_within`: accept below the one, decline
        from the other on, refer what lies between. One alone is a single cut-off.
    refer_cost : float
        What it costs to have a person look at one application, in the recipe's currency.
    reasons : mapping of column to text, optional
        How factors are called on a notice: ``{savings: Little in savings}``. Factors with one text count as one. What
        has no text here is called by the words of its name. A catalogue for several recipes stands in a recipe that
        they extend.
    not_reasons : list of str
        Columns that no notice may name.
    bad_rate_of_population : float, optional
        Share of bad loans among those who apply, where bad ones were drawn more often into the data. Chances of
        default are brought to it before they are decided on, and each loan counts in money for as many as it stands
        for; metrics of models stay as they are on the data.
    present_policy : PresentPolicy, optional
        ``{column: approved, accept: [1], decline: [0]}``: what was decided until now, as a policy to compare with.
    noun : str, optional
        What a row is called in sentences, as the word for several: ``card holders``. Left out, it is the word that the
        recipe's name of the table ends in, where that is a word for several things, and ``applications`` elsewhere.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    row_by_row: ClassVar[bool] = True

    loss_given_default: Annotated[float, Unit("share"), Field(gt=0, le=1)]
    margin: Annotated[float, Unit("share"), Field(gt=0, le=1)]
    amount: Column | None = None
    amount_per_loan: Annotated[Money, Field(gt=0)] | None = None
    refer_within: Annotated[float, Unit("share"), Field(ge=0, lt=1)] = 0.0
    accept_below: Share | None = None
    decline_from: Share | None = None
    refer_cost: Annotated[Money, Field(ge=0)] = 0.0
    reasons: dict[Column, ReasonText] = Field(default_factory=dict)
    not_reasons: Columns = Field(default_factory=list)
    bad_rate_of_population: Share | None = None
    present_policy: PresentPolicy | None = None
    noun: Annotated[str, Field(min_length=1, max_length=40)] | None = None

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        if self.amount is not None and self.amount_per_loan is not None:
            raise SettingError("amount and amount_per_loan exclude each other", hints=(("to mend", "leave one out"),))
        if self.refer_within and (self.accept_below is not None or self.decline_from is not None):
            raise SettingError(
                "refer_within is a band around break-even and does not go with cut-offs",
                hints=(("to mend", "say both accept_below and decline_from, and refer what lies between"),),
            )
        low, high = self.cut_offs
        if low > high:
            raise SettingError(
                f"accept_below, {low:g}, lies above decline_from, {high:g}: what lies between would be both",
                hints=(("to mend", "make accept_below the smaller of the two"),),
            )
        return self

    @property
    def break_even(self) -> float:
        """The chance of default at which a loan earns as much as it loses.

        Examples
        --------
        >>> round(CreditDecision(loss_given_default=0.6, margin=0.12).break_even, 4)
        0.1667
        """
        return self.margin / (self.margin + self.loss_given_default)

    @property
    def cut_offs(self) -> tuple[float, float]:
        """Accept below the first, decline from the second on."""
        if self.accept_below is None and self.decline_from is None:
            return self.break_even - self.refer_within, self.break_even + self.refer_within
        low = self.accept_below if self.accept_below is not None else self.decline_from
        high = self.decline_from if self.decline_from is not None else self.accept_below
        assert low is not None
        assert high is not None
        return low, high

    def decide(self, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
        """Return for each application the decision, its expected value, and for a decline the reasons.

        Returns
        -------
        DataFrame
            ``__row``, ``decision`` (accept, refer or decline), ``probability`` (of default, in the population),
            ``amount``, ``expected_value`` (if accepted), ``reasons`` (texts, at most four, the strongest first),
            ``reason_factors`` (the columns behind them) and ``reasons_from``.

        Raises
        ------
        InputError
            If there is no amount to be found, it is missing throughout, or `reasons` or `not_reasons` name a column
            that is not there.
        """
        from sartor_domains.finance.lending.deciding import decide

        return decide(self, predictions, scoring, context)

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the decisions."""
        return ("decision", "probability", "amount", "expected_value", "reasons", "reason_factors", "reasons_from")

    def value(self, decisions: pd.DataFrame, outcome: Training) -> np.ndarray:
        """Return the money that each decision was worth, given how the loan went."""
        from sartor_domains.finance.lending.worth import value

        return value(self, decisions, outcome)

    def policies(self, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
        """Return policies that need no model: accept everyone, decline everyone, a one-line rule, the present one."""
        from sartor_domains.finance.lending.policies import policies

        return policies(self, training, scoring, context)

    def measures(self) -> list[Measure]:
        """Return who is accepted, in all and by group, for the table of fairness and for gates."""
        from sartor_domains.finance.lending.fairness import measures

        return measures(self.bad_rate_of_population)

    def sections(self, decisions: pd.DataFrame, outcome: Training, context: Context) -> Iterable[Section | Caution]:
        """Return the decision's parts, value by cut-off, who changes sides, reasons named, and groups compared."""
        from sartor_domains.finance.lending.telling import sections

        return sections(self, decisions, outcome, context)

    def called(self, rows: pd.DataFrame) -> str:
        """Return what several rows are called: as the recipe says, else by the table that they are marked with."""
        return self.noun or plural_noun(str(rows.attrs.get("table") or "")) or APPLICATIONS

    def headline(self, decisions: pd.DataFrame) -> str:
        """Return the decision in one sentence."""
        counts = decisions["decision"].value_counts()
        accepted, referred, declined = (int(counts.get(decision, 0)) for decision in (ACCEPT, REFER, DECLINE))
        noun = self.called(decisions)
        looked = f", have a person look at {referred:,}" if referred else ""
        return f"Accept {accepted:,} of {plural(len(decisions), singular(noun), noun)}{looked}, decline {declined:,}."
