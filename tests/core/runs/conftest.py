"""A project with three recorded runs, made once, and copied for every test that changes something in it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sartor.plugins import Plugins
from sartor.recipe.project import Project
from sartor.runs.result import Run

SHOP = "sartor_test_shop"
RECIPE = """\
format: 1
recipe: shop/win
about: Will it be won?
currency: EUR
ingest:
  people: {use: shop.table, key: id, with: {of: people}}
task: {use: learn.classification, with: {outcome: won}}
split: {hash: 0.3}
models:
  tree: {use: learn.tree, with: {depth: 2}}
  logistic: {use: learn.logistic}
actions:
  accept: {use: shop.accept}
judge: {redraws: 200}
gates: [{metric: auc, at_least: 0.6}]
"""


def _people(n: int = 400, seed: int = 0) -> pd.DataFrame:
    """Return rows in which x tells something of who wins; one name in each row, two towns in few rows only."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "x": x,
            "colour": rng.choice(["red", "green"], size=n),
            "town": np.where(np.arange(n) < 5, "Lone Hill", np.where(np.arange(n) % 2, "Eastham", "Westham")),
            "won": (x + rng.normal(size=n) > 0.5).astype("int64"),
        }
    )


@pytest.fixture
def people() -> Callable[..., pd.DataFrame]:
    return _people


@pytest.fixture
def recipe() -> str:
    return RECIPE


@pytest.fixture(scope="session")
def shop() -> ModuleType:
    """The module ``shop.py``, importable by its components' targets."""
    spec = importlib.util.spec_from_file_location(SHOP, Path(__file__).parent / "shop.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[SHOP] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def plugins(shop: ModuleType) -> Plugins:
    return Plugins({"shop": shop})


@pytest.fixture(scope="session")
def record(shop: ModuleType, plugins: Plugins) -> Callable[..., Run]:
    """Return a function that runs a recipe's text in a project and records it there."""
    from sartor.running import run_recipe

    def run(project: Project, text: str = RECIPE, table: pd.DataFrame | None = None, **options: Any) -> Run:
        shop.TABLES["people"] = _people() if table is None else table
        file = project.root / f"{options.pop('file', 'win')}.yaml"
        file.write_text(text, encoding="utf-8")
        return run_recipe(file, project=project, plugins=plugins, **options)

    return run


@dataclass(frozen=True)
class Recorded:
    """A project, and the folders of its runs by what was said when they were made."""

    project: Project
    folders: dict[str, Path]

    @property
    def first(self) -> Path:
        """The run that changes of a test are made in."""
        return self.folders["first"]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, record: Callable[..., Run]) -> Recorded:
    """Three runs: one, one with a deeper tree, and one that judges other rows."""
    project = Project(tmp_path_factory.mktemp("recorded"))
    (project.root / "sartor.toml").write_text("", encoding="utf-8")
    texts = {
        "first": RECIPE,
        "deeper": RECIPE.replace("depth: 2", "depth: 5"),
        "others": RECIPE.replace("hash: 0.3", "hash: 0.4"),
    }
    return Recorded(project, {name: record(project, text).folder for name, text in texts.items()})


@pytest.fixture
def recorded(made: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """The same project in a place of its own, and stand in it."""
    root = tmp_path / "project"
    shutil.copytree(made.project.root, root)
    monkeypatch.chdir(root)
    folders = {name: root / folder.relative_to(made.project.root) for name, folder in made.folders.items()}
    return Recorded(Project(root), folders)
