"""Rows of 32-bit words on disk, scattered over files at random: what does not fit in memory is shuffled there."""

from __future__ import annotations

import hashlib
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sartor.errors import MachineError

SHARD_BYTES = 16 * 2**20
"""About as much is read of a disk at a time."""

Words = NDArray[np.uint32]


class Shards:
    """Rows over files, each of which holds a uniform draw of all.

    For each row its file is drawn by itself, whatever the rows before it came to: how rows are sorted leaves no trace
    in what a file holds. Inside a file they keep their order.

    Parameters
    ----------
    folder : Path
        An empty one.
    rows : int
        How many there will be.
    width : int
        Words of a row.
    seed : int
        Of the draw.

    Raises
    ------
    MachineError
        If the disk has no room for them.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     shards = Shards(Path(folder), 3, 2, seed=0)
    ...     shards.add(np.array([[1, 2], [3, 4]], dtype=np.uint32))
    ...     shards.add(np.array([[5, 6]], dtype=np.uint32))
    ...     [shards.read(place).tolist() for place in range(shards.count)], len(shards)
    ([[[1, 2], [3, 4], [5, 6]]], 3)
    """

    def __init__(self, folder: Path, rows: int, width: int, seed: int) -> None:
        self.folder, self.width = folder, width
        self.count = max(1, math.ceil(rows * width * 4 / SHARD_BYTES))
        self.rows = 0
        self._rng = np.random.default_rng(seed)
        self._digest = hashlib.blake2b(digest_size=16)
        self._told = ""
        _find_room(folder, rows * width * 4)

    def __len__(self) -> int:
        return self.rows

    @property
    def digest(self) -> str:
        """Tells these rows, in this order, from all others; in how many pieces they came makes no difference."""
        return self._told or self._digest.hexdigest()

    @property
    def about(self) -> dict[str, Any]:
        """What it takes to read them in another process, as JSON types."""
        return {"count": self.count, "rows": self.rows, "digest": self.digest}

    @classmethod
    def opened(cls, folder: Path, width: int, about: Mapping[str, Any]) -> Shards:
        """Return what another process wrote, to be read only."""
        shards = cls(folder, 0, width, 0)
        shards.count, shards.rows = int(about["count"]), int(about["rows"])
        shards._told = str(about["digest"])
        return shards

    def add(self, rows: Words) -> None:
        """Scatter some rows."""
        self._digest.update(np.ascontiguousarray(rows).data)
        drawn = self._rng.integers(0, self.count, len(rows), dtype=np.int64)
        order = np.argsort(drawn, kind="stable")
        ends = np.cumsum(np.bincount(drawn, minlength=self.count))
        scattered = rows[order]
        for place, (begin, end) in enumerate(zip(ends - np.diff(ends, prepend=0), ends, strict=True)):
            if end > begin:
                with self._file(place).open("ab") as file:
                    file.write(scattered[begin:end].data)
        self.rows += len(rows)

    def read(self, place: int) -> Words:
        """Return the rows of a file."""
        if not self._file(place).exists():
            return np.zeros((0, self.width), dtype=np.uint32)
        return np.fromfile(self._file(place), dtype=np.uint32).reshape(-1, self.width)

    def _file(self, place: int) -> Path:
        return self.folder / f"shard-{place}"


def _find_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise MachineError(
            "rows that do not fit in memory are learned from a copy on disk, which needs "
            f"{needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free",
            code="U043",
            hints=(("to mend", "make room, or name other folders: runs and spill in sartor.toml, TMPDIR"),),
        )
