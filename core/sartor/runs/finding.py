"""Finds recorded runs: all of a project, newest first, or one by a name of it.

Runs are in the order in which they were recorded, which the project's ``heads.jsonl`` keeps; a clock that was set back
does not change it. Runs that stand nowhere in it, copied in from elsewhere, are put in by when they began.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.errors import SartorError, UsageError, nearest
from sartor.runs.heads import HEADS, read_heads
from sartor.runs.ledger import LEDGER
from sartor.sealing.keys import is_sealed

if TYPE_CHECKING:
    from sartor.recipe.project import Project

RECORD = "record.json"
LAST, PREVIOUS = "@last", "@prev"
_SEE = ("to see all", "sartor runs list")


@dataclass(frozen=True)
class Recorded:
    """A run in its place.

    Parameters
    ----------
    recipe, run : str
        By its place; ``run`` is the folder's name.
    folder : Path
    record : mapping
        What ``record.json`` says; empty where it was not read, or cannot be.
    """

    recipe: str
    run: str
    folder: Path
    record: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """Recipe and run: no other run of the project has this name."""
        return f"{self.recipe}/{self.run}" if self.recipe else self.run

    @property
    def started(self) -> datetime | None:
        """When it began; None where that is not known."""
        try:
            found = datetime.fromisoformat(str(self.record.get("started")))
        except ValueError:
            return None
        return found if found.tzinfo else found.astimezone()

    @property
    def size(self) -> int:
        """How many bytes its files take."""
        return sum(_sizes(self.folder))


def _sizes(folder: Path) -> Iterator[int]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _sizes(Path(entry.path))
        else:
            yield entry.stat(follow_symlinks=False).st_size


def is_run(folder: Path) -> bool:
    """Whether a folder holds a run, whole or damaged."""
    try:
        return any((folder / name).is_file() for name in (RECORD, LEDGER, "summary.json"))
    except (OSError, ValueError):
        # A name that no file can have.
        return False


def folders(runs: Path) -> Iterator[Path]:
    """Yield the folders of all runs, in no order; what is being written is none."""
    waiting = [runs]
    while waiting:
        folder = waiting.pop()
        try:
            inside = [entry for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        for entry in inside:
            if entry.name.startswith("."):
                continue
            path = Path(entry.path)
            if is_run(path):
                yield path
            else:
                waiting.append(path)


def all_runs(runs: Path, recipe: str = "") -> list[Recorded]:
    """Return all runs of a project, newest first.

    Parameters
    ----------
    runs : Path
        The project's folder of runs.
    recipe : str
        Only runs of this recipe, or of the recipes in this folder.
    """
    start = runs / recipe if recipe else runs
    return _newest_first(runs, [_read(runs, folder) for folder in folders(start)])


def _read(runs: Path, folder: Path) -> Recorded:
    try:
        record = json.loads(_record_of(folder))
    except (OSError, ValueError, RecursionError):
        # Listed all the same: what cannot be read must not be out of sight.
        record = {}
    return _placed(runs, folder, record if isinstance(record, dict) else {})


def _record_of(folder: Path) -> bytes:
    """Return a run's record; an encrypted one is opened where its key is at hand, and no error where it is not."""
    content = (folder / RECORD).read_bytes()
    if not is_sealed(folder):
        return content
    from sartor.sealing.folders import read_sealed

    try:
        return read_sealed(folder, RECORD)
    except SartorError as error:
        raise ValueError(str(error)) from error


def _placed(runs: Path, folder: Path, record: Mapping[str, Any] | None = None) -> Recorded:
    inside = folder.is_relative_to(runs)
    recipe = folder.relative_to(runs).parent.as_posix() if inside else ""
    return Recorded(recipe, folder.name, folder, record or {})


def with_record(run: Recorded) -> Recorded:
    """Return a run with what its ``record.json`` says.

    Raises
    ------
    InputError
        If it is missing or damaged.
    """
    from sartor.runs.recording import read_json

    return run if run.record else replace(run, record=read_json(run.folder, RECORD))


def _newest_first(runs: Path, found: Iterable[Recorded]) -> list[Recorded]:
    places: dict[tuple[str, str], int] = {}
    for place, head in enumerate(read_heads(runs / HEADS)[0]):
        if head.get("by") == "run":
            # A name comes back only where the log of them was lost; the later run has it now.
            places[head["recipe"], head["run"]] = place
    keyed, latest = [], _NEVER
    for one in sorted(found, key=lambda one: places.get((one.recipe, one.run), -1)):
        place = places.get((one.recipe, one.run), -1)
        moment = _moment(one)
        if place >= 0:
            # Never before the one that was recorded before it, whatever the clock said.
            moment = latest = max(latest, moment)
        keyed.append((moment, place, one))
    return [one for *_, one in sorted(keyed, key=lambda key: (*key[:2], key[2].name), reverse=True)]


