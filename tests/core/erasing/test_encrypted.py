"""A person is erased from encrypted runs as well, where their key is at hand, and nothing plain touches the disk."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from sartor.cli.endings import call
from sartor.erasing.erase import erase, look_for
from sartor.errors import PrivacyStop
from sartor.recipe.project import Project
from sartor.runs.finding import all_runs
from sartor.runs.verifying import verify
from sartor.sealing.folders import opened

pytestmark = pytest.mark.needs("cryptography")

NOW = datetime(2026, 11, 24, 12).astimezone()
KEY = base64.b64encode(bytes([5]) * 32).decode()
RECIPE = """
format: 1
recipe: care/NAME
ingest:
  people:
    use: tables.csv
    key: person
    with: {path: people.csv}
    contract: {columns: {age: {between: [0, 120], otherwise: set_aside}}}
privacy: {PRIVACY}
task: {use: learn.classification, with: {table: people, outcome: won}}
split: {hash: 0.3}
models: {logistic: {use: learn.logistic}}
actions: {loan: {use: finance.credit_decision, with: {loss_given_default: 0.6, margin: 0.1, amount_per_loan: 100}}}
judge: {redraws: 100}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A project with an encrypted run and a plain one, made once."""
    import sartor

    root = tmp_path_factory.mktemp("erasing")
    (root / "sartor.toml").write_text("report = false\n")
    numbers = range(120)
    people = {"person": [f"PERSON-{n:03d}" for n in numbers], "age": [20 + n % 60 for n in numbers]}
    people = pd.DataFrame(people | {"won": [(n * 7) % 3 % 2 for n in numbers]})
    people.loc[[3, 50], "age"] = 300
    people.to_csv(root / "people.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("CARE_KEY", KEY)
        for name, privacy in (("sealed", "encrypt: {key: secret:CARE_KEY}"), ("plain", "smallest_group: 10")):
            (root / f"{name}.yaml").write_text(RECIPE.replace("NAME", name).replace("PRIVACY", privacy))
            sartor.run(root / f"{name}.yaml")
    return root


@pytest.fixture
def project(made, tmp_path, monkeypatch) -> Project:
    """A copy of it, none of whose runs was opened yet, and stand in it."""
    root = tmp_path / "project"
    shutil.copytree(made, root)
    monkeypatch.chdir(root)
    monkeypatch.setenv("CARE_KEY", KEY)
    return Project(root)


def folder_of(project: Project, recipe: str) -> Path:
    return next(run.folder for run in all_runs(project.runs) if run.recipe == f"care/{recipe}")


def judged(project: Project) -> str:
    return str(pd.read_parquet(folder_of(project, "plain") / "predictions.parquet")["row"].iloc[0])


def holds(root: Path, text: str) -> list[str]:
    """Files that hold it, in bytes or in cells."""
    found = []
    for file in sorted(root.rglob("*")):
        content = file.read_bytes() if file.is_file() else b""
        cells = pd.read_parquet(file).astype(str).to_csv() if content.startswith(b"PAR1") else ""
        if text in cells or text.encode() in content:
            found.append(file.relative_to(root).as_posix())
    return found


def test_a_person_is_gone_from_an_encrypted_run_and_verify_says_that_it_was_lawful(project):
    sealed, person = folder_of(project, "sealed"), judged(project)
    before = {file.name: len(pd.read_parquet(file)) for file in opened(sealed).glob("*.parquet")}
    # The search finds the person in what is opened, and in no byte of what lies on the disk.
    assert {"predictions.parquet", "decisions.parquet"} <= set(holds(opened(sealed), person))
    assert holds(sealed, person) == []
    done = erase(project, person, "people", None, NOW)
    assert done.left == []
    assert not [one for one in done.unsure if one.unsure]
    assert {one.run.recipe for one in done.found} == {"care/sealed", "care/plain"}
    assert holds(opened(sealed), person) == []
    assert holds(project.runs, person) == []
    after = {file.name: len(pd.read_parquet(file)) for file in opened(sealed).glob("*.parquet")}
    lost = {name: before[name] - after[name] for name in before}
    assert lost["predictions.parquet"] == lost["decisions.parquet"] == 1
    # Nothing plain came to the disk: what is changed is encrypted, as it was.
    for name in ("predictions.parquet", "decisions.parquet"):
        assert (sealed / name).read_bytes().startswith(b"SARTOR-SEALED-1\n")
    checked = verify(sealed, runs=project.runs)
    assert checked.untouched, checked.findings
    assert any("of one person" in note and "erased on 2026-11-24" in note for note in checked.notes)
    receipt = done.receipts[-1]
    said = hmac.new(bytes.fromhex(receipt["salt"]), person.encode(), hashlib.sha256).hexdigest()
    assert said == receipt["person"]
    assert receipt["person"] in (sealed / "ledger.jsonl").read_text()
    assert {one["run"].split("/")[1] for one in receipt["runs"]} == {"sealed", "plain"}
    assert receipt["not_reached"] == []
    assert look_for(project, person, "people", None).nobody


def test_lines_in_quarantine_and_models_that_learned_are_reached_as_well(project):
    done = erase(project, "PERSON-003", "people", None, NOW)
    sealed = folder_of(project, "sealed")
    assert {one.run.recipe: set(one.masks) for one in done.found}["care/sealed"] == {"quarantine/people.parquet"}
    assert len(pd.read_parquet(opened(sealed) / "quarantine" / "people.parquet")) == 1
    learned = next(
        f"PERSON-{n:03d}" for n in range(4, 50)
        if f"PERSON-{n:03d}" not in set(pd.read_parquet(opened(sealed) / "predictions.parquet")["row"])
    )  # fmt: skip
    # Its cache went with the first one: who is in none of its files may have been among what it learned from.
    assert not list((project.runs / ".cache").glob("sealed-ingest/*/entry.json"))
    again = erase(project, learned, "people", None, NOW)
    assert all(one.run.recipe in ("care/sealed", "care/plain") for one in again.found)
    assert verify(sealed, runs=project.runs).untouched


def test_who_was_learned_from_is_known_by_the_encrypted_cache_and_marked_in_the_open(project, capfd):
    sealed = folder_of(project, "sealed")
    told = set(pd.read_parquet(opened(sealed) / "predictions.parquet")["row"])
    learned = next(f"PERSON-{n:03d}" for n in range(4, 50) if f"PERSON-{n:03d}" not in told)
    done = erase(project, learned, "people", None, NOW)
    assert [one.trained for one in done.found] == [True, True]
    assert json.loads((sealed / "erased.json").read_text())["erasures"][0]["trained"] is True
    assert call(["runs", "list"]) == 0
    assert capfd.readouterr().out.count("learned from a person erased since: run it again") == 2


@pytest.mark.parametrize(
    "killed_at", [pytest.param(step, marks=[] if step in (5, 9) else pytest.mark.slow) for step in range(1, 15)]
)
def test_killed_at_any_step_it_is_whole_or_not_at_all(project, monkeypatch, killed_at, erase_until):
    """Behind every step the process may die."""
    person, sealed = judged(project), folder_of(project, "sealed")
    begun = erase_until(project, person, killed_at)
    assert not begun or holds(project.runs / ".erasing", person) == []
    if not begun:
        assert verify(sealed, runs=project.runs).untouched
    else:
        with monkeypatch.context() as patch:
            patch.delenv("CARE_KEY")
            before = {file: file.read_bytes() for file in project.runs.rglob("*") if file.is_file()}
            with pytest.raises(PrivacyStop, match="CARE_KEY is missing"):
                erase(project, person, "people", None, NOW)
            assert {file: file.read_bytes() for file in project.runs.rglob("*") if file.is_file()} == before
    erase(project, person, "people", None, NOW)
    assert holds(opened(sealed), person) == []
    assert holds(project.runs, person) == []
    assert verify(sealed, runs=project.runs).untouched
    assert (sealed / "ledger.jsonl").read_text().count('"stage":"erase"') == 1


def test_without_the_key_plain_runs_are_erased_and_the_encrypted_one_is_named(project, monkeypatch, capfd):
    person, sealed = judged(project), folder_of(project, "sealed")
    before = (sealed / "predictions.parquet").read_bytes()
    monkeypatch.delenv("CARE_KEY")
    assert call(["privacy", "erase", "--key", person, "--table", "people", "--receipt", "receipt.json"]) == 1
    out = capfd.readouterr().out
    assert f"! care/sealed/{sealed.name} was not reached: it is encrypted: the key secret:CARE_KEY is missing" in out
    assert (sealed / "predictions.parquet").read_bytes() == before
    receipt = json.loads(Path("receipt.json").read_text())
    assert [one["run"] for one in receipt["not_reached"]] == [f"care/sealed/{sealed.name}"]
    # With the key the rest is done.
    monkeypatch.setenv("CARE_KEY", KEY)
    assert call(["privacy", "erase", "--key", person, "--table", "people"]) == 0
    assert holds(opened(sealed), person) == []


def test_an_encrypted_run_that_was_tampered_with_is_named_and_left_alone(project):
    person, sealed = judged(project), folder_of(project, "sealed")
    file = sealed / "metrics.json"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    before = (sealed / "predictions.parquet").read_bytes()
    done = erase(project, person, "people", None, NOW)
    assert [one.run.recipe for one in done.unsure] == ["care/sealed"]
    assert "metrics.json of run" in done.unsure[0].unsure
    assert (sealed / "predictions.parquet").read_bytes() == before
