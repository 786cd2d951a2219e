"""The access log is a chain of lines: two who write at once, a clock that goes back, and every changed byte."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from sartor.access import log
from sartor.access.terms import Access


def _enter(runs: Path, who: str) -> None:
    for one in range(25):
        log.enter(runs, user=who, number=one, allowed=True)


def test_two_who_write_at_once_leave_one_chain(tmp_path):
    fork = multiprocessing.get_context("spawn")
    both = [fork.Process(target=_enter, args=(tmp_path, who)) for who in ("anna", "bert")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    entries = log.entries(tmp_path)
    assert [entry["line"] for entry in entries] == list(range(1, 51))
    for who in ("anna", "bert"):
        assert [entry["number"] for entry in entries if entry["user"] == who] == list(range(25))
    assert not list(log.faults(tmp_path))


def test_every_changed_byte_and_every_lost_line_is_found(tmp_path):
    for one in range(4):
        log.enter(tmp_path, user="anna", number=one, allowed=True)
    file = tmp_path / log.FILE
    whole = file.read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        file.write_bytes(changed)
        assert list(log.faults(tmp_path)), place
    lines = whole.splitlines(keepends=True)
    for lost in range(3):
        file.write_bytes(b"".join(lines[:lost] + lines[lost + 1 :]))
        assert list(log.faults(tmp_path)) == [f"line {lost + 1} does not follow from the line before it"] + [
            f"line {place} does not follow from the line before it" for place in range(lost + 2, 4)
        ]


def test_an_end_that_was_cut_off_shows_against_a_head_that_was_kept(tmp_path):
    for one in range(3):
        log.enter(tmp_path, user="anna", number=one, allowed=True)
    kept = log.head(tmp_path)
    file = tmp_path / log.FILE
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:2]))
    assert not list(log.faults(tmp_path))
    assert log.head(tmp_path)["lines"] == 2 < kept["lines"]


def test_a_damaged_line_stays_in_sight_and_the_log_goes_on(tmp_path):
    log.enter(tmp_path, user="anna", allowed=True)
    file = tmp_path / log.FILE
    file.write_bytes(file.read_bytes()[:-20])
    log.enter(tmp_path, user="bert", allowed=True)
    assert [entry["user"] for entry in log.entries(tmp_path)] == ["bert"]
    assert list(log.faults(tmp_path)) == ["line 1 does not match its own hash"]


def test_a_person_is_known_by_a_digest_of_the_projects_own(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, again, other = (log.digest_of(tmp_path / place, "Anna") for place in "aab")
    assert one == again != other
    assert (tmp_path / "a" / log.KEY).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("right", "roles", "allowed"),
    [
        ("read_scores", {"risk"}, True),
        ("read_scores", {"care"}, False),
        ("read_person", set(), True),
        ("deliver", {"risk"}, False),
    ],
)
def test_a_right_that_is_not_named_is_everybodys_and_an_empty_one_nobodys(right, roles, allowed):
    access = Access({"read_scores": ("risk",), "deliver": ()})
    assert access.allows(right, roles) is allowed
