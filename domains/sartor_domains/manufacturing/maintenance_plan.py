"""Settings of the maintenance plan; the work is done in `sartor_domains.manufacturing.planning`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator

from sartor.components import NUMBER, Action, Duration, Money
from sartor.errors import SettingError
from sartor.wording import plural, singular

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from sartor.context import Context
    from sartor.rows import Scoring, Training
    from sartor.sections import Caution, Section

SERVICE, RUN_ON, SUPERSEDED = "service", "run on", "superseded"
"""What becomes of a unit; a reading is superseded where plans meet its unit at another one."""
Cost = Annotated[Money, Field(ge=0)]


class MaintenancePlan(Action):
    """Takes units out for service before they fail, and not much before.

    A plan covers the next `horizon` cycles. A unit that fails in them costs `failure_cost`. One that is serviced before
    costs `service_cost`, and `unused_cycle` for each cycle that it would have run beyond; one that is serviced too
    late has failed. A plan is worth what it saves against letting every unit run to failure.

    For each unit and each slot the expected cost follows from the chance that it has failed by then: from the quantiles
    of the model's answer where it tells any (`learn.conformal`), else from the answer as if it were certain. The plan
    is the one of least expected cost in which no slot has more services than there is crew. Where rows are of several
    moments there is a plan for each; where a plan has several rows of a unit, its latest counts. Held-out units that
    ran to failure without a date are met by five plans, spread over their lives.

    Parameters
    ----------
    failure_cost : float
        What a failure costs, with the loss of production and all that it breaks.
    service_cost : float
        What a planned service costs; less than a failure.
    unused_cycle : float
        What a cycle of life costs that is given up: about `service_cost` divided by the cycles of a usual life.
    horizon : int
        Cycles that a plan covers.
    slot : int
        Cycles of a slot; a unit is serviced at the beginning of one.
    crew : int, optional
        Most services in a slot; as many as are wanted, unless given.
    cycle : Duration, optional
        How long a cycle is, such as ``1 day``. Where rows have a moment, decisions then say the day of each service,
        ``by``.
    noun : str
        What units are called, in the plural.

    References
    ----------
    .. [1] Barlow and Hunter, "Optimum Preventive Maintenance Policies", Operations Research 8(1), 1960: the fixed
       interval that the plan is compared with.
    """

    answers: ClassVar[frozenset[str]] = frozenset({NUMBER})

    failure_cost: Cost
    service_cost: Cost
    unused_cycle: Cost = 0.0
    horizon: Annotated[int, Field(ge=1, le=100_000)] = 30
    slot: Annotated[int, Field(ge=1, le=100_000)] = 5
    crew: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    cycle: Duration | None = None
    noun: Annotated[str, Field(min_length=1, max_length=40)] = "units"

    @model_validator(mode="after")
    def _a_service_is_worth_it(self) -> Self:
        if self.service_cost >= self.failure_cost:
            raise SettingError(
                f"a planned service costs {self.service_cost:g} and a failure {self.failure_cost:g}: nothing is worth "
                "planning",
                hints=(("to mend", "see whether the two are exchanged"),),
            )
        if self.slot > self.horizon:
            raise SettingError(
                f"a slot of {self.slot} cycles is longer than the plan's {self.horizon}",
                hints=(("to mend", f"write a shorter one: slot: {self.horizon}"),),
            )
        return self

    @property
    def starts(self) -> list[int]:
        """Cycles from now at which each slot begins."""
        return list(range(0, self.horizon, self.slot))

    def counted(self, count: int) -> str:
        """Return a number of units with their word."""
        return plural(count, singular(self.noun), self.noun)

    def decide(self, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
        """Return what becomes of each unit: its decision, by when, what is expected of it, and why."""
        from sartor_domains.manufacturing.planning.deciding import decide

        return decide(self, predictions, scoring, context)

    def value(self, decisions: pd.DataFrame, outcome: Training) -> np.ndarray:
        """Return what each decision saved, in money, against letting the unit run on."""
        from sartor_domains.manufacturing.planning.worth import value

        return value(self, decisions, outcome)

    def policies(self, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
        """Return running to failure, and servicing at the fixed age that was best for the units of training."""
        from sartor_domains.manufacturing.planning.policies import policies

        return policies(self, training, scoring, context)

    def headline(self, decisions: pd.DataFrame) -> str:
        """Return the plan as one sentence."""
        counted = decisions[decisions["decision"] != SUPERSEDED]
        out = decisions["decision"] == SERVICE
        count, at_once = int(out.sum()), int((decisions["after"] == 0).sum())
        units, different = self.counted(len(counted)), int(counted["unit"].nunique())
        several = f"; the {len(counted):,} are {self.counted(different)}, met by several plans"
        alike = several if different < len(counted) else ""
        if not count:
            return f"Take none of {units} out within {self.horizon} cycles: all run on{alike}."
        now = f", {at_once:,} of them now" if at_once else ""
        return f"Take {count:,} of {units} out within {self.horizon} cycles{now}{alike}."

    def columns(self) -> tuple[str, ...]:
        """Return the names of the decisions' columns."""
        told = ("life_left", "low", "high", "fails_within", "saves", "reasons")
        return ("unit", "cycles_run", "decision", "after", "by", *told)

    def sections(self, decisions: pd.DataFrame, outcome: Training, context: Context) -> Iterable[Section | Caution]:
        """Return the calendar, what came of it, and what it costs to be early and late."""
        from sartor_domains.manufacturing.planning.telling import sections

        return sections(self, decisions, outcome, context)
