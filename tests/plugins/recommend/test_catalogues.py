"""What a catalogue says of items reaches models with the rows that teach, and says nothing of what is asked."""

from datetime import datetime

import pandas as pd
import pytest

from sartor.engine import Engine
from sartor.errors import InputError
from sartor.rows import Origins, Table, Tables, Training
from sartor.stages.framing import truth_of
from sartor_plugins.recommend.catalogues import shelf_of
from sartor_plugins.recommend.tasks import NextItems

TASK = {"catalogue": "items", "about": ["kind", "price"], "table": "events", "origins": 1}
ITEMS = pd.DataFrame({"item": ["cup", "jug", "new"], "kind": ["tea", None, "a tea pot"], "price": [2.5, 4.0, 9.0]})


def tables(engine: Engine, items: pd.DataFrame = ITEMS, time: str | None = None) -> Tables:
    days = pd.to_datetime([f"2024-{month:02d}-0{day}" for month in (1, 2, 3) for day in (1, 2, 3)])
    events = pd.DataFrame({"user": list("abcabcabc"), "item": ["cup", "jug", "cup"] * 3, "day": days})
    return Tables(
        {
            "events": Table("events", engine.frame(events), time="day", roles={"user": "user", "item": "item"}),
            "items": Table("items", engine.frame(items), time=time, roles={"item": "item"}),
        }
    )


def taught(engine: Engine, some: Tables) -> Training:
    rows = NextItems(**TASK).rows(some, Origins(cut=datetime(2024, 3, 1)))
    data = engine.fetch(rows.frame)
    y, known = truth_of(data, rows)
    assert known.all()
    return Training(data[["user"]], data[[]], "slate", y=y)


def test_every_item_is_known_with_what_is_said_of_it_sold_or_not(engine):
    assert shelf_of(taught(engine, tables(engine))) == {
        "cup": [("kind", "tea"), ("price", "2.5")],
        "jug": [("price", "4")],
        "new": [("kind", "a tea pot"), ("price", "9")],
    }


def test_of_a_catalogue_with_a_time_the_latest_line_before_the_cut_holds(engine):
    lines = pd.DataFrame(
        {"item": ["cup", "cup", "cup", "late"], "kind": ["old", "newer", "too late", "too late"], "price": [1.0] * 4,
         "since": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-05", "2024-03-05"])}
    )  # fmt: skip
    assert shelf_of(taught(engine, tables(engine, lines, "since"))) == {"cup": [("kind", "newer"), ("price", "1")]}


def test_who_is_asked_is_handed_no_catalogue(engine):
    rows = NextItems(**TASK).rows(tables(engine), Origins(cut=datetime(2024, 4, 1), unanswered=True))
    assert engine.fetch(rows.frame)["__target_shelf_items"].isna().all()


def test_a_column_that_the_catalogue_lacks_is_named(engine):
    with pytest.raises(InputError, match="table items has no column 'brand'") as raised:
        NextItems(**{**TASK, "about": ["brand"]}).rows(tables(engine), Origins(cut=datetime(2024, 3, 1)))
    assert raised.value.problems[0].hints == (("there are", "item, kind, price"),)


def test_a_catalogue_without_a_column_about_its_items_is_refused():
    with pytest.raises(ValueError, match="catalogue and about go together"):
        NextItems(catalogue="items")
