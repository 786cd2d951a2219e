"""CSV files one below the other, with a column that says which line came from where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from sartor.components import Ingest
from sartor.errors import InputError, SettingError
from sartor_plugins.tables.csv_files import CsvFiles
from sartor_plugins.tables.names import same_columns
from sartor_plugins.tables.settings import NewColumn

if TYPE_CHECKING:
    import duckdb

    from sartor.context import Context

Name = Annotated[str, Field(min_length=1)]


class StackedCsv(Ingest):
    r"""Puts CSV files one below the other, and says of each line which part it is of.

    For tables that came in parts, each in a file of its own: one for each site or year, or a benchmark's training and
    test units. A split can go by the part (``split: {given: part, train: [train], test: [test]}``), and a key that is
    unique within each part becomes unique with it (``key: [part, unit]``).

    Parameters
    ----------
    parts : mapping of name to settings of tables.csv
        ``{train: {path: train.csv}, test: {path: test.csv}}``. All must have the same columns, in whatever order; a
        column that is whole numbers in one part and numbers in another is numbers.
    part : str
        Name of the column that is added, first of all.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sartor.context import Context
    >>> folder = Path(tempfile.mkdtemp())
    >>> for site in ("north", "south"):
    ...     _ = (folder / f"{site}.csv").write_text("unit,hours\n1,5\n")
    >>> stacked = StackedCsv(parts={site: CsvFiles(path=f"{site}.csv") for site in ("north", "south")}, part="site")
    >>> stacked.columns(Context(folder=folder))
    {'site': 'text', 'unit': 'unknown', 'hours': 'unknown'}
    """

    parts: Annotated[dict[Name, CsvFiles], Field(min_length=1, max_length=10_000)]
    part: NewColumn = "part"

    def columns(self, context: Context) -> Mapping[str, str] | None:
        """Return the names in the header of the first part, behind the part."""
        found = next(iter(self.parts.values())).columns(context)
        return None if found is None else {self.part: "text", **found}

    def inputs(self, context: Context) -> list[dict[str, Any]]:
        """Return name, path, size in bytes and SHA-256 of every file."""
        return [file for reader in self.parts.values() for file in reader.inputs(context)]

    def stamp(self, context: Context) -> str:
        """Return size and time of every file."""
        return "/".join(reader.stamp(context) for reader in self.parts.values())

    def places(self, context: Context, rows: Sequence[int], total: int) -> list[str]:
        """Return file and line of rows."""
        return self._whole().places(context, rows, total)

    def read(self, context: Context) -> duckdb.DuckDBPyRelation:
        """Return the table, lazily.

        Raises
        ------
        InputError
            If parts do not have the same columns, or a column is text in one part and numbers in another.
        """
        read = {name: reader.read(self._context(context, name)) for name, reader in self.parts.items()}
        self._check(read)
        first, *others = read.items()
        table = self._marked(*first)
        names = [self.part, *first[1].columns]
        for other in others:
            # Parts may have their columns in another order.
            table = table.union(self._marked(*other).project(", ".join(_quoted(name) for name in names)))
        return table

    def _marked(self, name: str, relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
        text = "'" + name.replace("'", "''") + "'"
        return relation.project(f"{text} AS {_quoted(self.part)}, *")

    def _context(self, context: Context, name: str) -> Context:
        # What stands beside plain values has no name that two parts could share.
        place = list(self.parts).index(name)
        return replace(context, step=f"{context.step}.{place}", plain={})

    def _whole(self) -> CsvFiles:
        """Return a reader of all files in their order: what is asked of their lines, it knows."""
        patterns = [pattern for reader in self.parts.values() for pattern in reader.patterns]
        return next(iter(self.parts.values())).model_copy(update={"path": patterns})

    def _check(self, read: Mapping[str, duckdb.DuckDBPyRelation]) -> None:
        (name, first), *others = read.items()
        if self.part.lower() in {column.lower() for column in first.columns}:
            raise SettingError(
                f"part is '{self.part}', and the files have such a column",
                code="D119",
                hints=(("to mend", "choose another name: part: COLUMN"),),
            )
        kinds = dict(zip(first.columns, map(_kind, first.types), strict=True))
        for other, relation in others:
            same_columns(first.columns, relation.columns, f"part {name}", f"part {other}")
            for column, type_ in zip(relation.columns, relation.types, strict=True):
                if _kind(type_) != kinds[column]:
                    raise InputError(
                        f"'{column}' holds {kinds[column]} in part {name} and {_kind(type_)} in part {other}",
                        code="D117",
                        hints=(("to mend", f"say of both parts what it holds: types: {{{column}: text}}"),),
                    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _kind(type_: Any) -> str:
    """Return what a column of DuckDB holds; whole numbers and numbers go together."""
    name = str(type_)
    if name in ("VARCHAR", "BOOLEAN", "DATE"):
        return {"VARCHAR": "text", "BOOLEAN": "true and false", "DATE": "dates"}[name]
    return "dates and times" if name.startswith("TIMESTAMP") else "numbers"
