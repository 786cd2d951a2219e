"""Concordance and Brier scores: by hand, by brute force, and under redraws."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sartor.rows import Judged
from sartor_plugins.survival.concordance import concordance
from sartor_plugins.survival.curves import answers, chance_within, grid_of, survival_at
from sartor_plugins.survival.metrics import survival_metrics
from sartor_plugins.survival.scores import Watched


def by_brute_force(time, event, risk, weight):
    pairs = right = 0.0
    for i in range(len(time)):
        for j in range(len(time)):
            longer = time[i] < time[j] or (time[i] == time[j] and not event[j])
            if i != j and event[i] and longer:
                pairs += weight[i] * weight[j]
                right += weight[i] * weight[j] * (1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0)
    return right / pairs if pairs else np.nan


def test_concordance_counts_pairs_of_which_one_is_known_to_be_first():
    time, event = np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, False])
    # Comparable: the first with all others, the third with the fourth. The risks put three of these four right.
    assert concordance(time, event, np.array([4.0, 1.0, 5.0, 2.0]), np.ones((1, 4)))[0] == 0.75


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_brute_force_counts_with_ties_in_time_and_risk_and_any_weights(seed):
    rng = np.random.default_rng(seed)
    time, event = rng.integers(1, 8, 30).astype(float), rng.random(30) < 0.6
    risk = rng.integers(0, 6, 30).astype(float)
    weights = rng.integers(0, 3, (4, 30)).astype(float)
    expected = [by_brute_force(time, event, risk, weight) for weight in weights]
    assert concordance(time, event, risk, weights).tolist() == pytest.approx(expected)


def test_one_risk_for_all_is_a_coin_and_nothing_to_compare_is_no_number():
    time, event = np.array([1.0, 2.0, 2.0]), np.array([True, True, False])
    weights = np.array([[1.0, 1, 1], [0, 1, 1], [0, 2, 0], [1, 0, 0]])
    assert concordance(time, event, np.zeros(3), weights)[:2].tolist() == [0.5, 0.5]
    assert np.isnan(concordance(time, event, np.zeros(3), weights)[2:]).all()
    assert np.isnan(concordance(time, event, np.arange(3.0), weights)[2:]).all()


def judged(time, event, curves, times=(1.0, 2.0, 3.0), learned=None):
    truth = pd.DataFrame({"time": np.array(time, dtype=float), "event": np.array(event)})
    said = answers(np.arange(len(time), dtype=float), np.array(times), np.array(curves, dtype=float))
    y = truth if learned is None else learned
    return Judged(truth, said, truth, (), SimpleNamespace(y=y))


def test_the_brier_score_weighs_for_who_was_lost():
    # One event at 1, one lost at 2, two still watched at 4. Still watched just after 2: two of three.
    watched = Watched.of(judged([1, 2, 4, 4], [1, 0, 0, 0], [[0.5, 0.5, 0.5]] * 4))
    losses = watched.brier(np.array([1.0, 3.0]))
    assert losses[:, 0].tolist() == [0.25, 0.25, 0.25, 0.25]
    # At 3 the lost one is not known, and each of the others there stands for 1.5.
    assert losses[:, 1].tolist() == pytest.approx([0.25, 0.0, 0.375, 0.375])


def test_who_was_watched_for_longer_than_anybody_in_training_has_no_event_until_then():
    learned = pd.DataFrame({"time": [1.0, 3.0], "event": [1, 0]})
    watched = Watched.of(judged([1, 5, 6], [1, 1, 0], [[0.5, 0.5, 0.5]] * 3, learned=learned))
    assert (watched.time.tolist(), watched.event.tolist(), watched.cut) == ([1.0, 3.0, 3.0], [True, False, False], 2)
    assert watched.end == 3.0


def test_a_horizon_beyond_both_follow_ups_has_no_number():
    metrics = {metric.name: metric for metric in survival_metrics([2.5, 4.0])}
    rows = judged([1, 2, 3, 3], [1, 1, 0, 0], [[0.9, 0.8, 0.7]] * 4)
    assert np.isfinite(metrics["brier_at_2_5"].value(rows))
    assert np.isnan(metrics["brier_at_4"].value(rows))
    assert np.isnan(metrics["observed_to_expected_at_4"].value(rows))


def test_observed_to_expected_is_one_where_as_many_events_were_said_as_came():
    metric = next(one for one in survival_metrics([2.0]) if one.name == "observed_to_expected_at_2")
    # Half had the event by 2; a chance of a half was said of everybody.
    assert metric.value(judged([1, 2, 3, 3], [1, 1, 0, 0], [[0.75, 0.5, 0.5]] * 4)) == 1.0


def test_the_integrated_score_is_a_mean_of_rows_so_that_redraws_cost_nothing():
    metric = survival_metrics()[0]
    rng = np.random.default_rng(0)
    time, event = rng.exponential(2, 60).round(1), rng.random(60) < 0.7
    rows = judged(time, event, np.sort(rng.random((60, 3)))[:, ::-1])
    twice = np.array([[2.0] * 30 + [0.0] * 30])
    assert metric.evaluate(rows, twice)[0] == pytest.approx(metric.losses(rows)[:30].mean())


def test_curves_of_several_models_are_read_each_at_its_own_times():
    first = answers(np.zeros(2), np.array([1.0, 2.0]), np.array([[0.9, 0.8], [0.7, 0.6]]))
    second = answers(np.zeros(1), np.array([1.5]), np.array([[0.5]]))
    together = pd.concat([first, second], ignore_index=True)
    assert survival_at(together, np.array([1.0, 2.0])).tolist() == [[0.9, 0.8], [0.7, 0.6], [1.0, 0.5]]
    assert chance_within(together, 1.4).tolist() == pytest.approx([0.1, 0.3, 0.0])


def test_many_times_are_thinned_to_equal_shares_of_the_events():
    time = np.arange(1000.0)
    grid = grid_of(time, np.ones(1000, dtype=bool))
    assert len(grid) == 200
    assert (grid[0], grid[-1]) == (0.0, 999.0)
    assert np.diff(grid).max() <= 6
