"""Calls the command line with input that is wrong, and returns what it says of it, line by line."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bad_recipes import loans

from sartor.cli import main

STUMBLER = "sartor_test_stumbler"
SOURCE = re.compile(r" +[0-9]* │ ")
FOOTER = re.compile(r"[0-9,]+ errors?(; no data was read)?\. More( on one)?: sartor explain [A-Z][0-9]{3}")

Refused = Callable[..., list[str]]


@pytest.fixture
def written(project: Path) -> Path:
    """Return the project, with a table that is right."""
    (project / "loans.csv").write_text(loans(), encoding="utf-8")
    return project


def told(text: str) -> list[str]:
    """Return the problems in what was written to the terminal: each in one line with its code, then its hints.

    The lines of the file with their carets, the end of the output and the place of a kept traceback are left out.
    """
    lines = [line for line in text.splitlines() if line.strip() and not SOURCE.match(line)]
    lines = [line for line in lines if not FOOTER.fullmatch(line) and not line.startswith("  traceback:")]
    return [re.sub(" +", " ", line.strip()) for line in lines]


def left_behind(project: Path) -> list[str]:
    """Return what there is of runs in a project, beside what is kept for later ones and tracebacks."""
    runs = project / "runs"
    files = [path.relative_to(runs) for path in runs.rglob("*")] if runs.exists() else []
    return sorted(
        str(path) for path in files if path.parts[0] != ".cache" and not path.name.startswith("plugin-failure-")
    )


@pytest.fixture
def refused(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Return a function that runs a recipe which cannot be run, and returns what is said of it.

    It makes sure of what is so whatever is wrong: the exit code, nothing on stdout, no traceback and nothing left of
    the run.
    """
    monkeypatch.setenv("COLUMNS", "80")

    def refuse(recipe: str | bytes | None, *arguments: str, code: int = 2, name: str = "recipe.yaml") -> list[str]:
        if recipe is not None:
            content = recipe.encode() if isinstance(recipe, str) else recipe
            (project / name).write_bytes(content)
        capsys.readouterr()
        ended = main(["run", name, "--quiet", *arguments])
        said = capsys.readouterr()
        assert (ended, said.out) == (code, ""), said
        assert "Traceback" not in said.err
        assert "this is a bug" not in said.err
        assert left_behind(project) == []
        return told(said.err)

    return refuse


@pytest.fixture
def checked(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Return a function that checks a recipe which cannot be run, and returns what is said of it."""
    monkeypatch.setenv("COLUMNS", "80")

    def check(recipe: str | bytes, code: int = 2) -> list[str]:
        (project / "recipe.yaml").write_bytes(recipe.encode() if isinstance(recipe, str) else recipe)
        capsys.readouterr()
        ended = main(["check", "recipe.yaml"])
        said = capsys.readouterr()
        assert (ended, said.err) == (code, ""), said
        assert not (project / "runs").exists()
        return told(said.out)

    return check


@pytest.fixture
def done(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    """Return a function that runs a recipe to its end, and returns what it says on stdout and stderr."""

    def do(recipe: str | None, *arguments: str) -> tuple[str, str]:
        if recipe is not None:
            (project / "recipe.yaml").write_text(recipe, encoding="utf-8")
        capsys.readouterr()
        ended = main(["run", "recipe.yaml", *arguments])
        said = capsys.readouterr()
        assert ended == 0, said.err
        return said.out, said.err

    return do


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return a function that installs a distribution as pip does: its modules, and a folder of metadata."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def install(distribution: str, entry_point: str, version: str = "1.0", **modules: str) -> None:
        metadata = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (metadata / "entry_points.txt").write_text(f"[sartor.plugins]\n{entry_point}\n")
        for name, text in modules.items():
            (site / f"{name}.py").write_text(text)
        importlib.invalidate_caches()

    yield install
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "") or "").startswith(str(site)):
            del sys.modules[name]


@pytest.fixture(scope="session")
def _stumbler_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location(STUMBLER, Path(__file__).parent / "stumbler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[STUMBLER] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def stumbler(install: Callable[..., None], _stumbler_module: ModuleType) -> ModuleType:
    """Install the plugin ``stumbler``; return its module."""
    install("stumbler-dist", f"stumbler = {STUMBLER}")
    _stumbler_module.READ.clear()
    return _stumbler_module
