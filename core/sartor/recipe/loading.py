"""A recipe's name or file to a `Recipe`: read, merged with its bases, references replaced, grammar checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from sartor.errors import InputError, PluginError, PrivacyStop, Problem, RecipeError, SartorError, UsageError, nearest
from sartor.recipe.document import Document, KeyPath, Source
from sartor.recipe.document import Mapping as MappingNode
from sartor.recipe.extending import extended, without_nulls
from sartor.recipe.finding import RecipeFile, find
from sartor.recipe.grammar import parse
from sartor.recipe.model import Recipe
from sartor.recipe.overriding import OPTION, overridden
from sartor.recipe.project import Project
from sartor.recipe.reading import Reading, read_file, read_source
from sartor.recipe.references import References

_NO_BASE = ("R050", "R051")
_BASE_MAY_HAVE = (
    "R015", "R040", "R041", "R042", "R043", "R046", "R048", "R054", "R061", "R065", "R066", "R067", "U003",
)  # fmt: skip
"""Codes that say that something is not there, or was taken away."""


class Loaded(NamedTuple):
    """What came of a recipe: as much of it as could be read, and everything that is wrong."""

    recipe: Recipe | None
    problems: list[Problem]


def load(
    name_or_path: str | Path,
    *,
    project: Project | None = None,
    sets: Iterable[str] = (),
    env: Mapping[str, str] | None = None,
    data: str | Path | None = None,
) -> Recipe:
    """Load a recipe.

    Parameters
    ----------
    name_or_path : str or Path
        ``finance/credit-scoring``, or a file that ends in ``.yaml``.
    project : Project, optional
        Where its recipes and data are; the project of the present folder unless given.
    sets : iterable of str
        ``models.forest.with.trees=200``: values for this run.
    env : mapping of str to str, optional
        Environment variables; those of the process unless given.
    data : str or Path, optional
        What ``${data}`` stands for; the project's data folder unless given.

    Returns
    -------
    Recipe

    Raises
    ------
    UsageError
        If no recipe has the name, or nothing but `sets` is wrong.
    RecipeError
        With every problem of the recipe, whatever is wrong with `sets` included.
    """
    loaded = load_lenient(name_or_path, project=project, sets=sets, env=env, data=data)
    if loaded.recipe is None or loaded.problems:
        raise error_of(loaded.problems)
    return loaded.recipe


def error_of(problems: Iterable[Problem]) -> SartorError:
    """Return the error that problems make: of the group of their codes if all are of one, else a `RecipeError`."""
    problems = list(problems)
    groups = {problem.code[0] for problem in problems}
    kinds: dict[str, type[SartorError]] = {"U": UsageError, "D": InputError, "P": PrivacyStop, "X": PluginError}
    kind = kinds.get(groups.pop(), RecipeError) if len(groups) == 1 else RecipeError
    error = kind(problems)
    error.__cause__ = next((problem.cause for problem in problems if problem.cause is not None), None)
    return error


def load_lenient(
    name_or_path: str | Path,
    *,
    project: Project | None = None,
    sets: Iterable[str] = (),
    env: Mapping[str, str] | None = None,
    data: str | Path | None = None,
    abstract_ok: bool = False,
) -> Loaded:
    """Load as much of a recipe as can be read, and return its problems in place of raising them.

    Parameters
    ----------
    name_or_path, project, sets, env, data
        As for `load`.
    abstract_ok : bool
        Whether a recipe that is only a base for others is acceptable, as in ``recipes show``.

    Returns
    -------
    Loaded

    Raises
    ------
    UsageError
        If no recipe has the name.
    """
    project = project or Project.at()
    file = find(str(name_or_path), project)
    return _loaded(read_file(file.path, file.shown), file.path, project, sets, env, data, abstract_ok)


def load_text(
    text: str,
    *,
    name: str = "recipe.yaml",
    folder: Path | None = None,
    project: Project | None = None,
    sets: Iterable[str] = (),
    env: Mapping[str, str] | None = None,
    data: str | Path | None = None,
    abstract_ok: bool = False,
) -> Loaded:
    """Load a recipe from a text; `name` stands for its file in messages, `folder` is what its paths start from."""
    source = Source(name, text, folder or Path.cwd())
    return _loaded(read_source(source), None, project or Project.at(), sets, env, data, abstract_ok)


def _loaded(
    reading: Reading,
    path: Path | None,
    project: Project,
    sets: Iterable[str],
    env: Mapping[str, str] | None,
    data: str | Path | None,
    abstract_ok: bool,
) -> Loaded:
    env = os.environ if env is None else env
    problems = list(reading.problems)
    document = reading.document
    if document is None:
        return Loaded(None, problems)

    def locate(name: str, folder: Path) -> RecipeFile:
        return find(name, project, folder)

    root = extended(document, path, locate, problems)
    root, new_params = overridden(root, sets, problems)
    root = without_nulls(root, problems)
    merged = Document(root, document.source)
    params = root.entries.get("params")
    references = References(
        params.entries if isinstance(params, MappingNode) else {}, env, project.data_folder(data, env), problems
    )
    resolved = Document(references.resolved(root), document.source)
    _check_new_params(new_params, references, root, problems)
    recipe = parse(resolved, merged, document.source.text, problems)
    if recipe.abstract and not abstract_ok:
        mend = (("to mend", f"run a recipe that extends it: extends: {recipe.name or 'NAME'}"),)
        where = root.keys.get("abstract", root.where)
        problems.append(Problem("R053", f"{recipe.name or 'the recipe'} is only a base for others", where, mend))
    return Loaded(recipe, in_order(problems, document.source.name))


def _check_new_params(paths: list[KeyPath], references: References, root: MappingNode, problems: list[Problem]) -> None:
    """A param that only ``--set`` knows, and nobody refers to, is a misspelt one."""
    params = root.entries.get("params")
    for path in paths:
        name = str(path[-1])
        if name in references.used or not isinstance(params, MappingNode):
            continue
        others = [other for other in params.entries if other != name]
        message = f"no param is called '{name}', and nothing refers to it"
        problems.append(Problem("U003", message, params.keys.get(name), nearest(name, others)))


def in_order(problems: Iterable[Problem], first: str) -> list[Problem]:
    """Return problems in the order of their places, each once: without a place, in file `first`, elsewhere.

    Where a recipe that is extended was not found, what only says that something is missing is left out: the base
    probably has it.

    Parameters
    ----------
    problems : iterable of Problem
    first : str
        The file that was asked for.
    """
    problems = list(problems)
    if any(problem.code in _NO_BASE for problem in problems):
        problems = [problem for problem in problems if problem.code not in _BASE_MAY_HAVE]
    ranks = {OPTION: 0, first: 1}

    def rank(problem: Problem) -> tuple[int, str, int, int]:
        where = problem.where
        if where is None:
            return (-1, "", 0, 0)
        return (ranks.get(where.file, 2), where.file, where.line, where.column)

    return sorted(dict.fromkeys(problems), key=rank)
