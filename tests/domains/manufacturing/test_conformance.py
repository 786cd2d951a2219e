"""Every component of manufacturing passes the suites that any plugin's component must pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

import numpy as np
import pandas as pd
from fleet import readings, tables

from sartor.durations import Duration
from sartor.rows import GROUP, Origins
from sartor.testing import ActionTests, FeatureTests, PrepareTests, TaskTests, sample_cases
from sartor_domains.manufacturing.remaining_life import RemainingLife

LIVES = {f"U{number}": 12 + 3 * number for number in range(8)}


def dated():
    """Units that begin on the same day, a reading a day."""
    frame = readings(LIVES)
    rng = np.random.default_rng(0)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["cycle"], unit="D")
    return frame.assign(
        day=day.astype("datetime64[us]"), heat=frame["cycle"] + rng.normal(size=len(frame)), load=frame["cycle"] % 2
    )


class OfAFleet:
    def tables(self, context):
        failures = pd.DataFrame({"unit": list(LIVES), "failed_at": list(LIVES.values())})
        failures["failed_on"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(failures["failed_at"], unit="D")
        failures["failed_on"] = failures["failed_on"].astype("datetime64[us]")
        return tables(context, dated(), failures=(failures.iloc[:6], ["unit"]))


class TestRemainingLife(OfAFleet, TaskTests):
    entry = "manufacturing.remaining_life"
    settings: ClassVar = {"table": "readings", "cap": 10.0}


class TestRemainingLifeByTime(OfAFleet, TaskTests):
    entry = "manufacturing.remaining_life"
    settings: ClassVar = {
        "table": "readings",
        "date": "day",
        "failed": {"table": "failures", "column": "failed_at", "moment": "failed_on"},
        "asked": "each",
    }

    def origins(self):
        return Origins(cut=datetime(2024, 1, 14), every=Duration(7, "day"), count=2)


class TestConditionIndicators(OfAFleet, FeatureTests):
    entry = "manufacturing.condition_indicators"
    settings: ClassVar = {
        "windows": [2, 5],
        "measures": ["mean", "sd", "slope", "change", "shift"],
        "each_window": True,
        "alike": {"load": 1.0},
    }

    def tables(self, context):
        return tables(context, dated())

    def rows(self, tables, context):
        return RemainingLife(table="readings", date="day").rows(tables, Origins())


class TestOperatingRegimes(PrepareTests):
    entry = "manufacturing.operating_regimes"
    settings: ClassVar = {"by": ["months"], "regimes": 4}
    answers = ("number",)


class TestTellingIndicators(PrepareTests):
    entry = "manufacturing.telling_indicators"
    settings: ClassVar = {"keep": 2}
    answers = ("number",)

    def cases(self):
        return [replace(case, training=of_units(case.training)) for case in sample_cases("number")]


def of_units(training):
    """Tell rows which unit they are of, 20 each, and how long it has run."""
    number = np.arange(len(training))
    return replace(training, rows=training.rows.assign(**{GROUP: number // 20, "cycles_run": number % 20 + 1.0}))


class TestMaintenancePlan(ActionTests):
    entry = "manufacturing.maintenance_plan"
    settings: ClassVar = {"failure_cost": 100.0, "service_cost": 20.0, "horizon": 90, "slot": 30, "crew": 3}


class TestMaintenancePlanWithoutACrew(ActionTests):
    entry = "manufacturing.maintenance_plan"
    settings: ClassVar = {
        "failure_cost": 100.0,
        "service_cost": 20.0,
        "unused_cycle": 0.5,
        "horizon": 120,
        "slot": 10,
        "noun": "pumps",
    }
