"""What tests of the core share: a plugin of toys, recipes run against it, and one real run."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pytest

import sartor
from sartor.context import Context
from sartor.runs.result import Run

TOYS = "sartor_test_toys"


@pytest.fixture(scope="session")
def toys() -> ModuleType:
    """The module ``toys.py``, importable by its components' targets."""
    spec = importlib.util.spec_from_file_location(TOYS, Path(__file__).parent / "toys.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[TOYS] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run_toys(project, toys, monkeypatch):
    """Return a function that runs a recipe's text against tables given as pandas frames."""
    from sartor.plugins import Plugins
    from sartor.running import run_recipe

    def run(text, tables, **options):
        toys.TABLES.clear()
        toys.TABLES.update(tables)
        file = project / "toy.yaml"
        file.write_text(text, encoding="utf-8")
        return run_recipe(file, plugins=Plugins({"toy": toys}), **options)

    return run


@pytest.fixture(scope="session")
def credit_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of the recipe on 1,000 real applications, in a project of its own."""
    folder = tmp_path_factory.mktemp("credit")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return sartor.run("finance/credit-scoring", sets=["judge.redraws=100"])


@pytest.fixture
def credit(credit_run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same run, seen from its project."""
    monkeypatch.chdir(credit_run.folder.parents[3])
    return credit_run


@pytest.fixture(scope="session")
def applications() -> pa.Table:
    """The 1,000 applications with how they turned out."""
    from sartor_plugins.samples.german_credit import GermanCredit

    table: pa.Table = GermanCredit().read(Context())
    return table
