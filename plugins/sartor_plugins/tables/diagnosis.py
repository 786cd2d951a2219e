"""Finds out why the engine could not read a CSV file, and says it with file, line and a way to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sartor.errors import InputError
from sartor.relations import select
from sartor.wording import form, plural
from sartor_plugins.tables.detection import masked
from sartor_plugins.tables.layout import BrokenQuote, Layout, fits, read_records, text_of
from sartor_plugins.tables.texts import ROW_NUMBER, Texts

if TYPE_CHECKING:
    import duckdb

    from sartor_plugins.tables.kinds import ColumnType

SHOWN = 3
"""How many places an error names."""
_KINDS: dict[ColumnType, tuple[str, str]] = {
    "integer": ("is not a whole number", "are not whole numbers"),
    "number": ("is not a number", "are not numbers"),
    "boolean": ("is neither true nor false", "are neither true nor false"),
    "date": ("is not a date as in 2024-12-31", "are not dates as in 2024-12-31"),
    "datetime": ("is not a moment as in 2024-12-31 23:59:59", "are not moments as in 2024-12-31 23:59:59"),
}


@contextmanager
def explained(meaning: Callable[[duckdb.Error], InputError | None]) -> Iterator[None]:
    """Turn what the engine raises inside into what it means."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        told = meaning(error)
        if told is None:
            raise
        raise told from error


def explain(
    error: duckdb.Error, texts: Texts, types: Mapping[str, ColumnType], layouts: Sequence[Layout], paths: Sequence[str]
) -> InputError | None:
    """Return what a failed query means, if it failed at these files.

    Parameters
    ----------
    error : duckdb.Error
    texts : Texts
    types : mapping of name to type
        What the columns were read as.
    layouts : sequence of Layout
    paths : sequence of str
        The files as the engine knows them.
    """
    said = str(error)
    name = wrong_column(said, texts)
    if name is not None:
        return wrong_values(texts, name, types[name])
    named = [layout for layout, path in zip(layouts, paths, strict=True) if path in said]
    if not named and "CSV" not in said:
        return None
    quotes_first = "quote" in said or "Maximum line size" in said
    for layout in named or layouts:
        if not layout.file.path.exists():
            return InputError(f"{layout.file.shown} was taken away while it was read", code="D101")
        fault = structure_fault(layout, quotes_first)
        if fault is not None:
            return fault
    shown = named[0].file.shown if named else texts.shown
    return InputError(
        f"{shown} cannot be read as CSV: {said.partition(chr(10))[0]}",
        code="D122",
        hints=(("to mend", "say how it is written: delimiter, quote, encoding"),),
    )


def wrong_column(said: str, texts: Texts) -> str | None:
    """Return the column whose value the engine could not read, if that is what it says."""
    mark = f"{texts.token}:"
    return texts.names[int(said.split(mark, 1)[1].split(":", 1)[0])] if mark in said else None


def wrong_values(texts: Texts, name: str, to: ColumnType) -> InputError:
    """Return the error for values that cannot be read as the type they should have: how many, and where."""
    judged = select(
        [f"{ROW_NUMBER} AS n", f"{texts.value(name)} AS v", f"{texts.wrong(name, to)} AS wrong"], f"({texts.source})"
    )
    wrong = select(["count(*)", f"min(n, {SHOWN})", f"arg_min(v, n, {SHOWN})"], f"({judged})", where="wrong")
    row = texts.connection.execute(wrong).fetchall()[0]
    count, rows, values = row
    if not count:
        return InputError(f"{texts.shown} changed while it was read", code="D101")
    places = [f"{where} ({masked(value)!r})" for where, value in zip(texts.where(rows), values, strict=True)]
    what = f"{plural(count, 'value')} of column '{name}' {form(count, *_KINDS[to])}"
    more = ", ..." if count > len(places) else ""
    hints = (("to mend", f"{texts.mend}, or say types: {{{name}: text}}"),)
    return InputError(f"{what}: {', '.join(places)}{more}", code="D117", hints=hints)


def structure_fault(layout: Layout, quotes_first: bool) -> InputError | None:
    """Return what is wrong with the lines of a file: their number of fields, or a quote; None if nothing is."""
    looks = (_quote_fault, _width_fault) if quotes_first else (_width_fault, _quote_fault)
    return next((fault for look in looks if (fault := look(layout)) is not None), None)


def _quote_fault(layout: Layout) -> InputError | None:
    pieces = text_of(layout.file, layout.packing, layout.encoding, layout.mark)
    try:
        for _ in read_records(pieces, layout.delimiter, layout.quote, strict=True):
            pass
    except BrokenQuote as broken:
        shown, quote = layout.file.shown, layout.quote
        if broken.unclosed:
            message = f"{shown}:{broken.begins} opens a quote that never closes"
        else:
            message = f"{shown}:{broken.line} has text after a closing quote"
            message += f", in a record that begins in line {broken.begins}" if broken.line != broken.begins else ""
        mend = f"write a quote inside a quoted field twice ({quote * 2}), or say that there are no quotes: quote: ''"
        return InputError(message, code="D112", hints=(("to mend", mend),))
    return None


def _width_fault(layout: Layout) -> InputError | None:
    """Return the error for the first lines with another number of fields than the first line has."""
    width = len(layout.names)
    pieces = text_of(layout.file, layout.packing, layout.encoding, layout.mark)
    ragged: list[tuple[int, int]] = []
    for line, record in read_records(pieces, layout.delimiter, layout.quote):
        if record and not fits(record, width):
            ragged.append((line, len(record)))
            if len(ragged) == SHOWN:
                break
    if not ragged:
        return None
    shown = layout.file.shown
    owner = "the header names" if layout.header else "the first line has"
    places = [f"{shown}:{line} has {plural(found, 'field')}" for line, found in ragged]
    sign = _spoken(layout.delimiter)
    mend = f"repair them: a field that holds {sign} must stand in quotes; or say another delimiter than {sign}"
    return InputError(f"{', '.join(places)} where {owner} {width}", code="D111", hints=(("to mend", mend),))


def _spoken(delimiter: str) -> str:
    return "a tab" if delimiter == "\t" else f"'{delimiter}'"
