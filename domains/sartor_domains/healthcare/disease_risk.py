"""The task of disease risk: who has, or will have, the event?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sartor.components import PROBABILITY, Duration, Model, TruthColumn
from sartor.errors import SettingError
from sartor_domains.healthcare.cohort import Cohort
from sartor_domains.healthcare.risk_metrics import risk_metrics
from sartor_plugins.learn.tasks import BaseRate, Label, classification_sections

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Tables
    from sartor.sections import Caution, Section


class DiseaseRisk(Cohort):
    """How likely is the event for each patient? A row for each eligible line, answered with the event's probability.

    Before any model the columns are looked at for what they mean: zeros that can hardly have been measured, columns
    that are filled only where the event happened, what is absent at a site, lines that repeat each other. What cannot
    be right stops the run; what may be is said, and stands in the report.

    Parameters
    ----------
    outcome : str
        Column of the diagnosis or the event.
    event : label or list of label, optional
        The values that mean the event. Needed unless it is plain (1 of 0 and 1) or `event_above` says it.
    no_event : label, optional
        The other value; left out, it is the only other one there is.
    event_above : float, optional
        The event is a number above this, in place of `event`.
    time : str, optional
        Column of the time until the event, or until the end of follow-up where it did not happen; a number.
    within : float, optional
        The event counts if it happens within this time: ``within: 3652`` days. With it `time` is needed.
    lost : {"no_event", "set_aside"}
        What becomes of patients whose follow-up ended before `within` without the event. Both are biased: the one too
        low, the other too high; how many they are is said. The task ``healthcare.survival`` loses nobody.
    table : str, optional
        The table of the patients; needed where there are several.
    eligible : mapping of column to label or list of label
        Who counts: ``{PERIOD: 1, PREVCHD: 0}``. The flow of rows is told in the report.
    person : str, optional
        Column of the person, where a person may have several lines; of each, one may count.
    site : str, optional
        Column of the site (hospital, cohort); no predictor. The report tells sites apart.
    target_site : label, optional
        Where the answers will be used: predictors that are missing there in more than `absent_from` of the lines are
        left out everywhere.
    absent_from : float
        Share of missing values from which a column counts as absent at a site.
    predictors : list of str, optional
        The only columns of the table that may be features; all others are kept away.
    known_after : list of str
        Columns that are known only after the moment of prediction: length of stay, cause of death. No step sees them.
    never : list of str
        Other columns that must not be features.
    true_zeros : list of str
        Columns whose zeros mean zero, where the check of meaning asks.
    index_date : str, optional
        Column of the moment of prediction; no feature; needed to split by time.
    time_at_risk : Duration, optional
        How long after the index date the outcome is known; with an index date a split by time learns from outcomes
        known by then.
    thresholds : list of float
        Risks at which it would be acted; net benefit is measured at each.
    subgroups : list of str
        Columns whose groups the report tells apart. Protected ones are better kept ``audit_only``: the care list
        measures those.
    """

    answers: ClassVar[str] = PROBABILITY

    outcome: TruthColumn
    event: Label | list[Label] | None = None
    no_event: Label | None = None
    event_above: Annotated[float, Field(allow_inf_nan=False)] | None = None
    time: TruthColumn | None = None
    within: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    lost: Literal["no_event", "set_aside"] = "no_event"
    time_at_risk: Duration | None = None

    @model_validator(mode="after")
    def _event_is_said(self) -> Self:
        if self.event is not None and self.event_above is not None:
            raise SettingError(
                "event and event_above both say what the event is",
                code="R034",
                hints=(("to mend", "leave one out"),),
            )
        if (self.time is None) != (self.within is None):
            missing, there = ("time", "within") if self.time is None else ("within", "time")
            raise SettingError(
                f"{there} is said and {missing} is missing: an event counts within a time",
                code="R034",
                hints=(("to mend", "say both, time: COLUMN and within: 3652, or neither"),),
            )
        if (self.index_date is None) != (self.time_at_risk is None):
            raise SettingError(
                "index_date and time_at_risk go together: they say when the outcome is known",
                code="R034",
                hints=(("to mend", "index_date: COLUMN and time_at_risk: 12 months"),),
            )
        return self

    @property
    def derives(self) -> bool:
        """Whether the event is not simply a label of the outcome."""
        return self.event_above is not None or self.within is not None or isinstance(self.event, list)

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return a row for each eligible line, with what was found out about the columns."""
        from sartor_domains.healthcare.cohort_rows import rows_of_risk

        return rows_of_risk(self, self.own(tables))

    def trivial(self) -> dict[str, Model]:
        """Return the base rate: every patient as likely as the average."""
        return {"base rate": BaseRate()}

    def metrics(self) -> list[Metric]:
        """Return Brier score, discrimination, calibration, and net benefit at each threshold."""
        return risk_metrics(self.thresholds)

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return who was looked at, what columns mean, and what the chances are worth, in all, by group and site."""
        from sartor_domains.healthcare.telling.risk import sections

        yield from sections(self, judged, context)
        yield from classification_sections(judged, context)
