"""A recipe as it was resolved, in a form that can be run again from one folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sartor.recipe.giving import files_of

if TYPE_CHECKING:
    from sartor.plugins import Plugins
    from sartor.recipe.document import KeyPath
    from sartor.recipe.model import Recipe, Step


def steps_of(recipe: Recipe) -> Iterator[Step]:
    """Yield every step of a recipe, in the order of its sections."""
    yield from recipe.ingest.values()
    if recipe.task:
        yield recipe.task
    yield from recipe.features.values()
    for model in recipe.models.values():
        yield model
        yield from model.prepare
    yield from recipe.actions.values()
    yield from recipe.deliver.values()


def resolved(recipe: Recipe, plugins: Plugins) -> dict[str, Any]:
    """Return the whole recipe as plain values; all its files are named from the folder of the recipe's own file.

    A recipe may extend another in another folder, and each names files from its own; once they are merged only one
    folder is left.
    """
    values = recipe.resolved()
    home = recipe.document.source.folder
    for step in steps_of(recipe):
        for path, name in _files(step, plugins):
            folder = recipe.base_folder(path)
            if folder != home:
                _put(values, path, os.path.relpath(folder / name, home))
    return values


def _files(step: Step, plugins: Plugins) -> Iterator[tuple[KeyPath, str]]:
    """Yield the relative names of files among a step's settings, each with its place in the recipe."""
    if step.path[0] == "deliver":
        # What is delivered is named from the project's folder, whoever names it.
        return
    for below, name in files_of(plugins.class_of(plugins.find(step.use)), step.settings, plugins):
        yield (*step.path, "with", *below), name


def _put(values: Any, path: KeyPath, name: str) -> None:
    for key in path[:-1]:
        values = values[key]
    values[path[-1]] = name
