"""The log of who read what of guarded runs: ``access.jsonl`` of the project, each line chained to the one before.

No line says of which person something was read: it has a digest of the row's key under a key of the project's own
(``.access.key``), by which those who hold that key can look for a person, and nobody else can.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sartor.runs.appending import appending
from sartor.runs.ledger import FIRST, read, written

FILE = "access.jsonl"
KEY = ".access.key"


def enter(runs: Path, **said: Any) -> None:
    """Append a line.

    Parameters
    ----------
    runs : Path
        The project's folder of runs.
    **said
        What the line says, JSON types.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    with appending(runs / FILE) as log:
        lines, _ = read(log.content())
        previous = lines[-1].hash if lines else FIRST
        # Behind a damaged line the chain begins anew, and the damage stays in sight.
        line, _ = written({"at": at, **said}, len(lines) + 1, previous or FIRST)
        log.line(line)


def entries(runs: Path) -> list[dict[str, Any]]:
    """Return what the lines say that are as they were written, the oldest first."""
    return [{"line": line.place, **line.values} for line in _read(runs) if line.hash]


def faults(runs: Path) -> Iterator[str]:
    """Yield where the log is not as it was written."""
    previous = FIRST
    for line in _read(runs):
        if not line.hash:
            yield f"line {line.place} does not match its own hash"
        elif line.previous != previous or line.number != line.place:
            yield f"line {line.place} does not follow from the line before it"
        previous = line.hash or FIRST


def head(runs: Path) -> dict[str, Any]:
    """Return how many lines there are and the hash of the last one: who keeps it sees whether the end was cut off."""
    lines = _read(runs)
    return {"lines": len(lines), "head": lines[-1].hash if lines else FIRST}


def _read(runs: Path) -> list[Any]:
    try:
        return list(read((runs / FILE).read_bytes())[0])
    except FileNotFoundError:
        return []


def digest_of(runs: Path, person: str) -> str:
    """Return what stands in the log for a person: 32 digits that tell nobody without the project's key who it is.

    Raises
    ------
    OSError
        If the key is not there yet and cannot be written.
    """
    return hmac.new(_key(runs), person.encode(), hashlib.sha256).hexdigest()[:32]


def _key(runs: Path) -> bytes:
    file = runs / KEY
    try:
        return file.read_bytes()
    except FileNotFoundError:
        part = file.with_name(f"{KEY}.{os.getpid()}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(os.urandom(32))
        try:
            # Of two who make it at once the first one's stays.
            os.link(part, file)
        except FileExistsError:
            pass
        finally:
            part.unlink()
        return file.read_bytes()
