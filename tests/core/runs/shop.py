"""A plugin for tests of recorded runs: a table of the test, decisions worth money, models with a will of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from sartor.components import PROBABILITY, Action, Component, FileName, Fitted, Ingest, Model
from sartor.hookspecs import hookimpl
from sartor.rows import ROW

TABLES: dict[str, Any] = {}
"""What `shop.table` reads, by name; set by the test."""


class TableOf(Ingest):
    """Reads a pandas frame that the test put into `TABLES`."""

    of: str

    def read(self, context):
        return TABLES[self.of]

    def columns(self, context):
        return {str(name): "text" for name in TABLES[self.of].columns}

    def source(self):
        return "made by a test"


class Lines(Ingest):
    """Reads a file of numbers: one a line, its square beside it."""

    path: FileName

    def read(self, context):
        import pandas as pd

        numbers = [int(line) for line in context.path(self.path).read_text().split()]
        return pd.DataFrame({"id": range(len(numbers)), "x": numbers, "won": [number % 2 for number in numbers]})

    def inputs(self, context):
        import hashlib

        content = context.path(self.path).read_bytes()
        return [{"name": self.path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}]

    def columns(self, context):
        return {"id": "integer", "x": "integer", "won": "integer"}


class Accept(Action):
    """Accepts above a chance; an accepted row is worth 3 if it is won and costs 1 if not."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    above: float = 0.5
    beside: bool = False
    """Whether the policy of accepting everyone stands beside it."""

    def decide(self, predictions, scoring, context):
        import numpy as np
        import pandas as pd

        accepted = predictions["probability"].to_numpy() > self.above
        return pd.DataFrame({ROW: scoring.rows[ROW], "decision": np.where(accepted, "accept", "decline")})

    def value(self, decisions, outcome):
        import numpy as np

        worth = np.where(outcome.y == 1, 3.0, -1.0)
        return np.where(decisions["decision"] == "accept", worth, 0.0)

    def policies(self, training, scoring, context):
        import pandas as pd

        everyone = pd.DataFrame({ROW: scoring.rows[ROW], "decision": "accept"})
        return {"accept everyone": everyone} if self.beside else {}

    def headline(self, decisions):
        return f"Accept {(decisions['decision'] == 'accept').sum()} of {len(decisions)}."


class Moody(Model):
    """Answers the same chance for every row: a saved one and what the test says now."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    mood: ClassVar[float] = 0.0
    """Added to every answer: what a new version of a library may do."""
    picky: bool = False
    """Whether it cannot answer a missing value."""
    hopeless: bool = False
    """Whether it answers rows only that it has learned from or was tested on."""
    file: str = "model.json"

    def fit(self, training, context):
        rows = set(training.rows[ROW].astype(str)) if self.hopeless else set()
        return Mood(float(training.y.mean()), self.picky, max((int(row) for row in rows), default=None), self.file)

    def load(self, folder):
        return Mood(**json.loads((folder / self.file).read_text()), file=self.file)


class Mood(Fitted):
    def __init__(self, chance, picky, most, file):
        self.chance, self.picky, self.most, self.file = chance, picky, most, file

    def predict(self, scoring):
        import pandas as pd

        if self.picky and scoring.X.isna().any().any():
            raise ValueError("a value is missing")
        if self.most is not None and len(scoring) == 32:
            raise ValueError("these are no rows of mine")
        return pd.DataFrame({"probability": [self.chance + Moody.mood] * len(scoring)})

    def save(self, folder):
        told = {"chance": self.chance, "picky": self.picky, "most": self.most}
        (folder / self.file).write_text(json.dumps(told))


class Restless(Model):
    """Answers by a count of all models that were ever fitted: nothing that can be repeated."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    fitted: ClassVar[int] = 0

    def fit(self, training, context):
        Restless.fitted += 1
        return Mood(1 / (1 + Restless.fitted), False, None, "model.json")

    def load(self, folder):
        return Moody().load(folder)


@hookimpl
def ingest() -> Iterator[Component]:
    yield Component("shop.table", f"{__name__}:TableOf", about="A table of the test")
    yield Component("shop.lines", f"{__name__}:Lines", about="A file of numbers")


@hookimpl
def models() -> Iterator[Component]:
    yield Component("shop.moody", f"{__name__}:Moody", about="The same chance for every row")
    yield Component("shop.restless", f"{__name__}:Restless", about="Never the same")


@hookimpl
def actions() -> Iterator[Component]:
    yield Component("shop.accept", f"{__name__}:Accept", about="Accepts above a chance")
