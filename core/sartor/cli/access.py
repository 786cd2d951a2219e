"""``sartor access``: who may read a run, and who has."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from sartor.cli.answer import caution
from sartor.cli.options import ColorOption, JsonOption, TracebackOption
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, VerbGroup, verb_app
from sartor.cli.verify import RunArgument

DAMAGED = 1

app = verb_app(
    cls=VerbGroup,
    help="""Show who may read a run, and who has.

A recipe gives rights to roles: access: {read_scores: [risk], read_person: [care], deliver: [ops]}.""",
)


@app.command("show", cls=Verb)
def show(
    run: RunArgument,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Say who may read a run, and whether you may.

    sartor access show @last
    """
    from sartor.access.callers import caller
    from sartor.access.door import access_of
    from sartor.access.terms import RIGHTS
    from sartor.recipe.project import Project
    from sartor.runs.finding import find_run

    project, here = Project.at(), screen()
    found, who = find_run(run, project), caller(project)
    access = access_of(found.folder)
    told = {
        right: {
            "roles": list(access.roles[right]) if right in access.roles else None,
            "you": access.allows(right, set(who.roles)),
        }
        for right in RIGHTS
    }
    if as_json:
        said = {"schema": 1, "run": found.name, "user": who.user, "roles": sorted(who.roles), "rights": told}
        here.out.line(json.dumps(said))
        return
    width = max(map(len, RIGHTS))
    for right, one in told.items():
        roles: Any = one["roles"]
        whose = "everybody" if roles is None else ", ".join(roles) or "nobody"
        you = "you may" if one["you"] else "you may not"
        here.out.line(here.out.look.text(f"{right:<{width}}  {whose}: {you}"))


@app.command("log", cls=Verb)
def show_log(
    person: Annotated[
        str | None,
        typer.Option("--person", metavar="KEY", show_default=False, help="Only what was read about this row."),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 where the log is not as it was written.")] = False,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    traceback: TracebackOption = False,
) -> None:
    """Show who read what of guarded runs, or was refused, the oldest first.

    No line names a person that was read about; --person looks for one by the project's own key.

      sartor access log
      sartor access log --person 17 --check
    """
    from sartor.access import log
    from sartor.recipe.project import Project

    runs, here = Project.at().runs, screen()
    found, faults = log.entries(runs), list(log.faults(runs))
    if person is not None:
        due = log.digest_of(runs, person)
        found = [entry for entry in found if entry.get("person") == due]
    if as_json:
        here.out.line(json.dumps({"schema": 1, **log.head(runs), "faults": faults, "entries": found}))
    else:
        for entry in found:
            may = "read" if entry["allowed"] else "was refused"
            about = " about one person" if "person" in entry else ""
            line = f"{entry['at']}  {entry['user']} {may} {entry['run']}{about}: {entry['verb']} ({entry['right']})"
            here.out.line(here.out.look.text(line))
        if not found:
            here.out.line("nobody has read a guarded run here")
        for fault in faults:
            here.err.lines(caution(f"{log.FILE}: {fault}", here.err.look, left=1))
    if check and faults:
        raise typer.Exit(DAMAGED)
