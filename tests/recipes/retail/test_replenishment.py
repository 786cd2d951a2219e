"""The simulated chain, from its sales to valued orders; and the published data by the protocols of the brief."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sartor
from sartor.errors import SartorError

SMALL = [
    "ingest.sales.with.stores=3",
    "ingest.sales.with.items=10",
    "task.with.learn_origins=60",
    "models.trees.with.trees=40",
    "models.trees.with.rate=0.1",
    "models.trees.with.quantile_trees=70",
    "models.trees.with.leaves=7",
    "params.quantiles=[0.025, 0.5, 0.9, 0.98]",
    "judge.redraws=200",
    "gates=[]",
]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chain")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def chain(project):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        yield sartor.run("retail/replenishment", sets=SMALL)


def test_orders_cost_less_than_those_of_todays_rule(chain):
    ours, rule = chain.summary["models"]["trees"]["value"]["value"], chain.summary["policies"]["today's rule"]
    assert rule["value"] < ours < 0
    assert "worse" in rule["against"]["verdict"]


def test_every_item_of_every_store_has_a_line_at_each_monday(chain):
    decisions = chain.decisions
    assert len(decisions) == 3 * 10 * 26 == chain.summary["rows"]["test"]


def test_orders_are_whole_packs_with_a_reason_and_exceptions_first(chain):
    decisions = chain.decisions
    ordered = decisions[decisions["order"] > 0]
    pack = ordered["order"] / ordered["packs"]
    assert set(pack) <= {6.0, 12.0, 24.0}
    assert ordered["reason"].str.contains(r"order [\d,]+ x (?:6|12|24)$").all()
    monday = decisions[decisions["row"].str.endswith("/2023-07-10")].sort_values("look_first")
    assert monday["look_first"].tolist() == list(range(1, 31))
    strange = (monday["exception"].fillna("") != "").to_numpy()
    assert (np.sort(~strange) == ~strange).all()


def test_each_level_is_the_quantile_that_margin_and_holding_ask_for(chain):
    decisions = chain.decisions
    margin = np.maximum(decisions["price"] - decisions["unit_cost"], 0.01)
    holding = decisions["unit_cost"] * 0.25 * 7 / 365
    assert decisions["service_level"].to_numpy() == pytest.approx((margin / (margin + holding)).to_numpy())


def test_every_metric_of_the_task_is_there(chain):
    assert set(chain.metrics.columns.get_level_values(0)) >= {"wspl", "wape", "bias", "pinball", "coverage_95"}


def test_trees_that_see_the_plan_beat_each_series_by_itself(chain):
    wspl = {name: chain.metrics.loc[name, ("wspl", "value")] for name in ("trees", "smoothing", "moving average")}
    assert wspl["trees"] < wspl["smoothing"] < 1.05 * wspl["moving average"]


def test_the_report_has_the_replay_the_exceptions_and_the_quantiles(chain):
    told = json.loads((chain.folder / "sections.json").read_text(encoding="utf-8"))
    ids = {entry["id"] for entry in told["sections"]}
    assert {"replay", "exceptions", "costs", "quantiles-hold", "errors-by-kind"} <= ids


def test_the_future_of_the_features_was_taken_away_and_changed_nothing(chain):
    # Three of the moments, with 30 series each.
    assert "90 rows rebuilt without their future" in (chain.folder / "log.txt").read_text(encoding="utf-8")


def test_a_plan_that_was_not_declared_stops_the_run(project, monkeypatch):
    monkeypatch.chdir(project)
    with pytest.raises(SartorError, match="saw the future") as stopped:
        sartor.run("retail/replenishment", sets=[*SMALL, "ingest.sales.known_ahead=[price]"])
    assert "declare what is known in advance at ingest: known_ahead: [COLUMN]" in str(stopped.value)


REAL = {
    "carparts": ("carparts", {"wrmsse": 0.767}),
    "dominicks-oj": ("dominicks_oj", {"wspl": 0.107, "wrmsse": 0.365 * 1.03}),
    "m5-tiny": ("m5_tiny", {"wrmsse": 0.68}),
}


@pytest.mark.slow
@pytest.mark.needs("lightgbm")
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("recipe", REAL)
def test_published_data_are_forecast_as_well_as_the_brief_asks(recipe, data_folder, project, monkeypatch):
    folder, bounds = REAL[recipe]
    data = data_folder(f"retail/{folder}").parents[1]
    monkeypatch.chdir(project)
    run = sartor.run(f"retail/{recipe}", data=data)
    for metric, most in bounds.items():
        assert run.metrics.loc["trees", (metric, "value")] <= most
    assert isinstance(run.metrics, pd.DataFrame)


@pytest.mark.slow
@pytest.mark.needs("lightgbm", "tensorflow", "keras")
@pytest.mark.timeout(3000)
def test_a_quantile_network_stands_beside_the_trees_on_the_same_rows(data_folder, project, monkeypatch):
    data = data_folder("retail/dominicks_oj").parents[1]
    monkeypatch.chdir(project)
    run = sartor.run("retail/dominicks-oj-network", data=data)
    wspl = run.metrics[("wspl", "value")]
    # The trees win here; the network beats every plain method and the trivial answers.
    assert wspl["trees"] < wspl["network"] < 0.12
    assert wspl["network"] < min(wspl[name] for name in ("sba", "theta", "smoothing", "moving average", "last value"))
    spread = pd.read_parquet(run.folder / "predictions.parquet").filter(like="network: quantile:").to_numpy()
    assert (spread[:, 1:] >= spread[:, :-1]).all()
