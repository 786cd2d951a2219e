"""``sartor runs``: list, show, compare, repeat and remove recorded runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sartor.cli.completing import run_names
from sartor.cli.options import ColorOption, FormatOption, JsonOption, TracebackOption, whole_number
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, VerbGroup, verb_app
from sartor.cli.verify import RunArgument
from sartor.errors import SettingError, UsageError
from sartor.sealing.views import shown_from
from sartor.wording import form

if TYPE_CHECKING:
    from datetime import datetime

    from sartor.runs.finding import Recorded

DIFFERENT = 1
_OLD = "30 days"
_SHOWN = 20
_MOST = 10_000_000

app = verb_app(
    cls=VerbGroup,
    help="""List, show, compare, repeat and remove recorded runs.

A run is called by its name, by RECIPE/NAME, by its folder, or by @last and @prev: the run recorded last, and the one of
the same recipe before it.""",
)


@app.command("list", cls=Verb)
def list_runs(
    recipe: Annotated[
        str | None,
        typer.Argument(
            metavar="RECIPE", show_default=False, help="Only runs of this recipe, or of those in this folder."
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="NUMBER",
            parser=whole_number(1, _MOST),
            show_default=False,
            help=f"Show as many; else the newest {_SHOWN}, and with --json all.",
        ),
    ] = None,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """List runs, the newest first.

    sartor runs list finance/credit-scoring
    """
    from datetime import datetime

    from sartor.cli.run_list import list_json, list_lines
    from sartor.recipe.project import Project
    from sartor.runs.finding import all_runs, no_runs

    project, here = Project.at(), screen()
    found = all_runs(project.runs, (recipe or "").strip("/"))
    if not found and recipe:
        raise no_runs(recipe, project.runs)
    if as_json:
        here.out.json(list_json(found[:limit]))
    elif not found:
        here.out.line(f"no run is recorded here. To record one: {here.out.look.paint('sartor run RECIPE', 'typed')}")
    else:
        shown = found[: limit or _SHOWN]
        here.out.lines(list_lines(shown, len(found), here.out.look, datetime.now().astimezone(), recipe or ""))


@app.command(cls=Verb)
def show(
    run: RunArgument,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Show what came of a run, as `sartor run` showed it when it ended.

    sartor runs show @last
    """
    from sartor.cli.answer import answer
    from sartor.cli.progress import started_line
    from sartor.cli.run_list import erased_lines
    from sartor.events import RunStarted
    from sartor.information.recorded import stored
    from sartor.runs.result import Run

    found, here = _found(run, "runs show"), screen()
    summary = _summary_of(found)
    told = stored(found.folder)
    summary = {**summary, "information": told} if told is not None else summary
    if as_json:
        here.out.json(Run(summary, found.folder).to_json())
        return
    look = here.out.look
    title = RunStarted(str(summary.get("recipe", found.recipe)), found.run, int(summary.get("seed") or 0))
    here.out.lines([started_line(title, look), "", *answer(summary, look), *erased_lines([found], look)])


