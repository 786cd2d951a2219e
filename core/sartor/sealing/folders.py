"""Encrypted folders: written from plain ones in memory, and opened into such.

This is all that the rest of sartor sees of encryption: `Vault` for what is written, `opened` for what is read,
`put` for what is added to an opened folder. Whoever has an opened folder reads and writes plain files.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sartor.errors import UsageError
from sartor.recipe.project import Project
from sartor.sealing import views
from sartor.sealing.keys import FILE, DataKey, Key, data_key, is_sealed, keys_for, tampered
from sartor.sealing.memory import memory_folder
from sartor.sealing.streaming import Broken, open_stream, seal_stream, unseal

OPEN_TO_ALL = frozenset({"ledger.jsonl", "access.json", "writing.json", "erased.json", FILE})
"""Files of a run that are not encrypted: without a key they verify it, and say who may read it and what was erased."""


@dataclass(frozen=True)
class Vault:
    """The key by which a run's folder and its part of the cache are encrypted.

    Parameters
    ----------
    key : Key
    """

    key: Key

    def folder(self, *parts: str) -> Path:
        """Return a new folder in memory."""
        folder = memory_folder().joinpath(uuid4().hex[:12], *parts)
        folder.mkdir(parents=True)
        return folder

    def seal(self, plain: Path, sealed: Path, of: str) -> None:
        """Encrypt every file of a folder into another one, with a new data key."""
        own = DataKey.new(of)
        (sealed / FILE).write_bytes(own.wrapped(self.key))
        for file in sorted(plain.rglob("*")):
            if file.is_file():
                _seal_file(file, sealed / file.relative_to(plain), own, file.relative_to(plain).as_posix())


def _seal_file(plain: Path, sealed: Path, own: DataKey, name: str) -> None:
    sealed.parent.mkdir(parents=True, exist_ok=True)
    if name in OPEN_TO_ALL:
        shutil.copyfile(plain, sealed)
        return
    part = sealed.with_name(f".{sealed.name}.{os.getpid()}.part")
    try:
        with plain.open("rb") as source, part.open("wb") as target:
            seal_stream(source, target, own.content, f"{own.of}\0{name}")
        part.replace(sealed)
    finally:
        part.unlink(missing_ok=True)


def opened(folder: Path, project: Project | None = None) -> Path:
    """Return a folder whose files can be read: itself, or a plain copy of it in memory where it is encrypted.

    Parameters
    ----------
    folder : Path
        Of a run.
    project : Project, optional
        Whose keys may open it; the one that the folder lies in unless given.

    Raises
    ------
    UsageError
        If the key is missing, is another one, or there is no memory file system.
    InputError
        If a file is not what was encrypted.
    """
    if not is_sealed(folder) or views.origin_of(folder) != folder:
        return folder
    view = views.view_of(folder)
    if view is not None:
        return view
    own = data_key(folder, keys_for(folder, project or Project.at(folder)))
    view = memory_folder() / uuid4().hex[:12] / folder.name
    with _room():
        unseal_into(folder, view, own)
    views.register(view, folder)
    return view


def read_sealed(folder: Path, name: str) -> bytes:
    """Return one file of an encrypted folder, which is not opened for it.

    Raises
    ------
    UsageError, InputError
        As `opened`.
    """
    own = data_key(folder, keys_for(folder, Project.at(folder)))
    try:
        return unseal((folder / name).read_bytes(), own.content, f"{own.of}\0{name}")
    except Broken as error:
        raise tampered(folder, name, str(error)) from None


def unseal_into(folder: Path, view: Path, own: DataKey) -> None:
    """Decrypt every file of a folder into one in memory.

    Raises
    ------
    InputError
        If a file is not what was encrypted.
    """
    view.mkdir(parents=True)
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        name = file.relative_to(folder).as_posix()
        target = view / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name in OPEN_TO_ALL:
            if name != FILE:
                shutil.copyfile(file, target)
            continue
        try:
            with file.open("rb") as source, target.open("wb") as plain:
                for chunk in open_stream(source, own.content, f"{own.of}\0{name}"):
                    plain.write(chunk)
        except Broken as error:
            shutil.rmtree(view, ignore_errors=True)
            raise tampered(folder, name, str(error)) from None


def put(view: Path, files: Iterable[Path]) -> list[Path]:
    """Encrypt files that were made in an opened folder into the one that it shows; return where they are there."""
    origin = views.origin_of(view)
    own = data_key(origin, keys_for(origin, Project.at(origin)))
    made = []
    for file in files:
        name = file.relative_to(view).as_posix()
        _seal_file(file, origin / name, own, name)
        made.append(origin / name)
    return made


def seal_beside(origin: Path, plain: Path, to: Path, project: Project | None = None) -> None:
    """Encrypt files as those of an encrypted folder, into another one, from where they can be moved into it."""
    own = data_key(origin, keys_for(origin, project or Project.at(origin)))
    for file in sorted(plain.rglob("*")):
        if file.is_file():
            name = file.relative_to(plain).as_posix()
            _seal_file(file, to / name, own, name)


def renewed(folder: Path, project: Project | None = None) -> Path:
    """Return a folder whose files can be read, as they are by now: what it was opened into before is written anew."""
    view = views.view_of(folder)
    if view is None:
        return opened(folder, project)
    own = data_key(folder, keys_for(folder, project or Project.at(folder)))
    shutil.rmtree(view, ignore_errors=True)
    with _room():
        unseal_into(folder, view, own)
    return view


def close(view: Path) -> None:
    """Remove an opened folder from memory."""
    if views.origin_of(view) != view:
        views.forget(view)
        shutil.rmtree(view, ignore_errors=True)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"there is no room in memory for the plain files: {(error.strerror or str(error)).lower()}",
            code="U123",
            hints=(("to mend", "give the memory file system more room, or name another: SARTOR_MEMORY_FOLDER"),),
        ) from error
