"""Every example in the README and on every page of docs/ does what it shows."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from fences import Fence, fences_of, play, says
from warm import nursery

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]

INSTALLED = {"README.md", "docs/index.md"}
"""Pages on which `sartor` is the installed script, imports and all; on the others it is forked from a nursery."""


@pytest.fixture(scope="session")
def quick() -> Iterator[str]:
    """The beginning of a PATH on which `sartor` need not import its libraries anew."""
    with nursery() as folder:
        yield f"{folder}{os.pathsep}" if folder else ""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_example_on_the_page_runs(page: Path, project: Path, quick: str):
    names: dict[str, object] = {"__name__": "__page__"}
    first = "" if str(page.relative_to(REPOSITORY)) in INSTALLED else quick
    # What a page puts into the environment, and the modules that it writes, are its own.
    with mock.patch.dict(os.environ), own_modules(project):
        for fence in fences_of(page.read_text(encoding="utf-8")):
            play(fence, page, project, names, first)


@contextmanager
def own_modules(project: Path) -> Iterator[None]:
    """Forget at the end what was imported from a folder: another test may have a plugin of the same name."""
    path = list(sys.path)
    # Python remembers which folder "." was when it was first looked in.
    sys.path_importer_cache.pop(".", None)
    try:
        yield
    finally:
        sys.path[:] = path
        for name, module in list(sys.modules.items()):
            if (file := getattr(module, "__file__", None)) and (project / file).is_relative_to(project):
                del sys.modules[name]


def test_a_plugin_that_a_page_writes_is_forgotten_behind_it(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(project)
    (project / "acme_of_a_page.py").write_text("here = True\n")
    with own_modules(project):
        sys.path.insert(0, ".")
        assert importlib.import_module("acme_of_a_page").here
    assert "acme_of_a_page" not in sys.modules
    assert "." not in sys.path


def test_a_page_is_read_fence_by_fence_with_its_lines():
    page = 'Text\n\n```yaml title="a.yaml"\nformat: 1\n```\n\n- item\n\n  ```console\n  $ sartor --help\n  ```\n'
    assert list(fences_of(page)) == [
        Fence("yaml", "a.yaml", "format: 1\n", 3),
        Fence("console", "", "$ sartor --help\n", 9),
    ]


def test_a_page_that_shows_another_output_fails(project: Path):
    with pytest.raises(AssertionError, match=r"page.md:1: \$ echo two\nprints:\ntwo\n\nthe page says:\nthree"):
        play(Fence("console", "", "$ echo two\nthree\n", 1), Path("page.md"), project, {})


def test_a_command_that_ends_otherwise_than_the_page_says_fails(project: Path):
    play(Fence("console", "", "$ exit 2  # exit 2\n", 1), Path("page.md"), project, {})
    with pytest.raises(AssertionError, match="ends with 2"):
        play(Fence("console", "", "$ exit 2\n", 1), Path("page.md"), project, {})


def test_python_fences_share_their_names_and_fail_with_the_page_line(project: Path):
    names: dict[str, object] = {}
    play(Fence("python", "", "x = 1\n", 1), Path("page.md"), project, names)
    play(Fence("python", "", "assert x == 1\n", 4), Path("page.md"), project, names)
    with pytest.raises(ZeroDivisionError) as caught:
        play(Fence("python", "", "x = 0\n1 / x\n", 7), Path("page.md"), project, names)
    assert (str(caught.traceback[-1].path), caught.traceback[-1].lineno + 1) == ("page.md", 9)


def test_a_fence_that_sets_up_may_not_hide_a_command_of_ours(project: Path):
    with pytest.raises(AssertionError, match="show 'sartor run x' in a console fence"):
        play(Fence("sh", "", "pip install sartor\nsartor run x\n", 1), Path("page.md"), project, {})


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("one\ntwo\nthree\n", "one\n...\nthree\n"),
        ("one\ntwo\n", "one\n..."),
        ("one\n", "one\n..."),
        ("one  \n\n", "one"),
        ("took 0.3 s\n", "took ... s"),
    ],
)
def test_dots_stand_for_whatever_was_printed(printed: str, expected: str):
    assert says(printed, expected)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [("one\ntwo\n", "one"), ("one\n", "one\ntwo"), ("one\ntwo\n", "two\n..."), ("a.b\n", "a?b"), ("a\nb\n", "...\na")],
)
def test_without_dots_every_line_counts(printed: str, expected: str):
    assert not says(printed, expected)


def test_a_call_from_the_nursery_is_a_process_of_its_own(project: Path, quick: str):
    """It has its own streams, folder, environment and exit code, and a pipe is a pipe."""
    if not quick:
        pytest.skip("no nursery here: it forks, and that is trusted on Linux only")
    story = (
        "$ COLUMNS=60 sartor check no/such 2>&1 | grep -c no/such\n1\n"
        "$ sartor check no/such >said.txt 2>&1  # exit 2\n"
        "$ mkdir in && cd in && sartor plugins new acme >/dev/null && ls -d acme-plugin\nacme-plugin\n"
    )
    play(Fence("console", "", story, 1), Path("page.md"), project, {}, quick)
    assert "no/such" in (project / "said.txt").read_text(encoding="utf-8")
    assert (project / "in" / "acme-plugin").is_dir()
