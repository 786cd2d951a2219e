"""The tasks of learn, and the pieces that tasks of an industry reuse: their rows, metrics and trivial answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from sartor.components import NUMBER, PROBABILITY, Column, Columns, Model, Share, TableName, Task, TruthColumn
from sartor.errors import SettingError
from sartor_plugins.learn.judging import classification_metrics, regression_metrics
from sartor_plugins.learn.metrics import pinball_metric
from sartor_plugins.learn.trivial import BaseRate, Mean, Median

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Table, Tables
    from sartor.sections import Caution, Section

__all__ = [
    "BaseRate",
    "Classification",
    "Label",
    "Mean",
    "Median",
    "Regression",
    "classification_metrics",
    "classification_sections",
    "regression_metrics",
    "regression_sections",
    "rows_of_classification",
    "rows_of_regression",
]

Label = bool | int | float | str
"""A label as it may be written in a recipe; labels compare as text, so that 1 and "1" are the same."""


class _OwnTable(Task):
    """What classification and regression say alike: the rows are the lines of one table."""

    outcome: TruthColumn
    table: TableName | None = None
    never: Columns = Field(default_factory=list)
    group: Column | None = None
    as_of: Column | None = None
    known_at: TruthColumn | None = None
    weight: Column | None = None

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        if self.known_at is not None and self.as_of is None:
            raise SettingError(
                "known_at says when the truth is known, and as_of is missing",
                code="R034",
                hints=(("to mend", "name the column of the moment at which a row is answered: as_of: COLUMN"),),
            )
        if self.outcome in self.never:
            raise SettingError(f"never names '{self.outcome}', the outcome, which is no feature anyhow", code="R034")
        return self

    def _own(self, tables: Tables) -> Table:
        return tables.single() if self.table is None else tables[self.table]

    def _marks(self) -> dict[str, Any]:
        return {
            "never": self.never,
            "group": self.group,
            "as_of": self.as_of,
            "known_at": self.known_at,
            "weight": self.weight,
        }


class Classification(_OwnTable):
    """Which class does a line belong to? Answered with probabilities.

    With two classes the positive one is the event whose probability is told. It must be named unless it is plain: 1 of
    0 and 1, true, yes.

    Parameters
    ----------
    outcome : str
        Column with the truth. Lines without one are rows that neither teach nor judge.
    table : str, optional
        The table whose lines are the rows; needed where there are several.
    never : list of str
        Columns that must not be features: what is known only afterwards, identifiers.
    group : str, optional
        Column whose equal values mark rows that depend on each other; no feature.
    as_of : str, optional
        Column of the moment at which a row is answered; no feature.
    known_at : str, optional
        Column of the moment at which its truth is known; no model sees it.
    weight : str, optional
        Column that tells how much a row counts in learning; no feature.
    positive : label, optional
        The event, of two classes.
    set_aside : list of label
        Labels that mean "not known"; their lines are rows without truth.
    """

    answers: ClassVar[str] = PROBABILITY

    positive: Label | None = None
    set_aside: list[Label] = Field(default_factory=list)

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return a row for each line of the table."""
        table = self._own(tables)
        return rows_of_classification(table, self.outcome, self.positive, set_aside=self.set_aside, **self._marks())

    def trivial(self) -> dict[str, Model]:
        """Return the base rate."""
        return {"base rate": BaseRate()}

    def metrics(self) -> list[Metric]:
        """Return the metrics of two classes and of more."""
        return classification_metrics()

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return what the report shows of chances, or of several classes."""
        return classification_sections(judged, context)


class Regression(_OwnTable):
    """Which number does a line have?

    Parameters
    ----------
    outcome : str
        Column with the truth. Lines without one are rows that neither teach nor judge.
    table : str, optional
        The table whose lines are the rows; needed where there are several.
    never : list of str
        Columns that must not be features: what is known only afterwards, identifiers.
    group : str, optional
        Column whose equal values mark rows that depend on each other; no feature.
    as_of : str, optional
        Column of the moment at which a row is answered; no feature.
    known_at : str, optional
        Column of the moment at which its truth is known; no model sees it.
    weight : str, optional
        Column that tells how much a row counts in learning; no feature.
    quantiles : list of float
        Adds the pinball loss of these quantiles. A model that does not answer one is held to its number instead.
    """

    answers: ClassVar[str] = NUMBER

    quantiles: Annotated[list[Share], Field(max_length=20)] = Field(default_factory=list)

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return a row for each line of the table."""
        return rows_of_regression(self._own(tables), self.outcome, **self._marks())

    def trivial(self) -> dict[str, Model]:
        """Return mean and median."""
        return {"mean": Mean(), "median": Median()}

    def metrics(self) -> list[Metric]:
        """Return the metrics of numbers."""
        return [*regression_metrics(), *(pinball_metric(quantile) for quantile in self.quantiles)]

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return what the report shows of numbers."""
        return regression_sections(judged, context)


def classification_sections(judged: Judged, context: Context) -> Iterable[Section | Caution]:
    """Return what a report shows of probabilities: calibration, cut-offs and spread; of more classes, each of them.

    Tasks of an industry yield them beside their own.
    """
    from sartor_plugins.learn.telling import chances, classes

    return chances.sections(judged, context) if len(judged.classes) == 2 else classes.sections(judged, context)


def regression_sections(judged: Judged, context: Context) -> Iterable[Section | Caution]:
    """Return what a report shows of numbers: said against real, and how far off."""
    from sartor_plugins.learn.telling import numbers

    return numbers.sections(judged, context)


def rows_of_classification(
    table: Table,
    outcome: str,
    positive: Label | None = None,
    negative: Label | None = None,
    set_aside: Sequence[Label] = (),
    *,
    never: Sequence[str] = (),
    group: str | None = None,
    as_of: str | None = None,
    known_at: str | None = None,
    weight: str | None = None,
) -> Rows:
    """Make a row of each line of a table, with a label as its truth.

    Parameters
    ----------
    table : Table
        With a key.
    outcome : str
        Column of the labels.
    positive, negative : label, optional
        With `positive` there are two classes, and `negative` is whatever other label there is unless it is named.
        Without it two labels must tell by themselves which is the event, and more than two are classes alike.
    set_aside : sequence of label
        Labels that mean "not known".
    never, group, as_of, known_at, weight
        As the settings of `Classification`.

    Returns
    -------
    Rows
        Classes as texts, the positive one last. A row without truth, or whose moments are missing, has none in
        ``__target``.

    Raises
    ------
    InputError
        If labels are missing, unexpected, all alike or too many, or the table has no key.
    """
    from sartor_plugins.learn.outcome_rows import Marks, classification_rows

    marks = Marks(never, group, as_of, known_at, weight)
    return classification_rows(table, outcome, positive, negative, set_aside, marks)


def rows_of_regression(
    table: Table,
    outcome: str,
    *,
    never: Sequence[str] = (),
    group: str | None = None,
    as_of: str | None = None,
    known_at: str | None = None,
    weight: str | None = None,
) -> Rows:
    """Make a row of each line of a table, with a number as its truth.

    Parameters
    ----------
    table : Table
        With a key.
    outcome : str
        Column of the numbers.
    never, group, as_of, known_at, weight
        As the settings of `Regression`.

    Raises
    ------
    InputError
        If the outcome holds no numbers, or the table has no key.
    """
    from sartor_plugins.learn.outcome_rows import Marks, regression_rows

    return regression_rows(table, outcome, Marks(never, group, as_of, known_at, weight))
