"""``sartor data``: what can be asked of data before there is a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sartor.cli.options import ColorOption, FormatOption, JsonOption, MemoryOption, ThreadsOption, TracebackOption
from sartor.cli.screen import Screen, screen
from sartor.cli.verbs import Verb, VerbGroup, verb_app
from sartor.errors import Problem, UsageError

if TYPE_CHECKING:
    from sartor.events import Event

app = verb_app(cls=VerbGroup, help="Look at data before there is a recipe: propose its contract.")


@app.callback()
def data() -> None:
    """Look at data before there is a recipe: propose its contract."""


@app.command("profile", cls=Verb)
def profile(
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV, Parquet, JSON lines or Excel; a glob; a database.")],
    use: Annotated[
        str | None,
        typer.Option("--use", metavar="ID", show_default=False, help="The reader; else as the file's name tells."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="KEY=VALUE",
            show_default=False,
            help="A setting of the reader, such as delimiter=';'; may be repeated.",
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="NAME", show_default=False, help="What to call it; else as the file."),
    ] = None,
    memory: MemoryOption = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Propose the contract of a table, and which of its columns privacy is about, as YAML for a recipe.

    All lines are looked at, twice, and none is kept. What looks as if it told of persons is shown in no value. A
    proposal is a beginning: it says what holds of this file, and you know what shall hold of every one.
    """  # fmt: skip
    from sartor.plugins import Plugins
    from sartor.profiling.profiling import Asked
    from sartor.profiling.profiling import profile as looked_over
    from sartor.profiling.writing import plain_of, table_name, yaml_of
    from sartor.recipe.project import Project

    here = screen()
    given = _settings(settings or [])
    # A database is asked for one of its tables, perhaps with its schema: credit.loans.
    name = table or table_name(str(given["table"]).rpartition(".")[2] if "table" in given else file)
    asked = Asked(file, use, name, given, memory, threads)
    found, reader, said = looked_over(asked, Project.at(), Plugins(), _tell)
    yaml = yaml_of(found, name, reader, said)
    if as_json:
        here.out.line(_as_object(plain_of(found, name, reader, said, yaml), here))
    else:
        here.out.content(yaml.encode())


def _as_object(plain: Any, here: Screen) -> str:
    import json

    return json.dumps(plain, ensure_ascii=not here.out.look.unicode)


def _tell(event: Event) -> None:
    from sartor.cli.answer import caution
    from sartor.events import Note

    if isinstance(event, Note) and event.caution:
        here = screen()
        here.err.lines(caution(event.text, here.err.look, left=1))


def _settings(given: list[str]) -> dict[str, Any]:
    """Read settings as a recipe would: ``encoding=cp1252``, ``names=[id, amount]``."""
    from pathlib import Path

    from sartor.errors import RecipeError
    from sartor.recipe.document import Source, plain
    from sartor.recipe.reading import read_value

    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for one in given:
        key, sign, text = one.partition("=")
        if not sign or not key.strip() or not text.strip():
            problems.append(Problem("U033", f"--with takes KEY=VALUE, got '{one}'"))
            continue
        value = read_value(Source("--with", one, Path.cwd()), len(key) + 1, problems)
        if value is not None:
            found[key.strip()] = plain(value)
    if problems:
        raise RecipeError(problems) if problems[0].where else UsageError(problems)
    return found
