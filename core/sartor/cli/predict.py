"""``sartor predict RUN``: answers for new data, by a recorded run."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sartor.cli.options import (
    ColorOption,
    MemoryOption,
    ThreadsOption,
    TracebackOption,
    moment,
    one_of,
)
from sartor.cli.progress import Teller
from sartor.cli.screen import Screen, screen
from sartor.cli.verbs import Verb, verb_app
from sartor.cli.verify import RunArgument
from sartor.errors import UsageError

if TYPE_CHECKING:
    from sartor.predicting.answering import Written
    from sartor.predicting.asking import Asked, Ready
    from sartor.predicting.calling import Form
    from sartor.predicting.writing import Writer

PASSED_OVER = 1
# Forms in which answers are written; `sartor.predicting.calling.FORMS`, without importing it for a help page.
ANSWER_FORMS = ("csv", "jsonl", "parquet")
ENDINGS = ("stop", "skip")

_DataOption = Annotated[
    list[str],
    typer.Option(
        "--data",
        metavar="[TABLE=]FILE",
        help="New rows: CSV, Parquet or JSON lines, a glob, or - for a stream; may be repeated for other tables.",
    ),
]
_TableOption = Annotated[
    str | None,
    typer.Option(
        "--table", metavar="NAME", show_default=False, help="The table that they stand for; else the rows' own."
    ),
]
_ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="NAME", show_default=False, help="The model to ask; else the champion.")
]
_DecideOption = Annotated[bool, typer.Option("--decide", help="Add what the recipe's actions decide, with reasons.")]
_OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", show_default=False, help="File to write; else stdout."),
]
_FormOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="|".join(ANSWER_FORMS),
        parser=one_of(ANSWER_FORMS),
        autocompletion=lambda: list(ANSWER_FORMS),
        show_default=False,
        help="How answers are written; else as the name of --out tells, or as the data is.",
    ),
]
_AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        parser=moment,
        show_default=False,
        help="When rows without a date are asked, else now; other tables are read up to then.",
    ),
]
_OnErrorOption = Annotated[
    str,
    typer.Option(
        "--on-error",
        metavar="|".join(ENDINGS),
        parser=one_of(ENDINGS),
        autocompletion=lambda: list(ENDINGS),
        show_default=False,
        help="At a line of a stream that is broken: stop, or tell of it in its place and go on.",
    ),
]
_QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but errors.")]

app = verb_app()


@app.command(cls=Verb)
def predict(
    run: RunArgument,
    data: _DataOption,
    table: _TableOption = None,
    model: _ModelOption = None,
    decide: _DecideOption = False,
    out: _OutOption = None,
    form: _FormOption = None,
    as_of: _AsOfOption = None,
    on_error: _OnErrorOption = "stop",
    memory: MemoryOption = None,
    threads: ThreadsOption = None,
    quiet: _QuietOption = False,
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Answer new data with a recorded run: a line a row, in the order of the data.

    Nothing is fitted. New rows go the way of the run's own: the same guard, features and columns. Exit codes: 0 all
    rows are answered, 1 some lines were passed over, 2 run, data or call is wrong.

      sartor predict @last --data new.csv --decide --out decided.csv
      tail -f applications.jsonl | sartor predict @last --data -
    """
    from sartor.predicting.asking import Asked

    asked = Asked(run, [("", one) for one in data], table, model, decide, as_of, memory, threads)
    here = screen()
    with Teller(here.err, quiet=quiet) as teller:
        refused = (
            _to_file(asked, out, form, on_error, teller) if out else _to_stdout(asked, form, on_error, teller, here)
        )
    if refused:
        raise typer.Exit(PASSED_OVER)


def _to_file(asked: Asked, out: Path, form: Any, on_error: Any, teller: Teller) -> int:
    from sartor.predicting.calling import write_answers

    return write_answers(asked, out, form, on_error=on_error, listen=teller)


def _to_stdout(asked: Asked, form: Any, on_error: Any, teller: Teller, here: Screen) -> int:
    from sartor.plugins import Plugins
    from sartor.predicting.asking import ready
    from sartor.predicting.calling import pass_on
    from sartor.recipe.project import Project

    if form == "parquet":
        raise UsageError(
            "Parquet cannot be written to stdout", code="U072", hints=(("to mend", "name a file: --out FILE.parquet"),)
        )
    with ready(asked, Project.at(), Plugins(), teller) as opened:
        writer = _AsItComes(opened, form, here, errors=on_error == "skip")
        return pass_on(opened, writer, on_error, gone=lambda: here.out.gone, live=not sys.stdout.isatty())


class _AsItComes:
    """Writes to stdout in the form of the data, which a stream tells with its first line."""

    def __init__(self, opened: Ready, form: Any, here: Screen, *, errors: bool) -> None:
        self._opened, self._form, self._here, self._errors = opened, form, here, errors
        self._writer: Writer | None = None

    def write(self, written: Written) -> None:
        """Write some answers."""
        from sartor.predicting.calling import writer_for

        if self._writer is None:
            form: Form = self._form or getattr(self._opened.source, "form", None) or "csv"
            self._writer = writer_for(form, self._here.out.content, errors=self._errors)
        self._writer.write(written)

    def close(self) -> None:
        """Write what is held back."""
        if self._writer is not None:
            self._writer.close()
