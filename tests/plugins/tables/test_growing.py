"""A file that somebody writes to during the read: a run refuses it, and keeps nothing of it."""

from __future__ import annotations

import os

import pytest

from sartor.errors import InputError
from sartor.running import run_recipe
from sartor.stages import ingesting

RECIPE = """
format: 1
recipe: shop/loans
ingest:
  loans: {use: tables.csv, key: id, with: {path: "*.csv"}}
"""


@pytest.fixture
def during(project, monkeypatch):
    """Return a function that runs a recipe on two files, and does something once they have been read."""
    (project / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    (project / "a.csv").write_text("id,n\n1,5\n2,6\n", encoding="utf-8")
    (project / "b.csv").write_text("id,n\n3,7\n", encoding="utf-8")

    def run(act=lambda folder: None):
        def admitted(opened, folder, original=ingesting.admit_table):
            about = original(opened, folder)
            act(project)
            return about

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ingesting, "admit_table", admitted)
            return run_recipe(project / "recipe.yaml").summary["tables"]["loans"]["rows"]

    return run


def grow(folder):
    with (folder / "a.csv").open("a", encoding="utf-8") as stream:
        stream.write("9,9\n")


def rewrite(folder):
    about = (folder / "b.csv").stat()
    (folder / "b.csv").write_text("id,n\n4,7\n", encoding="utf-8")
    os.utime(folder / "b.csv", ns=(about.st_atime_ns, about.st_mtime_ns + 1))


def another(folder):
    (folder / "c.csv").write_text("id,n\n4,7\n", encoding="utf-8")


@pytest.mark.parametrize("act", [grow, rewrite, another])
def test_it_is_refused_and_nothing_of_it_is_kept(during, project, act):
    said = r"the source of table loans changed while it was read  D010\n  to mend: run it again when whoever writes"
    with pytest.raises(InputError, match=said):
        during(act)
    assert list((project / "runs").glob("shop/loans/[0-9]*")) == []
    assert list((project / "runs/.cache").glob("ingest/*")) == []


def test_a_file_that_is_taken_away_is_named(during):
    with pytest.raises(InputError, match=r"there is no file|no file matches|changed while"):
        during(lambda folder: (folder / "a.csv").unlink())


def test_files_that_nobody_touches_are_read(during):
    assert during() == 3
