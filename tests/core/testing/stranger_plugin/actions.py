"""A sound action, and actions that break the contract in one way each."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from sartor.components import NUMBER, PROBABILITY, Action
from sartor.evidence.measure import Measure
from sartor.rows import ROW


class SoundAction(Action):
    answers: ClassVar = frozenset({PROBABILITY, NUMBER})

    def decide(self, predictions, scoring, context):
        answer = predictions.iloc[:, -1].to_numpy()
        return pd.DataFrame({ROW: scoring.rows[ROW], "act": answer > np.median(answer)})

    def columns(self):
        return ("act",)

    def value(self, decisions, outcome):
        return decisions["act"].to_numpy() * (outcome.y - 0.5)

    def policies(self, training, scoring, context):
        return {"act on all": pd.DataFrame({ROW: scoring.rows[ROW], "act": True})}

    def headline(self, decisions):
        return f"Act on {int(decisions['act'].sum())} of {len(decisions)}."


class MeasuredAction(SoundAction):
    def measures(self):
        def acted(judged, weights):
            return judged.shares(weights, judged.decisions["act"].to_numpy())

        return [
            Measure("acted", "acted on", "higher", "Share acted on.", per_group=acted),
            Measure("gap", "gap", "lower", "Most minus least.", of=("acted",), pair=lambda low, high: high - low),
        ]


class ComparesNothingAction(MeasuredAction):
    def measures(self):
        return super().measures()[1:]


class MisnamesAction(SoundAction):
    def columns(self):
        return ("action", "reasons")


class NoMoneyAction(SoundAction):
    def value(self, decisions, outcome):
        return None


class NoAnswersAction(SoundAction):
    answers: ClassVar = frozenset()


class AnswersTextAction(SoundAction):
    answers: ClassVar = "probability"


class ReturnsDictAction(SoundAction):
    def decide(self, predictions, scoring, context):
        return super().decide(predictions, scoring, context).to_dict()


class NoRowAction(SoundAction):
    def decide(self, predictions, scoring, context):
        return super().decide(predictions, scoring, context)[["act", ROW]]


class OnlyThoseAction(SoundAction):
    def decide(self, predictions, scoring, context):
        decided = super().decide(predictions, scoring, context)
        return decided[decided["act"]]


class SortsAction(SoundAction):
    def decide(self, predictions, scoring, context):
        return super().decide(predictions, scoring, context).sort_values("act", kind="stable")


class InfiniteAction(SoundAction):
    def decide(self, predictions, scoring, context):
        return super().decide(predictions, scoring, context).assign(score=np.inf)


class DrawsLotsAction(SoundAction):
    def decide(self, predictions, scoring, context):
        luck = np.random.default_rng().random(len(scoring)) > 0.5
        return super().decide(predictions, scoring, context).assign(act=luck)


class ChangesPredictionsAction(SoundAction):
    def decide(self, predictions, scoring, context):
        decided = super().decide(predictions, scoring, context)
        predictions["act"] = decided["act"]
        return decided


class ChangesTrainingAction(SoundAction):
    def policies(self, training, scoring, context):
        del training.X["amount"]
        return super().policies(training, scoring, context)


class ChangesDecisionsAction(SoundAction):
    def value(self, decisions, outcome):
        value = super().value(decisions, outcome)
        decisions["value"] = value
        return value


class ChangesInHeadlineAction(SoundAction):
    def headline(self, decisions):
        said = super().headline(decisions)
        decisions.loc[0, "act"] = not decisions.loc[0, "act"]
        return said


class RemembersAction(SoundAction):
    seen: list[int] = Field(default_factory=list)

    def decide(self, predictions, scoring, context):
        self.seen.append(len(scoring))
        return super().decide(predictions, scoring, context)


class TotalValueAction(SoundAction):
    def value(self, decisions, outcome):
        return float(super().value(decisions, outcome).sum())


class MissingValueAction(SoundAction):
    def value(self, decisions, outcome):
        value = super().value(decisions, outcome)
        value[1] = np.nan
        return value


class TextValueAction(SoundAction):
    def value(self, decisions, outcome):
        return super().value(decisions, outcome).astype(str)


class ListOfPoliciesAction(SoundAction):
    def policies(self, training, scoring, context):
        return list(super().policies(training, scoring, context))


class PolicyOnTrainingAction(SoundAction):
    def policies(self, training, scoring, context):
        return {"act on all": pd.DataFrame({ROW: training.rows[ROW], "act": True})}


class PolicyWithoutMoneyAction(SoundAction):
    def value(self, decisions, outcome):
        return None if decisions["act"].all() else super().value(decisions, outcome)


class PolicyWorthNothingAction(SoundAction):
    def value(self, decisions, outcome):
        value = super().value(decisions, outcome)
        return value + np.inf if decisions["act"].all() else value


class NoSentenceAction(SoundAction):
    def headline(self, decisions):
        return f"Decisions: {len(decisions)}"


class TwoLinesAction(SoundAction):
    def headline(self, decisions):
        return "Act on some.\nNot on others."


class RowByRowAction(SoundAction):
    """Acts above a fixed bar."""

    row_by_row: ClassVar = True

    def decide(self, predictions, scoring, context):
        answer = predictions.iloc[:, -1].to_numpy()
        return pd.DataFrame({ROW: scoring.rows[ROW], "act": answer > 0.5})


class NotRowByRowAction(SoundAction):
    """Says that a row is enough, and holds it against the middle of all."""

    row_by_row: ClassVar = True


class CountsNobodyAction(SoundAction):
    def sections(self, decisions, outcome, context):
        from sartor.sections import Section, Table, TableColumn

        table = Table("Decisions", [TableColumn("Decision")], [["act"]], counts=[80, 0])
        yield Section("decisions", "worth", "Decisions", "80 decisions.", table=table)
