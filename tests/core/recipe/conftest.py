"""A small recipe that is right, and what is wrong with others, as lines that can be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sartor.errors import Problem
from sartor.recipe import Project, load_text

RIGHT = """\
format: 1
recipe: finance/loans
ingest:
  loans: {use: demo.table, with: {path: loans.csv}, key: loan_id}
task: {use: demo.risk, with: {outcome: bad}}
split: {hash: 0.3}
models:
  forest: {use: demo.forest, with: {trees: 400}}
"""


def lines(problems: list[Problem]) -> list[str]:
    """Return each problem as ``line:column code message``, with its hints behind it."""
    found = []
    for problem in problems:
        where = problem.where
        place = "-" if where is None else f"{where.line}:{where.column}"
        if where is not None and where.file != "recipe.yaml":
            place = f"{where.file}:{place}"
        hints = "".join(f" | {label}: {text}" for label, text in problem.hints)
        found.append(f"{place} {problem.code} {problem.message}{hints}")
    return found


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
