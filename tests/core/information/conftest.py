"""Recipes run on tables made by a test; makes `simulated` importable, as tests have no package of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sartor
from sartor.runs.result import Run

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def weighed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Return a function that runs a recipe's text on tables, in a project of its own, or in the same one again."""
    places: list[Path] = []

    def run(text: str, tables: dict[str, pd.DataFrame], *, same: bool = False, **options: Any) -> Run:
        folder = places[-1] if same else tmp_path_factory.mktemp("weighed")
        places.append(folder)
        (folder / "sartor.toml").write_text("", encoding="utf-8")
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False)
        (folder / "recipe.yaml").write_text(text, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            return sartor.run("recipe.yaml", **options)

    return run
