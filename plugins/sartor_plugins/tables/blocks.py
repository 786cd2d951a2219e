"""Cuts CSV files into blocks of whole lines that every reader of CSV reads alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sartor_plugins.tables.packing import unpacked

if TYPE_CHECKING:
    from sartor_plugins.tables.layout import Layout

SIZE = 1 << 20
"""Bytes of a block."""
PARTS = 16
"""Parts of a block that are read apart where the block as a whole leaves something to judge."""
LONGEST = 1 << 24
"""A line that is longer is not plain."""
_NEWLINE, _RETURN = ord("\n"), ord("\r")


class NotPlainError(Exception):
    """There is something that readers of CSV read in different ways, or that is none."""


@dataclass(frozen=True)
class Block:
    """Whole lines of a file.

    Parameters
    ----------
    content : bytes
    layout : Layout
    headed : bool
        Whether the first line is a header.
    """

    content: bytes
    layout: Layout
    headed: bool = False

    def check(self) -> None:
        """Make sure that it holds nothing but plain text, and quotes only around fields.

        Raises
        ------
        NotPlainError
            At bytes that are not UTF-8 or NUL, line ends of several kinds, a quote in the middle of a field.
        """
        content = self.content
        if b"\0" in content:
            raise NotPlainError("a NUL byte")
        if b"\r" in content and not content.count(b"\r") == content.count(b"\r\n") == content.count(b"\n"):
            raise NotPlainError("line ends of several kinds")
        if not content.isascii():
            try:
                content.decode()
            except UnicodeDecodeError as error:
                raise NotPlainError("bytes that are not UTF-8") from error
        if self.layout.quote and self.layout.quote.encode() in content:
            self._check_quotes()

    def _check_quotes(self) -> None:
        """Make sure that each quote opens a field at its begin, closes it at its end, or is one of two inside."""
        signs = np.frombuffer(content := b"\n" + self.content + b"\n", dtype=np.uint8)
        quotes = np.flatnonzero(signs == ord(self.layout.quote))
        delimiter = ord(self.layout.delimiter)
        if len(quotes) % 2:
            raise NotPlainError("a quote that does not close")
        opening, closing = quotes[::2], quotes[1::2]
        before, after = signs[opening - 1], signs[closing + 1]
        doubled = np.zeros(len(opening) + 1, dtype=np.bool_)
        doubled[1:-1] = opening[1:] == closing[:-1] + 1
        opens = (before == delimiter) | (before == _NEWLINE) | doubled[:-1]
        closes = (after == delimiter) | (after == _NEWLINE) | (after == _RETURN) | doubled[1:]
        if not (opens.all() and closes.all()) or len(content) < len(self.content):
            raise NotPlainError("a quote in the middle of a field")

    def has_hexadecimals(self) -> bool:
        """Tell whether ``0x`` stands anywhere."""
        # A search for one byte takes a fraction of one for two.
        marks = [mark for mark in (b"x", b"X") if mark in self.content]
        return any(b"0" + mark in self.content for mark in marks)

    def parts(self) -> Iterator[Block]:
        """Yield its lines in parts of about the same size."""
        ends = self._line_ends()
        begin = 0
        for part in range(1, PARTS + 1):
            place = int(np.searchsorted(ends, len(self.content) * part // PARTS))
            end = int(ends[min(place, len(ends) - 1)])
            if end > begin:
                yield Block(self.content[begin:end], self.layout, self.headed and begin == 0)
                begin = end

    def _line_ends(self) -> NDArray[np.int64]:
        """Return where lines end: newlines inside of quotes are none."""
        signs = np.frombuffer(self.content, dtype=np.uint8)
        ends = np.flatnonzero(signs == _NEWLINE)
        if self.layout.quote:
            quotes = np.flatnonzero(signs == ord(self.layout.quote))
            ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
        return ends + 1


def blocks(layout: Layout) -> Iterator[Block]:
    """Yield the lines of a file, block by block.

    Raises
    ------
    NotPlainError
        At a line that is too long, or a quote that does not close.
    """
    rest, headed = b"", layout.header
    for piece in _pieces(layout):
        content = rest + piece
        end = _end_of_lines(content, layout.quote.encode())
        rest = content[end:]
        if len(rest) > LONGEST:
            raise NotPlainError("a line without an end")
        if end:
            yield Block(content[:end], layout, headed)
            headed = False
    if rest:
        # A quote that does not close shows in the check.
        yield Block(rest + b"\n", layout, headed)


def _end_of_lines(content: bytes, quote: bytes) -> int:
    """Return where the last whole line ends; 0 if none does."""
    end = content.rfind(b"\n") + 1
    while quote and end and content.count(quote, 0, end) % 2:
        # The newline is inside of quotes.
        end = content.rfind(b"\n", 0, content.rfind(quote, 0, end)) + 1
    return end


def _pieces(layout: Layout) -> Iterator[bytes]:
    """Yield the bytes of a file without its mark."""
    mark = layout.mark
    for piece in unpacked(layout.file, layout.packing, SIZE):
        yield piece[mark:]
        mark = max(0, mark - len(piece))
