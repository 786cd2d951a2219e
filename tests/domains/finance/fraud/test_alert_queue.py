"""The queue of alerts: what is looked at, what it is worth, by which facts, and when it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.rows import AS_OF, ROW, Training
from sartor.testing import ActionTests, make_context
from sartor_domains.finance.alert_queue import AlertQueue
from sartor_domains.finance.fraud.policies import best_amount

SETTINGS = {"card": "card", "amount": "amount", "review_cost": 5.0, "friction_cost": 10.0}
MOMENTS = ["2024-05-01 08:00", "2024-05-01 09:00", "2024-05-01 10:00", "2024-05-01 11:00", "2024-05-02 08:00"]


def training(amount=(100.0, 60.0, 40.0, 30.0, 200.0), y=(1, 0, 0, 1, 1), **more):
    rows = pd.DataFrame({ROW: range(5), AS_OF: pd.to_datetime(MOMENTS), "card": ["a", "a", "b", "c", "a"]})
    rows["amount"] = list(amount)
    X = pd.DataFrame({"amount": list(amount), **more})
    return Training(rows, X, "probability", ("0", "1"), y=np.array(y))


def decide(tmp_path, said, settings=None, outcome=None, **context):
    outcome = training() if outcome is None else outcome
    action = AlertQueue.model_validate({**SETTINGS, **(settings or {})})
    made = action.decide(
        pd.DataFrame({"probability": said}), outcome.without_truth(), replace(make_context(tmp_path), **context)
    )
    return action, made, outcome


class TestAlertQueueKeepsTheContract(ActionTests):
    entry = "finance.alert_queue"
    settings: ClassVar = {**SETTINGS, "card": "region", "alerts_a_day": 3, "chances": "as they are"}
    many_classes = False

    def cases(self):
        def dated(case):
            rows = case.training.rows.assign(**{AS_OF: pd.Timestamp("2024-05-01 10:00")})
            held = case.held_out.rows.assign(**{AS_OF: pd.Timestamp("2024-05-02 10:00")})
            return replace(case, training=replace(case.training, rows=rows), held_out=replace(case.held_out, rows=held))

        return [dated(case) for case in super().cases()]


def test_a_look_is_worth_what_it_saves_less_what_it_costs(tmp_path):
    action, made, outcome = decide(tmp_path, [0.5, 0.1, 0.5, 0.1, 0.4])
    # a on day 1: 0.5 x 100 + 0.1 x 60 - 5 - 10 x 0.5; b: 0.5 x 40 - 5 - 5; c: 0.1 x 30 - 5 - 9; a on day 2: 80 - 5 - 6
    assert made["expected_value"].tolist() == pytest.approx([46, 46, 10, -11, 69])
    assert made["decision"].tolist() == ["alert", "pass", "alert", "pass", "alert"]
    assert made["place"].tolist()[:1] + made["place"].tolist()[2:3] == [1, 2]
    assert made["payments"].tolist() == [2, 2, 1, 1, 1]
    # a on day 1 was fraud of 100; b was honest; a on day 2 was fraud of 200.
    assert action.value(made, outcome).tolist() == [95, 0, -15, 0, 195]


def test_a_budget_keeps_what_saves_most_of_each_day(tmp_path):
    _, made, _ = decide(tmp_path, [0.5, 0.1, 0.5, 0.1, 0.4], {"alerts_a_day": 1})
    assert made["decision"].tolist() == ["alert", "pass", "pass", "pass", "alert"]


def test_the_queue_can_go_by_certainty(tmp_path):
    _, made, _ = decide(tmp_path, [0.3, 0.1, 0.9, 0.1, 0.4], {"alerts_a_day": 1, "rank_by": "probability"})
    assert made["decision"].tolist() == ["pass", "pass", "alert", "pass", "alert"]


def test_an_alert_stands_on_the_most_suspicious_payment(tmp_path):
    _, made, _ = decide(tmp_path, [0.1, 0.9, 0.0, 0.0, 0.0])
    assert made["decision"].tolist() == ["pass", "alert", "pass", "pass", "pass"]


def test_part_of_an_amount_may_be_saved(tmp_path):
    action, made, outcome = decide(tmp_path, [0.9, 0.0, 0.0, 0.0, 0.0], {"recovered": 0.5})
    assert action.value(made, outcome).tolist() == [45, 0, 0, 0, 0]


def test_no_system_is_worth_nothing_and_the_amount_rule_is_learned(tmp_path):
    outcome = training()
    action = AlertQueue.model_validate(SETTINGS)
    made = action.policies(outcome, outcome.without_truth(), make_context(tmp_path))
    assert action.value(made["no system"], outcome).sum() == 0
    # Looks by highest amount: a (200) +195, a (100) +95, b (40) -15, c (30) +25: best from 30 on, 300 in all.
    assert best_amount(action, outcome) == pytest.approx(30)
    assert action.value(made["amount rule"], outcome).sum() == 300
    assert made["amount rule"].attrs["about"] == "look at cards with a payment of 30.00 or more, the largest first"


def test_the_amount_rule_keeps_to_the_budget(tmp_path):
    outcome = training()
    action = AlertQueue.model_validate({**SETTINGS, "alerts_a_day": 1})
    made = action.policies(outcome, outcome.without_truth(), make_context(tmp_path))["amount rule"]
    assert made["decision"].tolist() == ["alert", "pass", "pass", "pass", "alert"]


def test_where_no_look_pays_the_rule_looks_at_nothing(tmp_path):
    outcome = training(y=(0, 0, 0, 0, 0))
    action = AlertQueue.model_validate(SETTINGS)
    made = action.policies(outcome, outcome.without_truth(), make_context(tmp_path))["amount rule"]
    assert set(made["decision"]) == {"pass"}
    assert made.attrs["about"] == "no look at all: on the training rows no amount is worth one"


class TestFacts:
    def told(self, tmp_path, contributions, settings=None, outcome=None):
        _, made, _ = decide(
            tmp_path, [0.9, 0.1, 0.0, 0.0, 0.0], settings, outcome, explain=lambda scoring: contributions
        )
        return made.loc[0]

    def test_what_the_model_counts_most_comes_first(self, tmp_path):
        outcome = training(payments_1_day=[7, 1, 1, 1, 1], night=[True, False, False, False, False])
        counts = pd.DataFrame({"amount": [0.5], "payments_1_day": [2.0], "night": [-0.1]})
        told = self.told(tmp_path, counts, {"facts": {"amount": "Amount paid"}}, outcome)
        assert told["facts"] == "Payments 1 day: 7; Amount paid: 100"
        assert told["facts_from"] == "what the model counts most"

    def test_a_model_that_explains_nothing_leaves_what_few_payments_have(self, tmp_path):
        n = 60
        rows = pd.DataFrame(
            {ROW: range(n), AS_OF: pd.Timestamp("2024-05-01 10:00"), "card": [f"c{i}" for i in range(n)]}
        )
        rows["amount"] = [500.0, *[20.0] * (n - 1)]
        X = pd.DataFrame({"amount": rows["amount"], "night": 0.0, "terminal_fraud": [0.25, *[0.0] * (n - 1)]})
        outcome = Training(rows, X, "probability", ("0", "1"), y=np.zeros(n, dtype=int))
        _, made, _ = decide(tmp_path, [0.9, *[0.0] * (n - 1)], None, outcome, explain=lambda scoring: None)
        assert (
            made.loc[0, "facts"]
            == "Amount: 500 (as high in 2 % of payments); Terminal fraud: 0.25 (as high in 2 % of payments)"
        )
        assert made.loc[0, "facts_from"] == "what few payments have"
        assert made["facts"].isna().sum() == n - 1

    def test_an_alert_of_which_the_model_counts_nothing_for_fraud_has_facts_all_the_same(self, tmp_path):
        told = self.told(tmp_path, pd.DataFrame({"amount": [-0.5]}))
        # Of five payments two are as high: that is not rare, and there is nothing rarer.
        assert told["facts"] == "Amount: 100 (as high in 40 % of payments)"
        assert told["facts_from"] == "what few payments have"

    def test_what_must_not_be_told_is_not(self, tmp_path):
        told = self.told(tmp_path, pd.DataFrame({"amount": [0.5]}), {"not_facts": ["amount"]})
        assert told["facts"] == ""


class TestChances:
    def said(self, tmp_path, chance, champion=True, n=1000, **settings):
        rows = pd.DataFrame({ROW: range(n), AS_OF: pd.Timestamp("2024-05-01"), "card": range(n), "amount": 10.0})
        outcome = Training(rows, rows[["amount"]], "probability", ("0", "1"), y=np.zeros(n, dtype=int))
        notes = []
        more = {"explain": (lambda scoring: None) if champion else None, "tell": notes.append}
        decide(tmp_path, np.full(n, chance), settings, outcome, class_shares=(0.99, 0.01), **more)
        return [note.text for note in notes if getattr(note, "caution", False)]

    def test_a_model_that_learned_from_balanced_classes_is_refused(self, tmp_path):
        message = r"the model says that 21 % of payments are fraud, and 1 % of those it learned from were"
        with pytest.raises(InputError, match=message) as raised:
            self.said(tmp_path, 0.21)
        assert raised.value.problems[0].code == "D271"
        assert "give the payments before these, too, which features look back on" in str(raised.value.problems)
        assert "use: learn.calibrated" in dict(raised.value.problems[0].hints)["to mend"]

    def test_one_that_says_next_to_no_fraud_is_refused_too(self, tmp_path):
        with pytest.raises(InputError, match=r"says that 0 % of payments are fraud"):
            self.said(tmp_path, 0.0, n=10_000)

    def test_chances_as_high_as_fraud_is_common_pass(self, tmp_path):
        assert not any("chances" in text for text in self.said(tmp_path, 0.012))

    def test_a_wave_of_fraud_is_no_resampling(self, tmp_path):
        assert not any("chances" in text for text in self.said(tmp_path, 0.025))

    def test_a_model_for_comparison_is_told_of_and_stops_nothing(self, tmp_path):
        (told,) = self.said(tmp_path, 0.21, champion=False)
        assert told.startswith("a model is decided on for comparison whose chances are not right: the model says")

    def test_who_means_it_so_says_so(self, tmp_path):
        assert not any("learned" in text for text in self.said(tmp_path, 0.21, chances="as they are"))


class TestDirt:
    def test_amounts_that_are_missing_or_negative_save_nothing_and_are_counted(self, tmp_path):
        outcome = training(amount=(np.nan, -60.0, 40.0, 0.0, 200.0))
        notes = []
        action, made, _ = decide(tmp_path, [0.9] * 5, None, outcome, explain=lambda scoring: None, tell=notes.append)
        assert made["decision"].tolist() == ["pass", "pass", "alert", "pass", "alert"]
        assert "3 payments have no 'amount' above 0 and are worth no look by themselves" in [n.text for n in notes]
        assert np.isfinite(action.value(made, outcome)).all()

    def test_rows_without_a_moment_have_no_day(self, tmp_path):
        outcome = training()
        outcome = replace(outcome, rows=outcome.rows.drop(columns=AS_OF))
        with pytest.raises(InputError, match="alerts are raised by day, and the rows of this task have no moment"):
            decide(tmp_path, [0.5] * 5, None, outcome)

    def test_a_card_column_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(InputError, match="the rows have no column 'carte' for the card"):
            decide(tmp_path, [0.5] * 5, {"card": "carte"})

    def test_no_payment_at_all_gives_no_alert(self, tmp_path):
        outcome = training()
        nothing = outcome.take(np.array([], dtype=int))
        action, made, _ = decide(tmp_path, [], None, nothing)
        assert len(made) == 0
        assert action.value(made, nothing).tolist() == []

    def test_equal_payments_give_the_same_queue_whatever_their_order(self, tmp_path):
        outcome = training(amount=(50.0,) * 5)
        _, made, _ = decide(tmp_path, [0.9] * 5, {"alerts_a_day": 1}, outcome)
        assert (made["decision"] == "alert").sum() == 2, "one a day"
