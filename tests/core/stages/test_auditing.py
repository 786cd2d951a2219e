"""Audit: columns that no step sees meet decisions at the end, and a gate can hold what they show."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from sartor.errors import PluginError, RecipeError

RECIPE = """
format: 1
recipe: toy/fair
ingest:
  people: {use: toy.table, key: id, with: {of: people}}
privacy:
  columns: {sex: audit_only, age: AGE}
task: {use: learn.classification, with: {outcome: won}}
split: {hash: 0.5}
models:
  tree: {use: learn.tree, with: {depth: 2}}
actions:
  reply: {use: toy.fair}
judge: {redraws: 200}
gates:
  - {metric: yes_ratio, by: sex, at_least: 0.8}
"""


def people(n=600, **columns):
    rng = np.random.default_rng(0)
    sex = np.where(np.arange(n) % 2 == 0, "f", "m")
    # Men's x is higher, and with it what they win: the model needs no sex to tell them apart.
    x = rng.normal(size=n) + (sex == "m")
    won = (x + rng.normal(size=n) / 2 > 0.5).astype("int64")
    return pd.DataFrame({"id": np.arange(n), "x": x, "sex": sex, "age": rng.integers(18, 80, n), "won": won, **columns})


def recipe(age="audit_only", gate=None):
    text = RECIPE.replace("AGE", age)
    return text if gate is None else text[: text.index("  - {metric")] + f"  - {{{gate}}}\n"


@pytest.fixture
def run(run_toys):
    def go(text=None, table=None):
        return run_toys(recipe() if text is None else text, {"people": people() if table is None else table})

    return go


def by_sex(run, table):
    """Share of yes by sex, from the run's decisions and the table itself."""
    decisions = run.decisions.merge(table[["id", "sex"]], on="id")
    return (decisions["decision"] == "yes").groupby(decisions["sex"]).mean()


