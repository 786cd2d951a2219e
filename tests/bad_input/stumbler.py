"""A plugin whose components work, but for the one verb in which a recipe lets them stumble: ``with: {at: fit}``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from tripping import Stumbles

from sartor.components import (
    NUMBER,
    PROBABILITY,
    Action,
    Component,
    Feature,
    FileName,
    Fitted,
    FittedStep,
    Ingest,
    Model,
    ModelStep,
    Prepare,
    Sink,
    Task,
    TruthColumn,
)
from sartor.hookspecs import hookimpl
from sartor.rows import ROW, TARGET, Rows

READ: list[str] = []
"""Texts of the files that `stumbler.reads` was given, in the order in which they were read."""


class Table(Stumbles, Ingest):
    """A table of 200 lines."""

    repeats: bool = False
    rows: int = 200

    def read(self, context):
        if self.trip("read"):
            return None
        import numpy as np
        import pandas as pd

        x, luck = np.random.default_rng(0).normal(size=(2, self.rows))
        table = pd.DataFrame({"id": np.arange(self.rows), "x": x, "won": (x + luck > 0.3).astype("int64")})
        return pd.concat([table, table[:1]]) if self.repeats else table

    def columns(self, context):
        self.trip("columns")
        return {"id": "integer", "x": "number", "won": "integer"}

    def inputs(self, context):
        self.trip("inputs")
        return []

    def fingerprint(self, context):
        self.trip("fingerprint")
        return None if self.at == "origin" else f"the same {self.rows} lines"

    def stamp(self, context):
        return self.trip("stamp") or None

    def origin(self, context):
        self.trip("origin")
        return ""

    def places(self, context, rows, total):
        self.trip("places")
        return super().places(context, rows, total)

    def source(self):
        self.trip("source")
        return "made up"


class Question(Stumbles, Task):
    """Will it be 1?"""

    answers: ClassVar[str] = PROBABILITY
    outcome: TruthColumn = "won"

    def rows(self, tables, origins):
        if self.trip("rows"):
            return None
        import narwhals as nw

        table = tables.single()
        columns = [nw.col("id").alias(ROW), nw.col("id"), nw.col(self.outcome).alias(TARGET)]
        return Rows(table.frame.select(*columns), keys=("id",), own=table.name, truth=(self.outcome,), classes=(0, 1))

    def trivial(self):
        if self.trip("trivial"):
            return None
        from sartor_plugins.learn.trivial import BaseRate

        return {"base rate": BaseRate()}

    def metrics(self):
        if self.trip("metrics"):
            return None
        from sartor_plugins.learn.metrics.catalogue import binary_metrics

        return binary_metrics()

    def sections(self, judged, context):
        self.trip("sections")
        return ()

    def log_score(self, judged):
        self.trip("log_score")


class Build(Stumbles, Feature):
    """Twice x."""

    def alone(self, own):
        self.trip("alone")
        return True

    def build(self, rows, tables, context):
        if self.trip("build"):
            return None
        import narwhals as nw

        return tables.single().frame.select(nw.col("id").alias(ROW), (nw.col("x") * 2).alias("twice"))


class Learner(Stumbles, Model):
    """Says one half of everything."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY, NUMBER})

    def fit(self, training, context):
        return None if self.trip("fit") else Learned(self)

    def load(self, folder):
        return None if self.trip("load") else Learned(self)


class Learned(Fitted):
    """Says one half, unless its model lets it stumble."""

    def __init__(self, model):
        self.model = model

    def predict(self, scoring):
        if self.model.trip("predict"):
            return None
        import numpy as np
        import pandas as pd

        return pd.DataFrame({"probability": np.full(len(scoring), 0.5)})

    def explain(self, scoring):
        self.model.trip("explain")
        return scoring.X * 0.0

    def learned(self):
        self.model.trip("learned")
        return {}

    def sections(self, judged, context):
        self.model.trip("sections")
        return ()

    def save(self, folder):
        self.model.trip("save")
        (folder / "half.json").write_text("0.5", encoding="utf-8")


