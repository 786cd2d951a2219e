"""Two runs side by side: what went in, paired differences of what came out, and which decisions moved."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.recipe.project import Project
from sartor.runs.comparing import compare_runs, moves_of
from sartor.runs.finding import find_run, with_record
from sartor.runs.settled import changes, version_changes


@pytest.fixture
def compare(recorded, plugins):
    """Return a function that compares two of the recorded runs, by what was said when they were made."""

    def compared(before, after):
        runs = [with_record(find_run(str(recorded.folders[name]), recorded.project)) for name in (before, after)]
        return compare_runs(*runs, recorded.project, plugins)

    return compared


@pytest.fixture
def compare_texts(record, plugins, tmp_path):
    """Return a function that records two runs and compares them."""

    def compared(*made):
        project = Project(tmp_path)
        folders = [record(project, text, table).folder for text, table in made]
        runs = [with_record(find_run(str(folder), project)) for folder in folders]
        return compare_runs(*runs, project, plugins)

    return compared


class TestSettings:
    def test_changed_settings_are_named_by_their_paths(self, compare):
        compared = compare("first", "deeper")
        assert [(change.what, change.path, change.before, change.after) for change in compared.settings] == [
            ("changed", "models.tree.with.depth", "2", "5")
        ]
        assert (compared.versions, compared.same_data, compared.split) == ((), True, "same")

    def test_a_run_is_the_same_as_itself(self, compare):
        compared = compare("first", "first")
        assert compared.settings == ()
        assert {number.difference.value for number in compared.numbers} == {0.0}
        assert {number.difference.verdict for number in compared.numbers} == {"no difference shown"}
        assert (compared.moves[0].same, compared.moves[0].moved) == (compared.moves[0].total, ())

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ({"a": 1}, {"a": 1.0}, [("changed", "a", "1", "1.0")]),
            ({"a": 1}, {"a": True}, [("changed", "a", "1", "true")]),
            ({"a": [1, 2]}, {"a": [2, 1]}, [("changed", "a", "[1, 2]", "[2, 1]")]),
            ({"m": {"use": "x"}}, {"m": {"use": "x", "with": {"k": 2}}}, [("added", "m.with.k", "", "2")]),
            ({"m": {"use": "x", "with": {"k": 2}}}, {"m": {"use": "x"}}, [("removed", "m.with.k", "2", "")]),
            (
                {"g": [{"m": "auc", "b": 1}, {"m": "ks"}]},
                {"g": [{"m": "auc", "b": 2}, {"m": "ks"}]},
                [("changed", "g.0.b", "1", "2")],
            ),
            ({"g": [{"m": "auc"}]}, {"g": []}, [("changed", "g", "[{m: auc}]", "[]")]),
            ({}, {}, []),
        ],
    )
    def test_differences_of_two_recipes(self, before, after, expected):
        assert [tuple(vars(change).values()) for change in changes(before, after)] == expected

    def test_seed_and_moment_of_the_call_are_settings_too(self, record, plugins, tmp_path, recipe):
        project = Project(tmp_path)
        folders = [record(project, recipe, seed=seed).folder for seed in (0, 7)]
        runs = [with_record(find_run(str(folder), project)) for folder in folders]
        (change,) = compare_runs(*runs, project, plugins).settings
        assert (change.path, change.before, change.after) == ("seed", "0", "7")

    def test_other_libraries_and_other_code_are_named(self, compare):
        run = compare("first", "first").before
        versions = {name: version for name, version in run.record["versions"].items() if name != "scipy"}
        other = replace(run, record={**run.record, "versions": {**versions, "numpy": "9.9"}, "code": "0" * 64})
        told = [(change.what, change.path, change.after) for change in version_changes(run, other)]
        assert told == [
            ("changed", "numpy", "9.9"),
            ("removed", "scipy", ""),
            ("changed", "code of sartor", "00000000"),
        ]


class TestData:
    def test_a_changed_table_is_told_with_its_sizes(self, compare_texts, recipe, people):
        compared = compare_texts((recipe, people()), (recipe, people(n=500)))
        assert compared.tables == {"people": "changed"}
        assert compared.sizes == ({"people": 400}, {"people": 500})
        assert compared.split == "other"

    def test_files_that_were_read_are_compared_by_their_content(self, plugins, shop, tmp_path):
        from sartor.running import run_recipe

        text = "format: 1\nrecipe: read\ningest: {numbers: {use: shop.lines, key: id, with: {path: numbers.txt}}}\n"
        (tmp_path / "read.yaml").write_text(text)
        project, runs = Project(tmp_path), []
        for numbers in ("1 2 3", "1 2 3", "1 2 4"):
            (tmp_path / "numbers.txt").write_text(numbers)
            folder = run_recipe(tmp_path / "read.yaml", project=project, plugins=plugins).folder
            runs.append(with_record(find_run(str(folder), project)))
        assert compare_runs(runs[0], runs[1], project, plugins).tables == {"numbers": "same"}
        compared = compare_runs(runs[1], runs[2], project, plugins)
        assert compared.tables == {"numbers": "changed"}
        assert (compared.numbers, compared.moves, compared.split) == ((), (), "")


class TestNumbers:
    def test_differences_are_those_of_the_two_champions_on_the_same_redraws(self, compare, recorded):
        from sklearn.metrics import roc_auc_score

        (auc,) = [number for number in compare("first", "deeper").numbers if number.label == "AUC"]
        stored = [pd.read_parquet(recorded.folders[name] / "predictions.parquet") for name in ("first", "deeper")]
        values = [roc_auc_score(table["truth"], table["tree: probability"]) for table in stored]
        assert (auc.before, auc.after) == pytest.approx(values)
        assert auc.difference.value == pytest.approx(values[1] - values[0])
        # By hand: the redraws that the runs themselves have made.
        from sartor.context import seed_of
        from sartor.evidence.bootstrap import Redraws

        (weights,) = Redraws(len(stored[0]), count=200, seed=seed_of(0, "judge")).blocks()
        drawn = [
            [roc_auc_score(table["truth"], table["tree: probability"], sample_weight=line) for line in weights]
            for table in stored
        ]
        differences = np.subtract(drawn[1], drawn[0])
        assert auc.difference.low <= np.quantile(differences, 0.025) + 1e-9
        assert auc.difference.high >= np.quantile(differences, 0.975) - 1e-9
        assert auc.difference.high - auc.difference.low < 2 * (
            np.quantile(differences, 0.975) - np.quantile(differences, 0.025)
        )

    def test_a_paired_difference_is_surer_than_the_two_numbers(self, compare, recorded):
        (auc,) = [number for number in compare("first", "deeper").numbers if number.label == "AUC"]
        metrics = json.loads((recorded.first / "metrics.json").read_text())["models"]["tree"]["metrics"]["auc"]
        assert auc.difference.high - auc.difference.low < metrics["high"] - metrics["low"]

    def test_money_is_compared_decision_by_decision(self, compare, recorded):
        (value,) = [number for number in compare("first", "deeper").numbers if number.money]
        worth = [pd.read_parquet(recorded.folders[name] / "worth.parquet")["accept"] for name in ("first", "deeper")]
        assert value.label == "value, EUR"
        assert (value.before, value.after) == (worth[0].sum(), worth[1].sum())
        assert value.difference.value == pytest.approx(worth[1].sum() - worth[0].sum())

    def test_other_rows_have_no_paired_difference_and_it_says_why(self, compare, recorded):
        compared = compare("first", "others")
        sizes = [len(pd.read_parquet(recorded.folders[name] / "predictions.parquet")) for name in ("first", "others")]
        assert compared.why_not == f"they judge different rows, {sizes[0]} of {sizes[1]} the same"
        assert all(number.difference is None for number in compared.numbers)
        assert all(number.before is not None for number in compared.numbers)

    def test_rows_whose_truth_has_changed_are_not_paired(self, compare_texts, recipe, people):
        judged = people()
        compared = compare_texts((recipe, judged), (recipe, judged.assign(won=1 - judged["won"])))
        assert compared.why_not == "the truth of the rows that they judge has changed"

    def test_the_same_rows_in_other_rounds_are_not_paired(self, compare_texts, recipe):
        folds = [recipe.replace("{hash: 0.3}", f"{{folds: {number}, hash: {{digest: md5}}}}") for number in (2, 3)]
        compared = compare_texts((folds[0], None), (folds[1], None))
        assert "they judge" in compared.why_not

    @pytest.mark.parametrize("average", ["pool", "mean"])
    def test_folds_are_compared_as_they_were_judged(self, compare_texts, recipe, average):
        text = recipe.replace("{hash: 0.3}", f"{{folds: 3, hash: {{digest: md5}}, average: {average}}}")
        compared = compare_texts((text, None), (text.replace("depth: 2", "depth: 5"), None))
        auc = compared.numbers[0]
        assert compared.why_not == ""
        assert auc.difference.value == pytest.approx(auc.after - auc.before)

    def test_rows_that_depend_on_each_other_are_redrawn_together(self, compare_texts, recipe, people):
        table = people().assign(house=lambda frame: frame["id"] // 20)
        deeper = recipe.replace("depth: 2", "depth: 5")
        alone = compare_texts((recipe, people()), (deeper, people())).numbers[0].difference
        group = ("outcome: won", "outcome: won, group: house")
        together = compare_texts((recipe.replace(*group), table), (deeper.replace(*group), table)).numbers[0].difference
        assert together.value == alone.value
        assert (together.low, together.high) != (alone.low, alone.high)

    def test_a_gate_that_came_out_otherwise_is_told_with_its_bar(self, compare_texts, recipe):
        text = recipe.replace("at_least: 0.6}", "at_least: BAR}")
        compared = compare_texts((text.replace("BAR", "0.5"), None), (text.replace("BAR", "0.99"), None))
        before, after, gate = compared.numbers[0].gate
        assert (before, after, gate["at_least"]) == ("passed", "failed", 0.99)

    def test_a_gate_on_another_model_is_compared_for_that_model(self, compare_texts, recipe):
        text = recipe.replace("at_least: 0.6}", "at_least: 0.5, model: logistic}")
        compared = compare_texts((text, None), (text.replace("depth: 2", "depth: 5"), None))
        assert [number.label for number in compared.numbers] == ["AUC", "AUC of logistic", "value, EUR"]
        assert compared.numbers[1].difference.value == 0.0

    def test_where_the_plugin_is_gone_the_stored_numbers_stand_without_a_difference(self, compare, recorded):
        from sartor.plugins import Plugins

        runs = [with_record(find_run(str(recorded.folders[name]), recorded.project)) for name in ("first", "deeper")]
        plugins = Plugins()
        plugins.by_name.pop("learn")
        compared = compare_runs(*runs, recorded.project, plugins)
        assert compared.numbers[0].difference is None
        assert compared.numbers[0].after is not None


class TestDecisions:
    def test_decisions_that_moved_are_counted_by_where_from_and_where_to(self):
        old = pd.DataFrame({"loan": [1, 2, 3, 4, 5], "decision": ["accept", "refer", "refer", "decline", "accept"]})
        new = pd.DataFrame({"loan": [5, 4, 3, 2, 6], "decision": ["decline", "decline", "accept", "accept", "refer"]})
        moves = moves_of("decide", old, new)
        assert (moves.same, moves.total, moves.gone, moves.new) == (1, 4, 1, 1)
        assert moves.moved == (("refer", "accept", 2), ("accept", "decline", 1))

    def test_without_a_column_called_decision_whole_lines_are_compared(self):
        old = pd.DataFrame({"item": ["a", "b"], "order": [3, 4], "slate": [[1, 2], [3]]})
        moves = moves_of("order", old, old.assign(order=[3, 5]))
        assert (moves.same, moves.total, moves.moved) == (1, 2, ())

    def test_a_plan_without_a_key_is_compared_line_by_line(self):
        old = pd.DataFrame({"machine": ["a", "a", "b"], "job": [1, 2, 3]})
        new = pd.DataFrame({"machine": ["a", "a", "b", "b"], "job": [2, 1, 4, 5]})
        moves = moves_of("plan", old, new)
        assert (moves.same, moves.total) == (2, 4)

    def test_empty_tables(self):
        empty = pd.DataFrame({"row": [], "decision": []})
        assert moves_of("decide", empty, empty).total == 0

    def test_those_of_two_runs(self, compare, recorded):
        (moves,) = compare("first", "deeper").moves
        stored = [pd.read_parquet(recorded.folders[name] / "decisions.parquet") for name in ("first", "deeper")]
        assert moves.same == (stored[0]["decision"] == stored[1]["decision"]).sum()
        assert moves.same + sum(count for *_, count in moves.moved) == moves.total == len(stored[0])


@pytest.mark.parametrize("name", ["summary.json", "resolved.yaml", "predictions.parquet", "decisions.parquet"])
def test_nothing_is_compared_with_a_file_that_has_changed(compare, recorded, name):
    file = recorded.folders["deeper"] / name
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InputError, match=rf"is not as it was recorded: {name}: changed: .*  D150"):
        compare("first", "deeper")
