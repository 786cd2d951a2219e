"""The task of credit scoring: will a loan go bad within its performance window?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator

from sartor.components import PROBABILITY, Column, Columns, Duration, Model, TableName, Task, TruthColumn
from sartor.errors import InputError, Problem, SettingError
from sartor_plugins.learn.tasks import (
    BaseRate,
    Label,
    classification_metrics,
    classification_sections,
    rows_of_classification,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Tables
    from sartor.sections import Caution, Section

_OFFSETS = {"second": "s", "minute": "m", "hour": "h", "day": "d", "month": "mo", "year": "y"}


class DefaultRisk(Task):
    """How likely is it that a loan goes bad? A row for each application, answered with the probability of bad.

    Labels compare as text: ``bad: 1`` names the 1 of a column of numbers.

    Parameters
    ----------
    outcome : str
        Column that says how the loan went. Applications without an outcome are rows that neither teach nor judge.
    bad : label
        The outcome that is to be foretold.
    good : label, optional
        The other outcome; left out, it is the only other label there is.
    indeterminate : list of label
        Labels that are neither good nor bad. Such applications are set aside: they neither teach nor judge.
    table : str, optional
        The table of the applications; needed where there are several.
    never : list of str
        Columns that must not be features: identifiers, what is known only afterwards.
    application_date : str, optional
        Column of the moment of application, which no model takes as a feature; needed to split by time.
    performance_window : Duration, optional
        How long after the application the outcome is known: a split by time learns from outcomes known by then.
    outcome_date : str, optional
        In place of the performance window a column of the moment when the outcome was known. Beware of one that is
        earlier for bad loans than for good ones: the latest loans to learn from are then bad ones only.
    """

    answers: ClassVar[str] = PROBABILITY

    outcome: TruthColumn
    bad: Label
    good: Label | None = None
    indeterminate: Annotated[list[Label], Field(max_length=100)] = Field(default_factory=list)
    table: TableName | None = None
    never: Columns = Field(default_factory=list)
    application_date: Column | None = None
    performance_window: Duration | None = None
    outcome_date: TruthColumn | None = None

    @model_validator(mode="after")
    def _moments_fit(self) -> Self:
        said = [name for name in ("performance_window", "outcome_date") if getattr(self, name) is not None]
        if len(said) == 2:
            raise SettingError(
                "performance_window and outcome_date both say when the outcome is known",
                code="R034",
                hints=(("to mend", "leave one out"),),
            )
        if said and self.application_date is None:
            raise SettingError(
                f"{said[0]} says when the outcome is known, and application_date is missing",
                code="R034",
                hints=(("to mend", "name the column of the date of application: application_date: COLUMN"),),
            )
        if self.application_date is not None and not said:
            raise SettingError(
                "application_date without performance_window: it is not said when the outcome of a loan is known",
                code="R034",
                hints=(("to mend", "say how long it takes, performance_window: 12 months"),),
            )
        if self.outcome in self.never:
            raise SettingError(f"never names '{self.outcome}', the outcome, which is no feature anyhow", code="R034")
        return self

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return a row for each application.

        Raises
        ------
        InputError
            If labels are missing, unexpected or all alike, the table has no key, or a date is no date.
        """
        table = tables.single() if self.table is None else tables[self.table]
        try:
            rows = rows_of_classification(
                table,
                self.outcome,
                self.bad,
                self.good,
                self.indeterminate,
                never=self.never,
                as_of=self.application_date,
                known_at=self.outcome_date,
            )
        except InputError as error:
            raise InputError([_in_words_of_credit(problem) for problem in error.problems]) from error
        return rows if self.performance_window is None else _known_after(rows, self.performance_window)

    def trivial(self) -> dict[str, Model]:
        """Return the base rate: every application as risky as the average."""
        return {"base rate": BaseRate()}

    def metrics(self) -> list[Metric]:
        """Return the metrics of two classes; models are compared by AUC."""
        return classification_metrics()

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return whether the chances can be taken at their word, what a cut-off catches, and how they spread."""
        return classification_sections(judged, context)


def _known_after(rows: Rows, window: Duration) -> Rows:
    """Return the rows with the moment at which each outcome is known, a window after the application."""
    import narwhals as nw

    from sartor.rows import AS_OF, KNOWN_AT

    count, unit = (7 * window.count, "day") if window.unit == "week" else (window.count, window.unit)
    known_at = nw.col(AS_OF).dt.offset_by(f"{count}{_OFFSETS[unit]}")
    return replace(rows, frame=rows.frame.with_columns(known_at.alias(KNOWN_AT)))


def _in_words_of_credit(problem: Problem) -> Problem:
    """Say a problem of classification with the settings of this task."""
    message = problem.message.replace("the positive class", "bad")
    hints = [
        (label, text.replace("set_aside:", "indeterminate:"))
        for label, text in problem.hints
        # A credit task never tells more than two classes apart.
        if "leave out positive" not in text
    ]
    return replace(problem, message=message, hints=tuple(hints))
