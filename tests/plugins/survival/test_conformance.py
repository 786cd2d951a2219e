"""Every component of survival passes the suites that any plugin's component must pass."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from sartor.testing import ModelTests, TaskTests, make_table, make_tables
from sartor.testing.learner import halves


class Survives(ModelTests):
    """Models of a time to event, on simulated rows."""

    __test__ = False

    @pytest.fixture(autouse=True)
    def _rows(self, watched):
        self.rows = watched(160)

    def cases(self):
        return [halves("a time to event", self.rows)]


class TestKaplanMeier(Survives):
    __test__ = True
    entry = "survival.kaplan_meier"


class TestCox(Survives):
    __test__ = True
    entry = "survival.cox"


class TestCoxByBreslowWithoutPenalty(Survives):
    __test__ = True
    entry = "survival.cox"
    settings: ClassVar = {"ties": "breslow", "penalty": 0.1, "flags": False}


@pytest.mark.needs("sksurv")
class TestForest(Survives):
    __test__ = True
    entry = "survival.forest"
    settings: ClassVar = {"trees": 10}


@pytest.mark.needs("sksurv")
class TestBoosting(Survives):
    __test__ = True
    entry = "survival.boosting"
    settings: ClassVar = {"trees": 10}


class TestTimeToEvent(TaskTests):
    entry = "survival.time_to_event"
    settings: ClassVar = {"time": "days", "event": "died", "horizons": [10, 30], "happened": "yes"}

    def tables(self, context):
        rng = np.random.default_rng(3)
        people = pd.DataFrame(
            {
                "person": np.arange(80),
                "age": rng.integers(40, 90, 80).astype(float),
                "days": np.floor(rng.exponential(30, 80)),
                "died": rng.choice(["yes", "no"], 80),
            }
        )
        return make_tables([make_table("people", people, context, key=["person"])], context)
