"""Finds the line of a file on which a row stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sartor_plugins.tables.characters import UTF8, Lines
from sartor_plugins.tables.layout import Layout, read_records, text_of
from sartor_plugins.tables.packing import unpacked


def places_of_rows(layouts: Sequence[Layout], rows: Sequence[int], total: int | None = None) -> list[str]:
    """Return ``FILE:LINE`` for rows of CSV files.

    Parameters
    ----------
    layouts : sequence of Layout
        The files, in the order in which rows are counted.
    rows : sequence of int
        Numbers of rows from 0, rising.
    total : int, optional
        How many rows there are in all files. With it lines need only be counted where each row stands on one.
    """
    if total is not None and rows:
        counts = [_lines_with_rows(layout) for layout in layouts]
        if sum(counts) == total:
            return _counted_off(layouts, counts, rows)
    wanted, passed = list(rows), 0
    found: list[str] = []
    for layout in layouts:
        for line in _lines_of_rows(layout):
            if not wanted:
                return found
            if passed == wanted[0]:
                found.append(f"{layout.file.shown}:{line}")
                wanted.pop(0)
            passed += 1
    return found + [f"row {row + 1}" for row in wanted]


def _lines_with_rows(layout: Layout) -> int:
    """Return how many rows a file would have if each stood on one line and no line was blank."""
    lines = Lines()
    last = b""
    if layout.encoding == UTF8:
        for piece in unpacked(layout.file, layout.packing):
            lines.add(piece)
            last = piece[-1:]
        ended = last in (b"\n", b"\r", b"")
    else:
        ended = True
        for text in text_of(layout.file, layout.packing, layout.encoding, layout.mark):
            lines.add(text)
            ended = text[-1:] in ("\n", "\r", "")
    return lines.ended + (not ended) - layout.skip - layout.header


def _counted_off(layouts: Sequence[Layout], counts: Sequence[int], rows: Sequence[int]) -> list[str]:
    found, place, passed = [], 0, 0
    for row in rows:
        while row - passed >= counts[place]:
            passed += counts[place]
            place += 1
        layout = layouts[place]
        found.append(f"{layout.file.shown}:{row - passed + 1 + layout.skip + layout.header}")
    return found


def _lines_of_rows(layout: Layout) -> Iterator[int]:
    """Yield the line on which each row begins, counted as the engine counts rows."""
    pieces = text_of(layout.file, layout.packing, layout.encoding, layout.mark)
    records = read_records(pieces, layout.delimiter, layout.quote)
    header = layout.header
    for place, (line, record) in enumerate(records):
        if place < layout.skip or (not record and len(layout.names) > 1):
            continue
        if header:
            header = False
            continue
        yield line
