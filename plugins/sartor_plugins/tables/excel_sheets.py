"""Opens sheets of workbooks: which sheet, which row holds the names, which rows and columns hold something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError, Problem, nearest
from sartor.wording import form, plural
from sartor_plugins.tables.excel_errors import ErrorCell, error_cells
from sartor_plugins.tables.files import File, find
from sartor_plugins.tables.names import LOOK_AT_IT, check_settings, checked_names, same_columns, some_row

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor_plugins.tables.excel_files import ExcelFiles

_FIRST = ("to mend", "say which row holds the names, as Excel numbers it: header_row: 3")


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read.

    Parameters
    ----------
    shown : str
        File and sheet, for messages: ``loans.xlsx!2024``.
    names : tuple of str
        Of the columns that hold something.
    places : tuple of int
        Where each of them stands, from 0.
    rows : tuple of int
        Numbers of the rows below the header that are not empty, as Excel counts them.
    values : list of list
        Of each of these rows, all columns.
    errors : tuple of ErrorCell
        Cells with error values, as far as the format tells them.
    """

    shown: str
    names: tuple[str, ...]
    places: tuple[int, ...]
    rows: tuple[int, ...]
    values: list[list[Any]] = field(repr=False)
    errors: tuple[ErrorCell, ...] = ()

    def column(self, name: str) -> list[Any]:
        """Return the values of a column."""
        place = self.places[self.names.index(name)]
        return [row[place] if place < len(row) else "" for row in self.values]

    def cell(self, name: str, line: int) -> str:
        """Return the name of a cell: ``loans.xlsx!2024 C7``."""
        return f"{self.shown} {letters(self.places[self.names.index(name)])}{self.rows[line]}"


def letters(place: int) -> str:
    """Return what Excel calls a column, counted from 0.

    Examples
    --------
    >>> letters(0), letters(25), letters(26), letters(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def sheets_of(settings: ExcelFiles, context: Context) -> list[Sheet]:
    """Return the sheet of every file; they have the same columns, and one of them at least has a row.

    Raises
    ------
    InputError
    """
    sheets = [_sheet(file, settings) for file in find(settings.patterns, context)]
    for other in sheets[1:]:
        same_columns(sheets[0].names, other.names, sheets[0].shown, other.shown)
    check_settings(sheets[0].names, sheets[0].shown, settings.types, settings.row_number)
    some_row([bool(sheet.rows) for sheet in sheets], [sheet.shown for sheet in sheets])
    return sheets


def _sheet(file: File, settings: ExcelFiles) -> Sheet:
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_path(file.path) as workbook:
            name = _chosen(workbook, settings, file)
            sheet = workbook.get_sheet_by_name(name)
            grid = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or []
    except calamine.PasswordError as error:
        mend = ("to mend", "save it without a password")
        raise InputError(f"{file.shown} is protected by a password", code="D234", hints=(mend,)) from error
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError) as error:
        raise InputError(
            f"{file.shown} cannot be read as a workbook: {str(error).partition(chr(10))[0] or type(error).__name__}",
            code="D234",
            hints=(("to mend", "open it in Excel and save it again; text is read by tables.csv"),),
        ) from error
    shown = f"{file.shown}!{name}"
    header = _header(grid, settings, shown)
    places = _places(grid, header)
    names = checked_names([_text(grid[header][place]) for place in places], shown, _FIRST[1])
    _fill(grid, merged, header)
    rows = [number for number in range(header + 1, len(grid)) if any(not _empty(value) for value in grid[number])]
    errors = error_cells(file.path, name)
    inside = tuple(cell for cell in errors if cell.row > header + 1 and cell.column in places)
    # A row that holds nothing but errors is a row.
    rows = sorted({*rows, *(cell.row - 1 for cell in inside)})
    return Sheet(shown, tuple(names), places, tuple(row + 1 for row in rows), [_row(grid, row) for row in rows], inside)


def _row(grid: list[list[Any]], row: int) -> list[Any]:
    return grid[row] if row < len(grid) else []


def _chosen(workbook: Any, settings: ExcelFiles, file: File) -> str:
    """Return the name of the sheet that is read."""
    import python_calamine as calamine

    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    names = [sheet.name for sheet in sheets]
    wanted = settings.sheet
    if wanted is None:
        seen = [sheet.name for sheet in sheets if sheet.visible == calamine.SheetVisibleEnum.Visible]
        if not names:
            raise InputError(f"{file.shown} has no sheet", code="D230")
        return str((seen or names)[0])
    if isinstance(wanted, int):
        if wanted > len(names):
            held = plural(len(names), "sheet")
            raise InputError(f"{file.shown} has {held}, and sheet {wanted} was asked for", code="D230")
        return str(names[wanted - 1])
    if wanted not in names:
        raise InputError(f"{file.shown} has no sheet '{wanted}'", code="D230", hints=nearest(wanted, names))
    return wanted


def _header(grid: list[list[Any]], settings: ExcelFiles, shown: str) -> int:
    """Return the place of the row with the names, from 0."""
    if settings.header_row is not None:
        place = settings.header_row - 1
        if place >= len(grid) or all(_empty(value) for value in grid[place]):
            raise InputError(f"row {settings.header_row} of {shown} is empty, and holds no names", code="D232")
        return place
    for place, row in enumerate(grid):
        if not all(_empty(value) for value in row):
            return place
    raise InputError(f"{shown} is empty", code="D105", hints=LOOK_AT_IT)


def _places(grid: list[list[Any]], header: int) -> tuple[int, ...]:
    """Return the columns that have a name, or a value below the header."""
    width = max(len(row) for row in grid)
    return tuple(
        place for place in range(width) if any(place < len(row) and not _empty(row[place]) for row in grid[header:])
    )


def _fill(grid: list[list[Any]], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]], header: int) -> None:
    """Put the value of a merged cell into all the cells below the header that it covers."""
    for (top, left), (bottom, right) in merged:
        if top <= header:
            continue
        value = grid[top][left]
        for row in range(top, min(bottom, len(grid) - 1) + 1):
            for column in range(left, min(right, len(grid[row]) - 1) + 1):
                grid[row][column] = value


def _empty(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _text(value: Any) -> str:
    """Return a name: a year that heads a column is a number."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def stop_at_errors(sheets: Sequence[Sheet]) -> None:
    """Refuse error values other than #N/A, which says itself that a value is missing.

    Raises
    ------
    InputError
        With the first of each sheet.
    """
    problems = []
    for sheet in sheets:
        found = [cell for cell in sheet.errors if cell.value != "#N/A"]
        if found:
            named = ", ".join(f"{letters(cell.column)}{cell.row} ({cell.value})" for cell in found[:3])
            more = ", ..." if len(found) > 3 else ""
            problems.append(
                Problem(
                    "D231",
                    f"{plural(len(found), 'cell')} of {sheet.shown} {form(len(found), 'holds', 'hold')} an error: "
                    f"{named}{more}",
                    hints=(("to mend", "repair the formulas, or read them as missing: errors: missing"),),
                )
            )
    if problems:
        raise InputError(problems)
