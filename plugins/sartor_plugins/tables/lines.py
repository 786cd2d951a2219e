"""Finds the line of a file on which a row stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sartor_plugins.tables.layout import Layout, read_records, text_of


def places_of_rows(layouts: Sequence[Layout], rows: Sequence[int]) -> list[str]:
    """Return ``FILE:LINE`` for rows of CSV files.

    Parameters
    ----------
    layouts : sequence of Layout
        The files, in the order in which rows are counted.
    rows : sequence of int
        Numbers of rows from 0, rising.
    """
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
