"""What must be rewritten for the engine stands in no folder, so that a run that is killed leaves no rows behind."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sartor.engine import Engine
from sartor.testing import make_context
from sartor_plugins.tables import nameless
from sartor_plugins.tables.csv_files import CsvFiles

ROWS = "name,city\nZoë,Zürich\nAnn,Bern\n"


@pytest.fixture
def open_files():
    """Return a function that counts the files this process has open."""
    if not nameless.OPEN_FILES.is_dir():
        pytest.skip("no /proc here: temporary files have names")
    return lambda: len(list(nameless.OPEN_FILES.iterdir()))


def bytes_below(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def test_no_folder_holds_the_rows_while_they_are_read(tmp_path, open_files):
    (tmp_path / "t.csv").write_text(ROWS, encoding="cp1252")
    before = open_files()
    with Engine(threads=1) as engine:
        context = make_context(tmp_path, engine=engine)
        relation = CsvFiles(path="t.csv", encoding="cp1252").read(context)
        assert context.scratch.is_dir()
        assert bytes_below(context.scratch) == b""
        assert engine.fetch(relation)["city"].tolist() == ["Zürich", "Bern"]
        again = CsvFiles(path="t.csv", encoding="cp1252").read(context)
        assert engine.fetch(again)["name"].tolist() == ["Zoë", "Ann"]
    assert list(context.scratch.iterdir()) == []
    assert open_files() <= before


def test_a_file_system_without_nameless_files_holds_them_for_their_owner_only(tmp_path, monkeypatch):
    monkeypatch.setattr(nameless, "OPEN_FILES", tmp_path / "none")
    (tmp_path / "t.csv").write_text(ROWS, encoding="cp1252")
    with Engine(threads=1) as engine:
        context = make_context(tmp_path, engine=engine)
        assert engine.fetch(CsvFiles(path="t.csv", encoding="cp1252").read(context))["city"].tolist() == [
            "Zürich",
            "Bern",
        ]
        (copy,) = context.scratch.iterdir()
        assert copy.stat().st_mode & 0o077 == 0
    assert list(context.scratch.iterdir()) == []


def test_one_whose_name_must_be_taken_away_is_as_good(tmp_path, monkeypatch, open_files):
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    test_no_folder_holds_the_rows_while_they_are_read(tmp_path, open_files)


KILLED = """
import os, signal, sys
from pathlib import Path
from sartor.engine import Engine
from sartor.context import Context
from sartor_plugins.tables.csv_files import CsvFiles

folder = Path(sys.argv[1])
with Engine(threads=1) as engine:
    context = Context(folder=folder, scratch=folder / "scratch", connection_of=lambda: engine.connection)
    CsvFiles(path="t.csv", encoding="cp1252").read(context)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_killed_leaves_no_row_behind(tmp_path, open_files):
    (tmp_path / "t.csv").write_text(ROWS, encoding="cp1252")
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)
    assert done.returncode == -9
    assert bytes_below(tmp_path / "scratch") == b""
    assert [path.is_symlink() for path in (tmp_path / "scratch").iterdir()] == [True]
