"""Models leave from the command line: the file's name on stdout, what is told of it on stderr."""

import json

import pytest


@pytest.fixture
def run(credit_copy, tmp_path, monkeypatch):
    (tmp_path / "sartor.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return credit_copy


def test_the_file_is_named_and_what_was_checked_is_told(sartor, run, tmp_path):
    said = sartor("export", "@last", "--to", "card.sql", "--table", "risk.applications")
    assert said.code == 0
    assert said.out == "card.sql\n"
    assert said.err.startswith("scores as the card does in ")
    assert 'FROM "risk"."applications"' in (tmp_path / "card.sql").read_text(encoding="utf-8")


def test_json_says_it_in_one_object(sartor, run, tmp_path):
    said = sartor("export", "@last", "--to", "card.csv", "--json")
    told = json.loads(said.out)
    assert told == {"schema": 1, "file": "card.csv", "bytes": (tmp_path / "card.csv").stat().st_size}
    assert said.err == ""


def test_a_run_with_an_export_in_it_is_still_untouched(sartor, run):
    assert sartor("export", "@last", "--to", str(run / "card.json")).code == 0
    assert sartor("verify", "@last").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["@last", "--to", "card.xlsx"], "model 'scorecard' has no form 'xlsx'"),
        (["@last", "--to", "f.sql", "--model", "forest"], "cannot be exported: it has no form of its own"),
        (["@last", "--to", "c.sql", "--table", "a..b"], "a table is called NAME or SCHEMA.NAME, and not 'a..b'"),
        (["@last"], "'sartor export' needs --to"),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_why(sartor, run, arguments, message):
    said = sartor("export", *arguments)
    assert said.code == 2
    assert message in " ".join(said.err.split())
