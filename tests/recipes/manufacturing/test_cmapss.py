"""NASA's turbofan engines by the published protocol: numbers of rows, the trivial answers, the bars of the brief."""

from __future__ import annotations

import json

import pytest

import sartor

pytestmark = [pytest.mark.slow, pytest.mark.needs("lightgbm")]

BARS = {"fd001": {"rmse_capped": 12.1, "phm08_capped": 224}, "fd003": {"rmse_capped": 10.8, "phm08_capped": 222}}
"""What the best peer of the brief reaches."""
AGE_ONLY = {"fd001": {"rmse": 32.96, "phm08": 5421}, "fd003": {"rmse": 46.74, "phm08": 104_904}}
TEACH = {"fd001": 20_631, "fd003": 24_720}


@pytest.fixture(scope="module", params=["fd001", "fd003"])
def engines(request, data_folder, tmp_path_factory):
    data = data_folder("manufacturing/cmapss").parents[1]
    folder = tmp_path_factory.mktemp("engines")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    # The point answer and its money are the same whatever stands beside it.
    recipe = {
        "format": 1,
        "recipe": "test/engines",
        "extends": f"manufacturing/cmapss-{request.param}",
        "models": {"forest": None},
    }
    (folder / "engines.yaml").write_text(json.dumps(recipe), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run = sartor.run(str(folder / "engines.yaml"), sets=["judge.redraws=200"], data=data)
        yield request.param, run


def value(run, model, metric):
    return run.summary["models"][model]["metrics"][metric]["value"]


def test_published_engines_teach_and_judge(engines):
    name, run = engines
    assert run.summary["rows"] == {"train": TEACH[name], "test": 100, "gap": 0}


def test_age_alone_is_as_good_as_the_brief_says(engines):
    name, run = engines
    assert value(run, "age only", "rmse") == pytest.approx(AGE_ONLY[name]["rmse"], abs=0.005)
    assert value(run, "age only", "phm08") == pytest.approx(AGE_ONLY[name]["phm08"], abs=1)


def test_the_bars_are_reached(engines):
    name, run = engines
    for metric, bar in BARS[name].items():
        assert value(run, "boosting", metric) <= bar
    assert run.passed


def test_nine_in_ten_lives_lie_in_their_interval(engines):
    _, run = engines
    predictions = run.decisions
    told = json.loads((run.folder / "sections.json").read_text(encoding="utf-8"))["sections"]
    (sentence,) = [section["sentence"] for section in told if section["id"] == "intervals"]
    share = int(sentence.split("**")[1].split("\N{NO-BREAK SPACE}")[0])
    assert 82 <= share <= 98
    assert (predictions["low"] <= predictions["high"]).all()


def test_the_plan_saves_twice_what_a_fixed_interval_does(engines):
    _, run = engines
    worth = {name: entry["value"] for name, entry in run.summary["policies"].items()}
    assert worth["run to failure"] == 0
    assert run.summary["models"]["boosting"]["value"]["value"] > 2 * worth["fixed interval"] > 0
