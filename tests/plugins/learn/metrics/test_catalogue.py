from __future__ import annotations

import gc
import subprocess
import sys
import time
import weakref
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sartor.errors import SettingError
from sartor.evidence.bootstrap import Redraws, measure
from sartor.rows import Judged
from sartor_plugins.learn.metrics import binary_metrics, multiclass_metrics, pinball_metric, regression_metrics
from sartor_plugins.learn.metrics.once import Once
from sartor_plugins.learn.metrics.prepared import Binary


def judged(truth: list, classes: tuple = (), **answers: list) -> Judged:
    predictions = pd.DataFrame({name.replace("__", ":"): values for name, values in answers.items()})
    return Judged(np.array(truth), predictions, pd.DataFrame(), classes)


def test_metrics_of_two_classes_are_called_as_recipes_call_them():
    assert [metric.name for metric in binary_metrics()] == [
        "auc",
        "average_precision",
        "ks",
        "gini",
        "brier",
        "log_loss",
        "calibration_slope",
        "calibration_intercept",
        "calibration_error",
        "accuracy",
        "macro_f1",
        "lift_at_10_percent",
    ]


def test_metrics_of_two_classes_read_the_probability():
    rows = judged([1, 0, 1, 0], probability=[0.9, 0.8, 0.7, 0.1])
    values = {metric.name: metric.value(rows) for metric in binary_metrics()}
    assert values["auc"] == 0.75
    assert values["gini"] == 0.5
    assert values["ks"] == 0.5
    assert values["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert values["brier"] == pytest.approx((0.01 + 0.64 + 0.09 + 0.01) / 4)
    assert values["log_loss"] == pytest.approx(-np.log([0.9, 0.2, 0.7, 0.9]).mean())
    assert values["accuracy"] == 0.75
    assert values["macro_f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert values["lift_at_10_percent"] == 2
    # Ten groups of four rows: two rows share the third group, and two the eighth, where 0.1 of each surplus cancels.
    assert values["calibration_error"] == pytest.approx((0.1 + 0.8 + 0.3 + 0.1) / 4 - 2 * 0.1 / 10)
    assert np.isfinite([values["calibration_slope"], values["calibration_intercept"]]).all()


def test_a_probability_of_one_half_calls_no_event():
    accuracy = next(metric for metric in binary_metrics() if metric.name == "accuracy")
    assert accuracy.value(judged([0, 1], probability=[0.5, 0.5])) == 0.5
    assert accuracy.losses(judged([0, 1], probability=[0.5, 0.5])).tolist() == [1, 0]


def test_beside_the_calibration_error_stands_what_luck_alone_would_show():
    error = next(metric for metric in binary_metrics() if metric.name == "calibration_error")
    beside = error.beside(judged([1, 0] * 50, probability=[0.5] * 100))
    assert beside == {
        "calibration_error_expected": pytest.approx(0.04, abs=0.01),
        "calibration_error_expected_high": pytest.approx(0.1, abs=0.02),
    }


def test_metrics_of_several_classes_read_a_column_for_each():
    said = {
        "probability__low": [0.8, 0.1, 0.3],
        "probability__mid": [0.1, 0.6, 0.4],
        "probability__high": [0.1, 0.3, 0.3],
    }
    values = {
        metric.name: metric.value(judged([0, 1, 2], ("low", "mid", "high"), **said)) for metric in multiclass_metrics()
    }
    assert values["accuracy"] == pytest.approx(2 / 3)
    assert values["log_loss"] == pytest.approx(-np.log([0.8, 0.6, 0.3]).mean())
    assert values["brier"] == pytest.approx((0.06 + 0.26 + 0.74) / 3)
    assert values["auc"] == pytest.approx((1 + 1 + 0.75) / 3)
    assert values["macro_f1"] == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_metrics_of_numbers_read_the_number():
    rows = judged([1.0, 2.0, 6.0], number=[1.0, 3.0, 6.0])
    values = {metric.name: metric.value(rows) for metric in regression_metrics()}
    assert values["rmse"] == pytest.approx(np.sqrt(1 / 3))
    assert values["mae"] == pytest.approx(1 / 3)
    assert values["bias"] == pytest.approx(1 / 3)
    assert values["r2"] == pytest.approx(1 - 1 / 14)
    assert pinball_metric(0.9).value(rows) == pytest.approx(0.1 / 3)


def test_a_quantile_is_judged_by_what_was_said_of_it():
    rows = judged([1.0, 2.0, 6.0], number=[1.0, 3.0, 6.0], **{"quantile:0.9": [2.0, 4.0, 5.0]})
    assert pinball_metric(0.9).value(rows) == pytest.approx((0.1 + 0.2 + 0.9) / 3)
    # Of a quantile that was not answered there is the number only.
    assert pinball_metric(0.1).value(rows) == pytest.approx(0.9 / 3)


def test_a_quantile_that_is_a_percentage_is_refused_before_a_row_is_read():
    with pytest.raises(SettingError, match="the quantile must lie strictly between 0 and 1, got 90"):
        pinball_metric(90)


def test_a_task_may_say_where_its_answers_stand():
    rows = SimpleNamespace(truth=np.array(["bad", "good"]), predictions=np.array([0.8, 0.3]))
    auc = binary_metrics(lambda judged: Binary.of(judged.truth == "bad", judged.predictions))[0]
    assert auc.value(rows) == 1


def test_names_are_known_without_a_heavy_library():
    code = (
        "import sys\n"
        "from sartor_plugins.learn.metrics import binary_metrics, multiclass_metrics, regression_metrics\n"
        "names = [m.name for m in binary_metrics() + multiclass_metrics() + regression_metrics()]\n"
        "print(len(names), sorted({'numpy', 'pandas', 'sklearn', 'scipy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "21 []\n"


def test_rows_are_sorted_once_for_all_metrics_and_redraws():
    asked = []

    def answers(rows: Judged) -> Binary:
        asked.append(rows)
        return Binary.of(rows.truth, rows.predictions["probability"])

    rows = judged([1, 0, 1, 0, 1], probability=[0.9, 0.8, 0.7, 0.1, 0.3])
    measure({"model": rows}, binary_metrics(answers), Redraws(5, count=20))
    assert len(asked) == 1


def test_what_was_made_of_rows_goes_with_them():
    class Rows:
        pass

    kept = Once(lambda rows: Rows())
    rows = Rows()
    made = weakref.ref(kept(rows))
    assert kept(rows) is made()
    del rows
    gc.collect()
    assert made() is None


def test_an_object_that_cannot_be_watched_is_made_anew_each_time():
    asked = []
    kept = Once(asked.append)
    rows = (1, 2)
    kept(rows)
    kept(rows)
    assert len(asked) == 2


@pytest.mark.slow
def test_a_thousand_redraws_of_nine_thousand_rows_take_about_a_second():
    rng = np.random.default_rng(0)
    odds = rng.normal(-1.4, 1, 9018)
    said = 1 / (1 + np.exp(-odds))
    rows = judged((rng.random(9018) < said).astype(int), probability=said)
    begun = time.process_time()
    measure({"model": rows}, binary_metrics(), Redraws(9018))
    assert time.process_time() - begun < 3
