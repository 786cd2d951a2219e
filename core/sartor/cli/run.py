"""``sartor run RECIPE``: from raw tables to decisions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sartor.cli.answer import answer, gate_lines, short_answer
from sartor.cli.options import (
    ColorOption,
    DataOption,
    FormatOption,
    JsonOption,
    MemoryOption,
    RecipeArgument,
    SetOption,
    ThreadsOption,
    TracebackOption,
    moment,
    one_of,
    whole_number,
)
from sartor.cli.progress import Teller
from sartor.cli.screen import Screen, screen
from sartor.cli.verbs import Verb, verb_app
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.runs.result import Run

GATE_FAILED = 1
# What --from can redo; `sartor.running.STAGES`, without importing it for a help page. A test holds them together.
BEGINNINGS = ("ingest", "features", "fit")
_LARGEST_SEED = 2**32 - 1

_DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would be done; no row of data is read.")]
_FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="STAGE",
        parser=one_of(BEGINNINGS),
        autocompletion=lambda: list(BEGINNINGS),
        show_default=False,
        help="Do this stage and all behind it again, even where they are kept.",
    ),
]
_SeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="NUMBER",
        parser=whole_number(0, _LARGEST_SEED),
        show_default=False,
        help="Of everything random; else the recipe's.",
    ),
]
_AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", metavar="DATE", parser=moment, show_default=False, help="Do not read lines from this moment on."
    ),
]
_LiveOption = Annotated[bool, typer.Option("--live", help="Deliver the decisions, if all gates pass.")]
_ReportOption = Annotated[
    bool, typer.Option("--no-report", help="Make no report; `sartor report` makes one at any time.")
]
_InformationOption = Annotated[
    bool, typer.Option("--no-information", help="Leave what sources are worth for later: sartor info RUN.")
]
_QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Only the decision, and where the rest is.")]

app = verb_app()


@app.command(cls=Verb)
def run(
    recipe: RecipeArgument,
    sets: SetOption = None,
    dry_run: _DryRunOption = False,
    from_stage: _FromOption = None,
    data: DataOption = None,
    threads: ThreadsOption = None,
    memory: MemoryOption = None,
    seed: _SeedOption = None,
    as_of: _AsOfOption = None,
    live: _LiveOption = False,
    no_report: _ReportOption = False,
    no_information: _InformationOption = False,
    as_json: JsonOption = False,
    quiet: _QuietOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Run a recipe, from raw tables to decisions.

    The answer goes to stdout and the progress to stderr. Exit codes: 0 all is well, 1 a gate failed, 2 the recipe, the
    data or the call is wrong, 3 a privacy rule stopped the run, 4 a plugin failed, 130 interrupted, 70 a bug of ours.

      sartor run finance/credit-scoring --set models.forest.with.trees=200
    """
    if dry_run:
        _show_plan(recipe, sets or [], data, as_json)
        return
    from sartor.running import run_recipe

    here = screen()
    begin = partial(run_recipe, recipe, sets=sets or [], data=data, seed=seed, threads=threads, memory=memory)
    if no_information:
        begin = partial(begin, information=False)
    with Teller(here.err, quiet=quiet) as teller:
        result = begin(as_of=as_of, from_stage=from_stage, live=live, listen=teller)
        summary = result.summary if no_report else _with_report(result, teller)
    if as_json:
        here.out.json(result.to_json())
    else:
        _show_answer(summary, here, quiet=quiet, passed=result.passed)
    if not result.passed:
        raise typer.Exit(GATE_FAILED)


def _with_report(result: Run, teller: Teller) -> dict[str, Any]:
    """Make the report of a run, unless the project leaves it out, and return what is shown of the run with its place.

    The run is recorded and whole: a report that cannot be made is told of, and changes nothing else.
    """
    from sartor.cli.report import shown_path
    from sartor.events import Note, StageFinished, StageStarted
    from sartor.recipe.project import Project
    from sartor.reporting import make_reports

    summary = dict(result.summary)
    if Project.at().settings.report is False:
        return summary
    began = time.perf_counter()
    teller(StageStarted("report"))
    reported = make_reports(result.folder)
    for trouble in reported.troubles:
        teller(Note("report", trouble, caution=True))
    if reported.files:
        summary["report"] = shown_path(reported.files[0])
    took = time.perf_counter() - began
    if reported.files:
        recipe, run = str(summary.get("recipe")), str(summary.get("run"))
        teller(StageFinished(recipe, run, "report", _report_line(reported.files), took))
    summary["seconds"] = float(summary["seconds"]) + took
    return summary


def _report_line(files: Sequence[Path]) -> str:
    beside = len(files) - 1
    return files[0].name + (f", with {plural(beside, 'file')} beside it" if beside else "")


def _show_answer(summary: Any, here: Screen, *, quiet: bool, passed: bool) -> None:
    if quiet:
        here.out.lines(short_answer(summary, here.out.look))
        if not passed:
            here.err.lines(gate_lines(summary["gates"], here.err.look))
        return
    here.err.line()
    here.out.lines(answer(summary, here.out.look))


def _show_plan(recipe: str, sets: list[str], data: Path | None, as_json: bool) -> None:
    from sartor.cli.plan import plan_lines, plan_of
    from sartor.running import load_checked

    here = screen()
    checked, plugins, project = load_checked(recipe, sets=sets, data=data)
    plan = plan_of(checked, plugins, project)
    if as_json:
        here.out.json(plan)
    else:
        here.out.lines(plan_lines(plan, here.out.look))