class TestTheNumbers:
    def test_are_those_of_the_decisions_and_the_column_that_was_kept_apart(self, run):
        table = people()
        done = run(table=table)
        audit = done.summary["audit"]["reply"]
        expected = by_sex(done, table)
        told = {entry["group"]: entry["measures"]["said_yes"]["value"] for entry in audit["by"]["sex"]["groups"]}
        assert told == {sex: pytest.approx(share) for sex, share in expected.items()}
        assert audit["by"]["sex"]["worst"]["yes_ratio"]["value"] == pytest.approx(expected["f"] / expected["m"])
        assert audit["by"]["sex"]["worst"]["yes_ratio"]["lower"] == "f"
        assert audit["overall"]["said_yes"]["value"] == pytest.approx((done.decisions["decision"] == "yes").mean())

    def test_have_intervals_around_them(self, run):
        found = run().summary["audit"]["reply"]["by"]["sex"]["worst"]["yes_ratio"]
        assert found["low"] < found["value"] < found["high"] <= 1

    def test_of_a_number_go_by_the_bands_that_privacy_says(self, run):
        done = run(recipe("{audit_only: {bands: [30, 60]}}"))
        ages = done.summary["audit"]["reply"]["by"]["age"]["groups"]
        assert [entry["group"] for entry in ages] == ["below 30", "30 to below 60", "60 and above"]

    def test_of_values_go_by_the_names_that_privacy_gives_them(self, run):
        text = recipe().replace("sex: audit_only", "sex: {audit_only: {names: {f: women, m: men, d: diverse}}}")
        done = run(text)
        told = done.summary["audit"]["reply"]["by"]["sex"]
        assert {entry["group"] for entry in told["groups"]} == {"women", "men"}
        assert told["worst"]["yes_ratio"]["lower"] == "women"
        assert any(
            note["text"] == "no line holds 'd' in 'sex', which privacy names as a group" and note["caution"]
            for note in done.summary["notes"]
        )

    def test_go_by_quarters_of_the_training_rows_where_no_bands_are_said(self, run):
        table = people()
        # Whoever judges is a hundred years older: the bands do not follow.
        first = run(table=table)
        judging = table["id"].isin(first.decisions["id"])
        table["age"] += 100 * judging
        ages = run(table=table).summary["audit"]["reply"]["by"]["age"]["groups"]
        assert [entry["group"] for entry in ages] == [
            f"{np.sort(table['age'][~judging])[int(0.75 * (~judging).sum())]} and above"
        ]

    def test_of_a_single_person_cannot_be_told_from_all_and_the_others(self, run):
        table = people()
        first = run(table=table)
        judging = table["id"].isin(first.decisions["id"])
        table.loc[table.index[judging][:1], "sex"] = "diverse"
        done = run(table=table)
        audit = done.summary["audit"]["reply"]
        sexes = audit["by"]["sex"]
        rows = {entry["group"]: entry["rows"] for entry in sexes["groups"]}
        joined = next(group for group in rows if group not in ("f", "m"))
        assert joined in ("f, with 1 small group", "m, with 1 small group")
        assert len(rows) == 2
        assert sum(rows.values()) == judging.sum()
        assert sexes["too_small"] == {"groups": 0, "rows": 0}
        # All that is told of both, and of all: nothing but the two is what they add up to.
        yes = {entry["group"]: entry["measures"]["said_yes"]["value"] * entry["rows"] for entry in sexes["groups"]}
        assert sum(yes.values()) == pytest.approx(audit["overall"]["said_yes"]["value"] * judging.sum())
        with_them = table.set_index("id").loc[done.decisions["id"], "sex"].isin([joined[0], "diverse"]).to_numpy()
        assert yes[joined] == pytest.approx((done.decisions["decision"] == "yes")[with_them].sum())
        gate = done.summary["gates"][0]
        assert joined in (gate["lower"], gate["higher"])

    def test_of_a_single_person_stand_in_no_file_and_on_no_page(self, run):
        from sartor.cli.alike import alike_lines
        from sartor.cli.look import Look
        from sartor.reporting import page_of

        table = people()
        judging = table["id"].isin(run(table=table).decisions["id"])
        table.loc[table.index[judging][:1], "sex"] = "zqxdiverse"
        done = run(table=table)
        page = page_of(done.folder).files[0].read_text(encoding="utf-8")
        line = " ".join(alike_lines(done.summary, Look()))
        for told in (page, line, json.dumps(done.summary)):
            assert "with 1 small group" in told
        for told in (page, line, json.dumps(done.summary), done._repr_html_()):
            assert "zqxdiverse" not in told
        assert not [
            file.name
            for file in done.folder.rglob("*")
            if file.is_file() and file.suffix != ".parquet" and b"zqxdiverse" in file.read_bytes()
        ]

    def test_are_the_same_with_folds_where_every_row_judges(self, run):
        done = run(recipe().replace("{hash: 0.5}", "{folds: 3, hash: {digest: md5}}"))
        table = people()
        found = done.summary["audit"]["reply"]["by"]["sex"]
        assert sum(entry["rows"] for entry in found["groups"]) == 600
        expected = by_sex(done, table)
        assert found["worst"]["yes_ratio"]["value"] == pytest.approx(expected["f"] / expected["m"])

    def test_come_from_another_table_whose_key_the_rows_carry(self, run_toys):
        table = people().assign(person=lambda t: t["id"] % 300)
        persons = pd.DataFrame({"person": range(300), "sex": ["f", "m"] * 150})
        text = (
            recipe()
            .replace("privacy:", "  persons: {use: toy.table, key: person, with: {of: persons}}\nprivacy:")
            .replace(", age: audit_only", "")
            .replace("{outcome: won}", "{outcome: won, table: people}")
        )
        done = run_toys(text, {"people": table.drop(columns=["sex", "age"]), "persons": persons})
        groups = done.summary["audit"]["reply"]["by"]["sex"]["groups"]
        assert sum(entry["rows"] for entry in groups) == done.summary["rows"]["test"]

    def test_say_so_where_the_rows_do_not_carry_the_key(self, run_toys):
        persons = pd.DataFrame({"person": range(300), "sex": ["f", "m"] * 150})
        text = (
            recipe(gate="metric: auc, at_least: 0.5")
            .replace("privacy:", "  persons: {use: toy.table, key: person, with: {of: persons}}\nprivacy:")
            .replace(", age: audit_only", "")
            .replace("{outcome: won}", "{outcome: won, table: people}")
        )
        done = run_toys(text, {"people": people().drop(columns=["sex", "age"]), "persons": persons})
        assert any(
            note["text"] == "'sex' of table persons is kept for audit, and the rows do not say whose line it is: "
            "nothing is compared by it"
            for note in done.summary["notes"]
        )


