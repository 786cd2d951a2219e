"""What actions decide on new data leaves only as anonymous as ``privacy: {release: ...}`` asks."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from sartor.cli.endings import call
from sartor.errors import PrivacyStop

RECIPE = """
format: 1
recipe: parts/released
ingest:
  people: {use: tables.csv, key: person, with: {path: people.csv}}
privacy: {release: {ACTION: {quasi_identifiers: [WHAT], k: 5}}}
task: {use: learn.classification, with: {table: people, outcome: late}}
split: {hash: 0.3}
models: {tree: {use: learn.tree, with: {depth: 2}}}
actions: {ACTION: {use: parts.USE}}
judge: {redraws: 100}
"""


def people(n: int = 300) -> pd.DataFrame:
    """Those above 0.6 are late more often than not."""
    amount = (np.arange(n) * 37 % n) / n
    late = (amount > 0.6) ^ (np.arange(n) % 6 == 0)
    return pd.DataFrame({"person": [f"P{at:04d}" for at in range(n)], "amount": amount, "late": late * 1})


@pytest.fixture
def recorded(project, run_parts):
    """Return a function that runs the recipe with an action, in whose decisions each answer is given often enough."""
    people().to_csv(project / "people.csv", index=False)

    def run(use="bar", what="act"):
        return run_parts(RECIPE.replace("ACTION", "reply").replace("USE", use).replace("WHAT", what))

    return run


def new_data(late: int, others: int = 40) -> pd.DataFrame:
    amounts = [0.9] * late + [0.1] * others
    return pd.DataFrame({"person": [f"N{at}" for at in range(len(amounts))], "amount": amounts})


def test_new_data_is_decided_on_where_every_class_is_large_enough_and_stopped_where_one_is_not(recorded, ask):
    recorded()
    assert ask(new_data(late=5), decide=True)["act"].tolist() == [True] * 5 + [False] * 40
    with pytest.raises(PrivacyStop) as stop:
        ask(new_data(late=4), decide=True)
    (problem,) = stop.value.problems
    assert (problem.code, stop.value.exit_code) == ("P009", 3)
    assert problem.message == (
        "the table of 'reply' is not 5-anonymous by act: 1 class of 2 with 4 lines is too small, the smallest of 4 and "
        "40 lines"
    )
    # Without its decisions the table of the action does not leave.
    assert len(ask(new_data(late=4))) == 44


def test_a_run_that_is_stopped_leaves_nothing(project, recorded):
    with pytest.raises(PrivacyStop, match="1 class of 2 with 4 lines is too small"):
        recorded("best, with: {number: 4}", "chosen")
    assert not (project / "runs").exists() or not list((project / "runs").glob("parts/*/*"))


def test_a_notebook_shows_no_line_of_a_person(recorded):
    run = recorded()
    page = run._repr_html_()
    assert "released" in page
    assert not any(person in page for person in run.decisions["person"])


def test_classes_are_counted_over_all_pieces_of_the_data(recorded, ask, monkeypatch):
    monkeypatch.setattr("sartor.predicting.sources.ROWS", 10)
    recorded()
    mixed = new_data(late=5).iloc[[0, *range(5, 20), 1, 2, 3, *range(20, 45), 4]]
    assert ask(mixed, decide=True)["act"].sum() == 5
    with pytest.raises(PrivacyStop, match="is not 5-anonymous by act"):
        ask(mixed.iloc[:-1], decide=True)


def test_an_action_that_looks_at_all_rows_is_held_too(recorded, ask):
    recorded("best, with: {number: 6}", "chosen")
    assert ask(new_data(late=5), decide=True)["chosen"].sum() == 6
    with pytest.raises(PrivacyStop, match="the table of 'reply' is not 5-anonymous by chosen: 1 class of 2 with 2 lin"):
        ask(new_data(late=2, others=6), decide=True)


def test_the_command_ends_with_three_and_writes_nothing(project, recorded, parts, monkeypatch, capfd):
    from sartor.plugins import Plugins

    recorded()
    monkeypatch.setattr("sartor.plugins.Plugins", lambda: Plugins({"parts": parts}))
    new_data(late=1).to_csv(project / "few.csv", index=False)
    new_data(late=6).to_csv(project / "many.csv", index=False)
    before = sorted(project.rglob("*"))
    capfd.readouterr()
    asked = ["predict", "@last", "--decide", "--data"]
    for form in ("csv", "jsonl", "parquet"):
        assert call([*asked, "few.csv", "--out", f"out.{form}"]) == 3
    assert call([*asked, "few.csv"]) == 3
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("is not 5-anonymous by act") == 4
    assert "N0" not in said.err
    after = [path for path in sorted(project.rglob("*")) if path.name != "access.jsonl"]
    assert after == [path for path in before if path.name != "access.jsonl"]
    assert call([*asked, "many.csv", "--out", "out.csv"]) == 0
    assert len((project / "out.csv").read_text(encoding="utf-8").splitlines()) == 47


def test_a_stream_is_refused_before_its_first_line(recorded, ask):
    recorded()
    lines = io.BytesIO(new_data(late=6).to_json(orient="records", lines=True).encode())
    with pytest.raises(PrivacyStop, match="the table of 'reply' is released only as a whole, and a stream answers"):
        ask(lines, decide=True)
    lines.seek(0)
    assert len(ask(lines)) == 46
