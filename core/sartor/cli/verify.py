"""``sartor verify RUN``: whether a recorded run is as it was recorded, and which parts are not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sartor.cli.answer import caution
from sartor.cli.completing import run_names
from sartor.cli.layout import Cell, Column, table, total_width
from sartor.cli.look import BAD, GOOD, STRONG, Look, pad, wrap
from sartor.cli.options import ColorOption, FormatOption, JsonOption, TracebackOption
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, verb_app
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.runs.finding import Recorded
    from sartor.runs.verifying import Verified
    from sartor.runs.vouching import Vouched

TOUCHED = 1
RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", autocompletion=run_names, help="A run's name, RECIPE/NAME, its folder, @last or @prev."
    ),
]
HeadOption = Annotated[
    list[Path] | None,
    typer.Option("--head", metavar="FILE", show_default=False, help="A head that was given away; may stand twice."),
]
AnchorOption = Annotated[
    str | None,
    typer.Option(
        "--anchor", metavar="ANCHOR:PLACE", show_default=False, help="Where heads are kept: see sartor ledger anchor."
    ),
]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", show_default=False, help="The public key that must have signed the head."),
]
_NARROWEST = 30

app = verb_app()


@app.command(cls=Verb)
def verify(
    run: RunArgument,
    heads: HeadOption = None,
    anchor: AnchorOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Check that a recorded run is untouched: no file changed, missing or added.

    What is not as it was recorded is named on stdout, and the exit code is 1. Everything is held against the run's
    ledger, and the ledger against its own chain of hashes and against what the project's `heads.jsonl` keeps of it;
    and against heads and keys that you have from elsewhere, which nobody in the project could have exchanged.

      sartor verify @last
      sartor verify @last --head head.json --key ledger.pem.pub
    """
    from sartor.recipe.project import Project
    from sartor.runs.finding import find_run
    from sartor.runs.verifying import verify as verified

    project = Project.at()
    found = find_run(run, project)
    vouched = vouched_by(found.recipe or "", found.run, heads, anchor, key)
    told, here = verified(found.folder, runs=project.runs, vouched=vouched), screen()
    if as_json:
        here.out.json(_told(found, told))
    elif here.form == "concise":
        here.out.lines(here.out.look.text(str(finding)) for finding in told.findings)
    else:
        here.out.lines(lines_of(found, told, here.out.look))
    if not told.untouched:
        raise typer.Exit(TOUCHED)


def vouched_by(recipe: str, run: str, heads: Sequence[Path] | None, anchor: str | None, key: Path | None) -> Vouched:
    """Return what the caller has from elsewhere: heads in files and in an anchor, and a public key."""
    from sartor.anchoring import kept
    from sartor.runs.signing import public_key
    from sartor.runs.vouching import Vouched, read_head

    given = [read_head(file) for file in heads or ()]
    anchored = kept(anchor, recipe, run) if anchor is not None else []
    return Vouched((*given, *anchored), public_key(key) if key is not None else None)


def lines_of(run: Recorded, told: Verified, look: Look) -> list[str]:
    """Return what is to be said of a run: each part that is not as it was recorded, and how much was checked."""
    notes = [line for note in told.notes for line in caution(note, look, left=1)]
    checked = f"{plural(told.files, 'file')}, {plural(told.lines, 'line')} of the ledger"
    name = look.paint(run.name, STRONG)
    if told.untouched:
        return [f"{name} is {look.paint('untouched', GOOD)}: {checked}", *notes]
    columns = [
        Column("", [Cell(finding.part, BAD) for finding in told.findings], gap=0),
        Column("", [Cell(finding.what) for finding in told.findings]),
    ]
    begin = table(columns, look, headings=False)
    left = total_width(columns, look) + 2
    lines = []
    for finding, line in zip(told.findings, begin, strict=True):
        by = f" (ledger line {finding.line})" if finding.line is not None and "line" not in finding.detail else ""
        first, *rest = _folded(look.text(finding.detail + by), look, left)
        lines += [f"{pad(line, left)}{first}", *(" " * left + more for more in rest)]
    parts = plural(len(told.findings), "part is", "parts are")
    return [*lines, f"{name}: {look.paint(f'{parts} not as recorded', BAD)}, of {checked}", *notes]


def _folded(text: str, look: Look, left: int) -> list[str]:
    return wrap(text, max(_NARROWEST, look.width - left)) if look.fold else [text]


def _told(run: Recorded, told: Verified) -> dict[str, Any]:
    return {
        "schema": 1,
        "recipe": run.recipe or told.recipe,
        "run": run.run,
        "folder": str(run.folder),
        "untouched": told.untouched,
        "files": told.files,
        "lines": told.lines,
        "head": told.head,
        "findings": [vars(finding) for finding in told.findings],
        "notes": list(told.notes),
    }
