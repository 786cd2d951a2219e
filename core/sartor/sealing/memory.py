"""A folder on a memory file system, for what an encrypted run may not leave on a disk.

It is the process's own, for its owner's eyes only, and goes with it: a watcher, a process of its own, removes it when
the one that it belongs to has ended, however that came about.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from sartor.errors import UsageError

VARIABLE = "SARTOR_MEMORY_FOLDER"
_USUAL = ("/dev/shm",)  # noqa: S108 - a memory file system is what is looked for
_KINDS = ("tmpfs", "ramfs")
_WATCH = 'trap "" INT TERM HUP; read -r line; rm -rf -- "$0"'
_MEND = ("to mend", f"mount a tmpfs, and name a folder on it in {VARIABLE}")


def kind_of(folder: Path) -> str:
    """Return the kind of file system that a folder is on, empty where the system does not tell."""
    best, kind = -1, ""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    place = folder.resolve()
    for line in mounts:
        _, mounted, found, *_ = line.split(" ")
        where = Path(mounted.replace("\\040", " "))
        # The later of two mounts on one place hides the earlier.
        if place.is_relative_to(where) and len(where.parts) >= best:
            best, kind = len(where.parts), found
    return kind


def is_in_memory(folder: Path) -> bool:
    """Tell whether a folder is on a file system that is kept in memory."""
    return kind_of(folder) in _KINDS


@cache
def memory_folder() -> Path:
    """Return this process's folder in memory.

    Raises
    ------
    UsageError
        If there is no memory file system that may be written.
    """
    named = os.environ.get(VARIABLE)
    for base in [named] if named else [*_USUAL, os.environ.get("XDG_RUNTIME_DIR", "")]:
        if base and kind_of(Path(base)) in _KINDS and os.access(base, os.W_OK):
            folder = Path(tempfile.mkdtemp(prefix=f"sartor-{os.getpid()}-", dir=base))
            _watched(folder)
            return folder
    why = f"{named} ({VARIABLE}) is not on a memory file system" if named else "there is no memory file system here"
    raise UsageError(f"an encrypted run holds plain bytes in memory only, and {why}", code="U123", hints=(_MEND,))


def _watched(folder: Path) -> None:
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # It reads until nobody is left who could write: that is when this process has ended, be it by kill -9.
    watcher = subprocess.Popen(  # noqa: S603 - no word of it comes from outside
        ["/bin/sh", "-c", _WATCH, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _watchers.append(watcher)
    atexit.register(_let_go, watcher)


_watchers: list[subprocess.Popen[bytes]] = []


def _let_go(watcher: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        assert watcher.stdin is not None
        watcher.stdin.close()
        watcher.wait(timeout=10)


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Let every library of this process, and every process that it starts, put its temporary files there."""
    names = ("TMPDIR", "JOBLIB_TEMP_FOLDER")
    before, own = {name: os.environ.get(name) for name in names}, tempfile.tempdir
    os.environ.update(dict.fromkeys(names, str(folder)))
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = own
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
