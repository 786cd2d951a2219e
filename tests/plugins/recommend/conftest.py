"""Small shops whose answers can be told by hand."""

from datetime import datetime

import pandas as pd
import pytest

from sartor.context import Context
from sartor.durations import Duration
from sartor.engine import Engine
from sartor.recipe.model import TimeSplit
from sartor.rows import Table, Tables
from sartor.stages.framing import truth_of
from sartor.stages.splitting import origins_of, split, split_again

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


@pytest.fixture
def training(engine):
    """Make training and held-out rows of a table, as a run does."""
    from sartor.rows import ROW, Training
    from sartor_plugins.recommend.features import History

    def make(task, table, cut, days=30):
        rule = TimeSplit(datetime.fromisoformat(cut), every=Duration(days, "day"), origins=1)
        rows = task.rows(Tables({table.name: table}), origins_of(rule))
        past = engine.fetch(History().build(rows, Tables({table.name: table}), Context())).set_index(ROW)
        data = engine.fetch(rows.frame, order_by=[ROW])
        y, known = truth_of(data, rows)
        X = past.loc[data[ROW]].reset_index(drop=True)
        shown = data[[name for name in data.columns if not name.startswith("__target")]]
        parts = split(data, rule, known)
        whole = Training(shown, X, "slate", y=y, split_again=split_again(rule))
        return whole.take(parts.rounds[0].train), whole.take(parts.rounds[0].test)

    return make
