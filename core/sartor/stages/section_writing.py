"""Puts a section into JSON types, without the lines that tell of too few rows."""

from __future__ import annotations

from typing import Any

from sartor.evidence.hiding import hidden_lines
from sartor.runs.json_text import plain
from sartor.sections import Caution, Figure, Section, Table, TableColumn


def written(record: Section | Caution, smallest: int) -> dict[str, Any]:
    """Return a record that keeps the contract, in JSON types.

    Parameters
    ----------
    record : Section or Caution
    smallest : int
        Lines that tell of fewer rows are hidden.
    """
    if isinstance(record, Caution):
        return {"id": record.id, "sentence": record.sentence, "weight": float(record.weight)}
    said: dict[str, Any] = {
        "id": record.id,
        "place": record.place,
        "title": record.title,
        "sentence": record.sentence,
        "note": record.note,
    }
    if record.table is not None:
        said["table"] = _table(record.table, smallest)
    if record.figure is not None:
        said["figure"] = _figure(record.figure, smallest)
    return said


def _figure(figure: Figure, smallest: int) -> dict[str, Any]:
    return {
        "title": figure.title,
        "reading": figure.reading,
        "sentence": figure.sentence,
        "size": figure.size,
        "slider": figure.slider,
        "spec": plain(figure.spec),
        "narrow": plain(figure.narrow) if figure.narrow is not None else None,
        "table": _table(figure.table, smallest, drop=True),
    }


def _table(table: Table, smallest: int, *, drop: bool = False) -> dict[str, Any]:
    """Return a table; a hidden line keeps its name where `drop` does not take it away altogether."""
    hidden = hidden_lines(table.counts, len(table.lines), smallest)
    shown = [place for place in range(len(table.lines)) if not drop or place not in hidden]
    named = table.columns[0].kind == "text"
    lines = []
    for place in shown:
        cells = [plain(cell) for cell in table.lines[place]]
        lines.append([cells[0] if named else None, *[None] * (len(cells) - 1)] if place in hidden else cells)
    return {
        "caption": table.caption,
        "columns": [_column(column) for column in table.columns],
        "lines": lines,
        "hidden": [] if drop else sorted(hidden),
        "left_out": len(hidden) if drop else 0,
        "ours": [shown.index(int(place)) for place in table.ours if int(place) in shown],
        "tones": [table.tones[place] for place in shown] if table.tones else [],
        "parts": table.parts,
    }


def _column(column: TableColumn) -> dict[str, Any]:
    return {**plain(vars(column)), "field": column.field}
