"""The task of survival: how long until the event, learned also from those whom it had not reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from sartor.components import Model, TruthColumn
from sartor.errors import SettingError
from sartor_domains.healthcare.cohort import Cohort
from sartor_plugins.learn.tasks import Label
from sartor_plugins.survival.answer import SURVIVAL
from sartor_plugins.survival.kaplan_meier import KaplanMeier
from sartor_plugins.survival.metrics import survival_metrics
from sartor_plugins.survival.time_to_event import Horizons

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Tables
    from sartor.sections import Caution, Section


class Survival(Cohort):
    """How long until the event for each patient? A row for each eligible line, answered with a curve.

    Before any model the columns are looked at for what they mean, as for ``healthcare.disease_risk``. Who was lost
    before the event teaches and judges up to that time, and nobody counts as something that is not known.

    Parameters
    ----------
    time : str
        Column of the time from the beginning until the event, or until the end of follow-up; a number, 0 allowed.
    event : str
        Column that says whether the time ended with the event.
    happened : label or list of label
        Values of `event` that mean that it did.
    censored : label or list of label, optional
        Values that mean that it did not; left out, it is the only other value there is.
    horizons : list of float
        Times by which risks are judged too, in the unit of the time. None may lie beyond all follow-up.
    unit : str
        What the time counts, such as ``days``: the report says it behind every time.
    table, eligible, person, site, target_site, absent_from, predictors, known_after, never, true_zeros, subgroups
        As for ``healthcare.disease_risk``.
    index_date : str, optional
        Column of the moment at which follow-up begins; no feature.
    thresholds : list of float
        Risks by the first horizon at which it would be acted; the report draws net benefit for them.
    """

    answers: ClassVar[str] = SURVIVAL

    time: TruthColumn
    event: TruthColumn
    happened: Label | list[Label] = 1
    censored: Label | list[Label] | None = None
    horizons: Horizons = Field(default_factory=list)
    unit: str = Field(default="", max_length=40)

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
        """Return a row for each eligible line, with what was found out about the columns."""
        from sartor_domains.healthcare.cohort_rows import rows_of_survival

        return rows_of_survival(self, self.own(tables))

    def trivial(self) -> dict[str, Model]:
        """Return one curve for everybody."""
        return {"Kaplan-Meier": KaplanMeier()}

    def metrics(self) -> list[Metric]:
        """Return the integrated Brier score, concordance, and what is judged at each horizon."""
        return survival_metrics(self.horizons)

    def log_score(self, judged: Judged) -> np.ndarray:
        """Return the log score of each curve, in intervals of time."""
        from sartor_plugins.survival.log_scores import log_scores

        return log_scores(judged)

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return who was followed how long, what columns mean, and whether curves hold, in all, by group and site."""
        from sartor_domains.healthcare.telling.survival import sections

        return sections(self, judged, context)
