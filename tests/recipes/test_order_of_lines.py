"""The order of lines in a file says nothing: metrics, decisions and money are the same, whatever it is."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

import sartor
import sartor_recipes
from sartor.context import Context
from sartor_plugins.samples.bank import Bank
from sartor_plugins.samples.chain import Chain
from sartor_plugins.samples.follow_up import FollowUp
from sartor_plugins.samples.plant import Plant
from sartor_plugins.samples.shop import Shop

RECIPES = Path(sartor_recipes.__file__).parent
QUANTILES = [0.5, 0.9, 0.95, 0.99]

SHOP = {"customers": 80, "items": 40}
PUMPS = {"positions": 10, "days": 900}

INDUSTRIES = {
    "ecommerce": (
        "ecommerce/shop-simulated",
        {
            "events": Shop(**SHOP),
            "items": Shop(table="items", **SHOP),
            "customers": Shop(table="customers", **SHOP),
        },
        {"own": {"use": "recommend.own_purchases"}, "ease": {"use": "recommend.ease"}},
        ["actions.slate.from=[own, items, customers]"],
        ["customer"],
    ),
    "manufacturing": (
        "manufacturing/plant-simulated",
        {"readings": Plant(table="readings", **PUMPS), "failures": Plant(table="failures", **PUMPS)},
        {"boosting": {"use": "learn.boosting", "with": {"trees": 20}}},
        ["task.with.every=10"],
        ["row"],
    ),
    "retail": (
        "retail/replenishment",
        {"sales": Chain(stores=2, items=3, weeks=160, start="2021-01-04")},
        {
            "trees": {"use": "forecast.boosting", "with": {"trees": 10, "quantile_trees": 5, "quantiles": QUANTILES}},
            "smoothing": {"use": "forecast.method", "with": {"method": "tsb", "quantiles": QUANTILES}},
        },
        [f"params.quantiles={QUANTILES}"],
        ["row"],
    ),
    "healthcare": (
        "healthcare/survival",
        {"patients": FollowUp(rows=400)},
        {"cox": {"use": "survival.cox"}},
        ["actions.care.with.at_most=0.1"],
        ["patient"],
    ),
    "finance": (
        "finance/card-fraud",
        {"payments": Bank(cards=150, terminals=60, days=80)},
        {"logistic": {"use": "learn.logistic"}, "boosting": {"use": "learn.boosting", "with": {"trees": 10}}},
        ["params.alerts_a_day=3"],
        ["payment"],
    ),
}
"""Of each industry: its recipe, tables, light models, other settings, and what tells its rows."""


def read_in(folder, industry, shuffled):
    """Run a recipe over its tables as files, their lines as they came or shuffled."""
    name, tables, models, sets, _ = INDUSTRIES[industry]
    recipe = yaml.safe_load((RECIPES / f"{name}.yaml").read_text(encoding="utf-8"))
    for table, sample in tables.items():
        frame = sample.read(Context()).to_pandas()
        path = folder / f"{table}.csv"
        (frame.sample(frac=1, random_state=3) if shuffled else frame).to_csv(path, index=False)
        recipe["ingest"][table] |= {"use": "tables.csv", "with": {"path": str(path)}}
    recipe |= {"recipe": industry, "models": models, "gates": []}
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    path = folder / f"{industry}.yaml"
    path.write_text(json.dumps(recipe, default=str), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return sartor.run(str(path), sets=["judge.redraws=50", *sets], information=False)


def close(one, other, where=""):
    """Assert that two trees of values are alike but for the last bits of numbers."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            close(one[key], other[key], f"{where}/{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), where
        for place, pair in enumerate(zip(one, other, strict=True)):
            close(*pair, f"{where}/{place}")
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9, nan_ok=True), where
    else:
        assert one == other, where


@pytest.mark.parametrize("industry", list(INDUSTRIES))
def test_metrics_decisions_and_money_know_no_order_of_lines(industry, tmp_path):
    folders = [tmp_path / "as they came", tmp_path / "shuffled"]
    for folder in folders:
        folder.mkdir()
    one, other = (read_in(folder, industry, shuffled) for folder, shuffled in zip(folders, (False, True), strict=True))
    close(*(json.loads((run.folder / "metrics.json").read_text(encoding="utf-8")) for run in (one, other)))
    assert one.headline == other.headline
    keys = INDUSTRIES[industry][-1]
    decided = [run.decisions.sort_values(keys, kind="stable").reset_index(drop=True) for run in (one, other)]
    assert len(decided[0])
    pd.testing.assert_frame_equal(*decided, rtol=1e-9, atol=1e-9)