class Around(Model):
    """Fits another model and says what that says."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    inner: ModelStep

    def fit(self, training, context):
        return Outside(context.fit(self.inner, training))

    def load(self, folder):
        from sartor.preparing import load_nested

        return Outside(load_nested(self.inner, folder / "inner"))


class Outside(Fitted):
    """Hands everything to the model inside."""

    def __init__(self, inner):
        self.inner = inner

    def predict(self, scoring):
        return self.inner.predict(scoring)

    def save(self, folder):
        (folder / "inner").mkdir()
        self.inner.save(folder / "inner")


class Step(Stumbles, Prepare):
    """Leaves the features as they are."""

    def fit(self, training, context):
        return None if self.trip("fit") else Stepped(self)

    def load(self, folder):
        return None if self.trip("load") else Stepped(self)


class Crossed(Step):
    """Makes the columns of the training rows in a way of its own."""

    def fit_transform(self, training, context):
        return None if self.trip("fit_transform") else super().fit_transform(training, context)


class Stepped(FittedStep):
    """Leaves the features as they are, unless its step lets it stumble."""

    def __init__(self, step):
        self.step = step

    def transform(self, X):
        return None if self.step.trip("transform") else X

    def sources(self):
        self.step.trip("sources")
        return {}

    def save(self, folder):
        self.step.trip("save")


class Reads(Prepare):
    """Reads a file when it is fitted."""

    path: FileName

    def fit(self, training, context):
        READ.append(context.path(self.path).read_text(encoding="utf-8"))
        return Stepped(Step())

    def load(self, folder):
        return Stepped(Step())


class Decide(Stumbles, Action):
    """Yes to everybody."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    explains: bool = False

    def decide(self, predictions, scoring, context):
        if self.trip("decide"):
            return None
        import pandas as pd

        if self.explains and context.explain is not None:
            context.explain(scoring)
        return pd.DataFrame({ROW: scoring.rows[ROW], "decision": "yes"})

    def value(self, decisions, outcome):
        if self.trip("value"):
            return None
        import numpy as np

        return np.ones(len(decisions))

    def policies(self, training, scoring, context):
        if self.trip("policies"):
            return None
        import pandas as pd

        return {"no": pd.DataFrame({ROW: scoring.rows[ROW], "decision": "no"})}

    def headline(self, decisions):
        return None if self.trip("headline") else "Yes to everybody."

    def measures(self):
        return None if self.trip("measures") else []

    def columns(self):
        self.trip("columns")
        return ("decision",)

    def sections(self, decisions, outcome, context):
        self.trip("sections")
        return ()


class Carry(Stumbles, Sink):
    """Carries decisions nowhere."""

    def target(self, context):
        self.trip("target")
        return "nowhere"

    def check_target(self, columns, context):
        self.trip("check_target")

    def deliver(self, decisions, context):
        if self.trip("deliver"):
            return None
        from sartor.delivery import Receipt

        return Receipt(rows=decisions.rows, added=decisions.rows, changed=0)


@hookimpl
def ingest() -> Iterator[Component]:
    yield Component("stumbler.table", f"{__name__}:Table", about="A table of 200 lines")


@hookimpl
def tasks() -> Iterator[Component]:
    yield Component("stumbler.question", f"{__name__}:Question", about="Will it be 1?")


@hookimpl
def features() -> Iterator[Component]:
    yield Component("stumbler.build", f"{__name__}:Build", about="Twice x")


@hookimpl
def models() -> Iterator[Component]:
    yield Component("stumbler.learner", f"{__name__}:Learner", about="Says one half of everything")
    yield Component("stumbler.around", f"{__name__}:Around", about="Says what another says")
    yield Component("stumbler.step", f"{__name__}:Step", about="Leaves features as they are", prepare=True)
    yield Component("stumbler.crossed", f"{__name__}:Crossed", about="In a way of its own", prepare=True)
    yield Component("stumbler.reads", f"{__name__}:Reads", about="Reads a file", prepare=True)


@hookimpl
def actions() -> Iterator[Component]:
    yield Component("stumbler.decide", f"{__name__}:Decide", about="Yes to everybody")
    yield Component("stumbler.carry", f"{__name__}:Carry", about="Carries decisions nowhere", sink=True)
