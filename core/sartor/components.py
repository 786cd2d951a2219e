"""What a plugin brings: records that name components, and the classes that components derive from.

A **component** is a small class. Its typed fields are its recipe settings: what stands under ``with``, validated,
documented and exported to JSON Schema. Its verbs do the work. Settings classes live in light modules; pandas,
NumPy and the table engine are imported inside the verbs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sartor.durations import Duration
from sartor.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import narwhals as nw
    import numpy as np
    import pandas as pd

    from sartor.context import Context
    from sartor.delivery import Decisions, Receipt
    from sartor.errors import Problem
    from sartor.evidence.measure import Measure
    from sartor.evidence.metric import Metric
    from sartor.plugins import Plugins
    from sartor.rows import Judged, Origins, Rows, Scoring, Tables, Training
    from sartor.sections import Caution, Section

__all__ = [
    "BASES",
    "NUMBER",
    "PROBABILITY",
    "STATUS",
    "Action",
    "Column",
    "Columns",
    "Component",
    "Duration",
    "Feature",
    "FileName",
    "Fitted",
    "FittedStep",
    "Fraction",
    "Ingest",
    "Kind",
    "Model",
    "ModelStep",
    "Money",
    "Prepare",
    "PrepareStep",
    "Refers",
    "Settings",
    "Share",
    "Sink",
    "TableName",
    "Task",
    "TruthColumn",
    "Unit",
]

Kind = Literal["ingest", "task", "feature", "model", "prepare", "action", "sink"]

PROBABILITY = "probability"
"""Answer of a classification: columns ``probability`` (two classes) or ``probability:CLASS`` (more)."""
NUMBER = "number"
"""Answer of a regression: one column ``number``."""
STATUS = "status"
"""Column in which a model says of a row why it has no answer of its own, such as ``cannot score``; else missing."""


@dataclass(frozen=True)
class Component:
    """Names a component that a plugin offers; the class behind it is imported only when a recipe uses it.

    Parameters
    ----------
    id : str
        ``PLUGIN.NAME``; the first segment is the name of the plugin's entry point.
    target : str
        ``package.module:Class``.
    about : str
        One line for ``sartor list``, without a full stop.
    extra : str, optional
        The extra of sartor (or of the plugin's own distribution) that it needs, such as ``boost``.
    requires : tuple of str, optional
        Modules that must be importable; where one is missing, ``check`` names the extra.
    prepare : bool, default False
        A step of ``prepare`` rather than a model; both come through the hook ``models``.
    sink : bool, default False
        A sink, which delivers decisions, rather than an action, which makes them; both come through the hook
        ``actions``.

    Examples
    --------
    >>> Component("hello.majority", "hello_plugin.majority:Majority", about="Always the commonest class").plugin
    'hello'
    """

    id: str
    target: str
    about: str
    extra: str | None = None
    requires: tuple[str, ...] = ()
    prepare: bool = False
    sink: bool = False

    @property
    def plugin(self) -> str:
        """Name of the plugin that must bring it."""
        return self.id.split(".", 1)[0]


# ---------------------------------------------------------------------------------------------------------------
# Types of settings. Their metadata lets `check` follow references and say fractions in the user's words.
# ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refers:
    """Metadata of a setting that names something elsewhere in the recipe.

    Parameters
    ----------
    to : {"column", "table", "file"}
        What it names.
    truth : bool, default False
        The column holds what is to be predicted: it is hidden from every feature and model.
    """

    to: Literal["column", "table", "file"]
    truth: bool = False


@dataclass(frozen=True)
class Unit:
    """Metadata that tells what a number measures: ``money``, ``share`` (0 to 1)."""

    of: Literal["money", "share"]


Column = Annotated[str, Refers("column"), Field(min_length=1)]
"""A column of the step's tables, or of the task's own table."""
TruthColumn = Annotated[str, Refers("column", truth=True), Field(min_length=1)]
"""A column that holds the answer; no feature and no model sees it."""
TableName = Annotated[str, Refers("table"), Field(min_length=1)]
"""A table of ``ingest``."""
FileName = Annotated[str, Refers("file"), Field(min_length=1)]
"""A file, relative to the folder of the recipe that names it."""
Share = Annotated[float, Unit("share"), Field(gt=0, lt=1)]
"""Strictly between 0 and 1."""
Fraction = Annotated[float, Unit("share"), Field(ge=0, le=1)]
"""Between 0 and 1, ends allowed."""
Money = Annotated[float, Unit("money"), Field(allow_inf_nan=False)]
"""An amount in the recipe's currency."""


class Settings(BaseModel):
    """Base of everything whose fields are settings: strict types, no unknown names, never changed."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True, populate_by_name=True
    )

    def check_settings(self, plugins: Plugins) -> Iterable[tuple[tuple[str | int, ...], Problem]]:
        """Say what is wrong with settings that depend on other components; `check` asks this, and no row is read.

        Parameters
        ----------
        plugins : Plugins
            To find the classes of the components that the settings name.

        Returns
        -------
        iterable of (path, Problem)
            Each with its place below ``with``, such as ``("over", "rate", 2)``.
        """
        return ()


class PrepareStep(Settings):
    """A step of ``prepare`` inside settings: ``{use: learn.scale, with: {...}}``."""

    use: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class ModelStep(Settings):
    """A model inside the settings of another: ``{use: learn.forest, with: {trees: 400}}``."""

    use: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    prepare: list[PrepareStep] = Field(default_factory=list)


def _distinct(names: list[str]) -> list[str]:
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"names {', '.join(twice)} more than once")
    return names


Columns = Annotated[list[Column], AfterValidator(_distinct)]
"""Several columns, each named once."""


# ---------------------------------------------------------------------------------------------------------------
# The classes that components derive from, one per hook.
# ---------------------------------------------------------------------------------------------------------------


class Ingest(Settings):
    """Reads one table."""

    kind: ClassVar[Kind] = "ingest"
    simulated: ClassVar[bool] = False
    """True when the rows are made up; said wherever the table shows."""

    def read(self, context: Context) -> nw.LazyFrame[Any] | Any:
        """Return the table, lazily: a Narwhals frame, or anything Narwhals or DuckDB takes (Arrow, pandas, relation).

        Raises
        ------
        InputError
            If there is nothing to read, or it cannot be read.
        """
        raise NotImplementedError

    def columns(self, context: Context) -> Mapping[str, str] | None:
        """Return names and types (``text, integer, number, boolean, date, datetime``) without reading a row.

        Returns
        -------
        mapping or None
            None when they cannot be known before the read; ``check`` then leaves column references unchecked. A
            type that only the rows can tell is ``unknown``.
        """
        return None

    def inputs(self, context: Context) -> list[dict[str, Any]]:
        """Return the files that are read, for the record: ``name``, ``path``, ``bytes`` and ``sha256`` of each."""
        return []

    def fingerprint(self, context: Context) -> str | None:
        """Return a text that changes whenever the rows that would be read do.

        Returns
        -------
        str or None
            None where nobody can tell; what is read is then never taken from the cache. By default the digests of
            `inputs`, if there are any; a reader whose rows follow from its settings alone returns any fixed text.
        """
        files = self.inputs(context)
        return "/".join(str(file["sha256"]) for file in files) or None

    def stamp(self, context: Context) -> str | None:
        """Return a text that changes when the source does while it is read, at the price of a glance.

        Returns
        -------
        str or None
            None where a glance tells nothing. A run asks before and after the read, and refuses what has changed: its
            record would name other bytes than those that were read.
        """
        return None

    def places(self, context: Context, rows: Sequence[int], total: int) -> list[str]:
        """Return where rows stand in the source, as ``FILE:LINE``, for messages.

        Parameters
        ----------
        context : Context
        rows : sequence of int
            Numbers of rows of `read`, rising, from 0.
        total : int
            How many rows `read` returned.
        """
        return [f"row {row + 1}" for row in rows]

    def origin(self, context: Context) -> str:
        """Return what tells the place that is read from others, where the settings do not: never a password.

        A secret may lead to another database tomorrow; what ``fresh`` keeps of one is then not taken for the other.
        """
        return ""

    def source(self) -> str:
        """Where the rows come from and under which licence, for the record; empty if the recipe's reader knows."""
        return ""


class Task(Settings):
    """Turns tables into rows, a line for each thing to be answered, and says how answers are judged.

    New data is scored by the same `rows`. Its own table is then `sartor.rows.Table.unanswered`: the columns that rows
    named as truth are there and hold nothing, so the target is missing; classes are those of the training. Lines come
    in pieces, so a row must follow from its own line, and from other tables.
    """

    kind: ClassVar[Kind] = "task"
    answers: ClassVar[str]
    """What a model must answer: ``probability``, ``number``, or an answer that the task's plugin defines."""

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return the rows, lazily.

        Parameters
        ----------
        tables : Tables
            Guarded tables of ``ingest``, truth columns included.
        origins : Origins
            The moments at which rows are made, for tasks whose lines are not in the data.
        """
        raise NotImplementedError

    def trivial(self) -> dict[str, Model]:
        """Return the trivial answers that stand beside every model, by the name shown (``base rate``)."""
        raise NotImplementedError

    def metrics(self) -> list[Metric]:
        """Return what the job is judged by; the first is the one that is compared.

        A metric that is a mean of lines says its loss ``per_row``; one that is not computes ``overall``. They are
        records, not numbers, so that `check` knows their names before a row is read.
        """
        raise NotImplementedError

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Yield what the report shows of the answers: shapes, bands, what they miss; called once, for the champion.

        Parameters
        ----------
        judged : Judged
            All held-out rows with their truth and the champion's predictions; with `Judged.X`, their features.
        context : Context
            Its `smallest_group` is the number of rows below which nothing may be told.
        """
        return ()


class Feature(Settings):
    """Builds columns for the rows from what each row may know."""

    kind: ClassVar[Kind] = "feature"
    own_line_only: ClassVar[bool] = False
    """True when a row's columns follow from its own line alone, and from what is no line of the rows' own table. New
    data is then scored piece by piece, also as a stream; otherwise the feature sees all of its lines at once."""

    def build(self, rows: Rows, tables: Tables, context: Context) -> nw.LazyFrame[Any] | Any:
        """Return a lazy frame with ``__row`` and the new columns, at most a line for each row.

        A pure function: the same rows and tables give the same columns. It may use lines before each row's
        ``as_of`` and lines that carry the row's own key; nothing learned from rows (that is a step of ``prepare``).
        """
        raise NotImplementedError


class Fitted:
    """A model that has learned. Subclasses are plain classes in heavy modules."""

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return exactly one line for each row, in the rows' order, with the answer's columns.

        Behind them a model may have columns of its own, such as the ``score`` of a scorecard, missing where it has
        none. One of them has a meaning for everybody, `STATUS`: a text where the row tells too little to be answered
        by itself. What stands in the answer's columns is then what is best without knowing the row, a base rate, and
        is judged like every other answer; an action should leave such a row to a person.
        """
        raise NotImplementedError

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return additive contributions, a line a row and a column a feature, or None if there are none.

        For probabilities the contributions are in log-odds, from the average training row; for numbers in the
        target's unit.
        """
        return None

    def learned(self) -> dict[str, Any]:
        """What was learned that a person wants to read: chosen settings, coefficients, tuned values; JSON types."""
        return {}

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Yield what the report shows of the model itself: its points, its rules; called once, on the champion.

        Parameters
        ----------
        judged : Judged
            As for `Task.sections`.
        context : Context
        """
        return ()

    def save(self, folder: Path) -> None:
        """Write itself into an empty folder as data: skops, Parquet, JSON, npz; never pickle."""
        raise NotImplementedError


class Model(Settings):
    """Learns to answer."""

    kind: ClassVar[Kind] = "model"
    answers: ClassVar[frozenset[str]]

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn from the training rows; settings stay as given, `training` stays unchanged."""
        raise NotImplementedError

    def load(self, folder: Path) -> Fitted:
        """Return what `Fitted.save` wrote."""
        raise NotImplementedError


class FittedStep:
    """A step of ``prepare`` that has learned."""

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the prepared features: same number of lines, same index."""
        raise NotImplementedError

    def sources(self) -> Mapping[str, str]:
        """Return the feature behind each column it made, so that reasons name features; others keep their name."""
        return {}

    def save(self, folder: Path) -> None:
        """Write itself into an empty folder as data."""
        raise NotImplementedError


class Prepare(Settings):
    """A step between features and a model; fitted on training rows only, in every fold."""

    kind: ClassVar[Kind] = "prepare"

    def fit(self, training: Training, context: Context) -> FittedStep:
        """Learn from training rows."""
        raise NotImplementedError

    def fit_transform(self, training: Training, context: Context) -> tuple[FittedStep, pd.DataFrame]:
        """Learn, and prepare the training rows themselves.

        Steps that look at the target override this with a cross-fitted form: a row's own target must not be in
        its feature.
        """
        step = self.fit(training, context)
        return step, step.transform(training.X)

    def load(self, folder: Path) -> FittedStep:
        """Return what `FittedStep.save` wrote."""
        raise NotImplementedError


class Action(Settings):
    """Turns predictions into decisions, and decisions into money."""

    kind: ClassVar[Kind] = "action"
    answers: ClassVar[frozenset[str]]
    """The answers it can decide on."""
    row_by_row: ClassVar[bool] = False
    """True when each row's decision follows from that row alone. New data is then decided on piece by piece, also as a
    stream; otherwise on all rows at once."""

    def decide(self, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
        """Return the decisions; the first column is ``__row`` where there is a line for each row."""
        raise NotImplementedError

    def value(self, decisions: pd.DataFrame, outcome: Training) -> np.ndarray | None:
        """Return the money that each decision was worth, in the recipe's currency, given what really happened.

        Parameters
        ----------
        decisions : DataFrame
            As `decide` or `policies` made them.
        outcome : Training
            The same rows with their truth.

        Returns
        -------
        ndarray of shape (n_rows,) or None
            None where the action has no money value.
        """
        return None

    def policies(self, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
        """Return the decisions of named simple policies for the same rows: accept all, a one-line rule.

        What a rule needs to learn it learns from `training`; the rows of `scoring` come without truth.
        """
        return {}

    def measures(self) -> list[Measure]:
        """Return what decisions are measured by beside money, over all rows and in groups of people.

        They are records, not numbers, so that `check` knows their names before a row is read: a gate can hold each of
        them. Groups come from columns that privacy keeps ``audit_only``; what a measure is handed of them is who
        belongs together, after everything is decided.
        """
        return []

    def headline(self, decisions: pd.DataFrame) -> str:
        """Return the decision as one sentence for a reader who knows no statistics."""
        return f"{plural(len(decisions), 'decision')}."

    def sections(self, decisions: pd.DataFrame, outcome: Training, context: Context) -> Iterable[Section | Caution]:
        """Yield what the report shows of the decisions; called once, after all of them are made.

        Parameters
        ----------
        decisions : DataFrame
            As `decide` made them, for all held-out rows.
        outcome : Training
            The same rows, in the same order, with features and truth.
        context : Context
            With `explain`, as in `decide`; with `policies`, what the simple policies decide on the same rows; with
            `audited`, what was measured of the decisions by group.
        """
        return ()

    def columns(self) -> tuple[str, ...] | None:
        """Return the names of the decisions' columns, ``__row`` aside, as far as the settings alone tell them.

        Returns
        -------
        tuple of str or None
            None where they are known only when it decides; `check` then leaves the columns of a delivery unchecked.
        """
        return None


class Sink(Settings):
    """Delivers decisions: into a file, a database, a queue. Called only with ``--live``, behind the gates."""

    kind: ClassVar[Kind] = "sink"

    def target(self, context: Context) -> str:
        """Name the place that is written to, for the receipt and for people; never with a secret in it.

        Two deliveries of a recipe to one place would overwrite each other; `check` finds them by this name.
        """
        raise NotImplementedError

    def check_target(self, columns: tuple[str, ...] | None, context: Context) -> None:
        """Look whether the place can be written to, without writing; `check` asks this, and no row is read.

        Parameters
        ----------
        columns : tuple of str or None
            Of the decisions, the row's key first; None where they are not known yet.
        context : Context
            Its folder is the project's: what is delivered is named from there.

        Raises
        ------
        SartorError
            Where it is certain that a delivery would fail. A place that cannot be reached now is no such case.
        """

    def deliver(self, decisions: Decisions, context: Context) -> Receipt:
        """Deliver the decisions, all of them or none, so that delivering them again leaves one copy.

        A crash may come at any moment, and the same run may be delivered twice: lines are told apart by the key of
        the decisions, or the whole by their `Decisions.idempotency_key`.

        Raises
        ------
        SartorError
            If it cannot be done; nothing must be left half-written then.
        """
        raise NotImplementedError


BASES: dict[Kind, type[Settings]] = {
    "ingest": Ingest,
    "task": Task,
    "feature": Feature,
    "model": Model,
    "prepare": Prepare,
    "action": Action,
    "sink": Sink,
}
