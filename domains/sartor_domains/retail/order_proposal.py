"""Settings of the order proposal; the work is done in `sartor_domains.retail.supply`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sartor.components import QUANTILES, Action, Column, Money, Settings, Share, Unit
from sartor.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from sartor.context import Context
    from sartor.rows import Scoring, Training
    from sartor.sections import Caution, Section

Reviews = Literal[1, 4, 8, 13, 26]


class TodaysRule(Settings):
    """What is ordered up to today: so many times the mean of what sold between two reviews.

    Parameters
    ----------
    times : float
    mean_of : {1, 4, 8, 13, 26}
        Over how many of the last stretches between reviews the mean is taken.
    """

    times: Annotated[float, Field(gt=0)] = 5.0
    mean_of: Reviews = 4


class OrderProposal(Action):
    """What to order of each item at each review, in whole packs, with a reason.

    An order fills up what is on hand and on its way to the order-up-to level: a quantile of the demand until the order
    after it arrives. The quantile is a service level that is said, or for each item the one at which the margin lost by
    one unit too few and the cost of holding one too many balance: margin / (margin + holding).

    Its value is that of a replay. At the first review shelves hold the order-up-to level, or what `on_hand` said then,
    and nothing is on its way. From then on each order follows from what was really left: what sold is taken as demand,
    what is asked for above the stock is lost. Holding costs on the mean of the stock after arrivals and at the end,
    the margin of lost units, and a cost for each order line are what a review was worth, below 0.

    Parameters
    ----------
    service_level : float, optional
        Share of order cycles that shall not run out of stock, for all items.
    unit_cost : column or number, optional
        What a unit costs.
    cost_of_price : float, optional
        The same as a share of the mean price of the year before, where no table knows it.
    price : column or number, optional
        What it sells for; left out, the price that the rows tell.
    holding_rate : float
        Cost of holding a unit for a year, as a share of what it costs.
    order_cost : float
        Cost of one order line.
    case_pack : column or int
        Units in a pack; orders are whole packs.
    moq : column or int
        Units that an order has at least, if there is one.
    on_hand, on_order : column, optional
        Of a table that the action's `from` names, with a line for each series. A replay begins with what it says only
        if the table has a time, and so tells of the first review.
    today : TodaysRule
        What is done today, to compare with.
    economic : bool
        Where something is ordered at all, order at least as much as balances the cost of an order line and that of
        holding [1]_: many small orders of what sells slowly cost more than the stock they spare.
    z : float
        Standard deviations above the mean of the textbook rule that stands beside it.
    too_much : float
        More stock than for so many reviews of what is expected is an exception.

    References
    ----------
    .. [1] Harris, *How many parts to make at once*, 1913: the root of 2 x cost of a line x demand / cost of holding.
    """

    answers: ClassVar[frozenset[str]] = frozenset({QUANTILES})

    service_level: Share | None = None
    unit_cost: Column | Annotated[Money, Field(gt=0)] | None = None
    cost_of_price: Share | None = None
    price: Column | Annotated[Money, Field(gt=0)] | None = None
    holding_rate: Annotated[float, Unit("share"), Field(ge=0, le=5)] = 0.25
    order_cost: Annotated[Money, Field(ge=0)] = 1.0
    case_pack: Column | Annotated[int, Field(ge=1)] = 1
    moq: Column | Annotated[int, Field(ge=0)] = 0
    on_hand: Column | None = None
    on_order: Column | None = None
    today: TodaysRule = Field(default_factory=TodaysRule)
    economic: bool = True
    z: Annotated[float, Field(ge=0, le=6)] = 1.645
    too_much: Annotated[float, Field(gt=1)] = 12.0

    @model_validator(mode="after")
    def _cost_is_told_once(self) -> Self:
        if (self.unit_cost is None) == (self.cost_of_price is None):
            raise SettingError(
                "say what a unit costs in one way: unit_cost or cost_of_price",
                hints=(("to mend", "name the column: unit_cost: COLUMN, or a share: cost_of_price: 0.75"),),
            )
        return self

    @model_validator(mode="after")
    def _stock_is_told_whole(self) -> Self:
        if self.on_order is not None and self.on_hand is None:
            raise SettingError(
                "on_order says what is on its way, and on_hand is missing",
                hints=(("to mend", "name the column of what is on hand: on_hand: COLUMN"),),
            )
        return self

    def decide(self, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
        """Return for each series and review what to order, why, and what is on hand by then.

        Returns
        -------
        DataFrame
            ``__row``, ``order`` (units), ``packs``, ``look_first`` (1 for the line to look at first at that review),
            ``exception``, ``reason``, ``order_up_to``, ``expected``, ``on_hand`` (before arrivals), ``arriving``,
            ``on_order``, ``service_level``, ``unit_cost``, ``price``, ``order_value``.

        Raises
        ------
        InputError
            If the rows are none of a replenishment, or cost or stock are not known.
        """
        from sartor_domains.retail.supply.deciding import decide

        return decide(self, predictions, scoring, context)

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the decisions."""
        return (
            "order", "packs", "look_first", "exception", "reason", "order_up_to", "expected", "on_hand", "arriving",
            "on_order", "service_level", "unit_cost", "price", "order_value",
        )  # fmt: skip

    def value(self, decisions: pd.DataFrame, outcome: Training) -> np.ndarray:
        """Return what each series' time until the next review was worth: holding, lost margin and order, below 0."""
        from sartor_domains.retail.supply.replaying import value

        return value(self, decisions, outcome)

    def policies(self, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
        """Return today's rule, the textbook's, and a quantile of past sums, replayed alike."""
        from sartor_domains.retail.supply.policies import policies

        return policies(self, scoring, context)

    def sections(self, decisions: pd.DataFrame, outcome: Training, context: Context) -> Iterable[Section | Caution]:
        """Return what the replay shows: fill, stock and cost beside simple rules, and what asks for a look."""
        from sartor_domains.retail.supply.telling import sections

        return sections(self, decisions, outcome, context)

    def headline(self, decisions: pd.DataFrame) -> str:
        """Return the decision in one sentence."""
        from sartor_domains.retail.supply.telling import headline

        return headline(decisions)
