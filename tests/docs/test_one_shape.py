"""The page on the one shape is true: what it says that recipes use is what they use."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from sartor.plugins import Plugins

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "one-shape.md"
RECIPES = sorted((REPOSITORY / "recipes" / "sartor_recipes").glob("*/*.yaml"))


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("one_shape", REPOSITORY / "scripts" / "one_shape.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_says_what_recipes_use(script: ModuleType):
    page = PAGE.read_text(encoding="utf-8")
    assert script.written(page) == page, "recipes have changed; to mend: python scripts/one_shape.py"


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_a_recipe_has_its_line_with_its_task_and_its_actions(file: Path):
    """Read from the text of the recipe, and not by what wrote the page."""
    page = PAGE.read_text(encoding="utf-8")
    industry = page.split(f"**{file.parent.name}**")[1].split("\n**")[0]
    (line,) = [line for line in industry.splitlines() if line.startswith(f"| `{file.stem}` |")]
    recipe = yaml.safe_load(file.read_text(encoding="utf-8"))
    steps = [recipe["task"]] if recipe.get("task") else []
    steps += [step for kind in ("ingest", "features", "actions") for step in (recipe.get(kind) or {}).values() if step]
    for step in steps:
        if "use" in step:
            assert f"`{step['use']}`" in line


def test_every_industry_has_a_task_and_an_action_in_some_recipe():
    page = PAGE.read_text(encoding="utf-8")
    for name in ("ecommerce", "manufacturing", "retail", "healthcare", "finance"):
        assert f"`{name}." in page.split(f"**{name}**")[1].split("\n**")[0]
        assert (REPOSITORY / "domains" / "sartor_domains" / name / "__init__.py").is_file()


def test_what_industries_are_said_to_share_is_there():
    shared = PAGE.read_text(encoding="utf-8").split("## What industries share")[1]
    named = {name.strip("`") for line in shared.splitlines() if line.startswith("| `") for name in
             line.split("|")[1].replace(" ", "").split(",")}  # fmt: skip
    assert named <= set(Plugins().by_name)
