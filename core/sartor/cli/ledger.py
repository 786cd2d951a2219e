"""``sartor ledger``: keys, heads and proofs, by which others can tell that a run is as it was recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sartor.cli.answer import caution
from sartor.cli.look import BAD, GOOD
from sartor.cli.options import ColorOption, JsonOption, TracebackOption
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, VerbGroup, verb_app
from sartor.cli.verify import AnchorOption, HeadOption, KeyOption, RunArgument, vouched_by
from sartor.errors import UsageError

if TYPE_CHECKING:
    from sartor.access.door import Right
    from sartor.runs.finding import Recorded

FAILED = 1
ToOption = Annotated[
    Path | None, typer.Option("--to", metavar="FILE", show_default=False, help="Write it to a file; else to stdout.")
]

app = verb_app(
    cls=VerbGroup,
    help="""Sign ledgers, give their heads away, and prove single decisions and files.

The head of a ledger is the hash of its last line. Who keeps a head, or the public key that signs it, can tell whether a
run is still as it was recorded, whatever its owners have done since: see sartor verify --head and --key.""",
)


@app.command("key", cls=Verb)
def key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the private key goes; FILE.pub is the public.")],
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Make a pair of keys: a private one that signs, and a public one for those who check.

    Name the private one in sartor.toml, and every run's head is signed from then on: signing_key = "FILE".

      sartor ledger key keys/ledger.pem
    """
    from sartor.runs.signing import new_key

    public = new_key(file)
    here = screen()
    here.out.line(here.out.look.text(f"{file} signs, keep it to yourself; {public} checks, give it away"))


@app.command("head", cls=Verb)
def head(
    run: RunArgument,
    to: ToOption = None,
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Give away the head of a run's ledger, as JSON, to be kept where the run's owners cannot change it.

    sartor ledger head @last --to head.json
    """
    _given(_head_of(run)[1], to)


@app.command("anchor", cls=Verb)
def anchor(
    run: RunArgument,
    place: Annotated[
        str, typer.Option("--in", metavar="ANCHOR:PLACE", help="file:PATH, git-tag:FOLDER, or a plugin's.")
    ],
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Keep the head of a run's ledger in a place outside the project; sartor verify --anchor looks there.

    sartor ledger anchor @last --in file:/mnt/audit/heads.jsonl
    sartor ledger anchor @last --in git-tag:.
    """
    from sartor.anchoring import put

    found, said = _head_of(run)
    here = screen()
    here.out.line(here.out.look.text(f"the head of {found.name} is {put(place, said)}"))


@app.command("prove", cls=Verb)
def prove(
    run: RunArgument,
    decision: Annotated[
        str | None, typer.Option("--decision", metavar="KEY", show_default=False, help="The key of a decision's row.")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="NAME", show_default=False, help="A file of the run's folder.")
    ] = None,
    action: Annotated[
        str | None,
        typer.Option("--action", metavar="NAME", show_default=False, help="Which action's, where there are several."),
    ] = None,
    to: ToOption = None,
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Prove that one decision, or one file, is part of a run, and show no other.

    The proof holds the entry, the hashes that lead from it to the root of its tree, and the head that names the root.

      sartor ledger prove @last --decision 17 --to proof.json
      sartor ledger prove @last --file metrics.json --to proof.json
    """
    from sartor.access.door import enter_run
    from sartor.recipe.project import Project
    from sartor.runs.proving import prove_decision, prove_file

    if (decision is None) == (file is None):
        hints = (("to mend", "say --decision KEY or --file NAME"),)
        raise UsageError("one thing is proven at a time", code="U067", hints=hints)
    right: Right = "read_scores" if decision is None else "read_person"
    folder = enter_run(run, Project.at(), right, "ledger prove", decision).folder
    _given(prove_file(folder, file) if file is not None else prove_decision(folder, str(decision), action=action), to)


@app.command("check", cls=Verb)
def check(
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="A file that sartor ledger prove has written.")],
    heads: HeadOption = None,
    anchor: AnchorOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Check a proof; neither the run nor its project is needed. The exit code is 1 where it does not hold.

    sartor ledger check proof.json --key ledger.pem.pub
    """
    from sartor.runs.proving import check as checked
    from sartor.runs.proving import read_proof

    read = read_proof(proof)
    told = checked(read, vouched_by(read["head"]["recipe"], read["head"]["run"], heads, anchor, key))
    here = screen()
    if as_json:
        here.out.line(json.dumps({"schema": 1, "holds": told.holds, **vars(told)}))
    elif told.holds:
        what = "a file" if told.tree == "files" else "a decision"
        here.out.line(f"{here.out.look.paint('proven', GOOD)}: {what} of {told.run}: {here.out.look.text(told.entry)}")
        if not told.vouched:
            unvouched = "nothing vouches for the head in it: give the public key with --key, or a head with --head"
            here.out.lines(caution(unvouched, here.out.look, left=1))
    else:
        for fault in told.faults:
            here.out.line(f"{here.out.look.paint('not proven', BAD)}: {here.out.look.text(fault)}")
    if not told.holds:
        raise typer.Exit(FAILED)


def _head_of(name: str) -> tuple[Recorded, dict[str, Any]]:
    from sartor.recipe.project import Project
    from sartor.runs.finding import find_run
    from sartor.runs.heads import last_head, place_of
    from sartor.runs.ledger import LEDGER, read

    found = find_run(name, Project.at())
    lines, _ = read((found.folder / LEDGER).read_bytes())
    said = last_head(place_of(found.folder, lines))
    if said is None:
        hints = (("to mend", "name a run that lies in the project that recorded it"),)
        raise UsageError(f"no head is kept of run {found.run}", code="U067", hints=hints)
    return found, said


def _given(said: Mapping[str, Any], to: Path | None) -> None:
    here = screen()
    text = json.dumps(dict(said), sort_keys=True)
    if to is None:
        here.out.line(text)
        return
    try:
        to.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{to} cannot be written: {(error.strerror or str(error)).lower()}", code="U020") from error
    here.out.line(here.out.look.text(str(to)))
