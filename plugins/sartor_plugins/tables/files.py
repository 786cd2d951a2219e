"""Finds the files that a setting names, and says what is wrong where there are none."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError, nearest
from sartor_plugins.tables.remote import fetched, is_remote

if TYPE_CHECKING:
    from sartor.context import Context

DATA_FOLDER = "SARTOR_DATA"
"""Environment variable that holds the folder of the data; ``--data`` sets the same."""


@dataclass(frozen=True)
class File:
    """A file that is there.

    Parameters
    ----------
    path : Path
        Where it is.
    shown : str
        What the user calls it; stands in every message.
    """

    path: Path
    shown: str


def find(patterns: Sequence[str], context: Context) -> list[File]:
    """Return the files that names and globs mean, each once: names in the order given, a glob's files sorted.

    A name that exists is that file, even when it looks like a glob.

    Raises
    ------
    InputError
        If a name or a glob finds nothing, or a folder, or what cannot be opened.
    """
    found: dict[Path, File] = {}
    for pattern in patterns:
        if is_remote(pattern):
            for copy, shown in fetched(pattern, context):
                found.setdefault(copy, File(copy, shown))
            continue
        path = context.path(pattern)
        if os.path.lexists(path) or not glob.has_magic(pattern):
            matches = [File(_checked(path, pattern), pattern)]
        else:
            matches = _matching(path, pattern, context)
        for file in matches:
            found.setdefault(file.path, file)
    return list(found.values())


def inputs(patterns: Sequence[str], context: Context) -> list[dict[str, Any]]:
    """Return name, path, size and SHA-256 of each file, for the record of a run."""
    records = []
    for file in find(patterns, context):
        path = file.path.absolute()
        seen = path.stat()
        digest = _digest(path, seen.st_size, seen.st_mtime_ns, seen.st_ino)
        records.append({"name": file.shown, "path": str(path), "bytes": seen.st_size, "sha256": digest})
    return records


@lru_cache(maxsize=1024)
def _digest(path: Path, size: int, changed: int, inode: int) -> str:
    """Return the SHA-256 of a file; a run asks for it as input and as fingerprint, and hashes it once."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def stamp(patterns: Sequence[str], context: Context) -> str:
    """Return size and time of last change of each file, and how many there are."""
    looked = [(file.path, file.path.stat()) for file in find(patterns, context)]
    return "/".join(f"{path}:{about.st_size}:{about.st_mtime_ns}" for path, about in looked)


def _checked(path: Path, shown: str) -> Path:
    if path.is_dir():
        raise InputError(f"{shown} is a folder, and a file is due", code="D102", hints=_inside(path, shown))
    if not path.exists():
        raise InputError(f"there is no file {shown}", code="D101", hints=_instead(path, shown))
    if not path.is_file():
        raise InputError(f"{shown} is not a regular file", code="D102")
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise _unreadable(shown, error) from error


def _unreadable(shown: str, error: OSError) -> InputError:
    hints = (("to mend", f"allow yourself to read it: chmod u+r {shown}"),) if error.errno == 13 else ()
    return InputError(f"{shown} cannot be opened: {(error.strerror or str(error)).lower()}", code="D104", hints=hints)


def _matching(path: Path, pattern: str, context: Context) -> list[File]:
    relative = not Path(pattern).expanduser().is_absolute()
    names = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - Path.glob refuses absolute patterns
    matches = [match for match in map(Path, names) if match.is_file()]
    if not matches:
        fixed = Path(*_without_magic(path.parts))
        raise InputError(f"no file matches {pattern}", code="D103", hints=_instead(fixed / path.name, pattern))
    return [
        File(_checked(match, shown), shown)
        for match in matches
        for shown in [os.path.relpath(match, context.folder) if relative else str(match)]
    ]


def _without_magic(parts: Sequence[str]) -> list[str]:
    """Return the parts of a glob's folder up to the first one that is a pattern itself."""
    fixed: list[str] = []
    for part in parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return fixed


def _inside(folder: Path, shown: str) -> tuple[tuple[str, str], ...]:
    endings = [file.suffix for file in sorted(folder.iterdir()) if file.is_file() and not file.name.startswith(".")]
    if not endings:
        return ()
    commonest = max(dict.fromkeys(endings), key=endings.count)
    return (("to mend", f"read all its files: {shown.rstrip('/')}/*{commonest}"),)


def _instead(path: Path, shown: str) -> tuple[tuple[str, str], ...]:
    """Return hints for a file that is not there: its neighbours, or the folder that is missing."""
    folder = path.parent
    hints: tuple[tuple[str, str], ...] = ()
    if folder.is_dir():
        names = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
        hints = nearest(path.name, names) or (("the folder", f"{folder} is empty"),)
    else:
        missing = next(above for above in reversed([folder, *folder.parents]) if not above.is_dir())
        siblings = [entry.name for entry in missing.parent.iterdir()] if os.access(missing.parent, os.R_OK) else []
        near = nearest(missing.name, siblings)
        hints = (("no folder", str(missing)), *(hint for hint in near if hint[0] == "did you mean"))
    return hints + _data_hint(path, folder.is_dir() or not Path(shown).is_absolute())


def _data_hint(path: Path, here: bool) -> tuple[tuple[str, str], ...]:
    """Return the hint for a file that may belong to the data, which recipes find from elsewhere."""
    data = os.environ.get(DATA_FOLDER, "")
    under = bool(data) and path.absolute().is_relative_to(Path(data).absolute())
    if under or not here:
        return (("to mend", f"give the folder of the data with --data or {DATA_FOLDER}"),)
    return ()
