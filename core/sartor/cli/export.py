"""``sartor export RUN --to FILE``: a model of a recorded run as a file for use elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sartor.cli.answer import caution
from sartor.cli.options import ColorOption, JsonOption, TracebackOption
from sartor.cli.report import shown_path
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, verb_app
from sartor.cli.verify import RunArgument
from sartor.events import Event, Note

app = verb_app()


@app.command(cls=Verb)
def export(
    run: RunArgument,
    to: Annotated[
        Path, typer.Option("--to", metavar="FILE", help="File to write; the end of its name tells the form.")
    ],
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="NAME", show_default=False, help="The model; else the champion."),
    ] = None,
    table: Annotated[
        str, typer.Option("--table", metavar="NAME", help="The table that SQL reads from, or SCHEMA.NAME.")
    ] = "rows_to_score",
    form: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORM", show_default=False, help="The form, where the file's name does not tell it."
        ),
    ] = None,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Write a model of a recorded run as a file for use elsewhere: a table of points, JSON, SQL.

    What there is depends on the model: a scorecard can be all of them. The file is written only if it answers as the
    model does, which is checked. In the run's folder it is entered in the run's ledger, so that `sartor verify` knows
    it.

      sartor export @last --to card.csv
      sartor export @last --to card.sql --table risk.applications
    """
    from sartor.exporting import export as exported

    here = screen()

    def told(event: Event) -> None:
        if isinstance(event, Note) and not as_json:
            here.err.lines(
                caution(event.text, here.err.look, left=1) if event.caution else [here.err.look.text(event.text)]
            )

    file = exported(run, to, model=model, form=form, table=table, listen=told)
    if as_json:
        said = {"schema": 1, "file": str(file), "bytes": file.stat().st_size}
        here.out.json(said)
    else:
        here.out.line(here.out.look.text(shown_path(file)))
