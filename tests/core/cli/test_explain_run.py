"""`sartor explain RUN`: what answers lean on, why one row is answered so, and who may be told."""

import json
import math

import pytest

from sartor.cli.explained import leaning_lines, row_lines
from sartor.cli.look import Look


@pytest.fixture(scope="module")
def told(credit_run):
    """What the forest leans on, told once for all tests, and of one row."""
    from sartor.explaining.leaning import leaning_of
    from sartor.explaining.one_row import row_explained
    from sartor.explaining.taking_up import taken_up
    from sartor.recipe.project import Project
    from sartor.runs.finding import find_run

    project = Project.at(credit_run.folder.parents[3])
    with taken_up(find_run(str(credit_run.folder), project), project, "forest") as run:
        return leaning_of(run, "brier", 100), row_explained(run, "17")


def test_it_is_told_in_the_unit_of_the_metric_that_is_asked_for(told):
    leaning, _ = told
    assert leaning["model"] == "forest"
    assert leaning["champion"] == "scorecard"
    assert leaning["metric"]["label"] == "Brier score"
    assert leaning["rows"] == {"asked": 100, "held_out": 298}
    assert leaning["answers"] == 100 * (1 + 5 * len(leaning["sources"]))
    first = leaning["sources"][0]
    assert first["source"] == "status_of_existing_checking_account"
    assert first["worse"]["low"] < first["worse"]["value"] < first["worse"]["high"]
    assert first["sentence"].startswith("without status_of_existing_checking_account the Brier score rises by 0.0")
    values = [one["worse"]["value"] for one in leaning["sources"]]
    assert values == sorted(values, reverse=True)
    # What is kept for audit only is no feature, and told of nowhere.
    assert "age_in_years" not in json.dumps(leaning)


def test_the_table_has_a_line_for_each_source_and_a_sentence(told):
    leaning, _ = told
    lines = leaning_lines(leaning, Look())
    assert lines[0].split() == ["without", "Brier", "score", "rises", "by", "95", "%"]
    assert lines[1].startswith("status_of_existing_checking_account  ")
    assert any("Each source was shuffled among them 5 times" in line for line in lines)


def test_a_model_that_says_nothing_of_itself_is_asked_and_its_parts_add_up(told):
    _, row = told
    assert row["how"] == "sampled"
    assert not row["learned_from"]
    parts = row["contributions"]
    assert row["base"] + sum(one["amount"] for one in parts) == pytest.approx(row["answer"]["value"], abs=1e-9)
    assert parts[0]["source"] == "status_of_existing_checking_account"
    assert parts[0]["value"] == "... < 0 DM"
    assert 0 < parts[0]["error"] < parts[0]["amount"]
    lines = row_lines(row, Look())
    assert lines[0].startswith("17: forest answers probability 0.")
    assert any("100 pairs of orders: 3,800 answers" in line for line in lines)


def test_the_answer_that_is_taken_apart_is_the_one_that_the_run_recorded(told, credit_run):
    import pandas as pd

    recorded = pd.read_parquet(credit_run.folder / "predictions.parquet")
    own = recorded[recorded["row"].astype(str) == "17"]
    assert told[1]["answer"]["value"] == pytest.approx(float(own["forest: probability"].iloc[0]), abs=1e-9)


def test_a_model_that_explains_itself_is_taken_at_its_word(sartor, credit):
    said = sartor("explain", credit.run_id, "--row", "17", "--row", "3")
    assert said.code == 0
    assert "17: scorecard answers probability 0." in said.out
    assert "As scorecard says itself, in log-odds: from " in " ".join(said.out.split())
    assert said.out.count("moves it by") == 2
    assert "scorecard learned from this row: its answer is no forecast." in said.out


def test_where_contributions_begin_is_said_if_they_all_begin_there_and_only_then(credit_run, monkeypatch):
    from sartor.explaining.one_row import row_explained
    from sartor.explaining.taking_up import taken_up
    from sartor.recipe.project import Project
    from sartor.runs.finding import find_run

    project = Project.at(credit_run.folder.parents[3])
    with taken_up(find_run(str(credit_run.folder), project), project) as run:
        told = [row_explained(run, key) for key in ("17", "3")]
        kind = type(run.model.rounds[0])
        honest = kind.explain
        monkeypatch.setattr(kind, "explain", lambda self, scoring: honest(self, scoring) / 2)
        half = row_explained(run, "17")
    for one in told:
        share = one["answer"]["value"]
        ends = one["base"] + sum(part["amount"] for part in one["contributions"])
        assert ends == pytest.approx(math.log(share / (1 - share)), abs=1e-9)
    assert told[0]["base"] == pytest.approx(told[1]["base"], abs=1e-9)
    assert half["base"] is None
    assert row_lines(half, Look())[-1] == "As scorecard says itself, in log-odds, from the average training row."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--row", "4711"), "no row has the application_id '4711'"),
        (("--metric", "rocket"), "scorecard is not measured by 'rocket'"),
        (("--model", "forrest"), "has no model 'forrest'"),
    ],
    ids=["row", "metric", "model"],
)
def test_what_the_run_has_not_is_said(sartor, credit, arguments, message):
    said = sartor("explain", credit.run_id, *arguments)
    assert said.code == 2
    assert message in " ".join(said.err.split())


def test_options_of_a_run_say_so_where_a_word_is_explained(sartor):
    said = sartor("explain", "learn.forest", "--row", "17")
    assert said.code == 2
    assert "'learn.forest' is no run" in said.err
    assert "U142" in said.err


def test_a_run_of_fewer_held_out_rows_than_may_be_told_of_tells_nothing(credit_run):
    from dataclasses import replace

    from sartor.errors import PrivacyStop
    from sartor.explaining.leaning import leaning_of
    from sartor.explaining.taking_up import taken_up
    from sartor.recipe.project import Project
    from sartor.runs.finding import find_run

    project = Project.at(credit_run.folder.parents[3])
    with taken_up(find_run(str(credit_run.folder), project), project) as run:
        recipe = run.session.recipe
        run.session.recipe = replace(recipe, privacy=replace(recipe.privacy, smallest_group=299))
        with pytest.raises(PrivacyStop, match="298 rows judge, and nothing is told of fewer than 299") as stopped:
            leaning_of(run)
    assert stopped.value.problems[0].code == "P042"


def test_who_may_not_read_persons_is_told_of_none(sartor, credit_copy, monkeypatch):

    from sartor.errors import PrivacyStop

    def closed(name, project, right, verb, person=None):
        raise PrivacyStop(f"{right} {verb} {person}", code="P040")

    monkeypatch.setattr("sartor.access.door.enter_run", closed)
    assert "read_person explain 17" in sartor("explain", "@last", "--row", "17").err
    said = sartor("explain", "@last")
    assert (said.code, "read_scores explain None" in said.err) == (3, True)
