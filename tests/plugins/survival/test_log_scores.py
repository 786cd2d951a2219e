"""Bits of curves: what a source tells of the time until an event."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sartor_plugins.survival.curves import answers
from sartor_plugins.survival.log_scores import cuts_of, log_scores


def of_exponentials(rate, time, event, grid):
    curves = np.exp(-np.outer(rate, grid))
    truth = pd.DataFrame({"time": time, "event": event.astype(int)})
    return SimpleNamespace(truth=truth, predictions=answers(rate, grid, curves), learned_from=None)


@pytest.mark.parametrize("lost", [False, True])
def test_the_right_curves_score_best_whoever_is_lost(lost):
    rng = np.random.default_rng(0)
    rate = np.exp(rng.normal(0, 0.7, 6000))
    time = rng.exponential(1 / rate)
    censored = rng.exponential(2.0, 6000) if lost else np.full(6000, np.inf)
    event, seen = time <= censored, np.minimum(time, censored)
    grid = np.sort(seen[event])[::10]
    scores = {
        factor: log_scores(of_exponentials(rate**factor, seen, event, grid)).mean() for factor in (0.0, 0.5, 1.0, 1.5)
    }
    assert max(scores, key=scores.get) == 1.0
    assert scores[1.0] - scores[0.0] > 0.05


def test_what_was_never_seen_is_no_infinite_loss():
    truth = pd.DataFrame({"time": [5.0, 1.0], "event": [1, 1]})
    said = answers(np.zeros(2), np.array([1.0, 5.0]), np.array([[0.0, 0.0], [1.0, 1.0]]))
    scores = log_scores(SimpleNamespace(truth=truth, predictions=said, learned_from=None))
    assert np.exp(scores) == pytest.approx([1 / 6, 1 / 6])


def test_without_an_event_there_is_one_interval():
    assert cuts_of(np.empty(0)).tolist() == []
