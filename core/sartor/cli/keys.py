"""``sartor keys``: keys by which runs are encrypted, and how they are exchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sartor.cli.options import ColorOption, JsonOption, TracebackOption
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, VerbGroup, verb_app
from sartor.cli.verify import RunArgument
from sartor.wording import plural

app = verb_app(
    cls=VerbGroup,
    help="""Make and exchange the keys by which runs are encrypted.

A recipe asks for encryption with privacy: {encrypt: {key: secret:NAME}}, or the name of a key file of the project.""",
)


@app.command("new", cls=Verb)
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the key goes.")],
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Make a key: 32 random bytes in Base64, in a file that only you can read.

    Keep a copy where the project is not: without the key nothing opens what it has encrypted.

      sartor keys new run.key
    """
    from sartor.sealing.keys import needed, new_key

    needed()
    key, here = new_key(file), screen()
    here.out.line(here.out.look.text(f"{file} holds key {key.id}; keep it, and a copy of it elsewhere"))


@app.command("show", cls=Verb)
def show(
    run: RunArgument,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Say which key opens a run; no key is needed.

    sartor keys show @last
    """
    import json

    from sartor.recipe.project import Project
    from sartor.runs.finding import find_run
    from sartor.sealing.keys import is_sealed, said_of

    found, here = find_run(run, Project.at()), screen()
    said = said_of(found.folder) if is_sealed(found.folder) else None
    if as_json:
        told = {"key_id": said["key_id"], "key": said["key"]} if said else {"key_id": None, "key": None}
        here.out.line(json.dumps({"schema": 1, "run": found.name, **told}))
    elif said is None:
        here.out.line(here.out.look.text(f"{found.name} is not encrypted"))
    else:
        here.out.line(here.out.look.text(f"{found.name} is encrypted with key {said['key_id']}, {said['key']}"))


@app.command("rotate", cls=Verb)
def rotate(
    old: Annotated[str, typer.Option("--old", metavar="KEY", help="The key until now: secret:NAME, or a file.")],
    new: Annotated[str, typer.Option("--new", metavar="KEY", help="The key from now on.")],
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Give every run and the cache of this project a new key; no file is encrypted anew.

    Broken off half-way, some runs have one key and some the other: name both in sartor.toml, encryption_keys, and all
    can be read; call it again, and it goes on where it ended. Name the new key in the recipes as well.

      sartor keys rotate --old secret:OLD_KEY --new secret:NEW_KEY
    """
    import json

    from sartor.recipe.project import Project
    from sartor.sealing.keys import load_key
    from sartor.sealing.rotating import rotate as rotated

    project, here = Project.at(), screen()
    done = rotated(project, load_key(old, project.root), load_key(new, project.root))
    if as_json:
        here.out.line(json.dumps({"schema": 1, **vars(done)}))
        return
    counts = f"{plural(done.runs, 'run')} and {plural(done.entries, 'entry of the cache', 'entries of the cache')}"
    here.out.line(here.out.look.text(f"{counts} have the new key; {done.already} had it"))
    if done.others:
        here.out.line(here.out.look.text(f"neither key opens {', '.join(done.others)}"))
