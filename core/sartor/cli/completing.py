"""What the shell completes: names of recipes, runs, components, codes. Never fails, never prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps

from sartor.errors import SartorError

_Names = Callable[[str], Iterable[str]]


def _silent(names: _Names) -> Callable[[str], list[str]]:
    """Complete nothing where an error would be shown; pressing Tab is not the moment to explain it."""

    @wraps(names)
    def completed(incomplete: str) -> list[str]:
        try:
            return [name for name in names(incomplete) if name.startswith(incomplete)]
        except (SartorError, OSError):
            return []

    return completed


@_silent
def recipe_names(incomplete: str) -> Iterable[str]:
    """Complete the name of a recipe; a path is left to the shell."""
    from sartor.recipe.finding import all_recipes
    from sartor.recipe.project import Project

    return [recipe.name for recipe in all_recipes(Project.at())]


@_silent
def plugin_names(incomplete: str) -> Iterable[str]:
    """Complete the name of a plugin; none is imported."""
    from sartor.plugins import Plugins

    return Plugins().names


@_silent
def explainable(incomplete: str) -> Iterable[str]:
    """Complete a code, a section or a component; plugins are imported only for a component's second part."""
    from sartor.cli.topics import section_names
    from sartor.codes import CODES
    from sartor.plugins import Plugins

    plugins = Plugins()
    plugin, dot, _ = incomplete.partition(".")
    if dot:
        return list(plugins.by_name[plugin].components) if plugin in plugins.by_name else []
    return [*CODES, *section_names(), *(f"{name}." for name in plugins.names)]


@_silent
def run_names(incomplete: str) -> Iterable[str]:
    """Complete a run: the names for the newest two, then those of all runs."""
    from sartor.recipe.project import Project
    from sartor.runs.finding import LAST, PREVIOUS, folders

    return [LAST, PREVIOUS, *sorted(folder.name for folder in folders(Project.at().runs))]
