"""Whom a credit decision accepts, in all and by group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.evidence.audited import measured_by, measured_over_all
from sartor.evidence.bootstrap import Redraws
from sartor.evidence.grouping import groups_of
from sartor.evidence.groups import Groups, JudgedDecisions
from sartor_domains.finance.lending.fairness import measures


def judged_of(decisions, bad):
    n = len(decisions)
    return JudgedDecisions(
        pd.DataFrame({"decision": decisions}),
        np.array(bad),
        pd.DataFrame(index=range(n)),
        ("good", "bad"),
        Groups.one(n),
    )


def by_sex(sexes, decisions, bad, rate=None):
    column = pd.Series(sexes)
    return measured_by(
        "sex",
        measures(rate),
        judged_of(decisions, bad),
        groups_of(column, column, (), 10),
        Redraws(len(sexes), count=200),
    )


# 100 women, 60 accepted; 100 men, 80 accepted. Of the women 50 repaid, 40 of them accepted; of the men 60, 54 of them.
SEXES = ["f"] * 100 + ["m"] * 100
DECISIONS = (
    ["accept"] * 40 + ["decline"] * 10 + ["accept"] * 20 + ["refer"] * 30
    + ["accept"] * 54 + ["decline"] * 6 + ["accept"] * 26 + ["decline"] * 14
)  # fmt: skip
BAD = [0] * 50 + [1] * 50 + [0] * 60 + [1] * 40


def number(found, measure, group):
    return found.each[measure][found.groups.index(group)].value


class TestByGroup:
    def test_acceptance_counts_those_accepted_only_and_not_those_that_a_person_looks_at(self):
        found = by_sex(SEXES, DECISIONS, BAD)
        assert number(found, "acceptance", "f") == pytest.approx(0.6)
        assert number(found, "acceptance", "m") == pytest.approx(0.8)

    def test_of_those_who_repaid_and_of_those_who_defaulted(self):
        found = by_sex(SEXES, DECISIONS, BAD)
        assert number(found, "acceptance_of_good", "f") == pytest.approx(40 / 50)
        assert number(found, "acceptance_of_good", "m") == pytest.approx(54 / 60)
        assert number(found, "acceptance_of_bad", "f") == pytest.approx(20 / 50)
        assert number(found, "acceptance_of_bad", "m") == pytest.approx(26 / 40)

    def test_bad_loans_of_those_accepted(self):
        found = by_sex(SEXES, DECISIONS, BAD)
        assert number(found, "bad_rate_of_accepted", "f") == pytest.approx(20 / 60)
        assert number(found, "bad_rate_of_accepted", "m") == pytest.approx(26 / 80)


class TestBetweenGroups:
    @pytest.mark.parametrize(
        ("measure", "value"),
        [
            ("acceptance_ratio", 0.6 / 0.8),
            ("acceptance_difference", 0.2),
            ("equalised_odds_difference", 0.65 - 0.4),
            ("bad_rate_difference", 20 / 60 - 26 / 80),
        ],
    )
    def test_numbers_can_be_checked_by_hand(self, measure, value):
        assert by_sex(SEXES, DECISIONS, BAD).worst[measure].value == pytest.approx(value)

    def test_the_wider_gap_of_the_two_odds_counts_and_allows_for_two_comparisons(self):
        worst = by_sex(SEXES, DECISIONS, BAD).worst["equalised_odds_difference"]
        assert (worst.lower, worst.higher, worst.comparisons) == ("f", "m", 2)

    def test_a_group_of_which_too_few_are_to_be_expected_is_shown_and_not_compared(self):
        # Ten of another sex: at one in ten accepted, one of them is to be expected. None was.
        sexes = ["f"] * 100 + ["d"] * 10
        decisions = ["accept"] * 10 + ["decline"] * 100
        found = by_sex(sexes, decisions, [0] * 50 + [1] * 50 + [0] * 10)
        assert found.groups == ("f", "d")
        assert "acceptance" in found.compared[0]
        assert "acceptance" not in found.compared[1]
        assert found.worst["acceptance_ratio"] is None
        assert found.why_not == "no two groups have enough rows of either kind"

    def test_nobody_accepted_compares_nothing(self):
        found = by_sex(SEXES, ["decline"] * 200, BAD)
        assert found.worst["acceptance_ratio"] is None


class TestInThePopulation:
    def test_each_loan_counts_for_as_many_as_it_stands_for(self):
        # 90 of 200 loans are bad; with 5 % bad, a bad one stands for 1/9 loan and a good one for 19/11.
        found = by_sex(SEXES, DECISIONS, BAD, rate=0.05)
        bad, good = 0.05 / 0.45, 0.95 / 0.55
        expected = (40 * good + 20 * bad) / (50 * good + 50 * bad)
        assert number(found, "acceptance", "f") == pytest.approx(expected)
        assert number(found, "bad_rate_of_accepted", "f") == pytest.approx(20 * bad / (40 * good + 20 * bad))
        # Within good and bad loans nothing changes.
        assert number(found, "acceptance_of_good", "f") == pytest.approx(0.8)

    def test_over_all_rows_the_bad_rate_of_accepting_all_is_that_of_the_population(self):
        everyone = measured_over_all(measures(0.05), judged_of(["accept"] * 200, BAD), Redraws(200, count=50))
        assert everyone["bad_rate_of_accepted"].value == pytest.approx(0.05)
        assert everyone["acceptance"].value == 1


def test_names_are_those_that_recipes_hold_in_gates():
    assert [one.name for one in measures(None)] == [
        "acceptance",
        "acceptance_of_good",
        "acceptance_of_bad",
        "bad_rate_of_accepted",
        "acceptance_ratio",
        "acceptance_difference",
        "equalised_odds_difference",
        "bad_rate_difference",
    ]
