"""Reads what a test writes: the content of a file, or of several, through a reader and the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sartor.components import Ingest
from sartor.context import Context
from sartor.engine import Engine
from sartor.errors import InputError
from sartor.testing import make_context
from sartor_plugins.tables.csv_files import CsvFiles
from sartor_plugins.tables.json_lines import JsonLines
from sartor_plugins.tables.parquet_files import ParquetFiles

Content = bytes | str | Mapping[str, bytes | str]


@dataclass(frozen=True)
class Read:
    """A table that was read, with what was noted."""

    table: pd.DataFrame
    notes: tuple[str, ...]

    def __getitem__(self, column: str) -> list[Any]:
        """Return a column's values, None where missing."""
        values = self.table[column]
        return [None if missing else value for value, missing in zip(values, values.isna(), strict=True)]

    def dtype(self, column: str) -> str:
        return str(self.table[column].dtype)


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(threads=2) as opened:
        yield opened


@pytest.fixture
def heard() -> list[Any]:
    return []


@pytest.fixture
def context(tmp_path: Path, engine: Engine, heard: list[Any]) -> Context:
    return make_context(tmp_path, step="ingest.table", engine=engine, heard=heard)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Content, str], None]:
    def write(content: Content, name: str) -> None:
        for file, text in (content if isinstance(content, Mapping) else {name: content}).items():
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)

    return write


@pytest.fixture
def through(context: Context, engine: Engine, heard: list[Any], written: Any) -> Callable[..., Read]:
    """Return a function that reads content with a reader of a class, as a run does: columns first, then the rows."""

    def read(reader: type[Ingest], name: str, content: Content, settings: dict[str, Any]) -> Read:
        written(content, name)
        component = reader(**{"path": name, **settings})
        said = component.columns(context)
        table = engine.fetch(engine.store(component.read(context), "table"))
        assert said is not None
        assert list(said) == list(table.columns)
        return Read(table, tuple(event.text for event in heard))

    return read


@pytest.fixture
def read_csv(through: Any) -> Callable[..., Read]:
    return lambda content, **settings: through(CsvFiles, "t.csv", content, settings)


@pytest.fixture
def read_json(through: Any) -> Callable[..., Read]:
    return lambda content, **settings: through(JsonLines, "t.jsonl", content, settings)


@pytest.fixture
def read_parquet(through: Any) -> Callable[..., Read]:
    return lambda content, **settings: through(ParquetFiles, "t.parquet", content, settings)


@pytest.fixture
def refused() -> Callable[..., str]:
    """Return a function that gives what a reader refuses content with, hints included."""

    def refuse(read: Callable[..., Read], content: Content, **settings: Any) -> str:
        with pytest.raises(InputError) as raised:
            read(content, **settings)
        return str(raised.value)

    return refuse
