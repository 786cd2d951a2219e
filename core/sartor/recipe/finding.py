"""Where recipes are: in the project's folder ``recipes``, among those that come with sartor, or in any file."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sartor.errors import UsageError, nearest
from sartor.recipe.project import Project

PACKAGE = "sartor_recipes"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class RecipeFile:
    """A file that holds a recipe.

    Parameters
    ----------
    name : str
        ``finance/credit-scoring``; for a file outside the recipe folders, its path.
    path : Path
    shown : str
        What the file is called in messages: relative to the present folder where it lies in it.
    built_in : bool
        Whether it came with sartor.
    """

    name: str
    path: Path
    shown: str
    built_in: bool = False


def find(name: str, project: Project, folder: Path | None = None) -> RecipeFile:
    """Return the file of a recipe.

    Parameters
    ----------
    name : str
        A recipe's name, or the path of a file that ends in ``.yaml`` or ``.yml``.
    project : Project
        Its own recipes come before those that came with sartor.
    folder : Path, optional
        What a relative path starts from; the present folder unless given.

    Raises
    ------
    UsageError
        If there is none, with the nearest name.
    """
    if name.endswith(SUFFIXES):
        return _file(name, project, folder or Path.cwd())
    for place, built_in in _folders(project):
        # A name is never a way out of the folder of recipes.
        parts = name.split("/")
        if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
            break
        for suffix in SUFFIXES:
            path = place.joinpath(*parts[:-1], parts[-1] + suffix)
            if path.is_file():
                return RecipeFile(name, path, _shown(path, place, built_in), built_in)
    see = (("to see all", "sartor recipes list"),)
    raise UsageError(f"no recipe is called '{name}'", code="U001", hints=_near(name, project) + see)


def all_recipes(project: Project) -> list[RecipeFile]:
    """Return every recipe that can be named, by name; a project's recipe hides a built-in one of the same name."""
    found: dict[str, RecipeFile] = {}
    for place, built_in in _folders(project):
        for path in _yaml_files(place):
            name = path.relative_to(place).with_suffix("").as_posix()
            found.setdefault(name, RecipeFile(name, path, _shown(path, place, built_in), built_in))
    return [found[name] for name in sorted(found)]


def _file(name: str, project: Project, folder: Path) -> RecipeFile:
    try:
        path = folder / Path(name).expanduser()
        if path.is_file():
            return RecipeFile(name, path, _relative(path))
        there = path.parent.is_dir()
        siblings = [str(Path(name).with_name(entry.name)) for entry in path.parent.iterdir()] if there else []
    except (OSError, ValueError, RuntimeError):
        # A name with a null character, or a home folder that nobody has.
        siblings = []
    files = [sibling for sibling in siblings if sibling.endswith(SUFFIXES)]
    hints = nearest(name, files) if files else _near(name.rpartition(".")[0], project)
    raise UsageError(f"there is no file '{name}'", code="U001", hints=hints)


def _near(name: str, project: Project) -> tuple[tuple[str, str], ...]:
    names = [recipe.name for recipe in all_recipes(project)]
    same_end = [known for known in names if known.rpartition("/")[2] == name.rpartition("/")[2]]
    if len(same_end) == 1:
        return (("did you mean", same_end[0]),)
    return nearest(name, names)


def _folders(project: Project) -> Iterator[tuple[Path, bool]]:
    if project.recipes.is_dir():
        yield project.recipes, False
    built_in = _built_in_folder()
    if built_in is not None:
        yield built_in, True


@cache
def _built_in_folder() -> Path | None:
    """Where the recipes that came with sartor are; found without importing anything."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _yaml_files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for file in sorted(files):
            if file.endswith(SUFFIXES) and not file.startswith("."):
                yield Path(root) / file


def _shown(path: Path, place: Path, built_in: bool) -> str:
    return f"{PACKAGE}/{path.relative_to(place).as_posix()}" if built_in else _relative(path)


def _relative(path: Path) -> str:
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):
        return str(path)
    return str(path) if relative.startswith("..") else relative
