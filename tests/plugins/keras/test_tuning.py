"""Networks whose settings are searched: every trial is recorded, a budget is kept, the best learns anew."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bad_networks import place_of, rows_of_a_shop, shop

import sartor
from sartor.cli import main
from sartor_plugins.learn.fitting import tuning

pytestmark = pytest.mark.needs("tensorflow", "keras")

TUNED = (
    "{{use: learn.tuned, with: {{model: {{use: keras.mlp, with: {{hidden: [4], epochs: 2, {more}}}}}, over: {over}, "
    "budget: {budget}}}}}"
)


def tuned(over: str, budget: str = "5 minutes", more: str = "batch: 32") -> str:
    return rows_of_a_shop(TUNED.format(over=over, budget=budget, more=more))


@pytest.fixture
def search(project, capsys):
    """Runs a recipe by the command line; returns the run, what the model learned, and what was said."""

    def run(text: str, table: pd.DataFrame | None = None):
        (shop() if table is None else table).to_csv(project / "shop.csv", index=False)
        (project / "recipe.yaml").write_text(text, encoding="utf-8")
        code = main(["run", "recipe.yaml"])
        said = capsys.readouterr()
        assert code == 0, said.err
        found = sartor.run("recipe.yaml")
        learned = json.loads((found.folder / "models" / "network" / "learned.json").read_text(encoding="utf-8"))
        return found, learned, said.err

    return run


@pytest.fixture
def huge():
    """Customers whose incomes are beyond what a network can take as it is."""
    return shop().assign(income=shop()["income"] * 1e27)


def section_of(run, name):
    told = json.loads((run.folder / "sections.json").read_text(encoding="utf-8"))["sections"]
    return next(section for section in told if section["id"].endswith(name))


def test_every_trial_is_recorded_and_the_best_learns_anew_from_all_rows(search):
    run, learned, _ = search(tuned("{rate: [0.001, 0.1]}"))
    trials = [(trial["settings"], trial["rows"]) for trial in learned["trials"]]
    inner = learned["rows"]["learn"]
    assert trials == [({}, inner), ({"rate": 0.001}, inner), ({"rate": 0.1}, inner)]
    scores = [trial["score"] for trial in learned["trials"]]
    assert learned["score"] == min(scores)
    assert learned["settings"] == learned["trials"][scores.index(min(scores))]["settings"]
    assert learned["out_of_time"] is False
    (note,) = [note["text"] for note in run.summary["notes"] if "best of" in note["text"]]
    assert note.startswith(f"best of 3 trials by RMSE on inner rows, {min(scores):.4g}: ")
    table = section_of(run, "trials")["table"]
    assert sorted(row[0] for row in table["lines"]) == ["as written", "rate 0.001", "rate 0.1"]
    # It is a network of all training rows that is kept: one with the inner rows alone has another scale.
    about = json.loads(next(run.folder.rglob("network.json")).read_text(encoding="utf-8"))
    assert about["history"]["refit"] is True


def test_a_setting_that_is_a_list_is_searched_by_a_list_of_lists(search):
    run, learned, _ = search(tuned("{hidden: [[3], [2, 5]]}"))
    assert [trial["settings"] for trial in learned["trials"]] == [{}, {"hidden": [3]}, {"hidden": [2, 5]}]
    lines = section_of(run, "trials")["table"]["lines"]
    assert sorted(row[0] for row in lines) == ["as written", "hidden [2, 5]", "hidden [3]"]


def test_a_budget_that_is_used_up_still_gives_an_answer_and_says_so(search, monkeypatch):
    seconds = iter(range(0, 10_000, 2))
    monkeypatch.setattr(tuning, "clock", lambda: next(seconds))
    run, learned, said = search(tuned("{rate: {from: 0.001, to: 0.1, log: true}}", "3 seconds"))
    assert learned["out_of_time"] is True
    assert len(learned["trials"]) == 2
    told = "3 seconds were enough for 2 trials only: the best so far is taken, and a second run may take another"
    assert told in said
    assert "The time for the search ended it early" in section_of(run, "trials")["sentence"]
    assert run.predictions["network: number"].notna().all()


def test_a_trial_that_cannot_learn_counts_as_worst_and_is_told(search, huge):
    run, learned, said = search(tuned("{scale: [none]}"), huge)
    first, second = learned["trials"]
    assert (first["settings"], learned["settings"]) == ({}, {})
    assert second["settings"] == {"scale": "none"}
    assert second["score"] is None
    assert second["failed"].startswith("the loss is not a number in epoch 1: column 'income' reaches ")
    assert f"1 trial could not learn, first because {second['failed']}: others are taken" in said
    assert section_of(run, "trials")["table"]["lines"][1][::2] == ["scale none: could not learn", None]


def test_where_no_trial_can_learn_the_run_ends_with_what_the_first_said(project, huge, capsys):
    text = tuned("{rate: [0.01]}", more="scale: none")
    huge.to_csv(project / "shop.csv", index=False)
    (project / "recipe.yaml").write_text(text, encoding="utf-8")
    assert main(["run", "recipe.yaml", "--quiet"]) == 2
    said = capsys.readouterr().err
    assert re.match(
        rf"{place_of('{use: learn.tuned', text)}  the loss is not a number in epoch 1: column 'income'", said
    )
    assert "leave `scale` at standard, or take the column out" in said
    assert not list((project / "runs").glob("network/*/*"))
