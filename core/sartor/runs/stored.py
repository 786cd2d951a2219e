"""Reads back what runs have recorded: recipes, ledgers, tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError
from sartor.runs.ledger import LEDGER, read
from sartor.runs.line import Line
from sartor.runs.verifying import verify
from sartor.sealing.views import origin_of

if TYPE_CHECKING:
    import pandas as pd

    from sartor.plugins import Plugins
    from sartor.recipe.model import Recipe
    from sartor.recipe.project import Project

RESOLVED = "resolved.yaml"


def check_stored(folder: Path, *names: str) -> None:
    """Make sure that files of a run are those that it recorded, before anything is built on them.

    Raises
    ------
    InputError
        If one of them is missing or has changed, or if the ledger that would tell is damaged.
    """
    for name in names:
        found = verify(folder, below=name).findings
        if found:
            raise InputError(
                f"run {folder.name} is not as it was recorded: {found[0]}",
                code="D150",
                hints=(("to see all", f"sartor verify {folder.name}"),),
            )


def lines_of_ledger(folder: Path) -> list[Line]:
    """Return the lines of a run's ledger; none where there is no ledger."""
    try:
        return read((origin_of(folder) / LEDGER).read_bytes())[0]
    except OSError:
        return []


def resolved_values(folder: Path) -> dict[str, Any]:
    """Return the recipe of a run as it was resolved, as plain values."""
    from sartor.recipe.reading import read_file

    document, problems = read_file(folder / RESOLVED, f"{folder.name}/{RESOLVED}")
    if document is None:
        raise InputError(problems)
    return dict(document.plain())


def resolved_recipe(folder: Path, record: Mapping[str, Any], project: Project) -> Recipe:
    """Return the recipe of a run as it was resolved, ready to be run again.

    Parameters
    ----------
    folder : Path
        Of the run.
    record : mapping
        Its ``record.json``, which tells from which folder the recipe names its files.
    project : Project
    """
    from sartor.recipe.loading import error_of, load_text

    text = (folder / RESOLVED).read_text(encoding="utf-8")
    home = project.root / str(record.get("folder", "."))
    loaded = load_text(text, name=f"{folder.name}/{RESOLVED}", folder=home, project=project)
    if loaded.recipe is None or loaded.problems:
        raise error_of(loaded.problems)
    return loaded.recipe


def recipe_again(folder: Path, record: Mapping[str, Any], project: Project, plugins: Plugins) -> Recipe:
    """Return the recipe of a run as `resolved_recipe` does, checked against what is installed now.

    Raises
    ------
    RecipeError
        If it can no longer be run.
    """
    from sartor.recipe.checking import check
    from sartor.recipe.loading import error_of

    recipe = resolved_recipe(folder, record, project)
    problems = list(check(recipe, plugins))
    if problems:
        raise error_of(problems)
    return recipe


def stored_table(folder: Path, name: str) -> pd.DataFrame | None:
    """Return a table of a run; None where it has none of this name."""
    import pyarrow.parquet as pq

    file = folder / name
    if not file.is_file():
        return None
    table: pd.DataFrame = pq.read_table(file).to_pandas()
    return table


def decision_tables(folder: Path, actions: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the decisions of every action of a run."""
    from sartor.runs.recording import decisions_file

    found = {action: stored_table(folder, decisions_file(action, len(actions))) for action in actions}
    return {action: table for action, table in found.items() if table is not None}
