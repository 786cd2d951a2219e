"""Searches bytes for canaries: as text in any case and with NULs between, as numbers in text and in binary, as digests.

Parquet and npz are decoded, gzip and zstd unpacked; whatever else there is, is searched as it lies there.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_TEXT = re.compile(rb"zqx[a-z0-9]{9}")
_NUMBER = re.compile(rb"(?<![0-9])[0-9]{12}(?![0-9])")
_GROUPED = re.compile(rb"(?<![0-9])[0-9]{3}(?:[,'_. ][0-9]{3}){3}(?![0-9])")
_SCIENTIFIC = re.compile(rb"([0-9])\.([0-9]{7,11})[eE]\+?11(?![0-9])")
_MOMENT = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}")
_DIGEST = re.compile(rb"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9a-f])")
_LONGEST_BINARY = 64 * 2**20
_PIECE = 8 * 2**20
_OVERLAP = 256


class Searcher:
    """Knows all canaries and where each was planted, and counts what it finds of them.

    Parameters
    ----------
    planted : dict of place to canaries
        Texts ``zqx`` and nine signs, whole numbers of 12 digits, moments with microseconds.
    """

    def __init__(self, planted: dict[str, list[str | int | datetime]]) -> None:
        self.place: dict[object, str] = {}
        self.digests: dict[bytes, object] = {}
        self.found: dict[str, dict[object, str]] = {place: {} for place in planted}
        self.files = self.bytes = 0
        numbers: dict[int, object] = {}
        for place, canaries in planted.items():
            for canary in canaries:
                self.place[canary] = place
                for text in _texts_of(canary):
                    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256):
                        self.digests[digest(text.encode()).hexdigest().encode()] = canary
                if isinstance(canary, int):
                    numbers[canary] = canary
                elif isinstance(canary, datetime):
                    numbers[_micros(canary)] = canary
        self.whole = np.array(sorted(numbers), dtype=np.int64)
        self.of_number = numbers
        self.leading: dict[bytes, object] = {
            str(one)[:8].encode(): one for one in numbers.values() if isinstance(one, int)
        }

    def hit(self, canary: object, where: str) -> None:
        """Note that a canary was found."""
        self.found[self.place[canary]].setdefault(canary, where)

    def add(self, other: Searcher) -> None:
        """Take over what another one has found."""
        self.files, self.bytes = self.files + other.files, self.bytes + other.bytes
        for found in other.found.values():
            for canary, where in found.items():
                self.hit(canary, where)

    def folder(self, folder: Path) -> None:
        """Search every file below a folder, and the names of files and folders."""
        for path in sorted(folder.rglob("*")):
            self.text(str(path.relative_to(folder)).encode("utf-8", "surrogateescape"), f"the name {path.name}")
            if path.is_file() and not path.is_symlink():
                self.file(path)

    def file(self, path: Path) -> None:
        """Search a file that may be gone in the next moment."""
        try:
            content = path.read_bytes()
        except OSError:
            return
        self.files, self.bytes = self.files + 1, self.bytes + len(content)
        self.blob(content, str(path))
        if content[:4] == b"PAR1" and content[-4:] == b"PAR1":
            self.parquet(content, str(path))
        if path.suffix == ".npz":
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                for name in arrays.files:
                    self.values(arrays[name], f"{path}:{name}")
        for magic, unpack in ((b"\x1f\x8b", gzip.decompress), (b"BZh", bz2.decompress), (b"\x28\xb5\x2f\xfd", _unzstd)):
            if content.startswith(magic):
                self.blob(unpack(content), f"{path}, unpacked")

    def blob(self, content: bytes, where: str) -> None:
        """Search bytes as text and as numbers."""
        for start in range(0, max(1, len(content)), _PIECE):
            piece = content[max(0, start - _OVERLAP) : start + _PIECE]
            self.text(piece, where)
            if b"\0" in piece:
                # UTF-16, of whichever order.
                self.text(piece.replace(b"\0", b""), where)
        if len(content) <= _LONGEST_BINARY:
            for offset in range(8):
                count = (len(content) - offset) // 8
                for kind in ("<i8", "<f8"):
                    self.values(
                        np.frombuffer(content, dtype=kind, count=max(0, count), offset=min(offset, len(content))), where
                    )

    def text(self, content: bytes, where: str) -> None:
        """Search bytes as text."""
        content = content.lower()
        for match in _TEXT.finditer(content):
            self._if_planted(match[0].decode(), where)
        for match in _NUMBER.finditer(content):
            self._if_planted(int(match[0]), where)
        for match in _GROUPED.finditer(content):
            self._if_planted(int(re.sub(rb"[^0-9]", b"", match[0])), where)
        for match in _SCIENTIFIC.finditer(content):
            canary = self.leading.get((match[1] + match[2])[:8])
            if canary is not None:
                self.hit(canary, f"{where}, as {match[0].decode()}")
        for match in _MOMENT.finditer(content):
            try:
                self._if_planted(datetime.fromisoformat(match[0].decode()), where)
            except ValueError:
                continue
        for match in _DIGEST.finditer(content):
            canary = self.digests.get(match[0])
            if canary is not None:
                self.hit(canary, f"{where}, as a digest that can be looked up")

    def _if_planted(self, canary: object, where: str) -> None:
        if canary in self.place:
            self.hit(canary, where)

    def values(self, values: np.ndarray, where: str) -> None:
        """Search an array of numbers."""
        if values.dtype.kind == "f":
            whole = values[np.isfinite(values) & (np.abs(values) < 2.0**62)]
            values = whole[whole == np.floor(whole)].astype(np.int64)
        elif values.dtype.kind in "iu":
            values = values.astype(np.int64)
        else:
            self.text(b"\n".join(str(one).encode() for one in values.ravel()), where)
            return
        places = np.searchsorted(self.whole, values)
        places[places == len(self.whole)] = 0
        for value in np.unique(values[self.whole[places] == values]) if len(self.whole) else ():
            self.hit(self.of_number[int(value)], where)

    def parquet(self, content: bytes, where: str) -> None:
        """Search a Parquet file's values, and what its footer says of them."""
        with pq.ParquetFile(io.BytesIO(content)) as file:
            self.text(str(file.metadata.to_dict()).encode(), f"{where}, footer")
            table = file.read()
        for name, column in zip(table.column_names, table.columns, strict=True):
            for part in _leaves(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column):
                if pa.types.is_integer(part.type) or pa.types.is_floating(part.type):
                    self.values(part.drop_null().to_numpy(zero_copy_only=False), f"{where}:{name}")
                elif pa.types.is_temporal(part.type):
                    moments = part.cast(pa.timestamp("us"), safe=False) if not pa.types.is_time(part.type) else part
                    self.values(moments.drop_null().cast(pa.int64()).to_numpy(), f"{where}:{name}")
                else:
                    said = "\n".join(str(value) for value in part.drop_null().to_pylist())
                    self.text(said.encode("utf-8", "surrogateescape"), f"{where}:{name}")


def _leaves(array: pa.Array) -> Iterator[pa.Array]:
    if isinstance(array, pa.ChunkedArray):
        for chunk in array.chunks:
            yield from _leaves(chunk)
    elif pa.types.is_struct(array.type):
        for field in array.flatten():
            yield from _leaves(field)
    elif pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        yield from _leaves(array.flatten())
    else:
        yield array


def _unzstd(content: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(content), "zstd") as stream:
        return bytes(stream.read())


def _micros(moment: datetime) -> int:
    return round(moment.replace(tzinfo=UTC).timestamp() * 1_000_000)


def _texts_of(canary: object) -> Iterator[str]:
    """Return the texts under which a value might be hashed."""
    if isinstance(canary, datetime):
        yield from (canary.isoformat(), canary.isoformat(sep=" "))
    else:
        yield str(canary)
        if isinstance(canary, int):
            yield f"{canary}.0"


def places_of(found: dict[object, str]) -> dict[str, int]:
    """Return how many canaries were found where, for the report of a leak."""
    counts: dict[str, int] = defaultdict(int)
    for where in found.values():
        counts[where] += 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))
