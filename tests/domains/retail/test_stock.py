"""Stock from review to review, with numbers that can be followed by hand."""

from __future__ import annotations

import numpy as np

from sartor_domains.retail.supply.stock import flow, packed

ONE = np.array([1.0])
NONE = np.zeros((1, 1))


def test_an_order_arrives_after_its_lead_time_and_counts_until_then():
    # Up to 10. Sold 4, 3, 2: ordered as much each time; what was ordered at review 1 is there at review 3.
    moved = flow(np.full((1, 5), 10.0), np.array([[0, 4, 3, 2, 0.0]]), 2, ONE, NONE)
    assert moved.order.tolist() == [[0, 4, 3, 2, 0]]
    assert moved.arriving.tolist() == [[0, 0, 0, 4, 3]]
    assert moved.on_hand.tolist() == [[10, 6, 3, 1, 5]]
    assert moved.on_order.tolist() == [[0, 0, 4, 3, 2]]


def test_what_is_asked_for_above_the_stock_is_lost_and_not_owed():
    moved = flow(np.full((1, 3), 5.0), np.array([[0, 9, 0.0]]), 1, ONE, NONE)
    assert moved.on_hand.tolist() == [[5, 0, 0]]
    assert moved.order.tolist() == [[0, 5, 0]]


def test_stock_on_its_way_is_not_ordered_again_however_long_it_takes():
    # Without counting what is on its way each of the reviews would order 6 once more.
    moved = flow(np.full((1, 6), 10.0), np.array([[0, 6, 0, 0, 0, 0.0]]), 4, ONE, NONE)
    assert moved.order.sum() == 6


def test_a_series_that_begins_with_the_stock_of_a_table_orders_the_rest():
    moved = flow(np.full((1, 1), 30.0), NONE, 2, np.array([12.0]), NONE, np.array([4.0]), np.array([10.0]))
    # 30 - 4 - 10 = 16 is two packs of twelve; half of what is on its way arrives at once.
    assert moved.order.tolist() == [[24.0]]
    assert moved.arriving.tolist() == [[5.0]]


def test_orders_are_whole_packs_and_at_least_the_smallest_order():
    need = np.array([0.0, 1.0, 12.0, 12.1, 30.0])
    assert packed(need, np.full(5, 12.0), np.full(5, 20.0)).tolist() == [0, 24, 24, 24, 36]
