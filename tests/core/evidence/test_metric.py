from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from sartor.errors import PluginError
from sartor.evidence.bootstrap import Redraws, measure
from sartor.evidence.metric import Metric


def rows(truth, predictions):
    return SimpleNamespace(truth=np.array(truth), predictions=np.array(predictions))


def squared(judged):
    return (judged.predictions - judged.truth) ** 2


def most(judged, weights):
    return np.where(weights > 0, judged.truth, -np.inf).max(axis=1)


RMSE = Metric("rmse", "RMSE", "lower", "How far off.", per_row=squared, then=np.sqrt)
MOST = Metric("most", "most", "higher", "The largest.", overall=most)


def test_a_metric_of_rows_is_their_weighted_mean():
    judged = rows([0.0, 0.0], [3.0, 4.0])
    assert RMSE.value(judged) == pytest.approx(np.sqrt(12.5))
    assert RMSE.evaluate(judged, np.array([[1.0, 0.0], [0.0, 2.0]])).tolist() == [3, 4]


def test_a_metric_of_all_rows_is_asked_for_all_redraws_at_once():
    judged = rows([1.0, 5.0, 3.0], [0, 0, 0])
    assert MOST.value(judged) == 5
    assert MOST.evaluate(judged, np.array([[1.0, 1, 1], [2, 0, 1]])).tolist() == [5, 3]


def test_a_redraw_without_rows_has_no_mean():
    assert np.isnan(RMSE.evaluate(rows([0.0], [1.0]), np.array([[0.0]]))).all()


@pytest.mark.parametrize(
    ("better", "values", "shortfall"),
    [("higher", [0.7, 0.8], [-0.7, -0.8]), ("lower", [0.7, 0.8], [0.7, 0.8]), (1.0, [0.7, 1.2], [0.3, 0.2])],
)
def test_a_shortfall_is_lower_for_the_better(better, values, shortfall):
    metric = Metric("m", "M", better, "It.", overall=most)
    assert metric.shortfall(np.array(values)) == pytest.approx(shortfall)


@pytest.mark.parametrize("ways", [{}, {"per_row": squared, "overall": most}])
def test_a_metric_is_computed_in_exactly_one_way(ways):
    with pytest.raises(PluginError, match="metric 'm' must be given either per_row or overall, and not both"):
        Metric("m", "M", "lower", "It.", **ways)


def test_then_follows_a_mean():
    with pytest.raises(PluginError, match="metric 'm' is computed overall; then only follows a mean of per_row"):
        Metric("m", "M", "lower", "It.", overall=most, then=np.sqrt)


@pytest.mark.parametrize("better", ["more", True, float("nan"), None])
def test_better_is_a_direction_or_a_number(better):
    with pytest.raises(PluginError, match=f"is better 'higher', 'lower' or near a number, not {better!r}"):
        Metric("m", "M", better, "It.", overall=most)


def test_a_metric_that_gives_another_shape_is_named():
    judged = rows([1.0, 2.0], [1.0, 2.0])
    per_row = Metric("m", "M", "lower", "It.", per_row=lambda judged: np.zeros(3))
    with pytest.raises(PluginError, match=r"metric 'm' gave losses of shape \(3,\) for 2 rows; one a row is due"):
        per_row.value(judged)
    overall = Metric("m", "M", "lower", "It.", overall=lambda judged, weights: np.zeros(()))
    with pytest.raises(
        PluginError, match=r"metric 'm' gave values of shape \(\) for 1 sets of weights; one each is due"
    ):
        overall.value(judged)
    with pytest.raises(PluginError, match="metric 'm' is no mean of rows"):
        overall.losses(judged)


def test_metrics_and_verdicts_are_known_without_numpy():
    code = "import sys, sartor.evidence.metric, sartor.evidence.verdicts; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_partial_metric_is_the_mean_of_the_rows_that_count():
    metric = Metric("hit", "hit rate", "higher", "Where something was wanted.", partial=True,
                    per_row=lambda judged: np.array([1.0, np.nan, 0.0, 1.0]))  # fmt: skip
    judged = SimpleNamespace(truth=np.zeros(4))
    assert metric.value(judged) == pytest.approx(2 / 3)
    weights = np.array([[1.0, 5.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    assert metric.evaluate(judged, weights).tolist() == pytest.approx([0.5, np.nan], nan_ok=True)


def test_a_partial_metric_has_the_same_value_beside_others_that_count_all_rows():
    losses = np.array([1.0, np.nan, 0.0, 1.0, 0.0, 1.0])
    partial = Metric("hit", "hit rate", "higher", "x", partial=True, per_row=lambda judged: losses)
    whole = Metric("all", "all", "higher", "x", per_row=lambda judged: np.nan_to_num(losses))
    found = measure({"model": SimpleNamespace(truth=losses)}, [partial, whole], Redraws(6, count=50))["model"]
    assert found["hit"].value == pytest.approx(3 / 5)
    assert found["all"].value == pytest.approx(3 / 6)
    assert np.isfinite(found["hit"].draws).all()
