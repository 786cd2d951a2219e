"""What is ordered, why, and what it was worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from sartor.durations import Duration
from sartor.errors import InputError, SettingError
from sartor.rows import AS_OF, Origins
from sartor.testing import make_context, make_table, make_tables
from sartor_domains.retail.names import NEXT, TOTAL
from sartor_domains.retail.order_proposal import OrderProposal
from sartor_domains.retail.replenishment import Replenishment
from sartor_domains.retail.supply.deciding import OUT, SOON, TOO_MUCH
from sartor_domains.retail.supply.replaying import replayed

WEEK = Duration(1, "week")


def sales(units, item="cup", **more):
    weeks = pd.date_range("2024-01-01", periods=len(units), freq="7D")
    said = {"price": 3.0, "unit_cost": 2.0, "case_pack": 6, **more}
    return pd.DataFrame({"store": "A", "item": item, "week": weeks, "units": units, **said})


def table_of(frame, context):
    table = make_table("sales", frame, context, key=["store", "item", "week"])
    return replace(table, time="week", roles={"units": "units", "price": "price"}, known_ahead=frozenset({"price"}))


@pytest.fixture
def context(tmp_path):
    return make_context(tmp_path)


def rows_of(frame, context, reviews, cut=datetime(2024, 3, 4), **settings):
    """The reviews that judge: from the tenth week on, as an action is handed them."""
    asked = {"carry": ["unit_cost", "case_pack"], "at_least": 3, "learn_origins": 4, **settings}
    task = Replenishment(every=WEEK, review=WEEK, lead_time=Duration(1, "week"), **asked)
    made = task.rows(make_tables([table_of(frame, context)], context), Origins(cut, WEEK, reviews))
    frame = made.frame.collect(backend="pyarrow").to_native().to_pandas()
    frame = frame[frame[AS_OF] >= pd.Timestamp(cut)].reset_index(drop=True)
    y = frame[[f"__target_{TOTAL}", f"__target_{NEXT}"]].rename(columns=lambda name: name.removeprefix("__target_"))
    from sartor.rows import Training

    return Training(frame, pd.DataFrame(index=frame.index), "quantiles", (), y=y)


def said(rows, number, high):
    return pd.DataFrame({"number": np.full(len(rows), number), "quantile:0.95": np.full(len(rows), high)})


STEADY = [10] * 9
ACTION = OrderProposal(unit_cost="unit_cost", case_pack="case_pack", service_level=0.95, economic=False)


def test_a_replay_counts_holding_lost_margin_and_order_lines(context):
    # Up to 30. Week one: 30 on the shelf, 10 sold, 20 left. 10 are ordered, in packs of 6: 12, there a week later.
    # Week two: nothing arrives; 25 asked for, 20 there, 5 lost.
    rows = rows_of(sales([*STEADY, 10, 25, 10, 0]), context, 3)
    decisions = ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), context)
    assert decisions["order"].tolist() == [0, 12, 18]
    assert decisions["on_hand"].tolist() == [30, 20, 0]
    assert decisions["arriving"].tolist() == [0, 0, 12]
    told = replayed(ACTION, decisions, rows)
    assert told.lost.tolist() == [0, 5, 0]
    assert told.stock.tolist() == [25, 10, (12 + 2) / 2]
    assert told.fill == pytest.approx(40 / 45)
    year = 2.0 * 0.25 * 7 / 365
    assert ACTION.value(decisions, rows) == pytest.approx([-25 * year, -10 * year - 5 * 1.0 - 1, -7 * year - 1])


def test_each_line_says_why(context):
    rows = rows_of(sales([*STEADY, 10, 25, 10, 0]), context, 3)
    decisions = ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), context)
    assert decisions["reason"].tolist() == [
        "20 expected in 2 reviews, 30 cover 95.0 %; 30 on the shelf are enough",
        "20 expected in 2 reviews, 30 cover 95.0 %; 20 on the shelf: order 2 x 6",
        "20 expected in 2 reviews, 30 cover 95.0 %; 12 on the shelf: order 3 x 6",
    ]


def test_without_a_service_level_margin_and_holding_balance(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0]), context, 2)
    decisions = replace_level().decide(said(rows, 20.0, 30.0), rows.without_truth(), context)
    holding = 2.0 * 0.25 * 7 / 365
    assert decisions["service_level"].tolist() == pytest.approx([1 / (1 + holding)] * 2)


def replace_level():
    return OrderProposal(unit_cost="unit_cost", case_pack="case_pack")


def test_an_order_of_what_sells_slowly_is_worth_its_line(context):
    rows = rows_of(sales([*STEADY, 1, 0, 0, 0]), context, 2)
    action = OrderProposal(unit_cost="unit_cost", case_pack="case_pack", service_level=0.95)
    decisions = action.decide(said(rows, 2.0, 30.0), rows.without_truth(), context)
    # One a week is expected; holding one a week costs 2 x 0.25 x 7 / 365: the root of 2 / 0.00959 is 14.4, three packs.
    assert decisions["order"].tolist() == [0, 18]


def test_exceptions_come_first_at_each_review(context):
    frame = pd.concat([sales([*STEADY, 10, 60, 10, 0]), sales([*STEADY, 10, 10, 10, 0], item="mug")])
    rows = rows_of(frame, context, 3)
    decisions = ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), context)
    by = decisions.assign(item=rows.rows["item"], week=rows.rows[AS_OF]).set_index(["item", "week"]).sort_index()
    third = pd.Timestamp("2024-03-18")
    # 60 cups were asked for in the second week: the shelf was empty until 12 arrived, and 10 are asked for a week.
    assert by.loc[("cup", third), "look_first"] in (1, 2)
    assert set(by.xs(third, level="week")["look_first"]) == {1, 2}
    late = rows_of(sales([*STEADY, 40, 0, 0, 0]), context, 2)
    empty = ACTION.decide(said(late, 20.0, 30.0), late.without_truth(), context)
    assert empty["exception"].tolist() == ["", OUT]


def test_stock_that_will_not_last_until_the_order_arrives_is_an_exception(context):
    rows = rows_of(sales([*STEADY, 25, 0, 0, 0]), context, 2)
    decisions = ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), context)
    assert decisions["exception"].tolist() == ["", SOON]


def test_stock_for_months_is_an_exception(context):
    rows = rows_of(sales([*STEADY, 1, 1, 1, 0]), context, 2)
    decisions = ACTION.decide(said(rows, 1.0, 30.0), rows.without_truth(), context)
    assert decisions["exception"].tolist()[0] == ""
    low = said(rows, 1.0, 2.0)
    low.loc[0, "quantile:0.95"] = 30.0
    assert ACTION.decide(low, rows.without_truth(), context)["exception"].tolist()[1] == TOO_MUCH


def test_todays_rule_and_the_textbook_stand_beside_it(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0]), context, 2)
    policies = ACTION.policies(rows, rows.without_truth(), context)
    assert list(policies) == ["today's rule", "textbook", "90 % of past sums"]
    assert policies["today's rule"]["order_up_to"].tolist() == [50, 50]
    # Two reviews are to be covered, and sales never vary.
    assert policies["textbook"]["order_up_to"].tolist() == [20, 20]


def test_a_margin_of_nothing_still_loses_a_cent(context):
    rows = rows_of(sales([*STEADY, 40, 0, 0, 0], price=2.0), context, 2)
    decisions = ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), context)
    assert replayed(ACTION, decisions, rows).margin.tolist() == pytest.approx([10 * 0.01, 0])


def test_an_unknown_price_is_refused_as_nothing_could_be_valued(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0], price=np.nan), context, 2)
    with pytest.raises(InputError, match="price is missing or not above 0 in 2 rows, by the table's role price"):
        ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), context)


def test_a_cost_can_be_a_share_of_what_the_price_usually_is(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0], price=[4.0] * 9 + [2.0] * 4), context, 2)
    action = OrderProposal(cost_of_price=0.75, service_level=0.95)
    decisions = action.decide(said(rows, 20.0, 30.0), rows.without_truth(), context)
    assert decisions["unit_cost"].tolist() == [3.0, pytest.approx(0.75 * (9 * 4 + 2) / 10)]
    assert decisions["price"].tolist() == [2.0, 2.0]


def test_a_cost_is_said_in_one_way():
    with pytest.raises(ValueError, match="say what a unit costs in one way: unit_cost or cost_of_price"):
        OrderProposal(service_level=0.95)


def test_a_missing_cost_is_refused(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0], unit_cost=[2.0] * 8 + [0.0] * 5), context, 2)
    with pytest.raises(InputError, match="unit_cost is missing or not above 0 in 2 rows, by unit_cost"):
        ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), context)


def test_a_column_that_the_task_does_not_carry_is_named_with_what_to_write(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0]), context, 2, carry=["unit_cost"])
    with pytest.raises(InputError, match="the rows have no column 'case_pack', which case_pack names"):
        ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), context)


def test_orders_for_one_review_want_to_know_the_stock(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0]), context, 1)
    with pytest.raises(InputError, match="orders for one review cannot begin with full shelves"):
        ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), replace(context, step="actions.orders"))


def test_the_stock_comes_from_a_table(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0]), context, 1)
    stock = pd.DataFrame({"store": ["A"], "item": ["cup"], "left": [7], "coming": [6]})
    given = replace(context, tables={"stock": make_table("stock", stock, context, key=["store", "item"])})
    action = OrderProposal(
        unit_cost=2.0, case_pack=6, service_level=0.95, on_hand="left", on_order="coming", economic=False
    )
    decisions = action.decide(said(rows, 20.0, 30.0), rows.without_truth(), given)
    # 30 - 7 - 6 = 17: three packs of six.
    assert decisions["order"].tolist() == [18]


def told_of(context):
    notes = []
    return notes, replace(context, tell=notes.append)


def test_selling_below_cost_is_told_with_a_series(context):
    frame = pd.concat([sales([*STEADY, 10, 10, 10, 0], price=1.5), sales([*STEADY, 10, 10, 10, 0], item="mug")])
    rows = rows_of(frame, context, 2)
    notes, heard = told_of(context)
    ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), heard)
    (note,) = [note for note in notes if getattr(note, "caution", False)]
    assert note.text.startswith("2 order lines of 1 series sell below cost, such as A/cup: see whether price and cost")


def test_selling_above_cost_is_no_news(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0]), context, 2)
    notes, heard = told_of(context)
    ACTION.decide(said(rows, 20.0, 30.0), rows.without_truth(), heard)
    assert not [note for note in notes if getattr(note, "caution", False)]


@pytest.mark.parametrize(
    ("column", "values", "least"),
    [("case_pack", 0, 1), ("case_pack", np.nan, 1), ("moq", -5, 0)],
    ids=["no units in a pack", "a pack nobody knows", "less than nothing"],
)
def test_packs_and_smallest_orders_that_cannot_be_are_refused(context, column, values, least):
    wrong = sales([*STEADY, 10, 10, 10, 0], item="mug", **{"moq": 0, column: values})
    frame = pd.concat([sales([*STEADY, 10, 10, 10, 0], moq=0), wrong])
    rows = rows_of(frame, context, 2, carry=["unit_cost", "case_pack", "moq"])
    action = OrderProposal(unit_cost="unit_cost", case_pack="case_pack", moq="moq", service_level=0.95)
    with pytest.raises(InputError) as refused:
        action.decide(said(rows, 20.0, 30.0), rows.without_truth(), context)
    (problem,) = refused.value.problems
    assert problem.code == "D179"
    assert problem.message == f"{column} is missing or below {least} in 2 rows of 1 series, by '{column}': A/mug"
    assert problem.hints[1] == ("or", f"give one number for all: with: {{{column}: {least}}}")


def test_a_series_without_stock_is_named(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0]), context, 1)
    stock = pd.DataFrame({"store": ["A"], "item": ["mug"], "left": [7]})
    given = replace(context, tables={"stock": make_table("stock", stock, context, key=["store", "item"])})
    action = OrderProposal(unit_cost=2.0, service_level=0.95, on_hand="left")
    with pytest.raises(InputError, match="the stock of 1 series is not known, that of A/cup"):
        action.decide(said(rows, 20.0, 30.0), rows.without_truth(), given)


def test_a_lead_time_of_half_a_review_is_refused(context):
    task = Replenishment(every=WEEK, review=Duration(2, "week"), lead_time=WEEK)
    tables = make_tables([table_of(sales(STEADY), context)], context)
    with pytest.raises(SettingError, match="lead_time, 1 week, is no whole number of reviews of 2 weeks"):
        task.rows(tables, Origins(datetime(2024, 2, 26)))


def test_reviews_that_are_left_out_are_refused(context):
    task = Replenishment(every=WEEK, review=WEEK, lead_time=WEEK)
    tables = make_tables([table_of(sales(STEADY), context)], context)
    with pytest.raises(SettingError, match="the split asks every 2 weeks, and orders are reviewed every 1 week"):
        task.rows(tables, Origins(datetime(2024, 2, 26), Duration(2, "week"), 2))


def test_rows_of_another_task_are_refused(context):
    rows = rows_of(sales([*STEADY, 10, 10, 10, 0]), context, 2).without_truth()
    other = replace(rows, rows=rows.rows.drop(columns="reviews_until_arrival"))
    with pytest.raises(InputError, match="orders are proposed for the rows of a replenishment"):
        ACTION.decide(said(rows, 20.0, 30.0), other, context)


def test_a_service_level_in_percent_is_refused_with_the_fraction():
    with pytest.raises(ValueError, match="service_level"):
        OrderProposal(unit_cost=2.0, service_level=95.0)


def test_demand_is_summed_over_the_time_that_an_order_covers(context):
    rows = rows_of(sales([*STEADY, 1, 2, 4, 8]), context, 3)
    assert rows.y[TOTAL].tolist() == [3, 6, 12]
    assert rows.y[NEXT].tolist() == [1, 2, 4]
    assert rows.rows["sold_since_last_review"].tolist() == [10, 1, 2]
