"""A model of a recorded run leaves as a file that answers as it does, or not at all."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

import sartor
from sartor.components import Fitted
from sartor.errors import InputError, PluginError, UsageError
from sartor.exporting import Export, export
from sartor.runs.verifying import verify
from sartor_domains.finance.card.card import Card


@pytest.fixture
def run(credit_copy, tmp_path, monkeypatch):
    """A copy of a recorded run in a project of its own; nothing is entered in the one that others share."""
    (tmp_path / "sartor.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return credit_copy


def test_the_end_of_the_name_tells_the_form(run, tmp_path):
    assert str(export("@last", "card.csv")) == "card.csv"
    assert (tmp_path / "card.csv").read_text(encoding="utf-8").startswith("characteristic,bin,kind,")
    assert sartor.export(run, tmp_path / "points.txt", form="json").read_text(encoding="utf-8").startswith("{")


def test_a_query_scores_the_rows_of_the_run_as_the_run_did(run, tmp_path):
    import duckdb

    from sartor.runs.models import load_model

    query = export(run, tmp_path / "card.sql", table="applications").read_text(encoding="utf-8")
    golden = pd.read_parquet(run / "models" / "scorecard" / "golden.parquet")
    X = pd.DataFrame({name.partition(": ")[2]: golden[name] for name in golden if name.startswith(("X: ", "both: "))})
    X["application_id"] = range(len(X))
    with duckdb.connect() as connection:
        import pyarrow as pa

        connection.from_arrow(pa.Table.from_pandas(X, preserve_index=False)).create("applications")
        found = connection.sql(query).to_arrow_table().to_pandas().sort_values("application_id")
    assert found["probability"].tolist() == pytest.approx(golden["answer: probability"].tolist(), abs=1e-12)
    assert found["status"].fillna("").tolist() == golden["answer: status"].fillna("").tolist()
    assert isinstance(load_model(run, "scorecard"), Card)


def test_notes_of_the_check_are_heard(run, tmp_path):
    heard = []
    export(run, tmp_path / "card.json", listen=heard.append)
    assert [note.text.partition(" in ")[0] for note in heard] == ["scores as the card does"]


def test_a_file_in_the_run_is_entered_in_its_ledger_and_may_be_made_anew(run):
    for _ in range(2):
        export("@last", run / "card.sql")
    told = verify(run)
    assert told.untouched
    (run / "card.sql").write_text("SELECT 1", encoding="utf-8")
    assert [finding.part for finding in verify(run).findings] == ["card.sql"]


def test_what_the_run_itself_recorded_is_never_written_over(run):
    before = (run / "summary.json").read_bytes()
    for name in ("summary.json", "ledger.jsonl"):
        with pytest.raises(UsageError, match=f"{name} is what run .* itself recorded, and stays as it is"):
            export("@last", run / name, form="json")
    assert (run / "summary.json").read_bytes() == before
    assert verify(run).untouched


def test_elsewhere_a_file_is_replaced_whole_or_not_at_all(run, tmp_path, monkeypatch):
    file = tmp_path / "card.json"
    file.write_text("mine", encoding="utf-8")

    def breaks(card, asked):
        raise ZeroDivisionError("no luck today")

    with monkeypatch.context() as patch:
        patch.setattr(Card, "export", breaks)
        with pytest.raises(PluginError, match=r"'finance.scorecard' failed in export: Zero") as told:
            export(run, file)
    assert told.value.problems[0].code == "X020"
    assert file.read_text(encoding="utf-8") == "mine"
    export(run, file)
    assert file.read_text(encoding="utf-8").startswith("{")
    assert not list(tmp_path.glob(".card*"))


def test_an_export_that_is_no_bytes_is_the_plugins_failure(run, tmp_path, monkeypatch):
    monkeypatch.setattr(Card, "export", lambda card, asked: "text")
    with pytest.raises(PluginError, match="breaks the contract of export: it returned str where bytes are due"):
        export(run, tmp_path / "card.json")


def test_a_place_that_cannot_be_written_is_named(run, tmp_path):
    with pytest.raises(UsageError, match=r"nowhere/card.csv cannot be written: no such file or directory"):
        export(run, tmp_path / "nowhere" / "card.csv")


@pytest.mark.parametrize(
    ("to", "model", "message", "hint"),
    [
        ("card.xlsx", None, "model 'scorecard' has no form 'xlsx'", ("there is", "csv: a table of points")),
        ("card", None, "is to be exported to card, whose name tells no form", ("there is", "json: everything")),
        (
            "forest.sql",
            "forest",
            "model 'forest' cannot be exported: it has no form of its own",
            ("to mend", "name a model"),
        ),
        ("card.csv", "scorcard", "has no model 'scorcard'", ("did you mean", "scorecard")),
    ],
)
def test_what_cannot_be_is_said_with_what_can(run, tmp_path, to, model, message, hint):
    with pytest.raises(UsageError, match=message) as told:
        export(run, tmp_path / to, model=model)
    hints = told.value.problems[0].hints
    assert [text for label, text in hints if label == hint[0] and text.startswith(hint[1])]


def test_a_model_whose_files_have_changed_is_not_exported(run, tmp_path):
    file = run / "models" / "scorecard" / "card.json"
    file.write_text(file.read_text(encoding="utf-8").replace("600.0", "601.0"), encoding="utf-8")
    with pytest.raises(InputError, match=r"model 'scorecard' of run .* is not as it was recorded"):
        export(run, tmp_path / "card.csv")
    assert not (tmp_path / "card.csv").exists()


def test_a_copy_of_a_run_elsewhere_is_a_run_too(run, tmp_path):
    copy = tmp_path / "elsewhere"
    shutil.copytree(run, copy)
    export(str(copy), copy / "card.csv")
    assert verify(copy).untouched


def test_a_model_has_no_form_unless_it_says_so():
    assert Fitted().forms() == {}
    with pytest.raises(NotImplementedError):
        Fitted().export(Export("sql"))


def test_steps_of_prepare_keep_a_model_from_being_exported(tmp_path, monkeypatch):
    (tmp_path / "sartor.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    recipe = tmp_path / "prepared.yaml"
    recipe.write_text(
        "format: 1\nrecipe: prepared\nextends: finance/credit-scoring\nmodels:\n  logistic: ~\n  forest: ~\n"
        "  boosting: ~\n  scorecard: {use: finance.scorecard, prepare: [{use: learn.missing_flags}]}\n",
        encoding="utf-8",
    )
    made = sartor.run(recipe, sets=["judge.redraws=100"])
    with pytest.raises(UsageError, match="steps of prepare stand before it, which no export repeats"):
        export(made, tmp_path / "card.csv")
