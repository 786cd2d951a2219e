"""Simulated survival, from the table to a care list by a horizon, without a download."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sartor


@pytest.fixture(scope="module")
def run(run_in):
    return run_in("healthcare/survival", "params.rows=1200", "models.cox.with.refits=5")


def test_cox_says_more_than_one_curve_for_all(run):
    ibs = run.metrics["ibs"]["value"]
    assert ibs["cox"] < 0.85 * ibs["Kaplan-Meier"]
    assert run.metrics.loc["Kaplan-Meier", ("c_index", "value")] == 0.5
    assert run.metrics.loc["cox", ("c_index", "value")] > 0.7
    assert run.passed


def test_the_known_hazard_ratios_are_in_the_coefficients(run):
    learned = run.models["cox"].learned()["model"]["coefficients"]
    # The flags of both levels share the effect.
    failing = learned["heart_failure = yes"] - learned["heart_failure = no"]
    assert failing == pytest.approx(np.log(2), abs=0.35)
    assert "stay" not in " ".join(learned)


def test_every_risk_is_that_of_the_first_year_with_its_interval(run):
    decisions = run.decisions
    assert ((decisions["decision"] == "care") == (decisions["risk"] >= 0.2)).all()
    assert (decisions["risk_low"] <= decisions["risk"] + 1e-12).all()
    assert (decisions["risk"] <= decisions["risk_high"] + 1e-12).all()
    assert run.headline.startswith(f"Care for {(decisions['decision'] == 'care').sum()} of ")
    told = {text for texts in decisions["changeable"] for text in texts}
    assert told == {"Blood pressure", "Smoking"}


def test_the_list_is_worth_the_deaths_it_finds_those_lost_weighed_for(run):
    worth = run.summary["models"]["cox"]["value"]["value"]
    listed = (run.decisions["decision"] == "care").sum()
    # Everybody is followed for a year here, or dies before: no weight is needed.
    from sartor.context import Context
    from sartor_plugins.samples.follow_up import FollowUp

    patients = FollowUp(rows=1200).read(Context()).to_pandas().set_index("patient")
    mine = patients.loc[run.decisions["patient"]]
    dead = ((mine["died"] == "yes") & (mine["days"] <= 365)).to_numpy()
    assert worth == pytest.approx(30000 * (dead & (run.decisions["decision"] == "care")).sum() - 6000 * listed)


def test_the_report_tells_follow_up_curves_horizons_and_groups(run, told):
    sections, _ = told(run)
    assert {"flow", "follow-up", "by-risk", "at-365", "at-730", "by-hospital", "by-age", "table-one"} <= set(sections)
    # Acting on everyone at 20 %: the share that died within the year, less a quarter of the others.
    points = sections["decision-curve"]["figure"]["table"]["lines"]
    everyone = next(point[3] for point in points if point[0] == 0.2)
    share = sections["at-365"]["sentence"].partition("**")[2].partition(" of 100")[0]
    assert everyone == pytest.approx(int(share) / 100 - (1 - int(share) / 100) / 4, abs=0.007)
    assert sections["at-365"]["title"] == "Chances by 365 days"
    assert sections["by-risk"]["figure"]["table"]["columns"][1]["title"] == "Time in days"
    assert "with “died”" in sections["table-one"]["sentence"]
    hospitals = [line[0] for line in sections["by-hospital"]["table"]["lines"]]
    assert hospitals == ["north", "south", "west"]


def test_new_patients_are_answered_with_a_curve_and_their_place(run, tmp_path, monkeypatch):
    from sartor.context import Context
    from sartor_plugins.samples.follow_up import FollowUp

    monkeypatch.chdir(run.folder.parents[3])
    new = FollowUp(rows=5, seed=9).read(Context()).to_pandas().drop(columns=["days", "died", "stay", "sex"])
    answered = sartor.predict(run, new, decide=True)
    assert answered["patient"].tolist() == [0, 1, 2, 3, 4]
    assert (answered["survival"].map(len) == answered["times"].map(len)).all()
    by_a_year = [
        1 - curve[np.searchsorted(times, 365, side="right") - 1]
        for times, curve in zip(answered["times"], answered["survival"], strict=True)
    ]
    assert answered["risk"].tolist() == pytest.approx(by_a_year)
    written = sartor.predict(run, new, out=tmp_path / "answers.csv")
    assert len(pd.read_csv(written)) == 5
