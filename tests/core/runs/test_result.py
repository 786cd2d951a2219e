"""The object that `sartor.run` returns: several actions told apart, money by action, and how notebooks show it."""

from __future__ import annotations

import pytest

from sartor.recipe.project import Project

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
