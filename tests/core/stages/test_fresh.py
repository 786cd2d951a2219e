"""``fresh`` at ingest: what was read at most that long ago is taken from the cache, though nobody knows its rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from sartor.runs.cache import Cache

RECIPE = """
format: 1
recipe: toy/fresh
ingest:
  people: {use: toy.table, key: id, with: {of: people}}
"""
FRESH = RECIPE.replace("key: id", "key: id, fresh: 1 day")


@pytest.fixture
def rows(run_toys):
    """Return a function that runs a recipe on a table of some rows, and gives how many rows it saw."""

    def run(text, number, **options):
        done = run_toys(text, {"people": pd.DataFrame({"id": range(number)})}, **options)
        return done.summary["tables"]["people"]["rows"]

    return run


def age(project, **more):
    """Let what was kept be older than it is."""
    (moment,) = (project / "runs/.cache/moments").iterdir()
    moment.write_text((datetime.now(UTC) - timedelta(**more)).isoformat(), encoding="utf-8")
    return moment


def renamed(project, moment):
    """Keep the entry findable under the moment that it is now said to be from."""
    from sartor.runs.cache import key_of

    (entry,) = (project / "runs/.cache/ingest").iterdir()
    entry.rename(entry.with_name(key_of(moment.name, moment.read_text(encoding="utf-8"))))


def test_without_it_a_source_that_nobody_knows_is_read_each_time(rows):
    assert [rows(RECIPE, 3), rows(RECIPE, 4)] == [3, 4]


def test_what_was_read_a_moment_ago_is_taken_again(rows):
    assert [rows(FRESH, 3), rows(FRESH, 4)] == [3, 3]


@pytest.mark.parametrize(("hours", "seen"), [(23, 3), (25, 4)])
def test_what_was_read_longer_ago_is_read_again(rows, project, hours, seen):
    rows(FRESH, 3)
    renamed(project, age(project, hours=hours))
    assert rows(FRESH, 4) == seen


def test_a_clock_that_was_set_back_makes_nothing_fresh_for_ever(rows, project):
    rows(FRESH, 3)
    renamed(project, age(project, days=-400))
    assert rows(FRESH, 4) == 4


def test_a_longer_time_takes_what_a_shorter_one_has_kept(rows):
    rows(FRESH, 3)
    assert rows(FRESH.replace("1 day", "2 weeks"), 4) == 3


def test_other_settings_are_another_table(rows):
    rows(FRESH, 3)
    assert rows(FRESH.replace("of: people", "of: people, known: false"), 4) == 4


def test_from_ingest_reads_it_anew(rows):
    rows(FRESH, 3)
    assert [rows(FRESH, 4, from_stage="ingest"), rows(FRESH, 5)] == [4, 4]


def test_a_read_that_fails_leaves_nothing_to_be_taken(rows):
    with pytest.raises(Exception, match="has no rows"):
        rows(FRESH, 0)
    assert rows(FRESH, 4) == 4


def test_a_place_that_a_secret_leads_to_is_part_of_what_is_kept(rows, toys, monkeypatch):
    monkeypatch.setattr(toys.TableOf, "origin", lambda self, context: "here")
    rows(FRESH, 3)
    assert rows(FRESH, 4) == 3
    monkeypatch.setattr(toys.TableOf, "origin", lambda self, context: "there")
    assert rows(FRESH, 4) == 4


def test_moments_that_are_damaged_or_old_are_passed_over_and_removed(tmp_path):
    cache = Cache(tmp_path)
    cache.keep_moment("a", datetime(2024, 1, 1, tzinfo=UTC))
    assert cache.moment("a") == datetime(2024, 1, 1, tzinfo=UTC)
    (tmp_path / "moments/a").write_text("yesterd", encoding="utf-8")
    assert cache.moment("a") is None
    cache.collect(older_than=-1)
    assert list((tmp_path / "moments").iterdir()) == []
