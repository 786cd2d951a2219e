"""The readers pass the suite that any plugin's ingest must pass."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from sartor.testing import IngestTests

LINES = "loan;amount;paid;day\n007;1,5;true;2024-01-31\n008;;false;2024-02-29\n"


class TestCsvKeepsTheContract(IngestTests):
    entry = "tables.csv"
    settings: ClassVar = {"path": "loans.csv", "decimal": ",", "row_number": "line"}

    def prepare_folder(self, folder: Path) -> None:
        (folder / "loans.csv").write_text(LINES, encoding="utf-8")


class TestCsvWithGivenTypesKeepsTheContract(TestCsvKeepsTheContract):
    settings: ClassVar = {
        "path": ["loans.csv"],
        "decimal": ",",
        "types": {"loan": "text", "amount": "number", "paid": "boolean", "day": "date"},
    }


class TestCsvInAnotherEncodingKeepsTheContract(IngestTests):
    entry = "tables.csv"
    settings: ClassVar = {"path": "loans.csv", "encoding": "cp1252"}

    def prepare_folder(self, folder: Path) -> None:
        (folder / "loans.csv").write_bytes("name,n\nMüller,1\n".encode("cp1252"))


class TestStackedCsvKeepsTheContract(IngestTests):
    entry = "tables.stacked_csv"
    settings: ClassVar = {"parts": {"old": {"path": "old.csv"}, "new": {"path": "new.csv"}}, "part": "when"}

    def prepare_folder(self, folder: Path) -> None:
        (folder / "old.csv").write_text("unit,hours\n1,5\n2,7\n", encoding="utf-8")
        (folder / "new.csv").write_text("hours,unit\n5.5,1\n", encoding="utf-8")


class TestParquetKeepsTheContract(IngestTests):
    entry = "tables.parquet"
    settings: ClassVar = {"path": "*.parquet", "row_number": "line"}

    def prepare_folder(self, folder: Path) -> None:
        pq.write_table(pa.table({"loan": ["007"], "amount": [1.5], "tags": [["a"]]}), folder / "a.parquet")
        pq.write_table(pa.table({"loan": ["008"], "amount": [2.5], "tags": [["b"]]}), folder / "b.parquet")


class TestJsonLinesKeepTheContract(IngestTests):
    entry = "tables.json_lines"
    settings: ClassVar = {"path": "loans.jsonl", "types": {"coupon": "text"}, "row_number": "line"}

    def prepare_folder(self, folder: Path) -> None:
        (folder / "loans.jsonl").write_text('{"loan":"007","amount":1.5}\n{"coupon":"x"}\n', encoding="utf-8")
