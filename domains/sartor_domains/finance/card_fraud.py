"""The task of card fraud: is a payment fraudulent, told before anybody can know?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sartor.components import PROBABILITY, Column, Columns, Duration, Model, TableName, Task, TruthColumn
from sartor.errors import SettingError
from sartor_plugins.learn.tasks import BaseRate, Label, classification_sections

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Tables
    from sartor.sections import Caution, Section


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise SettingError(
            f"'{value}' is not a date", code="R076", hints=(("to mend", "write it like 2024-01-31"),)
        ) from None


Day = Annotated[date, BeforeValidator(_date)]


class CardFraud(Task):
    """How likely is it that a payment is fraudulent? A row for each payment, answered at its own moment.

    A fraud is known only when the holder has complained or an investigator has looked: `label_delay` after the payment
    and for genuine payments as long, as none of them is sure before. A split by time then learns from what was known at
    its cut, and features of past frauds (``of: outcomes``) see each from that moment on.

    Once a fraud of a card is known the card is blocked: its later payments are no rows that teach or judge, as the
    handbook of fraud detection [1]_ has it. To find them would be no merit.

    Labels compare as text: ``fraud: 1`` names the 1 of a column of numbers.

    Parameters
    ----------
    outcome : str
        Column that says how the payment turned out. Payments without an outcome neither teach nor judge.
    card : str
        Column of the card, or of its holder where cards are not told apart; no feature. Intervals redraw cards.
    amount : str
        Column of the amount; a feature like others.
    label_delay : Duration
        How long after the payment it is known whether it was fraud.
    fraud : label
        The outcome that is to be foretold.
    not_known : list of label
        Labels that say neither fraud nor genuine, such as a dispute that is open. Such payments neither teach nor
        judge.
    never : list of str
        Columns that must not be features: identifiers of terminals and holders, what is known only afterwards.
    moment : str, optional
        Column of the moment of the payment; the table's time unless given.
    since : date, optional
        Payments before this day neither teach nor judge: they are history that features look back on. Frauds before it
        block no card.
    known_cards : {"leave out", "keep"}
        Whether payments of a card whose fraud was known by the beginning of the day are rows.
    cards_a_day : int
        How many cards can be looked at in a day, for ``card_precision`` and ``value_detection``.
    table : str, optional
        The table of the payments; needed where there are several.

    References
    ----------
    .. [1] Le Borgne, Siblini, Lebichot and Bontempi, *Reproducible Machine Learning for Credit Card Fraud Detection -
       Practical Handbook*, 2022, chapters 4 and 5.
    """

    answers: ClassVar[str] = PROBABILITY

    outcome: TruthColumn
    card: Column
    amount: Column
    label_delay: Duration
    fraud: Label = 1
    not_known: Annotated[list[Label], Field(max_length=100)] = Field(default_factory=list)
    never: Columns = Field(default_factory=list)
    moment: Column | None = None
    since: Day | None = None
    known_cards: Literal["leave out", "keep"] = "leave out"
    cards_a_day: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    table: TableName | None = None

    @model_validator(mode="after")
    def _settings_fit(self) -> Self:
        if self.outcome in self.never:
            raise SettingError(f"never names '{self.outcome}', the outcome, which is no feature anyhow", code="R034")
        if self.amount in self.never:
            raise SettingError(
                f"never names '{self.amount}', the amount, by which frauds are weighed",
                code="R034",
                hints=(("to mend", "leave it a feature, or name another column as the amount"),),
            )
        return self

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return a row for each payment.

        Raises
        ------
        InputError
            If labels are missing, unexpected or all alike, the table has no key or no moment, or a moment is no date.
        """
        from sartor_domains.finance.fraud.payments import rows

        table = tables.single() if self.table is None else tables[self.table]
        return rows(self, table)

    def trivial(self) -> dict[str, Model]:
        """Return the base rate, and the amount alone: the larger the payment, the likelier it is fraud."""
        from sartor_domains.finance.amount_alone import AmountAlone

        return {"base rate": BaseRate(), "amount alone": AmountAlone(amount=self.amount)}

    def metrics(self) -> list[Metric]:
        """Return the metrics of rare events, and what each day's looks find; average precision compares."""
        from sartor_domains.finance.fraud.metrics import metrics

        return metrics(self.amount, self.cards_a_day)

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return whether the chances can be taken at their word, how rows were chosen, and what days look like."""
        from sartor_domains.finance.fraud.telling.answers import sections

        yield from classification_sections(judged, context)
        yield from sections(self, judged, context)
