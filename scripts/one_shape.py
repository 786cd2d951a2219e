"""Writes what every recipe uses into docs/one-shape.md.

python scripts/one_shape.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sartor.recipe import Project, Recipe, load

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "one-shape.md"
RECIPES = REPOSITORY / "recipes" / "sartor_recipes"
BEGIN, END = "<!-- recipes -->\n", "<!-- end -->"
HEAD = "| recipe | reads | task | features | models | decides |\n|---|---|---|---|---|---|\n"


def recipes() -> Iterator[Recipe]:
    """Yield the recipes that come with sartor, by name."""
    project = Project.at(REPOSITORY)
    for file in sorted(RECIPES.glob("*/*.yaml")):
        yield load(str(file), project=project)


def named(settings: Any) -> Iterator[str]:
    """Yield the components that stand inside settings."""
    if isinstance(settings, Mapping):
        if isinstance(settings.get("use"), str):
            yield settings["use"]
        for value in settings.values():
            yield from named(value)
    elif isinstance(settings, list | tuple):
        for value in settings:
            yield from named(value)


def used(recipe: Recipe) -> list[list[str]]:
    """Return what a recipe uses to read, as its task, features, models and actions; each once, in its order."""
    models = [
        name
        for step in recipe.models.values()
        for name in (step.use, *named(step.settings), *(inner.use for inner in step.prepare))
    ]
    found = [
        [step.use for step in recipe.ingest.values()],
        [recipe.task.use] if recipe.task is not None else [],
        [step.use for step in recipe.features.values()],
        models,
        [step.use for step in recipe.actions.values()],
    ]
    return [list(dict.fromkeys(names)) for names in found]


def table() -> str:
    """Return the tables of the page: one for each industry, a line for each recipe."""
    parts: dict[str, list[str]] = {}
    for recipe in recipes():
        cells = [", ".join(f"`{name}`" for name in names) or "-" for names in used(recipe)]
        industry, _, job = recipe.name.partition("/")
        parts.setdefault(industry, []).append(f"| `{job}` | {' | '.join(cells)} |\n")
    return "\n".join(f"**{industry}**\n\n{HEAD}{''.join(lines)}" for industry, lines in parts.items())


def written(page: str) -> str:
    """Return the page with the tables as they are now."""
    return re.sub(
        f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{BEGIN}\n{table()}\n{END}", page, flags=re.DOTALL
    )


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(REPOSITORY)} is written\n")
