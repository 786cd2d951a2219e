"""Settings that the readers of files share, and their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field

from sartor.components import FileName, Ingest
from sartor.rows import RESERVED
from sartor_plugins.tables import files
from sartor_plugins.tables.kinds import UNKNOWN, ColumnType
from sartor_plugins.tables.remote import is_remote

if TYPE_CHECKING:
    from sartor.context import Context


def _new_name(name: str) -> str:
    if name.startswith(RESERVED):
        raise ValueError(f"names that begin with '{RESERVED}' are sartor's own")
    return name


NewColumn = Annotated[str, Field(min_length=1), AfterValidator(_new_name)]
"""A column that the reader adds."""
Path = FileName | Annotated[list[FileName], Field(min_length=1)]
"""A file, a glob, or several of them."""


class FileReader(Ingest):
    """What the readers of files have in common.

    Parameters
    ----------
    path : str or list of str
        A file, a glob such as ``sales/*.csv.gz``, or several. Files are read in the order in which they are named,
        those of a glob sorted by name, each once.
    row_number : str, optional
        Adds a column of this name with the number of the row, from 0, counted through all files: a key where the
        files have none.
    """

    path: Path
    row_number: NewColumn | None = None

    @property
    def patterns(self) -> list[str]:
        """The names and globs, as a list."""
        return [self.path] if isinstance(self.path, str) else list(self.path)

    def inputs(self, context: Context) -> list[dict[str, Any]]:
        """Return name, path, size in bytes and SHA-256 of every file, for the record of a run."""
        return files.inputs(self.patterns, context)

    def stamp(self, context: Context) -> str:
        """Return size and time of every file."""
        return files.stamp(self.patterns, context)

    def out_of_reach(self, context: Context) -> bool:
        """Whether a file would have to be fetched for its columns, as for a check, which has no place to put it."""
        return context.scratch == type(context.scratch)() and any(map(is_remote, self.patterns))

    def numbered(self, columns: Mapping[str, str]) -> dict[str, str]:
        """Return columns with the one for the number of the row."""
        return dict(columns) | ({self.row_number: "integer"} if self.row_number is not None else {})


def known_types(names: list[str], types: Mapping[str, ColumnType]) -> dict[str, str]:
    """Return the types of columns as far as they are given."""
    return {name: types.get(name, UNKNOWN) for name in names}
