"""The one-line rule: the best single characteristic, learned on training rows, said in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor_domains.finance.lending.rule import best_rule


def rule_of(worth, **columns):
    return best_rule(pd.DataFrame(columns), np.asarray(worth, dtype=float))


def test_a_number_is_cut_where_the_money_is():
    rule = rule_of([-600, -600, 120, 120, 120], income=[1.0, 2.0, 3.0, 4.0, 5.0])
    assert (rule.accepts, rule.worth) == ("where income is over 2", 360)
    assert rule.accepted(pd.DataFrame({"income": [2.0, 2.5, 99.0]})).tolist() == [False, True, True]


def test_a_low_number_can_be_the_good_one():
    rule = rule_of([120, 120, -600], debt=[10.0, 20.0, 90.0])
    assert (rule.accepts, rule.worth) == ("where debt is up to 20", 240)
    assert rule.accepted(pd.DataFrame({"debt": [20.0, 21.0]})).tolist() == [True, False]


def test_missing_values_are_accepted_only_if_they_paid():
    rule = rule_of([120, -600, 120], debt=[10.0, 90.0, np.nan])
    assert rule.accepts == "where debt is up to 10 or missing"
    assert rule.accepted(pd.DataFrame({"debt": [np.nan, 95.0]})).tolist() == [True, False]
    rule = rule_of([120, -600, -600], debt=[10.0, 90.0, np.nan])
    assert rule.accepts == "where debt is up to 10"
    assert rule.accepted(pd.DataFrame({"debt": [np.nan]})).tolist() == [False]


def test_levels_that_paid_are_accepted():
    rule = rule_of([120, 120, 100, -600], home=["own", "own", "rent", "free"])
    assert (rule.accepts, rule.worth) == ("where home is 'own' or 'rent'", 340)
    accepted = rule.accepted(pd.DataFrame({"home": ["own", "free", "never seen", None]}))
    assert accepted.tolist() == [True, False, False, False]


def test_a_level_that_is_missing_can_be_the_good_one():
    assert rule_of([120, 120, -600], home=[None, None, "free"]).accepts == "where home is missing"


def test_flags_are_levels():
    rule = rule_of([120, -600], member=[True, False])
    assert rule.accepts == "where member is 'true'"
    assert rule.accepted(pd.DataFrame({"member": [False, True]})).tolist() == [False, True]


def test_the_characteristic_that_is_worth_most_makes_the_rule():
    rule = rule_of([-600, 120, 120, 120], income=[1.0, 1.0, 3.0, 3.0], home=["free", "own", "own", "own"])
    assert (rule.column, rule.worth) == ("home", 360)


def test_a_handful_of_lucky_rows_makes_no_rule():
    worth = [-100.0] * 99 + [5000.0]
    # One row in a hundred is less than a side of a rule must hold; the last five together are worth 4,600.
    rule = rule_of(worth, income=np.arange(100.0), home=["a"] * 99 + ["lucky"])
    assert rule.accepts == "where income is over 94"


@pytest.mark.parametrize(("worth", "accepts"), [([-1.0, -2.0], "no one"), ([3.0, 3.0], "everyone")])
def test_where_no_characteristic_helps_everyone_is_treated_alike(worth, accepts):
    rule = rule_of(worth, income=[1.0, 2.0])
    assert (rule.column, rule.accepts) == (None, accepts)
    assert rule.accepted(pd.DataFrame({"income": [1.0, 2.0, 3.0]})).tolist() == [accepts == "everyone"] * 3


def test_constant_and_empty_columns_make_no_rule():
    rule = rule_of([-1.0, 3.0], same=[1.0, 1.0], empty=[np.nan, np.nan])
    assert rule.accepts == "everyone"


def test_infinite_numbers_count_as_missing():
    rule = rule_of([120, 120, -600, -600], debt=[10.0, 20.0, 90.0, np.inf])
    assert rule.accepted(pd.DataFrame({"debt": [-np.inf, 5.0]})).tolist() == [False, True]