@app.command(cls=Verb)
def diff(
    before: Annotated[
        str, typer.Argument(metavar="BEFORE", autocompletion=run_names, help="The earlier run, such as @prev.")
    ],
    after: Annotated[
        str, typer.Argument(metavar="AFTER", autocompletion=run_names, help="The later run, such as @last.")
    ],
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Compare two runs: what changed, and what came of it.

    Differences are paired where both runs judge the same rows: they are made again from the predictions that both have
    stored, on the same redraws.

      sartor runs diff @prev @last
    """
    from sartor.cli.run_diff import diff_json, diff_lines
    from sartor.recipe.project import Project
    from sartor.runs.comparing import compare_runs
    from sartor.runs.finding import with_record

    project, here = Project.at(), screen()
    found = [with_record(_found(name, "runs diff")) for name in (before, after)]
    compared = compare_runs(found[0], found[1], project)
    if as_json:
        here.out.json(diff_json(compared))
    else:
        here.out.lines(diff_lines(compared, here.out.look))


@app.command(cls=Verb)
def repro(
    run: RunArgument,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Tell nothing of the progress.")] = False,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Run the recipe of a run once more, and compare metrics and decisions byte for byte.

    The recipe is taken as it was resolved then, with the same seed, threads, --memory and --as-of, and nothing from
    the stage cache; a new run is recorded. The exit code is 1 where something differs, with what has changed since.

      sartor runs repro @last
    """
    from sartor.cli.progress import Teller
    from sartor.cli.run_again import repeat_json, repeat_lines
    from sartor.recipe.project import Project
    from sartor.runs.repeating import causes, repeat

    found, here = _found(run, "runs repro"), screen()
    with Teller(here.err, quiet=quiet) as teller:
        repeated = repeat(found, Project.at(), teller)
    why = list(causes(repeated))
    if as_json:
        here.out.json(repeat_json(repeated, why))
    else:
        here.out.lines(repeat_lines(repeated, why, here.out.look))
    if not repeated.is_same:
        raise typer.Exit(DIFFERENT)


@app.command(cls=Verb)
def gc(
    rest: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    older_than: Annotated[
        str | None,
        typer.Option(
            "--older-than",
            metavar="TIME",
            show_default=False,
            help=f"Runs that began longer ago, such as 6 months; else {_OLD}.",
        ),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep",
            metavar="NUMBER",
            parser=whole_number(0, _MOST),
            show_default=False,
            help="The newest of each recipe that stay; else 1. Without --older-than all others go.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Remove old runs, leftovers of killed ones, and what the stage cache has not used for long.

    A run that is being written stays, and so does one whose record cannot be read. What is older than its recipe says
    under `privacy: {retention}` goes in any case, the newest run as well.

      sartor runs gc --older-than 90 days --keep 3 --dry-run
    """
    from datetime import datetime

    from sartor.cli.run_again import removal_json, removal_lines
    from sartor.recipe.project import Project
    from sartor.runs.removing import removal, remove

    now, project, here = datetime.now().astimezone(), Project.at(), screen()
    limit = _ago(older_than, rest or [], now)
    before = None if keep is not None and older_than is None else limit
    wanted = removal(project, before=before, keep=1 if keep is None else keep, unused_since=limit, now=now)
    if not dry_run:
        remove(project, wanted, limit)
    if as_json:
        here.out.json(removal_json(wanted, done=not dry_run))
    else:
        here.out.lines(removal_lines(wanted, here.out.look, now, done=not dry_run))


def _ago(older_than: str | None, rest: list[str], now: datetime) -> datetime:
    """Return the moment so long ago; ``30 days`` may stand without quotes, and comes in two pieces then."""
    from sartor.durations import Duration

    if rest and (older_than is None or len(rest) > 1 or not older_than.isdigit()):
        said = f"'sartor runs gc' does not take the {form(len(rest), 'argument')} {', '.join(map(repr, rest))}"
        raise UsageError(said, code="U034", hints=(("to see all", "sartor runs gc --help"),))
    text = " ".join([older_than or _OLD, *rest])
    try:
        return Duration.parse(text).to_offset(now, times=-1)
    except SettingError as error:
        problem = error.problems[0]
        raise UsageError(f"--older-than: {problem.message}", code="U033", hints=problem.hints) from None


def _found(name: str, verb: str) -> Recorded:
    from sartor.access.door import enter_run
    from sartor.recipe.project import Project

    return enter_run(name, Project.at(), "read_scores", verb)


def _summary_of(run: Recorded) -> dict[str, Any]:
    """Return what is stored of a run, its places as they are seen from here."""
    from sartor.runs.recording import read_json
    from sartor.runs.stored import check_stored

    check_stored(run.folder, "summary.json")
    summary = read_json(run.folder, "summary.json")
    summary["folder"] = _shown(run.folder)
    report = run.folder / "report.html"
    if report.is_file():
        summary["report"] = _shown(report)
    return summary


def _shown(path: Path) -> str:
    here, path = Path.cwd(), shown_from(path)
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)