_NEVER = float("-inf")


def _moment(run: Recorded) -> float:
    return run.started.timestamp() if run.started else _NEVER


# ---------------------------------------------------------------------------------------------------------------
# One run, by a name of it
# ---------------------------------------------------------------------------------------------------------------


def find_run(name: str, project: Project) -> Recorded:
    """Return a run.

    Parameters
    ----------
    name : str
        ``1124-1405-k7``, ``finance/credit-scoring/1124-1405-k7``, the path of a folder, ``@last``, ``@prev``, or one
        of these two behind a recipe.
    project : Project

    Raises
    ------
    UsageError
        If there is none, or if several have the name.
    """
    runs = project.runs
    recipe, _, last = name.rpartition("/")
    if last.startswith("@"):
        return _by_order(name, recipe, last, runs)
    inside = runs / name
    if _within(inside, runs) and is_run(inside):
        return _placed(runs, inside)
    path = Path(name).expanduser() if name.startswith("~/") else Path(name)
    if path.name != name and is_run(path):
        return _placed(runs, Path(os.path.normpath(Path.cwd() / path)))
    named = sorted((_placed(runs, folder) for folder in folders(runs) if folder.name == name), key=lambda one: one.name)
    if not named and path.name == name and is_run(path):
        # A run's folder beside us: less likely meant than a run of the project.
        return _placed(runs, Path.cwd() / path)
    if not named:
        raise _nothing(name, path, runs)
    if len(named) > 1:
        raise UsageError(
            f"{len(named)} runs are called '{name}'",
            code="U061",
            hints=(("to mend", f"write {' or '.join(one.name for one in named)}"),),
        )
    return named[0]


def _within(path: Path, folder: Path) -> bool:
    """Whether a path is below a folder, ``..`` in it taken into account."""
    return Path(os.path.normpath(path)).is_relative_to(os.path.normpath(folder)) and ".." not in path.parts


def _by_order(name: str, recipe: str, which: str, runs: Path) -> Recorded:
    if which not in (LAST, PREVIOUS):
        known = [f"{recipe}/{word}" if recipe else word for word in (LAST, PREVIOUS)]
        raise UsageError(f"no run is called '{name}'", code="U060", hints=(*nearest(name, known), _SEE))
    found = all_runs(runs)
    if recipe:
        found = [one for one in found if one.recipe == recipe]
    if not found:
        raise no_runs(recipe, runs)
    if which == LAST:
        return found[0]
    before = [one for one in found[1:] if one.recipe == found[0].recipe]
    if not before:
        only = f"{found[0].run} is the only run of {found[0].recipe}"
        raise UsageError(f"there is no run before the last: {only}", code="U062", hints=(_SEE,))
    return before[0]


def no_runs(recipe: str, runs: Path) -> UsageError:
    """Return the error that says that no run of a recipe is there, or none at all."""
    known = {folder.parent.relative_to(runs).as_posix() for folder in folders(runs)}
    near = nearest(recipe, known) if recipe and known else (("to mend", f"sartor run {recipe or 'RECIPE'}"),)
    whose = f" of {recipe}" if recipe else ""
    return UsageError(f"no run{whose} is recorded in {_shown(runs)}", code="U062", hints=near)


def _nothing(name: str, path: Path, runs: Path) -> UsageError:
    try:
        is_folder = bool(name) and path.is_dir()
    except (OSError, ValueError):
        is_folder = False
    if is_folder:
        return UsageError(f"{name} is not the folder of a run", code="U063", hints=(_SEE,))
    every = [_placed(runs, folder) for folder in folders(runs)]
    if not every:
        mend = ("to mend", "sartor run RECIPE")
        return UsageError(f"no run is called '{name}': none is recorded in {_shown(runs)}", code="U060", hints=(mend,))
    names = [one.name for one in every] if "/" in name else [one.run for one in every]
    near = nearest(name, names)
    meant = near if near and near[0][0] == "did you mean" else ()
    return UsageError(f"no run is called '{name}'", code="U060", hints=(*meant, *_removed(name, runs), _SEE))


def _removed(name: str, runs: Path) -> tuple[tuple[str, str], ...]:
    """Tell of a run that `sartor runs gc` has removed."""
    for head in read_heads(runs / HEADS)[0]:
        if "removed" in head and name in (head["run"], f"{head['recipe']}/{head['run']}"):
            return (("removed", f"by sartor runs gc on {str(head['removed'])[:10]}"),)
    return ()


def _shown(folder: Path) -> str:
    here = Path.cwd()
    return folder.relative_to(here).as_posix() if folder.is_relative_to(here) else str(folder)
