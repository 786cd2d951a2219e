"""The task of a time to event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from sartor.components import Column, Columns, Model, TableName, Task, TruthColumn
from sartor.errors import SettingError
from sartor_plugins.learn.tasks import Label
from sartor_plugins.survival.answer import SURVIVAL
from sartor_plugins.survival.kaplan_meier import KaplanMeier
from sartor_plugins.survival.metrics import survival_metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Tables
    from sartor.sections import Caution, Section


def _rising(horizons: list[float]) -> list[float]:
    if sorted(set(horizons)) != horizons:
        raise ValueError("must rise, each named once")
    return horizons


Horizon = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Horizons = Annotated[list[Horizon], Field(max_length=10), AfterValidator(_rising)]
"""Times at which the chance of the event is judged, in the unit of the time."""


class TimeToEvent(Task):
    """How long until an event? A row for each line, answered with a curve of survival.

    Who was only watched until some time, and had not had the event by then, teaches and judges up to that time.
    The time until the event may be of anything: of people, of machines, of customers.

    Parameters
    ----------
    time : str
        Column of the time from the beginning until the event, or until the end of watching; a number, 0 allowed.
    event : str
        Column that says whether the time ended with the event.
    happened : label or list of label
        Values of `event` that mean that it did.
    censored : label or list of label, optional
        Values that mean that it did not; left out, it is the only other value there is.
    horizons : list of float
        Times by which the chance of the event is judged too. None may lie beyond all follow-up.
    unit : str
        What the time counts, such as ``days``: the report says it behind every time.
    table : str, optional
        The table whose lines are the rows; needed where there are several.
    never : list of str
        Columns that must not be features.
    group : str, optional
        Column whose equal values mark rows that depend on each other; no feature.
    as_of : str, optional
        Column of the moment at which watching begins; no feature.
    weight : str, optional
        Column that tells how much a row counts in learning; no feature.
    """

    answers: ClassVar[str] = SURVIVAL

    time: TruthColumn
    event: TruthColumn
    happened: Label | list[Label] = 1
    censored: Label | list[Label] | None = None
    horizons: Horizons = Field(default_factory=list)
    unit: str = Field(default="", max_length=40)
    table: TableName | None = None
    never: Columns = Field(default_factory=list)
    group: Column | None = None
    as_of: Column | None = None
    weight: Column | None = None

    @model_validator(mode="after")
    def _columns_differ(self) -> Self:
        if self.time == self.event:
            raise SettingError(
                f"time and event both name '{self.time}'",
                code="R034",
                hints=(("to mend", "the one holds how long, the other whether it happened"),),
            )
        return self

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return a row for each line of the table."""
        from sartor_plugins.survival.outcome import rows_of_time_to_event

        table = tables.single() if self.table is None else tables[self.table]
        return rows_of_time_to_event(
            table,
            self.time,
            self.event,
            self.happened,
            self.censored,
            self.horizons,
            never=self.never,
            group=self.group,
            as_of=self.as_of,
            weight=self.weight,
        )

    def trivial(self) -> dict[str, Model]:
        """Return the curve of everybody."""
        return {"Kaplan-Meier": KaplanMeier()}

    def metrics(self) -> list[Metric]:
        """Return the integrated Brier score, concordance, and what is judged at each horizon."""
        return survival_metrics(self.horizons)

    def log_score(self, judged: Judged) -> np.ndarray:
        """Return the log score of each curve, in intervals of time."""
        from sartor_plugins.survival.log_scores import log_scores

        return log_scores(judged)

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return who was watched how long, and how the curves that were said compare with what happened."""
        from sartor_plugins.survival.telling import survival_sections

        return survival_sections(judged, self.horizons, context, self.unit)
