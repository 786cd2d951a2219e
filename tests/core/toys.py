"""A plugin for tests of the core: tables given by the test, and components that keep or break the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from sartor.components import (
    NUMBER,
    PROBABILITY,
    Action,
    Component,
    Duration,
    Feature,
    Fitted,
    Ingest,
    Model,
    Sink,
    Task,
    TruthColumn,
)
from sartor.durations import Duration as Length
from sartor.hookspecs import hookimpl
from sartor.rows import AS_OF, GROUP, KNOWN_AT, ROW, TARGET, Rows

TABLES: dict[str, Any] = {}
"""What `toy.table` reads, by name; set by the test."""
SAYS: dict[str, Any] = {}
"""What `toy.tells` says of decisions: what it yields, or a function that makes it."""
MET: list[Any] = []
"""What `toy.piecewise` learned from: the training rows, and their pieces."""
DELIVERED: dict[str, dict[Any, Any]] = {}
"""What `toy.keeps` was handed, by place and key."""


class TableOf(Ingest):
    """Reads a pandas frame that the test put into `TABLES`."""

    of: str
    known: bool = True

    def read(self, context):
        return TABLES[self.of]

    def columns(self, context):
        return {str(name): "text" for name in TABLES[self.of].columns} if self.known else None


class Dated(Task):
    """Will it be 1? A row a line, asked at its date, known some time later."""

    answers: ClassVar[str] = PROBABILITY
    outcome: TruthColumn = "won"
    date: str = "day"
    delay: Duration = Length(0, "day")
    group: str | None = None

    def rows(self, tables, origins):
        import datetime as dt

        import narwhals as nw

        table = tables.single()
        days = dt.timedelta(seconds=self.delay.seconds)
        columns = [
            nw.col(table.key[0]).alias(ROW),
            nw.col(table.key[0]),
            nw.col(self.outcome).alias(TARGET),
            nw.col(self.date).alias(AS_OF),
            (nw.col(self.date) + nw.lit(days)).alias(KNOWN_AT),
        ]
        if self.group:
            columns.append(nw.col(self.group).alias(GROUP))
        return Rows(table.frame.select(*columns), keys=table.key, own=table.name, truth=(self.outcome,), classes=(0, 1))

    def trivial(self):
        from sartor_plugins.learn.trivial import BaseRate

        return {"base rate": BaseRate()}

    def metrics(self):
        from sartor_plugins.learn.metrics.catalogue import binary_metrics

        return binary_metrics()


class Seen(Feature):
    """The mean of a column over lines before each row's date, or, to its shame, over all lines."""

    column: str = "x"
    all_of_time: bool = False

    def build(self, rows, tables, context):
        import narwhals as nw

        table = tables.single()
        other = table.frame.select(nw.col(table.time).alias("t"), nw.col(self.column).alias("v"))
        pairs = rows.frame.select(ROW, AS_OF).join(other, how="cross")
        if not self.all_of_time:
            pairs = pairs.filter(nw.col("t") < nw.col(AS_OF))
        return pairs.group_by(ROW).agg(nw.col("v").mean().alias(f"mean_{self.column}"))


class Raises(Model):
    """A model that raises where it is told to."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY, NUMBER})
    at: str = "fit"

    def fit(self, training, context):
        if self.at == "fit":
            raise ZeroDivisionError("no luck today")
        return _Raising(self.at)

    def load(self, folder):
        if self.at == "load":
            raise ZeroDivisionError("no luck today")
        return _Raising(self.at)


class _Raising(Fitted):
    def __init__(self, at):
        self.at = at

    def predict(self, scoring):
        import numpy as np
        import pandas as pd

        n = len(scoring)
        answers = {
            "short": pd.DataFrame({"probability": np.full(n - 1, 0.5)}),
            "nan": pd.DataFrame({"probability": np.full(n, np.nan)}),
            "high": pd.DataFrame({"probability": np.full(n, 1.5)}),
            "named": pd.DataFrame({"chance": np.full(n, 0.5)}),
            "list": [0.5] * n,
        }
        if self.at == "predict":
            raise ZeroDivisionError("no luck today")
        return answers.get(self.at, pd.DataFrame({"probability": np.full(n, 0.5)}))

    def save(self, folder):
        if self.at == "save":
            raise ZeroDivisionError("no luck today")


class Piecewise(Model):
    """Answers the share of ones, learned piece by piece; what it met is in `MET`."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    learns_from_pieces: ClassVar[bool] = True

    def fit(self, training, context):
        MET[:] = [training, list(training.pieces(100))]
        return _Share(sum(float(piece.y.sum()) for piece in MET[1]) / len(training))

    def load(self, folder):
        return _Share(float((folder / "share.txt").read_text()))


class _Share(Fitted):
    def __init__(self, share):
        self.share = share

    def predict(self, scoring):
        import numpy as np
        import pandas as pd

        return pd.DataFrame({"probability": np.full(len(scoring), self.share)})

    def save(self, folder):
        (folder / "share.txt").write_text(repr(self.share))


