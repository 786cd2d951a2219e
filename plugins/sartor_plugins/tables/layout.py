"""Looks at the beginning of a CSV file: its packing, encoding, delimiter and column names, in a millisecond."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from sartor.errors import InputError
from sartor.wording import plural
from sartor_plugins.tables.characters import decoded, encoding_of, refuse_nul
from sartor_plugins.tables.names import LOOK_AT_IT, RENAME, checked_names
from sartor_plugins.tables.packing import Packing, packing_of, unpacked

if TYPE_CHECKING:
    from sartor_plugins.tables.csv_files import CsvFiles
    from sartor_plugins.tables.files import File

DELIMITERS = (",", ";", "\t", "|")
_HEAD = 1 << 16
_LONGEST_HEADER = 1 << 26
_SAMPLE = 1000


@dataclass(frozen=True)
class Layout:
    """How a CSV file is written.

    Parameters
    ----------
    file : File
    packing : str
        ``none``, ``gzip``, ``zstd``, ``bz2``.
    encoding : str
        Python's name for it.
    mark : int
        Bytes of the byte order mark.
    delimiter, quote : str
    skip : int
        Blank lines before the first line.
    header : bool
        Whether the first line holds names.
    names : tuple of str
        Columns in the order of this file.
    sample : tuple of tuple of str
        The first rows.
    """

    file: File
    packing: Packing
    encoding: str
    mark: int
    delimiter: str
    quote: str
    skip: int
    header: bool
    names: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]


def text_of(file: File, packing: Packing, encoding: str, mark: int) -> Generator[str]:
    """Yield a file's characters, piece by piece."""
    return decoded(unpacked(file, packing), file, encoding, mark)


def look(file: File, settings: CsvFiles) -> Layout:
    """Return how a file is written, from its first lines.

    Raises
    ------
    InputError
        If it is empty, has no row, is no text, or its names cannot be used.
    """
    packing = packing_of(file)
    encoding, mark = first_encoding(file, packing, settings.encoding)
    with closing(text_of(file, packing, encoding, mark)) as pieces:
        delimiter, records = _first_records(pieces, settings)
    skip = next((place for place, record in enumerate(records) if record), len(records))
    filled = [tuple(record) for record in records[skip : skip + _SAMPLE] if record]
    names, has_header = _names(filled, settings, file)
    rows = tuple(filled[1:] if has_header else filled)
    return Layout(file, packing, encoding, mark, delimiter, settings.quote, skip, has_header, names, rows)


def _first_records(pieces: Iterator[str], settings: CsvFiles) -> tuple[str, list[list[str]]]:
    text, whole = _head(pieces, _HEAD)
    while True:
        delimiter = settings.delimiter or delimiter_of(text, whole, settings.quote, settings.decimal)
        records = [record for _, record in read_records([text], delimiter, settings.quote)]
        records = records if whole else records[:-1]
        # Too few records to see a row: the header is longer than what was read.
        if whole or sum(map(bool, records)) > 1 or len(text) > _LONGEST_HEADER:
            return delimiter, records
        more, whole = _head(pieces, 4 * len(text))
        text += more


def first_encoding(file: File, packing: Packing, wanted: str) -> tuple[str, int]:
    """Return the encoding of a file and the length of its mark.

    Raises
    ------
    InputError
        If it is empty, or no text.
    """
    first = next(unpacked(file, packing, 4096), b"")
    encoding, mark = encoding_of(first, wanted)
    if b"\0" in first and not encoding.startswith(("utf-16", "utf-32")):
        raise refuse_nul(first, file, 1 + first[: first.index(b"\0")].count(b"\n"))
    if not first[mark:].strip():
        raise InputError(f"{file.shown} is empty", code="D105", hints=LOOK_AT_IT)
    return encoding, mark


def _head(pieces: Iterator[str], size: int) -> tuple[str, bool]:
    """Return about so many characters, and whether the file ends there."""
    parts: list[str] = []
    length = 0
    for piece in pieces:
        parts.append(piece)
        length += len(piece)
        if length >= size:
            return "".join(parts), False
    return "".join(parts), True


