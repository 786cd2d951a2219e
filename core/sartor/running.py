"""Runs a recipe: the one place that owns the order of stages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.errors import Problem, RecipeError, SartorError, UsageError
from sartor.events import Event

if TYPE_CHECKING:
    from sartor.plugins import Plugins
    from sartor.recipe.model import Recipe
    from sartor.recipe.project import Project
    from sartor.runs.result import Run

STAGES = ("ingest", "features", "fit")
"""Stages that are kept from run to run; ``--from`` redoes one of them and all behind it."""


def _silent(event: Event) -> None:
    """Listen to nothing."""


def load_checked(
    recipe: str | Path,
    *,
    sets: Iterable[str] = (),
    data: str | Path | None = None,
    project: Project | None = None,
    plugins: Plugins | None = None,
) -> tuple[Recipe, Plugins, Project]:
    """Read a recipe and check it against the plugins, without reading a row of data.

    Raises
    ------
    RecipeError
        With every problem found, those of reading and those of checking. Where all of them are of one other group,
        plugins that fail for example, the error of that group.
    """
    from sartor.plugins import Plugins
    from sartor.recipe import load_lenient
    from sartor.recipe.checking import check as check_components
    from sartor.recipe.loading import error_of, in_order
    from sartor.recipe.project import Project

    project = project or Project.at()
    plugins = plugins or Plugins()
    found, problems = load_lenient(recipe, project=project, sets=tuple(sets), data=data)
    if found is not None:
        problems = in_order([*problems, *check_components(found, plugins, project.root)], found.document.source.name)
    if problems or found is None:
        raise error_of(problems)
    return found, plugins, project


def check(recipe: str | Path, *, sets: Iterable[str] = (), data: str | Path | None = None) -> list[Problem]:
    """Return everything that is wrong with a recipe; empty when it can be run.

    Parameters
    ----------
    recipe : str or Path
        A name such as ``finance/credit-scoring``, or a file.
    sets : iterable of str
        As ``--set`` takes them: ``models.forest.with.trees=400``.
    data : str or Path, optional
        The data folder.

    Examples
    --------
    >>> check("finance/credit-scoring")
    []
    """
    try:
        load_checked(recipe, sets=sets, data=data)
    except SartorError as error:
        return list(error.problems)
    return []


def run(
    recipe: str | Path,
    *,
    sets: Iterable[str] = (),
    data: str | Path | None = None,
    seed: int | None = None,
    threads: int | None = None,
    as_of: str | datetime | None = None,
    memory: str | None = None,
    live: bool = False,
    information: bool = True,
    listen: Callable[[Event], None] = _silent,
) -> Run:
    """Run a recipe and return its numbers, decisions and models.

    Parameters
    ----------
    recipe : str or Path
        A name such as ``finance/credit-scoring``, or a file.
    sets : iterable of str
        As ``--set`` takes them: ``models.forest.with.trees=400``.
    data : str or Path, optional
        The data folder; else ``SARTOR_DATA``, else the project's.
    seed : int, optional
        Of everything random; else the recipe's.
    threads : int, optional
        For native code; else what is free.
    as_of : str or datetime, optional
        Lines of tables with a time at or after this moment are not read.
    memory : str, optional
        How much memory tables may take, such as ``2 GB``; else as the project says.
    live : bool
        Deliver the decisions where the recipe says, if all gates pass; else nothing is delivered.
    information : bool
        Weigh sources, where the recipe names any; left for later, `sartor info` does it.
    listen : callable, optional
        Hears every event of the run.

    Returns
    -------
    Run
        Also recorded in the project's ``runs`` folder.

    Raises
    ------
    SartorError
        RecipeError, InputError, SettingError, PrivacyStop or PluginError, each with what, where and how to mend.

    Examples
    --------
    >>> import sartor
    >>> run = sartor.run("finance/credit-scoring", sets=["judge.redraws=100"])
    >>> run.headline.startswith("Accept ")
    True
    >>> run.champion
    'scorecard'
    """
    options: dict[str, Any] = {"seed": seed, "threads": threads, "as_of": as_of, "memory": memory, "live": live}
    options["information"] = information
    return run_recipe(recipe, sets=sets, data=data, listen=listen, **options)


def run_recipe(
    recipe: str | Path,
    *,
    sets: Iterable[str] = (),
    data: str | Path | None = None,
    seed: int | None = None,
    threads: int | None = None,
    as_of: str | datetime | None = None,
    memory: str | None = None,
    from_stage: str | None = None,
    live: bool = False,
    information: bool = True,
    listen: Callable[[Event], None] = _silent,
    project: Project | None = None,
    plugins: Plugins | None = None,
) -> Run:
    """Run a recipe as the command line does; `run` is the form for Python.

    Parameters
    ----------
    from_stage : {"ingest", "features", "fit"}, optional
        Do this stage and all behind it again, even where an earlier run kept them.
    project, plugins
        Where runs go, and what components there are; found where not given.
    """
    started = time.perf_counter()
    if from_stage is not None and from_stage not in STAGES:
        from sartor.errors import nearest

        raise UsageError(f"no run can begin from '{from_stage}'", code="U022", hints=nearest(from_stage, STAGES))
    checked, plugins, project = load_checked(recipe, sets=sets, data=data, project=project, plugins=plugins)
    _check_runnable(checked, live)
    from sartor.performing import Options, perform
    from sartor.runs.signing import check_key

    # Now, and not after hours of work, when the record is to be signed.
    check_key(project)
    if live and checked.access:
        from sartor.access.door import admit

        admit(checked.access, project, "deliver", "run --live", checked.name)

    options = Options(
        seed=checked.seed if seed is None else seed,
        threads=threads or project.settings.threads,
        as_of=moment_of(as_of),
        from_stage=from_stage,
        live=live,
        memory=memory_of(memory),
        inform=information,
    )
    return perform(checked, plugins, project, options, listen, started)


def _check_runnable(recipe: Recipe, live: bool) -> None:
    """Refuse a recipe that is only a base for others, and a live run that has nothing to deliver."""
    if recipe.abstract:
        raise RecipeError(
            f"{recipe.name} is abstract: a base for other recipes",
            code="R053",
            hints=(("to mend", f"run a recipe that extends it, or write one: extends: {recipe.name}"),),
        )
    if live and not recipe.deliver:
        raise UsageError(
            f"{recipe.name} has nothing to deliver",
            code="U025",
            hints=(("to mend", "say where decisions go: deliver: {NAME: {use: tables.write, with: {path: FILE}}}"),),
        )


def moment_of(as_of: str | datetime | None) -> datetime | None:
    """Return the moment that an ``as_of`` means.

    Raises
    ------
    UsageError
        If it is no date.
    """
    if as_of is None or isinstance(as_of, datetime):
        return as_of
    try:
        return datetime.fromisoformat(as_of)
    except ValueError:
        raise UsageError(
            f"--as-of takes a date, got '{as_of}'",
            code="U023",
            hints=(("to mend", "write it like 2026-11-24 or 2026-11-24T08:00"),),
        ) from None


def memory_of(memory: str | None) -> str | None:
    """Return how much memory tables may take.

    Raises
    ------
    UsageError
        If it is no amount.
    """
    from sartor.recipe.project import is_memory

    if memory is None or is_memory(memory):
        return memory
    raise UsageError(
        f"memory must be a number and a unit, got '{memory}'",
        code="U024",
        hints=(("to mend", "write it like '4 GB'"),),
    )
