"""Settings of the slate; the work is done in `sartor_domains.ecommerce.slating`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sartor.components import Action, Column, Duration, Share, TableName
from sartor.errors import SettingError
from sartor.wording import form, percent, plural
from sartor_plugins.recommend.names import SLATE

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from sartor.context import Context
    from sartor.rows import Scoring, Training
    from sartor.sections import Caution, Section

SHOW, SHORT, NOTHING, NO_CONSENT = "show", "show fewer", "nothing to show", "no consent"
NO_CANDIDATE = "no candidate"
"""The model named no item: no rule took anything away."""


class Slate(Action):
    """Which items to show each customer, under the rules of the shop.

    Rules look at a catalogue and at the customers, tables that the action names under ``from``. Each slate is the best
    of the model's candidates that the rules leave; where they leave too few it is shorter, and the run says how often.
    On the held-out window every rule is priced: what leaving it out would be worth, in NDCG and in money.

    What a slate was worth is what the customer paid in the window for items that were on it: an upper bound of what
    showing them brought, as some would have been bought anyhow, and the same for every model and policy.

    Parameters
    ----------
    length : int
        How many items a slate has.
    catalogue : str, optional
        The table of the items; its column of the items has the role ``item``.
    customers : str, optional
        The table of the customers; its column of the customers has the role ``user``.
    in_stock : str, optional
        Column of the catalogue: pieces in stock, or whether there are any. What is sold out, or not in the catalogue,
        is not shown.
    not_bought_within : Duration, optional
        What a customer bought in this time before the moment is not shown.
    category : str, optional
        Column of the catalogue.
    most_of_category : int, optional
        How many items of one category a slate may have.
    promoted : str, optional
        Column of the catalogue: whether an item is promoted.
    promoted_share : float, optional
        Share of a slate that promoted items have at least, as far as there are candidates.
    consent : str, optional
        Column of the customers: whether they may be addressed. Who is not in the table has not agreed.
    margin : str, optional
        Column of the catalogue: share of the price that is earned. Slates are then worth margin in place of revenue.
    least_margin : float, optional
        What earns a smaller share is not shown.
    """

    answers: ClassVar[frozenset[str]] = frozenset({SLATE})

    length: Annotated[int, Field(ge=1, le=1000)] = 10
    catalogue: TableName | None = None
    customers: TableName | None = None
    in_stock: Column | None = None
    not_bought_within: Duration | None = None
    category: Column | None = None
    most_of_category: Annotated[int, Field(ge=1)] | None = None
    promoted: Column | None = None
    promoted_share: Share | None = None
    consent: Column | None = None
    margin: Column | None = None
    least_margin: Share | None = None

    @model_validator(mode="after")
    def _rules_are_whole(self) -> Self:
        for one, other in (("category", "most_of_category"), ("promoted", "promoted_share")):
            if (getattr(self, one) is None) != (getattr(self, other) is None):
                raise SettingError(
                    f"{one} and {other} go together: a column of the catalogue, and what holds of it",
                    code="R034",
                    hints=(("to mend", f"write both, or neither: {one}: COLUMN, {other}: NUMBER"),),
                )
        if self.least_margin is not None and self.margin is None:
            raise SettingError(
                "least_margin needs the margins: no column is named",
                code="R034",
                hints=(("to mend", "name the column of the catalogue: margin: COLUMN"),),
            )
        of_items = [name for name in ("in_stock", "category", "promoted", "margin") if getattr(self, name) is not None]
        if of_items and self.catalogue is None:
            raise SettingError(
                f"{of_items[0]} is a column of the catalogue, and no catalogue is named",
                code="R034",
                hints=(("to mend", "name the table: catalogue: TABLE, and hand it to the action: from: [TABLE]"),),
            )
        if self.consent is not None and self.customers is None:
            raise SettingError(
                "consent is a column of the customers, and their table is not named",
                code="R034",
                hints=(("to mend", "name the table: customers: TABLE, and hand it to the action: from: [TABLE]"),),
            )
        return self

    def rules(self) -> dict[str, str]:
        """Return the rules that hold, by their names, each with a few words."""
        told: dict[str, tuple[object, Literal[""] | str]] = {
            "in stock": (self.in_stock, "only what is in stock"),
            "bought within": (self.not_bought_within, f"nothing bought in the last {self.not_bought_within}"),
            "category cap": (self.most_of_category, f"at most {self.most_of_category} of a category"),
            "promotions": (self.promoted_share, f"at least {percent(self.promoted_share or 0)} promoted"),
            "margin floor": (self.least_margin, f"nothing below a margin of {percent(self.least_margin or 0)}"),
            "consent": (self.consent, "only who agreed"),
        }
        return {name: words for name, (setting, words) in told.items() if setting is not None}

    def decide(self, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
        """Return a slate for each row."""
        from sartor_domains.ecommerce.slating import decide

        return decide(self, predictions, scoring, context)

    def value(self, decisions: pd.DataFrame, outcome: Training) -> np.ndarray | None:
        """Return what was paid in the window for what stood on each slate; None where no price is known."""
        from sartor_domains.ecommerce.slating import value

        return value(decisions, outcome)

    def policies(self, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
        """Return slates of what each customer bought last, under the same rules."""
        from sartor_domains.ecommerce.slating import bought_last

        return {"bought last": decided} if (decided := bought_last(self, scoring, context)) is not None else {}

    def columns(self) -> tuple[str, ...]:
        """Return the names of the decisions' columns."""
        return ("decision", "slate", "reasons", "earns")

    def headline(self, decisions: pd.DataFrame) -> str:
        """Say how many customers are shown how many items, and who is not."""
        counts = decisions["decision"].value_counts()
        shown = int(counts.get(SHOW, 0) + counts.get(SHORT, 0))
        said = f"Show {shown:,} of {plural(len(decisions), 'customer')} {plural(self.length, 'item')} each"
        if short := int(counts.get(SHORT, 0)):
            said += f", {short:,} of them fewer"
        if without := int(counts.get(NO_CONSENT, 0)):
            said += f"; {without:,} did not agree and {form(without, 'is', 'are')} left alone"
        if nothing := int(counts.get(NOTHING, 0)):
            said += f"; for {nothing:,} the rules leave nothing"
        if unnamed := int(counts.get(NO_CANDIDATE, 0)):
            said += f"; for {unnamed:,} the model names no item of what the task's targets ask for"
        return said + "."

    def sections(self, decisions: pd.DataFrame, outcome: Training, context: Context) -> Iterable[Section | Caution]:
        """Return what each rule costs on the held-out window."""
        from sartor_domains.ecommerce.pricing import sections

        return sections(self, decisions, outcome, context)
