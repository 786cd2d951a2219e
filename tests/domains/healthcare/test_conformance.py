"""Every component of healthcare passes the suites that any plugin's component must pass."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from sartor.testing import ActionTests, ModelTests, TaskTests, make_table, make_tables, make_training
from sartor.testing.learner import halves
from sartor.testing.samples import sample_features
from sartor_plugins.survival.curves import answers


def patients(rows: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    age = rng.integers(30, 90, rows)
    return pd.DataFrame(
        {
            "patient": np.arange(500, 500 + rows),
            "age": age.astype(float),
            "pressure": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(130, 15, rows).round()),
            "smoker": rng.choice(["yes", "no"], rows),
            "hospital": rng.choice(["north", "south"], rows),
            "stay": rng.exponential(5, rows).round(1),
            "days": rng.exponential(900, rows).round() + 1,
            "ill": (rng.random(rows) < 1 / (1 + np.exp(-(age - 60) / 10))).astype(int),
        }
    )


class TestDiseaseRisk(TaskTests):
    entry = "healthcare.disease_risk"
    settings: ClassVar = {
        "outcome": "ill",
        "site": "hospital",
        "known_after": ["stay", "days"],
        "subgroups": ["smoker", "age"],
    }

    def tables(self, context):
        return make_tables([make_table("patients", patients(), context, key=["patient"])], context)


class TestDiseaseRiskWithinATime(TestDiseaseRisk):
    settings: ClassVar = {
        "outcome": "ill",
        "event": [1],
        "time": "days",
        "within": 700,
        "eligible": {"hospital": ["north", "south"]},
        "predictors": ["age", "pressure"],
    }


class TestWithInterval(ModelTests):
    entry = "healthcare.with_interval"
    settings: ClassVar = {"model": {"use": "learn.logistic"}, "refits": 5}
    many_classes = False


class TestCareList(ActionTests):
    entry = "healthcare.care_list"
    settings: ClassVar = {"benefit": 20000.0, "cost": 1500.0, "changeable": {"months": "Length of the treatment"}}
    many_classes = False


class TestCareListWithLittleRoom(ActionTests):
    entry = "healthcare.care_list"
    settings: ClassVar = {"threshold": 0.3, "at_most": 0.2, "factors": {"amount": "Dose"}, "not_factors": ["region"]}
    many_classes = False


class TestSurvival(TaskTests):
    entry = "healthcare.survival"
    settings: ClassVar = {
        "time": "days",
        "event": "ill",
        "horizons": [100, 500],
        "known_after": ["stay"],
        "site": "hospital",
        "subgroups": ["smoker"],
    }

    def tables(self, context):
        return make_tables([make_table("patients", patients(), context, key=["patient"])], context)


def followed(rows: int = 160):
    """Rows of a time to event with the sample's features."""
    X = sample_features(rows)
    rng = np.random.default_rng(1)
    y = pd.DataFrame({"time": np.floor(rng.exponential(30, rows)), "event": rng.integers(0, 2, rows)})
    return halves("a time to event", make_training(X, y, answers="survival", classes=()))


class TestWithIntervalOfCurves(ModelTests):
    entry = "healthcare.with_interval"
    settings: ClassVar = {"model": {"use": "survival.cox"}, "refits": 5}

    def cases(self):
        return [followed()]


class TestCareListByAHorizon(ActionTests):
    entry = "healthcare.care_list"
    settings: ClassVar = {"threshold": 0.4, "horizon": 20.0, "changeable": {"months": "Length of the treatment"}}
    many_classes = False

    def cases(self):
        return [followed()]

    def predictions(self, scoring):
        rng = np.random.default_rng(13)
        curves = np.sort(rng.random((len(scoring), 3)), axis=1)[:, ::-1]
        return answers(-curves[:, 1], np.array([5.0, 20.0, 40.0]), curves)


class TestRecalibrated(ModelTests):
    entry = "healthcare.recalibrated"
    settings: ClassVar = {"model": {"use": "learn.logistic"}, "site": "channel", "at": ["web"], "method": "slope"}
    many_classes = False
