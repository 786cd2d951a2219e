"""Every metric equals scikit-learn's, for plain rows and for rows that are repeated instead of weighted."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer

from sartor_plugins.learn.metrics.calibration_error import calibration_error
from sartor_plugins.learn.metrics.calibration_line import CLIP, calibration_line
from sartor_plugins.learn.metrics.discrimination import auc, auc_one_against_rest, average_precision, gini, ks, lift
from sartor_plugins.learn.metrics.distance import absolute_error, pinball, r2, squared_error, surplus
from sartor_plugins.learn.metrics.labels import correct, macro_f1
from sartor_plugins.learn.metrics.probability_losses import brier, log_loss, multiclass_brier, multiclass_log_loss
from sartor_plugins.learn.metrics.weights import weighted_mean

Row = tuple[int, float, tuple[int, ...]]

REDRAWS = 2

# Few distinct probabilities make ties; arbitrary ones make none. Both ends are included.
probabilities = st.one_of(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.floats(0, 1, allow_subnormal=False))
counts = st.tuples(*[st.integers(0, 3)] * REDRAWS)
binary_rows = st.lists(st.tuples(st.integers(0, 1), probabilities, counts), min_size=1, max_size=25)
quick = settings(deadline=None, max_examples=50, derandomize=True)


def columns(rows: list[Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    truth, said, weights = zip(*rows, strict=True)
    return np.array(truth), np.array(said), np.array(weights, dtype=float).T


def repeated(truth: np.ndarray, said: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    times = weights.astype(int)
    return np.repeat(truth, times, axis=0), np.repeat(said, times, axis=0)


def peer_ks(truth: np.ndarray, said: np.ndarray) -> float:
    false_positive, true_positive, _ = peer.roc_curve(truth, said, drop_intermediate=False)
    return float((true_positive - false_positive).max())


def slow_groups(truth: np.ndarray, said: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and probabilities in groups of equal size: every row is cut in as many parts as there are groups."""
    order = np.argsort(-said, kind="stable")
    fair = np.array([truth[said == probability].mean() for probability in said])
    return (np.repeat(column[order], groups).reshape(groups, -1) for column in (fair, said))


def slow_calibration_error(truth: np.ndarray, said: np.ndarray) -> float:
    happened, expected = slow_groups(truth, said, 10)
    return float(np.abs(happened.mean(axis=1) - expected.mean(axis=1)).mean())


def slow_lift(truth: np.ndarray, said: np.ndarray) -> float:
    happened, _ = slow_groups(truth, said, 10)
    return float(happened[0].mean() / truth.mean())


NEEDS_EVENTS = {
    "average_precision": (average_precision, peer.average_precision_score),
    "lift": (lift, slow_lift),
}
NEEDS_BOTH = {
    "auc": (auc, peer.roc_auc_score),
    "gini": (gini, lambda truth, said: 2 * peer.roc_auc_score(truth, said) - 1),
    "ks": (ks, peer_ks),
}


@pytest.mark.parametrize("name", [*NEEDS_EVENTS, *NEEDS_BOTH])
@given(rows=binary_rows)
@quick
def test_a_metric_of_order_weighs_rows_as_if_they_were_repeated(name: str, rows: list[Row]) -> None:
    truth, said, weights = columns(rows)
    ours, theirs = (NEEDS_EVENTS | NEEDS_BOTH)[name]
    redrawn = ours(truth, said, weights)
    for place, line in enumerate(weights):
        happened, scores = repeated(truth, said, line)
        classes = set(happened.tolist())
        if 1 not in classes or (name in NEEDS_BOTH and 0 not in classes):
            assert np.isnan(redrawn[place])
        else:
            assert redrawn[place] == pytest.approx(theirs(happened, scores), abs=1e-12)


@pytest.mark.parametrize("name", [*NEEDS_EVENTS, *NEEDS_BOTH])
@given(rows=binary_rows)
@quick
def test_a_metric_of_order_does_not_depend_on_the_order_of_the_rows(name: str, rows: list[Row]) -> None:
    ours, _ = (NEEDS_EVENTS | NEEDS_BOTH)[name]
    there, back = columns(rows), columns(rows[::-1])
    assert ours(*there) == pytest.approx(ours(*back), abs=1e-12, nan_ok=True)


@given(rows=binary_rows)
@quick
def test_calibration_error_is_that_of_rows_cut_into_ten_equal_groups(rows: list[Row]) -> None:
    truth, said, weights = columns(rows)
    redrawn = calibration_error(truth, said, weights)
    for place, line in enumerate(weights):
        if not line.any():
            assert np.isnan(redrawn[place])
        else:
            assert redrawn[place] == pytest.approx(slow_calibration_error(*repeated(truth, said, line)), abs=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param(brier, peer.brier_score_loss, id="brier"),
        pytest.param(log_loss, lambda truth, said: peer.log_loss(truth, said, labels=[0, 1]), id="log loss"),
        pytest.param(lambda t, s: correct(t, s > 0.5), lambda t, s: peer.accuracy_score(t, s > 0.5), id="accuracy"),
    ],
)
@given(rows=binary_rows)
@quick
def test_a_loss_of_rows_is_averaged_by_weight(ours: Callable, theirs: Callable, rows: list[Row]) -> None:
    truth, said, weights = columns(rows)
    redrawn = weighted_mean(ours(truth, said), weights)
    for place, line in enumerate(weights):
        if line.any():
            assert redrawn[place] == pytest.approx(theirs(*repeated(truth, said, line)), abs=1e-12)
        else:
            assert np.isnan(redrawn[place])


