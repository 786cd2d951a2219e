"""Every component of e-commerce passes the suites that any plugin's component must pass."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pandas as pd

from sartor.rows import Origins
from sartor.testing import ActionTests, Case, TaskTests, make_table, make_tables

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "recommend"))

from recommend_shops import ROLES, events, rows_of


class TestRecommendation(TaskTests):
    entry = "ecommerce.recommendation"

    def origins(self):
        return Origins(cut=datetime(2024, 4, 30))

    def tables(self, context):
        return make_tables([make_table("events", events(), context, time="day", roles=ROLES)], context)

    def case(self, rows, tables, context):
        training, held = rows_of("all")
        return Case("a shop", training, held)


class TestSlate(ActionTests):
    entry = "ecommerce.slate"
    settings: ClassVar = {"length": 3}

    def cases(self):
        training, held = rows_of("all")
        return [Case("a shop", training, held)]

    def predictions(self, scoring):
        some = [[f"i{n:02d}" for n in range(12)][row % 5 :] for row in range(len(scoring))]
        scores = [[float(-n) for n in range(len(line))] for line in some]
        return pd.DataFrame({"items": pd.Series(some, dtype=object), "scores": pd.Series(scores, dtype=object)})


class TestSlateWithRules(TestSlate):
    settings: ClassVar = {"length": 4, "not_bought_within": "30 days"}
