"""Sections for the report: asked of task, champion and actions, held to their contract, small groups hidden."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from sartor.errors import PluginError
from sartor.evidence.hiding import hidden_lines
from sartor.runs.verifying import verify
from sartor.sections import OURS, Caution, Figure, Section, Table, TableColumn
from sartor.stages.section_contract import problem_of
from sartor.stages.section_writing import written

RECIPE = """
format: 1
recipe: toy/telling
ingest:
  people: {use: toy.table, key: id, with: {of: people}}
task: {use: learn.classification, with: {outcome: won}}
split: {hash: 0.3}
models:
  tree: {use: learn.tree, with: {depth: 2}}
actions:
  reply: {use: toy.tells}
judge: {redraws: 100}
"""
LINES = [["red", 120, (0.3, 0.2, 0.4)], ["green", 4, 0.5], ["blue", 30, None]]
COLUMNS = [TableColumn("Colour"), TableColumn("People", "count"), TableColumn("Won", "bar", of="share")]
POINTS = {"mark": "line", "encoding": {"x": {"field": "people", "type": "quantitative"}, "color": {"value": OURS}}}

MEMORISING = """
format: 1
recipe: toy/memorising
ingest:
  people: {use: toy.table, key: id, with: {of: people}}
task: {use: learn.classification, with: {outcome: won}}
split: {folds: 5, hash: {digest: md5}}
models:
  twin: {use: learn.nearest, with: {neighbours: 1}}
