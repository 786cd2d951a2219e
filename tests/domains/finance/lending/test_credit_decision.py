"""Credit decisions: by expected profit, worth what they brought, each decline with its reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.errors import InputError, SettingError
from sartor.rows import ROW
from sartor.testing import make_context, make_scoring, make_training
from sartor_domains.finance.credit_decision import CreditDecision

CLASSES = ("good", "bad")
TERMS = {"loss_given_default": 0.6, "margin": 0.12}


@pytest.fixture
def heard():
    return []


@pytest.fixture
def context(tmp_path, heard):
    return make_context(tmp_path, heard=heard)


def settings(**more):
    return CreditDecision.model_validate({**TERMS, "amount": "amount", **more})


def scoring(amounts, **columns):
    return make_scoring(pd.DataFrame({"amount": amounts, **columns}), classes=CLASSES)


def decide(context, probabilities, amounts=None, explain=lambda rows: None, **more):
    from dataclasses import replace

    rows = scoring([1000.0] * len(probabilities) if amounts is None else amounts)
    predictions = pd.DataFrame({"probability": np.array(probabilities, dtype=float)})
    return settings(**more).decide(predictions, rows, replace(context, explain=explain))


def outcome(amounts, bad):
    return make_training(pd.DataFrame({"amount": amounts}), [CLASSES[flag] for flag in bad], classes=CLASSES)


def made(*decisions):
    return pd.DataFrame({ROW: range(len(decisions)), "decision": list(decisions)})


def test_break_even_is_where_a_loan_earns_as_much_as_it_loses(context):
    # 0.12 earned against 0.6 lost: one bad loan in six.
    decisions = decide(context, [0.16, 0.17])
    assert decisions["decision"].tolist() == ["accept", "decline"]
    assert decisions["expected_value"].tolist() == pytest.approx([0.84 * 120 - 0.16 * 600, 0.83 * 120 - 0.17 * 600])
    assert decisions["expected_value"][0] > 0 > decisions["expected_value"][1]


def test_what_lies_close_to_break_even_is_referred(context):
    decisions = decide(context, [0.10, 0.117, 0.1667, 0.216, 0.217], refer_within=0.05)
    assert decisions["decision"].tolist() == ["accept", "refer", "refer", "refer", "decline"]


def test_cut_offs_take_the_place_of_break_even(context):
    cut = decide(context, [0.19, 0.2, 0.3, 0.31], accept_below=0.2, decline_from=0.31)
    assert cut["decision"].tolist() == ["accept", "refer", "refer", "decline"]
    assert decide(context, [0.19, 0.2], accept_below=0.2)["decision"].tolist() == ["accept", "decline"]
    assert decide(context, [0.19, 0.2], decline_from=0.2)["decision"].tolist() == ["accept", "decline"]


def test_three_applicants_are_worth_what_they_brought():
    worth = settings().value(made("accept", "accept", "decline"), outcome([1000, 2000, 500], [0, 1, 0]))
    # The first earns 12 % of 1,000, the second loses 60 % of 2,000, the third was declined.
    assert worth.tolist() == pytest.approx([120, -1200, 0])


def test_a_referred_application_counts_as_nothing_less_what_the_look_costs():
    decisions, loans = made("refer", "refer"), outcome([1000, 2000], [0, 1])
    assert settings().value(decisions, loans).tolist() == [0, 0]
    assert settings(refer_cost=25).value(decisions, loans).tolist() == [-25, -25]


def test_one_amount_can_hold_for_every_loan(context):
    decision = CreditDecision.model_validate({**TERMS, "amount_per_loan": 100})
    rows = make_training(pd.DataFrame({"age": [30, 40]}), ["good", "bad"], classes=CLASSES)
    assert decision.value(made("accept", "accept"), rows).tolist() == pytest.approx([12, -60])
    decided = decision.decide(pd.DataFrame({"probability": [0.1, 0.9]}), rows.without_truth(), context)
    assert decided["amount"].tolist() == [100, 100]


def test_an_amount_that_is_not_named_is_found_by_its_name_and_noted(context, heard):
    rows = make_scoring(pd.DataFrame({"credit_amount": [1000.0], "age": [30]}), classes=CLASSES)
    decided = CreditDecision.model_validate(TERMS).decide(pd.DataFrame({"probability": [0.1]}), rows, context)
    assert decided["amount"].tolist() == [1000]
    assert "the amount of the loan is taken from 'credit_amount'" in [event.text for event in heard]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"age": [30]}, "no column is called like one"),
        ({"amount": [1], "loan_amount": [2]}, "it could be amount or loan_amount"),
    ],
)
def test_an_amount_that_cannot_be_found_is_asked_for(context, columns, said):
    rows = make_scoring(pd.DataFrame(columns), classes=CLASSES)
    with pytest.raises(SettingError, match=f"which column is the amount of the loan is not said, and {said}") as caught:
        CreditDecision.model_validate(TERMS).decide(pd.DataFrame({"probability": [0.1]}), rows, context)
    assert caught.value.problems[0].hints == (
        ("to mend", "name it, amount: COLUMN, or say one for all, amount_per_loan: 1000"),
    )


def test_an_amount_that_is_not_there_is_named_with_the_nearest_column(context):
    with pytest.raises(InputError, match="no column 'amuont' for the amount of the loan") as caught:
        decide(context, [0.1], amount="amuont")
    assert ("did you mean", "amount") in caught.value.problems[0].hints


def test_an_amount_of_text_is_refused(context):
    with pytest.raises(InputError, match="column 'amount' is to be the amount of the loan and holds no numbers"):
        decide(context, [0.1], amounts=["1,000"])


@pytest.mark.parametrize("dtype", ["object", "str"])
def test_an_amount_that_is_missing_throughout_is_told_so_and_not_as_text(context, dtype):
    rows = make_scoring(pd.DataFrame({"amount": pd.Series([None, None], dtype=dtype)}), classes=CLASSES)
    message = "column 'amount' is to be the amount of the loan, and is missing throughout: none of 2 rows has one  D067"
    with pytest.raises(InputError, match=message):
        settings().decide(pd.DataFrame({"probability": [0.1, 0.1]}), rows, context)


@pytest.mark.parametrize("amount", [np.nan, 0.0, -500.0])
def test_an_application_without_an_amount_is_referred_and_counts_as_nothing(context, heard, amount):
    decisions = decide(context, [0.05, 0.05, 0.9], amounts=[1000.0, amount, amount])
    assert decisions["decision"].tolist() == ["accept", "refer", "refer"]
    assert decisions["expected_value"].isna().tolist() == [False, True, True]
    assert [event.text for event in heard if event.caution] == [
        "2 of 3 applications have no 'amount' above 0: a person has to look at them, and they count as nothing"
    ]
    worth = settings().value(made("accept", "accept", "accept"), outcome([1000.0, amount, amount], [1, 1, 0]))
    assert worth.tolist() == [-600, 0, 0]


def test_what_has_no_amount_is_called_as_the_recipe_calls_it(context, heard):
    decide(context, [0.05, 0.05], amounts=[1000.0, np.nan], noun="card holders")
    assert [event.text for event in heard if event.caution] == [
        "1 of 2 card holders has no 'amount' above 0: a person has to look at it, and it counts as nothing"
    ]


def test_amounts_that_are_all_missing_are_refused(context):
    with pytest.raises(
        InputError, match="'amount' is to be the amount of the loan, and is missing or not above 0 in all 2"
    ):
        decide(context, [0.1, 0.2], amounts=[np.nan, 0.0])


def test_an_application_without_a_probability_is_referred(context):
    assert decide(context, [np.nan, 0.1])["decision"].tolist() == ["refer", "accept"]


def test_a_decline_names_at_most_four_reasons_the_strongest_first(context):
    asked = []

    def explain(rows):
        asked.append(len(rows))
        return pd.DataFrame(
            {"term": [0.4], "savings": [0.9], "job": [-2.0], "purpose": [0.1], "home": [0.3], "age of car": [0.2]}
        )

    decisions = decide(context, [0.05, 0.9], explain=explain)
    assert decisions["reasons"].tolist()[0] == []
    assert list(decisions["reasons"][1]) == ["Savings", "Term", "Home", "Age of car"]
    assert list(decisions["reason_factors"][1]) == ["savings", "term", "home", "age of car"]
    assert decisions["reasons_from"].tolist()[1] == "what the model counts against the average applicant"
    assert pd.isna(decisions["reasons_from"][0])
    # Only the declined applicant is explained.
    assert asked == [1]


def test_nothing_that_speaks_for_the_applicant_is_a_reason_and_without_one_a_person_looks(context, heard):
    against_nobody = pd.DataFrame({"job": [-1.0], "home": [0.0], "term": [1e-12]})
    decisions = decide(context, [0.05, 0.9], explain=lambda rows: against_nobody, accept_below=0.01, decline_from=0.5)
    assert decisions["decision"].tolist() == ["refer", "refer"]
    assert list(decisions["reasons"][1]) == []
    assert pd.isna(decisions["reasons_from"][0])
    assert decisions["reasons_from"][1] == (
        "none: no factor that may be named is worse than the average applicant's, so a person has to look"
    )
    assert "1 of 2 applications would be declined without a reason that may be named: a person has to look at it" in [
        event.text for event in heard if event.caution
    ]


def test_a_model_that_explains_nothing_is_said_to_and_no_reason_is_invented(context, heard):
    decisions = decide(context, [0.9, 0.8, 0.01], explain=lambda rows: None)
    assert decisions["decision"].tolist() == ["decline", "decline", "accept"]
    assert list(decisions["reasons"][0]) == []
    assert decisions["reasons_from"][0] == "none: the model does not explain itself"
    assert (
        "the model does not explain itself: 2 of 3 applications are declined without a reason, "
        "and no notice can be written"
    ) in [event.text for event in heard if event.caution]


def test_an_application_that_the_model_cannot_score_is_referred_and_says_why(context):
    predictions = pd.DataFrame({"probability": [0.05, 0.9], "status": [None, "cannot score"]})
    decisions = settings().decide(predictions, scoring([1000.0, 1000.0]), context)
    assert decisions["decision"].tolist() == ["accept", "refer"]
    assert decisions["reasons_from"][1] == "cannot score"


def test_reasons_are_lists_of_text_even_where_nobody_is_declined(context):
    import pyarrow as pa

    decisions = decide(context, [0.01])
    assert pa.Table.from_pandas(decisions).schema.field("reasons").type == pa.list_(pa.string())


def test_margins_that_make_no_one_acceptable_decline_everyone_and_say_why(context, heard):
    against = pd.DataFrame({"term": [0.4, 0.4]})
    decisions = decide(context, [0.05, 0.3], margin=0.001, explain=lambda rows: against)
    assert decisions["decision"].tolist() == ["decline", "decline"]
    assert settings().headline(decisions) == "Accept 0 of 2 applications, decline 2."
    assert [event.text for event in heard if event.caution] == [
        "nobody is accepted: no chance of default lies below 0.2 %"
    ]


def test_a_band_that_swallows_all_acceptances_is_said(context, heard):
    assert decide(context, [0.01], refer_within=0.2)["decision"].tolist() == ["refer"]
    assert [event.text for event in heard if event.caution] == [
        "nobody is accepted: the band around break-even reaches down to 0"
    ]


def test_models_decided_on_for_comparison_say_nothing(context, heard):
    decide(context, [0.9], explain=None, margin=0.001)
    assert heard == []


@pytest.mark.parametrize(
    ("decisions", "sentence"),
    [
        (
            ["accept"] * 118 + ["refer"] * 43 + ["decline"] * 137,
            "Accept 118 of 298 applications, have a person look at 43, decline 137.",
        ),
        (["accept"] * 1200 + ["decline"] * 300, "Accept 1,200 of 1,500 applications, decline 300."),
        (["decline"], "Accept 0 of 1 application, decline 1."),
    ],
)
def test_the_decision_is_one_sentence(decisions, sentence):
    assert settings().headline(made(*decisions)) == sentence


@pytest.mark.parametrize(
    ("table", "noun", "sentence"),
    [
        ("applications", None, "Accept 1 of 2 applications, decline 1."),
        ("card_holders", None, "Accept 1 of 2 holders, decline 1."),
        ("german_credit", None, "Accept 1 of 2 applications, decline 1."),
        ("applications", "companies", "Accept 1 of 2 companies, decline 1."),
    ],
)
def test_rows_are_called_as_the_recipe_calls_them(table, noun, sentence):
    decisions = made("accept", "decline")
    decisions.attrs["table"] = table
    assert settings(noun=noun).headline(decisions) == sentence


def test_one_row_takes_the_word_for_one():
    assert settings(noun="companies").headline(made("accept")) == "Accept 1 of 1 company, decline 0."


def test_policies_are_accepting_and_declining_everyone_and_a_one_line_rule(context, heard):
    income = [1000.0] * 30 + [3000.0] * 30
    loans = make_training(
        pd.DataFrame({"amount": [100.0] * 60, "income": income}),
        ["bad"] * 20 + ["good"] * 40,
        classes=CLASSES,
    )
    found = settings().policies(loans, scoring([50.0, 70.0], income=[900.0, 5000.0]), context)
    assert {name: decisions["decision"].tolist() for name, decisions in found.items()} == {
        "accept everyone": ["accept", "accept"],
        "decline everyone": ["decline", "decline"],
        "one-line rule": ["decline", "accept"],
    }
    assert heard[-1].text == "one-line rule: accept where income is over 1,000; decline the rest"


def test_a_task_of_three_outcomes_is_refused(context):
    rows = make_scoring(pd.DataFrame({"amount": [100.0]}), classes=("good", "late", "bad"))
    with pytest.raises(InputError, match="about good and bad, and the task tells 3 outcomes apart: good, late, bad"):
        settings().decide(pd.DataFrame({"probability:bad": [0.1]}), rows, context)


def test_decisions_of_other_rows_have_no_value():
    with pytest.raises(ValueError, match="not the same rows in the same order"):
        settings().value(made("accept"), outcome([100, 200], [0, 1]).take(np.array([1])))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss_given_default": 0}, "loss_given_default"),
        ({"loss_given_default": 60}, "loss_given_default"),
        ({"margin": 0}, "margin"),
        ({"margin": 12}, "margin"),
        ({"refer_cost": -1}, "refer_cost"),
        ({"amount": None, "amount_per_loan": 0}, "amount_per_loan"),
        ({"amount_per_loan": 100}, "amount and amount_per_loan exclude each other"),
        ({"accept_below": 15}, "accept_below"),
        ({"accept_below": 0.3, "decline_from": 0.2}, "accept_below, 0.3, lies above decline_from, 0.2"),
        ({"accept_below": 0.1, "refer_within": 0.05}, "refer_within is a band around break-even"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        settings(**changes)


def test_a_loan_may_be_lost_entirely():
    assert settings(loss_given_default=1).break_even == pytest.approx(0.12 / 1.12)
