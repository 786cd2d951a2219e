"""What rows are told of the past and of the plan."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from sartor.durations import Duration
from sartor.errors import InputError
from sartor.rows import ROW, Origins, Rows
from sartor_plugins.forecast.features.own import OwnForecasts
from sartor_plugins.forecast.features.plan import Plan
from sartor_plugins.forecast.features.recent import Recent
from sartor_plugins.forecast.tasks.demand import Demand

TASK = Demand(every=Duration(1, "week"), horizon=2, at_least=2, learn_origins=4)


def weekly(units, start="2024-01-01", item="cup", **more):
    weeks = pd.date_range(start, periods=len(units), freq="7D")
    return pd.DataFrame({"item": item, "week": weeks, "units": units, **more})


def built(shop, frame, feature, **said):
    tables = shop.tables(frame, **said)
    rows = TASK.rows(tables, Origins(datetime(2024, 3, 4)))
    made = feature.build(rows, tables, shop.context)
    return made.set_index(ROW)


UNITS = [0, 4, 6, 2, 8, 5, 7, 3, 9, 1, 2, 6]
NEXT, AFTER = "cup/2024-03-04/001", "cup/2024-03-04/002"


def test_what_sold_lately_is_told_against_what_is_usual(shop):
    row = built(shop, weekly(UNITS), Recent(windows=[1, 4])).loc[NEXT]
    usual = sum(UNITS[:9]) / 9
    assert row["usual"] == pytest.approx(usual)
    assert row["last_1"] == pytest.approx(9 / usual)
    assert row["last_4"] == pytest.approx((5 + 7 + 3 + 9) / 4 / usual)
    assert row["since_sold"] == 1


def test_what_comes_later_changes_nothing(shop):
    later = [*UNITS[:9], 99, 99, 99]
    pd.testing.assert_frame_equal(
        built(shop, weekly(UNITS), Recent()).loc[[NEXT, AFTER]],
        built(shop, weekly(later), Recent()).loc[[NEXT, AFTER]],
    )


def test_a_series_that_sold_nothing_has_a_usual_above_nothing(shop):
    frame = pd.concat([weekly(UNITS), weekly([3] + [0] * 11, "2024-01-01", "mug")])
    assert (built(shop, frame, Recent())["usual"] > 0).all()


def test_the_plan_is_told_of_the_week_asked_about(shop):
    price = [2.0] * 9 + [1.0, 2.0, 2.0]
    deal = [0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    feature = Plan(prices=["price"], flags=["deal"])
    found = built(shop, weekly(UNITS, price=price, deal=deal), feature, known_ahead=["price", "deal"])
    assert found.loc[[NEXT, AFTER], "price"].tolist() == [1.0, 2.0]
    assert found.loc[[NEXT, AFTER], "price_vs_year"].tolist() == [0.5, 1.0]
    assert found.loc[[NEXT, AFTER], "deal"].tolist() == [1.0, 0.0]


def test_a_price_that_is_missing_before_the_listing_is_carried_back(shop):
    price = [np.nan] * 3 + [2.0] * 6 + [np.nan] * 3
    found = built(shop, weekly(UNITS, price=price), Plan(prices=["price"]), known_ahead=["price"])
    assert found["price"].tolist() == [2.0] * len(found)


def test_an_empty_text_is_no_event(shop):
    event = [""] * 9 + ["Easter", "", " "]
    found = built(shop, weekly(UNITS, event=event), Plan(flags=["event"]), known_ahead=["event"])
    assert found.loc[[NEXT, AFTER], "event"].tolist() == [1.0, 0.0]


def test_own_forecasts_are_in_units_of_the_week_asked_about(shop):
    found = built(shop, weekly(UNITS), OwnForecasts(methods=["naive", "moving_average"]))
    assert found.loc[[NEXT, AFTER], "naive"].tolist() == [9.0, 9.0]
    assert found.loc[NEXT, "moving_average"] == pytest.approx(sum(UNITS[1:9]) / 8)


def test_a_plan_of_nothing_is_refused():
    with pytest.raises(ValueError, match="the plan names neither prices nor flags"):
        Plan()


def test_rows_of_another_task_are_refused(shop):
    import narwhals as nw
    import pyarrow as pa

    tables = shop.tables(weekly(UNITS))
    rows = Rows(nw.from_native(pa.table({ROW: ["a"], "item": ["cup"]})).lazy(), keys=("item",))
    with pytest.raises(InputError, match="the rows are none of a forecast"):
        Recent().build(rows, tables, shop.context)
