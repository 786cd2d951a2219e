"""The stage cache: what a stage made, kept under a key of everything that it depends on.

An entry is a folder that is renamed into place when it is whole, so that a killed run leaves nothing half-made and
two runs at once do not disturb each other: whoever comes second finds the entry there and throws its own away.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from sartor.runs.json_text import plain
from sartor.runs.recording import versions

FORMAT = 1
"""Of cache entries; another format is another key."""
MARKER = "entry.json"
"""The last file of an entry to be written: a folder without it is no entry."""
MOMENTS = "moments"
"""Where it stands when what is kept for some time was begun."""
UNFINISHED = "unfinished"
"""Where what takes long leaves how far it is."""
PARTS = "parts"
"""Where entries lie while they are written."""


def key_of(*parts: Any) -> str:
    """Return the key of everything that a stage depends on.

    Parameters
    ----------
    *parts
        JSON types; mappings are compared without order.

    Examples
    --------
    >>> key_of("fit", {"a": 1, "b": 2}) == key_of("fit", {"b": 2, "a": 1}) != key_of("fit", {"a": 1, "b": 3})
    True
    """
    text = json.dumps([FORMAT, *plain(list(parts))], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def environment() -> dict[str, str]:
    """What every stage depends on beside its inputs: versions of libraries, and the code of sartor itself."""
    return {**versions(), "code": own_code()}


@cache
def own_code() -> str:
    """Return the digest of sartor's own sources: core, plugins and domains."""
    import sartor

    folders = [Path(sartor.__file__).parent]
    for name in ("sartor_plugins", "sartor_domains"):
        folder = _folder_of(name)
        if folder is not None:
            folders.append(folder)
    return key_of(*(folder_digest(folder) for folder in folders))


def _folder_of(module: str) -> Path | None:
    import importlib.util

    spec = importlib.util.find_spec(module)
    places = list(spec.submodule_search_locations or ()) if spec else []
    if places:
        return Path(places[0])
    return Path(spec.origin).parent if spec and spec.origin else None


def plugin_code(module: str) -> str:
    """Return the digest of all sources in a plugin's folder, helper modules included.

    Parameters
    ----------
    module : str
        The module that the plugin's entry point names.
    """
    import importlib.util

    spec = importlib.util.find_spec(module)
    if spec is None:
        return ""
    places = list(spec.submodule_search_locations or ())
    if places:
        return folder_digest(Path(places[0]))
    return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest() if spec.origin else ""


