"""Contributions: exact, additive, in log-odds or in the target's unit, and in the words of the features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from sartor.components import NUMBER, PROBABILITY
from sartor.context import Context
from sartor.rows import ROW, Training
from sartor_plugins.learn.models.bayes import NaiveBayes
from sartor_plugins.learn.models.boosting import Boosting, LightGBM
from sartor_plugins.learn.models.calibrated import Calibrated
from sartor_plugins.learn.models.linear import Linear, Logistic
from sartor_plugins.learn.models.trees import Tree

Rows = Callable[..., Training]


def log_odds(predictions: pd.DataFrame) -> np.ndarray:
    return np.asarray(logit(predictions["probability"]))


@pytest.mark.parametrize(
    "model", [Logistic(), NaiveBayes(), LightGBM(trees=20, min_leaf=5)], ids=lambda m: type(m).__name__
)
def test_contributions_add_up_to_the_log_odds(model, make_rows: Rows, context: Context):
    if isinstance(model, LightGBM):
        pytest.importorskip("lightgbm")
    training = make_rows(PROBABILITY)
    fitted = model.fit(training, context)
    found = fitted.explain(training.without_truth())
    assert set(found.columns) <= set(training.X.columns)
    rest = log_odds(fitted.predict(training)) - found.sum(axis=1)
    np.testing.assert_allclose(rest, rest.iloc[0], atol=1e-8)


def test_contributions_are_0_for_the_average_training_row(make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY)
    for model in (Logistic(), NaiveBayes()):
        found = model.fit(training, context).explain(training.without_truth())
        np.testing.assert_allclose(found.mean(), 0, atol=1e-9)


def test_contributions_of_a_line_can_be_checked_by_hand(context: Context):
    X = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0]})
    training = Training(pd.DataFrame({ROW: range(4)}), X, NUMBER, y=np.array([1.0, 3.0, 5.0, 7.0]))
    fitted = Linear(penalty=0).fit(training, context)
    # The line rises by 2 for each x; the average x is 1.5.
    np.testing.assert_allclose(fitted.explain(training)["x"], [-3.0, -1.0, 1.0, 3.0], atol=1e-9)


def test_flags_and_gaps_of_a_category_count_for_the_category(make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY)
    fitted = Logistic().fit(training, context)
    assert "home = rent" in fitted.learned()["coefficients"]
    found = fitted.explain(training.without_truth())
    assert "home" in found
    assert "home = rent" not in found


def test_calibration_stretches_contributions(make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY, n_rows=300)
    fitted = Calibrated(model={"use": "learn.logistic"}).fit(training, context)
    slope = fitted.learned()["calibration"]["bad"]["slope"]
    plain = Logistic().fit(training, context).explain(training.without_truth())
    np.testing.assert_allclose(fitted.explain(training.without_truth()), plain * slope, rtol=1e-9)


@pytest.mark.parametrize("model", [Tree(), Boosting(trees=5)], ids=lambda m: type(m).__name__)
def test_what_has_no_exact_contributions_gives_none(model, make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY)
    assert model.fit(training, context).explain(training.without_truth()) is None


def test_more_than_two_classes_have_no_contributions(make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY, n_classes=3)
    assert Logistic().fit(training, context).explain(training.without_truth()) is None


def test_a_tree_is_told_as_rules_that_hold(context: Context):
    X = pd.DataFrame({"age": [20.0] * 60 + [40.0] * 30, "home": ["own", "rent"] * 45})
    y = np.array([1] * 60 + [0, 1] * 15)
    training = Training(pd.DataFrame({ROW: range(90)}), X, PROBABILITY, ("good", "bad"), y=y)
    learned = Tree(min_leaf=5).fit(training, context).learned()
    assert learned["leaves"] == 3
    by_conditions = {tuple(rule["if"]): rule for rule in learned["rules"]}
    young = by_conditions["age <= 30",]
    assert young["training rows"] == 60
    # 60 bad of 60, drawn to the base rate of 75 in 90 by one row more.
    assert young["then"]["bad"] == pytest.approx((60 + 75 / 90) / 61)
    owners = next(
        rule for conditions, rule in by_conditions.items() if conditions[0] == "age > 30" and rule["then"]["bad"] < 0.5
    )
    assert owners["then"]["bad"] == pytest.approx(75 / 90 / 16)


def test_importance_adds_up_to_1_and_names_features(make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY, n_rows=400)
    for model in (Tree(), Boosting(trees=10)):
        importance = model.fit(training, context).learned()["importance"]
        assert sum(importance.values()) == pytest.approx(1)
        assert next(iter(importance)) == "income"
        assert set(importance) <= set(training.X.columns)
