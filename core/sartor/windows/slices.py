"""Slices of entities: lines are put by a hash of their entity, so that each slice can be worked out by itself.

What does not fit into memory goes into one file, part after part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sartor.windows.exact import Ints
    from sartor.windows.kernels import Kernels

_LINES = 60_000
"""Lines and rows that a slice has at best: few enough for the caches, enough to be worth a call."""
_FROM_FILE = 3
"""So many times as long are slices that are read from a file, piece by piece."""
_LINE = 40
"""What a line takes while it is held."""
_LEAST = 20_000
_BYTES = 300
"""What a line takes while its slice is worked out."""
_MOST = 4096
_PIECE = 500
"""Lines that a part is to have for each slice: fewer make reading a file piece by piece slow."""


def number_of_slices(lines: int, memory: int) -> int:
    """Return how many slices keep the work on each within the memory.

    Examples
    --------
    >>> number_of_slices(1_000, 10**9), number_of_slices(100_000_000, 10**9), number_of_slices(1_000_000, 12 * 10**6)
    (1, 556, 25)
    """
    best = _LINES if lines * _LINE <= memory else _FROM_FILE * _LINES
    most = max(_LEAST, min(best, memory // _BYTES))
    return max(1, min(_MOST, -(-lines // most)))


@dataclass
class Slices:
    """Columns of 64 bits, by slice.

    Parameters
    ----------
    count : int
        How many slices there are.
    columns : int
        How many columns.
    memory : int
        Bytes that may be held; beyond them parts are in the file.
    file : Path
        Made when it is needed.
    kernels : Kernels
    """

    count: int
    columns: int
    memory: int
    file: Path
    kernels: Kernels
    _parts: list[_Part] = field(default_factory=list)
    _waiting: list[tuple[list[NDArray[Any]], pa.Array | None]] = field(default_factory=list)
    _lines: int = 0
    _held: int = 0
    _open: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._parts.clear()
        if self._open is not None:
            self._open.close()
            self.file.unlink(missing_ok=True)

    def add(self, columns: list[NDArray[Any]], labels: pa.Array | None = None) -> None:
        """Put lines, whose first column is their entity, into their slices.

        Parameters
        ----------
        labels : Array, optional
            A column of any other type, kept beside the others.
        """
        self._waiting.append((columns, labels))
        self._lines += len(columns[0])
        # Waiting lines and the part made of them are held twice for a moment.
        if self._lines >= min(_PIECE * self.count, self.memory // (32 * self.columns)):
            self.flush()

    def flush(self) -> None:
        """Put the lines that wait into their slices; needed once after the last of them."""
        waiting, self._waiting, lines, self._lines = self._waiting, [], self._lines, 0
        if not lines:
            return
        columns = waiting[0][0]
        if len(waiting) > 1:
            columns = [np.concatenate(pieces) for pieces in zip(*(columns for columns, _ in waiting), strict=True)]
        named = [labels for _, labels in waiting if labels is not None]
        labels = pa.concat_arrays(named) if named else None
        if self.count == 1:
            counts = np.array([lines])
            table = np.concatenate([column.view(np.int64) for column in columns])
        else:
            bucket, counts = self.kernels.buckets(columns[0], self.count)
            table = self.kernels.spread(columns, bucket, counts)
            labels = None if labels is None else labels.take(pa.array(np.argsort(bucket, kind="stable")))
        self._keep(_Part(self.columns, np.concatenate([[0], np.cumsum(counts)]), table, labels))

    def _keep(self, part: _Part) -> None:
        if self._held + part.size <= self.memory:
            self._held += part.size
        else:
            if self._open is None:
                self._open = self.file.open("w+b")
            part.write(self._open)
        self._parts.append(part)

    def take(self, one: int) -> tuple[Ints, pa.Array | None]:
        """Return a slice, column by column, and its labels.

        Returns
        -------
        table : ndarray of shape (n_columns, n_lines)
        labels : Array or None
        """
        pieces = [part.take(one, self._open) for part in self._parts]
        labels = [named for _, named in pieces if named is not None]
        empty = np.empty((self.columns, 0), dtype=np.int64)
        table = np.concatenate([empty, *(piece for piece, _ in pieces)], axis=1)
        return table, pa.concat_arrays(labels) if labels else None


@dataclass
class _Part:
    """Lines that were put into slices together: slice by slice, and in each column by column.

    Parameters
    ----------
    columns : int
    starts : ndarray of shape (n_slices + 1,)
        The first line of each slice.
    table : ndarray of shape (n_columns * n_lines,) or None
        None once it is in the file.
    labels : Array or None
    """

    columns: int
    starts: Ints
    table: Ints | None
    labels: pa.Array | None
    _place: int = 0
    _label_places: Ints | None = None

    @property
    def size(self) -> int:
        return (0 if self.table is None else self.table.nbytes) + (0 if self.labels is None else self.labels.nbytes)

    def write(self, file: IO[bytes]) -> None:
        """Append it to the file, and hold it no longer."""
        assert self.table is not None
        self._place = file.seek(0, 2)
        file.write(self.table.data.cast("B"))
        self.table = None
        if self.labels is not None:
            sizes = [file.write(_packed(self.labels[begin:end])) for begin, end in self._stretches()]
            self._label_places = file.tell() - np.cumsum([0, *sizes[::-1]])[::-1]
            self.labels = None

    def _stretches(self) -> zip[tuple[int, int]]:
        return zip(self.starts[:-1], self.starts[1:], strict=True)

    def take(self, one: int, file: IO[bytes] | None) -> tuple[Ints, pa.Array | None]:
        """Return what it has of a slice."""
        begin, end = int(self.starts[one]), int(self.starts[one + 1])
        shape = (self.columns, end - begin)
        if self.table is not None:
            named = None if self.labels is None else self.labels[begin:end]
            return self.table[self.columns * begin : self.columns * end].reshape(shape), named
        assert file is not None
        if begin == end:
            return np.empty(shape, dtype=np.int64), None
        file.seek(self._place + 8 * self.columns * begin)
        table = np.frombuffer(file.read(8 * self.columns * (end - begin)), dtype=np.int64).reshape(shape)
        if self._label_places is None:
            return table, None
        file.seek(self._label_places[one])
        return table, _unpacked(file.read(self._label_places[one + 1] - self._label_places[one]))


def _packed(labels: pa.Array) -> pa.Buffer:
    batch = pa.record_batch([labels], names=["labels"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def _unpacked(packed: bytes) -> pa.Array:
    return pa.ipc.open_stream(packed).read_all().column(0).combine_chunks()
