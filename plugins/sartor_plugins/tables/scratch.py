"""Looks over a file's bytes once, and rewrites it into a temporary file where the engine cannot read it.

DuckDB reads UTF-8, plain or packed with gzip or zstd, with one kind of line end; other encodings would need an
extension that is downloaded at run time. It neither compares checksums nor minds NUL bytes, nor a zstd file that ends
in the middle, so those are looked for here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sartor_plugins.tables.characters import UTF8, Lines, decoded, refuse_nul
from sartor_plugins.tables.files import File
from sartor_plugins.tables.nameless import writing
from sartor_plugins.tables.packing import Packing, unpacked

if TYPE_CHECKING:
    from sartor.context import Context

_LONG = 1 << 20
"""The engine reads lines of up to 2 MiB unless told that there are longer ones."""


@dataclass(frozen=True)
class Readable:
    """A file as the engine can read it.

    Parameters
    ----------
    path : Path
        The file itself, or its rewritten form.
    packing : str
        ``none``, ``gzip`` or ``zstd``.
    size : int
        Bytes when unpacked.
    long_lines : bool
        Whether a line may be longer than 2 MiB.
    """

    path: Path
    packing: Packing
    size: int
    long_lines: bool


def readable(
    file: File, packing: Packing, encoding: str, mark: int, quote: str, context: Context, *, bare: bool = False
) -> Readable:
    """Return the file as the engine can read it, after a look over all its bytes.

    Parameters
    ----------
    file : File
    packing, encoding : str
    mark : int
        Bytes of the byte order mark.
    quote : str
        Line ends between two of these are left as they are; empty if there are none.
    context : Context
    bare : bool, default False
        Whether the engine needs the file without a mark, and with newlines at the ends of lines.

    Raises
    ------
    InputError
        If it ends in the middle, is damaged, holds NUL bytes, or is not in the encoding.
    """

    def stream() -> Iterator[bytes]:
        pieces = unpacked(file, packing)
        if not recoded:
            return pieces
        return (text.encode() for text in decoded(pieces, file, encoding, mark))

    recoded = encoding != UTF8 or (bare and mark > 0)
    copy = recoded or packing == "bz2"
    path = _copy_of(file, encoding, context) if copy else file.path
    seen = _Seen()
    for piece in _written(stream(), path, context) if copy else stream():
        nul = piece.find(b"\0")
        if nul >= 0:
            raise refuse_nul(piece, file, _line_at(stream(), seen.size + nul))
        seen.add(piece)
    kept: Packing = "none" if copy else packing
    again = File(path, file.shown)
    if seen.returns_alone if bare else seen.kinds_of_line_end > 1 and _mixed(unpacked(again, kept), quote):
        unified = _copy_of(file, f"{encoding}-newlines", context)
        for _ in _written(_with_newlines(unpacked(again, kept), quote), unified, context):
            pass
        path, kept = unified, "none"
    return Readable(path, kept, seen.size, seen.longest > _LONG)


def _copy_of(file: File, form: str, context: Context) -> Path:
    name = hashlib.sha256(f"{file.path.absolute()}\0{form}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return context.scratch / f"{name}.txt"


def _written(pieces: Iterable[bytes], path: Path, context: Context) -> Iterator[bytes]:
    """Pass pieces on while writing them."""
    with writing(path, context) as stream:
        for piece in pieces:
            stream.write(piece)
            yield piece


def _line_at(pieces: Iterable[bytes], offset: int) -> int:
    lines, passed = Lines(), 0
    for piece in pieces:
        lines.add(piece[: offset - passed])
        passed += len(piece)
        if passed > offset:
            break
    return lines.line


class _Seen:
    """What a look over the bytes has seen: their number, the kinds of line ends, the longest stretch without one."""

    def __init__(self) -> None:
        self.size = self.longest = self._unbroken = 0
        self._newline = self._return = self._pair = self._open = False

    @property
    def returns_alone(self) -> bool:
        return self._return or self._open

    @property
    def kinds_of_line_end(self) -> int:
        return self._newline + self.returns_alone + self._pair

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        first, last = piece.find(b"\n"), piece.rfind(b"\n")
        if b"\r" not in piece and not self._open:
            self._newline |= first >= 0
        else:
            first, last = self._add_returns(piece)
        if first < 0:
            self._unbroken += len(piece)
        else:
            self.longest = max(self.longest, self._unbroken + first)
            self._unbroken = len(piece) - last
        self.longest = max(self.longest, self._unbroken)

    def _add_returns(self, piece: bytes) -> tuple[int, int]:
        """Tell returns, newlines and pairs of them apart; return the first and the last place of any."""
        import numpy as np

        values = np.frombuffer(piece, dtype=np.uint8)
        returns, newlines = np.flatnonzero(values == 13), np.flatnonzero(values == 10)
        paired = int(np.count_nonzero(values[returns[returns < len(values) - 1] + 1] == 10))
        closes = self._open and bool(values[0] == 10)
        self._pair |= bool(paired) or closes
        self._return |= self._open and not closes
        self._open = bool(values[-1] == 13)
        self._return |= len(returns) - self._open > paired
        self._newline |= len(newlines) - closes > paired
        ends = np.concatenate([returns, newlines])
        return (int(ends.min()), int(ends.max())) if len(ends) else (-1, -1)


def _mixed(pieces: Iterable[bytes], quote: str) -> bool:
    """Return whether lines end in more than one way; what stands between quotes is no end of a line."""
    seen, outside, mark = _Seen(), True, quote.encode()
    for piece in pieces:
        parts = piece.split(mark) if mark else [piece]
        for place, part in enumerate(parts, 1):
            outside ^= place > 1
            # A return before a quote ends a line; only at the end of the piece may its newline be still to come.
            ended = part if place == len(parts) else part + b" "
            if outside and ended:
                seen.add(ended)
        if seen.kinds_of_line_end > 1:
            return True
    return False


def _with_newlines(pieces: Iterable[bytes], quote: str) -> Iterator[bytes]:
    """Yield the same content with a newline at the end of every line; between quotes all stays as it is."""
    outside, mark, held = True, quote.encode(), b""
    for piece in pieces:
        # A return at the end of a piece may have its newline in the next one.
        text = held + piece
        held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(held)]
        parts = text.split(mark) if mark else [text]
        for place, part in enumerate(parts):
            outside ^= place > 0
            if outside:
                parts[place] = part.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield mark.join(parts)
    if held:
        yield b"\n" if outside else held
