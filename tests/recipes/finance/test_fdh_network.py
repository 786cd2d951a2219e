"""A network whose settings are searched on cards that teach, beside boosting on the handbook's week."""

from __future__ import annotations

import json
from collections import Counter

import pytest

import sartor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.needs("lightgbm", "tensorflow", "keras")]


@pytest.fixture(scope="module")
def run(data_folder, tmp_path_factory):
    data = data_folder("finance/fdh-card-transactions").parents[1]
    folder = tmp_path_factory.mktemp("fdh")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield sartor.run("finance/fdh-network", sets=["judge.redraws=200"], data=data)


def test_the_network_is_not_below_boosting_by_more_than_the_standard_error(run):
    against = run.summary["models"]["network"]["against"]["metrics"]["average_precision"]
    error = (against["high"] - against["low"]) / (2 * 1.96)
    assert against["difference"] >= -error


def test_its_probabilities_are_right(run):
    metrics = run.summary["models"]["network"]["metrics"]
    assert metrics["average_precision"]["value"] >= 0.64
    assert metrics["calibration_error"]["value"] <= 0.003


def test_every_trial_is_recorded_and_time_was_enough(run):
    learned = json.loads((run.folder / "models" / "network" / "learned.json").read_text(encoding="utf-8"))
    assert learned["out_of_time"] is False
    by_rows = Counter(trial["rows"] for trial in learned["trials"])
    assert [count for _, count in sorted(by_rows.items())] == [10, 5, 3, 2]  # a third goes on, and what was written
    assert learned["score"] == min(trial["score"] for trial in learned["trials"] if trial["rows"] == max(by_rows))
