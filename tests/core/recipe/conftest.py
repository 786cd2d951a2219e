"""Tells what is wrong with recipes; makes `telling` importable, as tests have no package of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from telling import RIGHT, lines

from sartor.recipe import Project, load_text


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Project(tmp_path)


@pytest.fixture
def told(project: Project) -> Callable[..., list[str]]:
    """Return a function that tells what is wrong with a recipe's text."""

    def tell(text: str, sets: tuple[str, ...] = (), env: Mapping[str, str] | None = None) -> list[str]:
        loaded = load_text(text, folder=project.root, project=project, sets=sets, env=env or {}, data="/data")
        return lines(loaded.problems)

    return tell


@pytest.fixture
def told_of(told: Callable[..., list[str]]) -> Callable[[str, str], list[str]]:
    """Return a function that changes the right recipe in one place and tells what is wrong then."""

    def tell(old: str, new: str) -> list[str]:
        assert RIGHT.count(old) == 1, f"{old!r} must stand in the recipe once"
        return told(RIGHT.replace(old, new))

    return tell


@pytest.fixture
def resolved(project: Project) -> Callable[..., dict[str, Any]]:
    """Return a function from a recipe's text to its values; nothing may be wrong with it."""

    def resolve(text: str, sets: tuple[str, ...] = (), env: Mapping[str, str] | None = None) -> dict[str, Any]:
        loaded = load_text(text, folder=project.root, project=project, sets=sets, env=env or {}, data="/data")
        assert lines(loaded.problems) == []
        assert loaded.recipe is not None
        return loaded.recipe.document.plain()

    return resolve
