"""Heads lie outside the project: in a file elsewhere, or in the tags of a Git repository."""

from __future__ import annotations

import json
import subprocess

import pytest

from sartor.anchoring import anchor_of, kept, put
from sartor.errors import InputError, UsageError

HEAD = {"recipe": "shop/win", "run": "1124-1405-k7", "lines": 9, "head": "9f" * 32}
LATER = {**HEAD, "lines": 10, "head": "a0" * 32}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "Tailor")
        monkeypatch.setenv(f"{name}_EMAIL", "tailor@example.com")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "commit", "-qm", "begin", "--allow-empty"], check=True)
    return f"git-tag:{tmp_path}"


@pytest.fixture(params=["file", "git-tag"])
def place(request, tmp_path):
    return f"file:{tmp_path / 'heads.jsonl'}" if request.param == "file" else request.getfixturevalue("repository")


def test_heads_come_back_as_they_were_put_there(place):
    put(place, HEAD)
    put(place, LATER)
    assert sorted(kept(place, "shop/win", "1124-1405-k7"), key=lambda head: head["lines"]) == [HEAD, LATER]


def test_one_head_is_kept_once(place):
    assert put(place, HEAD) == put(place, HEAD)
    assert kept(place, "shop/win", "1124-1405-k7") == [HEAD]


def test_heads_of_other_runs_are_not_mixed_in(place):
    put(place, HEAD)
    put(place, {**HEAD, "recipe": "shop/lose"})
    put(place, {**HEAD, "run": "1124-1405-k"})
    assert kept(place, "shop/win", "1124-1405-k7") == [HEAD]


def test_a_run_of_which_none_is_kept_is_told_how_to_keep_one(place):
    put(place, HEAD)
    with pytest.raises(
        UsageError, match=r"keeps no head of shop/win/other  U068[\s\S]*sartor ledger anchor shop/win/other"
    ):
        kept(place, "shop/win", "other")


def test_a_file_in_a_folder_that_is_not_there_cannot_keep(tmp_path):
    with pytest.raises(
        UsageError, match=r"the anchor .*heads.jsonl cannot be written: no such file or directory  U068"
    ):
        put(f"file:{tmp_path / 'gone' / 'heads.jsonl'}", HEAD)


def test_a_folder_without_a_repository_cannot_keep(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match=r"the anchor .* cannot be used: not a git repository.*U068"):
        put(f"git-tag:{tmp_path}", HEAD)


def test_a_line_of_the_file_that_is_no_json_is_passed_over_and_one_that_is_no_head_is_told(tmp_path):
    file = tmp_path / "heads.jsonl"
    put(f"file:{file}", HEAD)
    with file.open("a") as lines:
        lines.write("scribble\n")
    assert kept(f"file:{file}", "shop/win", "1124-1405-k7") == [HEAD]
    with file.open("a") as lines:
        lines.write(json.dumps({"recipe": "shop/win", "run": "1124-1405-k7"}) + "\n")
    with pytest.raises(InputError, match=r"holds no head of a ledger  D153"):
        kept(f"file:{file}", "shop/win", "1124-1405-k7")


@pytest.mark.parametrize("named", ["file", "file:", "fille:x", ""])
def test_what_names_no_anchor_is_told_what_does(named):
    with pytest.raises(UsageError, match=r"names no anchor and place  U068"):
        anchor_of(named)
