"""The components of retail pass the suites that any plugin's component must pass."""

from __future__ import annotations

import importlib.util
import tempfile
from functools import cache
from pathlib import Path
from typing import ClassVar

import pandas as pd

from sartor.rows import Origins, Scoring
from sartor.testing import ActionTests, Case, TaskTests, make_tables

_spec = importlib.util.spec_from_file_location("retail_conftest", Path(__file__).with_name("conftest.py"))
assert _spec is not None
assert _spec.loader is not None
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)


@cache
def the_case() -> Case:
    return made.case(Path(tempfile.mkdtemp()))


class TestReplenishment(TaskTests):
    entry = "retail.replenishment"
    settings: ClassVar = {
        "every": "1 week",
        "review": "1 week",
        "lead_time": "2 weeks",
        "carry": ["unit_cost"],
        "learn_origins": 6,
    }

    def tables(self, context):
        return make_tables([made.chain(context, stores=1, items=3)], context)

    def origins(self) -> Origins:
        return Origins(made.CUT, made.WEEK, 4)


class TestOrderProposal(ActionTests):
    entry = "retail.order_proposal"
    settings: ClassVar = {"unit_cost": "unit_cost", "case_pack": "case_pack"}

    def cases(self) -> list[Case]:
        return [the_case()]

    def predictions(self, scoring: Scoring) -> pd.DataFrame:
        return made.answers(scoring)


class TestOrderProposalWithAServiceLevel(TestOrderProposal):
    settings: ClassVar = {
        "unit_cost": 2.0,
        "price": 3.5,
        "case_pack": 6,
        "moq": 12,
        "service_level": 0.95,
        "today": {"times": 4.0, "mean_of": 8},
    }
