"""A run whose recipe asks for it is encrypted: on no disk is a plain byte of it, and every verb still reads it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sartor
from sartor.access import log
from sartor.access.door import enter_run
from sartor.errors import InputError, PrivacyStop, UsageError
from sartor.recipe.project import Project
from sartor.running import run_recipe
from sartor.runs.finding import all_runs, find_run
from sartor.runs.ledger import LEDGER
from sartor.runs.repeating import repeat
from sartor.runs.verifying import verify
from sartor.sealing import folders, keys, rotating, views
from sartor.sealing.folders import opened
from sartor.sealing.keys import FILE, load_key, new_key
from sartor.sealing.rotating import rotate

pytestmark = pytest.mark.needs("cryptography")

CANARY = b"canary-"
MAGIC = (b"PAR1", b"PK\x03\x04", b"ARROW1")
RECIPE = """\
format: 1
recipe: bank/loans
currency: EUR
ingest:
  people:
    use: tables.csv
    with: {path: ../people.csv}
    key: id
    contract: {columns: {age: {type: integer, between: [18, 99], otherwise: set_aside}}}
privacy: {encrypt: {key: secret:BANK_KEY}}
access: {read_person: [care]}
task: {use: learn.classification, with: {outcome: bad}}
split: {hash: 0.3}
models: {logistic: {use: learn.logistic}}
actions: {loan: {use: finance.credit_decision, with: {loss_given_default: 0.6, margin: 0.1, amount_per_loan: 100}}}
judge: {redraws: 100}
"""


def key_text(byte: int) -> str:
    return base64.b64encode(bytes([byte]) * 32).decode()


def write_project(root: Path, lines: int = 240) -> Project:
    (root / "recipes").mkdir(parents=True)
    (root / "recipes" / "loans.yaml").write_text(RECIPE)
    made = ["id,age,income,bad"]
    for one in range(lines):
        age = 17 if one == 7 else 18 + one % 60
        made.append(f"canary-{one:04},{age},{(one * 37) % 101},{int((one * 37) % 101 + (one % 7) * 9 < 60)}")
    (root / "people.csv").write_text("\n".join(made) + "\n")
    (root / "sartor.toml").write_text("report = false\n")
    return Project.at(root)


def plain_in(*places: Path) -> list[str]:
    """Return the files in which there is a canary, or the beginning or end of a Parquet, zip or Arrow file."""
    found = []
    for file in sorted(path for place in places for path in place.rglob("*") if path.is_file()):
        if file.name == "people.csv":
            continue
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            continue
        if CANARY in content or content[:4] in MAGIC or content[-4:] == b"PAR1":
            found.append(str(file))
    return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A project with one encrypted run, recorded in this process; only copies of it are changed."""
    before = os.environ.get("BANK_KEY")
    os.environ["BANK_KEY"] = key_text(1)
    root = tmp_path_factory.mktemp("bank")
    project = write_project(root)
    run = run_recipe(root / "recipes" / "loans.yaml", project=project)
    yield project, run
    os.environ.pop("BANK_KEY")
    if before is not None:
        os.environ["BANK_KEY"] = before


@pytest.fixture
def copy(recorded, tmp_path, monkeypatch):
    """A copy of the project, none of whose runs was opened yet, and the folder of its run."""
    monkeypatch.setenv("BANK_KEY", key_text(1))
    shutil.copytree(recorded[0].root, tmp_path / "bank")
    project = Project.at(tmp_path / "bank")
    return project, all_runs(project.runs)[0].folder


