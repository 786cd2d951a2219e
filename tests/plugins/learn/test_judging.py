"""One set of metrics for two classes and for more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.errors import SettingError
from sartor.rows import Judged
from sartor_plugins.learn.judging import classification_metrics, default_metric, metric_called, metric_names
from sartor_plugins.learn.metrics import binary_metrics, multiclass_metrics


def judged(n_classes: int) -> Judged:
    rng = np.random.default_rng(0)
    classes = tuple("abcd"[:n_classes])
    truth = rng.integers(0, n_classes, 60)
    said = rng.dirichlet(np.ones(n_classes), 60)
    columns = (
        {"probability": said[:, 1]}
        if n_classes == 2
        else {f"probability:{c}": said[:, k] for k, c in enumerate(classes)}
    )
    return Judged(truth, pd.DataFrame(columns), pd.DataFrame(index=range(60)), classes)


@pytest.mark.parametrize(("n_classes", "theirs"), [(2, binary_metrics), (3, multiclass_metrics)])
def test_each_metric_is_that_of_its_number_of_classes(n_classes, theirs):
    rows = judged(n_classes)
    ours = {metric.name: metric.value(rows) for metric in classification_metrics()}
    expected = {metric.name: metric.value(rows) for metric in theirs()}
    assert {name: value for name, value in ours.items() if not np.isnan(value)} == expected


def test_metrics_of_two_classes_do_not_exist_for_three():
    rows = judged(3)
    none = [metric.name for metric in classification_metrics() if np.isnan(metric.value(rows))]
    assert {"average_precision", "ks", "gini", "calibration_slope", "calibration_error", "lift_at_10_percent"} == set(
        none
    ) - {"calibration_intercept"}


def test_what_stands_beside_a_metric_stands_beside_it_for_two_classes_only():
    error = next(metric for metric in classification_metrics() if metric.name == "calibration_error")
    assert "calibration_error_expected" in error.beside(judged(2))
    assert error.beside(judged(3)) == {}


def test_redraws_give_a_value_each_also_where_there_is_none():
    weights = np.ones((4, 60))
    for metric in classification_metrics():
        assert metric.evaluate(judged(3), weights).shape == (4,)


def test_choosing_goes_by_a_metric_that_is_a_mean_of_rows_unless_told():
    assert default_metric("probability") == "log_loss"
    assert default_metric("number") == "rmse"
    assert metric_called(None, "number").name == "rmse"
    assert {"auc", "rmse", "macro_f1"} <= set(metric_names())


def test_a_metric_that_does_not_judge_the_answer_is_refused():
    with pytest.raises(SettingError, match="a number is not judged by 'auc'  R042"):
        metric_called("auc", "number")
