"""Removes runs that are old, what killed runs left behind, and what the stage cache has not used for long.

A run that is being written is never touched: its folder names the process that writes it.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sartor.errors import UsageError
from sartor.runs.appending import appending
from sartor.runs.expiring import expired
from sartor.runs.finding import Recorded, all_runs
from sartor.runs.heads import HEADS
from sartor.runs.part import owner_of

if TYPE_CHECKING:
    from sartor.recipe.project import Project
    from sartor.runs.cache import Cache

CACHE = ".cache"
_GONE = ".gone"
_PART = ".part"
_NEWBORN = 3600
"""Seconds for which a part without an owner may still be about to be marked, or renamed."""


@dataclass(frozen=True)
class Removal:
    """What is to be removed, or was.

    Parameters
    ----------
    runs : tuple of Recorded
    leftovers : tuple of Path
        Folders of runs that were killed.
    cached : int
        Entries of the stage cache.
    size : int
        Bytes of all of it.
    unreadable : tuple of Recorded
        Runs whose age is not known, since their record cannot be read; these stay.
    entries : tuple of Path
        Entries of the stage cache that may be kept no more, however lately they were used.
    """

    runs: tuple[Recorded, ...]
    leftovers: tuple[Path, ...]
    cached: int
    size: int
    unreadable: tuple[Recorded, ...] = ()
    entries: tuple[Path, ...] = ()


def removal(
    project: Project, *, before: datetime | None, keep: int, unused_since: datetime, now: datetime | None = None
) -> Removal:
    """Return what can be removed from a project; nothing is.

    Parameters
    ----------
    project : Project
    before : datetime or None
        Only runs that began before this moment; None for runs of any age.
    keep : int
        The newest of every recipe that stay whatever their age.
    unused_since : datetime
        Entries of the stage cache that were not used since then.
    now : datetime, optional
        What is older than its recipe's `privacy: {retention}` goes too, the newest run as well.
    """
    found = all_runs(project.runs)
    unreadable = tuple(run for run in found if run.started is None)
    counted: dict[str, int] = {}
    old = []
    for run in found:
        counted[run.recipe] = counted.get(run.recipe, 0) + 1
        if counted[run.recipe] <= keep or run.started is None:
            continue
        if before is None or run.started < before:
            old.append(run)
    due = expired(found, project.runs / CACHE, now or datetime.now().astimezone())
    old += [run for run in due.runs if run not in old]
    leftovers = tuple(_leftovers(project.runs, unused_since))
    limit = unused_since.timestamp()
    entries = [entry for entry in _cache(project).entries() if entry[3] < limit or entry[1] in due.entries]
    cached = [size for _, _, size, _ in entries]
    size = sum(run.size for run in old) + sum(_size(part) for part in leftovers) + sum(cached)
    return Removal(tuple(old), leftovers, len(cached), size, unreadable, due.entries)


def remove(project: Project, wanted: Removal, unused_since: datetime) -> None:
    """Remove what `removal` has found.

    Raises
    ------
    UsageError
        If a folder cannot be removed; the others are gone all the same.
    """
    failed: list[tuple[str, OSError]] = []
    for name, take_away in [
        *((run.name, partial(_remove_run, project.runs, run)) for run in wanted.runs),
        *((part.name, partial(shutil.rmtree, part)) for part in wanted.leftovers),
    ]:
        try:
            take_away()
        except FileNotFoundError:
            # Somebody else has removed it since.
            continue
        except OSError as error:
            failed.append((name, error))
    for entry in wanted.entries:
        _cache(project).remove(entry)
    _cache(project).collect(older_than=max(0.0, time.time() - unused_since.timestamp()))
    if failed:
        name, why = failed[0]
        more = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
        said = (why.strerror or str(why)).lower()
        raise UsageError(f"{name} cannot be removed: {said}{more}", code="U065") from why


def _remove_run(runs: Path, run: Recorded) -> None:
    # Renamed first: a run is there whole or not at all, also while it goes.
    gone = run.folder.with_name(f".{run.run}{_GONE}")
    run.folder.rename(gone)
    shutil.rmtree(gone)
    said = {"removed": datetime.now().astimezone().isoformat(timespec="seconds"), "recipe": run.recipe, "run": run.run}
    # On a full disk there may still be no room for a line; what is gone is gone all the same.
    with suppress(OSError), appending(runs / HEADS) as log:
        log.line(json.dumps(said))
    for parent in run.folder.parents:
        if parent == runs or any(parent.iterdir()):
            break
        parent.rmdir()


def _leftovers(runs: Path, unused_since: datetime) -> Iterator[Path]:
    """Yield folders of runs that were killed while they were written, or while they were removed."""
    waiting = [runs]
    while waiting:
        folder = waiting.pop()
        if not folder.is_dir() or (folder / "ledger.jsonl").exists():
            continue
        for path in sorted(folder.iterdir()):
            if path.is_symlink() or not path.is_dir() or path.name == CACHE:
                continue
            if not path.name.startswith("."):
                waiting.append(path)
            elif path.name.endswith(_GONE) or (path.name.endswith(_PART) and _is_left(path, unused_since)):
                yield path


def _is_left(part: Path, unused_since: datetime) -> bool:
    owner = owner_of(part)
    touched = part.stat().st_mtime
    if owner is None:
        return touched < time.time() - _NEWBORN
    if owner.is_elsewhere:
        return touched < unused_since.timestamp()
    return not owner.is_alive


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() or path.is_symlink())


def _cache(project: Project) -> Cache:
    from sartor.runs.cache import Cache

    return Cache(project.runs / CACHE)
