"""``sartor recipes``: list those that can be named, show one, copy one to change it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from sartor.cli.completing import recipe_names
from sartor.cli.layout import Cell, Column, table, total_width
from sartor.cli.look import DOUBT, QUIET, STRONG, TYPED, Look, printable
from sartor.cli.options import ColorOption, FormatOption, JsonOption, SetOption, TracebackOption
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, VerbGroup, verb_app
from sartor.errors import Problem, RecipeError, UsageError
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.recipe.finding import RecipeFile
    from sartor.recipe.project import Project

_SHORTEST_ABOUT = 20
_NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", autocompletion=recipe_names, help="A recipe's name, or the path of its file.")
]

app = verb_app(
    cls=VerbGroup,
    help="""List, show and copy recipes.

Recipes are looked for in the project's folder `recipes`, then among those that come with sartor.""",
)


class Listed(NamedTuple):
    """A recipe in the list: its file, what it says of itself, and what keeps it from being read."""

    file: RecipeFile
    about: str
    abstract: bool
    problems: list[Problem]


@app.command("list", cls=Verb)
def list_recipes(
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """List the recipes that can be named."""
    from sartor.recipe.finding import all_recipes
    from sartor.recipe.project import Project

    listed = [_read(file) for file in all_recipes(Project.at())]
    output = screen().out
    if as_json:
        output.line(_as_json(listed))
        return
    output.lines(_lines([entry for entry in listed if not entry.problems], output.look))
    if listed:
        run = output.look.paint("sartor run NAME", TYPED)
        output.line(f"{plural(len(listed), 'recipe')}. To run one: {run}")
    else:
        output.line("no recipe can be named here")
    for entry in listed:
        if entry.problems:
            check = output.look.paint(f"sartor check {entry.file.name}", TYPED)
            mark = output.look.paint("!", DOUBT)
            output.line(f"{mark} {output.look.text(entry.file.name)} cannot be read: {check}")


def _read(file: RecipeFile) -> Listed:
    from sartor.recipe.reading import read_file

    document, problems = read_file(file.path, file.shown)
    values = document.plain() if document is not None else {}
    about = values.get("about")
    return Listed(
        file,
        " ".join(about.split()) if isinstance(about, str) else "",
        values.get("abstract") is True,
        problems if document is None else [],
    )


def _lines(listed: list[Listed], look: Look) -> list[str]:
    kinds = ["abstract" if entry.abstract else "" if entry.file.built_in else "yours" for entry in listed]
    columns = [
        Column("", [Cell(entry.file.name, STRONG) for entry in listed], gap=0),
        Column("", [Cell(kind, QUIET) for kind in kinds], gap=2 if any(kinds) else 0),
    ]
    room = max(_SHORTEST_ABOUT, look.width - total_width(columns, look) - 2)
    abouts = [look.cut(entry.about, room) if look.fold else entry.about for entry in listed]
    columns.insert(1, Column("", [Cell(about) for about in abouts]))
    return table(columns, look, headings=False)


def _as_json(listed: list[Listed]) -> str:
    import json

    recipes = [
        {
            "recipe": entry.file.name,
            "about": entry.about,
            "file": str(entry.file.path),
            "built_in": entry.file.built_in,
            "abstract": entry.abstract,
            "readable": not entry.problems,
        }
        for entry in listed
    ]
    return json.dumps({"schema": 1, "recipes": recipes})


@app.command(cls=Verb)
def show(
    name: _NameArgument,
    merged: Annotated[
        bool, typer.Option("--merged", help="With the recipes that it extends merged in; can be run as it is.")
    ] = False,
    sets: SetOption = None,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Show a recipe as it is written, or merged with the recipes that it extends."""
    from sartor.recipe.finding import find
    from sartor.recipe.project import Project

    project = Project.at()
    output = screen().out
    if merged or sets:
        text = _merged(name, project, sets or [])
    else:
        file = find(name, project)
        text = _text_of(file)
    # In a pipe the text stays as it is, byte for byte; a terminal must not obey it.
    shown = "\n".join(printable(line) for line in text.split("\n")) if output.look.fold else text
    output.write(shown if shown.endswith("\n") else shown + "\n")


def _merged(name: str, project: Project, sets: list[str]) -> str:
    from sartor.recipe.loading import load_lenient

    recipe, problems = load_lenient(name, project=project, sets=tuple(sets))
    if recipe is None:
        raise RecipeError(problems)
    return recipe.merged_text()


def _text_of(file: RecipeFile) -> str:
    try:
        return file.path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        from sartor.recipe.reading import read_file

        # The reader says best what is wrong with a file that cannot be read.
        raise RecipeError(read_file(file.path, file.shown).problems) from None


@app.command(cls=Verb)
def copy(
    name: _NameArgument,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET",
            show_default=False,
            help="A file ending in .yaml, or a folder; else the project's own.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Copy a recipe into the project, to change it.

    A recipe of the project comes before one of the same name that came with sartor. To change a few values only, write
    a recipe that `extends` the other.
    """
    from sartor.recipe.finding import find
    from sartor.recipe.project import Project

    project = Project.at()
    file = find(name, project)
    place = _target(file, target, project)
    text = _renamed(_text_of(file), file, place, project)
    _write(place, text, force=force)
    output = screen().out
    shown = place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place
    next_step = output.look.paint(f"sartor check {shown}", TYPED)
    output.line(f"copied {output.look.text(file.name)} to {output.look.text(str(shown))}. Next: {next_step}")


def _target(file: RecipeFile, target: str | None, project: Project) -> Path:
    """Where a copy goes: below the project's recipes under its own name, unless a file or a folder is given."""
    from sartor.recipe.finding import SUFFIXES

    if target is None:
        name = file.name if file.name != str(file.path) and not file.name.endswith(SUFFIXES) else file.path.stem
        return project.recipes.joinpath(*f"{name}{file.path.suffix}".split("/"))
    place = Path(target).expanduser()
    if target.endswith(SUFFIXES):
        return Path.cwd() / place
    if target.endswith("/") or place.is_dir():
        return Path.cwd() / place / file.path.name
    raise UsageError(
        f"'{target}' is neither a folder that is there nor a file that ends in .yaml",
        code="U041",
        hints=(("to mend", f"write {target}.yaml for a file, {target}/ for a folder"),),
    )


def _renamed(text: str, file: RecipeFile, place: Path, project: Project) -> str:
    """Let a copy among the project's recipes carry the name that it has there, so that its runs are its own."""
    if not place.is_relative_to(project.recipes):
        return text
    name = place.relative_to(project.recipes).with_suffix("").as_posix()
    if name == file.name or not re.fullmatch(r"[\w./-]+", name):
        return text
    return re.sub(r"(?m)^(recipe:[ \t]+)[\w./-]+[ \t]*(?=#|$)", rf"\g<1>{name}", text, count=1)


def _write(place: Path, text: str, *, force: bool) -> None:
    if place.exists() and not force:
        mend = (("to mend", "choose another target, or add --force"),)
        raise UsageError(f"{place} is there already", code="U042", hints=mend)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # "x" refuses a file that somebody else has written since.
        with place.open("wb" if force else "xb") as file:
            file.write(text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"{place} cannot be written: {error.strerror}", code="U043") from error
