"""A person is erased whole or not at all; ledgers say that it was lawful, and nothing says who."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from sartor.cli.endings import call
from sartor.erasing import carrying_out
from sartor.erasing.erase import erase, look_for
from sartor.errors import PrivacyStop, UsageError
from sartor.recipe.project import Project
from sartor.runs.verifying import verify

NOW = datetime(2026, 11, 24, 12).astimezone()
KEY = "a key of more than sixteen bytes"
RECIPE = """
format: 1
recipe: care/NAME
ingest:
  people:
    use: tables.csv
    key: person
    with: {path: people.csv}
    contract: {columns: {age: {between: [0, 120], otherwise: set_aside}}}
  visits: {use: tables.csv, key: visit, with: {path: visits.csv}}
PRIVACY
task: {use: learn.classification, with: {table: people, outcome: won}}
split: {hash: 0.3}
models: {logistic: {use: learn.logistic}}
judge: {redraws: 100}
"""
PSEUDONYMS = "privacy: {key: secret:CARE_KEY, columns: {person: pseudonymise}}"


def pseudonym(person: str, key: str = KEY) -> str:
    return hmac.new(key.encode(), person.encode(), hashlib.sha256).hexdigest()


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A project with a run under plain keys and one under pseudonyms, made once."""
    import sartor

    root = tmp_path_factory.mktemp("erasing")
    (root / "sartor.toml").write_text("")
    people = pd.DataFrame({"person": [f"PERSON-{n:03d}" for n in range(120)], "age": [20 + n % 60 for n in range(120)],
                           "won": [(n * 7) % 3 % 2 for n in range(120)]})  # fmt: skip
    people.loc[[3, 50], "age"] = 300
    people.to_csv(root / "people.csv", index=False)
    visits = pd.DataFrame({"visit": range(240), "person": [f"PERSON-{n % 120:03d}" for n in range(240)]})
    visits.to_csv(root / "visits.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("CARE_KEY", KEY)
        for name, privacy in (("plain", ""), ("hidden", PSEUDONYMS)):
            (root / f"{name}.yaml").write_text(RECIPE.replace("NAME", name).replace("PRIVACY", privacy))
            sartor.run(root / f"{name}.yaml")
    return root


@pytest.fixture
def project(made, tmp_path, monkeypatch) -> Project:
    """A copy of it, and stand in it."""
    root = tmp_path / "project"
    shutil.copytree(made, root)
    monkeypatch.chdir(root)
    monkeypatch.setenv("CARE_KEY", KEY)
    return Project(root)


def folders(project: Project) -> list[Path]:
    return sorted(file.parent for file in project.runs.rglob("ledger.jsonl"))


def judged(project: Project) -> str:
    """Somebody who was judged, and is in no quarantine."""
    folder = next(one for one in folders(project) if "plain" in str(one))
    return str(pd.read_parquet(folder / "predictions.parquet")["row"].iloc[0])


def holds(root: Path, *texts: str) -> list[str]:
    """Files that hold one of these, in bytes or in cells."""
    found = []
    for file in sorted(root.rglob("*")):
        if file.is_file():
            cells = pd.read_parquet(file).astype(str).to_csv() if file.suffix == ".parquet" else ""
            if any(text in cells or text.encode() in file.read_bytes() for text in texts):
                found.append(str(file.relative_to(root)))
    return found


def test_a_person_is_gone_from_everything_and_verify_says_that_it_was_lawful(project):
    person = judged(project)
    assert holds(project.runs, person, pseudonym(person))
    before = {folder: len(pd.read_parquet(folder / "predictions.parquet")) for folder in folders(project)}
    done = erase(project, person, "people", None, NOW)
    assert done.left == []
    assert holds(project.runs, person, pseudonym(person)) == []
    for folder in folders(project):
        checked = verify(folder, runs=project.runs)
        assert checked.untouched, checked.findings
        assert len(pd.read_parquet(folder / "predictions.parquet")) == before[folder] - 1
        assert any("1 line of one person was erased on 2026-11-24" in note for note in checked.notes)
    receipt = done.receipts[-1]
    # Whoever has the receipt can show that it is this person; the ledger alone cannot be asked.
    said = hmac.new(bytes.fromhex(receipt["salt"]), person.encode(), hashlib.sha256).hexdigest()
    assert said == receipt["person"]
    ledger = (folders(project)[0] / "ledger.jsonl").read_text()
    assert receipt["person"] in ledger
    assert receipt["salt"] not in ledger
    assert receipt["searched_again"] == {"by": "every text", "found": 0}


def test_lines_that_a_contract_set_aside_are_erased_from_quarantine(project):
    done = erase(project, "PERSON-003", "people", None, NOW)
    assert {name for one in done.found for name in one.masks} == {"quarantine/people.parquet"}
    for folder in folders(project):
        left = pd.read_parquet(folder / "quarantine" / "people.parquet")
        assert len(left) == 1
        assert verify(folder).untouched


def test_models_that_learned_from_a_person_are_marked_and_those_that_only_judged_are_too_where_visits_tell(project):
    done = erase(project, "PERSON-004", "people", None, NOW)
    assert done.found
    for one in done.found:
        assert one.trained
        mark = json.loads((one.run.folder / "erased.json").read_text())
        assert mark["erasures"][0]["trained"] is True
    assert call(["runs", "list"]) == 0


def test_verify_still_finds_what_was_changed_beside_an_erasure(project):
    erase(project, judged(project), "people", None, NOW)
    folder = folders(project)[0]
    (folder / "metrics.json").write_text("{}")
    assert [finding.part for finding in verify(folder).findings] == ["metrics.json"]


def test_a_run_that_was_tampered_with_is_not_erased_over(project):
    person = judged(project)
    folder = next(one for one in folders(project) if "plain" in str(one))
    table = pd.read_parquet(folder / "predictions.parquet")
    table.to_parquet(folder / "predictions.parquet")
    with pytest.raises(Exception, match="is not as it was recorded"):
        erase(project, person, "people", None, NOW)


@pytest.mark.parametrize("killed_at", range(1, 9))
def test_killed_at_any_step_it_is_whole_or_not_at_all(project, killed_at, erase_until):
    """Behind every step the process may die."""
    person = judged(project)
    begun = erase_until(project, person, killed_at, (carrying_out.shutil, "rmtree"))
    if not begun:
        # Nothing has happened, but that something may lie there unfinished.
        for folder in folders(project):
            assert verify(folder).untouched
    erase(project, person, "people", None, NOW)
    assert holds(project.runs, person, pseudonym(person)) == []
    for folder in folders(project):
        assert verify(folder).untouched
        assert (folder / "ledger.jsonl").read_text().count('"stage":"erase"') == 1


def test_a_dry_run_changes_nothing(project):
    before = {file: file.read_bytes() for file in sorted(project.runs.rglob("*")) if file.is_file()}
    found = look_for(project, judged(project), "people", None)
    assert found.lines == 2
    assert {file: file.read_bytes() for file in sorted(project.runs.rglob("*")) if file.is_file()} == before


class TestTheVerb:
    def test_writes_a_receipt_and_says_what_was_done(self, project, capfd):
        assert call(["privacy", "erase", "--key", judged(project), "--table", "people"]) == 0
        out = capfd.readouterr().out
        assert "1 in predictions.parquet" in out
        assert "a second search finds nothing" in out
        receipt = next(Path.cwd().glob("erasure-*.json"))
        assert f"receipt: {receipt.name}" in out

    def test_an_unknown_person_ends_with_0_and_leaves_nothing(self, project, capfd):
        before = sorted(project.runs.rglob("*"))
        assert call(["privacy", "erase", "--key", "NOBODY-1", "--table", "people"]) == 0
        assert capfd.readouterr().out == "nothing is kept of this person\n"
        assert sorted(project.runs.rglob("*")) == before

    def test_a_table_that_no_run_has_read_ends_with_2(self, project, capfd):
        assert call(["privacy", "erase", "--key", "PERSON-001", "--table", "peple"]) == 2
        assert "no run has read a table 'peple'" in capfd.readouterr().err

    def test_without_a_table_it_asks_whose_key_it_is(self, project, capfd):
        assert call(["privacy", "erase", "--key", "PERSON-001"]) == 2
        assert "tables of care/" in capfd.readouterr().err


def test_without_the_key_of_pseudonyms_nothing_is_erased(project, monkeypatch):
    monkeypatch.delenv("CARE_KEY")
    with pytest.raises(PrivacyStop, match="the secret CARE_KEY is not set, and the pseudonym of the person follows"):
        erase(project, judged(project), "people", None, NOW)


def test_under_another_key_nothing_is_erased(project, monkeypatch):
    monkeypatch.setenv("CARE_KEY", "another key of more than sixteen")
    with pytest.raises(PrivacyStop, match="CARE_KEY is another key than the run was made with"):
        erase(project, judged(project), "people", None, NOW)


def test_an_empty_key_is_refused(project):
    with pytest.raises(UsageError, match="the key of the person is empty"):
        erase(project, " ", None, None, NOW)
    assert os.environ["CARE_KEY"] == KEY


class TestWhatIsMarked:
    def test_runs_list_and_predict_say_that_models_learned_from_somebody_erased(self, project, capfd):
        erase(project, "PERSON-004", "people", None, NOW)
        assert call(["runs", "list"]) == 0
        assert capfd.readouterr().out.count("learned from a person erased since: run it again") == 2
        plain = next(folder for folder in folders(project) if "plain" in str(folder))
        new = "person,age,won\nPERSON-900,40,\n"
        Path("new.csv").write_text(new)
        assert (
            call(["predict", f"care/plain/{plain.name}", "--data", "people=new.csv", "--data", "visits=visits.csv"])
            == 0
        )
        assert "the models learned from a person who has been erased since" in capfd.readouterr().err


class TestRetentionOfRuns:
    @pytest.fixture
    def old(self, project):
        """Both runs say how long they may be kept, and the plain one began long ago."""
        import sartor

        file = Path("plain.yaml")
        file.write_text(file.read_text() + "\n")
        (Path("kept.yaml")).write_text(
            RECIPE.replace("NAME", "kept").replace("PRIVACY", "privacy: {retention: {runs: 10 days}}")
        )
        folder = sartor.run("kept.yaml").folder
        record = json.loads((folder / "record.json").read_text())
        (folder / "record.json").write_text(json.dumps({**record, "started": "2024-01-01T00:00:00+00:00"}))
        for entry in (project.runs / ".cache").rglob("*"):
            if entry.is_file() and entry.name != "entry.json":
                os.utime(entry, (1_700_000_000, 1_700_000_000))
        return folder

    def test_is_told_by_a_verb_and_kept_by_gc(self, old, project, capfd):
        assert call(["privacy", "retention"]) == 1
        out = capfd.readouterr().out
        assert f"care/kept/{old.name}" in out
        assert "1 run and" in out
        assert call(["runs", "gc", "--keep", "5"]) == 0
        assert not old.exists()
        assert len(folders(project)) == 2
        assert call(["privacy", "retention"]) == 0
        assert capfd.readouterr().out.endswith("nothing is older than it may be kept\n")


def test_why_an_erased_person_was_answered_so_is_not_told_though_the_source_still_has_them(project, capsys):
    folder = next(one for one in folders(project) if "plain" in str(one))
    gone, kept = pd.read_parquet(folder / "predictions.parquet")["row"].astype(str).iloc[:2]
    erase(project, gone, "people", None, NOW)
    assert call(["explain", str(folder), "--row", gone]) == 3
    said = " ".join(capsys.readouterr().err.split())
    assert f"persons were erased from this run, and it no longer tells of row '{gone}' P045" in said
    assert call(["explain", str(folder), "--row", kept]) == 0
    assert f"{kept}: logistic answers" in capsys.readouterr().out
    # Who only taught may be who was erased: nobody can tell, so none is told of.
    told = {*pd.read_parquet(folder / "predictions.parquet")["row"], gone, "PERSON-003", "PERSON-050"}
    taught = next(f"PERSON-{n:03d}" for n in range(120) if f"PERSON-{n:03d}" not in told)
    assert call(["explain", str(folder), "--row", taught]) == 3
