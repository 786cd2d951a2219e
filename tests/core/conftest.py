"""What tests of the core share: a plugin of toys, and recipes run against it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

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
