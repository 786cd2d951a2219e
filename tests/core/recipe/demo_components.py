"""Components of a plugin that is there for the tests of `check`: one of each kind, with settings of every type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from sartor.components import (
    Action,
    Column,
    Columns,
    Component,
    Duration,
    Feature,
    FileName,
    Fraction,
    Ingest,
    Model,
    ModelStep,
    Money,
    Prepare,
    Share,
    Sink,
    TableName,
    Task,
    TruthColumn,
)
from sartor.context import Context
from sartor.errors import InputError, SettingError
from sartor.evidence.metric import Metric
from sartor.hookspecs import hookimpl
from sartor.recipe import Secret


class Table(Ingest):
    """Knows its columns from the first line of a file."""

    path: FileName
    types: dict[Column, Literal["text", "number"]] = Field(default_factory=dict)
    password: Secret | None = None

    def columns(self, context: Context) -> Mapping[str, str]:
        """Return the names in the first line."""
        path = context.path(self.path)
        if not path.exists():
            raise InputError(f"there is no file {self.path}", code="D001")
        return dict.fromkeys(path.read_text(encoding="utf-8").split("\n")[0].split(","), "text")


class Unknown(Ingest):
    """Knows no columns before it reads."""


class Failing(Ingest):
    """Fails when it is asked for its columns."""

    def columns(self, context: Context) -> Mapping[str, str]:
        """Fail as a stranger's plugin may."""
        raise ZeroDivisionError("division by zero")


class Risk(Task):
    """A task with three metrics."""

    answers: ClassVar[str] = "probability"
    outcome: TruthColumn
    bad: str | int = "bad"
    table: TableName | None = None

    def metrics(self) -> list[Metric]:
        """Return three metrics."""
        return [
            Metric(name, name, "higher", name, per_row=lambda judged: judged.truth)
            for name in ("auc", "brier", "calibration_slope")
        ]


class Income(Feature):
    """A feature of one column."""

    column: Column


class Forest(Model):
    """A model with a setting of every type."""

    answers: ClassVar[frozenset[str]] = frozenset({"probability", "number"})
    trees: Annotated[int, Field(ge=1, le=10_000)] = 100
    share: Share = 0.5
    rate: Annotated[float, Field(gt=0)] = 0.1
    calibrate: Literal["none", "sigmoid"] | Share | ModelStep = "none"
    inner: ModelStep | None = None
    several: list[ModelStep] = Field(default_factory=list)
    window: Duration | None = None
    columns: Columns = Field(default_factory=list)
    weights: dict[Column, Fraction] = Field(default_factory=dict)
    range: tuple[float, float] | None = None
    tried: Share | list[int | str] = 0.5

    @field_validator("range")
    @classmethod
    def _rises(cls, value: Any) -> Any:
        if value and value[0] > value[1]:
            raise SettingError("must rise", hints=[("to mend", f"write [{value[1]}, {value[0]}]")])
        return value

    @model_validator(mode="after")
    def _luck(self) -> Forest:
        if self.trees == 13:
            raise ValueError("13 trees bring bad luck")
        if self.trees == 14:
            raise KeyError("fourteen")
        return self


class Regression(Model):
    """A model that answers with a number only."""

    answers: ClassVar[frozenset[str]] = frozenset({"number"})


class Scale(Prepare):
    """A step of prepare."""

    columns: Columns


class Decide(Action):
    """An action on probabilities."""

    answers: ClassVar[frozenset[str]] = frozenset({"probability"})
    accept_below: Fraction = 0.5
    cost: Money = 1.0

    def columns(self) -> tuple[str, ...]:
        """Return what it decides."""
        return ("decision", "reasons")


class Order(Action):
    """An action on numbers."""

    answers: ClassVar[frozenset[str]] = frozenset({"number"})


class Write(Sink):
    """A sink that looks at its target, and fails at one that is called so."""

    path: str
    columns: Columns = Field(default_factory=list)

    def target(self, context: Context) -> str:
        """Return the file."""
        return self.path

    def check_target(self, columns: tuple[str, ...] | None, context: Context) -> None:
        """Refuse what is there already, with what it knows."""
        if self.path == "fails":
            raise ZeroDivisionError("division by zero")
        if context.path(self.path).exists():
            raise InputError(f"{self.path} is there, {columns} were to be written", code="D001")


def _component(name: str, cls: str, **more: Any) -> Component:
    return Component(f"demo.{name}", f"{__name__}:{cls}", about=cls, **more)


@hookimpl
def ingest() -> Iterator[Component]:
    """Offer readers."""
    yield _component("table", "Table")
    yield _component("unknown", "Unknown")
    yield _component("failing", "Failing")
    yield _component("heavy", "Table", extra="big", requires=("a_library_that_nobody_has",))


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer a task."""
    yield _component("risk", "Risk")


@hookimpl
def features() -> Iterator[Component]:
    """Offer a feature."""
    yield _component("income", "Income")


@hookimpl
def models() -> Iterator[Component]:
    """Offer models."""
    yield _component("forest", "Forest")
    yield _component("regression", "Regression")
    yield _component("scale", "Scale", prepare=True)
    yield _component("gone", "NoSuchClass")


@hookimpl
def actions() -> Iterator[Component]:
    """Offer actions."""
    yield _component("decide", "Decide")
    yield _component("order", "Order")
    yield _component("write", "Write", sink=True)
