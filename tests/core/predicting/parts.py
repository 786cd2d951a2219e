"""A plugin for tests of scoring: tables of the test; features, tasks and actions that look at more than one row."""

from __future__ import annotations

from typing import Any, ClassVar

from sartor.components import NUMBER, PROBABILITY, Action, Column, Component, Feature, Ingest, Task, TruthColumn
from sartor.hookspecs import hookimpl
from sartor.rows import AS_OF, ROW, TARGET, Rows

TABLES: dict[str, Any] = {}
"""What `parts.table` reads, by name; set by the test."""


class TableOf(Ingest):
    """Reads a frame that the test put into `TABLES`."""

    of: str

    def read(self, context):
        return TABLES[self.of]


class Spent(Feature):
    """What a customer spent, by a table of lines with a date; before the row's moment where it has one."""

    customer: Column = "customer"

    def build(self, rows, tables, context):
        import narwhals as nw

        spent = tables["spent"].frame.group_by(self.customer).agg(nw.col("amount").sum().alias("spent"))
        own = rows.frame.select(ROW, *rows.keys)
        orders = tables["orders"].frame.select(*rows.keys, self.customer)
        joined = own.join(orders, on=list(rows.keys), how="left").join(spent, on=self.customer, how="left")
        return joined.select(ROW, "spent")


class SpentAlone(Spent):
    """The same; it needs the row's own line only, and the other table."""

    own_line_only: ClassVar[bool] = True


class Before(Feature):
    """How many orders the customer had placed before."""

    def build(self, rows, tables, context):
        import narwhals as nw

        orders = tables["orders"].frame
        own = rows.frame.select(ROW, AS_OF, *rows.keys).join(
            orders.select(*rows.keys, "customer"), on=list(rows.keys), how="left"
        )
        earlier = orders.select("customer", nw.col("day").alias("earlier"))
        counted = (
            own.join(earlier, on="customer", how="inner")
            .filter(nw.col("earlier") < nw.col(AS_OF))
            .group_by(ROW)
            .agg(nw.len().alias("before"))
        )
        return own.select(ROW).join(counted, on=ROW, how="left").with_columns(nw.col("before").fill_null(0))


class ByCustomer(Task):
    """Will a customer come back? A row for each customer of the orders, and no line of a table."""

    answers: ClassVar[str] = PROBABILITY
    outcome: TruthColumn = "back"

    def rows(self, tables, origins):
        import narwhals as nw

        customers = tables["customers"].frame
        frame = customers.select("customer", nw.col("customer").alias(ROW), nw.col(self.outcome).alias(TARGET))
        return Rows(frame, keys=("customer",), classes=(0, 1))

    def trivial(self):
        from sartor_plugins.learn.trivial import BaseRate

        return {"base rate": BaseRate()}

    def metrics(self):
        from sartor_plugins.learn.metrics.catalogue import binary_metrics

        return binary_metrics()


class Total(Feature):
    """How much a customer ordered in all."""

    def build(self, rows, tables, context):
        import narwhals as nw

        sums = tables["orders"].frame.group_by("customer").agg(nw.col("amount").sum().alias("total"))
        return rows.frame.select(ROW, "customer").join(sums, on="customer", how="left").select(ROW, "total")


class Best(Action):
    """Chooses the rows with the highest answers, a fixed number of all."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY, NUMBER})
    number: int = 3

    def decide(self, predictions, scoring, context):
        import numpy as np
        import pandas as pd

        order = np.argsort(-predictions.iloc[:, 0].to_numpy(), kind="stable")[: self.number]
        chosen = np.zeros(len(scoring), dtype=bool)
        chosen[order] = True
        return pd.DataFrame({ROW: scoring.rows[ROW], "chosen": chosen})


class Bar(Action):
    """Acts above a bar, and says among how many rows it was asked."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY, NUMBER})
    row_by_row: ClassVar[bool] = True
    above: float = 0.5

    def decide(self, predictions, scoring, context):
        import pandas as pd

        answer = predictions.iloc[:, 0]
        return pd.DataFrame({ROW: scoring.rows[ROW], "act": answer > self.above, "answer": answer})


class Plan(Action):
    """Decides on no single row."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY, NUMBER})

    def decide(self, predictions, scoring, context):
        import pandas as pd

        return pd.DataFrame({"day": ["Monday", "Tuesday"], "orders": [3, 4]})


@hookimpl
def ingest():
    yield Component("parts.table", f"{__name__}:TableOf", about="A table of the test")


@hookimpl
def tasks():
    yield Component("parts.by_customer", f"{__name__}:ByCustomer", about="Will a customer come back?")


@hookimpl
def features():
    yield Component("parts.spent", f"{__name__}:Spent", about="What a customer spent")
    yield Component("parts.spent_alone", f"{__name__}:SpentAlone", about="What a customer spent, row by row")
    yield Component("parts.before", f"{__name__}:Before", about="How many orders before")
    yield Component("parts.total", f"{__name__}:Total", about="How much a customer ordered")


@hookimpl
def actions():
    yield Component("parts.best", f"{__name__}:Best", about="The best of all")
    yield Component("parts.bar", f"{__name__}:Bar", about="Those above a bar")
    yield Component("parts.plan", f"{__name__}:Plan", about="A plan")
