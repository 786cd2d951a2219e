"""Cards looked at each day, small enough to be worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sartor.rows import AS_OF, GROUP
from sartor_domains.finance.fraud.days import Days
from sartor_domains.finance.fraud.metrics import metrics

PAYMENTS = pd.DataFrame(
    [
        # at, card, score, fraud, amount
        ("2024-05-01 08:00", "a", 0.9, 1, 100.0),
        ("2024-05-01 09:00", "a", 0.2, 0, 10.0),
        ("2024-05-01 10:00", "b", 0.8, 0, 50.0),
        ("2024-05-01 11:00", "c", 0.1, 1, 30.0),
        ("2024-05-02 08:00", "a", 0.95, 1, 70.0),
        ("2024-05-02 09:00", "c", 0.7, 1, 20.0),
        ("2024-05-02 10:00", "d", 0.6, 0, 40.0),
    ],
    columns=["at", "card", "score", "fraud", "amount"],
)


def judged(frame=PAYMENTS):
    rows = pd.DataFrame({AS_OF: pd.to_datetime(frame["at"]), GROUP: frame["card"], "amount": frame["amount"]})
    said = pd.DataFrame({"probability": frame["score"]})
    return SimpleNamespace(truth=frame["fraud"].to_numpy(), predictions=said, rows=rows, classes=("0", "1"))


def looked_at(weights, cards, frame=PAYMENTS):
    return Days.of(judged(frame), "amount").looked_at(np.asarray(weights, dtype=float), cards)


def test_a_card_found_on_one_day_is_not_looked_at_on_the_next():
    # Day 1: a of a, b is fraud. Day 2: a is blocked, so that c and d are looked at, and c is fraud.
    found = looked_at(np.ones((1, 7)), 2)
    assert found.precision.tolist() == [0.5]
    # Lost: 100 + 30 + 70 + 20; on cards looked at lie 100 and 20.
    assert found.value.tolist() == pytest.approx([120 / 220])


def test_a_day_with_fewer_cards_than_looks_counts_against_precision():
    # Day 1: a, b and c, and two are fraud. Day 2: both are blocked, and d is honest.
    assert looked_at(np.ones((1, 7)), 10).precision.tolist() == pytest.approx([(2 / 10 + 0) / 2])


def test_a_card_drawn_twice_takes_two_looks():
    twice_a = [2, 2, 1, 1, 2, 1, 1]
    found = looked_at([twice_a], 2)
    # Day 1: both looks go to a, both are fraud. Day 2: c and d.
    assert found.precision.tolist() == pytest.approx([(1.0 + 0.5) / 2])
    without_a = [0, 0, 1, 1, 0, 1, 1]
    assert looked_at([without_a], 1).precision.tolist() == pytest.approx([(0.0 + 1.0) / 2])


def test_many_redraws_are_what_each_of_them_is_alone(monkeypatch):
    rng = np.random.default_rng(3)
    weights = rng.poisson(1.0, (50, 4))[:, [0, 0, 1, 2, 0, 2, 3]].astype(float)
    whole = looked_at(weights, 2)
    alone = [looked_at(weights[line : line + 1], 2) for line in range(50)]
    assert whole.precision.tolist() == [one.precision[0] for one in alone]
    np.testing.assert_array_equal(whole.value, [one.value[0] for one in alone])
    monkeypatch.setattr("sartor_domains.finance.fraud.days.AT_ONCE", 5)
    np.testing.assert_array_equal(looked_at(weights, 2).value, whole.value)


def test_equal_scores_come_in_an_order_that_knows_neither_rows_nor_truth():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"at": "2024-05-01", "card": [f"c{n:03}" for n in range(400)], "score": 0.5, "amount": 1.0})
    frame["fraud"] = (np.arange(400) < 40).astype(int)
    precision = looked_at(np.ones((1, 400)), 100, frame).precision[0]
    shuffled = looked_at(np.ones((1, 400)), 100, frame.iloc[rng.permutation(400)].reset_index(drop=True)).precision[0]
    assert precision == shuffled
    assert 0.04 < precision < 0.16, "a tenth is fraud"


def test_fraud_without_an_amount_is_no_money_lost():
    frame = PAYMENTS.assign(amount=[np.nan, 10, 50, 30, -5, 0, 40])
    assert looked_at(np.ones((1, 7)), 2, frame).value.tolist() == [0.0]
    assert np.isnan(looked_at(np.ones((1, 7)), 2, PAYMENTS.assign(amount=0.0)).value).all()


def test_metrics_are_named_by_the_cards_looked_at():
    found = {metric.name: metric for metric in metrics("amount", 2)}
    assert list(found)[:4] == ["average_precision", "auc", "card_precision@2", "value_detection@2"]
    assert "calibration_error" in found
    assert "accuracy" not in found, "the likeliest class is never fraud"
    assert found["card_precision@2"].value(judged()) == 0.5