class TestAtRest:
    def test_no_plain_byte_lies_in_the_project(self, recorded):
        project, run = recorded
        assert not plain_in(project.root)
        # The same search finds all of it where it was opened.
        names = {Path(found).name for found in plain_in(run.folder)}
        assert {"decisions.parquet", "predictions.parquet"} <= names
        assert any(b"canary-0007" in file.read_bytes() for file in run.folder.rglob("*") if file.is_file())

    def test_its_cache_is_encrypted_and_found_again(self, copy, recorded):
        project, first = copy[0], recorded[1]
        sizes = sorted((project.runs / ".cache").glob("sealed-*/*"))
        assert {place.parent.name for place in sizes} == {"sealed-ingest", "sealed-features", "sealed-fit"}
        times = [(place / "entry.json").stat().st_ino for place in sizes]
        again = run_recipe(project.root / "recipes" / "loans.yaml", project=project)
        assert sorted((project.runs / ".cache").glob("sealed-*/*")) == sizes
        assert [(place / "entry.json").stat().st_ino for place in sizes] == times
        assert (again.folder / "metrics.json").read_bytes() == (first.folder / "metrics.json").read_bytes()

    def test_says_where_its_temporary_files_are(self, recorded):
        assert any(
            "encrypted with key" in note["text"] and "(tmpfs)" in note["text"] for note in recorded[1].summary["notes"]
        )

    def test_what_shows_who_may_read_and_that_it_is_untouched_is_open(self, recorded):
        run = recorded[1]
        disk = views.origin_of(run.folder)
        assert json.loads((disk / "access.json").read_text())["access"] == {"read_person": ["care"]}
        assert b'"stage":"record"' in (disk / LEDGER).read_bytes()

    @pytest.mark.slow
    def test_a_killed_run_leaves_no_plain_byte_and_nothing_in_memory(self, tmp_path):
        write_project(tmp_path / "bank", 20_000)
        (tmp_path / "temporary").mkdir()
        environment = {**os.environ, "BANK_KEY": key_text(1), "TMPDIR": str(tmp_path / "temporary")}
        call = [sys.executable, "-m", "sartor.cli", "run", "recipes/loans.yaml"]
        quiet = subprocess.DEVNULL
        for stage in ("sealed-ingest", "sealed-features", "sealed-fit"):
            shutil.rmtree(tmp_path / "bank" / "runs", ignore_errors=True)
            running = subprocess.Popen(call, cwd=tmp_path / "bank", env=environment, stdout=quiet, stderr=quiet)
            due = tmp_path / "bank" / "runs" / ".cache" / stage
            while not due.is_dir():
                assert running.poll() is None
                assert not plain_in(tmp_path / "bank", tmp_path / "temporary")
            held = list(Path("/dev/shm").glob(f"sartor-{running.pid}-*"))
            assert held
            running.kill()
            running.wait()
            assert not plain_in(tmp_path / "bank", tmp_path / "temporary")
            end = time.monotonic() + 10
            while any(folder.exists() for folder in held):
                assert time.monotonic() < end, "what was in memory is still there"
                time.sleep(0.05)
        assert subprocess.run(call, cwd=tmp_path / "bank", env=environment, check=False).returncode == 0
        assert not plain_in(tmp_path / "bank", tmp_path / "temporary")


class TestReading:
    def test_is_verified_without_a_key(self, copy, monkeypatch):
        project, folder = copy
        monkeypatch.delenv("BANK_KEY")
        assert verify(folder, runs=project.runs).untouched

    def test_its_files_are_read_from_memory(self, copy):
        project, folder = copy
        view = enter_run("@last", project, "read_scores", "runs show").folder
        assert view != folder
        assert folders.read_sealed(folder, "metrics.json") == (view / "metrics.json").read_bytes()
        assert not view.is_relative_to(project.root)

    def test_repeats_byte_for_byte(self, copy):
        project, _ = copy
        run = enter_run("@last", project, "read_scores", "runs repro")
        assert repeat(run, project, lambda event: None).is_same
        assert not plain_in(project.root)

    def test_what_is_made_later_is_encrypted_and_entered(self, copy):
        from sartor.runs.ledger import enter

        project, folder = copy
        view = opened(folder, project)
        (view / "note.txt").write_text("canary-0001 was read and agreed")
        enter(view, view / "note.txt", by="hand")
        assert not plain_in(project.root)
        assert verify(folder, runs=project.runs).untouched
        assert folders.read_sealed(folder, "note.txt") == b"canary-0001 was read and agreed"

    def test_a_decision_is_proven(self, copy):
        from sartor.runs.proving import check, prove_decision

        project, folder = copy
        view = opened(folder, project)
        import pandas as pd

        key = str(pd.read_parquet(view / "decisions.parquet").iloc[0, 0])
        proof = prove_decision(view, key)
        assert check(proof).holds
        assert key in proof["entry"]


