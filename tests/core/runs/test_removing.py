"""`sartor runs gc` removes what is old, and never what is being written."""

from __future__ import annotations

import json
import os
import time
from datetime import datetime, timedelta

import pytest

from sartor.errors import UsageError
from sartor.recipe.project import Project
from sartor.runs.cache import Cache
from sartor.runs.finding import all_runs
from sartor.runs.part import Owner, part_of
from sartor.runs.removing import removal, remove

NOW = datetime.now().astimezone()
MONTH_AGO = NOW - timedelta(days=30)


@pytest.fixture
def place(tmp_path):
    (tmp_path / "runs").mkdir()
    return Project(tmp_path)


@pytest.fixture
def make(place):
    def run(name, days):
        recipe, _, run_id = name.rpartition("/")
        folder = place.runs / recipe / run_id
        folder.mkdir(parents=True)
        started = (NOW - timedelta(days=days)).isoformat()
        (folder / "record.json").write_text(json.dumps({"started": started}))
        return folder

    return run


def wanted(place, before=MONTH_AGO, keep=1, unused_since=MONTH_AGO):
    return removal(place, before=before, keep=keep, unused_since=unused_since)


class TestRuns:
    def test_those_go_that_are_older_than_was_said_but_the_newest_of_each_recipe_stays(self, make, place):
        for name, days in (("a/1", 1), ("a/2", 29), ("a/3", 31), ("a/4", 90), ("b/1", 400), ("b/2", 500)):
            make(name, days)
        found = wanted(place)
        assert [run.name for run in found.runs] == ["a/3", "a/4", "b/2"]
        remove(place, found, MONTH_AGO)
        assert [run.name for run in all_runs(place.runs)] == ["a/1", "a/2", "b/1"]

    def test_as_many_of_each_recipe_stay_as_was_said_whatever_their_age(self, make, place):
        for number, days in enumerate((40, 50, 60, 70)):
            make(f"a/{number}", days)
        assert [run.run for run in wanted(place, keep=3).runs] == ["3"]
        assert [run.run for run in wanted(place, keep=0).runs] == ["0", "1", "2", "3"]
        assert wanted(place, keep=10).runs == ()

    def test_without_an_age_all_but_the_newest_go(self, make, place):
        for number in range(3):
            make(f"a/{number}", number)
        assert [run.run for run in wanted(place, before=None, keep=1).runs] == ["1", "2"]

    def test_looking_removes_nothing(self, make, place):
        make("a/1", 90)
        found = wanted(place, keep=0)
        assert found.size == sum(path.stat().st_size for path in place.runs.rglob("record.json"))
        assert [run.name for run in all_runs(place.runs)] == ["a/1"]

    def test_a_run_of_a_clock_that_was_ahead_is_not_old(self, make, place):
        make("a/1", -3)
        make("a/2", -2)
        assert wanted(place, keep=0).runs == ()

    def test_a_run_whose_record_cannot_be_read_stays_and_is_named(self, make, place):
        (make("a/1", 90) / "record.json").write_text("{")
        found = wanted(place, before=None, keep=0)
        assert ([run.name for run in found.runs], [run.name for run in found.unreadable]) == ([], ["a/1"])

    def test_folders_of_recipes_that_are_empty_now_go_too(self, make, place):
        make("a/b/c/1", 90)
        make("a/2", 90)
        remove(place, wanted(place, keep=0), MONTH_AGO)
        assert [path.name for path in place.runs.iterdir()] == ["heads.jsonl"]

    def test_the_project_remembers_what_was_removed_so_that_the_name_is_not_given_again(self, make, place):
        make("a/1124-1200-aa", 90)
        remove(place, wanted(place, keep=0), MONTH_AGO)
        (said,) = map(json.loads, (place.runs / "heads.jsonl").read_text().splitlines())
        assert (said["recipe"], said["run"]) == ("a", "1124-1200-aa")
        assert said["removed"][:10] == NOW.date().isoformat()

    def test_what_somebody_else_has_removed_meanwhile_is_no_error(self, make, place):
        folder = make("a/1", 90)
        found = wanted(place, keep=0)
        (folder / "record.json").unlink()
        folder.rmdir()
        remove(place, found, MONTH_AGO)

    def test_one_that_cannot_be_removed_is_named_and_the_others_are_gone(self, make, place, monkeypatch):
        for number in range(3):
            make(f"a/{number}", 90 + number)
        found = wanted(place, keep=0)
        real = type(place.root).rename

        def rename(path, target):
            if path.name == "1":
                raise PermissionError(13, "Permission denied")
            return real(path, target)

        monkeypatch.setattr(type(place.root), "rename", rename)
        with pytest.raises(UsageError, match=r"a/1 cannot be removed: permission denied  U065"):
            remove(place, found, MONTH_AGO)
        assert [run.name for run in all_runs(place.runs)] == ["a/1"]

    def test_on_a_full_disk_too(self, make, place, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        folder = make("a/1", 90)
        monkeypatch.setattr("sartor.runs.appending.os.write", full)
        remove(place, wanted(place, keep=0), MONTH_AGO)
        assert not folder.exists()
        assert not list(place.runs.rglob("*.gone"))

    def test_a_project_without_runs(self, tmp_path):
        found = wanted(Project(tmp_path / "nowhere"))
        assert (found.runs, found.leftovers, found.cached, found.size) == ((), (), 0, 0)
        remove(Project(tmp_path / "nowhere"), found, MONTH_AGO)
        assert not (tmp_path / "nowhere").exists()


class TestLeftovers:
    @pytest.fixture
    def part(self, place):
        def make(run, owner=None, age=0.0):
            folder = part_of(place.runs / "a", run)
            folder.mkdir(parents=True)
            (folder / "half.json").write_text("{")
            if owner:
                owner.mark(folder)
            when = time.time() - age
            os.utime(folder, (when, when))
            return folder

        return make

    def test_a_run_that_is_being_written_stays_however_old(self, part, place):
        part("1", Owner.here(), age=90 * 86400)
        assert wanted(place, before=None, keep=0, unused_since=NOW).leftovers == ()

    def test_one_whose_process_has_ended_goes(self, part, place):
        here = Owner.here()
        left = part("1", Owner(here.machine, here.process, "another life"))
        found = wanted(place)
        assert found.leftovers == (left,)
        remove(place, found, MONTH_AGO)
        assert not left.exists()

    def test_of_another_machine_only_what_is_old_goes(self, part, place):
        part("1", Owner("elsewhere", 1, ""), age=86400)
        old = part("2", Owner("elsewhere", 1, ""), age=31 * 86400)
        assert wanted(place).leftovers == (old,)

    def test_one_that_nobody_has_marked_yet_gets_an_hour(self, part, place):
        part("1", age=60)
        old = part("2", age=7200)
        assert wanted(place).leftovers == (old,)

    def test_a_run_whose_removal_was_interrupted_goes(self, place):
        gone = place.runs / "a" / ".1124-1200-aa.gone"
        gone.mkdir(parents=True)
        assert wanted(place).leftovers == (gone,)

    def test_other_hidden_folders_are_somebody_elses(self, place):
        for name in (".git", ".cache/parts/x.part", "a/.notes"):
            (place.runs / name).mkdir(parents=True)
        assert wanted(place).leftovers == ()


class TestTheCache:
    def test_entries_go_that_were_not_used_since(self, place):
        cache = Cache(place.runs / ".cache")
        for key in ("old", "new"):
            cache.make("fit", key, lambda folder: (folder / "model.bin").write_bytes(b"123") and {})
        old = place.runs / ".cache" / "fit" / "old" / "entry.json"
        when = time.time() - 31 * 86400
        os.utime(old, (when, when))
        found = wanted(place)
        assert (found.cached, found.size) == (1, 3 + old.stat().st_size)
        remove(place, found, MONTH_AGO)
        assert [path.name for path in (place.runs / ".cache" / "fit").iterdir()] == ["new"]
