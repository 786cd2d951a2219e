"""All rows of a table as text, lazily, and what the typed table is made of."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from sartor.relations import identifier, literal, select
from sartor_plugins.tables.kinds import ColumnType, Kind, bare_cast_sql, cast_sql, kind_sql, wrong_sql

if TYPE_CHECKING:
    import duckdb

    from sartor.context import Context
    from sartor_plugins.tables.layout import Layout
    from sartor_plugins.tables.scratch import Readable

Where = Callable[[Sequence[int]], list[str]]
ROW_NUMBER = "row_number() OVER () - 1"
"""Numbers rows from 0 in the order of the files: the engine keeps that order on any number of threads."""


@dataclass(frozen=True)
class Texts:
    """Rows as text.

    Parameters
    ----------
    connection : DuckDBPyConnection
    shown : str
        What the table's files are called.
    names : tuple of str
        Columns; the text of the first stands in ``r0``, and so on.
    source : str
        A SELECT that yields them, in the order of the files.
    where : callable
        Turns row numbers, rising, into ``FILE:LINE``.
    decimal : str
    missing : tuple of str
    mend : str
        What a user can do about odd values.
    kind : str
        SQL of a value's kind, where its text alone does not tell; ``{value}`` is the column.
    text : str
        SQL of a value's text; ``{value}`` is the column.
    """

    connection: duckdb.DuckDBPyConnection
    shown: str
    names: tuple[str, ...]
    source: str
    where: Where
    decimal: str = "."
    missing: tuple[str, ...] = ()
    mend: str = "repair them"
    kind: str = ""
    text: str = "{value}"
    token: str = field(default="", repr=False)

    def value(self, name: str) -> str:
        """Return SQL of a column's text."""
        return self.text.format(value=f"r{self.names.index(name)}")

    def kind_of(self, name: str) -> str:
        """Return SQL of the kind of a column's value."""
        value = self.value(name)
        kind = kind_sql(value, self.decimal, self.missing)
        return self.kind.format(value=f"r{self.names.index(name)}", text=value, kind=kind) if self.kind else kind

    def wrong(self, name: str, to: ColumnType) -> str:
        """Return SQL that says whether a column's value cannot be read as a type."""
        return wrong_sql(self.value(name), to, self.decimal, self.missing)

    def typed(self, types: Mapping[str, ColumnType], certain: Mapping[str, Kind], row_number: str | None) -> str:
        """Return the SELECT that reads every column as its type, and numbers the rows, in one scan.

        Parameters
        ----------
        types : mapping of name to type
        certain : mapping of name to Kind
            Columns all of whose values are known to be of these kinds.
        row_number : str or None
            Column for the number of the row.
        """
        columns = []
        for place, name in enumerate(self.names):
            value = self.value(name)
            if name in certain:
                cast = bare_cast_sql(value, certain[name], self.decimal)
            else:
                cast = cast_sql(value, types[name], self.decimal, self.missing, f"{self.token}:{place}:")
            columns.append(f"{cast} AS {identifier(name)}")
        if row_number is not None:
            columns.append(f"{ROW_NUMBER} AS {identifier(row_number)}")
        return select(columns, f"({self.source})")


def token_of(context: Context, paths: Sequence[Path]) -> str:
    """Return a mark by which the failure of a query is known to be that of one table."""
    text = "\0".join([context.step, *(str(path) for path in paths)])
    return f"sartor:{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


def csv_source(
    parts: Sequence[tuple[Layout, Readable]], names: Sequence[str], missing: Sequence[str], context: Context
) -> str:
    """Return a SELECT of all rows of CSV files as text, columns ``r0``, ``r1``, ... in the order of `names`."""

    def written_alike(part: tuple[Layout, Readable]) -> tuple[object, ...]:
        layout, readable = part
        return (layout.delimiter, layout.quote, layout.skip, layout.header, layout.names, readable.packing)

    scans = [_scan(list(group), names, missing, context) for _, group in groupby(parts, key=written_alike)]
    return " UNION ALL ".join(scans)


def _scan(
    parts: Sequence[tuple[Layout, Readable]], names: Sequence[str], missing: Sequence[str], context: Context
) -> str:
    layout, readable = parts[0]
    # The engine refuses such texts as marks of a missing value, so they are compared afterwards.
    awkward = [
        text for text in missing if any(mark and mark in text for mark in (layout.delimiter, layout.quote, "\n"))
    ]
    nulls = ["", *(text for text in missing if text not in awkward)]
    options = {
        "columns": "{" + ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(layout.names))) + "}",
        "auto_detect": "false",
        "delim": literal(layout.delimiter),
        "quote": literal(layout.quote),
        "escape": literal(layout.quote),
        "header": str(layout.header).lower(),
        "skip": str(layout.skip),
        "nullstr": f"[{', '.join(literal(text) for text in dict.fromkeys(nulls))}]",
        "compression": literal(readable.packing),
        "hive_partitioning": "false",
        "strict_mode": "true",
    }
    if any(readable.long_lines for _, readable in parts):
        longest = max(readable.size for _, readable in parts) + 1
        options |= {"max_line_size": str(longest), "buffer_size": str(2 * longest)}
    columns = []
    for place, name in enumerate(names):
        value = f"c{layout.names.index(name)}"
        for text in awkward:
            value = f"nullif({value}, {literal(text)})"
        columns.append(f"{value} AS r{place}")
    files = sql_files([readable.path for _, readable in parts], context)
    said = ", ".join(f"{key}={value}" for key, value in options.items())
    return select(columns, f"read_csv({files}, {said})")


def sql_files(paths: Sequence[Path], context: Context) -> str:
    """Return a list of files for SQL, every name taken as it is, however it looks."""
    return f"[{', '.join(literal(glob.escape(str(_named(path.absolute(), context)))) for path in paths)}]"


def _named(path: Path, context: Context) -> Path:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        # A name that is not UTF-8 cannot stand in a query; a link to the file can.
        context.scratch.mkdir(parents=True, exist_ok=True)
        link = context.scratch / hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        if not link.is_symlink():
            link.symlink_to(path)
        return link.absolute()
    return path
