"""The object that `sartor.run` returns: several actions told apart, money by action, and how notebooks show it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sartor.recipe.project import Project
from sartor.runs.result import Run

TWO = """\
actions:
  accept: {use: shop.accept, with: {beside: true}}
  bold: {use: shop.accept, from: logistic, with: {above: 0.2, beside: true}}
"""
ONE = "actions:\n  accept: {use: shop.accept}\n"


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "sartor.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


@pytest.fixture
def two(record, place, recipe):
    return record(place, recipe.replace(ONE, TWO))


class TestSeveralActions:
    def test_each_has_its_own_sentence(self, two):
        told = two.summary["actions"]
        assert two.headline == f"accept: {told['accept']['headline']} bold: {told['bold']['headline']}"
        accepted = {name: (two.decisions_of(name)["decision"] == "accept").sum() for name in ("accept", "bold")}
        assert accepted["bold"] > accepted["accept"]
        for name, count in accepted.items():
            assert told[name]["headline"] == f"Accept {count} of {two.summary['rows']['test']}."

    def test_each_has_its_own_money_by_the_model_that_it_decides_on(self, two):
        import pandas as pd

        told, worth = two.summary["actions"], pd.read_parquet(two.folder / "worth.parquet")
        assert (told["accept"]["champion"], told["bold"]["champion"]) == ("tree", "logistic")
        assert told["accept"]["models"]["tree"]["value"] == worth["accept"].sum()
        assert told["bold"]["models"]["logistic"]["value"] == worth["bold"].sum()
        assert "against" not in told["bold"]["models"]["logistic"]
        assert told["bold"]["models"]["tree"]["against"]["verdict"]

    def test_each_policy_stands_against_its_own_action(self, two):
        for action in two.summary["actions"].values():
            policy, ours = action["policies"]["accept everyone"], action["models"][action["champion"]]
            assert policy["against"]["difference"] == pytest.approx(policy["value"] - ours["value"])

    def test_json_names_them(self, two):
        told = two.to_json()["actions"]
        assert list(told) == ["accept", "bold"]
        assert set(told["bold"]) == {"headline", "champion", "models", "policies"}
        assert set(told["bold"]["models"]) == {"tree", "logistic", "base rate"}
        assert set(told["bold"]["policies"]["accept everyone"]) == {"unit", "value", "low", "high"}
        assert told["bold"]["models"]["logistic"]["unit"] == "EUR"

    def test_the_table_of_money_has_a_line_for_each_of_them(self, two):
        assert two.value.index.names == ["action", "policy"]
        bold = two.summary["actions"]["bold"]
        assert two.value.loc[("bold", "logistic"), "value"] == bold["models"]["logistic"]["value"]
        assert two.value.loc[("bold", "accept everyone"), "value"] == bold["policies"]["accept everyone"]["value"]


def test_one_action_is_told_as_ever(record, place, recipe):
    run = record(place, recipe.replace(ONE, "actions:\n  accept: {use: shop.accept, with: {beside: true}}\n"))
    assert "actions" not in run.summary
    assert "actions" not in run.to_json()
    assert run.headline == f"Accept {(run.decisions['decision'] == 'accept').sum()} of {len(run.decisions)}."
    assert run.value.index.name == "policy"
    assert list(run.summary["policies"]) == ["accept everyone"]


def test_one_action_on_another_model_than_the_champion_says_which(record, place, recipe):
    run = record(place, recipe.replace(ONE, "actions:\n  bold: {use: shop.accept, from: logistic}\n"))
    assert run.champion == "tree"
    assert run.summary["actions"]["bold"]["champion"] == "logistic"
    assert run.headline.startswith("Accept ")
    assert run.value.index.name == "policy"


class _Page(HTMLParser):
    """Reads tables as what stands in them: a caption, and lines of (tag, scope or class, text)."""

    def __init__(self, page):
        super().__init__()
        self.tables, self.marks, self.open = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.open.append(tag)
        if tag == "table":
            self.tables.append({"caption": "", "lines": []})
        elif tag == "tr":
            self.tables[-1]["lines"].append([])
        elif tag in ("th", "td"):
            self.tables[-1]["lines"][-1].append([tag, found.get("scope", ""), ""])
        elif tag == "span":
            self.marks.append(found["aria-label"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "caption" in self.open:
            self.tables[-1]["caption"] += data
        elif "th" in self.open or "td" in self.open:
            self.tables[-1]["lines"][-1][-1][2] += data

    def texts(self, table):
        return [[text for _, _, text in line] for line in self.tables[table]["lines"]]


class TestInANotebook:
    @pytest.fixture
    def page(self, record, place, recipe):
        gates = "gates: [{metric: auc, at_least: 0.6}, {metric: ks, at_least: 0.99}]"
        text = recipe.replace(ONE, "actions:\n  accept: {use: shop.accept, with: {beside: true}}\n")
        run = record(place, text.replace("gates: [{metric: auc, at_least: 0.6}]", gates))
        return run, run._repr_html_(), _Page(run._repr_html_())

    def test_money_has_its_unit_its_interval_and_its_verdict(self, page):
        run, _, read = page
        money = read.texts(0)
        assert read.tables[0]["caption"] == "What the decisions are worth"
        assert money[0] == ["policy", "value, EUR", "95 % interval", "against this run"]
        everyone, ours = run.summary["policies"]["accept everyone"], run.summary["models"]["tree"]["value"]
        assert money[1][:2] == ["● this run", f"{ours['value']:,.0f}"]
        assert money[2][0] == "accept everyone"
        assert money[2][3] == everyone["against"]["verdict"]
        assert money[1][2].split(" to ")[1] == f"{ours['high']:,.0f}"

    def test_models_stand_with_interval_mark_and_verdict_as_on_the_terminal(self, page):
        run, _, read = page
        models = read.texts(1)
        assert read.tables[1]["caption"] == "How good the models are"
        assert models[0][:4] == ["model", "AUC", "95 % interval", "against the champion"]
        assert models[0][4:] == [metric["label"] for metric in run.summary["metrics"][1:]]
        auc = run.summary["models"]["tree"]["metrics"]["auc"]
        assert models[1][:4] == ["● tree", f"{auc['value']:.3f}", f"{auc['low']:.3f} to {auc['high']:.3f}", ""]
        assert [line[0] for line in models[1:]] == ["● tree", "logistic", "base rate"]
        assert models[2][3] == run.summary["models"]["logistic"]["against"]["metrics"]["auc"]["verdict"]
        assert read.marks == ["this run:", "champion:"]

    def test_every_column_and_line_has_a_heading_that_is_read_aloud(self, page):
        for table in page[2].tables:
            head, *lines = table["lines"]
            assert {(tag, scope) for tag, scope, _ in head} == {("th", "col")}
            for line in lines:
                assert line[0][:2] == ["th", "row"]
                assert {tag for tag, _, _ in line[1:]} == {"td"}
                assert len(line) == len(head)

    def test_gates_stand_with_their_numbers_the_failed_ones_first(self, page):
        run, text, _ = page
        ks, auc = (run.summary["models"]["tree"]["metrics"][name] for name in ("ks", "auc"))
        failed = f"failed: ks {ks['value']:.3f}, {ks['low']:.3f} to {ks['high']:.3f} (≥ 0.99)"
        assert text.index(failed) < text.index(f"passed: auc {auc['value']:.3f} (≥ 0.60)")

    def test_it_has_no_colours_of_its_own(self, page):
        style = page[1].partition("</style>")[0]
        assert "color: inherit" in style
        assert not re.search(r"#[0-9a-f]{3}|white|black|background: (?!none)", style)

    def test_what_comes_from_recipe_and_data_is_escaped(self):
        evil = "<script>alert(1)</script>"
        summary = {
            "recipe": evil,
            "run": evil,
            "headline": evil,
            "unit": evil,
            "champion": evil,
            "simulated": [evil],
            "metrics": [{"name": evil, "label": evil}],
            "models": {evil: {"metrics": {evil: {"value": 0.5}}, "value": {"value": 1.0}}},
            "policies": {evil: {"value": 2.0, "against": {"verdict": evil}}},
            "gates": [{"metric": evil, "at_least": 0.7, "value": 0.5, "passed": False, "reason": evil}],
            "notes": [{"text": evil, "caution": True}],
            "delivery": {"why": evil},
        }
        shown = Run(summary, Path())._repr_html_()
        assert "<script" not in shown
        assert shown.count("&lt;script&gt;") >= 10

    def test_several_actions_have_a_table_each(self, two):
        read = _Page(two._repr_html_())
        captions = [table["caption"] for table in read.tables]
        assert captions[:2] == ["What the decisions are worth: accept", "What the decisions are worth: bold"]
        assert f"bold: {two.summary['actions']['bold']['headline']}" in two._repr_html_()

    def test_a_run_without_models_shows_its_sentence_alone(self):
        shown = Run({"recipe": "a/b", "run": "1", "headline": "400 rows read.", "models": {}, "gates": []}, Path())
        assert "<strong>400 rows read.</strong>" in shown._repr_html_()
        assert "<table" not in shown._repr_html_()