class TestNothingElse:
    def test_is_changed_by_what_an_audit_column_holds(self, run):
        table = people()
        first = run(table=table)
        again = run(table=table.assign(sex=table["sex"].to_numpy()[::-1], age=0))
        pd.testing.assert_frame_equal(first.decisions, again.decisions)
        pd.testing.assert_frame_equal(first.predictions, again.predictions)
        assert first.summary["audit"] != again.summary["audit"]

    def test_of_the_runs_folder_holds_an_audit_columns_values_row_by_row(self, run):
        marked = people().assign(sex=lambda t: t["sex"].map({"f": "marked-f", "m": "marked-m"}))
        done = run(table=marked)
        holding = [file.name for file in done.folder.rglob("*") if file.is_file() and b"marked-f" in file.read_bytes()]
        # Group names stand in the numbers, and in nothing that has a line a row.
        assert sorted(holding) == ["metrics.json", "summary.json"]


class TestTheGate:
    def test_fails_where_the_whole_interval_lies_below_its_bar(self, run):
        done = run()
        (gate,) = done.summary["gates"]
        assert not gate["passed"]
        assert not done.passed
        assert gate["high"] < 0.8
        assert (gate["metric"], gate["by"], gate["lower"], gate["higher"]) == ("yes_ratio", "sex", "f", "m")

    def test_passes_within_its_interval_where_that_reaches_the_bar(self, run):
        worst = run().summary["audit"]["reply"]["by"]["sex"]["worst"]["yes_ratio"]
        bar = (worst["value"] + worst["high"]) / 2
        (gate,) = run(recipe(gate=f"metric: yes_ratio, by: sex, at_least: {bar}")).summary["gates"]
        assert gate["passed"]
        assert gate["within_interval"]

    def test_holds_a_number_over_all_rows_too(self, run):
        (gate,) = run(recipe(gate="metric: said_yes, at_most: 0.1")).summary["gates"]
        assert (gate["metric"], gate["passed"], "by" in gate) == ("said_yes", False, False)

    def test_fails_with_the_reason_where_the_column_is_missing_throughout(self, run):
        done = run(table=people().assign(sex=pd.Series([None] * 600, dtype="str")))
        (gate,) = done.summary["gates"]
        assert not gate["passed"]
        assert gate["reason"] == "it is missing in all rows"
        assert any(
            note["text"] == "nothing is compared by 'sex': it is missing in all rows" and note["caution"]
            for note in done.summary["notes"]
        )

    def test_can_go_by_a_column_of_the_rows_that_is_a_feature_too(self, run):
        table = people(region=np.where(np.arange(600) % 3 == 0, "north", "south"))
        (gate,) = run(recipe(gate="metric: yes_ratio, by: region, at_least: 0.5"), table).summary["gates"]
        assert gate["passed"]
        assert {gate["lower"], gate["higher"]} == {"north", "south"}


