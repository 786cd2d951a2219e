"""Runs of a plugin for tests of scoring, and what asks them about new data."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from sartor.predicting.asking import Asked
from sartor.predicting.calling import framed
from sartor.recipe.project import Project
from sartor.runs.result import Run

PARTS = "sartor_test_parts"


@pytest.fixture(scope="session")
def parts() -> ModuleType:
    """The module ``parts.py``, a plugin, importable by its components' targets."""
    spec = importlib.util.spec_from_file_location(PARTS, Path(__file__).parent / "parts.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[PARTS] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run_parts(project: Path, parts: ModuleType) -> Callable[..., Run]:
    """Return a function that runs a recipe's text against tables given as pandas frames."""
    from sartor.plugins import Plugins
    from sartor.running import run_recipe

    def run(text: str, **tables: Any) -> Run:
        parts.TABLES.clear()
        parts.TABLES.update(tables)
        file = project / "parts.yaml"
        file.write_text(text, encoding="utf-8")
        return run_recipe(file, plugins=Plugins({"parts": parts}))

    return run


@pytest.fixture
def ask(parts: ModuleType) -> Callable[..., pd.DataFrame]:
    """Return a function that asks the last run about new data, and keeps the cautions that it hears."""
    from sartor.plugins import Plugins

    def asked(*data: Any, cautions: list[str] | None = None, **options: Any) -> pd.DataFrame:
        def listen(event: Any) -> None:
            if cautions is not None and getattr(event, "caution", False):
                cautions.append(event.text)

        given = [one if isinstance(one, tuple) else ("", one) for one in data]
        return framed(Asked("@last", given, **options), Project.at(), Plugins({"parts": parts}), listen)

    return asked


@pytest.fixture
def heard() -> tuple[list[str], Callable[[Any], None]]:
    """Return a list of cautions and a listener that fills it."""
    cautions: list[str] = []
    return cautions, lambda event: cautions.append(event.text) if getattr(event, "caution", False) else None
