"""A sound feature of the sample events, and features that break the contract in one way each."""

from __future__ import annotations

from typing import ClassVar

import narwhals as nw
from pydantic import Field

from sartor.components import Feature
from sartor.rows import AS_OF, ROW


class SoundFeature(Feature):
    """How many events the customer had before, what they cost on average, and what this one costs."""

    def build(self, rows, tables, context):
        events = tables["events"].frame
        own = rows.frame.select(ROW, AS_OF, "event").join(events, on="event", how="left")
        return own.select(ROW, "amount").join(self.before(own, events), on=ROW, how="left")

    def before(self, own, events):
        earlier = events.select("customer", earlier="at", earlier_amount="amount")
        return (
            own.select(ROW, AS_OF, "customer")
            .join(earlier, on="customer", how="inner")
            .filter(self.past(nw.col("earlier"), nw.col(AS_OF)))
            .group_by(ROW)
            .agg(nw.len().alias("events_before"), nw.col("earlier_amount").mean().alias("mean_before"))
        )

    def past(self, earlier, as_of):
        return earlier < as_of


class SeesAllFeature(SoundFeature):
    def past(self, earlier, as_of):
        return ~earlier.is_null()


class SeesTheMomentFeature(SoundFeature):
    """Counts the event that is asked about: only events at the very same moment are too many."""

    def past(self, earlier, as_of):
        return earlier <= as_of


class NoRowFeature(SoundFeature):
    def build(self, rows, tables, context):
        return super().build(rows, tables, context).rename({ROW: "row"})


class NoColumnFeature(SoundFeature):
    def build(self, rows, tables, context):
        return rows.frame.select(ROW)


class ReservedFeature(SoundFeature):
    def build(self, rows, tables, context):
        return super().build(rows, tables, context).rename({"amount": "__amount"})


class ManyLinesFeature(SoundFeature):
    def build(self, rows, tables, context):
        events = tables["events"].frame
        own = rows.frame.select(ROW, "event").join(events.select("event", "customer"), on="event", how="left")
        return own.join(events.select("customer", "amount"), on="customer", how="inner").select(ROW, "amount")


class StrangeRowsFeature(SoundFeature):
    def build(self, rows, tables, context):
        return super().build(rows, tables, context).with_columns(nw.col(ROW) + 100_000)


class InfiniteFeature(SoundFeature):
    def build(self, rows, tables, context):
        return (
            super()
            .build(rows, tables, context)
            .with_columns(per_event=nw.lit(1.0) / nw.lit(0.0) * nw.col("amount") ** 0)
        )


class ImpureFeature(SoundFeature):
    def build(self, rows, tables, context):
        return super().build(rows, tables, context).with_columns(luck=nw.lit(float(context.seed)))


class RemembersFeature(SoundFeature):
    notes: list[str] = Field(default_factory=list)

    def build(self, rows, tables, context):
        self.notes.append("built")
        return super().build(rows, tables, context)


class ChangesTableFeature(SoundFeature):
    """Forgets the first lines of the table behind everyone's back."""

    def build(self, rows, tables, context):
        built = super().build(rows, tables, context)
        events = tables["events"]
        object.__setattr__(events, "frame", events.frame.filter(nw.col("event") > 3))
        return built


class ChangesRowsFeature(SoundFeature):
    def build(self, rows, tables, context):
        built = super().build(rows, tables, context)
        object.__setattr__(rows, "frame", rows.frame.with_columns(nw.lit(1).alias("seen")))
        return built


class FirstLineFeature(SoundFeature):
    """Takes whatever line comes first."""

    def build(self, rows, tables, context):
        first = int(tables["events"].frame.head(1).collect()["event"][0])
        return super().build(rows, tables, context).with_columns(since_first=nw.lit(first))


class CentredFeature(SoundFeature):
    """Subtracts the mean over the rows: learned from rows."""

    def build(self, rows, tables, context):
        built = super().build(rows, tables, context)
        mean = built.select(nw.col("amount").mean()).collect()["amount"][0]
        return built.with_columns(nw.col("amount") - mean)


class SumsAllFeature(SoundFeature):
    """Adds up the amounts of all times."""

    def build(self, rows, tables, context):
        total = tables["events"].frame.select(sum_of_all=nw.col("amount").sum())
        return rows.frame.select(ROW).join(total, how="cross")


class OwnLineFeature(SoundFeature):
    """What the event costs: its own line tells."""

    own_line_only: ClassVar = True

    def build(self, rows, tables, context):
        events = tables["events"].frame
        return rows.frame.select(ROW, "event").join(events.select("event", "amount"), on="event").select(ROW, "amount")


class NotOwnLineFeature(SoundFeature):
    """Says that it needs no other line, and counts them."""

    own_line_only: ClassVar = True
