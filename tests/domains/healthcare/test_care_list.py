"""The care list: whom, why, how sure, and what it was worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError, SettingError
from sartor.rows import ROW
from sartor.sections import Caution
from sartor.testing import make_context, make_scoring, make_training
from sartor_domains.healthcare.care.policies import best_factor
from sartor_domains.healthcare.care_list import CareList
from sartor_plugins.survival.curves import answers

CLASSES = ("well", "ill")


@pytest.fixture
def heard():
    return []


@pytest.fixture
def context(tmp_path, heard):
    return make_context(tmp_path, heard=heard)


def settings(**more):
    terms = {} if "threshold" in more else {"benefit": 20000.0, "cost": 1500.0}
    return CareList.model_validate({**terms, **more})


def decide(context, risks, low=None, high=None, explain=None, **more):
    columns = {"probability": np.array(risks, dtype=float)}
    if low is not None:
        columns |= {"probability_low": np.array(low, dtype=float), "probability_high": np.array(high, dtype=float)}
    rows = make_scoring(pd.DataFrame({"age": [50.0] * len(risks), "bp": [120.0] * len(risks)}), classes=CLASSES)
    explained = replace(context, explain=explain) if explain else context
    return settings(**more).decide(pd.DataFrame(columns), rows, explained)


def test_care_pays_from_cost_over_benefit_on_and_the_highest_risk_comes_first(context):
    # 1,500 / 20,000 is 7.5 %.
    decisions = decide(context, [0.074, 0.3, 0.075, 0.9])
    assert decisions["decision"].tolist() == ["usual care", "care", "care", "care"]
    assert decisions["place"].tolist()[1:] == [2.0, 3.0, 1.0]
    assert np.isnan(decisions["place"][0])


def test_where_there_is_room_for_half_the_highest_risks_are_on_the_list(context, heard):
    decisions = decide(context, [0.2, 0.3, 0.4, 0.01], explain=lambda rows: None, at_most=0.5)
    assert decisions["decision"].tolist() == ["usual care", "care", "care", "usual care"]
    assert [note.text for note in heard] == [
        "1 of 4 patients has a risk that is worth acting on, and there is no room for it on the list"
    ]


def test_a_decision_is_unsure_where_the_interval_spans_the_threshold(context):
    decisions = decide(context, [0.1, 0.1, 0.05], low=[0.08, 0.06, 0.02], high=[0.12, 0.2, 0.09])
    assert decisions["unsure"].tolist() == [False, True, True]
    assert not decide(context, [0.1])["unsure"].any()


def test_factors_are_those_that_raise_the_risk_and_of_them_what_can_be_changed(context):
    def explain(rows):
        assert len(rows) == 1, "only those on the list are explained"
        return pd.DataFrame({"age": [0.5], "bp": [1.5], "sex": [-2.0]})

    decisions = decide(context, [0.5, 0.01], explain=explain, changeable={"bp": "Blood pressure"})
    assert decisions["factors"].tolist() == [["Blood pressure", "Age"], []]
    assert decisions["changeable"].tolist() == [["Blood pressure"], []]


def test_factors_that_may_not_be_named_are_left_out(context):
    decisions = decide(
        context, [0.5], explain=lambda rows: pd.DataFrame({"age": [0.5], "bp": [1.5]}), not_factors=["bp"]
    )
    assert decisions["factors"].tolist() == [["Age"]]


def test_a_factor_that_is_not_there_is_named_with_the_nearest(context):
    with pytest.raises(InputError, match="changeable names 'bpp', and the rows have no such column") as error:
        decide(context, [0.5], changeable={"bpp": "Blood pressure"})
    assert ("did you mean", "bp") in error.value.problems[0].hints


def test_more_than_one_event_has_no_care_list(context):
    rows = make_scoring(pd.DataFrame({"age": [50.0]}), classes=("a", "b", "c"))
    with pytest.raises(InputError, match="a care list is about one event, and the task tells 3 outcomes apart"):
        settings().decide(pd.DataFrame({"probability:a": [1.0]}), rows, context)


def outcome(*ill):
    return make_training(pd.DataFrame({"age": [50.0] * len(ill)}), [CLASSES[one] for one in ill], classes=CLASSES)


def made(*decisions):
    return pd.DataFrame({ROW: range(len(decisions)), "decision": list(decisions)})


def test_a_found_event_is_worth_the_benefit_less_the_cost_and_a_false_alarm_costs():
    worth = settings().value(made("care", "care", "usual care", "usual care"), outcome(1, 0, 1, 0))
    assert worth.tolist() == [18500.0, -1500.0, 0.0, 0.0]


def test_without_money_it_is_worth_net_benefit():
    # At 20 % a false alarm costs a quarter of an event.
    worth = settings(threshold=0.2).value(made("care", "care", "usual care"), outcome(1, 0, 1))
    assert worth.tolist() == pytest.approx([1.0, -0.25, 0.0])


def test_simple_policies_are_everyone_nobody_and_the_best_single_factor(context):
    age = np.arange(100.0)
    ill = [CLASSES[int(one)] for one in age >= 80]
    training = make_training(pd.DataFrame({"age": age}), ill, classes=CLASSES)
    policies = settings(threshold=0.5).policies(training, training.without_truth(), context)
    assert list(policies) == ["care for everyone", "care for nobody", "one factor"]
    assert (policies["one factor"]["decision"] == "care").tolist() == (age >= 80).tolist()
    assert policies["one factor"].attrs["about"] == "care where Age is at least 80"


def test_where_no_factor_helps_the_rule_treats_all_alike():
    rule = best_factor(pd.DataFrame({"age": np.arange(100.0)}), np.full(100, -1.0))
    assert rule.column is None
    assert not rule.listed(pd.DataFrame({"age": [1.0]})).any()


def test_the_headline_names_how_many_and_from_which_risk(context):
    decisions = decide(context, [0.1, 0.1, 0.05], low=[0.08, 0.06, 0.02], high=[0.12, 0.2, 0.06])
    assert settings(noun="women").headline(decisions) == (
        "Care for 2 of 3 women first, from a risk of 7.5 % on, 1 of them unsure."
    )


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"benefit": 10.0}, "benefit is said and cost is missing"),
        ({}, "nothing says from which risk on it is worth acting"),
        ({"benefit": 10.0, "cost": 1.0, "threshold": 0.2}, "benefit, cost and threshold say twice"),
        ({"benefit": 10.0, "cost": 20.0}, "caring for one patient costs 20 and is worth 10 at most: it never pays"),
    ],
)
def test_terms_that_contradict_each_other_are_refused(terms, message):
    with pytest.raises(Exception, match=message):
        CareList.model_validate(terms)


class TestByAHorizon:
    @pytest.fixture
    def followed(self):
        """Four patients: dead after 1, lost after 2, dead after 3, dead after 9."""
        y = pd.DataFrame({"time": [1.0, 2.0, 3.0, 9.0], "event": [1, 0, 1, 1]})
        return make_training(pd.DataFrame({"age": [50.0] * 4}), y, answers="survival", classes=())

    def said(self, *chances):
        return answers(np.zeros(len(chances)), np.array([5.0]), 1 - np.array(chances)[:, None])

    def test_the_risk_is_that_of_the_event_by_then(self, context, followed):
        decisions = settings(threshold=0.2, horizon=5.0).decide(
            self.said(0.1, 0.21, 0.3, 0.0), followed.without_truth(), context
        )
        assert decisions["risk"].tolist() == pytest.approx([0.1, 0.21, 0.3, 0.0])
        assert decisions["decision"].tolist() == ["usual care", "care", "care", "usual care"]

    def test_without_a_horizon_it_is_asked_by_when(self, context, followed):
        with pytest.raises(SettingError, match="the care list does not say by when: a risk is of a time") as error:
            settings(threshold=0.2).decide(self.said(0.1, 0.2, 0.3, 0.0), followed.without_truth(), context)
        assert error.value.problems[0].hints == (("to mend", "say it in the unit of the time: horizon: 365"),)

    def test_a_horizon_that_nobody_in_training_reached_is_refused(self, context, followed):
        plan = settings(threshold=0.2, horizon=12.0)
        with pytest.raises(
            InputError, match="horizon 12 lies beyond all follow-up: nobody of those who teach"
        ) as error:
            plan.policies(followed, followed.without_truth(), context)
        assert error.value.problems[0].code == "D198"
        assert error.value.problems[0].hints == (("to mend", "take a horizon up to 9, in the unit of the time"),)
        assert settings(threshold=0.2, horizon=9.0).policies(followed, followed.without_truth(), context)

    def test_a_horizon_that_nobody_who_judges_reached_is_a_caution(self, context, followed):
        found = {}
        for horizon in (9.0, 12.0):
            plan = settings(threshold=0.2, horizon=horizon)
            decisions = plan.decide(self.said(0.1, 0.21, 0.3, 0.0), followed.without_truth(), context)
            found[horizon] = [one for one in plan.sections(decisions, followed, context) if isinstance(one, Caution)]
        assert found[9.0] == []
        assert [one.id for one in found[12.0]] == ["horizon-beyond-follow-up"]
        assert "**Nobody who judges was watched up to 12**, the longest for 9:" in found[12.0][0].sentence

    def test_deaths_after_a_loss_stand_for_those_who_were_lost(self, followed):
        # One of three was lost before 3, so the death at 3 stands for 1.5; that at 9 came too late.
        worth = settings(threshold=0.2, horizon=5.0).value(made("care", "care", "care", "care"), followed)
        assert worth.tolist() == pytest.approx([1.0, -0.25, 1.5 * 1.25 - 0.25, -0.25])
