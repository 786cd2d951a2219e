"""Breast cancer, from the table to a valued care list, without a download."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sartor


@pytest.fixture(scope="module")
def run(run_in):
    return run_in("healthcare/disease-risk")


def test_396_masses_teach_and_173_judge(run):
    assert run.summary["rows"] == {"train": 396, "test": 173, "gap": 0}


def test_the_logistic_is_judged_beside_boosting_and_the_base_rate(run):
    brier = run.metrics["brier"]["value"]
    assert brier["logistic"] == pytest.approx(0.0317, abs=0.002)
    assert brier["logistic"] < brier["boosting"] < brier["base rate"]
    assert run.champion == "logistic"
    assert run.passed


def test_the_care_list_is_the_headline_and_each_decision_follows_from_the_risk(run):
    decisions = run.decisions
    listed = decisions["decision"] == "care"
    assert (listed == (decisions["risk"] >= 0.075)).all()
    unsure = int((listed & decisions["unsure"]).sum())
    assert run.headline == (
        f"Care for {listed.sum()} of 173 masses first, from a risk of 7.5 % on, {unsure} of them unsure."
    )
    assert decisions["place"][listed].sort_values().tolist() == list(range(1, listed.sum() + 1))
    assert decisions.loc[decisions["place"].idxmin(), "risk"] == decisions["risk"].max()


def test_every_risk_has_an_interval_around_it_and_every_listed_mass_its_factors(run):
    decisions = run.decisions
    assert (decisions["risk_low"] <= decisions["risk"]).all()
    assert (decisions["risk"] <= decisions["risk_high"]).all()
    spans = (decisions["risk_low"] < 0.075) & (decisions["risk_high"] >= 0.075)
    assert (decisions["unsure"] == spans).all()
    assert decisions.loc[decisions["decision"] == "care", "factors"].map(len).between(1, 4).all()


def test_the_list_is_worth_what_came_of_it_beside_simple_policies(run):
    from sartor.context import Context
    from sartor_plugins.samples.breast_cancer import BreastCancer

    truth = BreastCancer().read(Context()).to_pandas().set_index("mass_id")["diagnosis"]
    ill = truth.loc[run.decisions["mass_id"]].eq("malignant").to_numpy()
    listed = (run.decisions["decision"] == "care").to_numpy()
    worth = run.summary["models"]["logistic"]["value"]
    assert worth["value"] == 20000 * (listed & ill).sum() - 1500 * listed.sum()
    everyone = run.summary["policies"]["care for everyone"]
    assert everyone["value"] == 20000 * ill.sum() - 1500 * 173
    assert everyone["against"]["verdict"] == "worse"


def test_net_benefit_of_everyone_is_what_the_base_rate_has_below_it(run):
    # At 5 % everybody is acted on: prevalence less (1 - prevalence) / 19.
    share = 61 / 173
    assert run.metrics.loc["base rate", ("net_benefit_at_5_percent", "value")] == pytest.approx(
        share - (1 - share) / 19
    )
    assert run.metrics.loc["base rate", ("observed_to_expected", "value")] == pytest.approx(share / (151 / 396))


def test_the_report_tells_flow_meaning_table_one_and_the_decision_curve(run, told):
    sections, _ = told(run)
    assert {"flow", "meaning", "table-one", "decision-curve", "parts", "terms"} <= set(sections)
    assert sections["flow"]["table"]["lines"] == [["Lines of the table", 569], ["teach", 396], ["judge", 173]]
    first = sections["table-one"]["table"]["lines"][0]
    assert first[0] == "mean_radius"
    points = sections["decision-curve"]["figure"]["table"]["lines"]
    at_5 = next(point for point in points if point[0] == 0.05)
    assert at_5[1] == pytest.approx(run.metrics.loc["logistic", ("net_benefit_at_5_percent", "value")])
    assert at_5[3] == pytest.approx(61 / 173 - (1 - 61 / 173) / 19)


def test_a_run_that_takes_up_kept_rows_tells_the_same_flow_and_decides_alike(run, told, monkeypatch):
    monkeypatch.chdir(run.folder.parents[3])
    again = sartor.run("healthcare/disease-risk", sets=["judge.redraws=100"])
    assert told(again)[0]["flow"] == told(run)[0]["flow"]
    assert (again.folder / "decisions.parquet").read_bytes() == (run.folder / "decisions.parquet").read_bytes()
    assert (again.folder / "metrics.json").read_bytes() == (run.folder / "metrics.json").read_bytes()


def test_the_model_card_names_the_gates_that_passed(run):
    gates = json.loads((run.folder / "summary.json").read_text(encoding="utf-8"))["gates"]
    assert [gate["metric"] for gate in gates] == ["auc", "brier"]
    assert np.all([gate["passed"] for gate in gates])
