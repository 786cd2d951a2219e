"""The fit finds the lowest loss there is without a negative slope."""

from __future__ import annotations

import numpy as np
import pytest

from sartor_domains.finance.card import steps
from sartor_domains.finance.card.coefficients import non_negative_logistic
from sartor_domains.finance.card.steps import Design, steps_of, stiffness


def design_of(evidence):
    """A design in which each row has a place of its own."""
    places = np.arange(len(evidence))
    return Design((places,) * evidence.shape[1], tuple(column[:, None] for column in evidence.T))


def test_a_characteristic_that_only_repeats_another_the_wrong_way_drops_out():
    evidence = np.array([[1.0, 0.9], [1.0, 1.1], [-1.0, -1.0], [-1.0, -1.2]] * 50)
    bad = np.array([0, 1, 1, 1] * 50, dtype=float)
    _, *slopes = non_negative_logistic(design_of(evidence), bad, np.ones(200), np.eye(2))
    assert slopes[0] > 0
    assert slopes[1] == 0


@pytest.mark.parametrize("seed", range(10))
def test_slopes_are_where_the_loss_is_lowest(seed):
    rng = np.random.default_rng(seed)
    evidence = rng.normal(size=(300, 5)) @ rng.normal(size=(5, 5))
    bad = (rng.random(300) < 0.3).astype(float)
    weight = rng.random(300)
    found = non_negative_logistic(design_of(evidence), bad, weight, 2.0 * np.eye(5))
    assert (found[1:] >= 0).all()

    def loss(values):
        log_odds = values[0] + evidence @ values[1:]
        scaled = weight / weight.mean()
        return float(scaled @ (np.logaddexp(0, log_odds) - (1 - bad) * log_odds)) + 1.0 * float(values[1:] @ values[1:])

    best = loss(found)
    for _ in range(200):
        near = found + rng.normal(0, 0.01, 6)
        near[1:] = np.maximum(near[1:], 0)
        assert loss(near) >= best - 1e-6


def test_log_odds_that_are_there_already_stay():
    rng = np.random.default_rng(0)
    evidence = rng.normal(size=(500, 1))
    bad = (rng.random(500) < 1 / (1 + np.exp(1 + 2 * evidence[:, 0]))).astype(float)
    penalty = np.zeros((1, 1))
    alone = non_negative_logistic(design_of(evidence), bad, np.ones(500), penalty)
    beside = non_negative_logistic(design_of(evidence), bad, np.ones(500), penalty, offset=0.5 * evidence[:, 0] + 3)
    assert beside == pytest.approx(alone - [3, 0.5], abs=1e-4)


def test_two_columns_that_say_the_same_share_what_they_say():
    rng = np.random.default_rng(1)
    one = rng.normal(size=(200, 1))
    bad = (rng.random(200) < 1 / (1 + np.exp(one[:, 0]))).astype(float)
    alone = non_negative_logistic(design_of(one), bad, np.ones(200), np.zeros((1, 1)))
    twice = non_negative_logistic(design_of(np.hstack([one, one])), bad, np.ones(200), np.zeros((2, 2)))
    assert twice[1:].sum() == pytest.approx(alone[1], abs=1e-5)


def test_steps_lead_from_the_riskiest_bin_to_the_safest():
    come, length = steps_of(np.array([0.3, -1.0, 2.0, 0.3, 0.0]))
    assert length.tolist() == pytest.approx([1.0, 0.3, 1.7])
    assert come.sum(axis=1).tolist() == pytest.approx([1.3, 0.0, 3.0, 1.3, 1.0])
    assert come[2].tolist() == pytest.approx([1.0, 0.3, 1.7])


def test_what_is_infinitely_stiff_has_one_coefficient():
    rng = np.random.default_rng(2)
    woes = np.array([-0.8, -0.1, 0.2, 1.0])
    place = rng.integers(0, 4, 1000)
    # The first two bins are alike in truth, whatever their weights of evidence say.
    truth = np.array([-0.5, -0.5, 0.3, 1.0])
    bad = (rng.random(1000) < 1 / (1 + np.exp(truth[place]))).astype(float)
    come, length = steps_of(woes)
    single = non_negative_logistic(Design((place,), (woes[:, None],)), bad, np.ones(1000), np.array([[3.0]]))
    stiff = non_negative_logistic(Design((place,), (come,)), bad, np.ones(1000), stiffness([length], 3.0, 1e7))
    assert stiff[1:] == pytest.approx([single[1]] * 3, abs=1e-3)
    free = non_negative_logistic(Design((place,), (come,)), bad, np.ones(1000), stiffness([length], 3.0, 0.0))
    assert free[1] < stiff[1] / 2


def test_a_design_too_large_to_keep_gives_the_same_sums(monkeypatch):
    rng = np.random.default_rng(3)
    places = tuple(rng.integers(0, 4, 500) for _ in range(3))
    come = tuple(rng.normal(size=(4, 2)) for _ in range(3))
    weight = rng.random(500)
    whole = Design(places, come).squares(weight)
    dense = np.hstack([entry[place] for entry, place in zip(come, places, strict=True)])
    assert whole == pytest.approx(dense.T @ (dense * weight[:, None]))
    monkeypatch.setattr(steps, "IN_MEMORY", 100)
    monkeypatch.setattr(steps, "BLOCK", 64)
    assert Design(places, come).squares(weight) == pytest.approx(whole)
    assert Design(places, come).sums(weight) == pytest.approx(dense.T @ weight)
