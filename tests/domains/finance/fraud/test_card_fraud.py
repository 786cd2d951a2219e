"""Payments as rows: which of them teach and judge, and what is said where they cannot."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError, SettingError
from sartor.rows import AS_OF, KNOWN_AT, ROW, TARGET, Origins
from sartor.testing import ModelTests, TaskTests, fetch, make_context, make_table, make_tables
from sartor_domains.finance.card_fraud import CardFraud

SETTINGS = {"outcome": "fraud", "card": "card", "amount": "amount", "label_delay": "7 days"}


def payments(**changes):
    """Two cards with a payment a day at noon for 20 days; card a has a fraud on the second day."""
    days = list(range(20)) * 2
    frame = pd.DataFrame({"payment": range(40), "card": ["a"] * 20 + ["b"] * 20, "amount": 10.0})
    frame["at"] = [datetime(2024, 5, 1, 12) + timedelta(days=day) for day in days]
    frame["fraud"] = 0
    frame.loc[1, "fraud"] = 1
    return frame.assign(**changes)


def rows_of(tmp_path, frame=None, time="at", **settings):
    context = make_context(tmp_path)
    table = make_table("payments", payments() if frame is None else frame, context, key=["payment"], time=time)
    task = CardFraud.model_validate({**SETTINGS, **settings})
    rows = task.rows(make_tables([table], context), Origins())
    return rows, fetch(rows.frame, context).sort_values(ROW).set_index(ROW)


class TestCardFraudKeepsTheContract(TaskTests):
    entry = "finance.card_fraud"
    settings: ClassVar = {**SETTINGS, "never": ["terminal"]}

    def tables(self, context):
        rng = np.random.default_rng(2)
        frame = pd.DataFrame({"payment": range(300), "card": rng.choice(["a", "b", "c", "d", "e"], 300)})
        frame["terminal"] = rng.choice(["t", "u"], 300)
        frame["at"] = [datetime(2024, 5, 1) + timedelta(hours=int(hour)) for hour in rng.integers(0, 900, 300)]
        frame["amount"] = np.round(rng.lognormal(3, 1, 300), 2)
        frame["fraud"] = (rng.random(300) < 0.2).astype(int)
        return make_tables([make_table("payments", frame, context, key=["payment"], time="at")], context)


class TestAmountAloneKeepsTheContract(ModelTests):
    entry = "finance.amount_alone"
    settings: ClassVar = {"amount": "amount"}
    many_classes = False


def test_amounts_that_are_all_debits_are_told(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "sartor"):
        rows_of(tmp_path, payments(amount=[-10.0] * 40))
    assert (
        "no amount of payments is above 0, and 40 of 40 are negative ('amount'): payments seem to be booked as debits"
    ) in caplog.text


def test_refunds_among_payments_are_told(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "sartor"):
        rows_of(tmp_path, payments(amount=[-10.0] * 3 + [10.0] * 37))
    assert "3 of 40 amounts of payments are negative ('amount'): refunds are no payments" in caplog.text
    assert "contract: {columns: {amount: {at_least: 0}}}" in caplog.text


def test_payments_of_days_to_come_are_told(tmp_path, caplog):
    frame = payments()
    frame.loc[[5, 7], "at"] = datetime.now() + timedelta(days=40)
    with caplog.at_level(logging.WARNING, "sartor"):
        rows_of(tmp_path, frame)
    assert "2 payments of payments lie in the future: see whether dates are read as they are meant" in caplog.text


def test_payments_as_they_should_be_are_taken_without_a_word(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "sartor"):
        rows_of(tmp_path)
    assert caplog.text == ""


def test_a_truth_is_known_when_the_delay_is_over(tmp_path):
    _, found = rows_of(tmp_path)
    assert (found[KNOWN_AT] - found[AS_OF] == timedelta(days=7)).all()


def test_whatever_labels_a_table_has_the_outcomes_are_fraud_and_genuine(tmp_path):
    rows, found = rows_of(tmp_path)
    assert rows.classes == ("genuine", "fraud")
    assert found[TARGET].value_counts().to_dict() == {"genuine": 28, "fraud": 1}


def test_a_card_is_no_row_from_the_day_on_after_its_fraud_is_known(tmp_path):
    _, found = rows_of(tmp_path)
    # Fraud on day 2 at noon, known on day 9 at noon: the rest of that day is still open, and day 10 is not.
    of_a = found.loc[range(20), TARGET]
    assert of_a.notna().tolist() == [True] * 9 + [False] * 11
    assert found.loc[range(20, 40), TARGET].notna().all(), "card b goes on"


def test_known_cards_can_stay(tmp_path):
    _, found = rows_of(tmp_path, known_cards="keep")
    assert found[TARGET].notna().all()


def test_payments_before_the_first_day_are_history_and_block_no_card(tmp_path):
    frame = payments()
    frame.loc[25, "fraud"] = 1
    rows, found = rows_of(tmp_path, frame, since="2024-05-04")
    assert found[TARGET].notna().sum() == 40 - 2 * 3 - 7, "b's fraud on day 6 is known on day 13 and blocks 7 days"
    assert found.loc[[0, 1, 2, 20, 21, 22], TARGET].isna().all()
    assert rows.facts["payments"] == {
        "payments": 40,
        "with outcome": 40,
        "since the first day": 34,
        "cards not known": 27,
    }


def test_neither_the_card_nor_what_is_named_is_a_feature(tmp_path):
    rows, _ = rows_of(tmp_path, payments(terminal="t"), never=["terminal"])
    assert {"card", "terminal"} <= set(rows.never)
    assert rows.truth == ("fraud",)


class TestDirt:
    def test_a_label_that_says_not_known_neither_teaches_nor_judges(self, tmp_path):
        frame = payments(fraud=["genuine", "fraud"] + ["genuine"] * 37 + ["disputed"])
        _, found = rows_of(tmp_path, frame, fraud="fraud", not_known=["disputed"], known_cards="keep")
        assert found[TARGET].isna().sum() == 1

    def test_a_third_label_is_named_with_what_to_write(self, tmp_path):
        frame = payments(fraud=["genuine", "fraud"] + ["genuine"] * 37 + ["disputed"])
        with pytest.raises(InputError, match="'disputed'") as raised:
            rows_of(tmp_path, frame, fraud="fraud")
        assert any("not_known:" in text for _, text in raised.value.problems[0].hints)

    def test_payments_without_an_outcome_neither_teach_nor_judge(self, tmp_path):
        frame = payments(fraud=[0.0, 1.0] + [0.0] * 37 + [None])
        _, found = rows_of(tmp_path, frame, known_cards="keep")
        assert found[TARGET].isna().sum() == 1

    def test_a_table_without_fraud_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="the outcome 'fraud' of table payments has one class only: '0'"):
            rows_of(tmp_path, payments(fraud=0))

    def test_a_table_without_a_time_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="table payments has no time, and a payment is answered at its moment"):
            rows_of(tmp_path, time=None)

    def test_a_moment_that_is_a_text_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="'at' of table payments is to be a moment and is text"):
            rows_of(tmp_path, payments(at="yesterday"), time=None, moment="at")

    def test_a_card_that_is_missing_is_refused(self, tmp_path):
        frame = payments()
        frame.loc[3, "card"] = None
        with pytest.raises(InputError, match="the group 'card' of table payments is missing in 1 line"):
            rows_of(tmp_path, frame)

    def test_an_amount_of_text_is_refused(self, tmp_path):
        with pytest.raises(
            InputError, match="column 'amount' of payments is to be the amount of a payment and holds no"
        ):
            rows_of(tmp_path, payments(amount="ten"))

    def test_a_column_that_is_not_there_is_named_with_the_nearest(self, tmp_path):
        with pytest.raises(InputError, match="table payments has no column 'amout'") as raised:
            rows_of(tmp_path, amount="amout")
        assert ("did you mean", "amount") in raised.value.problems[0].hints

    def test_a_first_day_behind_the_last_payment_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="no payment of payments with an outcome lies on or after 2025-01-01"):
            rows_of(tmp_path, since="2025-01-01")

    def test_a_first_day_that_is_no_date_is_refused(self):
        with pytest.raises((SettingError, ValueError), match="'last week' is not a date"):
            CardFraud.model_validate({**SETTINGS, "since": "last week"})

    def test_the_amount_must_not_be_forbidden(self):
        with pytest.raises((SettingError, ValueError), match="never names 'amount', the amount, by which frauds are"):
            CardFraud.model_validate({**SETTINGS, "never": ["amount"]})
