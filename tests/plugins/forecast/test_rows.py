"""Rows of a forecast, and the dirt that tables of series bring."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.rows import AS_OF, KNOWN_AT, ROW, TARGET
from sartor_plugins.forecast.names import ABSOLUTE, MONEY, SCALE


def weekly(units, start="2024-01-01", item="cup", **more):
    weeks = pd.date_range(start, periods=len(units), freq="7D")
    return pd.DataFrame({"item": item, "week": weeks, "units": units, **more})


TWELVE = weekly([0, 4, 6, 2, 8, 5, 7, 3, 9, 1, 2, 6])
"""Twelve weeks from 1 January 2024; the tenth begins on 4 March."""


def test_a_row_is_a_series_a_moment_and_a_period_behind_it(shop):
    rows = shop.rows(TWELVE).set_index(ROW)
    judged = rows[rows[AS_OF] == pd.Timestamp("2024-03-04")]
    assert judged.index.tolist() == ["cup/2024-03-04/001", "cup/2024-03-04/002"]
    assert judged[TARGET].tolist() == [1.0, 2.0]
    assert judged[KNOWN_AT].tolist() == [pd.Timestamp("2024-03-11"), pd.Timestamp("2024-03-18")]


def test_rows_to_learn_from_are_known_when_the_first_row_is_judged(shop):
    rows = shop.rows(TWELVE)
    learned = rows[rows[AS_OF] < pd.Timestamp("2024-03-04")]
    assert (learned[KNOWN_AT] <= pd.Timestamp("2024-03-04")).all()
    # Four moments, 26 February with one period only.
    assert learned.groupby(AS_OF).size().tolist() == [2, 2, 2, 1]


def test_errors_are_measured_by_the_one_step_changes_since_the_first_sale(shop):
    row = shop.rows(TWELVE).set_index(ROW).loc["cup/2024-03-04/001"]
    changes = np.diff([4, 6, 2, 8, 5, 7, 3, 9])
    assert row[SCALE] == pytest.approx((changes**2).mean())
    assert row[ABSOLUTE] == pytest.approx(np.abs(changes).mean())
    assert row[MONEY] == 3 + 9


def test_money_is_units_times_price_carried_forward(shop):
    frame = weekly(TWELVE["units"].tolist(), price=[2.0] * 7 + [np.nan] * 5)
    assert shop.rows(frame).set_index(ROW).loc["cup/2024-03-04/001", MONEY] == 2 * (3 + 9)


def test_the_truth_behind_the_last_period_is_not_known(shop):
    rows = shop.rows(TWELVE.iloc[:10]).set_index(ROW)
    assert rows.loc["cup/2024-03-04/001", TARGET] == 1
    assert np.isnan(rows.loc["cup/2024-03-04/002", TARGET])


def test_a_week_without_a_line_is_a_week_without_a_sale_and_that_is_said(shop, caplog):
    with caplog.at_level(logging.INFO, "sartor"):
        rows = shop.rows(TWELVE.drop(index=9)).set_index(ROW)
    assert rows.loc["cup/2024-03-04/001", TARGET] == 0
    assert (
        "1 period between the first line of a series and the last period of sales has no number in 'units' and counts "
        "as nothing sold: the table cannot tell whether nothing was asked for, nothing was on the shelf, or the item "
        "was not carried"
    ) in caplog.text


def test_months_without_a_number_count_as_nothing_sold(shop, caplog):
    frame = weekly([np.nan, 4, 6, 2, 8, 5, 7, 3, 9, 1, 2, 6])
    with caplog.at_level(logging.INFO, "sartor"):
        rows = shop.rows(frame).set_index(ROW)
    assert rows.loc["cup/2024-03-04/001", SCALE] == shop.rows(TWELVE).set_index(ROW).loc["cup/2024-03-04/001", SCALE]
    assert "1 period between" in caplog.text


def test_a_series_that_ends_early_counts_as_nothing_from_then_on(shop, caplog):
    frame = pd.concat([TWELVE, weekly([5] * 10, item="mug")])
    with caplog.at_level(logging.INFO, "sartor"):
        rows = shop.rows(frame).set_index(ROW)
    assert rows.loc["mug/2024-03-04/002", TARGET] == 0
    assert "1 series of sales ends before its last period, and count as nothing sold from then on" in caplog.text


def test_series_of_one_line_without_a_sale_or_too_young_are_not_asked(shop):
    frame = pd.concat(
        [
            TWELVE,
            weekly([3], "2024-02-26", item="one line"),
            weekly([0] * 12, item="never"),
            weekly([5] * 4, "2024-02-26", "young"),
        ]
    )
    assert set(shop.rows(frame)["item"]) == {"cup"}


def test_a_series_can_begin_with_its_first_sale(shop):
    frame = weekly([0, 0, 0, 0, 0, 5, 7, 3, 9, 1, 2, 6])
    first = {
        begins: shop.rows(frame, begins=begins, at_least=1)[AS_OF].min() for begins in ("first line", "first sale")
    }
    # Asked once something was sold, and for a period before it: sold from 5 February on, with two weeks to learn from.
    assert first == {"first line": pd.Timestamp("2024-02-12"), "first sale": pd.Timestamp("2024-02-12")}
    lines = shop.rows(weekly([0] * 3 + [5, 7, 3, 9, 8, 4, 1, 2, 6]), at_least=6)
    sales = shop.rows(weekly([0] * 3 + [5, 7, 3, 9, 8, 4, 1, 2, 6]), at_least=6, begins="first sale", cut="2024-03-11")
    assert lines[AS_OF].min() == pd.Timestamp("2024-02-12")
    assert sales[AS_OF].min() == pd.Timestamp("2024-03-04")


def test_a_date_inside_a_week_is_refused_with_the_length_to_write(shop):
    frame = TWELVE.assign(week=TWELVE["week"].where(TWELVE.index != 5, TWELVE["week"] + pd.Timedelta(days=2)))
    with pytest.raises(InputError, match="1 line of table sales stands inside a period") as refused:
        shop.rows(frame)
    assert "periods of 1 week begin at 2024-01-01, and 'week' holds 2024-02-07" in str(refused.value)


def test_a_first_week_that_was_cut_off_is_refused(shop):
    frame = pd.concat([weekly([2], "2023-12-28"), TWELVE])
    with pytest.raises(InputError, match="12 lines of table sales stand inside a period"):
        shop.rows(frame)


def test_a_split_that_falls_into_a_week_is_refused_with_the_days_around(shop):
    with pytest.raises(InputError, match="2024-03-06, is no beginning of a period") as refused:
        shop.rows(TWELVE, cut="2024-03-06")
    assert "write 2024-03-04 or 2024-03-11" in str(refused.value.problems)
    assert "sartor predict asks now, unless told when: --as-of 2024-03-04" in str(refused.value.problems)


def test_returns_are_no_demand_and_are_refused(shop):
    frame = weekly([4, -2, 6, -1, 5, 5, 5, 5, 5, 5, 5, 5])
    with pytest.raises(InputError, match="less than nothing was sold in 2 lines of table sales: returns are no demand"):
        shop.rows(frame)


def test_returns_can_count_as_nothing_sold(shop):
    frame = weekly([4, -2, 6, -1, 5, 5, 5, 5, 5, -5, 5, 5])
    assert shop.rows(frame, returns="as zero").set_index(ROW).loc["cup/2024-03-04/001", TARGET] == 0


def test_units_that_are_ounces_are_suspected(shop, caplog):
    with caplog.at_level(logging.WARNING, "sartor"):
        shop.rows(weekly([64, 128, 192, 64, 64, 256, 64, 128, 64, 64, 128, 64]))
    assert (
        "'units' of 1 series of sales holds only multiples of a larger number, most often 64: it may count ounces or "
        "pieces of a pack and no packs"
    ) in caplog.text


def test_a_line_of_fuel_among_groceries_is_pointed_out(shop, caplog):
    with caplog.at_level(logging.WARNING, "sartor"):
        shop.rows(weekly([4, 5, 3, 32623, 4, 5, 4, 3, 4, 5, 4, 3]))
    assert (
        "1 line of sales holds more than 1,000 times what its series usually sells, the largest 32,623" in caplog.text
    )


def test_sales_on_days_to_come_are_pointed_out(shop, caplog):
    start = pd.Timestamp.now().normalize() - pd.Timedelta(weeks=9)
    cut = start + pd.Timedelta(weeks=7)
    with caplog.at_level(logging.WARNING, "sartor"):
        shop.rows(weekly([4, 5, 3, 6, 4, 5, 4, 3, 4, 5, 2, 3], start=start), cut=f"{cut:%Y-%m-%d}")
    assert "2 lines of sales lie in the future: see whether dates are read as they are meant" in caplog.text


def test_a_negative_price_is_pointed_out(shop, caplog):
    with caplog.at_level(logging.WARNING, "sartor"):
        shop.rows(TWELVE.assign(price=[3.0, -3.0] + [3.0] * 9 + [-1.0]))
    assert "2 lines of sales have a negative price ('price'): hold such lines back at ingest" in caplog.text


def test_sales_of_the_past_at_a_price_are_taken_without_a_word(shop, caplog):
    with caplog.at_level(logging.WARNING, "sartor"):
        shop.rows(TWELVE.assign(price=3.0))
    assert "future" not in caplog.text
    assert "negative" not in caplog.text


def test_units_that_are_no_numbers_are_refused(shop):
    with pytest.raises(InputError, match="column 'units' of table sales holds no numbers"):
        shop.rows(weekly(["four"] * 12))


def test_a_forecast_without_a_moment_is_refused(shop):
    from sartor.durations import Duration
    from sartor.rows import Origins
    from sartor_plugins.forecast.tasks.demand import Demand

    with pytest.raises(InputError, match="a forecast is judged at moments in time, and the split names none"):
        Demand(every=Duration(1, "week"), horizon=2).rows(shop.tables(TWELVE), Origins())


def test_nothing_long_enough_is_refused(shop):
    with pytest.raises(InputError, match="no series has 20 periods and something sold before 2024-03-04"):
        shop.rows(TWELVE, at_least=20)


def test_months_follow_the_calendar(shop):
    from sartor.durations import Duration
    from sartor_plugins.forecast.history.calendar import Calendar

    months = Calendar(pd.Timestamp("2024-01-01"), Duration(1, "month"))
    assert months.numbers(pd.to_datetime(["2024-03-01", "2025-01-01", "2024-02-15"])).tolist() == [2, 12, -2]
    assert months.moments([2, 12]).tolist() == [pd.Timestamp("2024-03-01"), pd.Timestamp("2025-01-01")]


def test_a_moment_behind_the_end_of_sales_is_refused(shop):
    # Seven weeks end with 18 February.
    with pytest.raises(
        InputError, match="ends before 2024-02-19, and a forecast is asked for on 2024-03-04"
    ) as refused:
        shop.rows(TWELVE.iloc[:7])
    assert refused.value.problems[0].code == "D186"
    assert refused.value.problems[0].hints[0][1].startswith("ask by 2024-02-19 at the latest")
