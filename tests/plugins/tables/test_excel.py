"""Excel files: sheets, headers, types, dates, errors, merged cells, and what is said when something is wrong."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from workbooks import Fault, Styled, write_workbook

from sartor.errors import InputError
from sartor.testing import IngestTests
from sartor_plugins.tables.excel_cells import as_text
from sartor_plugins.tables.excel_files import ExcelFiles
from sartor_plugins.tables.excel_sheets import letters

pytestmark = pytest.mark.needs("python_calamine")


def day(number):
    return Styled(number, "day")


def moment(number):
    return Styled(number, "moment")


@pytest.fixture
def workbook(context):
    """Return a function that writes rows into `t.xlsx`, or sheets by name."""

    def write(rows, name="t.xlsx", **more):
        write_workbook(context.path(name), rows if isinstance(rows, dict) else {"Sheet1": rows}, **more)

    return write


@pytest.fixture
def read(context, engine, heard):
    """Return a function that reads, as columns of plain values; what was noted is in `heard`."""

    def run(path="t.xlsx", **settings):
        component = ExcelFiles(path=path, **settings)
        said = component.columns(context)
        frame = engine.fetch(engine.store(component.read(context), "table"))
        assert list(said) == list(frame.columns)
        return {
            name: [None if missing else value for value, missing in zip(frame[name], frame[name].isna(), strict=True)]
            for name in frame
        }

    return run


class TestTypes:
    @pytest.mark.parametrize(
        ("cells", "values"),
        [
            ([1, 2, None], [1, 2, None]),
            ([1, 2.5], [1.0, 2.5]),
            ([True, False, None], [True, False, None]),
            (["007", "008"], ["007", "008"]),
            (["a", " ", "N/A", "b "], ["a", None, None, "b "]),
            ([day(45351), day(1)], [pd.Timestamp("2024-02-29"), pd.Timestamp("1900-01-01")]),
            ([day(59), day(61)], [pd.Timestamp("1900-02-28"), pd.Timestamp("1900-03-01")]),
            ([day(45351), moment(45351.5)], [pd.Timestamp("2024-02-29"), pd.Timestamp("2024-02-29 12:00")]),
            ([Styled(1.25, "length"), None], ["30:00:00", None]),
            ([moment(0.25), None], ["06:00:00", None]),
            ([2.0**53 + 2, 1], [2.0**53 + 2, 1.0]),
        ],
    )
    def test_a_column_has_the_type_that_holds_all_its_cells(self, workbook, read, heard, cells, values):
        workbook([["n", "x"], *([place, cell] for place, cell in enumerate(cells))])
        assert read()["x"] == values
        assert heard == []

    def test_dates_count_from_1904_where_the_workbook_says_so(self, workbook, read):
        workbook([["x"], [day(0 + 45351 - 1462)]], from_1904=True)
        assert read() == {"x": [pd.Timestamp("2024-02-29")]}

    @pytest.mark.parametrize(
        ("cells", "values", "note"),
        [
            (
                ["1", "2.5"],
                ["1", "2.5"],
                "column 'x' holds numbers that are written as texts; types: {x: number} reads",
            ),
            ([1, " 2.5", "1e3"], [1.0, 2.5, 1000.0], "column 'x': 2 texts written like numbers were read as numbers"),
            ([1, "007"], ["1", "007"], "column 'x' mixes numbers and texts: it was read as text"),
            ([1.5, day(45351)], ["1.5", "2024-02-29"], "column 'x' mixes dates and numbers: it was read as text"),
            ([True, "maybe"], ["true", "maybe"], "column 'x' mixes flags and texts: it was read as text"),
        ],
    )
    def test_what_is_odd_about_a_column_is_noted(self, workbook, read, heard, cells, values, note):
        workbook([["x"], *([cell] for cell in cells)])
        assert read() == {"x": values}
        assert next(event.text for event in heard).startswith(note)

    @pytest.mark.parametrize(
        ("kind", "cells", "values"),
        [
            ("text", [7, 0.5, day(45351), True], ["7", "0.5", "2024-02-29", "true"]),
            ("number", ["1", 2, " 3.5 "], [1.0, 2.0, 3.5]),
            ("integer", ["9007199254740993", 3], [9007199254740993, 3]),
            ("boolean", ["yes", 0, True, "F"], [True, False, True, False]),
            ("date", ["2024-02-29", day(1)], [pd.Timestamp("2024-02-29"), pd.Timestamp("1900-01-01")]),
            (
                "datetime",
                ["2024-02-29T23:30:00-02:00", day(1)],
                [pd.Timestamp("2024-03-01 01:30"), pd.Timestamp("1900")],
            ),
        ],
    )
    def test_a_type_that_is_given_reads_texts_and_cells_alike(self, workbook, read, kind, cells, values):
        if kind == "datetime":
            values = [values[0], pd.Timestamp("1900-01-01")]
        workbook([["x"], *([cell] for cell in cells)])
        assert read(types={"x": kind}) == {"x": values}

    @pytest.mark.parametrize(
        ("kind", "cells", "said"),
        [
            (
                "number",
                [1, "a1", "b2", "c3", "d4"],
                "4 values of column 'x' are not numbers: t.xlsx!Sheet1 A3 ('x9'), ",
            ),
            ("integer", [1, 2.5], "1 value of column 'x' is not a whole number: t.xlsx!Sheet1 A3 ('9.9')  D117"),
            ("date", [day(1), moment(1.5)], "1 value of column 'x' is not a date: t.xlsx!Sheet1 A3 ("),
            ("boolean", ["maybe"], "1 value of column 'x' is neither true nor false: t.xlsx!Sheet1 A2 ('xxxxx')"),
        ],
    )
    def test_cells_that_are_none_of_it_are_named_and_masked(self, workbook, read, kind, cells, said):
        workbook([["x"], *([cell] for cell in cells)])
        with pytest.raises(InputError, match=re.escape(said)):
            read(types={"x": kind})


class TestSheetsAndRows:
    def test_a_sheet_is_named_or_numbered_and_the_first_that_is_seen_otherwise(self, workbook, read):
        workbook({"notes": [["x"], [1]], "2024": [["x"], [2]], "2025": [["x"], [3]]}, hidden=["notes"])
        assert [read()["x"], read(sheet="2025")["x"], read(sheet=1)["x"]] == [[2], [3], [1]]

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"sheet": "Shet1"}, "t.xlsx has no sheet 'Shet1'  D230\n  did you mean: Sheet1"),
            ({"sheet": 2}, "t.xlsx has 1 sheet, and sheet 2 was asked for  D230"),
            ({"header_row": 9}, "row 9 of t.xlsx!Sheet1 is empty, and holds no names  D232"),
            ({"header_row": 2}, "row 2 of t.xlsx!Sheet1 is empty, and holds no names  D232"),
            ({"types": {"y": "text"}}, "types names column 'y', which t.xlsx!Sheet1 does not have"),
        ],
    )
    def test_what_is_not_there_is_named(self, workbook, read, settings, said):
        workbook([["x"], [], [1]])
        with pytest.raises(InputError, match=re.escape(said)):
            read(**settings)

    def test_empty_rows_and_columns_are_left_out(self, workbook, read, context):
        workbook([[], [None, "a", None, "b"], [], [None, 1, None, "x"], [None, " ", None, " "], [None, 2, None, "y"]])
        assert read(row_number="line") == {"a": [1, 2], "b": ["x", "y"], "line": [0, 1]}
        places = ExcelFiles(path="t.xlsx").places(context, [0, 1], 2)
        assert places == ["t.xlsx!Sheet1 row 4", "t.xlsx!Sheet1 row 6"]

    def test_a_title_above_the_names_is_passed_over_where_the_row_is_given(self, workbook, read):
        rows = [["Loans of 2024"], [], ["a", "b"], [1, 2]]
        workbook(rows)
        said = (
            r"column 2 of t\.xlsx!Sheet1 has no name  D108\n  to mend: say which row holds the names, .* header_row: 3"
        )
        with pytest.raises(InputError, match=said):
            read()
        assert read(header_row=3) == {"a": [1], "b": [2]}

    def test_a_year_may_head_a_column(self, workbook, read):
        workbook([["shop", 2024.0], ["a", 1]])
        assert read() == {"shop": ["a"], "2024": [1]}

    def test_names_that_come_twice_are_refused(self, workbook, read):
        workbook([["a", "A "], [1, 2]])
        with pytest.raises(InputError, match=r"columns 1 and 2 of t\.xlsx!Sheet1 differ only by capital letters"):
            read()

    def test_a_merged_cell_stands_in_all_its_rows(self, workbook, read):
        workbook([["region", "n"], ["north", 1], [None, 2], ["south", 3]], merged=["A2:A3"])
        assert read() == {"region": ["north", "north", "south"], "n": [1, 2, 3]}

    def test_a_name_over_two_columns_leaves_the_second_without_one(self, workbook, read):
        workbook([["a", None], [1, 2]], merged=["A1:B1"])
        with pytest.raises(InputError, match=r"column 2 of t\.xlsx!Sheet1 has no name  D108"):
            read()

    def test_several_files_are_one_table_whatever_the_order_of_columns(self, workbook, read):
        workbook([["a", "b"], [1, "x"]], "one.xlsx")
        workbook([["b", "a"], ["y", 2]], "two.xlsx")
        assert read("*.xlsx") == {"a": [1, 2], "b": ["x", "y"]}
        workbook([["b", "c"], ["y", 2]], "two.xlsx")
        with pytest.raises(InputError, match=r"two\.xlsx!Sheet1 lacks column 'a' of one\.xlsx!Sheet1  D116"):
            read("*.xlsx")

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ([], "t.xlsx!Sheet1 is empty  D105"),
            ([["a", "b"]], "t.xlsx!Sheet1 has a header and no row  D002"),
        ],
    )
    def test_a_sheet_without_rows_is_said_to_be_so(self, workbook, read, rows, said):
        workbook(rows)
        with pytest.raises(InputError, match=re.escape(said)):
            read()


class TestErrorValues:
    ROWS: ClassVar = [
        ["a", "b"],
        [1, Fault("#DIV/0!")],
        [2, Fault("#N/A")],
        [3, Fault("#REF!")],
        [None, Fault("#NAME?")],
    ]

    def test_they_stop_a_read_and_are_named_by_their_cells(self, workbook, read):
        workbook(self.ROWS)
        said = (
            "3 cells of t.xlsx!Sheet1 hold an error: B2 (#DIV/0!), B4 (#REF!), B5 (#NAME?)  D231\n"
            "  to mend: repair the formulas, or read them as missing: errors: missing"
        )
        with pytest.raises(InputError, match=re.escape(said)):
            read()

    def test_they_are_missing_where_it_is_said_so(self, workbook, read):
        workbook(self.ROWS)
        assert read(errors="missing") == {"a": [1, 2, 3, None], "b": [None] * 4}

    def test_not_available_is_a_missing_value(self, workbook, read):
        workbook([["a", "b"], [1, Fault("#N/A")], [2, 5]])
        assert read() == {"a": [1, 2], "b": [None, 5]}

    def test_they_are_looked_for_in_the_sheet_that_is_read(self, workbook, read):
        workbook({"good": [["a"], [1]], "bad & ugly": [["a"], [Fault("#REF!")], [1]]})
        assert read() == {"a": [1]}
        with pytest.raises(InputError, match=r"1 cell of t\.xlsx!bad & ugly holds an error: A2 \(#REF!\)"):
            read(sheet="bad & ugly")


class TestFilesThatAreNone:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"a,b\n1,2\n", "t.xlsx cannot be read as a workbook: "),
            (b"PK\x03\x04 cut off", "t.xlsx cannot be read as a workbook: "),
            (b"", "t.xlsx cannot be read as a workbook: "),
        ],
    )
    def test_they_are_refused(self, context, read, content, said):
        context.path("t.xlsx").write_bytes(content)
        with pytest.raises(InputError, match=re.escape(said)) as caught:
            read()
        assert "D234" in str(caught.value)

    def test_declarations_that_fill_the_memory_are_not_followed(self, workbook, context, read):
        workbook([["a"], [1]])
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        with zipfile.ZipFile(context.path("t.xlsx")) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts["xl/workbook.xml"] = bomb + parts["xl/workbook.xml"]
        with zipfile.ZipFile(context.path("t.xlsx"), "w") as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        assert read() == {"a": [1]}

    def test_a_csv_reader_says_how_to_read_a_workbook(self, workbook, context):
        from sartor_plugins.tables.csv_files import CsvFiles

        workbook([["a"], [1]])
        with pytest.raises(InputError, match=r"t\.xlsx is a zip archive or an Excel file  D118\n.* use: tables\.excel"):
            CsvFiles(path="t.xlsx").columns(context)


def test_columns_are_called_as_excel_calls_them():
    assert [letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_a_number_becomes_the_text_that_was_typed():
    assert [as_text(value) for value in (3.0, 0.1, 1e20, -2.0)] == ["3", "0.1", "1e+20", "-2"]


class TestItKeepsTheContract(IngestTests):
    entry = "tables.excel"
    settings: ClassVar = {"path": "loans.xlsx", "types": {"n": "number"}, "row_number": "line"}

    def prepare_folder(self, folder: Path) -> None:
        write_workbook(folder / "loans.xlsx", {"s": [["loan", "n", "day"], ["007", 1, day(45351)], ["008", "2", None]]})
