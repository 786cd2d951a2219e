"""Temporary files that no folder lists: what is in them is gone with the process, however it ends.

Rows as their source holds them are nobody else's to read, and privacy may let none of them out: where a killed run left
a file behind, it would.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sartor.engine import engine_of

if TYPE_CHECKING:
    from sartor.context import Context

OPEN_FILES = Path("/proc/self/fd")
"""Where an open file of this process can be opened again; without it temporary files have names."""
_held: dict[Path, int] = {}


@contextmanager
def writing(path: Path, context: Context) -> Iterator[BinaryIO]:
    """Open a file to write; afterwards this process, and no other, finds it under a path as long as the engine lives.

    Parameters
    ----------
    path : Path
        In the run's scratch folder; what stood there is replaced.
    context : Context
        Of the step that reads the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _without_name(path.parent)
    if descriptor is None:
        with _with_name(path) as stream:
            yield stream
        _end_with_engine(path, context)
        return
    try:
        with os.fdopen(os.dup(descriptor), "wb") as stream:
            yield stream
    except BaseException:
        os.close(descriptor)
        raise
    forget(path)
    _held[path] = descriptor
    path.symlink_to(OPEN_FILES / str(descriptor))
    _end_with_engine(path, context)


@contextmanager
def _with_name(path: Path) -> Iterator[BinaryIO]:
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            yield stream
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _end_with_engine(path: Path, context: Context) -> None:
    engine = None if context.connection_of is None else engine_of(context.connection)
    if engine is not None:
        engine.close_with(lambda: forget(path))


def forget(path: Path) -> None:
    """Let go of what was written under a path."""
    descriptor = _held.pop(path, None)
    if descriptor is not None:
        os.close(descriptor)
    path.unlink(missing_ok=True)


def _without_name(folder: Path) -> int | None:
    if not OPEN_FILES.is_dir():
        return None
    if hasattr(os, "O_TMPFILE"):
        try:
            return os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)
        except OSError:
            # Not every file system can; the next best has a name for a moment, while nothing is in it.
            pass
    descriptor, name = tempfile.mkstemp(dir=folder)
    Path(name).unlink()
    return descriptor
