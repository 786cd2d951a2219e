"""A shop that is small and has tastes, for the suites of models and actions."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import numpy as np
import pandas as pd

from sartor.context import Context
from sartor.durations import Duration
from sartor.engine import Engine
from sartor.recipe.model import TimeSplit
from sartor.rows import ROW, Table, Tables, Training
from sartor.stages.framing import truth_of
from sartor.stages.splitting import origins_of, split, split_again
from sartor_plugins.recommend.features import History
from sartor_plugins.recommend.tasks import NextItems

ROLES = {"user": "user", "item": "item", "event": "event", "price": "price"}


def events(users: int = 48, items: int = 24, seed: int = 3) -> pd.DataFrame:
    """Events of users who like one of three kinds of items each."""
    rng = np.random.default_rng(seed)
    lines = []
    for user in range(users):
        for _ in range(int(rng.integers(3, 16))):
            kind = user % 3 if rng.random() < 0.8 else int(rng.integers(0, 3))
            item = 3 * int(rng.integers(0, items // 3)) + kind
            # The last of them come after the cut.
            day = int(rng.integers(120 if user >= users - 6 else 0, 150))
            lines.append((f"u{user:02d}", f"i{item:02d}", pd.Timestamp("2024-01-01") + pd.Timedelta(days=day),
                          "purchase" if rng.random() < 0.7 else "view", float(5 + item)))  # fmt: skip
    return pd.DataFrame(lines, columns=["user", "item", "day", "event", "price"])


@cache
def rows_of(targets: str = "all") -> tuple[Training, Training]:
    """Training and held-out rows of the shop."""
    with Engine(1) as engine:
        assert engine.connection is not None
        table = Table("events", engine.frame(events()), time="day", roles=ROLES)
        return made(NextItems(targets=targets, origins=3), table, engine, "2024-04-30")


def made(task: NextItems, table: Table, engine: Engine, cut: str, days: int = 30) -> tuple[Training, Training]:
    """Training and held-out rows of a table, as a run makes them."""
    rule = TimeSplit(datetime.fromisoformat(cut), every=Duration(days, "day"), origins=1)
    tables = Tables({table.name: table})
    rows = task.rows(tables, origins_of(rule))
    data = engine.fetch(rows.frame, order_by=[ROW])
    past = engine.fetch(History().build(rows, tables, Context())).set_index(ROW)
    y, known = truth_of(data, rows)
    shown = data[[name for name in data.columns if not name.startswith("__target")]]
    (part,) = split(data, rule, known).rounds
    X = past.loc[data[ROW]].reset_index(drop=True)
    whole = Training(shown, X, "slate", y=y, split_again=split_again(rule))
    return whole.take(part.train), whole.take(part.test)
