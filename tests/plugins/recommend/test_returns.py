"""Returns are matched with what they take back, and undo it from their moment on."""

from datetime import datetime

import numpy as np
import pytest

from sartor_plugins.recommend.asking import microseconds
from sartor_plugins.recommend.lines import events_of
from sartor_plugins.recommend.returns import match


def at(day):
    return microseconds(datetime.fromisoformat(day))


def matched(*lines):
    """Match lines of (moment, quantity) of one user and item."""
    moment, quantity = (np.array(column) for column in zip(*lines, strict=True))
    ones = np.ones(len(lines), dtype="int64")
    return match(ones, ones, moment.astype("int64"), quantity.astype(float), quantity < 0)


def test_80995_pieces_undone_in_minutes_leave_nothing():
    found = matched((0, 80995), (12, -80995))
    assert found.pieces.tolist() == [80995, 0]
    assert found.whole.tolist() == [True, False]


def test_the_purchase_of_as_many_pieces_is_taken_back_before_a_later_one():
    found = matched((0, 6), (5, 12), (9, -6))
    assert found.pieces.tolist() == [6, 0, 0]


def test_without_one_of_as_many_pieces_the_latest_are_taken_back():
    found = matched((0, 4), (5, 6), (9, -8))
    assert found.pieces.tolist() == [2, 6, 0]
    assert found.whole.tolist() == [False, True, False]


def test_a_return_takes_back_nothing_that_came_after_it():
    found = matched((9, 4), (5, -4))
    assert found.pieces.tolist() == [0, 0]
    assert found.without.tolist() == [False, True]


def test_at_one_moment_a_purchase_comes_before_its_return():
    assert matched((3, -2), (3, 2)).whole.tolist() == [False, True]


def test_returns_of_others_and_of_other_items_take_nothing_back():
    one = np.array([1, 2, 1])
    found = match(one, np.array([7, 7, 8]), np.array([0, 1, 1]), np.array([5.0, -5.0, -5.0]), np.array([0, 1, 1]) > 0)
    assert found.pieces.tolist() == [0, 0, 0]


@pytest.fixture
def bought(table):
    return table(
        [("ann", "cup", "2024-01-01", 2, 3.0), ("ann", "cup", "2024-01-20", -2, 3.0),
         ("ann", "mug", "2024-01-02", 1, 5.0),
         ("bob", "cup", "2024-01-05", 10, 3.0), ("bob", "cup", "2024-01-06", -4, 3.0),
         ("bob", "jug", "2024-01-09", -1, 9.0)],
        "quantity", "price",
    )  # fmt: skip


def test_what_was_returned_was_known_as_bought_until_then(bought):
    events = events_of(bought)
    cup = (events.item == events.items.index("cup")) & (events.user == events.users.index("ann"))
    assert (events.known_before(at("2024-01-10")) & cup).any()
    assert not (events.known_before(at("2024-01-21")) & cup).any()


def test_a_part_that_came_back_takes_its_share_of_the_money(bought):
    events = events_of(bought)
    cup = (events.item == events.items.index("cup")) & (events.user == events.users.index("bob"))
    assert events.returned[cup].tolist() == [0.4]
    assert events.amount[cup].tolist() == [30.0]


def test_the_run_says_how_many_returns_found_their_purchase(bought, caplog):
    with caplog.at_level("INFO", logger="sartor"):
        events_of(bought)
    assert (
        "3 returns: 2 matched with what they take back, 1 without a purchase before it; "
        "1 purchase line undone altogether" in caplog.text
    )


def test_returns_that_are_to_be_ignored_take_nothing_back(bought, caplog):
    with caplog.at_level("INFO", logger="sartor"):
        events = events_of(bought, returns="ignore")
    assert events.known_before(at("2025-01-01")).sum() == 3
    assert "3 returns in lines take nothing back, as asked" in caplog.text
