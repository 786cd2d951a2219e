"""A sound model, and models that break the contract in one way each."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd
from pydantic import ConfigDict, Field, PrivateAttr

from sartor.components import NUMBER, PROBABILITY, Fitted, Model
from sartor.errors import Problem
from sartor.testing.models import answer_columns


class SoundFitted(Fitted):
    """For each channel the smoothed shares of the classes, or the mean."""

    def __init__(self, columns, table, default, answers):
        self.columns, self.table, self.default, self.answers = columns, table, default, answers

    def predict(self, scoring):
        labels = scoring.X["channel"].astype("object").map(str).tolist()
        values = [self.table.get(label, self.default) for label in labels]
        return pd.DataFrame(values, columns=self.columns, dtype="float64")

    def learned(self):
        return {"channels": self.table}

    def save(self, folder):
        (folder / "model.json").write_text(json.dumps([self.columns, self.table, self.default, self.answers]))


class SoundModel(Model):
    answers: ClassVar = frozenset({PROBABILITY, NUMBER})
    fitted: ClassVar = SoundFitted

    smoothing: float = Field(default=1.0, gt=0)

    def fit(self, training, context):
        truth = np.eye(len(training.classes))[training.y] if training.classes else training.y[:, None]
        columns = answer_columns(training.answers, training.classes)
        overall = truth.mean(axis=0)

        def smoothed(places):
            sums = truth[places].sum(axis=0) + self.smoothing * overall
            return (sums / (len(places) + self.smoothing))[-len(columns) :].tolist()

        labels = pd.Series(training.X["channel"].astype("object").map(str).tolist())
        table = {label: smoothed(places) for label, places in labels.groupby(labels).indices.items()}
        return self.fitted(columns, table, overall[-len(columns) :].tolist(), training.answers)

    def load(self, folder):
        return self.fitted(*json.loads((folder / "model.json").read_text()))


# -- settings -------------------------------------------------------------------------------------------------------


class TakesAnySettingModel(SoundModel):
    model_config = ConfigDict(extra="allow")


class BadDefaultModel(SoundModel):
    smoothing: float = Field(default=-1.0, gt=0)


class TupleModel(SoundModel):
    layers: tuple[int, ...] = (64, 32)


class MissingDefaultModel(SoundModel):
    noise: float = Field(default=float("nan"))


class ForgetfulSettingModel(SoundModel):
    trees: Annotated[int, Field(exclude=True)] = 100


class SelfDoubtingModel(SoundModel):
    def check_settings(self, plugins):
        yield ("smoothing", 0), Problem("R034", "is too smooth")


class PlacelessModel(SoundModel):
    def check_settings(self, plugins):
        yield "smoothing", Problem("R034", "is too smooth")


# -- the learner's checks -------------------------------------------------------------------------------------------


class UnseededModel(SoundModel):
    def fit(self, training, context):
        learned = super().fit(training, context)
        rng = np.random.default_rng()
        learned.table = {label: [value * rng.uniform(0.9, 1) for value in row] for label, row in learned.table.items()}
        return learned


class GlobalSeedModel(SoundModel):
    def fit(self, training, context):
        random.seed(context.seed)
        return super().fit(training, context)


class GlobalNumpyModel(SoundModel):
    def fit(self, training, context):
        np.random.seed(context.seed % 1000)  # noqa: NPY002
        return super().fit(training, context)


class FillsInPlaceModel(SoundModel):
    def fit(self, training, context):
        training.X["amount"] = training.X["amount"].fillna(0)
        return super().fit(training, context)


class SortsTruthModel(SoundModel):
    def fit(self, training, context):
        learned = super().fit(training, context)
        training.y.sort()
        return learned


class GrowingSettingModel(SoundModel):
    notes: list[str] = Field(default_factory=list)

    def fit(self, training, context):
        self.notes.append("fitted")
        return super().fit(training, context)


class MarksRowsFitted(SoundFitted):
    def predict(self, scoring):
        scoring.rows["seen"] = True
        return super().predict(scoring)


class MarksRowsModel(SoundModel):
    fitted: ClassVar = MarksRowsFitted


class RemembersModel(SoundModel):
    """Keeps the labels of earlier fits beside its settings."""

    _seen: dict = PrivateAttr(default_factory=dict)

    def fit(self, training, context):
        learned = super().fit(training, context)
        learned.table = {**learned.table, **self._seen}
        self._seen.update(learned.table)
        return learned


class RemembersForAllModel(SoundModel):
    """Keeps the labels of earlier fits with the class, for every component of it."""

    seen: ClassVar[dict] = {}

    def fit(self, training, context):
        learned = super().fit(training, context)
        self.seen.update({f"{label} {len(training)}": row for label, row in learned.table.items()})
        learned.default = (np.mean(list(self.seen.values()), axis=0) * np.ones(len(learned.default))).tolist()
        learned.table = {}
        return learned


class SharedFitted(SoundFitted):
    shared: ClassVar[dict] = {}

    def __init__(self, columns, table, default, answers):
        super().__init__(columns, table, default, answers)
        self.shared.clear()
        self.shared.update(table)
        self.table = self.shared


class SharedModel(SoundModel):
    fitted: ClassVar = SharedFitted


class RoundsOnSaveFitted(SoundFitted):
    def save(self, folder):
        rounded = {label: [round(value, 3) for value in row] for label, row in self.table.items()}
        SoundFitted(self.columns, rounded, self.default, self.answers).save(folder)


class RoundsOnSaveModel(SoundModel):
    fitted: ClassVar = RoundsOnSaveFitted


class SavesNothingFitted(SoundFitted):
    def save(self, folder):
        pass


class SavesNothingModel(SoundModel):
    fitted: ClassVar = SavesNothingFitted


class SavesItsPlaceFitted(SoundFitted):
    def save(self, folder):
        super().save(folder)
        (folder / "place.txt").write_text(str(folder / "model.json"))


class SavesItsPlaceModel(SoundModel):
    fitted: ClassVar = SavesItsPlaceFitted

    def load(self, folder):
        return self.fitted(*json.loads(Path((folder / "place.txt").read_text()).read_text()))


class PicklesFitted(SoundFitted):
    def save(self, folder):
        (folder / "model.bin").write_bytes(pickle.dumps(vars(self)))


class PicklesModel(SoundModel):
    fitted: ClassVar = PicklesFitted

    def load(self, folder):
        saved = pickle.loads((folder / "model.bin").read_bytes())
        return SoundFitted(**saved)


class RanksFitted(SoundFitted):
    def predict(self, scoring):
        predictions = super().predict(scoring)
        if self.answers == NUMBER:
            return predictions.rank(method="first")
        return predictions if len(self.columns) > 1 else predictions.rank(method="first", pct=True)


class RanksModel(SoundModel):
    fitted: ClassVar = RanksFitted


# -- the model's checks ---------------------------------------------------------------------------------------------


class AnswersAsListModel(SoundModel):
    answers: ClassVar = ["probability"]


class ReturnsAnArrayFitted(SoundFitted):
    def predict(self, scoring):
        return super().predict(scoring).to_numpy()


class ReturnsAnArrayModel(SoundModel):
    fitted: ClassVar = ReturnsAnArrayFitted


class LosesARowFitted(SoundFitted):
    def predict(self, scoring):
        return super().predict(scoring).iloc[1:]


class LosesARowModel(SoundModel):
    fitted: ClassVar = LosesARowFitted


class OwnNumbersFitted(SoundFitted):
    def predict(self, scoring):
        return super().predict(scoring).set_axis(range(1, len(scoring) + 1))


class OwnNumbersModel(SoundModel):
    fitted: ClassVar = OwnNumbersFitted


class OtherColumnFitted(SoundFitted):
    def predict(self, scoring):
        return super().predict(scoring).add_prefix("my_")


class OtherColumnModel(SoundModel):
    fitted: ClassVar = OtherColumnFitted


class MissingAnswerFitted(SoundFitted):
    def predict(self, scoring):
        predictions = super().predict(scoring)
        predictions.iloc[2, 0] = np.nan
        return predictions


class MissingAnswerModel(SoundModel):
    fitted: ClassVar = MissingAnswerFitted


class WholeNumbersFitted(SoundFitted):
    def predict(self, scoring):
        return super().predict(scoring).round().astype("int64")


class WholeNumbersModel(SoundModel):
    fitted: ClassVar = WholeNumbersFitted


class BeyondOneFitted(SoundFitted):
    def predict(self, scoring):
        return super().predict(scoring) * 2


class BeyondOneModel(SoundModel):
    fitted: ClassVar = BeyondOneFitted


class HalfSharesFitted(SoundFitted):
    def predict(self, scoring):
        predictions = super().predict(scoring)
        return predictions / 2 if len(self.columns) > 1 else predictions


class HalfSharesModel(SoundModel):
    fitted: ClassVar = HalfSharesFitted


class KnowsOnlyItsLabelsFitted(SoundFitted):
    def predict(self, scoring):
        labels = scoring.X["channel"].astype("object").map(str)
        return pd.DataFrame([self.table[label] for label in labels], columns=self.columns, dtype="float64")


class KnowsOnlyItsLabelsModel(SoundModel):
    fitted: ClassVar = KnowsOnlyItsLabelsFitted


class SpreadsMissingFitted(SoundFitted):
    def predict(self, scoring):
        return super().predict(scoring).add(0 * scoring.X["balance"], axis=0)


class SpreadsMissingModel(SoundModel):
    fitted: ClassVar = SpreadsMissingFitted


class OnlyClassesSeenModel(SoundModel):
    def fit(self, training, context):
        seen = sorted(set(training.y.tolist())) if training.classes else []
        learned = super().fit(training, context)
        if len(learned.columns) > 1:
            learned.columns = [learned.columns[place] for place in seen]
            learned.table = {label: [row[place] for place in seen] for label, row in learned.table.items()}
            learned.default = [learned.default[place] for place in seen]
        return learned


class ExplainsFitted(SoundFitted):
    def explain(self, scoring):
        answers = self.predict(scoring).iloc[:, -1]
        explained = np.log(answers / (1 - answers)) if self.answers == PROBABILITY else answers
        return pd.DataFrame({"channel": explained - 3.0, "amount": 0.0})


class ExplainsModel(SoundModel):
    fitted: ClassVar = ExplainsFitted


class ExplainsProbabilitiesFitted(SoundFitted):
    def explain(self, scoring):
        return self.predict(scoring).iloc[:, -1:] - 0.5


class ExplainsProbabilitiesModel(SoundModel):
    fitted: ClassVar = ExplainsProbabilitiesFitted


class ExplainsHalfFitted(SoundFitted):
    def explain(self, scoring):
        return ExplainsFitted.explain(self, scoring).iloc[: len(scoring) // 2]


class ExplainsHalfModel(SoundModel):
    fitted: ClassVar = ExplainsHalfFitted


class ExplainsMissingFitted(SoundFitted):
    def explain(self, scoring):
        return ExplainsFitted.explain(self, scoring).assign(amount=scoring.X["amount"])


class ExplainsMissingModel(SoundModel):
    fitted: ClassVar = ExplainsMissingFitted


class LearnedArraysFitted(SoundFitted):
    def learned(self):
        return {"default": np.array(self.default)}


class LearnedArraysModel(SoundModel):
    fitted: ClassVar = LearnedArraysFitted


class LearnedNumbersAsKeysFitted(SoundFitted):
    def learned(self):
        return {"by class": {0: 0.3, 1: 0.7}}


class LearnedNumbersAsKeysModel(SoundModel):
    fitted: ClassVar = LearnedNumbersAsKeysFitted


class LearnedMissingFitted(SoundFitted):
    def learned(self):
        return {"slope": float("nan")}


class LearnedMissingModel(SoundModel):
    fitted: ClassVar = LearnedMissingFitted


class DrawsPictureFitted(SoundFitted):
    def sections(self, judged, context):
        from sartor.sections import Figure, Section, Table, TableColumn

        points = Table("Points", [TableColumn("Points", "number")], [[1]], counts=None)
        figure = Figure("Points", "More is better.", {"mark": {"type": "image"}}, points, "One point.")
        yield Section("points", "analyst", "Points", "One point.", figure=figure)


class DrawsPictureModel(SoundModel):
    fitted: ClassVar = DrawsPictureFitted


# -- rows on disk ---------------------------------------------------------------------------------------------------


class ReadsAllModel(SoundModel):
    learns_from_pieces: ClassVar = True


class PiecewiseModel(SoundModel):
    learns_from_pieces: ClassVar = True

    def fit(self, training, context):
        pieces = list(training.pieces(50))
        X = pd.concat([piece.X for piece in pieces], ignore_index=True)
        return super().fit(pieces[0].with_features(X).with_truth(training.y, training.weight), context)
