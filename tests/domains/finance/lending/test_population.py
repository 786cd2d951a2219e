"""Chances and money brought from a sample with too many bad loans to the population."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.errors import InputError
from sartor.rows import ROW
from sartor.testing import make_context, make_scoring, make_training
from sartor_domains.finance.credit_decision import CreditDecision
from sartor_domains.finance.lending.population import in_population, standing_for

CLASSES = ("good", "bad")
TERMS = {"loss_given_default": 0.6, "margin": 0.12, "amount": "amount", "bad_rate_of_population": 0.05}


@pytest.fixture
def context(tmp_path):
    return replace(make_context(tmp_path), class_shares=(0.7, 0.3))


def decide(context, probabilities, **more):
    rows = make_scoring(pd.DataFrame({"amount": [1000.0] * len(probabilities)}), classes=CLASSES)
    made = CreditDecision.model_validate({**TERMS, **more})
    return made.decide(pd.DataFrame({"probability": probabilities}), rows, context)


def loans(amounts, bad):
    return make_training(pd.DataFrame({"amount": amounts}), [CLASSES[flag] for flag in bad], classes=CLASSES)


def accepted(n, decision="accept"):
    return pd.DataFrame({ROW: range(n), "decision": [decision] * n})


def test_even_odds_in_data_with_three_bad_in_ten_are_seven_to_fifty_seven_with_one_in_twenty(context):
    # 1/1 times 1/19, divided by 3/7: 7/57, a chance of 7 in 64.
    decisions = decide(context, [0.5])
    assert decisions["probability"][0] == pytest.approx(7 / 64)
    # Below break-even, one in six: what looked like a decline is accepted.
    assert decisions["decision"][0] == "accept"
    assert decide(context, [0.5], bad_rate_of_population=None)["decision"][0] == "decline"
    assert decisions["expected_value"][0] == pytest.approx(1000 * (57 / 64 * 0.12 - 7 / 64 * 0.6))


def test_the_average_chance_of_the_data_becomes_that_of_the_population():
    assert in_population(np.array([0.3]), of_data=0.3, rate=0.05)[0] == pytest.approx(0.05)


def test_certainty_stays_certain_and_order_stays():
    chances = np.array([0.0, 0.01, 0.2, 0.9, 1.0])
    moved = in_population(chances, of_data=0.3, rate=0.05)
    assert moved[[0, -1]].tolist() == [0, 1]
    assert (np.diff(moved) > 0).all()
    back = in_population(moved, of_data=0.05, rate=0.3)
    np.testing.assert_allclose(back, chances, atol=1e-12)


def test_it_is_the_chance_that_one_would_have_learned_from_the_population():
    # One characteristic, true or not: of good loans 1 in 5 has it, of bad ones 3 in 5. By Bayes, with 5 % bad,
    # those who have it go bad in 0.05 * 0.6 of 0.05 * 0.6 + 0.95 * 0.2 cases; with 30 % bad, 0.3 * 0.6 of 0.32.
    learned = 0.3 * 0.6 / (0.3 * 0.6 + 0.7 * 0.2)
    expected = 0.05 * 0.6 / (0.05 * 0.6 + 0.95 * 0.2)
    assert in_population(np.array([learned]), of_data=0.3, rate=0.05)[0] == pytest.approx(expected)


def test_each_loan_counts_in_money_for_as_many_as_it_stands_for():
    made = CreditDecision.model_validate(TERMS)
    worth = made.value(accepted(4), loans([1000.0] * 4, [1, 1, 0, 0]))
    # Half of the rows are bad: a bad one stands for 0.1 loans, a good one for 1.9.
    assert worth.tolist() == pytest.approx([-60, -60, 228, 228])
    # 4 loans of the population, 5 % of them bad: 4 * (0.95 * 120 - 0.05 * 600).
    assert worth.sum() == pytest.approx(4 * (0.95 * 120 - 0.05 * 600))


def test_a_look_by_a_person_costs_as_often_as_well():
    made = CreditDecision.model_validate({**TERMS, "refer_cost": 10})
    worth = made.value(accepted(4, "refer"), loans([1000.0] * 4, [1, 1, 0, 0]))
    assert worth.tolist() == pytest.approx([-1, -1, -19, -19])


def test_the_one_line_rule_is_looked_for_in_the_population(tmp_path):
    learn = make_training(
        pd.DataFrame({"amount": [100.0] * 40, "income": [1.0] * 20 + [2.0] * 20}),
        ["bad"] * 10 + ["good"] * 10 + ["good"] * 20,
        classes=CLASSES,
    )
    asked = make_scoring(pd.DataFrame({"amount": [50.0], "income": [1.0]}), classes=CLASSES)
    # Of the poorer half of the data every second loan is bad; in the population one in 20 or so, which pays.
    made = {
        rate: CreditDecision.model_validate({**TERMS, "bad_rate_of_population": rate})
        .policies(learn, asked, make_context(tmp_path))["one-line rule"]["decision"]
        .tolist()
        for rate in (None, 0.02)
    }
    assert made == {None: ["decline"], 0.02: ["accept"]}


def test_without_the_setting_every_loan_stands_for_itself():
    assert standing_for(None, np.array([1, 0])).tolist() == [1, 1]


@pytest.mark.parametrize(("bad", "kind"), [([0, 0], "no bad loans"), ([1, 1], "only bad loans")])
def test_rows_of_one_kind_are_refused(bad, kind):
    with pytest.raises(InputError, match=f"the rows hold {kind}, and nothing can be said of a population with 5 %"):
        CreditDecision.model_validate(TERMS).value(accepted(2), loans([1.0, 1.0], bad))


def test_a_run_that_does_not_say_what_it_learned_from_is_refused(tmp_path):
    with pytest.raises(InputError, match="needs the share of bad loans that the model learned from"):
        decide(make_context(tmp_path), [0.5])


@pytest.mark.parametrize("rate", [0, 1, 5])
def test_a_rate_that_is_no_share_is_refused(rate):
    with pytest.raises(ValidationError, match="bad_rate_of_population"):
        CreditDecision.model_validate({**TERMS, "bad_rate_of_population": rate})
