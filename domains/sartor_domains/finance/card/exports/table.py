"""A card as a table of points in CSV: a line for each bin, as a spreadsheet shows it.

A cell of text that a spreadsheet would take for a formula is led by an apostrophe, and so is one that begins with an
apostrophe, so that what a cell holds can be told.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sartor_domains.finance.card.exports.document import document_of

if TYPE_CHECKING:
    from sartor.exporting import Export
    from sartor_domains.finance.card.card import Card

HEADER = ("characteristic", "bin", "kind", "above", "up_to", "values", "rows", "bad", "bad_rate", "woe", "points")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""Beginnings of a cell that are led by an apostrophe: what spreadsheets take for a formula, and the apostrophe."""
SCALE = ("points_to_double_odds", "base_score", "base_odds", "decimals", "fewest_known", "base_rate", "base_points")


def guarded(text: str) -> str:
    """Return a cell of text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> guarded("=1+1"), guarded("own"), guarded("'s-Gravenhage"), guarded("-5")
    ("'=1+1", 'own', "''s-Gravenhage", "'-5")
    """
    return f"'{text}" if text.startswith(FORMULA) else text


def unguarded(cell: str) -> str:
    """Return the text that a cell holds.

    Examples
    --------
    >>> all(unguarded(guarded(text)) == text for text in ("=1+1", "own", "'a", "", "--", "''"))
    True
    """
    return cell.removeprefix("'")


def csv_of(card: Card, export: Export) -> tuple[bytes, int]:
    """Return the table as a file holds it, and how many cells an apostrophe leads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    led = 0
    for cells in _lines(document_of(card, export)):
        shown = [guarded(cell) if isinstance(cell, str) else _number(cell) for cell in cells]
        led += sum(isinstance(cell, str) and cell.startswith(FORMULA) for cell in cells)
        writer.writerow(shown)
    return out.getvalue().encode(), led


def _lines(document: Mapping[str, Any]) -> Iterator[list[str | float | None]]:
    for name in SCALE:
        yield _line("", name.replace("_", " "), name, points=document[name])
    for entry in document["characteristics"]:
        yield from _bins(entry, entry["name"])
        yield _line(entry["name"], "unseen in training", "unseen", points=entry["unseen_points"])
    for pair in document["pairs"]:
        for part in pair["of"]:
            # What the cells of the pair are made of; its points stand with the pair.
            yield _line(pair["name"], part["name"], "part")
            yield from _bins(part, pair["name"], "part ")
        for one in pair["bins"]:
            yield _bin_line(pair["name"], one, one["kind"])
        yield _line(pair["name"], "unseen in training", "pair unseen", points=pair["unseen_points"])


def _bins(part: Mapping[str, Any], name: str, begin: str = "") -> Iterator[list[str | float | None]]:
    for one in part["bins"]:
        yield _bin_line(name, one, begin + one["kind"])
    if part["special_codes"]:
        yield _line(name, "all special codes", f"{begin}special_codes", values=part["special_codes"])
    yield _line(name, part["type"], f"{begin}type")


def _bin_line(name: str, one: Mapping[str, Any], kind: str) -> list[str | float | None]:
    numbers = {key: one.get(key) for key in ("above", "up_to", "rows", "bad", "bad_rate", "woe", "points")}
    return _line(name, one["bin"], kind, values=one.get("levels", one.get("cells")), **numbers)


def _line(characteristic: str, label: str, kind: str, values: Any = None, **numbers: Any) -> list[str | float | None]:
    text = None if values is None else json.dumps(values, ensure_ascii=False)
    known = {"characteristic": characteristic, "bin": label, "kind": kind, "values": text, **numbers}
    return [known.get(name) for name in HEADER]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def read_table(content: bytes) -> dict[str, Any]:
    """Return what a table says, in the form of the document, as far as it is needed to score."""
    found: dict[str, Any] = {"characteristics": {}, "pairs": {}}
    for line in csv.DictReader(io.StringIO(content.decode(), newline="")):
        name, kind = unguarded(line["characteristic"]), unguarded(line["kind"])
        if kind in SCALE:
            found[kind] = float(line["points"])
        elif kind == "cells" or kind.startswith(("part", "pair")):
            pair = found["pairs"].setdefault(name, {"name": name, "bins": [], "of": []})
            if kind == "part":
                pair["of"].append({"name": unguarded(line["bin"]), "bins": [], "special_codes": []})
            elif kind.startswith("part "):
                _take(line, kind.removeprefix("part "), pair["of"][-1])
            else:
                _take(line, kind.removeprefix("pair "), pair)
        else:
            part = {"name": name, "bins": [], "special_codes": []}
            _take(line, kind, found["characteristics"].setdefault(name, part))
    return {**found, "characteristics": [*found["characteristics"].values()], "pairs": [*found["pairs"].values()]}


def _take(line: Mapping[str, str], kind: str, part: dict[str, Any]) -> None:
    if kind == "type":
        part["type"] = unguarded(line["bin"])
    elif kind == "special_codes":
        part["special_codes"] = json.loads(unguarded(line["values"]))
    elif kind == "unseen":
        part["unseen_points"] = float(line["points"])
    else:
        part["bins"].append(_bin(line, kind))


def _bin(line: Mapping[str, str], kind: str) -> dict[str, Any]:
    one: dict[str, Any] = {"kind": kind, "bin": unguarded(line["bin"])}
    one["above"] = float(line["above"]) if line["above"] else None
    one["up_to"] = float(line["up_to"]) if line["up_to"] else None
    if line["values"]:
        one["cells" if kind == "cells" else "levels"] = json.loads(unguarded(line["values"]))
    if line["points"]:
        one["points"] = float(line["points"])
    return one
