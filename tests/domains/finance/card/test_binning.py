"""Characteristics are cut into bins with weights of evidence that can be checked by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor_domains.finance.card.binning import Sample, binned, readable_cut
from sartor_domains.finance.card.bins import Bin


def sample(bad, *, weight=None, max_bins=6, min_share=0.05):
    bad = np.asarray(bad, dtype=float)
    weight = np.ones(len(bad)) if weight is None else np.asarray(weight, dtype=float)
    return Sample(bad, weight, max_bins, min_share)


def mixed(*groups):
    """Values and outcomes of groups given as (value, good rows, bad rows)."""
    values, bad = [], []
    for value, good_rows, bad_rows in groups:
        values += [value] * (good_rows + bad_rows)
        bad += [0] * good_rows + [1] * bad_rows
    return pd.Series(values, name="x"), bad


def told(characteristic):
    return [(entry.label, entry.rows, entry.bad) for entry in characteristic.bins]


def test_levels_get_the_log_of_their_share_of_good_over_their_share_of_bad():
    column, bad = mixed(("own", 8, 2), ("rent", 2, 8))
    found = binned(column, sample(bad))
    assert told(found) == [("own", 10, 2), ("rent", 10, 8)]
    # Of 10 good rows 8 own, of 10 bad rows 2.
    assert [entry.woe for entry in found.bins] == [pytest.approx(log(0.8 / 0.2)), pytest.approx(log(0.2 / 0.8))]
    assert found.information_value == pytest.approx((0.8 - 0.2) * log(4) + (0.2 - 0.8) * log(1 / 4))


def test_numbers_are_cut_where_the_risk_changes():
    column, bad = mixed((1, 9, 1), (2, 9, 1), (3, 5, 5), (4, 5, 5))
    assert told(binned(column, sample(bad))) == [("up to 2", 20, 2), ("over 2", 20, 10)]


def test_the_risk_rises_or_falls_throughout_whichever_the_data_favours():
    column, bad = mixed((1, 2, 8), (2, 3, 7), (3, 6, 4), (4, 5, 5), (5, 9, 1))
    found = binned(column, sample(bad))
    rates = [entry.bad / entry.rows for entry in found.bins]
    assert rates == sorted(rates, reverse=True)
    assert told(found) == [("up to 1", 10, 8), ("2", 10, 7), ("3 to 4", 20, 9), ("over 4", 10, 1)]


def test_a_group_against_the_trend_joins_its_neighbour():
    column, bad = mixed((1, 9, 1), (2, 5, 5), (3, 6, 4), (4, 1, 9))
    assert [entry.label for entry in binned(column, sample(bad)).bins] == ["up to 1", "2 to 3", "over 3"]


def test_a_bin_with_one_class_only_joins_its_neighbour():
    column, bad = mixed((1, 10, 0), (2, 9, 1), (3, 2, 8))
    assert told(binned(column, sample(bad))) == [("up to 2", 20, 1), ("over 2", 10, 8)]


def test_bins_are_as_large_as_asked_for():
    column, bad = mixed((1, 1, 1), (2, 8, 2), (3, 4, 6), (4, 1, 1))
    assert told(binned(column, sample(bad, min_share=0.25))) == [("up to 2", 12, 3), ("over 2", 12, 7)]


def test_missing_values_have_a_bin_of_their_own():
    column, bad = mixed((1, 9, 1), (2, 5, 5), (None, 6, 4))
    found = binned(column, sample(bad))
    assert told(found) == [("up to 1", 10, 1), ("over 1", 10, 5), ("missing", 10, 4)]
    assert found.bins[-1].woe == pytest.approx(log((6 / 20) / (4 / 10)))


def test_a_missing_bin_too_small_to_stand_alone_is_drawn_towards_the_average():
    column, bad = mixed((1, 40, 10), (2, 25, 25), (None, 0, 2))
    found = binned(column, sample(bad, min_share=0.1))
    # Two bad rows, filled up to 10.2 rows with 8.2 as bad as the average of 37 in 102.
    average = 8.2 * 37 / 102
    expected = log(((8.2 - average) / 65) / ((2 + average) / 37))
    assert found.bins[-1].woe == pytest.approx(expected)
    assert -1 < expected < 0


def test_a_missing_bin_of_one_class_is_never_infinitely_good_or_bad():
    column, bad = mixed((1, 10, 10), (2, 5, 15), (None, 30, 0))
    found = binned(column, sample(bad))
    # One average row joins: 0.643 good, 0.357 bad.
    expected = log(((30 + 45 / 70) / 45) / ((25 / 70) / 25))
    assert found.bins[-1].woe == pytest.approx(expected)


def test_rare_levels_are_pooled():
    column, bad = mixed(("a", 40, 10), ("b", 20, 20), ("c", 1, 2), ("d", 2, 1), ("e", 1, 1))
    found = binned(column, sample(bad, min_share=0.08))
    assert told(found) == [("a", 50, 10), ("b, c, d, e", 48, 24)]


def test_levels_go_from_the_safest_to_the_riskiest():
    column, bad = mixed(("wild", 2, 18), ("calm", 18, 2), ("middling", 10, 10))
    assert [entry.label for entry in binned(column, sample(bad)).bins] == ["calm", "middling", "wild"]


def test_flags_are_levels_and_so_are_categories():
    column, bad = mixed((True, 8, 2), (False, 2, 8))
    assert [entry.label for entry in binned(column, sample(bad)).bins] == ["true", "false"]
    column, bad = mixed((3, 8, 2), (5, 2, 8))
    assert [entry.label for entry in binned(column.astype("category"), sample(bad)).bins] == ["3", "5"]


def test_a_special_code_has_a_bin_of_its_own_and_is_no_number():
    column, bad = mixed((999, 6, 14), (1, 9, 1), (2, 9, 1), (3, 5, 5), (4, 5, 5))
    found = binned(column, sample(bad), [999])
    assert told(found) == [("up to 2", 20, 2), ("over 2", 20, 10), ("special code 999", 20, 14)]
    # Of 34 good rows 6 have the code, of 26 bad rows 14.
    assert found.bins[-1].woe == pytest.approx(log((6 / 34) / (14 / 26)))
    assert found.places(pd.Series([999.0, 1000.0, 3.0])).tolist() == [2, 1, 1]


def test_a_special_level_is_neither_pooled_nor_merged():
    column, bad = mixed(("a", 40, 10), ("b", 40, 10), ("n/a", 3, 3))
    found = binned(column, sample(bad, min_share=0.08), ["n/a"])
    assert told(found) == [("a, b", 100, 20), ("special code n/a", 6, 3)]


def test_a_small_bin_of_a_special_code_is_drawn_towards_the_average():
    column, bad = mixed((1, 40, 10), (2, 25, 25), (-1, 0, 2))
    found = binned(column, sample(bad, min_share=0.1), [-1])
    # Two bad rows, filled up to 10.2 rows with 8.2 as bad as the average of 37 in 102.
    average = 8.2 * 37 / 102
    assert found.bins[-1].label == "special code -1"
    assert found.bins[-1].woe == pytest.approx(log(((8.2 - average) / 65) / ((2 + average) / 37)))


def test_a_special_code_that_training_never_had_has_no_bin():
    column, bad = mixed((1, 9, 1), (2, 5, 5))
    found = binned(column, sample(bad), [-1, -1.0])
    scored = pd.Series([-1.0, 0.0], name="x")
    assert found.special == ("-1",)
    assert found.places(scored).tolist() == [found.unseen, 0]
    assert found.without_bin(scored) == {"-1": 1}


def test_nothing_but_special_codes_and_missing_values_is_told_apart():
    column, bad = mixed((999, 10, 10), (None, 15, 5))
    found = binned(column, sample(bad), [999])
    assert told(found) == [("special code 999", 20, 10), ("missing", 20, 5)]
    assert found.places(pd.Series([5.0, 999.0, np.nan])).tolist() == [found.unseen, 0, 1]
    assert not found.tells.any()


def test_a_text_as_special_code_of_a_number_is_refused():
    column, bad = mixed((1, 9, 1), (2, 5, 5))
    with pytest.raises(InputError, match="special_codes: column 'x' holds numbers, and 'never' is none"):
        binned(column, sample(bad), ["never"])


def test_ten_thousand_levels_are_no_obstacle():
    column = pd.Series([f"level {place}" for place in range(10_000)] * 2, name="x")
    found = binned(column, sample([0, 1] * 10_000))
    assert len(found.bins) == 1
    assert len(found.bins[0].levels) == 10_000


@pytest.mark.parametrize("value", [7, "same", None, np.nan])
def test_what_is_the_same_for_everyone_is_one_bin_that_tells_nothing(value):
    column, bad = mixed((value, 10, 10))
    found = binned(column, sample(bad))
    assert len(found.bins) == 1
    assert found.information_value == pytest.approx(0)


def test_infinite_numbers_count_as_missing():
    column, bad = mixed((1.0, 9, 1), (2.0, 5, 5), (np.inf, 3, 2), (-np.inf, 3, 2))
    assert told(binned(column, sample(bad)))[-1] == ("missing", 10, 4)


def test_weights_count_as_so_many_rows_and_a_weight_of_zero_as_none():
    column, bad = mixed((1, 2, 1), (2, 1, 2), (9, 0, 3))
    weight = np.where(column == 9, 0.0, 5.0)
    assert told(binned(column, sample(bad, weight=weight))) == [("up to 1", 15, 5), ("over 1", 15, 10)]


def test_a_number_finds_its_bin_and_ends_belong_to_the_bin_below():
    column, bad = mixed((10, 9, 1), (20, 5, 5), (30, 1, 9))
    found = binned(column, sample(bad))
    assert [entry.label for entry in found.bins] == ["up to 10", "11 to 20", "over 20"]
    assert found.places(pd.Series([-5.0, 10.0, 10.5, 20.0, 99.0, np.nan])).tolist() == [0, 0, 1, 1, 2, 3]


def test_what_training_never_saw_has_no_bin_and_is_counted():
    column, bad = mixed(("a", 8, 2), ("b", 2, 8))
    found = binned(column, sample(bad))
    scored = pd.Series(["b", "new", None, "new", "a"], name="x")
    assert found.places(scored).tolist() == [1, 2, 2, 2, 0]
    assert found.without_bin(scored) == {"new": 2, None: 1}
    assert found.woes[found.places(scored)].tolist() == pytest.approx([-log(4), 0, 0, 0, log(4)])


def test_levels_are_compared_as_text():
    column, bad = mixed(("1", 8, 2), ("2", 2, 8))
    found = binned(column, sample(bad))
    assert found.places(pd.Series([2.0, 1.0])).tolist() == [1, 0]
    assert found.places(pd.Series(["2", "1"], dtype="category")).tolist() == [1, 0]


def test_text_where_numbers_were_learned_is_refused():
    column, bad = mixed((1, 8, 2), (2, 2, 8))
    with pytest.raises(InputError, match="column 'x' held numbers when the scorecard was learned, and holds text now"):
        binned(column, sample(bad)).places(pd.Series(["1", "2"], name="x"))


@pytest.mark.parametrize(
    ("low", "high", "cut"),
    [
        (0.4183726, 0.4305, 0.42),
        (3909, 3911, 3910),
        (11, 12, 11),
        (0, 1, 0),
        (-3, 5, 0),
        (-5, -4, -5),
        (950, 1100, 1000),
    ],
)
def test_cuts_are_numbers_that_a_person_can_read(low, high, cut):
    assert readable_cut(low, high) == cut


@pytest.mark.parametrize("seed", range(20))
def test_a_readable_cut_parts_the_same_rows(seed):
    rng = np.random.default_rng(seed)
    low, high = np.sort(rng.normal(0, 10.0 ** rng.integers(-8, 9), 2))
    assert low <= readable_cut(low, high) < high


@pytest.mark.parametrize(
    ("entry", "label"),
    [
        (Bin("interval", high=1500.0), "up to 1,500"),
        (Bin("interval", low=1500.0), "over 1,500"),
        (Bin("interval", low=0.2, high=0.5), "over 0.2 to 0.5"),
        (Bin("interval", low=4.0, high=5.0, whole=True), "5"),
        (Bin("interval"), "any number"),
        (Bin("levels", levels=("a", "b", "c", "d", "e", "f")), "a, b, c, d and 2 more"),
        (Bin("missing"), "missing"),
    ],
)
def test_bins_are_named_in_words(entry, label):
    assert entry.label == label