class TestWrong:
    def test_a_missing_key_is_named(self, copy, monkeypatch):
        project, folder = copy
        monkeypatch.delenv("BANK_KEY")
        why = "the key secret:BANK_KEY is missing: the environment variable is not set"
        with pytest.raises(PrivacyStop, match=why) as caught:
            opened(folder, project)
        # As where the key of pseudonyms is missing.
        assert caught.value.exit_code == 3
        with pytest.raises(PrivacyStop, match="secret:BANK_KEY is missing"):
            run_recipe(project.root / "recipes" / "loans.yaml", project=project)
        assert len(all_runs(project.runs)) == 1

    def test_a_wrong_key_is_told_from_the_right_one(self, copy, monkeypatch):
        project, folder = copy
        monkeypatch.setenv("BANK_KEY", key_text(2))
        with pytest.raises(PrivacyStop) as caught:
            opened(folder, project)
        right, wrong = keys.Key("", bytes([1]) * 32).id, keys.Key("", bytes([2]) * 32).id
        assert str(caught.value).startswith(f"bank/loans/{folder.name} is encrypted with key {right} (secret:BANK_KEY)")
        assert f"secret:BANK_KEY is {wrong}" in str(caught.value)
        assert caught.value.exit_code == 3

    @pytest.mark.parametrize("text", ["password", "", "00" * 31, base64.b64encode(bytes(16)).decode()])
    def test_a_password_is_no_key(self, tmp_path, text):
        (tmp_path / "a.key").write_text(text)
        with pytest.raises(PrivacyStop, match=r"a\.key holds no key: 32 random bytes"):
            load_key("a.key", tmp_path)

    def test_a_key_file_is_made_once_for_its_owner(self, tmp_path):
        made = new_key(tmp_path / "a.key")
        assert load_key("a.key", tmp_path).id == made.id
        assert (tmp_path / "a.key").stat().st_mode & 0o077 == 0
        with pytest.raises(UsageError, match="is already there, and a key is never written over"):
            new_key(tmp_path / "a.key")

    def test_a_changed_file_is_named_and_nothing_of_it_used(self, copy):
        project, folder = copy
        content = bytearray((folder / "metrics.json").read_bytes())
        content[-1] ^= 1
        (folder / "metrics.json").write_bytes(content)
        with pytest.raises(
            InputError, match=r"metrics\.json of run .* cannot be decrypted: it was changed, cut off or moved"
        ):
            opened(folder, project)

    def test_a_file_in_the_place_of_another_is_found(self, copy):
        project, folder = copy
        shutil.copyfile(folder / "summary.json", folder / "metrics.json")
        with pytest.raises(InputError, match=r"metrics\.json of run"):
            opened(folder, project)

    @pytest.mark.parametrize("file", ["keys.json", "access.json", "metrics.json", "trees.json", LEDGER])
    def test_a_changed_byte_is_found_without_a_key(self, copy, file):
        project, folder = copy
        whole = (folder / file).read_bytes()
        for place in range(0, len(whole), max(1, len(whole) // 25)):
            changed = bytearray(whole)
            changed[place] ^= 4
            (folder / file).write_bytes(changed)
            found = verify(folder, runs=project.runs).findings
            assert {one.part for one in found} == {file}, place

    def test_memory_that_is_a_disk_is_refused(self, copy, monkeypatch, tmp_path):
        from sartor.sealing import memory

        monkeypatch.setattr(memory, "kind_of", lambda folder: "ext4")
        monkeypatch.setenv(memory.VARIABLE, str(tmp_path))
        memory.memory_folder.cache_clear()
        try:
            with pytest.raises(UsageError, match="is not on a memory file system"):
                opened(copy[1], copy[0])
        finally:
            memory.memory_folder.cache_clear()


class TestRotation:
    @pytest.fixture
    def pair(self, monkeypatch, copy):
        monkeypatch.setenv("NEW_KEY", key_text(3))
        root = copy[0].root
        return load_key("secret:BANK_KEY", root), load_key("secret:NEW_KEY", root)

    def test_gives_runs_and_cache_another_key_and_encrypts_nothing_anew(self, copy, pair, monkeypatch):
        project, folder = copy
        before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
        done = rotate(project, *pair)
        assert (done.runs, done.entries, done.already, done.others) == (1, 3, 0, [])
        changed = {file.name for file, content in before.items() if file.read_bytes() != content}
        assert changed == {FILE, LEDGER}
        assert verify(folder, runs=project.runs).untouched
        monkeypatch.delenv("BANK_KEY")
        assert (opened(folder, project) / "metrics.json").is_file()
        assert rotate(project, *pair).already == 1

    @pytest.mark.parametrize("step", ["_write", "enter_told", "replace"])
    def test_broken_off_anywhere_it_is_readable_and_can_be_finished(self, copy, pair, monkeypatch, step):
        project, folder = copy

        def killed(*_, **__):
            raise KeyboardInterrupt

        with monkeypatch.context() as broken:
            if step == "replace":
                broken.setattr(Path, "replace", killed)
            else:
                broken.setattr(rotating, step, killed)
            with pytest.raises(KeyboardInterrupt):
                rotate(project, *pair)
        view = opened(folder, project)
        assert (view / "metrics.json").is_file()
        folders.close(view)
        rotate(project, *pair)
        monkeypatch.delenv("BANK_KEY")
        assert verify(folder, runs=project.runs).untouched
        assert (opened(folder, project) / "metrics.json").is_file()
        assert not (project.runs / rotating.PENDING).exists()

    def test_half_way_both_keys_open_what_is_theirs(self, copy, pair, monkeypatch):
        project, folder = copy
        (project.root / "sartor.toml").write_text('encryption_keys = ["secret:BANK_KEY", "secret:NEW_KEY"]\n')
        project = Project.at(project.root)
        again = views.origin_of(run_recipe(project.root / "recipes" / "loans.yaml", project=project).folder)
        rotating._run(folder, project, *pair, rotating.Rotated())
        assert keys.said_of(folder)["key_id"] == pair[1].id
        assert keys.said_of(again)["key_id"] == pair[0].id
        assert all((opened(one, project) / "metrics.json").is_file() for one in (folder, again))

    def test_another_key_is_left_alone(self, copy, pair, monkeypatch):
        project, folder = copy
        monkeypatch.setenv("OTHER", key_text(9))
        assert rotate(project, load_key("secret:OTHER", project.root), pair[1]).others == [f"bank/loans/{folder.name}"]


class TestAccess:
    def test_who_has_not_the_role_is_refused_with_the_rule(self, copy):
        project, folder = copy
        with pytest.raises(PrivacyStop) as caught:
            enter_run("@last", project, "read_person", "ledger prove", "canary-0003")
        assert caught.value.exit_code == 3
        said = str(caught.value)
        assert f"access of bank/loans/{folder.name}: read_person is asked for, and only care may" in said
        assert "name members in sartor.toml: [roles] care = [" in said

    def test_a_member_may_and_both_stand_in_the_log_without_the_person(self, copy):
        from sartor.access.callers import caller

        project, folder = copy
        user = caller(project).user
        with pytest.raises(PrivacyStop):
            enter_run("@last", project, "read_person", "ledger prove", "canary-0003")
        (project.root / "sartor.toml").write_text(f'[roles]\ncare = ["{user}"]\n')
        project = Project.at(project.root)
        enter_run("@last", project, "read_person", "ledger prove", "canary-0003")
        first, second = log.entries(project.runs)
        assert [first["allowed"], second["allowed"]] == [False, True]
        assert first["person"] == second["person"] == log.digest_of(project.runs, "canary-0003")
        assert (second["user"], second["verb"], second["run"]) == (user, "ledger prove", f"bank/loans/{folder.name}")
        assert CANARY not in (project.runs / log.FILE).read_bytes()

    def test_a_rule_that_was_loosened_by_hand_lets_nobody_in(self, copy):
        project, folder = copy
        (folder / "access.json").write_text('{"access": {}}')
        with pytest.raises(InputError, match=r"access\.json: changed"):
            enter_run("@last", project, "read_person", "predict")
        (folder / "access.json").unlink()
        with pytest.raises(InputError, match=r"access\.json: missing"):
            enter_run("@last", project, "read_person", "predict")

    def test_nothing_is_read_that_cannot_be_written_down(self, copy, monkeypatch):
        project, _ = copy

        def read_only(file):
            raise OSError(30, "Read-only file system", str(file))

        monkeypatch.setattr(log, "appending", read_only)
        with pytest.raises(PrivacyStop, match="the access log does not name, and it cannot be written: read-only file"):
            enter_run("@last", project, "read_scores", "runs show")

    def test_a_live_run_needs_the_right_to_deliver_before_it_begins(self, copy):
        project, _ = copy
        recipe = project.root / "recipes" / "loans.yaml"
        text = recipe.read_text().replace("{read_person: [care]}", "{deliver: [nobody-here]}")
        recipe.write_text(text + "deliver: {out: {use: tables.write, from: loan, with: {path: out.csv}}}\n")
        with pytest.raises(PrivacyStop, match="deliver is asked for, and only nobody-here may deliver decisions"):
            run_recipe(recipe, project=project, live=True)
        assert not (project.root / "out.csv").exists()


def test_a_name_of_a_run_is_found_whatever_the_key(copy, monkeypatch):
    project, folder = copy
    monkeypatch.delenv("BANK_KEY")
    assert find_run("@last", project).folder == folder
    assert sartor.check(project.root / "recipes" / "loans.yaml") == []


def test_an_erasure_without_the_key_empties_the_encrypted_cache_and_names_the_run_that_it_does_not_reach(
    copy, monkeypatch
):
    from datetime import datetime

    from sartor.erasing.erase import erase

    project, folder = copy
    monkeypatch.delenv("BANK_KEY")
    told = erase(project, "canary-0011", None, None, datetime.now().astimezone())
    why = "it is encrypted: the key secret:BANK_KEY is missing: the environment variable is not set"
    assert [(one.run.run, one.unsure) for one in told.unsure] == [(folder.name, why)]
    assert not list((project.runs / ".cache").glob("sealed-*/*/entry.json"))
    assert verify(folder, runs=project.runs).untouched
