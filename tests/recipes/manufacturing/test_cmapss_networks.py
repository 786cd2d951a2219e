"""Networks beside boosting on NASA's turbofan engines, by the published protocol."""

from __future__ import annotations

import json

import pytest

import sartor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.needs("lightgbm", "tensorflow", "keras")]

BAR = 14.0
"""Raw RMSE that a network is to reach; a plain one on raw windows had 17.42 and 18.96."""


@pytest.fixture(scope="module", params=["FD001", "FD003"])
def run(request, data_folder, tmp_path_factory):
    data = data_folder("manufacturing/cmapss").parents[1]
    folder = tmp_path_factory.mktemp("networks")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    recipe = {
        "format": 1,
        "recipe": "test/networks",
        "extends": "manufacturing/cmapss-networks",
        "params": {"subset": request.param},
        "models": {"rnn": None, "mlp": None},
        "gates": [],
    }
    (folder / "networks.yaml").write_text(json.dumps(recipe), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield sartor.run(str(folder / "networks.yaml"), sets=["judge.redraws=200"], data=data)


def value(run, model, metric):
    return run.summary["models"][model]["metrics"][metric]["value"]


def test_the_network_reaches_the_bar_by_raw_lives(run):
    assert value(run, "cnn", "rmse") <= BAR


def test_boosting_beside_it_sees_the_indicators_only(run):
    assert value(run, "boosting", "rmse_capped") <= 12.1


def test_the_network_is_far_better_than_age_alone(run):
    assert value(run, "cnn", "rmse") < 0.5 * value(run, "age only", "rmse")
