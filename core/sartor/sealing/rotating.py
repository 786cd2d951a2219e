"""Gives encrypted runs and the encrypted cache a new key: their data keys are encrypted anew, and no file is.

What a run keeps of its data key is exchanged in three steps: the new one is written beside the runs, entered in the
run's ledger, and renamed into place. Whatever happens in between, one of both keys opens every run, and calling again
finishes it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sartor.errors import UsageError
from sartor.runs.finding import folders
from sartor.runs.ledger import enter_told
from sartor.runs.stored import lines_of_ledger
from sartor.runs.verifying import verify
from sartor.sealing.folders import unseal_into
from sartor.sealing.keys import FILE, DataKey, Key, data_key, is_sealed, said_of
from sartor.sealing.memory import memory_folder

if TYPE_CHECKING:
    from sartor.recipe.project import Project

PENDING = ".rotating"
BY = "keys rotate"


@dataclass
class Rotated:
    """What came of it.

    Parameters
    ----------
    runs, entries : int
        How many runs and entries of the cache have the new key now and had not before.
    already : int
        How many had it.
    others : list of str
        Runs whose key is neither of both, and stays.
    """

    runs: int = 0
    entries: int = 0
    already: int = 0
    others: list[str] = field(default_factory=list)


def rotate(project: Project, old: Key, new: Key) -> Rotated:
    """Give everything that one key opens another one.

    Raises
    ------
    UsageError
        If something cannot be written; what is done is done, and calling again does the rest.
    InputError
        If a run is not as it was recorded.
    """
    done = Rotated()
    try:
        for folder in sorted(folders(project.runs)):
            if is_sealed(folder):
                _run(folder, project, old, new, done)
        for folder in _entries(project.runs / ".cache"):
            _entry(folder, old, new, done)
        shutil.rmtree(project.runs / PENDING, ignore_errors=True)
    except OSError as error:
        raise UsageError(
            f"the keys cannot be rotated: {(error.strerror or str(error)).lower()} ({error.filename or project.runs})",
            code="U121",
            hints=(("to mend", "call it again when the folder can be written: it goes on where it ended"),),
        ) from error
    return done


def _entries(cache: Path) -> Iterator[Path]:
    yield from sorted(file.parent for file in cache.glob(f"sealed-*/*/{FILE}"))


def _run(folder: Path, project: Project, old: Key, new: Key, done: Rotated) -> None:
    name = folder.relative_to(project.runs).as_posix()
    pending = project.runs / PENDING / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"
    if _is_entered(folder, pending):
        # Broken off behind the ledger: only the last step is left.
        pending.replace(folder / FILE)
    has = said_of(folder)["key_id"]
    if has == new.id:
        done.already += 1
        return
    if has != old.id:
        done.others.append(name)
        return
    found = verify(folder, runs=project.runs).findings
    own = data_key(folder, [old])
    if found:
        from sartor.sealing.keys import tampered

        raise tampered(folder, found[0].part, str(found[0]))
    content = own.wrapped(new)
    _write(pending, content)
    view = memory_folder() / pending.stem / folder.name
    try:
        # The head tells the root of the tree over files, whose salt is encrypted.
        unseal_into(folder, view, own)
        enter_told(folder, {FILE: _told(content)}, by=BY, plain=view)
    finally:
        shutil.rmtree(view, ignore_errors=True)
    pending.replace(folder / FILE)
    done.runs += 1


def _is_entered(folder: Path, pending: Path) -> bool:
    """Whether what was written of a rotation stands in the ledger, and not yet in the folder."""
    if not pending.is_file():
        return False
    told = next((line.files[FILE] for line in reversed(lines_of_ledger(folder)) if FILE in line.files), None)
    return told == _told(pending.read_bytes())


def _told(content: bytes) -> list[str | int]:
    return [hashlib.sha256(content).hexdigest(), len(content)]


def _entry(folder: Path, old: Key, new: Key, done: Rotated) -> None:
    from sartor.errors import SartorError

    # What cannot be opened is made anew by the run that looks for it.
    with suppress(SartorError):
        if said_of(folder)["key_id"] == old.id:
            own: DataKey = data_key(folder, [old])
            part = folder.parent / f".{folder.name}.{os.getpid()}.part"
            _write(part, own.wrapped(new))
            part.replace(folder / FILE)
            done.entries += 1


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
