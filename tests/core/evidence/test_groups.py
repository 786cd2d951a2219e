"""Groups of people: who is in which, their shares, and the worst pair with an interval that allows for all pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.errors import PluginError
from sartor.evidence.audited import measured_by, measured_over_all
from sartor.evidence.bootstrap import Redraws
from sartor.evidence.grouping import Grouped, groups_of
from sartor.evidence.groups import Groups, JudgedDecisions, Worst, worst_pair
from sartor.evidence.measure import Measure, check_measures

RATIO = Measure("ratio", "ratio", "higher", "Least to most.", of=("said",), pair=lambda low, high: low / high, most=1.0)
GAP = Measure("gap", "gap", "lower", "Most minus least.", of=("said",), pair=lambda low, high: high - low)


def said(judged, weights):
    return judged.shares(weights, judged.decisions["said"].to_numpy())


SAID = Measure("said", "said yes", "higher", "Share of yes.", per_group=said, least=0.0, most=1.0)


def grouped(values, bands=(), smallest=10, learned_from=None):
    column = pd.Series(values)
    return groups_of(column, column if learned_from is None else pd.Series(learned_from), bands, smallest)


def judged_of(yes):
    n = len(yes)
    return JudgedDecisions(pd.DataFrame({"said": yes}), np.zeros(n), pd.DataFrame(index=range(n)), (), Groups.one(n))


class TestGroups:
    def test_levels_come_largest_first(self):
        made = grouped(["b"] * 12 + ["a"] * 20 + ["c"] * 12)
        assert made.groups.names == ("a", "b", "c")
        assert made.groups.counts == [20, 12, 12]

    def test_three_people_are_told_of_with_the_smallest_other_group_only(self):
        made = grouped(["f"] * 40 + ["m"] * 30 + ["diverse"] * 3)
        assert made.groups.names == ("f", "m, with 1 small group")
        assert made.groups.counts == [40, 33]
        assert made.too_small == (0, 0)

    @pytest.mark.parametrize("sizes", [(40, 30, 1), (25, 12, 11, 1), (300, 10, 9), (50, 3, 2, 1), (10, 1), (30, 6, 5)])
    def test_no_group_of_fewer_than_ten_is_all_rows_without_the_others(self, sizes):
        made = grouped([f"group {place}" for place, size in enumerate(sizes) for _ in range(size)])
        left = sum(sizes) - sum(made.groups.counts)
        assert min(made.groups.counts) >= 10
        assert left == 0 or left >= 10
        # With any one of those that are told of left out as well, it is still no fewer.
        assert all(sum(sizes) - (sum(made.groups.counts) - count) >= 10 for count in made.groups.counts)
        assert made.too_small[1] == left

    def test_small_groups_that_are_many_together_leave_the_others_alone(self):
        made = grouped(["f"] * 30 + ["a"] * 6 + ["b"] * 5)
        assert (made.groups.names, made.groups.counts, made.too_small) == (("f",), [30], (2, 11))

    def test_missing_values_are_a_group_that_stands_last(self):
        made = grouped([None] * 15 + ["f"] * 20)
        assert made.groups.names == ("f", "missing")
        assert made.missing == 1

    def test_a_few_missing_values_are_too_few_like_any_others(self):
        made = grouped([None] * 4 + ["f"] * 20)
        assert (made.groups.names, made.missing, made.too_small) == (("f, with 1 small group",), None, (0, 0))

    def test_missing_values_that_stand_with_a_few_others_are_not_compared(self):
        made = grouped([None] * 12 + ["f"] * 20 + ["d"])
        assert (made.groups.names, made.missing) == (("f", "missing, with 1 small group"), 1)

    def test_numbers_go_into_the_bands_that_were_said(self):
        made = grouped(range(20, 60), bands=(30, 50))
        assert made.groups.names == ("below 30", "30 to below 50", "50 and above")
        assert made.groups.counts == [10, 20, 10]

    def test_numbers_of_which_nothing_is_said_go_into_quarters_of_the_training_rows(self):
        made = grouped([20, 21, 60, 61] * 10, learned_from=range(20, 60), smallest=1)
        assert made.groups.names == ("below 30", "50 and above")

    def test_a_few_different_numbers_are_levels_written_as_people_do(self):
        assert grouped([1.0, 2.0, 2.0] * 10).groups.names == ("2", "1")

    def test_missing_numbers_are_in_no_band(self):
        made = grouped([np.nan] * 10 + list(range(20, 60)), bands=(40,))
        assert made.groups.names == ("below 40", "40 and above", "missing")

    def test_values_of_one_name_are_one_group_and_codes_are_named(self):
        made = groups_of(pd.Series([1, 2, 3, 3] * 10), pd.Series([1]), (), 10, {"1": "men", "2": "women", "3": "women"})
        assert (made.groups.names, made.groups.counts) == (("women", "men"), [30, 10])

    def test_many_levels_are_put_together_beyond_the_largest(self):
        made = grouped([level for number in range(30) for level in [f"level {number:02}"] * (40 - number)])
        assert len(made.groups.names) == 12
        assert made.groups.names[:2] == ("level 00", "level 01")
        assert made.groups.names[-1] == "all others"

    def test_a_different_text_in_every_row_leaves_no_group(self):
        made = grouped([f"name {number}" for number in range(100)], smallest=95)
        assert (made.groups.names, made.too_small) == ((), (12, 100))


class TestShares:
    def test_are_taken_within_each_group_and_weight(self):
        judged = JudgedDecisions(pd.DataFrame(), None, pd.DataFrame(), (), Groups(("a", "b"), np.array([0, 0, 1, -1])))
        weights = np.array([[1.0, 1.0, 1.0, 1.0], [3.0, 1.0, 0.0, 9.0]])
        of = np.array([True, False, True, True])
        assert judged.shares(weights, of).tolist()[0] == [0.5, 1.0]
        assert judged.shares(weights, of)[1, 0] == 0.75
        # In the second redraw nobody of group b was drawn.
        assert np.isnan(judged.shares(weights, of)[1, 1])
        among = np.array([False, True, True, True])
        assert judged.shares(weights, of, among).tolist()[0] == [0.0, 1.0]

    def test_among_fewer_rows_than_may_be_told_of_are_not_told(self):
        groups = Groups(("a", "b"), np.array([0, 0, 0, 1, 1, 1]))
        judged = JudgedDecisions(pd.DataFrame(), None, pd.DataFrame(), (), groups, smallest=3)
        among = np.array([True, True, True, True, True, False])
        found = judged.shares(np.ones((1, 6)), np.ones(6), among)[0]
        assert found[0] == 1
        assert np.isnan(found[1])

    def test_over_all_rows_there_is_one_group(self):
        found = measured_over_all([SAID, RATIO], judged_of([True, True, False, False] * 5), Redraws(20, count=50))
        assert list(found) == ["said"]
        assert found["said"].value == 0.5


class TestTheWorstPair:
    def test_of_a_ratio_is_the_least_against_the_most(self):
        shares = np.array([0.3, 0.6, 0.5])
        worst = worst_pair(RATIO, "abc", [shares], [np.tile(shares, (9, 1))], [shares > 0])
        assert (worst.value, worst.lower, worst.higher, worst.comparisons) == (0.5, "a", "b", 3)

    def test_of_a_gap_is_the_widest_among_all_that_is_compared(self):
        both = Measure("odds", "odds", "lower", "Worse of two gaps.", of=("of_good", "of_bad"), pair=GAP.pair)
        of_good, of_bad = np.array([0.9, 0.8]), np.array([0.2, 0.5])
        draws = [np.tile(of_good, (9, 1)), np.tile(of_bad, (9, 1))]
        worst = worst_pair(both, ("f", "m"), [of_good, of_bad], draws, [of_good > 0, of_bad > 0])
        assert worst.value == pytest.approx(0.3)
        assert (worst.lower, worst.higher, worst.comparisons) == ("f", "m", 2)

    def test_groups_that_are_not_compared_are_left_out(self):
        shares = np.array([0.1, 0.6, 0.5])
        worst = worst_pair(RATIO, "abc", [shares], [np.tile(shares, (9, 1))], [np.array([False, True, True])])
        assert (worst.lower, worst.higher, worst.comparisons) == ("c", "b", 1)

    def test_nobody_said_yes_to_compares_nothing(self):
        shares = np.zeros(2)
        assert worst_pair(RATIO, "ab", [shares], [np.zeros((9, 2))], [np.ones(2, dtype=bool)]) is None

    def test_has_a_wider_interval_the_more_pairs_there_were(self):
        draws = 0.7 + np.linspace(-0.2, 0.2, 2001)
        one, six = (Worst(0.7, draws, comparisons=count).interval(0.95) for count in (1, 6))
        # A tail of 2.5 % and one of a sixth of that.
        assert one.high == pytest.approx(0.7 + 0.4 * (0.975 - 0.5))
        assert six.high == pytest.approx(0.7 + 0.4 * (1 - 0.025 / 6 - 0.5))

    def test_goes_by_the_normal_distribution_where_too_few_redraws_lie_that_far_out(self):
        draws = np.random.default_rng(0).normal(0.7, 0.1, 100)
        interval = Worst(0.7, draws, most=1.0, comparisons=45).interval(0.95)
        # 0.05 / 45 on both sides together: 3.26 deviations.
        assert interval.low == pytest.approx(0.7 - 3.26 * draws.std(), abs=0.001)
        assert interval.high == 1.0

    @pytest.mark.slow
    def test_seldom_fails_those_who_treat_all_alike(self):
        rng, failed, naive = np.random.default_rng(5), 0, 0
        sizes = (163, 92, 27, 15)
        column = pd.Series(np.repeat(list("abcd"), sizes))
        for seed in range(150):
            judged = judged_of(rng.random(297) < 0.32)
            found = measured_by("c", [SAID, RATIO], judged, grouped(column), Redraws(297, count=400, seed=seed))
            worst = found.worst["ratio"]
            failed += worst.interval(0.95).high < 0.8
            naive += worst.value < 0.8
        assert failed <= 0.05 * 150
        # By the four-fifths rule on the number alone most of them would have failed.
        assert naive >= 0.5 * 150


class TestMeasuredByAColumn:
    def test_each_group_has_its_number_and_the_pairs_their_worst(self):
        yes = np.array([True] * 10 + [False] * 10 + [True] * 20)
        found = measured_by("sex", [SAID, RATIO, GAP], judged_of(yes), grouped(["f"] * 20 + ["m"] * 20), Redraws(40))
        assert dict(zip(found.groups, [one.value for one in found.each["said"]], strict=True)) == {"f": 0.5, "m": 1.0}
        assert found.worst["ratio"].value == 0.5
        assert found.worst["gap"].value == 0.5
        assert (found.compared, found.why_not) == (({"said"}, {"said"}), "")

    def test_missing_values_are_shown_and_not_compared(self):
        yes = np.array([False] * 20 + [True] * 40)
        found = measured_by("sex", [SAID, RATIO], judged_of(yes), grouped([None] * 20 + ["f"] * 40), Redraws(60))
        assert found.groups == ("f", "missing")
        assert found.compared == ({"said"}, set())
        assert found.worst["ratio"] is None
        assert found.why_not == "only one group has enough rows, f"

    @pytest.mark.parametrize(
        ("values", "why"),
        [
            ([None] * 30, "it is missing in all rows"),
            (["f"] * 25 + ["m"] * 5, "only one group has enough rows, f, with 1 small group"),
            ([f"person {number}" for number in range(10)] * 3, "no group has enough rows"),
        ],
    )
    def test_where_nothing_can_be_compared_it_says_why(self, values, why):
        found = measured_by("sex", [SAID, RATIO], judged_of([True] * 15 + [False] * 15), grouped(values), Redraws(30))
        assert found.why_not == why

    def test_a_measure_can_ask_for_more_rows(self):
        some = Measure("said", "said", "higher", "s", per_group=said, enough=lambda judged: np.array([True, False]))
        yes = np.array([True] * 30 + [False] * 10)
        found = measured_by("sex", [some, RATIO], judged_of(yes), grouped(["f"] * 28 + ["m"] * 12), Redraws(40))
        assert found.compared == ({"said"}, set())
        assert found.why_not == "no two groups have enough rows of either kind"


class TestAMeasure:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({}, "must be given either per_group or pair"),
            ({"per_group": said, "pair": min}, "must be given either per_group or pair"),
            ({"pair": min}, "pair and of go together"),
            ({"per_group": said, "of": ("a",)}, "pair and of go together"),
            ({"per_group": said, "better": 1.0}, "is better 'higher' or 'lower', not 1.0"),
        ],
    )
    def test_that_is_not_told_in_one_way_is_refused(self, changes, message):
        with pytest.raises(PluginError, match=message):
            Measure(**{"name": "m", "label": "m", "better": "higher", "about": "M.", **changes})

    def test_that_gives_another_shape_is_refused(self):
        flat = Measure("flat", "flat", "higher", "F.", per_group=lambda judged, weights: weights.sum(axis=1))
        with pytest.raises(PluginError, match=r"measure 'flat' gave values of shape \(1,\) where \(1, 1\) is due"):
            flat.evaluate(judged_of([True] * 5), np.ones((1, 5)))

    @pytest.mark.parametrize(
        ("measures", "message"),
        [
            ([SAID, RATIO, GAP], ""),
            (["said"], "it returned str where a Measure is due"),
            ([SAID, SAID], "two measures are called 'said'"),
            ([RATIO], "measure 'ratio' compares 'said', which is no measure with per_group"),
        ],
    )
    def test_belongs_to_a_list_that_hangs_together(self, measures, message):
        assert check_measures(measures) == message


def test_grouped_says_what_it_holds():
    assert list(vars(grouped(["a"] * 10))) == ["groups", "missing", "too_small"]
    assert isinstance(grouped(["a"] * 10), Grouped)


class TestManyRows:
    def test_rows_that_are_alike_are_put_together_and_give_the_same_sums(self):
        rng = np.random.default_rng(0)
        n = 2_000
        groups = Groups(("a", "b", "c"), rng.integers(-1, 3, n))
        plain = JudgedDecisions(pd.DataFrame(), None, pd.DataFrame(), (), groups)
        fast = JudgedDecisions(pd.DataFrame(), None, pd.DataFrame(), (), groups)
        of, among = rng.random(n) < 0.4, np.where(rng.random(n) < 0.5, 1.0, 2.5)
        weights = rng.integers(0, 4, (20, n)).astype(float)
        fast.shares(np.ones((1, n)), of, among)
        fast.condense()
        np.testing.assert_allclose(fast.shares(weights, of, among), plain.shares(weights, of, among), rtol=1e-12)
        # What was never seen before, or differs in every row, is summed row by row.
        other = rng.random(n)
        np.testing.assert_allclose(fast.sums(weights, other), plain.sums(weights, other), rtol=1e-12)

    def test_arrays_made_anew_for_every_redraw_are_not_taken_for_one_another(self):
        rng = np.random.default_rng(1)
        judged = JudgedDecisions(pd.DataFrame(), None, pd.DataFrame(), (), Groups.one(50))
        for _ in range(500):
            of = rng.random(50) < rng.random()
            assert judged.shares(np.ones((1, 50)), of)[0, 0] == pytest.approx(of.mean())
        assert len(judged._seen) <= 200