class TestAMistake:
    @pytest.mark.parametrize(
        ("gate", "message", "mend"),
        [
            (
                "metric: yes_ratio, at_least: 0.8",
                "compares groups, and the gate does not say by which column",
                "by: sex",
            ),
            (
                "metric: said_yes, by: sex, at_least: 0.8",
                "is a number of each group by itself",
                "hold yes_ratio, which",
            ),
            ("metric: auc, by: sex, at_least: 0.8", "auc is held by 'sex', and the task is measured by it", "leave by"),
            ("metric: yes_rati, by: sex, at_least: 0.8", "the recipe has no metric called 'yes_rati'", "yes_ratio"),
            ("metric: yes_ratio, by: sexx, at_least: 0.8", "table people has no column 'sexx'", "sex, in people"),
            ("metric: yes_ratio, by: sex, at_least: 0.8, action: rely", "no action is called 'rely'", "reply"),
        ],
    )
    def test_in_a_gate_is_found_before_a_row_is_read(self, run, gate, message, mend):
        with pytest.raises(RecipeError) as caught:
            run(recipe(gate=gate))
        (problem,) = caught.value.problems
        assert message in problem.message
        assert mend in str(problem.hints)

    def test_of_a_dropped_column_says_what_to_write(self, run):
        with pytest.raises(RecipeError, match="privacy drops 'sex', and the gate compares by it") as caught:
            run(recipe().replace("sex: audit_only", "sex: drop"))
        assert caught.value.problems[0].hints == (("to mend", "write sex: audit_only, and no step sees it"),)

    def test_of_two_actions_asks_whose_measure_is_meant(self, run):
        two = recipe().replace("  reply: {use: toy.fair}", "  reply: {use: toy.fair}\n  again: {use: toy.fair}")
        with pytest.raises(RecipeError, match="yes_ratio is a measure of reply and of again") as caught:
            run(two)
        assert caught.value.problems[0].hints == (("to mend", "write action: reply"),)
        said = two.replace("at_least: 0.8", "at_least: 0.8, action: again")
        assert run(said).summary["gates"][0]["action"] == "again"

    @pytest.mark.parametrize(
        ("bands", "message"),
        [
            ("{audit_only: {bands: [60, 30]}}", "bands must be a list of edges that rise"),
            ("{audit_only: {}}", "audit_only with settings says neither bands nor names, and takes one of them"),
            ("{audit_only: {bands: [30], names: {a: b}}}", "audit_only with settings says bands and names"),
            ("{audit_only: {band: [30]}}", "'band' is not a key of audit_only"),
        ],
    )
    def test_in_bands_is_refused(self, run, bands, message):
        with pytest.raises(RecipeError) as caught:
            run(recipe(bands))
        assert any(message in problem.message for problem in caught.value.problems)

    @pytest.mark.parametrize(
        ("at", "message"),
        [
            ("raises", "'toy.fair' failed in measures: ZeroDivisionError: no luck today"),
            ("text", "it returned str where a Measure is due"),
            ("shape", r"measure 'said_yes' gave values of shape \(1,\) where \(1, 1\) is due"),
        ],
    )
    def test_of_the_plugin_names_it(self, run, at, message):
        text = recipe(gate="metric: auc, at_least: 0.1").replace(
            "{use: toy.fair}", f"{{use: toy.fair, with: {{at: {at}}}}}"
        )
        with pytest.raises(PluginError, match=message):
            run(text)


def test_an_action_whose_decisions_are_no_lines_of_rows_is_not_audited(run):
    text = recipe(gate="metric: auc, at_least: 0.1").replace(
        "{use: toy.fair}", "{use: toy.fair, with: {per_row: false}}"
    )
    assert run(text).summary["audit"] == {}


def test_metrics_with_their_audit_repeat_byte_for_byte(run):
    first, second = run(), run()
    assert (first.folder / "metrics.json").read_bytes() == (second.folder / "metrics.json").read_bytes()
    assert json.loads((first.folder / "metrics.json").read_text(encoding="utf-8"))["audit"]["reply"]["by"]


def test_the_report_of_an_action_is_handed_what_was_measured_and_what_its_policies_decide(run, toys):
    seen = {}

    def says(decisions, outcome, context):
        seen.update(audited=context.audited, policies=context.policies, confidence=context.confidence)
        return ()

    toys.SAYS["sections"] = says
    run(recipe().replace("toy.fair", "toy.fair_teller").replace("redraws: 200", "redraws: 200, confidence: 0.9"))
    assert seen["audited"].by["sex"].worst["yes_ratio"].lower == "f"
    assert seen["confidence"] == 0.9
    assert set(seen["policies"]) == {"yes to all"}
    assert seen["policies"]["yes to all"].attrs["about"] == "whoever asks"
