"""``sartor report RUN``: the page of a recorded run, made anew from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sartor.cli.options import ColorOption, FormatOption, JsonOption, TracebackOption
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, verb_app
from sartor.cli.verify import RunArgument
from sartor.errors import UsageError
from sartor.sealing.views import shown_from

app = verb_app()


@app.command(cls=Verb)
def report(
    run: RunArgument,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", show_default=False, help="Write a copy of the page there, to be read."),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Make the report of a recorded run anew, and open it with --open.

    One page in one file, made from the run's folder alone: no data is read and nothing is computed again. It is entered
    in the run's ledger, so that `sartor verify` knows it. The page of an encrypted run is encrypted as well; --to
    writes it where you say, and there it is not.

      sartor report @last --open
      sartor report @last --to page.html
    """
    from sartor.access.door import enter_run
    from sartor.cli.answer import caution
    from sartor.recipe.project import Project
    from sartor.reporting import page_of

    found, here = enter_run(run, Project.at(), "read_scores", "report"), screen()
    reported = page_of(found.folder)
    for trouble in reported.troubles:
        here.err.lines(caution(trouble, here.err.look, left=1))
    page = _copied(reported.files[0], to)
    if open_it and shown_from(page) != page:
        mend = ("to mend", "write it where it can be read: --to FILE --open")
        raise UsageError("the page of an encrypted run is encrypted", code="U124", hints=(mend,))
    if as_json:
        said = {
            "schema": 1,
            "run": found.run,
            "report": str(shown_from(page)),
            "files": [str(shown_from(file)) for file in reported.files],
        }
        here.out.json(said)
    else:
        here.out.line(here.out.look.text(shown_path(page)))
    if open_it:
        import webbrowser

        webbrowser.open(page.absolute().as_uri())


def _copied(page: Path, to: Path | None) -> Path:
    if to is None:
        return page
    try:
        to.write_bytes(page.read_bytes())
    except OSError as error:
        raise UsageError(f"{to} cannot be written: {(error.strerror or str(error)).lower()}", code="U020") from error
    return to


def shown_path(path: Path) -> str:
    """Name a file as the user would from where the command is called."""
    here, path = Path.cwd(), shown_from(path)
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)
