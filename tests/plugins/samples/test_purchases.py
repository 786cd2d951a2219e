"""Simulated purchases follow the law that they are drawn by."""

from __future__ import annotations

import numpy as np

from sartor.context import Context
from sartor_plugins.samples.purchases import Purchases


def table(**settings):
    return Purchases(**settings).read(Context()).to_pandas()


def test_the_same_settings_give_the_same_rows():
    assert table(rows=200).equals(table(rows=200))
    assert not table(rows=200).equals(table(rows=200, seed=1))


def test_purchases_lie_around_each_customers_mean_by_a_third_of_it():
    rows = table(rows=40_000, true_mean=True)
    off = rows["amount"] / rows["true_mean"]
    assert abs(off.mean() - 1) < 0.01
    assert abs(off.std() - 1 / 3) < 0.01


def test_the_middle_aged_spend_most_and_income_counts_ever_less():
    rows = table(rows=40_000)
    by_age = rows.groupby(np.digitize(rows["age"], [30, 56, 70]))["amount"].mean()
    assert by_age[1] > 1.3 * max(by_age[0], by_age[2], by_age[3])
    same = rows[rows["age"].between(38, 48)]
    poor, middle, rich = (same[same["income"].between(low, low + 5_000)]["amount"].mean() for low in (15e3, 35e3, 75e3))
    assert poor < middle < rich
    assert (middle - poor) / 20 > 2 * (rich - middle) / 40


def test_some_do_not_tell_their_income():
    assert abs(table(rows=20_000, missing=0.1)["income"].isna().mean() - 0.1) < 0.01
    assert not table(rows=500, missing=0.0)["income"].isna().any()
