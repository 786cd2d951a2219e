"""Finds cells that hold error values, which the reader of workbooks gives as empty.

In xlsx a sheet is XML in a zip archive, and such a cell says ``t="e"``. Other formats are not looked into.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element, ParseError

from sartor_plugins.tables.packing import CHUNK

_CELL = re.compile(r"([A-Z]+)([0-9]+)")
_ERROR = b't="e"'


@dataclass(frozen=True)
class ErrorCell:
    """A cell with an error value.

    Parameters
    ----------
    row : int
        As Excel counts, from 1.
    column : int
        From 0.
    value : str
        Such as ``#DIV/0!``.
    """

    row: int
    column: int
    value: str


def error_cells(file: Path, sheet: str) -> tuple[ErrorCell, ...]:
    """Return the cells of a sheet that hold error values, in their order; none where the format does not tell."""
    if not zipfile.is_zipfile(file):
        return ()
    try:
        with zipfile.ZipFile(file) as archive:
            part = _part_of(archive, sheet)
            # Most sheets have none, and a look at the bytes tells.
            if part is None or not _holds(archive, part):
                return ()
            return tuple(_cells(archive, part))
    except (KeyError, ParseError, zipfile.BadZipFile):
        # Another format in a zip archive, or one that is written in a way of its own: it has been read all the same.
        return ()


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the part of the archive that holds a sheet."""
    workbook, links = _tree(archive, "xl/workbook.xml"), _tree(archive, "xl/_rels/workbook.xml.rels")
    names = {entry.get("name"): _attribute(entry, "id") for entry in workbook.iter() if _tag(entry) == "sheet"}
    targets = {entry.get("Id"): entry.get("Target") for entry in links.iter() if _tag(entry) == "Relationship"}
    target = targets.get(names.get(sheet))
    if target is None:
        return None
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _tree(archive: zipfile.ZipFile, part: str) -> Element:
    from xml.etree.ElementTree import XML, XMLParser

    text = archive.read(part)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        # No workbook has them; entities that stand for each other can fill any memory.
        raise ParseError("a workbook with declarations")
    return XML(text, XMLParser())  # noqa: S314 - declarations are refused above


def _holds(archive: zipfile.ZipFile, part: str) -> bool:
    with archive.open(part) as stream:
        before = b""
        while piece := stream.read(CHUNK):
            if _ERROR in before + piece:
                return True
            before = piece[-len(_ERROR) :]
    return False


def _cells(archive: zipfile.ZipFile, part: str) -> list[ErrorCell]:
    from xml.etree.ElementTree import iterparse

    found = []
    with archive.open(part) as head:
        if b"<!DOCTYPE" in head.read(CHUNK):
            raise ParseError("a sheet with declarations")
    with archive.open(part) as stream:
        for _, entry in iterparse(stream):  # noqa: S314 - declarations are refused above
            if _tag(entry) != "c":
                continue
            match = _CELL.fullmatch(entry.get("r", ""))
            value = next((inner.text for inner in entry if _tag(inner) == "v"), None)
            if entry.get("t") == "e" and match and value:
                found.append(ErrorCell(int(match[2]), _column(match[1]), value))
            entry.clear()
    return found


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + ord(letter) - ord("A") + 1
    return place - 1


def _tag(entry: Element) -> str:
    return str(entry.tag).rpartition("}")[2]


def _attribute(entry: Element, name: str) -> str | None:
    return next((value for key, value in entry.items() if key.rpartition("}")[2] == name and "}" in key), None)
