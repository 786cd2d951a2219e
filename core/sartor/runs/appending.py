"""Appends lines to logs: whole or not at all, however many runs write at once, and none after a full disk."""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Appending:
    """A file that nobody else appends to as long as it is held.

    Parameters
    ----------
    file : unbuffered binary file, open for reading and appending
    """

    file: io.FileIO

    def content(self) -> bytes:
        """Return everything that is in the file."""
        self.file.seek(0)
        return self.file.readall()

    def line(self, text: str) -> None:
        """Append a line; a write that fails half-way leaves the file as it was.

        Where the machine went down in the middle of an earlier line, that line is ended first.
        """
        descriptor = self.file.fileno()
        size = os.fstat(descriptor).st_size
        ended = size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
        left = memoryview((b"" if ended else b"\n") + text.encode() + b"\n")
        try:
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        except OSError:
            # What cannot be cut, such as a device, has kept nothing either.
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise


@contextmanager
def appending(file: Path) -> Iterator[Appending]:
    r"""Hold a file against everybody else who appends to it; made where it is not there.

    Examples
    --------
    >>> with appending(Path("log.jsonl")) as log:
    ...     log.line("one")
    ...     log.line("two")
    ...     log.content()
    b'one\ntwo\n'
    """
    with file.open("ab+", buffering=0) as opened:
        # Some network file systems have no locks; there two runs at once are the user's to avoid.
        with suppress(OSError):
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield Appending(opened)
