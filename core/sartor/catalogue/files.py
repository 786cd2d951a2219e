"""D230 to D249: workbooks, and files elsewhere."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D230",
        "a workbook has no such sheet",
        "Sheets are named as on their tabs, or numbered from 1. Sheets that hold only a chart do not count.",
        right="with: {path: loans.xlsx, sheet: 2024}",
    ),
    Code(
        "D231",
        "cells hold error values",
        "A formula of the sheet failed: `#DIV/0!`, `#REF!`. Nobody can tell what the value would be, so nothing is "
        "guessed. Repair the formulas, or have them read as missing. `#N/A` says itself that a value is missing.",
        right="with: {path: loans.xlsx, errors: missing}",
    ),
    Code(
        "D232",
        "the row of the header is empty",
        "`header_row` is the row that holds the names of the columns, numbered as Excel does at the left of the sheet.",
        right="with: {path: loans.xlsx, header_row: 3}",
    ),
    Code(
        "D234",
        "a file is no workbook that can be read",
        "The file is protected by a password, damaged, cut off, or of another format than Excel's and OpenDocument's. "
        "Open it in Excel and save it again; a text file is read by `tables.csv`.",
    ),
    Code(
        "D240",
        "an address that files cannot be fetched from",
        "Nothing is known for the beginning of the address, or a password stands in it. Logins are found in the "
        "environment, by the package that fetches the files, and never stand in a recipe.",
        right="with: {path: s3://bucket/loans/*.parquet}",
    ),
    Code(
        "D241",
        "a file elsewhere cannot be fetched",
        "The place cannot be reached, or lets nobody in. What the package says of it is not shown, as it may hold a "
        "token or a signed address.",
    ),
)
