"""Settings as a component's class takes them: lists where it wants tuples, files from the folder of the step."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin

from sartor.components import Refers
from sartor.recipe import setting_types
from sartor.recipe.document import KeyPath
from sartor.recipe.model import Recipe
from sartor.recipe.setting_types import Typed


def given(cls: type, settings: Mapping[str, Any], recipe: Recipe | None = None, path: KeyPath = ()) -> dict[str, Any]:
    """Return settings ready for ``cls.model_validate``.

    YAML has one kind of list; a class may ask for a tuple or a set. A file that a recipe names is relative to the
    recipe's own folder, also where another recipe in another folder extends it: such a name is rewritten so that it
    is relative to the folder of the step.

    Parameters
    ----------
    cls : class
        The component's.
    settings : mapping
        As written.
    recipe : Recipe, optional
        Knows where each setting was written.
    path : tuple
        Where the step stands in the recipe.

    Returns
    -------
    dict
    """
    ready = {name: _as_typed(setting_types.below(Typed(cls), name), value) for name, value in settings.items()}
    return ready if recipe is None else _from_the_step(cls, ready, settings, recipe, path)


def _as_typed(types: list[Typed], value: Any) -> Any:
    members = [member for typed in types for member in setting_types.members(typed)]
    if isinstance(value, dict):
        return {key: _as_typed(_below(members, key), entry) for key, entry in value.items()}
    if not isinstance(value, list):
        return value
    items = [_as_typed(_below(members, index), item) for index, item in enumerate(value)]
    kinds = [get_origin(member.type) or member.type for member in members]
    for kind in (tuple, set, frozenset):
        # A set of lists cannot be; the class then says what it wants.
        fits = kind is tuple or all(isinstance(item, (str, int, float)) for item in items)
        if fits and kind in kinds and list not in kinds:
            return kind(items)
    return items


def _below(members: list[Typed], step: str | int) -> list[Typed]:
    return [inner for member in members for inner in setting_types.below(member, step)]


def _from_the_step(
    cls: type, ready: dict[str, Any], settings: Mapping[str, Any], recipe: Recipe, path: KeyPath
) -> dict[str, Any]:
    home = recipe.base_folder(path)
    for found in setting_types.values(cls, settings):
        refers = found.typed.told(Refers)
        folder = recipe.base_folder((*path, "with", *found.path))
        if (
            refers is None
            or refers.to != "file"
            or found.is_key
            or "://" in found.value
            or folder == home
            or Path(found.value).expanduser().is_absolute()
        ):
            continue
        _replace(ready, found.path, os.path.relpath(folder / found.value, home))
    return ready


def _replace(ready: dict[str, Any], path: KeyPath, name: str) -> None:
    holder: Any = ready
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = name
