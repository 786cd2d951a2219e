"""A task turns tables into rows, a line for each thing to be answered, and says how answers are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from sartor.components import PROBABILITY, Columns, Model, Task, TruthColumn
from sartor.evidence.metric import Metric
from sartor.rows import AS_OF, KNOWN_AT, ROW, TARGET, Judged, Origins, Rows, Tables

if TYPE_CHECKING:
    import numpy as np


class Urgency(Task):
    """Whether the reply to a message is urgent.

    Parameters
    ----------
    outcome : str
        Column that holds yes or no.
    closed_at : str
        Column of the moment at which that became known.
    not_features : list of str
        Columns of the message that a model must not learn from as they are.
    """

    answers: ClassVar[str] = PROBABILITY

    # TruthColumn hides the column from every feature and every model: nobody can learn from the answer by accident.
    outcome: TruthColumn = "urgent"
    closed_at: TruthColumn = "closed_at"
    not_features: Columns = Field(default=["text", "customer"])

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Make a row of each message: its identity, when we answer, when the truth is known, and the truth."""
        import narwhals as nw

        messages = tables.single()
        key = messages.key[0]
        # Lazy expressions run in the table engine, whatever the size of the table. `__as_of` and `__known_at` are
        # what the split goes by: it teaches only from messages that were closed before the cut.
        frame = messages.frame.select(
            nw.col(key),
            nw.col(key).alias(ROW),
            nw.col(str(messages.time)).alias(AS_OF),
            nw.col(self.closed_at).alias(KNOWN_AT),
            nw.col(self.outcome).alias(TARGET),
        )
        return Rows(
            frame=frame,
            keys=(key,),
            own=messages.name,
            truth=(self.outcome, self.closed_at),
            classes=("no", "yes"),
            never=tuple(self.not_features),
        )

    def trivial(self) -> dict[str, Model]:
        """Name what every model is held against: whoever cannot beat this has learned nothing."""
        from hello_plugin.base_rate import BaseRate

        return {"base rate": BaseRate()}

    def metrics(self) -> list[Metric]:
        """Say what answers are judged by; the first one compares models."""
        return [
            Metric(
                "brier",
                "Brier score",
                "lower",
                "Mean squared distance between the probability and what happened.",
                per_row=squared_distance,
            ),
            Metric(
                "found_in_first_fifth",
                "urgent among the first fifth",
                "higher",
                "Share of all urgent messages that stand in the fifth with the highest probabilities.",
                overall=found_in_first_fifth,
            ),
        ]


def squared_distance(judged: Judged) -> np.ndarray:
    """Return each row's squared distance: a metric that is a mean of rows says its loss row by row."""
    import numpy as np

    return np.asarray((judged.predictions["probability"] - judged.truth) ** 2)


def found_in_first_fifth(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Return the share of urgent messages in the first fifth, for each line of weights.

    A metric that is no mean of rows is computed for many redraws of the rows at once: `weights` has a line for each
    redraw, and says in it how often every row was drawn.
    """
    import numpy as np

    # Equal probabilities keep the order of the rows: the metric must not depend on luck.
    order = np.argsort(-judged.predictions["probability"].to_numpy(), kind="stable")
    drawn = weights[:, order]
    first = np.cumsum(drawn, axis=1) <= 0.2 * drawn.sum(axis=1, keepdims=True)
    urgent = drawn * judged.truth[order]
    with np.errstate(invalid="ignore"):
        return np.asarray((urgent * first).sum(axis=1) / urgent.sum(axis=1))
