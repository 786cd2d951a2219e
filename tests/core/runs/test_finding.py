"""A run is found by any of its names; all runs are listed in the order in which they were recorded."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from sartor.errors import InputError, UsageError
from sartor.recipe.project import Project
from sartor.runs.finding import all_runs, find_run, with_record

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


@pytest.fixture
def make(place):
    """Return a function that puts a run where it belongs; it was recorded after those that were made before."""

    def run(name, started=NOON, *, known=True):
        recipe, _, run_id = name.rpartition("/")
        folder = place.runs / recipe / run_id
        folder.mkdir(parents=True)
        record = {"recipe": recipe, "run": run_id, "started": started.isoformat()}
        (folder / "record.json").write_text(json.dumps(record))
        if known:
            with (place.runs / "heads.jsonl").open("a") as heads:
                heads.write(json.dumps({"recipe": recipe, "run": run_id, "head": "0", "lines": 1, "by": "run"}) + "\n")
        return folder

    return run


def names(place, recipe=""):
    return [run.name for run in all_runs(place.runs, recipe)]


class TestNames:
    def test_every_name_of_a_run_leads_to_it(self, make, place):
        folder = make("finance/credit/1124-1200-aa")
        make("finance/fraud/1124-1201-bb", NOON + timedelta(minutes=1))
        for name in (
            "1124-1200-aa",
            "finance/credit/1124-1200-aa",
            "runs/finance/credit/1124-1200-aa",
            "runs/finance/credit/1124-1200-aa/",
            "./runs/finance/../finance/credit/1124-1200-aa",
            str(folder),
            "finance/credit/@last",
        ):
            found = find_run(name, place)
            assert (found.folder, found.recipe, found.run) == (folder, "finance/credit", "1124-1200-aa"), name

    def test_a_folder_is_named_from_where_the_command_is_called(self, make, place, monkeypatch):
        folder = make("a/1124-1200-aa")
        monkeypatch.chdir(place.runs / "a")
        assert find_run("./1124-1200-aa", place).folder == folder
        monkeypatch.chdir(folder)
        assert find_run("../1124-1200-aa", place).folder == folder

    def test_a_run_that_was_copied_out_of_its_project_has_no_recipe_by_its_place(self, make, place, tmp_path_factory):
        copy = tmp_path_factory.mktemp("elsewhere") / "copy"
        make("a/1124-1200-aa").rename(copy)
        found = find_run(str(copy), place)
        assert (found.recipe, found.name) == ("", "copy")

    def test_last_and_prev(self, make, place):
        make("a/1124-1200-aa")
        make("b/1124-1201-bb")
        make("a/1124-1202-cc")
        assert find_run("@last", place).name == "a/1124-1202-cc"
        assert find_run("@prev", place).name == "a/1124-1200-aa", "the one before it of the same recipe"
        assert find_run("b/@last", place).name == "b/1124-1201-bb"

    def test_one_name_under_two_recipes_is_not_guessed_at(self, make, place):
        make("a/1124-1200-aa")
        make("b/c/1124-1200-aa")
        message = "2 runs are called '1124-1200-aa'  U061\n  to mend: write a/1124-1200-aa or b/c/1124-1200-aa"
        with pytest.raises(UsageError, match=re.escape(message)):
            find_run("1124-1200-aa", place)
        assert find_run("b/c/1124-1200-aa", place).recipe == "b/c"

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("1124-1200-ab", "no run is called '1124-1200-ab'  U060\n  did you mean: 1124-1200-aa\n  to see"),
            ("finance/credt/1124-1200-aa", "no run is called 'finance/credt/1124-1200-aa'  U060\n  did you mean: f"),
            ("@lats", "no run is called '@lats'  U060\n  did you mean: @last"),
            ("finance/credit", "finance/credit is not the folder of a run  U063"),
            ("nowhere/@last", "no run of nowhere is recorded in runs  U062"),
            ("@prev", "there is no run before the last: 1124-1200-aa is the only run of finance/credit  U062"),
            ("", "no run is called ''  U060"),
            ("..", ".. is not the folder of a run  U063"),
            ("/", "/ is not the folder of a run  U063"),
            ("a\0b", "no run is called 'a\0b'  U060"),
            ("x" * 300, "no run is called 'xxx"),
            ("~nobody/runs", "no run is called '~nobody/runs'  U060"),
        ],
    )  # fmt: skip
    def test_a_name_that_no_run_has(self, make, place, name, message):
        make("finance/credit/1124-1200-aa")
        (place.root / "finance" / "credit").mkdir(parents=True)
        with pytest.raises(UsageError) as caught:
            find_run(name, place)
        assert str(caught.value).startswith(message)

    @pytest.mark.parametrize("name", ["@last", "@prev", "1124-1200-aa"])
    def test_where_nothing_is_recorded_yet(self, place, name):
        with pytest.raises(UsageError, match=r"recorded in runs .*\n  to mend: sartor run RECIPE"):
            find_run(name, place)

    def test_a_run_that_was_removed_is_said_to_be(self, make, place):
        make("a/1124-1200-aa")
        with (place.runs / "heads.jsonl").open("a") as heads:
            heads.write('{"removed": "2026-12-24T12:00:00+00:00", "recipe": "b", "run": "1101-0900-zz"}\n')
        with pytest.raises(UsageError, match=r"removed: by sartor runs gc on 2026-12-24"):
            find_run("1101-0900-zz", place)

    def test_what_is_left_of_a_damaged_run_is_still_found(self, make, place):
        folder = make("a/1124-1200-aa")
        (folder / "record.json").rename(folder / "ledger.jsonl")
        assert find_run("1124-1200-aa", place).folder == folder
        with pytest.raises(InputError, match=r"record.json of run 1124-1200-aa cannot be read: it is missing  D150"):
            with_record(find_run("1124-1200-aa", place))


class TestOrder:
    def test_the_newest_comes_first_also_over_the_turn_of_a_year(self, make, place):
        make("a/1231-2359-aa", NOON.replace(month=12, day=31))
        make("a/0101-0000-bb", NOON.replace(year=2027, month=1, day=1))
        make("a/1124-1200-cc", NOON.replace(year=2027))
        assert names(place) == ["a/1124-1200-cc", "a/0101-0000-bb", "a/1231-2359-aa"]

    def test_a_clock_that_was_set_back_does_not_change_the_order(self, make, place):
        make("a/1124-1200-aa", NOON)
        make("a/1124-0900-bb", NOON - timedelta(hours=3))
        make("a/1124-0901-cc", NOON - timedelta(hours=2, minutes=59))
        assert names(place) == ["a/1124-0901-cc", "a/1124-0900-bb", "a/1124-1200-aa"]
        assert find_run("@last", place).run == "1124-0901-cc"

    def test_of_two_in_one_second_the_one_recorded_later_comes_first(self, make, place):
        make("a/1124-1200-zz")
        make("a/1124-1200-aa")
        assert names(place) == ["a/1124-1200-aa", "a/1124-1200-zz"]

    def test_runs_that_were_copied_in_are_put_in_by_when_they_began(self, make, place):
        make("a/1124-1200-aa", NOON)
        make("a/1124-1400-bb", NOON + timedelta(hours=2))
        make("a/1124-1300-cc", NOON + timedelta(hours=1), known=False)
        assert names(place) == ["a/1124-1400-bb", "a/1124-1300-cc", "a/1124-1200-aa"]

    def test_times_of_two_zones_are_compared_as_moments(self, make, place):
        make("a/1124-1200-aa", NOON.replace(tzinfo=timezone(timedelta(hours=-5))), known=False)
        make("a/1124-1300-bb", NOON.replace(hour=13), known=False)
        assert names(place)[0] == "a/1124-1200-aa"

    def test_a_recipe_may_be_a_part_of_another_ones_name(self, make, place):
        make("a/1124-1200-aa")
        make("a/b/1124-1200-bb")
        make("ab/1124-1200-cc")
        assert names(place, "a") == ["a/b/1124-1200-bb", "a/1124-1200-aa"]
        assert names(place, "a/b") == ["a/b/1124-1200-bb"]

    def test_what_is_being_written_and_the_cache_are_no_runs(self, make, place):
        make("a/1124-1200-aa")
        for hidden in (".cache/fit/0123", "a/.1124-1201-bb.part", "a/.1124-1202-cc.gone"):
            folder = place.runs / hidden
            folder.mkdir(parents=True)
            (folder / "record.json").write_text("{}")
        assert names(place) == ["a/1124-1200-aa"]

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"started": "yesterday"}', "\xff", "[" * 100_000])
    def test_a_run_whose_record_is_damaged_is_listed_last_and_stops_nothing(self, make, place, content):
        folder = make("a/1124-1200-aa")
        make("a/1124-1100-bb", NOON - timedelta(hours=1), known=False)
        (folder / "record.json").write_bytes(content.encode("latin-1"))
        (place.runs / "heads.jsonl").unlink()
        assert names(place) == ["a/1124-1100-bb", "a/1124-1200-aa"]
        assert all_runs(place.runs)[1].started is None
