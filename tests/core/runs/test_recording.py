"""A run's folder is there whole or not at all: killed runs, two at once, full disks, clocks that go backwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from datetime import datetime

import pytest

from sartor.errors import UsageError
from sartor.recipe.project import Project
from sartor.runs.heads import read_heads
from sartor.runs.naming import new_run_id
from sartor.runs.part import Owner, owner_of, part_of
from sartor.runs.recording import Recorder
from sartor.runs.verifying import verify

NOON = datetime(2026, 11, 24, 12, 0)


@pytest.fixture
def place(tmp_path):
    return Project(tmp_path)


class TestTheRecord:
    def test_it_tells_where_the_data_is_from_and_what_is_made_up(self, recorded):
        record = json.loads((recorded.first / "record.json").read_text())
        assert record["tables"] == {"people": {"source": "made by a test", "simulated": False}}
        assert record["components"]["models.tree"] == "learn.tree"
        assert (record["answers"], record["classes"]) == ("probability", ["0", "1"])

    def test_a_brief_of_it_is_enough_for_a_list(self, recorded):
        brief = json.loads((recorded.first / "record.json").read_text())["brief"]
        metrics = json.loads((recorded.first / "metrics.json").read_text())
        assert brief["champion"] == "tree"
        assert brief["gates"] == {"passed": 1, "failed": 0}
        assert brief["metric"]["value"] == metrics["models"]["tree"]["metrics"]["auc"]["value"]
        assert brief["headline"] == metrics["headline"]

    def test_what_must_repeat_holds_neither_clock_time_nor_name(self, recorded):
        run = recorded.first.name
        for name in ("metrics.json", "predictions.parquet", "decisions.parquet", "worth.parquet"):
            content = (recorded.first / name).read_bytes()
            assert run.encode() not in content
            assert b"2026-" not in content

    def test_what_decisions_were_worth_adds_up_to_the_value_that_was_judged(self, recorded):
        import pandas as pd

        worth = pd.read_parquet(recorded.first / "worth.parquet")
        metrics = json.loads((recorded.first / "metrics.json").read_text())
        assert list(worth.columns) == ["accept"]
        assert worth["accept"].sum() == metrics["models"]["tree"]["value"]["value"]
        assert len(worth) == metrics["rows"]["test"]

    def test_rows_that_depend_on_each_other_share_a_number_and_not_their_name(self, record, place, recipe, people):
        import pandas as pd

        table = people().assign(house=lambda frame: "house-" + (frame["id"] // 4).astype(str))
        text = recipe.replace("outcome: won", "outcome: won, group: house")
        folder = record(place, text, table).folder
        stored = pd.read_parquet(folder / "predictions.parquet")
        assert (stored["group"] == stored["row"] // 4).all()
        assert b"house-7" not in (folder / "predictions.parquet").read_bytes()

    def test_the_resolved_recipe_names_files_from_one_folder(self, plugins, shop, tmp_path):
        from sartor.running import run_recipe

        base, own = tmp_path / "bases", tmp_path / "mine"
        for folder in (base / "data", own):
            folder.mkdir(parents=True)
        (base / "data" / "numbers.txt").write_text("1 2 3")
        (base / "base.yaml").write_text(
            "format: 1\nrecipe: base\nabstract: true\n"
            "ingest: {numbers: {use: shop.lines, key: id, with: {path: data/numbers.txt}}}\n"
        )
        (own / "mine.yaml").write_text("format: 1\nrecipe: mine\nextends: ../bases/base.yaml\n")
        folder = run_recipe(own / "mine.yaml", project=Project(tmp_path), plugins=plugins).folder
        assert "path: ../bases/data/numbers.txt" in (folder / "resolved.yaml").read_text().replace('"', "")
        assert json.loads((folder / "record.json").read_text())["folder"] == "mine"


class TestNames:
    def test_a_name_that_was_ever_taken_is_not_given_again(self, place):
        place.runs.mkdir()
        taken = [{"recipe": "a", "run": new_run_id(lambda name: False, NOON)} for _ in range(3)]
        (place.runs / "heads.jsonl").write_text("".join(f"{json.dumps(head)}\n" for head in taken))
        names = set()
        for _ in range(961 - 3):
            with Recorder.begin(place.runs, "shop/win", NOON) as recorder:
                names.add(recorder.run_id)
                (place.runs / "shop" / "win" / recorder.run_id).mkdir()
        assert len(names) == 961 - 3
        assert names.isdisjoint(head["run"] for head in taken)

    def test_more_runs_in_one_minute_than_two_characters_can_tell_apart_get_longer_names(self):
        names = {new_run_id(lambda name: len(name) < len("1124-1200-abc"), NOON) for _ in range(5)}
        assert {len(name) for name in names} == {len("1124-1200-abc")}

    def test_a_run_of_the_same_day_of_another_year_keeps_its_name_to_itself(self, record, place, monkeypatch):
        monkeypatch.setattr("sartor.runs.naming.ALPHABET", "a")
        first, second = record(place), record(place)
        assert first.run_id != second.run_id
        assert verify(first.folder).untouched
        assert verify(second.folder).untouched


class TestAPart:
    def test_it_is_marked_with_its_process_and_gone_when_the_run_is_in_place(self, place):
        with Recorder.begin(place.runs, "shop/win", NOON) as recorder:
            assert recorder.folder == part_of(place.runs / "shop" / "win", recorder.run_id)
            owner = owner_of(recorder.folder)
            assert owner == Owner.here()
            assert owner.is_alive
            recorder.text("a.txt", "a")
            assert set(recorder.digests()) == {"a.txt"}
            recorder.finish([{"stage": "record", "files": recorder.digests()}])
        assert not recorder.folder.exists()
        assert recorder.target.is_dir()

    def test_a_run_that_fails_leaves_no_folder_behind(self, place):
        with pytest.raises(ZeroDivisionError), Recorder.begin(place.runs, "shop/win/deep", NOON):
            raise ZeroDivisionError
        assert not place.runs.exists()
        place.runs.mkdir()
        with pytest.raises(ZeroDivisionError), Recorder.begin(place.runs, "shop/win/deep", NOON):
            raise ZeroDivisionError
        assert list(place.runs.iterdir()) == [], "an empty folder that was there before stays"

    def test_a_process_that_has_ended_is_not_taken_for_a_later_one_with_its_number(self):
        here = Owner.here()
        assert not Owner(here.machine, here.process, "began long ago").is_alive
        ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
        assert not Owner(here.machine, int(ended.stdout), "").is_alive

    def test_of_a_process_on_another_machine_nothing_is_known(self):
        assert Owner("elsewhere", 1, "").is_alive

    def test_a_name_that_another_run_takes_in_between_is_left_to_it(self, place):
        target = place.runs / "shop" / "win" / "1124-1200-aa"
        target.mkdir(parents=True)
        with pytest.raises(FileExistsError):
            Recorder(place.runs, "shop/win", "1124-1200-aa")
        assert [path.name for path in target.parent.iterdir()] == ["1124-1200-aa"]


class TestTrouble:
    def test_a_project_that_cannot_be_written_ends_the_run_before_its_work(self, record, place, shop):
        (place.root / "runs").write_text("a file, not a folder")
        with pytest.raises(
            UsageError, match=r"the run cannot be recorded in .*runs: (not a directory|file exists)  U020"
        ) as caught:
            record(place)
        assert "name a folder that you may write: runs in sartor.toml" in str(caught.value)
        (place.root / "runs").unlink()
        (place.root / "runs").mkdir()
        (place.root / "runs" / "shop").write_text("")
        with pytest.raises(UsageError, match=r"cannot be recorded in .*: (not a directory|file exists)"):
            record(place)

    @pytest.mark.parametrize("full_at", [1, 2], ids=["judgements.jsonl", "heads.jsonl"])
    def test_a_disk_that_is_full_leaves_nothing_half_written(self, record, place, monkeypatch, full_at):
        real, calls = os.write, []

        def write(descriptor, content):
            calls.append(len(content))
            if len(calls) == full_at:
                return real(descriptor, content[:7])
            if len(calls) == full_at + 1:
                raise OSError(28, "No space left on device")
            return real(descriptor, content)

        monkeypatch.setattr("sartor.runs.appending.os.write", write)
        with pytest.raises(UsageError, match=r"the run cannot be recorded in .*: no space left on device  U020"):
            record(place)
        assert not (place.runs / "shop").exists()
        for log in ("judgements.jsonl", "heads.jsonl"):
            if (place.runs / log).exists():
                assert all(json.loads(line) for line in (place.runs / log).read_text().splitlines())

    def test_a_disk_that_is_full_while_tables_are_written(self, record, place, monkeypatch):
        def full(*_, **__):
            raise OSError(28, "No space left on device")

        first = record(place).folder
        logs = [(place.runs / log).read_bytes() for log in ("heads.jsonl", "judgements.jsonl")]
        # The stages before have kept everything; what is left to write is the run's folder.
        monkeypatch.setattr("pyarrow.parquet.write_table", full)
        with pytest.raises(UsageError, match=r"no space left on device  U020"):
            record(place)
        assert list(first.parent.iterdir()) == [first]
        assert [(place.runs / log).read_bytes() for log in ("heads.jsonl", "judgements.jsonl")] == logs

    def test_two_runs_at_once_in_one_project_are_both_whole(self, place):
        (place.root / "sartor.toml").write_text("")
        (place.root / "two.yaml").write_text(
            textwrap.dedent("""
            format: 1
            recipe: two
            ingest: {applications: {use: samples.german_credit, key: application_id}}
            privacy: {columns: {personal_status_and_sex: drop, age_in_years: drop, foreign_worker: drop}}
            task: {use: learn.classification, with: {outcome: creditability, positive: bad}}
            split: {hash: 0.3}
            models: {tree: {use: learn.tree, with: {depth: 2}}}
            judge: {redraws: 100}
            """)
        )
        command = [sys.executable, "-m", "sartor.cli", "run", "two.yaml", "--json"]
        running = [
            subprocess.Popen(command, cwd=place.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        ended = [process.communicate(timeout=100) for process in running]
        assert [process.returncode for process in running] == [0, 0, 0], ended
        names = {json.loads(out)["run"] for out, _ in ended}
        folders = [place.runs / "two" / name for name in names]
        assert len(folders) == 3
        assert all(verify(folder, runs=place.runs) == verify(folder) for folder in folders)
        assert all(verify(folder).untouched and not verify(folder).notes for folder in folders)
        assert len({(folder / "metrics.json").read_bytes() for folder in folders}) == 1
        assert len((place.runs / "judgements.jsonl").read_text().splitlines()) == 3
        assert {path.name for path in (place.runs / "two").iterdir()} == names

    def test_a_killed_run_leaves_a_part_whose_process_is_gone(self, place):
        code = (
            "import os, signal, sys; from datetime import datetime; from pathlib import Path\n"
            "from sartor.runs.recording import Recorder\n"
            "recorder = Recorder.begin(Path(sys.argv[1]), 'shop/win', datetime.now())\n"
            "recorder.text('half.json', '{')\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        subprocess.run([sys.executable, "-c", code, str(place.runs)], check=False, timeout=60)
        (part,) = (place.runs / "shop" / "win").iterdir()
        assert part.name.endswith(".part")
        owner = owner_of(part)
        assert owner is not None
        assert not owner.is_alive
        assert not read_heads(place.runs / "heads.jsonl")[0]
