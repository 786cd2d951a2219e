"""Every component of finance passes the suites that any plugin's component must pass."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from sartor.rows import ROW
from sartor.testing import ActionTests, FeatureTests, ModelTests, make_rows, make_table, make_tables


def applications(rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"application": np.arange(100, 100 + rows)})
    frame["amount"] = np.round(rng.lognormal(8, 0.6, rows))
    frame["duration"] = rng.choice([0, 6, 12, 24], rows)
    frame["income"] = np.where(rng.random(rows) < 0.1, np.nan, np.round(rng.lognormal(7.5, 0.4, rows)))
    for month in (1, 2, 3):
        frame[f"bill_{month}"] = np.round(rng.normal(500, 600, rows))
        frame[f"payment_amount_{month}"] = np.round(rng.exponential(200, rows)) * (rng.random(rows) < 0.7)
        frame[f"delay_{month}"] = rng.integers(-2, 4, rows)
    frame["limit"] = rng.choice([0, 1000, 5000], rows)
    return frame


class TestScorecard(ModelTests):
    entry = "finance.scorecard"
    many_classes = False


class TestScorecardWithOtherPoints(ModelTests):
    entry = "finance.scorecard"
    settings: ClassVar = {"max_bins": 3, "min_share": 0.1, "points_to_double_odds": 50, "decimals": 2, "penalty": 0}
    many_classes = False


class TestCreditDecision(ActionTests):
    entry = "finance.credit_decision"
    settings: ClassVar = {"loss_given_default": 0.6, "margin": 0.12, "amount": "amount", "refer_within": 0.05}
    many_classes = False


class TestCreditDecisionWithCutOffsAndReasons(ActionTests):
    entry = "finance.credit_decision"
    settings: ClassVar = {
        "loss_given_default": 0.6,
        "margin": 0.12,
        "amount": "amount",
        "accept_below": 0.3,
        "decline_from": 0.6,
        "refer_cost": 5.0,
        "reasons": {"months": "Long repayment term"},
        "not_reasons": ["region"],
        "noun": "card holders",
    }
    many_classes = False


class TestAffordability(FeatureTests):
    entry = "finance.affordability"

    def tables(self, context):
        return make_tables([make_table("applications", applications(), context, key=["application"])], context)

    def rows(self, tables, context):
        keys = applications()[["application"]]
        return make_rows(keys.assign(**{ROW: keys["application"]}), context, keys=["application"], own="applications")
