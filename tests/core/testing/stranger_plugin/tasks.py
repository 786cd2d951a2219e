"""A sound task on the sample events, and tasks that break the contract in one way each."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import narwhals as nw
import numpy as np
from pydantic import Field

from sartor.components import NUMBER, PROBABILITY, Task
from sartor.errors import InputError
from sartor.evidence.metric import Metric
from sartor.rows import AS_OF, KNOWN_AT, ROW, TARGET, Rows
from stranger_plugin.models import MissingAnswerModel, SoundModel

BRIER = Metric(
    "brier",
    "Brier score",
    "lower",
    "Squared distance.",
    per_row=lambda judged: (judged.predictions["probability"].to_numpy() - judged.truth) ** 2,
)


class SoundTask(Task):
    answers: ClassVar = PROBABILITY

    def rows(self, tables, origins):
        frame = tables["events"].frame.select(
            "event",
            nw.col("event").alias(ROW),
            nw.col("at").alias(AS_OF),
            nw.col("settled_at").alias(KNOWN_AT),
            nw.col("returned").alias(TARGET),
        )
        return Rows(frame, ("event",), "events", ("returned", "settled_at"), ("no", "yes"), ("customer",))

    def trivial(self):
        return {"by channel": SoundModel()}

    def metrics(self):
        return [BRIER]


class UndefinedForConstantsTask(SoundTask):
    """Its second metric does not exist for an answer that is the same for all rows: no fault."""

    def metrics(self):
        def slope(judged, weights):
            constant = judged.predictions["probability"].nunique() < 10
            return np.full(len(weights), np.nan if constant else 1.0)

        return [BRIER, Metric("slope", "slope", 1.0, "Right at 1.", overall=slope)]


class SoundNumberTask(SoundTask):
    answers: ClassVar = NUMBER

    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        amounts = tables["events"].frame.select("event", "amount")
        frame = rows.frame.drop(TARGET).join(amounts, on="event", how="left").rename({"amount": TARGET})
        return replace(rows, frame=frame, truth=("amount", "returned", "settled_at"), classes=())

    def metrics(self):
        return [Metric("mae", "mean absolute error", "lower", "Distance.", per_row=lambda judged: np.abs(judged.truth))]


class ShortLogScoreTask(SoundTask):
    def log_score(self, judged):
        return np.zeros(3)


class InfiniteLogScoreTask(SoundTask):
    def log_score(self, judged):
        return np.full(len(judged.rows), -np.inf)


class ReturnsAFrameTask(SoundTask):
    def rows(self, tables, origins):
        return super().rows(tables, origins).frame


class EagerTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.collect())


class NoKeyTask(SoundTask):
    def rows(self, tables, origins):
        return replace(super().rows(tables, origins), keys=("customer",))


class NoRowsTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.filter(nw.col(ROW) < 0))


class RowMissingTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.with_columns(nw.when(nw.col(ROW) > 4).then(nw.col(ROW)).alias(ROW)))


class RowTwiceTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.with_columns((nw.col(ROW) // 2).alias(ROW)))


class OwnReservedNameTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.with_columns(nw.lit(1).alias("__label")))


class NoTargetTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.drop(TARGET))


class UnknownTruthTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        unknown = nw.when(nw.col("event") < 0).then(nw.col(TARGET)).alias(TARGET)
        return replace(rows, frame=rows.frame.with_columns(unknown))


class NoClassesTask(SoundTask):
    def rows(self, tables, origins):
        return replace(super().rows(tables, origins), classes=())


class OtherClassesTask(SoundTask):
    def rows(self, tables, origins):
        return replace(super().rows(tables, origins), classes=("no", "maybe"))


class NoSuchTableTask(SoundTask):
    def rows(self, tables, origins):
        return replace(super().rows(tables, origins), own="orders")


class TruthElsewhereTask(SoundTask):
    def rows(self, tables, origins):
        return replace(super().rows(tables, origins), truth=("returned", "settled_at", "refund"))


class LeakingTask(SoundTask):
    def rows(self, tables, origins):
        return replace(super().rows(tables, origins), truth=("settled_at",))


class OneTimeTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.drop(KNOWN_AT))


class KnownBeforeTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.rename({AS_OF: KNOWN_AT, KNOWN_AT: AS_OF}))


class NoMomentTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        moment = nw.when(nw.col("event") > 9).then(nw.col(AS_OF)).alias(AS_OF)
        return replace(rows, frame=rows.frame.with_columns(moment))


class CountingTask(SoundTask):
    calls: ClassVar = []

    def rows(self, tables, origins):
        self.calls.append(1)
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.filter(nw.col("event") >= len(self.calls)))


class RemembersTask(SoundTask):
    seen: list[int] = Field(default_factory=list)

    def rows(self, tables, origins):
        self.seen.append(1)
        return super().rows(tables, origins)


class ChangesTableTask(SoundTask):
    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        events = tables["events"]
        object.__setattr__(events, "frame", events.frame.with_columns(nw.lit(1).alias("seen")))
        return rows


class PlaceAsIdentityTask(SoundTask):
    """Counts the rows from the event that happens to come first."""

    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        first = int(tables["events"].frame.head(1).collect()["event"][0])
        return replace(rows, frame=rows.frame.with_columns((nw.col("event") - first).abs().alias(ROW)))


class NothingTrivialTask(SoundTask):
    def trivial(self):
        return {}


class TrivialClassTask(SoundTask):
    def trivial(self):
        return {"by channel": SoundModel}


class OtherAnswersTask(SoundTask):
    def trivial(self):
        return {"number": NumberOnly()}


class NumberOnly(SoundModel):
    answers: ClassVar = frozenset({NUMBER})


class TrivialMissingTask(SoundTask):
    def trivial(self):
        return {"gappy": MissingAnswerModel()}


class NoMetricTask(SoundTask):
    def metrics(self):
        return []


class MetricNamesTask(SoundTask):
    def metrics(self):
        return ["brier"]


class MetricTwiceTask(SoundTask):
    def metrics(self):
        return [BRIER, BRIER]


class LoudMetricTask(SoundTask):
    def metrics(self):
        return [replace(BRIER, name="Brier score")]


class SilentMetricTask(SoundTask):
    def metrics(self):
        return [replace(BRIER, about="")]


class MissingMetricTask(SoundTask):
    def metrics(self):
        return [replace(BRIER, per_row=lambda judged: np.full(len(judged.truth), np.nan))]


class MissingSecondMetricTask(SoundTask):
    def metrics(self):
        missing = replace(BRIER, name="second", per_row=lambda judged: np.full(len(judged.truth), np.nan))
        return [BRIER, missing]


class InfiniteMetricTask(SoundTask):
    def metrics(self):
        def infinite_for_the_trivial(judged):
            spread = float(judged.predictions["probability"].nunique() > 50)
            return np.full(len(judged.truth), 1.0 if spread else np.inf)

        return [BRIER, replace(BRIER, name="second", per_row=infinite_for_the_trivial)]


class ShortMetricTask(SoundTask):
    def metrics(self):
        return [replace(BRIER, per_row=lambda judged: np.zeros(3))]


class CountsLabelsTask(SoundTask):
    """Looks at the labels, of which new data has none."""

    def rows(self, tables, origins):
        if not tables["events"].frame.select(nw.col("returned").count()).collect().item():
            raise InputError("nothing was returned")
        return super().rows(tables, origins)


class KnowsAnywayTask(SoundTask):
    """Fills in a truth where there is none."""

    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.with_columns(nw.col(TARGET).fill_null("no")))


class NumbersLinesTask(SoundTask):
    """Names a row by its place among the lines that are there."""

    def rows(self, tables, origins):
        rows = super().rows(tables, origins)
        return replace(rows, frame=rows.frame.with_columns(nw.col("event").rank("ordinal").alias(ROW)))


class SaysHtmlTask(SoundTask):
    def sections(self, judged, context):
        return ["<h2>Well done</h2>"]
