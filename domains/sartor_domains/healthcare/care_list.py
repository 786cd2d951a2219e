"""Settings of the care list; the work is done in `sartor_domains.healthcare.care`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator

from sartor.components import PROBABILITY, Action, Column, Fraction, Money, Share
from sartor.errors import SettingError
from sartor.wording import plural, plural_noun, singular
from sartor_plugins.survival.answer import SURVIVAL
from sartor_plugins.survival.time_to_event import Horizon

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from sartor.context import Context
    from sartor.evidence.measure import Measure
    from sartor.rows import Scoring, Training
    from sartor.sections import Caution, Section

CARE, USUAL = "care", "usual care"
PATIENTS = "patients"

FactorText = Annotated[str, Field(min_length=1, max_length=120)]


class CareList(Action):
    """Whom to care for first: everyone whose risk is worth acting on, the highest risk first.

    It is worth acting from a threshold on: ``cost / benefit``, or `threshold` itself, which says how many false
    alarms one event found is worth. With money a patient on the list is worth `benefit` if the event comes, less
    `cost`; without it net benefit: 1 for an event, and threshold / (1 - threshold) off for a false alarm. Name the
    recipe's ``currency`` accordingly, such as ``net cases``.

    Each patient on the list comes with the factors that raise the risk most from the average patient's, and with those
    among them that can be changed. Where the model gives an interval (``healthcare.with_interval``), a decision whose
    interval spans the threshold is marked ``unsure``.

    Parameters
    ----------
    benefit : float, optional
        What it is worth to care for a patient who has, or will have, the event, in the recipe's currency.
    cost : float, optional
        What it costs to care for one patient.
    threshold : float, optional
        The risk from which on it is worth acting, in place of `benefit` and `cost`.
    horizon : float, optional
        Where the task asks for a time to the event: the risk is that of the event by then. Who was lost before it is
        weighed for by those who were not.
    at_most : float
        Largest share of the patients that there is room for on the list; the highest risks come first.
    changeable : mapping of column to text
        Factors that can be changed, as they are told: ``{trestbps: Blood pressure}``.
    factors : mapping of column to text
        How other factors are called; those without a text are called by the words of their name.
    not_factors : list of str
        Columns that are named to nobody.
    most_factors : int
        How many factors are told of each patient.
    noun : str, optional
        What a row is called in sentences, as the word for several: ``women``.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY, SURVIVAL})

    benefit: Annotated[Money, Field(gt=0)] | None = None
    cost: Annotated[Money, Field(gt=0)] | None = None
    threshold: Share | None = None
    horizon: Horizon | None = None
    at_most: Fraction = 1.0
    changeable: dict[Column, FactorText] = Field(default_factory=dict)
    factors: dict[Column, FactorText] = Field(default_factory=dict)
    not_factors: list[Column] = Field(default_factory=list)
    most_factors: Annotated[int, Field(ge=1, le=20)] = 4
    noun: Annotated[str, Field(min_length=1, max_length=40)] | None = None

    @model_validator(mode="after")
    def _one_threshold(self) -> Self:
        if (self.benefit is None) != (self.cost is None):
            there, missing = ("cost", "benefit") if self.benefit is None else ("benefit", "cost")
            raise SettingError(
                f"{there} is said and {missing} is missing: they are weighed against each other",
                code="R034",
                hints=(("to mend", "say both, or threshold: 0.1 in their place"),),
            )
        if (self.threshold is None) == (self.benefit is None):
            what = "nothing says" if self.threshold is None else "benefit, cost and threshold say twice"
            raise SettingError(
                f"{what} from which risk on it is worth acting",
                code="R034",
                hints=(("to mend", "say benefit: 20000 and cost: 1500, or threshold: 0.1"),),
            )
        if self.benefit is not None and self.cost is not None and self.cost >= self.benefit:
            raise SettingError(
                f"caring for one patient costs {self.cost:g} and is worth {self.benefit:g} at most: it never pays",
                code="R034",
                hints=(("to mend", "see whether the two are exchanged"),),
            )
        return self

    @property
    def acts_from(self) -> float:
        """The risk from which on it is worth acting.

        Examples
        --------
        >>> CareList(benefit=20000, cost=1500).acts_from
        0.075
        """
        if self.threshold is not None:
            return self.threshold
        assert self.benefit is not None
        assert self.cost is not None
        return self.cost / self.benefit

    @property
    def per_event(self) -> float:
        """What a patient on the list who has the event is worth, what care costs not taken off."""
        return 1 + self.per_patient if self.benefit is None else self.benefit

    @property
    def per_patient(self) -> float:
        """What it costs to have one patient on the list."""
        return self.acts_from / (1 - self.acts_from) if self.cost is None else self.cost

    def decide(self, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
        """Return for each patient whether to care, with risk, interval and factors.

        Returns
        -------
        DataFrame
            ``__row``, ``decision`` (care or usual care), ``place`` on the list (missing for usual care), ``risk``,
            ``risk_low``, ``risk_high`` (missing where the model gives none), ``unsure``, ``factors`` and
            ``changeable`` (texts, the strongest first).
        """
        from sartor_domains.healthcare.care.deciding import decide

        return decide(self, predictions, scoring, context)

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the decisions."""
        return ("decision", "place", "risk", "risk_low", "risk_high", "unsure", "factors", "changeable")

    def value(self, decisions: pd.DataFrame, outcome: Training) -> np.ndarray:
        """Return what each decision was worth, given what happened; usual care is worth nothing and costs nothing."""
        from sartor_domains.healthcare.care.worth import value

        return value(self, decisions, outcome)

    def policies(self, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
        """Return policies that need no model: care for everyone, for nobody, and by the one factor that tells most."""
        from sartor_domains.healthcare.care.policies import policies

        return policies(self, training, scoring, context)

    def measures(self) -> list[Measure]:
        """Return who is on the list and whose event is missed, in all and by group, for gates."""
        from sartor_domains.healthcare.care.fairness import measures

        return measures(self)

    def sections(self, decisions: pd.DataFrame, outcome: Training, context: Context) -> Iterable[Section | Caution]:
        """Return the list in parts, what can be changed, and net benefit by threshold."""
        from sartor_domains.healthcare.care.telling import sections

        return sections(self, decisions, outcome, context)

    def called(self, rows: pd.DataFrame) -> str:
        """Return what several rows are called: as the recipe says, else by the table that they are marked with."""
        return self.noun or plural_noun(str(rows.attrs.get("table") or "")) or PATIENTS

    def headline(self, decisions: pd.DataFrame) -> str:
        """Return the decision in one sentence."""
        noun = self.called(decisions)
        listed = decisions["decision"] == CARE
        unsure = int((decisions["unsure"] & listed).sum()) if "unsure" in decisions else 0
        more = f", {unsure:,} of them unsure" if unsure else ""
        return (
            f"Care for {int(listed.sum()):,} of {plural(len(decisions), singular(noun), noun)} first, from a risk of "
            f"{100 * self.acts_from:.3g} % on{more}."
        )