@given(rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), counts), min_size=1, max_size=25))
@quick
def test_macro_f1_leaves_out_classes_that_a_redraw_neither_has_nor_says(rows: list[Row]) -> None:
    truth, said, weights = columns(rows)
    redrawn = macro_f1(truth, said, weights)
    for place, line in enumerate(weights):
        if line.any():
            expected = peer.f1_score(*repeated(truth, said, line), average="macro", zero_division=0)
            assert redrawn[place] == pytest.approx(expected, abs=1e-12)
        else:
            assert np.isnan(redrawn[place])


@given(rows=binary_rows)
@quick
def test_the_calibration_line_solves_the_equations_of_maximum_likelihood(rows: list[Row]) -> None:
    truth, said, weights = columns(rows)
    odds = np.clip(said, CLIP, 1 - CLIP)
    odds = np.log(odds / (1 - odds))
    slopes, intercepts = calibration_line(truth, said, weights)
    for slope, intercept, line in zip(slopes, intercepts, weights, strict=True):
        events, others = odds[(line > 0) & (truth == 1)], odds[(line > 0) & (truth == 0)]
        overlap = len(events) and len(others) and events.min() < others.max() and others.min() < events.max()
        if not overlap:
            assert np.isnan(slope)
            assert np.isnan(intercept)
            continue
        surplus_ = line * (truth - 1 / (1 + np.exp(-intercept - slope * odds)))
        assert surplus_.sum() == pytest.approx(0, abs=1e-6)
        assert (surplus_ * odds).sum() == pytest.approx(0, abs=1e-6 * max(1, np.abs(odds).max()))


def three_classes(draw: st.DrawFn) -> tuple[int, list[float], tuple[int, ...]]:
    shares = np.array(draw(st.lists(st.integers(1, 5), min_size=3, max_size=3)), dtype=float)
    return draw(st.integers(0, 2)), (shares / shares.sum()).tolist(), draw(counts)


@given(rows=st.lists(st.composite(three_classes)(), min_size=1, max_size=20))
@quick
def test_metrics_of_several_classes_equal_the_peer(rows: list[tuple[int, list[float], tuple[int, ...]]]) -> None:
    truth, said, weights = columns(rows)  # type: ignore[arg-type]
    areas = auc_one_against_rest(truth, said, weights)
    losses = weighted_mean(multiclass_log_loss(truth, said), weights)
    scores = weighted_mean(multiclass_brier(truth, said), weights)
    for place, line in enumerate(weights):
        if not line.any():
            continue
        there, shares = repeated(truth, said, line)
        assert losses[place] == pytest.approx(peer.log_loss(there, shares, labels=[0, 1, 2]), abs=1e-12)
        assert scores[place] == pytest.approx(((shares - np.eye(3)[there]) ** 2).sum(axis=1).mean(), abs=1e-12)
        if set(there.tolist()) == {0, 1, 2}:
            assert areas[place] == pytest.approx(peer.roc_auc_score(there, shares, multi_class="ovr"), abs=1e-12)


numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


@given(rows=st.lists(st.tuples(numbers, numbers, counts), min_size=1, max_size=20))
@quick
def test_metrics_of_numbers_equal_the_peer(rows: list[Row]) -> None:
    truth, said, weights = columns(rows)
    redrawn = {
        "mse": weighted_mean(squared_error(truth, said), weights),
        "mae": weighted_mean(absolute_error(truth, said), weights),
        "bias": weighted_mean(surplus(truth, said), weights),
        "pinball": weighted_mean(pinball(truth, said, quantile=0.9), weights),
        "r2": r2(truth, said, weights),
    }
    for place, line in enumerate(weights):
        if not line.any():
            assert all(np.isnan(values[place]) for values in redrawn.values())
            continue
        there, answers = repeated(truth, said, line)
        assert redrawn["mse"][place] == pytest.approx(peer.mean_squared_error(there, answers), rel=1e-9)
        assert redrawn["mae"][place] == pytest.approx(peer.mean_absolute_error(there, answers), rel=1e-9)
        assert redrawn["bias"][place] == pytest.approx(np.mean(answers - there), rel=1e-9, abs=1e-9)
        assert redrawn["pinball"][place] == pytest.approx(peer.mean_pinball_loss(there, answers, alpha=0.9), rel=1e-9)
        # A spread that is all but lost among the digits of the numbers is no yardstick for either.
        if there.std() > 1e-6 * np.abs(truth).max():
            assert redrawn["r2"][place] == pytest.approx(peer.r2_score(there, answers), rel=1e-6, abs=1e-9)
        elif np.ptp(there) == 0:
            assert np.isnan(redrawn["r2"][place])


def test_the_calibration_slope_equals_an_unpenalised_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(5)
    odds = rng.normal(size=400)
    truth = (rng.random(400) < 1 / (1 + np.exp(-0.7 * odds + 0.2))).astype(int)
    weights = rng.integers(0, 4, size=(2, 400)).astype(float)
    slope, intercept = calibration_line(truth, 1 / (1 + np.exp(-odds)), weights)
    for place, line in enumerate(weights):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # how "no penalty" is written has changed between versions
            theirs = LogisticRegression(C=1e12, tol=1e-12, max_iter=1000).fit(odds[:, None], truth, line)
        assert slope[place] == pytest.approx(theirs.coef_[0, 0], abs=1e-5)
        assert intercept[place] == pytest.approx(theirs.intercept_[0], abs=1e-5)
