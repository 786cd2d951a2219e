"""An action turns predictions into decisions, and decisions into money."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sartor.components import PROBABILITY, Action, Column, Money, Share
from sartor.context import Context
from sartor.rows import ROW, Scoring, Training

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class ReplyFirst(Action):
    """Takes the messages that are most likely urgent out of the queue, as many as can be answered at once.

    Parameters
    ----------
    share : float
        Which share of the messages can be answered first.
    worth : float
        What it is worth to have answered an urgent message first, in the recipe's currency.
    cost : float
        What it costs to take a message out of the queue.
    by : str
        Column for the one-line rule that stands beside the decisions.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    # Money and Share say what a number measures: a share of 20 is refused with "20 % is 0.2".
    share: Share = 0.2
    worth: Money = 8.0
    cost: Money = 4.0
    by: Column = "channel"

    def decide(self, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
        """Return a decision for each row, in the rows' order."""
        return self._first(scoring, predictions["probability"].to_numpy()).assign(
            probability=predictions["probability"].to_numpy()
        )

    def value(self, decisions: pd.DataFrame, outcome: Training) -> np.ndarray:
        """Return what each decision was worth, now that we know what happened."""
        first, urgent = decisions["reply_first"].to_numpy(), outcome.y == 1
        amounts: np.ndarray = first * (self.worth * urgent - self.cost)
        return amounts

    def policies(self, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
        """Return simple policies for the same rows. A model that earns less than these is not needed.

        What a rule must learn it learns from `training`: the rows of `scoring` come without the truth.
        """
        import numpy as np

        urgent = training.rows[self.by].astype("object").map(str)
        rates = {
            label: float((training.y[places] == 1).mean()) for label, places in urgent.groupby(urgent).indices.items()
        }
        by_rule = scoring.rows[self.by].astype("object").map(str).map(rates).fillna(0.0)
        return {
            "reply to all first": self._decided(scoring, np.ones(len(scoring), dtype=bool)),
            "reply to none first": self._decided(scoring, np.zeros(len(scoring), dtype=bool)),
            f"by {self.by}": self._first(scoring, by_rule.to_numpy()),
        }

    def headline(self, decisions: pd.DataFrame) -> str:
        """Say the decision as one sentence; it is what most readers see."""
        return f"Answer {int(decisions['reply_first'].sum()):,} of {len(decisions):,} messages first."

    def _first(self, scoring: Scoring, score: np.ndarray) -> pd.DataFrame:
        import numpy as np

        # Stable: among equals the one that came first is answered first, today and on every other machine.
        places = np.argsort(-score, kind="stable")[: round(self.share * len(scoring))]
        return self._decided(scoring, np.isin(np.arange(len(scoring)), places))

    def _decided(self, scoring: Scoring, first: np.ndarray) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({ROW: scoring.rows[ROW].to_numpy(), "reply_first": first})
