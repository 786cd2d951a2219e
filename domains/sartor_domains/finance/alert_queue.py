"""Settings of the queue of alerts; the work is done in `sartor_domains.finance.fraud`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from sartor.components import PROBABILITY, Action, Column, Money, Unit
from sartor.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from sartor.context import Context
    from sartor.evidence.measure import Measure
    from sartor.rows import Scoring, Training
    from sartor.sections import Caution, Section

ALERT, PASS = "alert", "pass"
FactText = Annotated[str, Field(min_length=1, max_length=120)]


class AlertQueue(Action):
    """Alert investigators to the cards that are worth a look, at most so many a day, each with its facts.

    A day's payments of a card are looked at together, when it is over, and the alert stands on the most suspicious one;
    a day is that of the moments as the table has them, in UTC where they have a zone. A look costs
    `review_cost`; it saves `recovered` of the amount of every fraud among that day's payments of the card, and where
    there is none it costs `friction_cost`, what it takes to calm the holder. An alert is expected to be worth

        recovered x sum of chance x amount - review_cost - friction_cost x (1 - highest chance)

    and none is raised that is expected to cost more than it saves. What later frauds a blocked card does not have are
    not counted: the value of a run claims nothing for them.

    Chances are taken at their word, so a model that learned from resampled classes without being put right is refused:
    it would raise far too many alerts.

    Parameters
    ----------
    card : str
        Column of the card.
    amount : str
        Column of the amount. A payment without one, or with a negative one, saves nothing.
    review_cost : float
        What one look costs, in the recipe's currency.
    friction_cost : float
        What it costs to have looked at a card without fraud.
    recovered : float
        Share of the amount of a fraud that a look on the same day saves.
    alerts_a_day : int, optional
        How many cards can be looked at in a day; as many as pay, unless given.
    rank_by : {"value", "probability"}
        What comes first where more pay than can be looked at: what is expected to save most, or what is most surely
        fraud.
    facts : mapping of column to text, optional
        How facts are told beside an alert: ``{terminal_fraud_7_days: "Share of fraud at this terminal"}``. Columns
        that have no text here are called by their names.
    not_facts : list of str
        Columns that are told beside no alert.
    chances : {"checked", "as they are"}
        Whether it is checked that chances are about as high as fraud is common.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    card: Column
    amount: Column
    review_cost: Annotated[Money, Field(ge=0)]
    friction_cost: Annotated[Money, Field(ge=0)] = 0.0
    recovered: Annotated[float, Unit("share"), Field(gt=0, le=1)] = 1.0
    alerts_a_day: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    rank_by: Literal["value", "probability"] = "value"
    facts: dict[str, FactText] = Field(default_factory=dict)
    not_facts: list[str] = Field(default_factory=list)
    chances: Literal["checked", "as they are"] = "checked"

    def decide(self, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
        """Return for each payment whether it heads an alert, what that is expected to be worth, and its facts.

        Returns
        -------
        DataFrame
            ``__row``, ``decision`` (alert or pass), ``probability``, ``amount``, ``expected_value`` (of looking at this
            card on this day), ``place`` in the day's queue, ``payments`` (of the card on that day, this one included),
            ``facts`` and ``facts_from``.

        Raises
        ------
        InputError
            If a column named is not there, the rows have no moment, or chances are far from how common fraud is.
        """
        from sartor_domains.finance.fraud.deciding import decide

        return decide(self, predictions, scoring, context)

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the decisions."""
        return ("decision", "probability", "amount", "expected_value", "place", "payments", "facts", "facts_from")

    def value(self, decisions: pd.DataFrame, outcome: Training) -> np.ndarray:
        """Return what each alert saved and cost, given which payments were fraud; no system at all is worth 0."""
        from sartor_domains.finance.fraud.worth import value

        return value(self, decisions, outcome)

    def policies(self, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
        """Return what is done without a model: nothing, and looking at payments above an amount."""
        from sartor_domains.finance.fraud.policies import policies

        return policies(self, training, scoring, context)

    def measures(self) -> list[Measure]:
        """Return how many alerts hold fraud, and how much fraud and how much of its money is found."""
        from sartor_domains.finance.fraud.measures import measures

        return measures(self)

    def sections(self, decisions: pd.DataFrame, outcome: Training, context: Context) -> Iterable[Section | Caution]:
        """Return the queue in parts and by day, what a larger or smaller one is worth, and the facts told."""
        from sartor_domains.finance.fraud.telling.queue import sections

        return sections(self, decisions, outcome, context)

    def headline(self, decisions: pd.DataFrame) -> str:
        """Return the decision in one sentence."""
        alerts = int((decisions["decision"] == ALERT).sum())
        most = f", at most {self.alerts_a_day:,} a day" if self.alerts_a_day is not None else ""
        return f"Look at {plural(alerts, 'card')} among {plural(len(decisions), 'payment')}{most}."
