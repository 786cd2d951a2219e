"""The policy that is in force, taken from a column of the rows."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.errors import InputError
from sartor.testing import make_context, make_scoring, make_training
from sartor_domains.finance.credit_decision import CreditDecision

CLASSES = ("good", "bad")
TERMS = {"loss_given_default": 0.6, "margin": 0.12, "amount": "amount"}
SAID = {"column": "approved", "accept": ["yes"], "decline": ["no"], "refer": ["look"]}


@pytest.fixture
def heard():
    return []


@pytest.fixture
def context(tmp_path, heard):
    return make_context(tmp_path, heard=heard)


def decided(context, values, said=None, feature=False):
    columns = pd.DataFrame({"amount": [1000.0] * len(values), "approved": values})
    asked = make_scoring(columns, classes=CLASSES)
    asked = asked if feature else replace(asked, X=columns[["amount"]])
    learn = make_training(columns[["amount"]], ["good", "bad"] * (len(values) // 2), classes=CLASSES)
    made = CreditDecision.model_validate({**TERMS, "present_policy": said or SAID})
    return made.policies(learn, asked, context)


def test_it_stands_first_among_the_policies_and_decides_as_the_column_says(context):
    policies = decided(context, ["yes", "no", "look", "yes"])
    assert list(policies) == ["present policy", "accept everyone", "decline everyone", "one-line rule"]
    assert policies["present policy"]["decision"].tolist() == ["accept", "decline", "refer", "accept"]
    assert policies["present policy"].attrs["about"] == "as approved says"


def test_it_is_worth_what_its_decisions_brought():
    loans = make_training(pd.DataFrame({"amount": [1000.0, 1000.0]}), ["good", "bad"], classes=CLASSES)
    made = CreditDecision.model_validate({**TERMS, "present_policy": SAID})
    taken = pd.DataFrame({"__row": [0, 1], "decision": ["decline", "accept"]})
    assert made.value(taken, loans).tolist() == [0, -600]


@pytest.mark.parametrize("values", [[1, 0], [1.0, 0.0], ["1", "0"], [True, False]])
def test_its_values_compare_as_text(context, values):
    said = {"column": "approved", "accept": [1, "true"], "decline": [0, "false"]}
    assert decided(context, values, said)["present policy"]["decision"].tolist() == ["accept", "decline"]


def test_values_that_the_recipe_does_not_explain_are_named_and_counted(context):
    with pytest.raises(InputError, match="the recipe does not say what") as caught:
        decided(context, ["yes", "maybe", "no", "maybe", "<b>", "yes"])
    (problem,) = caught.value.problems
    assert problem.code == "D086"
    assert "what 'maybe' (2 rows) and '<b>' (1 row) mean" in problem.message
    assert problem.hints == (("to mend", "name it under accept, decline or refer: decline: ['maybe']"),)


def test_many_such_values_are_not_all_listed(context):
    with pytest.raises(InputError, match=r"'odd 0' \(1 row\), .*'odd 4' \(1 row\) and 5 more mean  D086"):
        decided(context, [f"odd {number}" for number in range(10)])


def test_rows_without_a_decision_count_as_looked_at_and_are_counted(context, heard):
    assert decided(context, ["yes", None])["present policy"]["decision"].tolist() == ["accept", "refer"]
    assert [event.text for event in heard if event.caution] == [
        "'approved' does not say what was decided on 1 of 2 rows: they count as looked at by a person"
    ]


def test_where_it_accepted_all_rows_it_is_said_that_the_others_are_not_there(context, heard):
    decided(context, ["yes", "yes"])
    (caution,) = [event.text for event in heard if event.caution]
    assert caution == (
        "the present policy accepted all 2 rows: those it declined are not in the data, so what it would be worth "
        "to accept them cannot be told"
    )


def test_a_feature_of_the_models_is_refused_with_what_to_write(context):
    with pytest.raises(
        InputError, match="'approved' is the present policy, and the models take it as a feature"
    ) as caught:
        decided(context, ["yes", "no"], feature=True)
    assert caught.value.problems[0].hints == (("to mend", "say it of the task: never: [approved]"),)


def test_a_column_that_is_not_there_is_named_with_the_nearest(context):
    with pytest.raises(InputError, match="no column 'approvd' for the present policy") as caught:
        decided(context, ["yes", "no"], {**SAID, "column": "approvd"})
    assert ("did you mean", "approved") in caught.value.problems[0].hints


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"column": "approved"}, "accept"),
        ({"column": "approved", "accept": []}, "accept"),
        ({**SAID, "refer": ["no"]}, "the present policy's value 'no' means two things"),
        ({**SAID, "defer": ["x"]}, "defer"),
    ],
)
def test_settings_that_make_no_sense_are_refused(said, message):
    with pytest.raises(ValidationError, match=message):
        CreditDecision.model_validate({**TERMS, "present_policy": said})
