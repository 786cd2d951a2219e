"""The components of forecast pass the suites that any plugin's component must pass."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest

from sartor.context import Context
from sartor.durations import Duration
from sartor.rows import AS_OF, KNOWN_AT, ROW, TARGET, WEIGHT, Origins, Training
from sartor.testing import Case, FeatureTests, ModelTests, TaskTests, make_context, make_table, make_tables
from sartor.testing.making import as_features
from sartor_plugins.forecast.features.own import OwnForecasts
from sartor_plugins.forecast.features.plan import Plan
from sartor_plugins.forecast.features.recent import Recent
from sartor_plugins.forecast.tasks.demand import Demand
from sartor_plugins.samples.chain import Chain

CUT = datetime(2022, 12, 5)
TASK = Demand(every=Duration(1, "week"), horizon=3, learn_origins=20)


def tables(context):
    frame = Chain(stores=2, items=3, weeks=60, start=date(2022, 1, 3)).read(Context()).to_pandas()
    frame["week"] = pd.to_datetime(frame["week"])
    table = make_table("sales", frame, context, key=["store", "item", "week"])
    said = {"roles": {"units": "units", "price": "price"}, "known_ahead": frozenset({"price", "promo"})}
    return make_tables([replace(table, time="week", **said)], context)


@cache
def case() -> Case:
    """Rows of six series, with features of each kind."""
    context = make_context(Path(tempfile.mkdtemp()))
    sales = tables(context)
    rows = TASK.rows(sales, Origins(CUT))
    frame = rows.frame.collect(backend="pyarrow").to_native().to_pandas()
    X = frame[[ROW]]
    for feature in (
        Recent(groups=[[]], names=["store"]),
        Plan(prices=["price"], flags=["promo"], among=["store"]),
        OwnForecasts(methods=["theta", "tsb"]),
    ):
        X = X.merge(feature.build(rows, sales, context), on=ROW)
    shown = [name for name in frame if not name.startswith("__") or name in (ROW, AS_OF, KNOWN_AT, "__group")]
    y, weight = frame[TARGET].to_numpy(dtype="float64"), frame[WEIGHT].to_numpy()
    whole = Training(frame[shown], as_features(X.drop(columns=ROW)), "quantiles", (), y=y, weight=weight)
    judged = (frame[AS_OF] >= CUT).to_numpy()
    return Case("six series", whole.take(~judged), whole.take(judged))


class TestDemand(TaskTests):
    entry = "forecast.demand"
    settings: ClassVar = {
        "every": "1 week",
        "horizon": 3,
        "learn_origins": 6,
        "levels": [[], ["store"], ["category"]],
        "quantiles": [0.1, 0.5, 0.9],
    }

    def tables(self, context):
        return tables(context)

    def origins(self) -> Origins:
        return Origins(CUT, Duration(1, "week"), 2)


class _OfSeries(FeatureTests):
    def tables(self, context):
        return tables(context)

    def rows(self, tables, context):
        return TASK.rows(tables, Origins(CUT))


class TestRecent(_OfSeries):
    entry = "forecast.recent"
    settings: ClassVar = {"groups": [[], ["item"]], "names": ["store", "category"]}


class TestPlan(_OfSeries):
    entry = "forecast.plan"
    settings: ClassVar = {"prices": ["price"], "flags": ["promo"], "among": ["store"]}


class TestOwnForecasts(_OfSeries):
    entry = "forecast.own"
    settings: ClassVar = {"methods": ["seasonal_naive", "exponential_smoothing", "theta", "sba", "imapa"]}


class _Forecasts(ModelTests):
    def cases(self) -> list[Case]:
        return [case()]


class TestMethod(_Forecasts):
    entry = "forecast.method"
    settings: ClassVar = {"method": "theta", "quantiles": [0.1, 0.5, 0.9]}


class TestBoosting(_Forecasts):
    entry = "forecast.boosting"
    settings: ClassVar = {
        "trees": 8, "quantile_trees": 5, "leaves": 5, "min_leaf": 20, "quantiles": [0.5, 0.9], "correct_on": 0,
    }  # fmt: skip


@pytest.mark.needs("lightgbm")
class TestLightGBM(_Forecasts):
    entry = "forecast.lightgbm"
    settings: ClassVar = {
        "trees": 12,
        "quantile_trees": 8,
        "leaves": 5,
        "min_leaf": 10,
        "quantiles": [0.5, 0.9],
        "repeats": 2,
    }
