"""`sartor runs repro` runs a recorded recipe once more; every byte that must repeat does, or it says which does not."""

from __future__ import annotations

import json

import pytest

from sartor.errors import InputError, RecipeError, SartorError
from sartor.recipe.project import Project
from sartor.runs.finding import find_run
from sartor.runs.repeating import causes, repeat
from sartor.runs.verifying import verify


@pytest.fixture
def again(plugins):
    """Return a function that runs the recipe of a run once more."""
    heard = []

    def repeated(project, folder):
        return repeat(find_run(str(folder), project), project, heard.append, plugins)

    return repeated


def test_every_byte_repeats(again, recorded, shop, people):
    shop.TABLES["people"] = people()
    repeated = again(recorded.project, recorded.first)
    assert repeated.is_same
    assert list(repeated.files) == ["decisions.parquet", "metrics.json", "predictions.parquet", "worth.parquet"]
    assert list(causes(repeated)) == []
    assert repeated.after.folder != recorded.first
    assert repeated.after.record["repeats"] == recorded.first.name
    assert verify(repeated.after.folder, runs=recorded.project.runs).untouched


def test_the_recipe_of_then_is_run_and_not_the_one_of_today(again, recorded, shop, people):
    (recorded.project.root / "win.yaml").unlink()
    shop.TABLES["people"] = people()
    repeated = again(recorded.project, recorded.folders["deeper"])
    assert repeated.is_same
    assert (repeated.after.folder / "recipe.yaml").read_text() == (
        recorded.folders["deeper"] / "recipe.yaml"
    ).read_text()
    assert again(recorded.project, repeated.after.folder).is_same


def test_seed_moment_and_memory_of_the_call_are_those_of_then(again, record, tmp_path, recipe, people):
    import pandas as pd

    project = Project(tmp_path)
    table = people().assign(day=lambda frame: pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["id"], unit="D"))
    text = recipe.replace("key: id,", "key: id, time: day,")
    folder = record(project, text, table, seed=11, as_of="2024-12-01", memory="512 MB").folder
    repeated = again(project, folder)
    assert repeated.is_same
    assert repeated.after.record["seed"] == 11
    assert repeated.after.record["as_of"] == "2024-12-01T00:00:00"
    assert repeated.after.record["memory_asked"] == "512 MB"


def test_changed_data_is_the_reason_and_named(again, recorded, shop, people):
    table = people()
    table.loc[:50, "won"] = 1 - table.loc[:50, "won"]
    shop.TABLES["people"] = table
    repeated = again(recorded.project, recorded.first)
    assert not repeated.is_same
    assert list(causes(repeated)) == ["the data of table people has changed"]
    assert repeated.files["metrics.json"].startswith("models.")
    assert " → " in repeated.files["metrics.json"]
    assert repeated.files["predictions.parquet"].endswith(f"of {repeated.before.record['brief']['rows']['test']} lines")


def test_rows_that_are_new_are_other_lines(again, recorded, shop, people):
    shop.TABLES["people"] = people(n=500)
    repeated = again(recorded.project, recorded.first)
    assert repeated.files["decisions.parquet"].endswith(" lines")
    assert " → " in repeated.files["decisions.parquet"]


def test_what_does_not_repeat_by_itself_is_said_to_be_without_a_cause(again, record, tmp_path, recipe):
    project = Project(tmp_path)
    text = recipe.replace("learn.tree, with: {depth: 2}", "shop.restless").replace(
        "gates: [{metric: auc, at_least: 0.6}]\n", ""
    )
    repeated = again(project, record(project, text).folder)
    assert not repeated.is_same
    assert list(causes(repeated)) == []


def test_nothing_is_taken_from_what_was_kept(again, record, tmp_path, recipe, shop, monkeypatch):
    project = Project(tmp_path)
    folder = record(project, recipe).folder
    kept = {path: path.stat().st_mtime_ns for path in (project.runs / ".cache").rglob("*") if path.is_file()}
    assert again(project, folder).is_same
    assert {path: path.stat().st_mtime_ns for path in (project.runs / ".cache").rglob("*") if path.is_file()} == kept


def test_another_key_of_pseudonyms_is_refused(again, record, tmp_path, recipe, monkeypatch):
    monkeypatch.setenv("RUN_KEY", "a key of more than sixteen bytes")
    project = Project(tmp_path)
    privacy = "privacy: {key: secret:RUN_KEY, columns: {id: pseudonymise}}\ntask:"
    folder = record(project, recipe.replace("task:", privacy, 1)).folder
    assert again(project, folder).is_same
    monkeypatch.setenv("RUN_KEY", "another key of more than sixteen")
    with pytest.raises(SartorError, match="the secret RUN_KEY is another key than the run was made with"):
        again(project, folder)


def test_a_project_that_has_moved_still_finds_its_files(again, plugins, shop, tmp_path):
    from sartor.running import run_recipe

    before, after = tmp_path / "before", tmp_path / "after"
    (before / "recipes").mkdir(parents=True)
    (before / "recipes" / "numbers.txt").write_text("1 2 3")
    text = "format: 1\nrecipe: read\ningest: {numbers: {use: shop.lines, key: id, with: {path: numbers.txt}}}\n"
    (before / "recipes" / "read.yaml").write_text(text)
    folder = run_recipe(before / "recipes" / "read.yaml", project=Project(before), plugins=plugins).folder
    before.rename(after)
    assert again(Project(after), after / folder.relative_to(before)).is_same


def test_a_record_that_has_changed_is_not_run(again, recorded):
    file = recorded.first / "resolved.yaml"
    file.write_text(file.read_text().replace("depth: 2", "depth: 9"))
    with pytest.raises(InputError, match=r"resolved.yaml: changed"):
        again(recorded.project, recorded.first)


def test_a_plugin_that_is_gone_stops_it_before_its_work(recorded):
    from sartor.plugins import Plugins

    run = find_run(str(recorded.first), recorded.project)
    before = sorted(recorded.first.parent.iterdir())
    with pytest.raises(SartorError, match=r"shop"):
        repeat(run, recorded.project, lambda event: None, Plugins())
    assert sorted(recorded.first.parent.iterdir()) == before


def test_data_that_is_gone_is_an_error_of_the_run(again, plugins, shop, tmp_path):
    from sartor.running import run_recipe

    (tmp_path / "numbers.txt").write_text("1 2 3")
    text = "format: 1\nrecipe: read\ningest: {numbers: {use: shop.lines, key: id, with: {path: numbers.txt}}}\n"
    (tmp_path / "read.yaml").write_text(text)
    folder = run_recipe(tmp_path / "read.yaml", project=Project(tmp_path), plugins=plugins).folder
    (tmp_path / "numbers.txt").unlink()
    with pytest.raises((SartorError, RecipeError), match=r"numbers"):
        again(Project(tmp_path), folder)
    assert json.loads((folder / "record.json").read_text())["run"] == folder.name
