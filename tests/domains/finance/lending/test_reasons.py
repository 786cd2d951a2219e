"""Reasons on a notice: really scored, against the applicant only, of what may be named, in the bank's own words."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.errors import InputError
from sartor.testing import make_context, make_scoring
from sartor_domains.finance.credit_decision import CreditDecision
from sartor_domains.finance.lending.catalogue import BUILT, texts_for, words_of
from sartor_domains.finance.lending.reasons import reasons_for

CLASSES = ("good", "bad")


@pytest.fixture
def heard():
    return []


@pytest.fixture
def context(tmp_path, heard):
    return make_context(tmp_path, heard=heard)


def declined(context, counted, **settings):
    """Decide on one application that is to be declined, with what the model counts against it."""
    rows = make_scoring(pd.DataFrame({"amount": [1000.0], **{name: [1.0] for name in counted}}), classes=CLASSES)
    explaining = replace(context, explain=lambda asked: pd.DataFrame({name: [much] for name, much in counted.items()}))
    terms = {"loss_given_default": 0.6, "margin": 0.12, "amount": "amount", **settings}
    decisions = CreditDecision.model_validate(terms).decide(pd.DataFrame({"probability": [0.9]}), rows, explaining)
    return decisions.iloc[0]


class TestTheWords:
    def test_are_the_recipes_own(self, context):
        made = declined(context, {"savings": 0.9, "term": 0.2}, reasons={"savings": "Little in savings"})
        assert list(made["reasons"]) == ["Little in savings", "Term"]
        assert list(made["reason_factors"]) == ["savings", "term"]

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("status_of_existing_checking_account", "Status of existing checking account"),
            ("LoanAmount", "Loan amount"),
            ("LIMIT_BAL", "LIMIT BAL"),
            ("n", "N"),
            ("___", "___"),
        ],
    )
    def test_are_made_of_the_name_where_the_recipe_has_none(self, name, words):
        assert words_of(name) == words

    def test_for_features_that_affordability_builds_are_there_already(self):
        assert texts_for(["delay_sum"], {}) == {"delay_sum": "Payments behind schedule"}
        assert texts_for(["delay_sum"], {"delay_sum": "Late payments"}) == {"delay_sum": "Late payments"}

    def test_are_there_for_every_feature_that_affordability_can_build(self):
        import narwhals as nw

        from sartor_domains.finance.burden import Named, ratios

        named = Named("a", "d", "i", "o", "s", "l", ("b1", "b2"), ("p1", "p2"), ("l1", "l2"))
        built = ratios(named, {column: nw.col(column) for column in named.columns})
        assert set(built) == set(BUILT)

    def test_that_several_factors_share_stand_on_the_notice_once_with_what_they_count_together(self, context):
        late = dict.fromkeys(("PAY_0", "PAY_2", "PAY_3"), "Payments behind schedule")
        counted = {"PAY_0": 0.3, "PAY_2": 0.2, "PAY_3": -0.1, "term": 0.35, "savings": 0.3, "home": 0.2, "job": 0.1}
        made = declined(context, counted, reasons=late)
        # 0.3 + 0.2 - 0.1 = 0.4 is more than the term's 0.35; three late months leave three places to others.
        assert list(made["reasons"]) == ["Payments behind schedule", "Term", "Savings", "Home"]
        assert list(made["reason_factors"]) == ["PAY_0", "PAY_2", "term", "savings", "home"]

    def test_that_cancel_out_together_are_no_reason(self):
        found = reasons_for(pd.DataFrame({"a": [0.3], "b": [-0.3]}), {"a": "One", "b": "One"})
        assert found.texts == [[]]

    def test_may_look_like_html_or_a_formula_and_stay_as_they_are(self, context):
        wild = '=HYPERLINK("x") <b onclick=alert(1)>&amp;</b>'
        assert list(declined(context, {"savings": 0.9}, reasons={"savings": wild})["reasons"]) == [wild]

    @pytest.mark.parametrize("text", ["", "x" * 121])
    def test_are_refused_where_no_notice_could_hold_them(self, context, text):
        with pytest.raises(ValidationError, match="reasons"):
            declined(context, {"savings": 0.9}, reasons={"savings": text})


class TestWhatMayNotBeNamed:
    def test_is_left_out_and_said_where_it_counted_most(self, context, heard):
        made = declined(context, {"region": 0.9, "term": 0.2}, not_reasons=["region"])
        assert made["decision"] == "decline"
        assert list(made["reasons"]) == ["Term"]
        assert (
            "in 1 decline what counts most may not be named (not_reasons): the notice names lesser factors only; "
            "see whether the model should look at it at all"
        ) in [event.text for event in heard if event.caution]

    def test_is_no_matter_where_it_speaks_for_the_applicant_or_counts_little(self, context, heard):
        declined(context, {"region": -0.9, "term": 0.2}, not_reasons=["region"])
        declined(context, {"region": 0.1, "term": 0.2}, not_reasons=["region"])
        assert not [event.text for event in heard if "may not be named" in event.text]

    def test_alone_makes_a_referral_that_is_counted(self, context, heard):
        made = declined(context, {"region": 0.9, "term": -0.2}, not_reasons=["region"])
        assert made["decision"] == "refer"
        assert list(made["reasons"]) == list(made["reason_factors"]) == []
        assert any("1 of 1 application would be declined without a reason" in event.text for event in heard)
        # It is no decline any more, and no notice names lesser factors.
        assert not any("lesser factors" in event.text for event in heard)

    def test_does_not_count_within_a_text_that_it_shares(self):
        counted = pd.DataFrame({"region": [5.0], "home": [0.2], "term": [0.3]})
        found = reasons_for(counted, {"region": "Where you live", "home": "Where you live"}, ["region"])
        assert found.texts == [["Term", "Where you live"]]

    def test_may_be_everything(self):
        found = reasons_for(pd.DataFrame({"a": [0.3], "b": [0.1]}), {}, ["a", "b"])
        assert (found.texts, found.factors, found.hidden_first) == ([[]], [[]], 0)


class TestTheCatalogueIsChecked:
    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"reasons": {"saving": "Little in savings"}}, "reasons names 'saving', and no row has such a column"),
            ({"not_reasons": ["saving"]}, "not_reasons names 'saving', and no row has such a column"),
        ],
    )
    def test_against_the_columns(self, context, settings, message):
        with pytest.raises(InputError, match=message) as caught:
            declined(context, {"savings": 0.9}, **settings)
        assert ("did you mean", "savings") in caught.value.problems[0].hints

    def test_a_text_for_a_column_that_the_model_did_not_use_is_fine(self, context):
        made = declined(context, {"savings": 0.9}, reasons={"amount": "Amount asked for"})
        assert list(made["reasons"]) == ["Savings"]

    def test_not_again_where_new_data_is_decided_on_piece_by_piece(self, context):
        made = declined(replace(context, piecewise=True), {"savings": 0.9}, reasons={"gone": "Gone"})
        assert list(made["reasons"]) == ["Savings"]


def test_nothing_is_said_of_nobody():
    nobody = reasons_for(pd.DataFrame({"a": [], "b": []}), {}, ["a"])
    assert (nobody.texts, nobody.factors, nobody.hidden_first) == ([], [], 0)
