"""Tables that an action names under ``from``: as they stood when the first row was asked."""

from types import SimpleNamespace

import pandas as pd
import pytest

from sartor.engine import Engine
from sartor.rows import Table, Tables
from sartor.stages.deciding import tables_for


@pytest.fixture
def handed():
    stock = pd.DataFrame(
        {"item": ["cup"] * 3, "day": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]), "left": [9, 4, 0],
         "price": [1.0, 2.0, 3.0]}
    )  # fmt: skip
    loans = pd.DataFrame({"loan": [1, 2], "amount": [10.0, 20.0], "outcome": ["good", "bad"]})
    with Engine(1) as engine:
        tables = Tables(
            {
                "stock": Table("stock", engine.frame(stock), time="day", known_ahead=frozenset({"price"})),
                "loans": Table("loans", engine.frame(loans), key=("loan",)),
                "other": Table("other", engine.frame(loans)),
            }
        )
        rows = pd.DataFrame({"__row": ["a", "b"], "__as_of": pd.to_datetime(["2024-02-15", "2024-03-15"])})
        frame = SimpleNamespace(own_table="loans", truth=("outcome",))
        found = tables_for(("stock", "loans", "forest"), tables, frame, rows)
        yield {name: table.frame.collect(backend="pandas").to_native() for name, table in found.items()}


def test_an_action_is_handed_the_tables_it_names_and_no_other(handed):
    assert set(handed) == {"stock", "loans"}


def test_lines_of_the_first_rows_future_are_gone_but_for_what_is_known_ahead(handed):
    stock = handed["stock"].sort_values("day")
    assert stock["left"].tolist()[:2] == [9, 4]
    assert stock["left"].isna().tolist() == [False, False, True]
    assert stock["price"].tolist() == [1.0, 2.0, 3.0]


def test_the_rows_own_table_comes_without_its_truth(handed):
    assert list(handed["loans"].columns) == ["loan", "amount"]
