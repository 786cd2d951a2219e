"""Excel files and other workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from sartor_plugins.tables.csv_files import MISSING
from sartor_plugins.tables.kinds import ColumnType
from sartor_plugins.tables.settings import FileReader, known_types

if TYPE_CHECKING:
    from sartor.context import Context


class ExcelFiles(FileReader):
    """Reads a sheet of Excel files: xlsx, xlsm, xlsb, old xls, and OpenDocument's ods.

    The first row that is not empty holds the names; empty rows, and empty columns without a name, are left out. Types
    come from all cells of a column: whole numbers, numbers, true or false, dates, dates with a time. Texts that are
    written like numbers count as numbers in a column that holds numbers, and are noted; a column of nothing but texts
    stays text, ids such as ``007`` among them. What else is mixed is text, and noted. Times of day and lengths of time
    are text. Dates count from 1900 or 1904 as the workbook says. A merged cell's value stands in all the rows that it
    covers.

    Missing is an empty cell, a text of nothing but spaces, what `missing` lists, and ``#N/A``. Other error values, such
    as ``#DIV/0!``, are an error that names their cells. Only xlsx and xlsm tell them from empty cells: in other formats
    error values are missing.

    Parameters
    ----------
    path : str or list of str
        A file, a glob such as ``sales/*.xlsx``, or several. Files are read in the order in which they are named, those
        of a glob sorted by name, each once. They must have the same columns, in whatever order.
    sheet : str or int, optional
        The sheet's name, or its number from 1; the first that can be seen unless given.
    header_row : int, optional
        The row that holds the names, as Excel numbers it; rows above it are left out.
    missing : list of str
        Texts that stand for a missing value, beside the empty one.
    errors : {"stop", "missing"}
        What error values in cells are.
    types : mapping of column to type
        ``text``, ``integer``, ``number``, ``boolean``, ``date`` or ``datetime``. A value that cannot be read so is an
        error that names its cell.
    row_number : str, optional
        Adds a column of this name with the number of the row, from 0, counted through all files: a key where the
        files have none.

    Examples
    --------
    >>> ExcelFiles(path="loans.xlsx", sheet="2024").errors
    'stop'
    """

    sheet: str | Annotated[int, Field(ge=1)] | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    missing: list[str] = Field(default=list(MISSING))
    errors: Literal["stop", "missing"] = "stop"
    types: dict[str, ColumnType] = Field(default_factory=dict)

    def columns(self, context: Context) -> Mapping[str, str] | None:
        """Return the names in the header, with the types that are given."""
        if self.out_of_reach(context):
            return None
        from sartor_plugins.tables.excel_sheets import sheets_of

        return self.numbered(known_types(list(sheets_of(self, context)[0].names), self.types))

    def read(self, context: Context) -> Any:
        """Return the table; a sheet is read whole, as its format asks for."""
        from sartor_plugins.tables.excel_cells import table_of
        from sartor_plugins.tables.excel_sheets import sheets_of

        return table_of(self, sheets_of(self, context), context)

    def places(self, context: Context, rows: Sequence[int], total: int) -> list[str]:
        """Return file, sheet and row of rows."""
        from sartor_plugins.tables.excel_sheets import sheets_of

        numbers = [(sheet, row) for sheet in sheets_of(self, context) for row in sheet.rows]
        return [f"{numbers[row][0].shown} row {numbers[row][1]}" for row in rows]
