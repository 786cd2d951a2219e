"""The door to recorded runs: whoever reads one comes through here, is asked for a right, and is written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sartor.access import log
from sartor.access.callers import Caller, caller
from sartor.access.terms import RIGHTS, Access
from sartor.errors import InputError, PrivacyStop
from sartor.sealing.folders import opened
from sartor.sealing.keys import is_sealed
from sartor.sealing.views import origin_of

if TYPE_CHECKING:
    from sartor.recipe.project import Project
    from sartor.runs.finding import Recorded

FILE = "access.json"
"""Who may read the run; never encrypted, and in its ledger."""
Right = Literal["read_scores", "read_person", "deliver"]


def enter_run(name: str, project: Project, right: Right, verb: str, person: str | None = None) -> Recorded:
    """Find a run, see that the caller may read it, write that down, and return it with files that can be read.

    Parameters
    ----------
    name : str
        As `sartor.runs.finding.find_run` takes it.
    project : Project
    right : {"read_scores", "read_person", "deliver"}
        What the verb shows.
    verb : str
    person : str, optional
        The key of the one row that is read; only its keyed digest is written down.

    Raises
    ------
    PrivacyStop
        If none of the caller's roles has the right, or the reading cannot be logged.
    """
    from sartor.runs.finding import find_run

    found = find_run(name, project)
    return replace(found, folder=entered(found.folder, project, right, verb, person))


def entered(folder: Path, project: Project, right: Right, verb: str, person: str | None = None) -> Path:
    """Do as `enter_run` for a folder; return the one to read."""
    disk = origin_of(folder)
    access = access_of(disk)
    if access or is_sealed(disk):
        admit(access, project, right, verb, _name(disk), person)
    return opened(folder, project)


def access_of(folder: Path) -> Access:
    """Return who may read a run.

    Raises
    ------
    InputError
        If what the run says of it is not as it was recorded: nobody may then.
    """
    from sartor.runs.line import Line
    from sartor.runs.stored import check_stored, lines_of_ledger

    lines: list[Line] = lines_of_ledger(folder)
    if not (folder / FILE).exists() and not any(FILE in line.files for line in lines):
        return Access()
    check_stored(folder, FILE)
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Access({right: tuple(map(str, said["access"][right])) for right in RIGHTS if right in said["access"]})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{FILE} of run {folder.name} cannot be read", code="D150") from error


def said_of(access: Access) -> Mapping[str, Any]:
    """Return what stands in ``access.json``."""
    return {"format": 1, "access": {right: list(roles) for right, roles in access.roles.items()}}


def may(folder: Path, project: Project, right: Right) -> bool:
    """Tell whether the caller may read a run; for lists, which show less of what he may not."""
    try:
        return access_of(folder).allows(right, set(caller(project).roles))
    except InputError:
        return False


def admit(access: Access, project: Project, right: Right, verb: str, run: str, person: str | None = None) -> None:
    """Let the caller do something, or refuse it; either is written down.

    Raises
    ------
    PrivacyStop
    """
    who = caller(project)
    allowed = access.allows(right, set(who.roles))
    _write_down(project.runs, who, allowed, right, verb, run, person)
    if not allowed:
        due = access.roles[right]
        of = f"only {' or '.join(due)} may" if due else "nobody may"
        own = f"has the roles {', '.join(sorted(who.roles))}" if who.roles else "has no role"
        raise PrivacyStop(
            f"access of {run}: {right} is asked for, and {of} {RIGHTS[right]}; {who.user} {own}",
            code="P040",
            hints=(
                (
                    "to mend",
                    f"let somebody of that role do it, or name members in sartor.toml: [roles] {_member(due, who)}",
                ),
            ),
        )


def _member(due: tuple[str, ...], who: Caller) -> str:
    return f'{due[0] if due else "ROLE"} = ["{who.user}"]'


def _write_down(runs: Path, who: Caller, allowed: bool, right: str, verb: str, run: str, person: str | None) -> None:
    try:
        about = {} if person is None else {"person": log.digest_of(runs, person)}
        said = {"user": who.user, "roles": sorted(who.roles), "verb": verb, "run": run, "right": right}
        log.enter(runs, **said, allowed=allowed, **about)
    except OSError as error:
        raise PrivacyStop(
            f"{run} is read by nobody whom the access log does not name, and it cannot be written: "
            f"{(error.strerror or str(error)).lower()} ({runs / log.FILE})",
            code="P041",
            hints=(("to mend", "make the folder of runs writable, or read a copy of the run in another project"),),
        ) from error


def _name(folder: Path) -> str:
    from sartor.runs.heads import place_of
    from sartor.runs.stored import lines_of_ledger

    place = place_of(folder, lines_of_ledger(folder))
    return f"{place.recipe}/{place.run}" if place.recipe else folder.name
