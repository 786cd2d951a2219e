"""``sartor info RUN``: what each source of a recorded run is worth, in bits and in money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sartor.cli.options import ColorOption, FormatOption, JsonOption, TracebackOption, whole_number
from sartor.cli.progress import Teller
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, verb_app
from sartor.cli.verify import RunArgument

if TYPE_CHECKING:
    from sartor.recipe.project import Project
    from sartor.runs.finding import Recorded

RefitsOption = Annotated[
    int | None,
    typer.Option(
        "--refits",
        metavar="NUMBER",
        parser=whole_number(1, 100_000),
        show_default=False,
        help="Weigh again with another budget than the recipe's; refits that are kept are found.",
    ),
]

app = verb_app()


@app.command(cls=Verb)
def info(
    run: RunArgument,
    refits: RefitsOption = None,
    again: Annotated[bool, typer.Option("--again", help="Weigh again, even where it was done.")] = False,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Say what each source of a recorded run is worth, in bits and in money.

    What the run has weighed is shown; what it has left for later is done now: the recipe is run again without each
    private source, on the same rows. It goes into the run's folder, its ledger and its report.

      sartor info @last
      sartor info @last --refits 200
    """
    from sartor.access.door import enter_run
    from sartor.cli.worths import worth_lines
    from sartor.information.recorded import stored
    from sartor.recipe.project import Project

    project = Project.at()
    found, here = enter_run(run, project, "read_scores", "info"), screen()
    kept = None if again or refits is not None else stored(found.folder)
    told = _weighed(found, project, refits) if kept is None else kept
    if as_json:
        said = {"schema": 1, "run": found.run, **{key: value for key, value in told.items() if key != "sections"}}
        here.out.json(said)
    else:
        here.out.lines(worth_lines(told, here.out.look))


def _weighed(run: Recorded, project: Project, refits: int | None) -> Mapping[str, Any]:
    """Weigh the sources of a run, and make its report anew where it has one."""
    from sartor.information.recorded import weigh_run
    from sartor.reporting import make_reports

    here = screen()
    with Teller(here.err) as teller:
        told = weigh_run(run, project, teller, refits=refits)
    here.err.line()
    if (run.folder / "report.html").exists():
        make_reports(run.folder)
    return told
