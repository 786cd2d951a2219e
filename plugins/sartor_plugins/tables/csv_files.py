"""CSV in all its dialects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sartor_plugins.tables.characters import AUTO, known_encoding
from sartor_plugins.tables.files import find
from sartor_plugins.tables.kinds import TEXT, ColumnType, Kind
from sartor_plugins.tables.layout import Layout, look
from sartor_plugins.tables.names import check_settings, same_columns, some_row
from sartor_plugins.tables.settings import FileReader, known_types

if TYPE_CHECKING:
    import duckdb

    from sartor.context import Context
    from sartor.errors import InputError
    from sartor_plugins.tables.scratch import Readable
    from sartor_plugins.tables.texts import Texts

MISSING = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null")
"""Texts that stand for a missing value where a recipe does not say which do."""


def _delimiter(value: object) -> object:
    return "\t" if value == "tab" else value


def _one_sign(sign: str) -> str:
    if sign and (len(sign) != 1 or not sign.isascii() or sign.isalnum() or sign in "\r\n\0."):
        raise ValueError(f"is one sign such as ',' or ';', and not {sign!r}")
    return sign


Sign = Annotated[str, BeforeValidator(_delimiter), AfterValidator(_one_sign)]


class CsvFiles(FileReader):
    r"""Reads CSV files: any delimiter and encoding; plain, or packed with gzip, zstd or bzip2, whatever their name.

    Types come from all values of a column and never from a sample; `types` spares that pass. Whole numbers that fit
    into 64 bits are integers; ``1.5``, ``1e5`` and columns that mix them with whole numbers are numbers; ``true`` and
    ``false`` are booleans; ``2024-12-31`` is a date, and with a time, with or without ``T``, a datetime (in UTC where
    the values have a zone). Everything else is text: ids with leading zeros (``007``) or more than 18 digits that
    would not fit, dates in other forms, a column with one odd value (which is noted, with its line), a column with no
    value at all. Spaces around numbers, dates and booleans count for nothing; text stays as it is.

    Missing is an empty field, in quotes or not, one of nothing but spaces, and what `missing` lists. Infinite numbers
    are passed on; a run's ingest reads them as missing and counts them. Blank lines are left out; in a file of one
    column they are missing values. Empty fields at the end of a line beyond those that the header names are ignored.

    Parameters
    ----------
    path : str or list of str
        A file, a glob such as ``sales/*.csv.gz``, or several. Files are read in the order in which they are named,
        those of a glob sorted by name, each once. They must have the same columns, in whatever order.
    delimiter : str, optional
        What separates fields: one sign, or ``tab``. By default the one among ``, ; tab |`` that splits the first
        lines alike.
    encoding : str
        ``auto`` is UTF-8, or what the byte order mark says; otherwise Python's name, such as ``cp1252``.
    decimal : {".", ","}
        Sign before the decimals.
    quote : str
        What surrounds fields that hold a delimiter or a line end; doubled inside. Empty if nothing does.
    header : bool, optional
        Whether the first line holds the names; true unless `names` are given. Without names and header columns are
        called ``column_1``, ``column_2``, ...
    names : list of str, optional
        Names of the columns, for files without a header; with ``header: true`` they replace those of the file.
    missing : list of str
        Texts that stand for a missing value, beside the empty one.
    types : mapping of column to type
        ``text``, ``integer``, ``number``, ``boolean``, ``date`` or ``datetime``. A value that cannot be read so is an
        error that names its line. Booleans may then also be ``t/f``, ``yes/no``, ``y/n``, ``1/0``.
    row_number : str, optional
        Adds a column of this name with the number of the row, from 0, counted through all files: a key where the
        files have none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sartor.context import Context
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "loans.csv").write_text("loan;amount\n007;1,5\n")
    >>> CsvFiles(path="loans.csv", types={"amount": "number"}).columns(Context(folder=folder))
    {'loan': 'unknown', 'amount': 'number'}
    """

    delimiter: Annotated[Sign, Field(min_length=1)] | None = None
    encoding: Annotated[str, AfterValidator(known_encoding)] = AUTO
    decimal: Literal[".", ","] = "."
    quote: Sign = '"'
    header: bool | None = None
    names: Annotated[list[str], Field(min_length=1)] | None = None
    missing: list[str] = Field(default=list(MISSING))
    types: dict[str, ColumnType] = Field(default_factory=dict)

    @property
    def has_header(self) -> bool:
        """Whether the first line holds names."""
        return self.header if self.header is not None else self.names is None

    def columns(self, context: Context) -> Mapping[str, str] | None:
        """Return the names in the header, with the types that are given, after a look at the first lines."""
        if self.out_of_reach(context):
            return None
        layouts = self._layouts(context)
        return self.numbered(known_types(list(layouts[0].names), self.types))

    def read(self, context: Context) -> duckdb.DuckDBPyRelation:
        """Return the table, lazily; the types that are not given are found out first."""
        from sartor.engine import engine_of
        from sartor_plugins.tables.detection import detect
        from sartor_plugins.tables.diagnosis import explain, explained

        layouts = self._layouts(context)
        if context.plain:
            from sartor_plugins.tables.plainly import is_plain, plainly

            if is_plain(layouts, self.missing, context):
                return plainly(layouts, self.missing, self.row_number, context)
        texts, paths = self._texts(layouts, context)
        # The contract reads these itself, in the same scan.
        as_they_are = [name for name in texts.names if name in context.texts]
        types: dict[str, ColumnType] = {**self.types, **dict.fromkeys(as_they_are, TEXT)}

        def meaning(error: duckdb.Error) -> InputError | None:
            return explain(error, texts, types, layouts, paths)

        with explained(meaning):
            unknown = [name for name in texts.names if name not in types]
            found = detect(texts, unknown, _sample(layouts, texts.names), context)
            types |= found.types
            certain = {**found.certain, **dict.fromkeys(as_they_are, Kind.OTHER)}
            relation = context.connection.sql(texts.typed(types, certain, self.row_number))
        engine = engine_of(context.connection)
        if engine is not None:
            engine.explain_failures_with(meaning)
        return relation

    def places(self, context: Context, rows: Sequence[int], total: int) -> list[str]:
        """Return file and line of rows."""
        from sartor_plugins.tables.lines import places_of_rows

        return places_of_rows(self._layouts(context), rows, total)

    def _layouts(self, context: Context) -> list[Layout]:
        layouts = [look(file, self) for file in find(self.patterns, context)]
        first = layouts[0]
        for other in layouts[1:]:
            same_columns(first.names, other.names, first.file.shown, other.file.shown)
        check_settings(first.names, first.file.shown, self.types, self.row_number)
        some_row([bool(layout.sample) for layout in layouts], [layout.file.shown for layout in layouts])
        return layouts

    def _texts(self, layouts: Sequence[Layout], context: Context) -> tuple[Texts, list[str]]:
        from sartor_plugins.tables.lines import places_of_rows
        from sartor_plugins.tables.scratch import readable
        from sartor_plugins.tables.texts import Texts, csv_source, token_of

        def looked_over(layout: Layout) -> Readable:
            return readable(layout.file, layout.packing, layout.encoding, layout.mark, layout.quote, context)

        with ThreadPoolExecutor(max(1, context.threads)) as pool:
            parts = list(zip(layouts, pool.map(looked_over, layouts), strict=True))
        names = layouts[0].names
        texts = Texts(
            connection=context.connection,
            shown=layouts[0].file.shown if len(layouts) == 1 else ", ".join(self.patterns),
            names=names,
            source=csv_source(parts, names, self.missing, context),
            where=lambda rows: places_of_rows(layouts, rows),
            decimal=self.decimal,
            missing=tuple(self.missing),
            mend="repair them, say which texts mean a missing value (missing: [...])",
            token=token_of(context, [layout.file.path for layout in layouts]),
        )
        return texts, [str(part.path.absolute()) for _, part in parts]


def _sample(layouts: Sequence[Layout], names: Sequence[str]) -> list[list[str]]:
    """Return the first rows of the first file that has any, fields in the order of `names`."""
    layout = next(layout for layout in layouts if layout.sample)
    places = [layout.names.index(name) for name in names]
    return [[row[place] if place < len(row) else "" for place in places] for row in layout.sample]
