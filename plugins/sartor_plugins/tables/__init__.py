"""Reads tables from files, CSV in all its dialects, Parquet, JSON lines, Excel, and writes decisions into files."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def ingest() -> Iterator[Component]:
    """Offer the readers of files."""
    yield Component(
        "tables.csv",
        "sartor_plugins.tables.csv_files:CsvFiles",
        about="CSV files with any delimiter and encoding, plain or packed",
    )
    yield Component(
        "tables.stacked_csv",
        "sartor_plugins.tables.stacked:StackedCsv",
        about="CSV files one below the other, with a column that says which part a line is of",
    )
    yield Component(
        "tables.parquet",
        "sartor_plugins.tables.parquet_files:ParquetFiles",
        about="Parquet files",
    )
    yield Component(
        "tables.json_lines",
        "sartor_plugins.tables.json_lines:JsonLines",
        about="Files with a JSON object a line, plain or packed",
    )
    yield Component(
        "tables.excel",
        "sartor_plugins.tables.excel_files:ExcelFiles",
        about="A sheet of Excel files or other workbooks",
        extra="excel",
        requires=("python_calamine",),
    )


@hookimpl
def actions() -> Iterator[Component]:
    """Offer the sink that writes files."""
    yield Component(
        "tables.write",
        "sartor_plugins.tables.write:Write",
        about="Writes decisions into a Parquet, CSV or JSON lines file",
        sink=True,
    )
