"""The simulated plant, from its tables to a valued plan; and the published turbofan engines, whole."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import sartor

SMALL = [
    "params.positions=14",
    "judge.redraws=100",
    "models.boosting.with.rounds=2",
    "models.boosting.with.model.with.model.with.trees=60",
    "models.forest.with.rounds=2",
    "models.forest.with.model.with.model.with.trees=20",
]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plant")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def plant(project):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        yield sartor.run("manufacturing/plant-simulated", sets=SMALL)


def test_every_pump_is_asked_once_at_each_planning_day(plant):
    predictions = pd.read_parquet(plant.folder / "decisions.parquet")
    assert len(predictions) == plant.summary["rows"]["test"]
    assert not predictions["unit"].groupby(predictions["unit"]).size().gt(4).any()


def test_the_sensors_tell_more_than_age_alone(plant):
    rmse = {name: plant.metrics.loc[name, ("rmse_capped", "value")] for name in ("boosting", "age only", "mean")}
    assert rmse["boosting"] < 0.75 * rmse["age only"] < 0.75 * rmse["mean"]


def test_every_metric_of_the_task_is_there(plant):
    assert set(plant.metrics.columns.get_level_values(0)) >= {
        "rmse", "rmse_capped", "mae", "mae_capped", "phm08", "phm08_capped", "late_share",
    }  # fmt: skip


def test_the_plan_costs_less_than_what_looks_at_no_sensor(plant):
    own = plant.summary["models"]["boosting"]["value"]["value"]
    policies = {name: entry["value"] for name, entry in plant.summary["policies"].items()}
    assert set(policies) == {"run to failure", "fixed interval"}
    assert policies["run to failure"] == 0
    assert own > 0
    assert own > policies["fixed interval"]


def test_no_week_has_more_services_than_the_crew_can_do(plant):
    decisions = plant.decisions
    out = decisions[decisions["decision"] == "service"]
    assert len(out)
    assert out["after"].isin([0, 7, 14, 21]).all()
    assert (out["saves"] > 0).all()


def test_the_report_has_calendar_price_and_ranking(plant):
    told = json.loads((plant.folder / "sections.json").read_text(encoding="utf-8"))
    ids = {entry["id"] for entry in told["sections"]}
    assert {"plan-in-parts", "calendar", "early-and-late", "by-life-left", "intervals", "indicators"} <= ids
