"""Counts and means with noise: as much of it as epsilon says, spent from a budget, the same for the same question."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

import sartor
from sartor.errors import PrivacyStop
from sartor.guard.noise import STEPS, noisy, noisy_mean

pytest.importorskip("opendp")
RECIPE = """
format: 1
recipe: shop/statistics
ingest:
  visits: {use: tables.csv, key: visit, with: {path: visits.csv}}
privacy:
  budget: 80
  columns: {name: drop}
  statistics:
    visits: {from: visits, epsilon: 20}
    visitors: {from: visits, epsilon: 20, person: person}
    towns: {from: visits, epsilon: 20, by: town, groups: [Bonn, Kiel, Ulm]}
    bill: {from: visits, epsilon: 20, mean: bill, between: [0, 100]}
"""


def test_the_noise_of_a_count_has_the_scale_that_epsilon_says():
    said = np.array([noisy(1_000, 2, 0.5) for _ in range(3_000)]) - 1_000
    # Laplace of scale 4: its mean is 0, and its distance from 0 is 4 on average.
    assert abs(said.mean()) < 5 * 4 * np.sqrt(2) / np.sqrt(3_000)
    assert abs(said).mean() == pytest.approx(4, rel=0.1)
    # Whole numbers spread over their unit are nearly continuous.
    spread = said + np.random.default_rng(0).uniform(-0.5, 0.5, 3_000)
    assert kstest(spread, "laplace", args=(0, 4)).pvalue > 1e-4


def test_two_neighbours_are_told_apart_no_better_than_epsilon_allows():
    with_her = np.array([noisy(10, 1, 1.0) for _ in range(4_000)])
    without = np.array([noisy(9, 1, 1.0) for _ in range(4_000)])
    for bar in (8, 9, 10, 11):
        ours, theirs = (with_her >= bar).mean(), (without >= bar).mean()
        assert ours / theirs < np.e * 1.15


def test_a_mean_stays_in_its_bounds_and_comes_close_among_many():
    values = np.random.default_rng(1).uniform(0, 1, 20_000)
    total = int(np.round((values - 0.5) / 0.5 * STEPS).sum())
    said = [noisy_mean(total, 20_000, (0.0, 1.0), 1, 1.0) for _ in range(50)]
    assert np.abs(np.array(said) - values.mean()).max() < 0.005
    assert all(0 <= noisy_mean(STEPS, 1, (0.0, 1.0), 1, 0.1) <= 1 for _ in range(50))


@pytest.fixture
def shop(project):
    frame = pd.DataFrame({"visit": range(90), "person": [f"P{n % 30}" for n in range(90)], "name": "Ada",
                          "town": ["Bonn", "Kiel", "Rome"] * 30, "bill": [20, 40, 600] * 30})  # fmt: skip
    frame.to_csv(project / "visits.csv", index=False)
    (project / "shop.yaml").write_text(RECIPE, encoding="utf-8")
    return project / "shop.yaml"


def test_statistics_are_recorded_spend_of_the_budget_and_are_the_same_when_asked_again(shop):
    first, second = sartor.run(shop), sartor.run(shop)
    told = json.loads((first.folder / "statistics.json").read_text())
    assert (told["spent"], told["budget"]) == (80, 80)
    said = {name: [one["value"] for one in entry["values"]] for name, entry in told["statistics"].items()}
    # With epsilon 20 noise is next to nothing, so that the numbers can be checked: 90 visits of 30 persons.
    assert said["visits"] == pytest.approx([90], abs=2)
    assert said["visitors"] == pytest.approx([30], abs=2)
    assert said["towns"] == pytest.approx([30, 30, 0], abs=2)
    assert said["bill"] == pytest.approx([(20 + 40 + 100) / 3], abs=2)
    assert told == json.loads((second.folder / "statistics.json").read_text())
    assert "statistics" not in json.loads((first.folder / "metrics.json").read_text())


def test_without_opendp_nothing_is_released(shop, monkeypatch):
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(PrivacyStop, match="noise from OpenDP, which is not installed") as stop:
        sartor.run(shop)
    assert stop.value.problems[0].code == "P010"
    assert not (shop.parent / "runs").exists()


def test_a_column_that_is_kept_from_steps_is_kept_from_statistics(shop):
    with pytest.raises(PrivacyStop, match="the statistic 'towns' asks for 'town', which is kept from every step"):
        sartor.run(shop, sets=["privacy.columns.town=audit_only"])
