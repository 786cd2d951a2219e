"""The task of credit scoring: will a loan go bad within its performance window?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator

from sartor.components import PROBABILITY, Column, Columns, Duration, Model, TableName, Task, TruthColumn
from sartor.context import say
from sartor.errors import InputError, Problem, SettingError, nearest
from sartor.wording import form, plural
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
    from sartor.rows import Judged, Origins, Rows, Table, Tables
    from sartor.sections import Caution, Section


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
    months_on_book : str, optional
        Column of the months for which each loan had been seen when outcomes were read. No model sees it: of a loan
        applied for today it is nothing. What was known of an older account when it was scored is another column.
    matures_after : int, optional
        Loans seen for fewer months neither teach nor judge, bad ones no more than good ones: the good ones among them
        may still go bad, and bad ones alone would make young loans look worse than they are.
    group : str, optional
        Column whose equal values mark loans that depend on each other, such as the customer; no feature. Intervals
        redraw them together.
    weight : str, optional
        Column that tells how much a loan counts in learning; no feature. 0 counts nothing.
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
    months_on_book: TruthColumn | None = None
    matures_after: Annotated[int, Field(ge=1, le=600)] | None = None
    group: Column | None = None
    weight: Column | None = None

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
        if (self.months_on_book is None) != (self.matures_after is None):
            raise SettingError(
                "months_on_book and matures_after go together: a column, and how many months make a loan mature",
                code="R034",
                hints=(("to mend", "write both: months_on_book: COLUMN, matures_after: 12"),),
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
        if self.months_on_book is not None and self.matures_after is not None and not table.unanswered:
            table = _mature(table, self.outcome, self.months_on_book, self.matures_after)
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
                group=self.group,
                weight=self.weight,
            )
        except InputError as error:
            raise InputError([_in_words_of_credit(problem) for problem in error.problems]) from error
        if self.months_on_book is not None:
            rows = replace(rows, truth=(*rows.truth, self.months_on_book))
        if self.performance_window is None:
            return rows
        from sartor_plugins.history.known import known_after

        return known_after(rows, self.performance_window)

    def trivial(self) -> dict[str, Model]:
        """Return the base rate: every application as risky as the average."""
        return {"base rate": BaseRate()}

    def metrics(self) -> list[Metric]:
        """Return the metrics of two classes; models are compared by AUC."""
        return classification_metrics()

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return whether the chances can be taken at their word, what a cut-off catches, and how they spread."""
        return classification_sections(judged, context)


def _mature(table: Table, outcome: str, months: str, least: int) -> Table:
    """Return the table without the outcomes of loans that were seen for fewer months, and say how many those are."""
    import narwhals as nw

    schema = table.frame.collect_schema()
    for column in (months, outcome):
        if column not in schema:
            raise InputError(
                f"table {table.name} has no column '{column}'", code="R041", hints=nearest(column, list(schema))
            )
    if not schema[months].is_numeric():
        raise InputError(
            f"column '{months}' of {table.name} is to be months on book and holds no numbers",
            code="D062",
            hints=(("to mend", f"read it as a number at ingest: types: {{{months}: number}}"),),
        )
    mature = (nw.col(months) >= least).fill_null(False)
    total, old = table.frame.select(nw.len().alias("total"), mature.cast(nw.Int64).sum().alias("old")).collect().row(0)
    if not old:
        raise InputError(
            f"none of {plural(int(total), 'loan')} of {table.name} has been on the book for {plural(least, 'month')}",
            code="D087",
            hints=(("to mend", "wait, or take a shorter window: matures_after"),),
        )
    young = int(total) - int(old)
    if young:
        say(
            f"{young:,} of {plural(int(total), 'loan')} {form(young, 'has', 'have')} been on the book for less than "
            f"{plural(least, 'month')}: {form(young, 'it neither teaches nor judges', 'they neither teach nor judge')}"
        )
    return table.with_frame(table.frame.with_columns(nw.when(mature).then(nw.col(outcome)).alias(outcome)))


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