def file_digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def folder_digest(folder: Path) -> str:
    """Return the digest of all files in a folder that are no compiled leftovers, names included."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc":
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(file_digest(file).encode())
    return digest.hexdigest()


class Cache:
    """Entries of a project.

    Parameters
    ----------
    folder : Path
        Made when the first entry is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, stage: str, key: str) -> Path | None:
        """Return an entry's folder, or None; an entry that is used is young again for `collect`.

        An entry whose files are not what was written is none.
        """
        place = self.folder / stage / key
        marker = place / MARKER
        if not _whole(place):
            return None
        # Whoever may only look into a project still finds what is there.
        with suppress(OSError):
            os.utime(marker)
        return place

    def make(self, stage: str, key: str, write: Callable[[Path], Mapping[str, Any]], *, instead: bool = False) -> Path:
        """Write an entry and return its folder; nothing is left of one whose writing fails.

        Parameters
        ----------
        stage, key : str
        write : callable
            Writes the entry's files into the folder that it is given, and returns what `about` shall tell of it.
        instead : bool
            Put it in the place of an entry that is there.
        """
        target = self.folder / stage / key
        part = self.folder / PARTS / f"{key[:12]}-{os.getpid()}-{uuid4().hex[:8]}"
        part.mkdir(parents=True)
        try:
            about = {**plain(write(part)), "format": FORMAT, "files": _files(part)}
            (part / MARKER).write_text(json.dumps(about, sort_keys=True), encoding="utf-8")
            put_in_place(part, target, instead=instead)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return target

    def unfinished(self, key: str) -> Path | None:
        """Return where the making of an entry may leave how far it is, or None where it may not."""
        return self.folder / UNFINISHED / key

    def finished(self, key: str) -> None:
        """Remove what the making of an entry has left."""
        place = self.folder / UNFINISHED / key
        shutil.rmtree(place, ignore_errors=True)
        with suppress(OSError):
            place.parent.rmdir()

    def moment(self, key: str) -> datetime | None:
        """Return when something was last begun that is kept for some time only; None where nobody knows."""
        try:
            said = datetime.fromisoformat((self.folder / MOMENTS / key).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return said if said.tzinfo else None

    def keep_moment(self, key: str, moment: datetime) -> None:
        """Write down when something was begun."""
        file = self.folder / MOMENTS / key
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{key[:12]}-{os.getpid()}-{uuid4().hex[:8]}")
        part.write_text(moment.isoformat(), encoding="utf-8")
        part.replace(file)

    def about(self, place: Path) -> dict[str, Any]:
        """Return what was told of an entry when it was made."""
        told: dict[str, Any] = json.loads((place / MARKER).read_text(encoding="utf-8"))
        return told

    def entries(self) -> Iterator[tuple[str, Path, int, float]]:
        """Yield stage, folder, bytes and the time of last use of every entry."""
        for marker in sorted(self.folder.glob(f"*/*/{MARKER}")):
            size = sum(file.stat().st_size for file in marker.parent.rglob("*") if file.is_file())
            yield marker.parent.parent.name, marker.parent, size, marker.stat().st_mtime

    def remove(self, folder: Path) -> None:
        """Remove an entry, and folders that are empty without it."""
        # Without its marker an entry is none: a run that looks for it meanwhile makes it anew.
        (folder / MARKER).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            for empty in (folder.parent, self.folder / PARTS, self.folder):
                if empty.is_dir():
                    empty.rmdir()

    def collect(self, *, older_than: float) -> tuple[int, int]:
        """Remove entries that were not used for some seconds, and what killed runs left behind.

        Returns
        -------
        entries, bytes : int
            How much was removed.
        """
        limit = time.time() - older_than
        removed = freed = 0
        for _, folder, size, used in list(self.entries()):
            if used < limit:
                self.remove(folder)
                removed, freed = removed + 1, freed + size
        for moment in self.folder.glob(f"{MOMENTS}/*"):
            if moment.stat().st_mtime < limit:
                moment.unlink(missing_ok=True)
        for left in self.folder.glob(f"{UNFINISHED}/*"):
            if left.stat().st_mtime < limit:
                shutil.rmtree(left, ignore_errors=True)
        for part in self.folder.glob(f"{PARTS}/*"):
            if not _alive(part.name):
                shutil.rmtree(part, ignore_errors=True)
        return removed, freed


def put_in_place(part: Path, target: Path, *, instead: bool) -> None:
    """Rename an entry into its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # What stands there and is whole was written by another run meanwhile, and is the same.
    for _ in range(ATTEMPTS):
        with suppress(OSError):
            part.rename(target)
            return
        if not instead and _whole(target):
            return
        # Aside first: whoever reads it keeps its files, and nobody finds half of it.
        aside = part.with_name(f"{part.name}-{uuid4().hex[:8]}")
        with suppress(OSError):
            target.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)
    part.rename(target)


ATTEMPTS = 5
"""How often an entry is tried to be put where others are putting theirs."""
CHECKED_BYTES = 64 * 2**20
"""Files up to this size are known by their content, larger ones by their size."""


def _whole(place: Path) -> bool:
    with suppress(OSError, ValueError):
        told = json.loads((place / MARKER).read_text(encoding="utf-8"))
        return bool(told.get("files") == _files(place))
    return False


def _files(place: Path) -> dict[str, list[Any]]:
    """Return size and digest of every file of an entry but its marker."""
    found: dict[str, list[Any]] = {}
    for file in sorted(place.rglob("*")):
        if file.is_file() and file.name != MARKER:
            size = file.stat().st_size
            found[file.relative_to(place).as_posix()] = [size, file_digest(file) if size <= CHECKED_BYTES else ""]
    return found


def _alive(part: str) -> bool:
    """Tell whether the process that writes a part is still there."""
    try:
        os.kill(int(part.split("-")[1]), 0)
    except (ValueError, IndexError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
