"""Settings as a component's class takes them: lists where it wants tuples, files from the folder of the step."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

from sartor.components import ModelStep, Refers
from sartor.recipe import setting_types
from sartor.recipe.document import KeyPath
from sartor.recipe.model import Recipe
from sartor.recipe.setting_types import Typed

if TYPE_CHECKING:
    from sartor.plugins import Plugins


def given(
    cls: type,
    settings: Mapping[str, Any],
    recipe: Recipe | None = None,
    path: KeyPath = (),
    *,
    home: Path | None = None,
    plugins: Plugins | None = None,
) -> dict[str, Any]:
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
    home : Path, optional
        The folder from which the component will look for files; that of the step unless given. A step of ``prepare``
        looks from the folder of its model.
    plugins : Plugins, optional
        To follow the settings of models and steps inside the settings, which look from the same folder.

    Returns
    -------
    dict
    """
    ready = {name: _as_typed(setting_types.below(Typed(cls), name), value) for name, value in settings.items()}
    if recipe is None or path[:1] == ("deliver",):
        # What is delivered is named from the project's folder, whoever names it.
        return ready
    home = home or recipe.base_folder(path)
    for below, name in files_of(cls, settings, plugins):
        folder = recipe.base_folder((*path, "with", *below))
        if folder != home:
            ready = _replaced(ready, below, os.path.relpath(folder / name, home))
    return ready


def _as_typed(types: Sequence[Typed], value: Any) -> Any:
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


def files_of(
    cls: type, settings: Mapping[str, Any], plugins: Plugins | None = None, *, absolute: bool = False
) -> Iterator[tuple[KeyPath, str]]:
    """Yield the relative names of files among settings, each with its place below them.

    Parameters
    ----------
    cls : class
        The component's.
    settings : mapping
        As written.
    plugins : Plugins, optional
        To look into the settings of models and steps inside them, too.
    absolute : bool
        Whether absolute names are yielded as well.
    """
    for found in setting_types.values(cls, settings):
        if isinstance(found.value, dict):
            inside = found.typed.type is ModelStep
            yield from _files_inside(found.value, found.path, inside, plugins, absolute=absolute)
            continue
        refers = found.typed.told(Refers)
        if refers is None or refers.to != "file" or found.is_key or "://" in found.value:
            continue
        if absolute or not Path(found.value).expanduser().is_absolute():
            yield found.path, found.value


def _files_inside(
    step: Mapping[str, Any], path: KeyPath, is_model: bool, plugins: Plugins | None, *, absolute: bool
) -> Iterator[tuple[KeyPath, str]]:
    if plugins is None:
        return
    inner = plugins.class_of(plugins.find(step["use"]))
    for below, name in files_of(inner, step.get("with") or {}, plugins, absolute=absolute):
        yield (*path, "with", *below), name
    for place, one in enumerate(step.get("prepare") or () if is_model else ()):
        yield from _files_inside(one, (*path, "prepare", place), False, plugins, absolute=absolute)


def _replaced(value: Any, path: KeyPath, name: str) -> Any:
    """Return settings with another name at a place."""
    if not path:
        return name
    first, *rest = path
    if isinstance(value, dict):
        return {**value, first: _replaced(value[first], tuple(rest), name)}
    items = [_replaced(item, tuple(rest), name) if place == first else item for place, item in enumerate(value)]
    return items if isinstance(value, list) else tuple(items)
