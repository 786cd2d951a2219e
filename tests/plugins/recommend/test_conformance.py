"""Every component of recommend passes the suites that any plugin's component must pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

import numpy as np
import pandas as pd
from recommend_shops import ROLES, events, rows_of

from sartor.context import Context
from sartor.rows import Origins
from sartor.testing import Case, FeatureTests, ModelTests, TaskTests, make_table, make_tables
from sartor_plugins.recommend.tasks import NextItems

ORIGINS = Origins(cut=datetime(2024, 4, 30))


class OfSlates(ModelTests):
    """Models that answer with slates, on rows of a small shop."""

    __test__ = False
    targets: ClassVar[str] = "all"

    def cases(self):
        training, held = rows_of(self.targets)
        return [Case(self.targets, training, held, unseen=self.strangers(held))]

    @staticmethod
    def strangers(held):
        """Rows with items that nobody knows, lists of several lengths, and none at all."""
        X = held.X.iloc[:4].copy()
        X["history_items"] = pd.Series([None, np.array(["no such item"]), np.array(["i01", "i04"]), np.array([])])
        X["history_days"] = pd.Series([None, np.array([3.0]), np.array([1e12]), np.array([])])
        X["history_events"] = pd.Series([None, np.array(["dance"]), np.array(["view", "view"]), np.array([])])
        return replace(held.without_truth().take(np.arange(4)), X=X.reset_index(drop=True))


class TestPopularity(OfSlates):
    __test__ = True
    entry = "recommend.popularity"
    settings: ClassVar = {"half_life": "14 days"}


class TestOwnPurchases(OfSlates):
    __test__ = True
    entry = "recommend.own_purchases"


class TestItemKnn(OfSlates):
    __test__ = True
    entry = "recommend.item_knn"
    settings: ClassVar = {"neighbours": 5}


class TestEase(OfSlates):
    __test__ = True
    entry = "recommend.ease"
    settings: ClassVar = {"l2": 20.0, "half_life": "30 days"}


class TestEaseWithFewWeights(OfSlates):
    __test__ = True
    entry = "recommend.ease"
    settings: ClassVar = {"l2": 20.0, "keep": 3}
    targets = "new"


class TestAls(OfSlates):
    __test__ = True
    entry = "recommend.als"
    settings: ClassVar = {"factors": 4, "iterations": 3}
    tolerance = 1e-4


class TestBlend(OfSlates):
    __test__ = True
    entry = "recommend.blend"
    settings: ClassVar = {
        "models": {"ease": {"use": "recommend.ease"}, "recent": {"use": "recommend.popularity"}},
        "mix": {"ease": 1.0, "recent": 0.5},
    }


class TestBlendOfWeightsThatAreFound(TestBlend):
    settings: ClassVar = {"models": TestBlend.settings["models"]}
    targets = "new"


class OfEvents:
    """Tables of a small shop."""

    def tables(self, context: Context):
        return make_tables([make_table("events", events(), context, time="day", roles=ROLES)], context)


class TestNextItems(OfEvents, TaskTests):
    entry = "recommend.next_items"

    def origins(self):
        return ORIGINS

    def case(self, rows, tables, context):
        training, held = rows_of("all")
        return Case("a shop", training, held)


class TestNewItems(TestNextItems):
    settings: ClassVar = {"targets": "new"}

    def case(self, rows, tables, context):
        training, held = rows_of("new")
        return Case("a shop", training, held)


class TestHistory(OfEvents, FeatureTests):
    entry = "recommend.history"

    def rows(self, tables, context):
        return NextItems().rows(tables, ORIGINS)
