"""Small shops whose answers can be told by hand."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from sartor.engine import Engine
from sartor.rows import Table

# Beside this file: a shop that several suites share.
sys.path.insert(0, str(Path(__file__).parent))

ROLES = {"user": "user", "item": "item"}


@pytest.fixture
def engine():
    with Engine(1) as opened:
        # Whoever makes a frame of their own finds the engine as DuckDB's default one.
        assert opened.connection is not None
        yield opened


@pytest.fixture
def table(engine):
    """Make a table of events from lines of (user, item, day, ...)."""

    def make(lines, *more, time="day", roles=ROLES):
        frame = pd.DataFrame(lines, columns=["user", "item", "day", *more])
        frame["day"] = pd.to_datetime(frame["day"])
        return Table("lines", engine.frame(frame), time=time, roles={**roles, **{name: name for name in more}})

    return make
