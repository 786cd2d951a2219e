"""How far a course of learning is, on disk: a training that was killed goes on there and comes to the same bytes.

A file holds weights, moments of the optimizer, states of everything random, the epochs so far and what was best. Its
name is a digest of all that the course depends on, so that another course never takes it up.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

EVERY = 10.0
"""Seconds between two times that it is written down: what a kill costs at most, beside the epoch it came in."""


def name_of(parts: Iterable[Any]) -> str:
    """Return the name of a course: arrays by their bytes, all else by its text.

    Examples
    --------
    >>> name_of([1, np.zeros(2)]) == name_of([1, np.zeros(2)]) != name_of([1, np.zeros(3)])
    True
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
        else:
            digest.update(f"{part!r}\0".encode())
    return digest.hexdigest()


class Unfinished:
    """The file of one course.

    Parameters
    ----------
    folder : Path or None
        Where it may be written; nothing is, where there is none.
    name : str
    """

    def __init__(self, folder: Path | None, name: str) -> None:
        self.file = None if folder is None else folder / f"{name}.npz"
        self.written = time.monotonic()

    def take_up(self) -> tuple[dict[str, Any], dict[str, list[Any]]] | None:
        """Return what was told and the arrays by their names; None where nothing was begun, or nothing can be read."""
        if self.file is None or not self.file.is_file():
            return None
        # What cannot be read is begun anew: it only saves time.
        with suppress(Exception), np.load(self.file, allow_pickle=False) as saved:
            told = json.loads(bytes(saved["told"]).decode())
            arrays = {
                name: [saved[f"{name} {place}"] for place in range(count)] for name, count in told["counts"].items()
            }
            return told, arrays
        return None

    @property
    def due(self) -> bool:
        """Whether it is time to write."""
        return self.file is not None and time.monotonic() - self.written >= EVERY

    def write(self, told: Mapping[str, Any], arrays: Mapping[str, list[Any]]) -> None:
        """Write, in one step: whoever is killed meanwhile leaves what was there before."""
        assert self.file is not None, "nothing is due where nothing may be written"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**told, "counts": {name: len(values) for name, values in arrays.items()}})
        flat = {f"{name} {place}": value for name, values in arrays.items() for place, value in enumerate(values)}
        part = self.file.with_suffix(f".{os.getpid()}")
        try:
            with part.open("wb") as stream:
                np.savez(stream, told=np.frombuffer(text.encode(), dtype=np.uint8), **flat)
            part.replace(self.file)
        finally:
            part.unlink(missing_ok=True)
        self.written = time.monotonic()
