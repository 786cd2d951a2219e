"""``sartor check RECIPE...``: everything that is wrong with recipes in one go, without reading a row of data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sartor.cli import problems as showing
from sartor.cli.completing import recipe_names
from sartor.cli.look import GOOD, QUIET, STRONG, Look
from sartor.cli.options import ColorOption, DataOption, FormatOption, JsonOption, SetOption, TracebackOption
from sartor.cli.screen import Screen, screen
from sartor.cli.verbs import Verb, verb_app
from sartor.errors import Problem, RecipeError, UsageError
from sartor.wording import plural

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.plugins import Plugins
    from sartor.recipe.model import Recipe
    from sartor.recipe.project import Project

app = verb_app()


class Checked(NamedTuple):
    """A recipe as it was named, what could be read of it, and all that is wrong."""

    name: str
    recipe: Recipe | None
    problems: list[Problem]


@app.command(cls=Verb)
def check(
    recipes: Annotated[
        list[str],
        typer.Argument(metavar="RECIPE...", autocompletion=recipe_names, help="Names of recipes, or paths of files."),
    ],
    sets: SetOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Check recipes without reading a row of data: every problem in one go.

    The problems are the answer and go to stdout; the exit code is 2 where there is one.
    """
    from sartor.plugins import Plugins
    from sartor.recipe.project import Project

    project, plugins = Project.at(), Plugins()
    found = [checked(name, project, plugins, tuple(sets or ()), data) for name in dict.fromkeys(recipes)]
    here = screen()
    if as_json:
        here.out.json(_told(found))
    else:
        _show(found, here)
    if any(one.problems for one in found):
        raise typer.Exit(RecipeError.exit_code)


def checked(
    name: str, project: Project, plugins: Plugins, sets: tuple[str, ...] = (), data: Path | None = None
) -> Checked:
    """Check one recipe against the plugins.

    Parameters
    ----------
    name : str
        Its name, or the path of its file.
    project : Project
    plugins : Plugins
    sets : tuple of str
        Values changed by ``--set``.
    data : Path, optional
        The data folder.
    """
    from sartor.recipe.checking import check as check_components
    from sartor.recipe.loading import in_order, load_lenient

    try:
        recipe, problems = load_lenient(name, project=project, sets=sets, data=data, abstract_ok=True)
    except UsageError as error:
        return Checked(name, None, list(error.problems))
    if recipe is not None:
        problems = in_order([*problems, *check_components(recipe, plugins, project.root)], recipe.document.source.name)
    return Checked(name, recipe, problems)


def _show(found: list[Checked], here: Screen) -> None:
    look, output = here.out.look, here.out
    # A base that several recipes extend is wrong once.
    problems = list(dict.fromkeys(problem for one in found for problem in one.problems))
    if here.form == "concise":
        output.lines(showing.concise(problems, look))
        return
    output.lines(showing.full(problems, look))
    output.lines(_fine_line(one, look) for one in found if not one.problems)
    if problems:
        wrong = sum(bool(one.problems) for one in found)
        where = f" in {wrong} of {plural(len(found), 'recipe')}" if len(found) > 1 else ""
        output.line(showing.footer(problems, look, where=where, untouched="no data was read"))


def _fine_line(one: Checked, look: Look) -> str:
    assert one.recipe is not None
    recipe = one.recipe
    counts = [
        plural(len(recipe.ingest), "table"),
        plural(len(recipe.features), "feature"),
        plural(len(recipe.models), "model"),
        plural(len(recipe.actions), "action"),
        plural(len(recipe.gates), "gate"),
    ]
    base = ", a base for others" if recipe.abstract else ""
    shown = look.paint(", ".join(count for count in counts if not count.startswith("0 ")) + base, QUIET)
    return f"{look.paint(one.name, STRONG)}  {look.paint('ok', GOOD)}  {shown}".rstrip()


def _told(found: list[Checked]) -> dict[str, Any]:
    recipes = [
        {"recipe": one.name, "ok": not one.problems, "problems": [_plain(problem) for problem in one.problems]}
        for one in found
    ]
    return {"schema": 1, "recipes": recipes}


def _plain(problem: Problem) -> dict[str, Any]:
    where = problem.where
    place = {"file": where.file, "line": where.line, "column": where.column, "width": where.width} if where else {}
    return {
        "code": problem.code,
        "message": problem.message,
        **place,
        "hints": [{"label": label, "text": text} for label, text in problem.hints],
    }