def _names(filled: list[tuple[str, ...]], settings: CsvFiles, file: File) -> tuple[tuple[str, ...], bool]:
    if not filled:
        raise InputError(f"{file.shown} is empty", code="D105", hints=LOOK_AT_IT)
    # Lines that end in a delimiter: the name after it is empty, and so must the fields be.
    width = filled_width(filled[0]) if settings.has_header else len(filled[0])
    if settings.names is not None:
        given = checked_names(settings.names, f"names for {file.shown}", "name the columns differently")
        # Lines may end in delimiters with nothing behind them, whether the first one holds names or not.
        if not filled_width(filled[0]) <= len(given) <= width:
            raise InputError(
                f"names gives {plural(len(given), 'column')} and {file.shown} has {width}",
                code="D119",
                hints=(("to mend", "name every column of the file, in its order"),),
            )
        return tuple(given), settings.has_header
    if not settings.has_header:
        return tuple(f"column_{place}" for place in range(1, width + 1)), False
    return tuple(checked_names(filled[0][:width], file.shown, _rename(filled[0]))), True


def _rename(header: Sequence[str]) -> str:
    if not header[0].strip():
        # What pandas writes for the labels of its rows.
        return f"{RENAME} (pandas: to_csv(..., index=False)), or here: header: true, names: [...]"
    return f"{RENAME}, or here: header: true, names: [...]"


def delimiter_of(text: str, whole: bool, quote: str, decimal: str = ".") -> str:
    r"""Return what separates the fields: what splits every line into as many fields as the first, and the most.

    Examples
    --------
    >>> delimiter_of("name;price\napple;1,50\n", True, '"')
    ';'
    """
    # With decimal commas a comma is more likely part of a number.
    options = DELIMITERS if decimal != "," else (*DELIMITERS[1:], ",")
    absent = next((delimiter for delimiter in options if delimiter not in text), None)
    # What splits no line leaves one column, which is better than splitting them unlike.
    best, best_score = (absent, (False, 0.0, 1)) if absent else (options[0], (False, 0.0, 0))
    for delimiter in (delimiter for delimiter in options if delimiter in text):
        records = [record for _, record in read_records([text], delimiter, quote)]
        score = _agreement([record for record in (records if whole else records[:-1])[:200] if record])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _agreement(records: list[list[str]]) -> tuple[bool, float, int]:
    """Return how well lines agree in their number of fields with the first: all of them, their share, the number."""
    if not records:
        return False, 0.0, 0
    width = filled_width(records[0])
    agreeing = sum(fits(record, width) for record in records) / len(records)
    if width == 1:
        # One column: a delimiter that splits no line is as good as any, and worse than one that splits them alike.
        return False, 0.0, int(agreeing == 1.0)
    return agreeing == 1.0, agreeing, width


def filled_width(record: Sequence[str]) -> int:
    """Return the number of fields, empty ones at the end left out, as lines may end in a delimiter."""
    width = len(record)
    while width > 1 and not record[width - 1].strip():
        width -= 1
    return width


def fits(record: Sequence[str], width: int) -> bool:
    """Return whether a line has so many fields; empty ones beyond them are no harm, and the engine takes them too."""
    return len(record) >= width and not any(record[width:])


class BrokenQuote(ValueError):
    """A quote does not close, or closes in the middle of a field.

    Parameters
    ----------
    begins, line : int
        Where the record begins, and where reading it failed.
    unclosed : bool
        Whether the quote is still open at the end of the file.
    """

    def __init__(self, begins: int, line: int, unclosed: bool) -> None:
        super().__init__(begins, line, unclosed)
        self.begins, self.line, self.unclosed = begins, line, unclosed


def read_records(
    pieces: Iterable[str], delimiter: str, quote: str, strict: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each record begins, from 1, and its fields; a blank line is a record without fields.

    Raises
    ------
    BrokenQuote
        With `strict`, at a quote that does not close, or closes in the middle of a field.
    """
    options = {"quotechar": quote, "doublequote": True} if quote else {"quoting": csv.QUOTE_NONE}
    with _fields_of_any_length():
        reader = csv.reader(
            text_lines(pieces), delimiter=delimiter, skipinitialspace=delimiter != " ", strict=strict, **options
        )
        begins = 1
        try:
            for record in reader:
                yield begins, record
                begins = reader.line_num + 1
        except csv.Error as error:
            raise BrokenQuote(begins, reader.line_num, "unexpected end" in str(error)) from error


def text_lines(pieces: Iterable[str]) -> Iterator[str]:
    """Yield lines with their ends, whichever they are, from pieces that end anywhere."""
    rest = ""
    for piece in chain(pieces, [None]):
        if piece is None:
            yield from io.StringIO(rest, newline="")
            return
        # A return at the very end of a piece may have its newline in the next one.
        lines = list(io.StringIO(rest + piece, newline=""))
        rest = lines.pop() if lines else ""
        yield from lines


@contextmanager
def _fields_of_any_length() -> Iterator[None]:
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
