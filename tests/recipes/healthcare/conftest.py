"""Projects of their own for whole runs of the recipes."""

from __future__ import annotations

import json

import pytest

import sartor


@pytest.fixture(scope="session")
def run_in(tmp_path_factory):
    """Return a function that runs a recipe in a new project."""

    def run(name, *sets, **options):
        folder = tmp_path_factory.mktemp("healthcare")
        (folder / "sartor.toml").write_text("", encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            return sartor.run(name, sets=["judge.redraws=100", *sets], **options)

    return run


def sections_of(run):
    """Return the sections of a run by their id, and its cautions."""
    said = json.loads((run.folder / "sections.json").read_text(encoding="utf-8"))
    return {one["id"]: one for one in said["sections"]}, {one["id"]: one for one in said["cautions"]}


@pytest.fixture(scope="session")
def told():
    """Return `sections_of`."""
    return sections_of
