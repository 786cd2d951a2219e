"""What tests of windows share: an engine, and windows of lines of which each is a row.

Makes `by_hand` importable, as tests have no package of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import narwhals as nw
import pytest

from sartor.context import Context
from sartor.engine import Engine
from sartor.rows import Rows, Table
from sartor.windows.over import Work, over

sys.path.insert(0, str(Path(__file__).parent))

from by_hand import fetched


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(threads=1) as engine:
        yield engine


@pytest.fixture
def context(engine, tmp_path) -> Context:
    return Context(connection_of=lambda: engine.connection, scratch=tmp_path)


@pytest.fixture
def measure(engine, context):
    """Return a function that measures windows of lines of which each is a row, and gives a column by its name."""

    def measured(lines, windows, measures, upto="own", delay=None, entity="card", work=None, frame=engine.frame):
        native = frame(lines)
        native = native if isinstance(native, nw.LazyFrame) else nw.from_native(native).lazy()
        table = Table("lines", native, key=("id",), time="moment")
        marks = {"__row": nw.col("id"), "__as_of": nw.col("moment")}
        rows = Rows(native.select("id", **marks), keys=("id",), own="lines")
        made = over(rows, table, entity, windows, measures, context, upto=upto, delay=delay, work=work or Work())
        return fetched(made)

    return measured
