"""``sartor report RUN``: the page of a recorded run, made anew from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sartor.cli.options import ColorOption, FormatOption, JsonOption, TracebackOption
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, verb_app
from sartor.cli.verify import RunArgument

app = verb_app()


@app.command(cls=Verb)
def report(
    run: RunArgument,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Make the report of a recorded run anew, and open it with --open.

    One page in one file, made from the run's folder alone: no data is read and nothing is computed again. It is entered
    in the run's ledger, so that `sartor verify` knows it.

      sartor report @last --open
    """
    from sartor.cli.answer import caution
    from sartor.recipe.project import Project
    from sartor.reporting import page_of
    from sartor.runs.finding import find_run

    found, here = find_run(run, Project.at()), screen()
    reported = page_of(found.folder)
    for trouble in reported.troubles:
        here.err.lines(caution(trouble, here.err.look, left=1))
    page = reported.files[0]
    if as_json:
        import json

        said = {"schema": 1, "run": found.run, "report": str(page), "files": [str(file) for file in reported.files]}
        here.out.line(json.dumps(said, ensure_ascii=not here.out.look.unicode))
    else:
        here.out.line(here.out.look.text(shown_path(page)))
    if open_it:
        import webbrowser

        webbrowser.open(page.absolute().as_uri())


def shown_path(path: Path) -> str:
    """Name a file as the user would from where the command is called."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)