class Breaks(Action):
    """An action that raises, or breaks its contract, where it is told to."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    at: str = ""

    def decide(self, predictions, scoring, context):
        import pandas as pd

        if self.at == "decide":
            raise ZeroDivisionError("no luck today")
        rows = scoring.rows[ROW]
        return pd.DataFrame({ROW: rows[::-1].reset_index(drop=True) if self.at == "order" else rows})

    def headline(self, decisions):
        return None if self.at == "headline" else "Acted."

    def value(self, decisions, outcome):
        import numpy as np

        if self.at == "value":
            raise ZeroDivisionError("no luck today")
        return np.full(1 if self.at == "worth" else len(decisions), 1.0)


class Decides(Action):
    """Yes above one half, with reasons; or one line for all of them."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    per_row: bool = True

    def decide(self, predictions, scoring, context):
        import pandas as pd

        says = (predictions["probability"] > 0.5).map({True: "yes", False: "no"})
        if not self.per_row:
            return says.value_counts().rename_axis("decision").reset_index(name="lines").sort_values("decision")
        reasons = [["x is high", "it rains"] if one == "yes" else [] for one in says]
        return pd.DataFrame({ROW: scoring.rows[ROW], "decision": says, "reasons": reasons})

    def columns(self):
        return ("decision", "reasons") if self.per_row else ("decision", "lines")


class Tells(Decides):
    """Yields the sections that the test put into `SAYS`."""

    def sections(self, decisions, outcome, context):
        says = SAYS["sections"]
        return says(decisions, outcome, context) if callable(says) else says


class Fair(Decides):
    """Says yes as `toy.decides` does, and is measured by whom it says it to; or breaks the contract of measures."""

    at: str = ""

    def measures(self):
        from sartor.evidence.measure import Measure

        if self.at == "raises":
            raise ZeroDivisionError("no luck today")
        if self.at == "text":
            return ["yes"]

        def yes(judged, weights):
            if self.at == "shape":
                return weights.sum(axis=1)
            return judged.shares(weights, (judged.decisions["decision"] == "yes").to_numpy())

        def ratio(lower, higher):
            return lower / higher

        return [
            Measure("said_yes", "yes", "higher", "Share of rows that hear yes.", per_group=yes, least=0.0, most=1.0),
            Measure(
                "yes_ratio", "yes ratio", "higher", "Least to most.", of=("said_yes",), pair=ratio, most=1.0, shown=True
            ),
        ]


class FairTeller(Fair, Tells):
    """Is measured, has a simple policy, and yields the sections that the test put into `SAYS`."""

    def policies(self, training, scoring, context):
        import pandas as pd

        everyone = pd.DataFrame({ROW: scoring.rows[ROW], "decision": "yes"})
        everyone.attrs["about"] = "whoever asks"
        return {"yes to all": everyone}


class Keeps(Sink):
    """Keeps what it is handed in `DELIVERED`, or fails where it is told to."""

    place: str
    at: str = ""

    def target(self, context):
        return self.place

    def deliver(self, decisions, context):
        from sartor.delivery import Receipt
        from sartor.errors import InputError

        if self.at == "refused":
            raise InputError("the place is closed", code="D000")
        lines = decisions.frame().to_dict("records")
        kept = DELIVERED.setdefault(self.place, {})
        added = changed = 0
        for count, line in enumerate(lines):
            if self.at == "half-way" and count == len(lines) // 2:
                raise ZeroDivisionError("no luck today")
            key = tuple(line[name] for name in decisions.key) or decisions.idempotency_key
            before = kept.get(key)
            after = {name: list(value) if name == "reasons" else value for name, value in line.items()}
            added, changed = added + (before is None), changed + (before not in (None, after))
            kept[key] = after
        if self.at == "nothing":
            return None
        return Receipt(rows=len(lines) - (self.at == "short"), added=added, changed=changed)


@hookimpl
def ingest() -> Iterator[Component]:
    yield Component("toy.table", f"{__name__}:TableOf", about="A table of the test")


@hookimpl
def tasks() -> Iterator[Component]:
    yield Component("toy.dated", f"{__name__}:Dated", about="Will it be 1?")


@hookimpl
def features() -> Iterator[Component]:
    yield Component("toy.seen", f"{__name__}:Seen", about="What was seen before")


@hookimpl
def models() -> Iterator[Component]:
    yield Component("toy.raises", f"{__name__}:Raises", about="Raises")
    yield Component("toy.piecewise", f"{__name__}:Piecewise", about="Learns piece by piece")


@hookimpl
def actions() -> Iterator[Component]:
    yield Component("toy.breaks", f"{__name__}:Breaks", about="Breaks")
    yield Component("toy.decides", f"{__name__}:Decides", about="Yes or no")
    yield Component("toy.tells", f"{__name__}:Tells", about="Yes or no, and what it says of it")
    yield Component("toy.fair", f"{__name__}:Fair", about="Yes or no, measured by whom")
    yield Component("toy.fair_teller", f"{__name__}:FairTeller", about="Measured, with a policy and sections")
    yield Component("toy.keeps", f"{__name__}:Keeps", about="Keeps what it is handed", sink=True)
