"""A sound step of prepare, and steps that break the contract in one way each."""

from __future__ import annotations

import json
from typing import ClassVar

import numpy as np
import pandas as pd

from sartor.components import FittedStep, Prepare


class SoundStep(FittedStep):
    """Centres the amounts and numbers the channels by how common they are."""

    def __init__(self, centre, order):
        self.centre, self.order = centre, order

    def transform(self, X):
        return X.assign(
            amount=X["amount"] - self.centre,
            channel=X["channel"].astype("object").map(self.order).astype("float64").fillna(-1.0),
        )

    def save(self, folder):
        (folder / "step.json").write_text(json.dumps([self.centre, self.order]))


class SoundPrepare(Prepare):
    fitted: ClassVar = SoundStep

    def fit(self, training, context):
        common = training.X["channel"].value_counts().index
        return self.fitted(float(training.X["amount"].mean()), {label: place for place, label in enumerate(common)})

    def load(self, folder):
        return self.fitted(*json.loads((folder / "step.json").read_text()))


class DropsMissingStep(SoundStep):
    def transform(self, X):
        return super().transform(X).dropna()


class DropsMissingPrepare(SoundPrepare):
    fitted: ClassVar = DropsMissingStep


class RenumbersStep(SoundStep):
    def transform(self, X):
        return super().transform(X).set_axis(range(10, 10 + len(X)))


class RenumbersPrepare(SoundPrepare):
    fitted: ClassVar = RenumbersStep


class DividesByZeroStep(SoundStep):
    def transform(self, X):
        return super().transform(X).assign(months=X["months"] / 0.0)


class DividesByZeroPrepare(SoundPrepare):
    fitted: ClassVar = DividesByZeroStep


class ReturnsArrayStep(SoundStep):
    def transform(self, X):
        return super().transform(X).to_numpy()


class ReturnsArrayPrepare(SoundPrepare):
    fitted: ClassVar = ReturnsArrayStep


class TrainingColumnPrepare(SoundPrepare):
    def fit_transform(self, training, context):
        step, X = super().fit_transform(training, context)
        return step, X.assign(is_training=1.0)


class TrainingTypePrepare(SoundPrepare):
    def fit_transform(self, training, context):
        step, X = super().fit_transform(training, context)
        return step, X.assign(months=X["months"].astype("str"))


class DummiesStep(SoundStep):
    def transform(self, X):
        return pd.get_dummies(super().transform(X).assign(channel=X["channel"]), columns=["channel"])


class DummiesPrepare(SoundPrepare):
    fitted: ClassVar = DummiesStep


class KnownLabelsStep(SoundStep):
    def transform(self, X):
        return super().transform(X).assign(channel=[self.order[label] for label in X["channel"].fillna("shop")])


class KnownLabelsPrepare(SoundPrepare):
    fitted: ClassVar = KnownLabelsStep


class TargetMeanPrepare(SoundPrepare):
    """The naive form: a row's own target is in its label's mean."""

    def fit(self, training, context):
        y = pd.Series(np.asarray(training.y, dtype=float))
        means = y.groupby(pd.Series(training.X["channel"].astype("object").tolist())).mean()
        return self.fitted(0.0, {label: float(mean) for label, mean in means.items()})


class CrossFittedPrepare(TargetMeanPrepare):
    """The sound form: every second row gets the means of the others."""

    def fit_transform(self, training, context):
        places = np.arange(len(training))
        pieces = []
        for rest in (0, 1):
            others = self.fit(training.take(places % 2 != rest), context)
            pieces.append(others.transform(training.X[places % 2 == rest]))
        return self.fit(training, context), pd.concat(pieces).sort_index()


class StratifiedPrepare(TargetMeanPrepare):
    """Sound too, though another target in a row puts all rows into other folds."""

    def fit_transform(self, training, context):
        folds = np.empty(len(training), dtype=int)
        folds[np.argsort(training.y, kind="stable")] = np.arange(len(training)) % 5
        means = np.empty(len(training))
        for fold in range(5):
            others = self.fit(training.take(folds != fold), context).transform(training.X[folds == fold])
            means[folds == fold] = others["channel"]
        step = self.fit(training, context)
        return step, step.transform(training.X).assign(channel=means)