judge: {redraws: 100}
"""


def people(n=400):
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    return pd.DataFrame({"id": np.arange(n), "x": x, "won": (x + rng.normal(size=n) > 0.5).astype("int64")})


def table(lines=LINES, counts=(120, 4, 30), **more):
    return Table("Who won, by colour", COLUMNS, lines, counts, **more)


def section(**changes):
    return Section(**{"id": "colours", "place": "analyst", "title": "Colours", "sentence": "Red wins.", **changes})


def figure(**changes):
    said = {"title": "Won", "reading": "Higher is more.", "spec": POINTS, "table": table(), "sentence": "It rises."}
    return Figure(**{**said, **changes})


@pytest.fixture
def telling(run_toys, toys):
    """Run with an action that says what it is told to."""

    def run(says, text=RECIPE, **options):
        toys.SAYS["sections"] = says
        return run_toys(text, {"people": people()}, **options)

    return run


def sections_of(run):
    return json.loads((run.folder / "sections.json").read_text(encoding="utf-8"))


class TestARun:
    def test_what_an_action_says_is_in_the_folder_with_its_step_and_in_the_ledger(self, telling):
        run = telling([section(table=table()), Caution("few", "Only 120 rows judge.", 0.7)])
        said = sections_of(run)
        (own,) = [entry for entry in said["sections"] if entry["step"] == "actions.reply"]
        assert (own["use"], own["id"], own["place"], own["title"]) == ("toy.tells", "colours", "analyst", "Colours")
        assert own["table"]["lines"][0] == ["red", 120, [0.3, 0.2, 0.4]]
        assert [entry["sentence"] for entry in said["cautions"]] == ["Only 120 rows judge."]
        assert verify(run.folder).untouched
        assert '"sections.json":["' in (run.folder / "ledger.jsonl").read_text(encoding="utf-8")

    def test_a_line_that_tells_of_four_rows_keeps_its_name_only(self, telling):
        (own,) = [e for e in sections_of(telling([section(table=table())]))["sections"] if "reply" in e["step"]]
        assert own["table"]["lines"][1] == ["green", None, None]
        # With green alone hidden, its 4 would follow from the total: blue goes with it.
        assert own["table"]["hidden"] == [1, 2]

    def test_the_recipe_says_what_the_smallest_group_is(self, telling):
        text = RECIPE.replace("judge:", "privacy: {smallest_group: 3}\njudge:")
        said = sections_of(telling([section(table=table())], text))
        assert said["smallest_group"] == 3
        assert said["sections"][-1]["table"]["hidden"] == []

    def test_the_verb_sees_decisions_and_truth_of_the_same_held_out_rows(self, telling):
        seen = {}

        def says(decisions, outcome, context):
            seen.update(decisions=decisions, outcome=outcome, context=context)
            return ()

        run = telling(says)
        assert len(seen["decisions"]) == run.summary["rows"]["test"] == len(seen["outcome"].y)
        assert seen["decisions"]["__row"].tolist() == seen["outcome"].rows["__row"].tolist()
        assert seen["context"].smallest_group == 10
        contributions = seen["context"].explain(seen["outcome"].without_truth())
        assert contributions is None or len(contributions) == len(seen["outcome"])

    def test_with_folds_every_row_is_told_of_once_and_explained_by_the_model_that_did_not_learn_from_it(self, telling):
        seen = {}

        def says(decisions, outcome, context):
            seen.update(decisions=decisions, outcome=outcome, context=context)
            return ()

        folds = RECIPE.replace("{hash: 0.3}", "{folds: 4, hash: {digest: md5}}")
        telling(says, folds.replace("learn.tree, with: {depth: 2}", "learn.logistic"))
        outcome = seen["outcome"]
        assert seen["decisions"]["__row"].tolist() == outcome.rows["__row"].tolist()
        assert sorted(outcome.rows["__row"]) == list(range(400))
        explained = seen["context"].explain(outcome.without_truth())
        assert len(explained) == 400
        backwards = outcome.take(np.arange(399, -1, -1)).without_truth()
        np.testing.assert_allclose(seen["context"].explain(backwards)["x"][::-1], explained["x"])

    def test_a_second_run_says_the_same_byte_for_byte(self, telling):
        first, second = (telling([section(table=table(), figure=figure())]) for _ in range(2))
        assert (first.folder / "sections.json").read_bytes() == (second.folder / "sections.json").read_bytes()

    def test_a_failure_names_step_component_and_verb(self, telling):
        def says(decisions, outcome, context):
            raise ZeroDivisionError("no luck today")

        with pytest.raises(PluginError, match=r"actions\.reply: 'toy\.tells' failed in sections: Zero.*no luck today"):
            telling(says)

    @pytest.mark.parametrize(
        ("says", "message"),
        [
            (["text"], "it yields str where a Section is due"),
            (5, "it yields int where a Section is due"),
            ([section(), section()], "it yields 'colours' twice"),
            ([section(place="top")], "has the place 'top'; there are decision, worth, sure, data"),
        ],
    )
    def test_a_broken_contract_is_named_with_its_code(self, telling, says, message):
        with pytest.raises(PluginError, match=re.escape(message)) as caught:
            telling(says)
        assert caught.value.problems[0].code == "X021"
        assert "actions.reply: 'toy.tells' breaks the contract of sections" in str(caught.value)


class TestTheContract:
    def test_a_whole_section_keeps_it(self):
        assert problem_of(section(table=table(), figure=figure())) == ""

    @pytest.mark.parametrize(
        ("record", "message"),
        [
            (section(id="Two words"), "the id 'Two words' is not made of lower-case words with hyphens"),
            (section(title=" "), "section 'colours' has no title"),
            (section(sentence=None), "section 'colours' has NoneType as its sentence, where a text is due"),
            (section(sentence="x" * 5000), "has a sentence of 5,000 characters; at most 4,000 can be read"),
            (Caution("hair", "By a hair.", 2.0), "caution 'hair' has the weight 2.0, which does not lie"),
            (section(table="a,b"), "section 'colours' has str as its table"),
            (section(table=table(counts=(1, 2))), "has counts for other than its 3 lines"),
            (section(table=table(counts=(1, 2, None))), "has counts that are no numbers of rows"),
            (section(table=table([["red", 1]], 50)), "line 1 of the table of section 'colours' has not 3 cells"),
            (section(table=table([["red", 1.5, 0]], 50)), "column 'People': a whole number is due, not 1.5"),
            (section(table=table([["red", 1, "0"]], 50)), "column 'Won': a number or (value, low, high) is due"),
            (section(table=table([[7, 1, 0]], 50)), "column 'Colour': a text is due, not 7"),
            (section(table=table(ours=[3])), "names lines in ours that are not there"),
            (section(table=table(tones=["pink"] * 3)), "has tones that are not one of ours, others"),
            (section(table=table(tones=["ours"])), "has tones that are not one of"),
            (section(table=Table("c", COLUMNS[::-1], [], None)), "has a drawn column where the lines are named"),
            (section(table=Table("c", [], [], None)), "has no columns"),
            (section(table=Table("c", [TableColumn("a", "pie")], [], None)), "has a column of kind 'pie'"),
            (section(table=Table("c", [TableColumn("a")], [["b"]] * 2001, None)), "has 2,001 lines; at most 2,000"),
            (section(table=Table("c", COLUMNS[::2], [], None, parts=True)), "shows parts, and its first columns"),
            (section(figure=figure(spec="line")), "has str as its spec, where a mapping is due"),
            (section(figure=figure(spec={**POINTS, "data": {"values": []}})), "has a spec that says data, which"),
            (section(figure=figure(spec={"layer": [{"config": {}}]})), "has a spec that says config"),
            (section(figure=figure(spec={"mark": {"type": "image"}})), "an address or a picture: a report fetches"),
            (section(figure=figure(spec={"layer": [{"encoding": {"href": {"value": "http://x"}}}]})), "an address"),
            (section(figure=figure(narrow={"mark": "x" * 100_001})), "has a spec of 100,0"),
            (section(figure=figure(sentence="")), "the figure of section 'colours' has no sentence"),
            (section(figure=figure(table=Table("c", COLUMNS[:1] * 2, [], None))), "without a name of their own"),
        ],
    )  # fmt: skip
    def test_what_breaks_it_is_said(self, record, message):
        assert message in problem_of(record)


class TestSmallGroups:
    def test_an_empty_group_is_no_small_one(self):
        assert hidden_lines([0, 50, 50], 3, smallest=10) == set()

    def test_all_lines_are_hidden_where_all_rows_together_are_too_few(self):
        assert hidden_lines(6, 2, smallest=10) == {0, 1}

    def test_nothing_is_hidden_where_the_lines_tell_of_no_rows(self):
        assert hidden_lines(None, 2, smallest=10) == set()

    def test_a_figure_has_no_point_of_them_and_says_how_many_are_left_out(self):
        told = written(section(figure=figure()), smallest=10)["figure"]["table"]
        assert [line[0] for line in told["lines"]] == ["red"]
        assert told["left_out"] == 2

    def test_lines_that_are_ours_stay_the_same_ones(self):
        lines = [["green", 4, 0.5], ["grey", 8, 0.5], ["red", 120, 0.3]]
        one = table(lines, (4, 8, 120), ours=[2], tones=["", "", "ours"])
        told = written(section(figure=figure(table=one)), smallest=10)["figure"]["table"]
        assert (told["lines"][0][0], told["ours"], told["tones"]) == ("red", [0], ["ours"])


class TestTheSmallestGroupInARecipe:
    def problems(self, said, project):
        from sartor.recipe import load_text
        from sartor.recipe.project import Project

        text = RECIPE.replace("judge:", f"privacy: {{smallest_group: {said}}}\njudge:")
        return [str(problem) for problem in load_text(text, project=Project(project), env={})[1]]

    def test_is_a_whole_number_from_one_on(self, project):
        (told,) = self.problems(0, project)
        assert "smallest_group must be a whole number from 1 to 100,000, got 0" in told
        (told,) = self.problems("few", project)
        assert "smallest_group must be a whole number, got text 'few'" in told
        assert self.problems(1, project) == []


def test_a_plugin_that_makes_groups_smaller_than_the_recipe_allows_is_not_obeyed(telling, monkeypatch):
    from sartor_plugins.learn.tasks import Classification

    def sections(self, judged, context):
        object.__setattr__(context, "smallest_group", 1)
        yield section(table=table())

    monkeypatch.setattr(Classification, "sections", sections)
    run = telling([])
    (own,) = [entry for entry in sections_of(run)["sections"] if entry["step"] == "task"]
    assert own["table"]["lines"][1] == ["green", None, None]
    assert own["table"]["hidden"] == [1, 2]


def test_with_folds_a_row_is_asked_again_of_the_model_that_has_not_seen_it(run_toys):
    # Whether somebody wins is a coin's fall: who remembers rows knows it of those seen, and of no other.
    rng = np.random.default_rng(0)
    tossed = people().assign(won=rng.integers(0, 2, 400))
    run = run_toys(MEMORISING, {"people": tossed})
    (told,) = [one for one in sections_of(run)["sections"] if one["id"] == "permuted"]
    assert told["sentence"] == (
        "**0 of 1 sources make answers worse when they are shuffled**: no source is missed for certain."
    )
    source, worse, (low, high) = told["table"]["lines"][0]
    assert source == "x"
    assert low < 0 < high
    assert abs(worse) < 0.1
