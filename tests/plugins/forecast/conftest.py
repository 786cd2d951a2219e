"""Small tables of series, and what they become."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest

from sartor.durations import Duration
from sartor.rows import Origins
from sartor.testing import make_context, make_table, make_tables
from sartor_plugins.forecast.tasks.demand import Demand


def weekly(units, start="2024-01-01", item="cup", **more):
    """Lines of one series, a week each."""
    weeks = pd.date_range(start, periods=len(units), freq="7D")
    return pd.DataFrame({"item": item, "week": weeks, "units": units, **more})


class Shop:
    """A table of series with its services."""

    def __init__(self, folder):
        self.context = make_context(folder)

    def tables(self, frame, known_ahead=(), **roles):
        table = make_table("sales", frame, self.context, key=["item", "week"])
        said = replace(table, time="week", roles=roles, known_ahead=frozenset(known_ahead))
        return make_tables([said], self.context)

    def rows(self, frame, cut="2024-03-04", task=None, count=1, every=None, **settings):
        task = task or Demand(
            every=Duration(1, "week"), **{"horizon": 2, "at_least": 2, "learn_origins": 4, **settings}
        )
        origins = Origins(datetime.fromisoformat(cut), every and Duration.parse(every), count)
        made = task.rows(self.tables(frame), origins)
        return made.frame.collect(backend="pyarrow").to_native().to_pandas()


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)
