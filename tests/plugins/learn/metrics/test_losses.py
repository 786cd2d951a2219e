from __future__ import annotations

import numpy as np
import pytest

from sartor.errors import InputError, SettingError
from sartor_plugins.learn.metrics.distance import absolute_error, pinball, r2, squared_error, surplus
from sartor_plugins.learn.metrics.labels import correct, macro_f1
from sartor_plugins.learn.metrics.probability_losses import brier, log_loss, multiclass_brier, multiclass_log_loss
from sartor_plugins.learn.metrics.weights import weighted_mean


def test_the_brier_score_is_the_squared_distance():
    assert brier([1, 0, 1], [1.0, 0.5, 0.2]) == pytest.approx([0, 0.25, 0.64])


def test_log_loss_of_a_coin_is_one_bit():
    assert log_loss([1, 0], [0.5, 0.5]) / np.log(2) == pytest.approx([1, 1])


def test_an_event_called_impossible_costs_36_nats_and_not_infinity():
    assert log_loss([1, 0], [0.0, 1.0]) == pytest.approx([36.04, 36.04], abs=0.01)
    assert multiclass_log_loss([0], [[0.0, 1.0]]) == pytest.approx([36.04], abs=0.01)


def test_several_classes_agree_with_two():
    truth, said = [1, 0], np.array([0.7, 0.4])
    both = np.stack([1 - said, said], axis=1)
    assert multiclass_log_loss(truth, both) == pytest.approx(log_loss(truth, said))
    assert multiclass_brier(truth, both) == pytest.approx(2 * brier(truth, said))


@pytest.mark.parametrize(
    ("truth", "said", "message"),
    [
        ([3], [[0.2, 0.3, 0.5]], r"a class must be a place from 0 to 2, got 3 \(1 of 1 row\)"),
        ([-1], [[0.2, 0.3, 0.5]], r"a class must be a place from 0 to 2, got -1 \(1 of 1 row\)"),
        ([0, 1], [[0.2, 0.3, 0.5]], r"truth of shape \(2,\) and probabilities of shape \(1, 3\) are not line by line"),
        ([0], [[0.2, 0.3, 1.5]], r"a probability must lie between 0 and 1, got 1.5"),
    ],
)
def test_classes_and_probabilities_that_do_not_fit_are_refused(truth, said, message):
    with pytest.raises(InputError, match=message):
        multiclass_log_loss(truth, said)


def test_accuracy_is_the_share_of_right_labels():
    assert weighted_mean(correct(["a", "b", "b", "c"], ["a", "b", "a", "a"]), None) == 0.5


def test_a_rare_class_counts_as_much_as_a_common_one():
    # The common class: 98 right of 98 + 100 rows, F1 196 / 198. The rare one is never said: 0.
    truth = [0] * 98 + [1] * 2
    assert macro_f1(truth, [0] * 100) == pytest.approx((196 / 198 + 0) / 2)


def test_labels_of_a_redraw_without_rows_have_no_f1():
    assert np.isnan(macro_f1([0, 1], [0, 1], [[1, 1], [0, 0]])).tolist() == [False, True]


def test_errors_are_in_the_unit_of_the_target():
    truth, said = [10.0, 10.0, 10.0], [7.0, 10.0, 14.0]
    assert squared_error(truth, said).tolist() == [9, 0, 16]
    assert absolute_error(truth, said).tolist() == [3, 0, 4]
    assert surplus(truth, said).tolist() == [-3, 0, 4]


def test_too_little_costs_more_at_a_high_quantile():
    assert pinball([10, 10], [9, 11], quantile=0.9) == pytest.approx([0.9, 0.1])
    assert pinball([10, 10], [9, 11], quantile=0.5) == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("quantile", [0, 1, 90])
def test_a_quantile_must_be_a_share(quantile):
    with pytest.raises(SettingError, match=f"the quantile must lie strictly between 0 and 1, got {quantile}"):
        pinball([1], [1], quantile=quantile)


def test_r2_of_the_mean_is_zero_and_of_the_truth_is_one():
    truth = [1.0, 2.0, 6.0]
    assert r2(truth, [3.0, 3.0, 3.0]) == pytest.approx(0)
    assert r2(truth, truth) == 1


def test_r2_keeps_small_differences_between_large_numbers():
    truth = 1e9 + np.array([1.0, 2.0, 6.0])
    assert r2(truth, truth + np.array([1.0, 0.0, -1.0])) == pytest.approx(1 - 2 / 14)


def test_r2_keeps_small_numbers_in_a_redraw_without_the_large_one():
    truth, said = [0.0, 1.0, 1e8], [0.0, 0.0, 0.0]
    assert r2(truth, said, [[1, 1, 0]]) == pytest.approx([1 - 1 / 0.5])


def test_a_truth_that_does_not_vary_has_no_r2():
    assert np.isnan(r2([0.1] * 3, [0.1, 0.2, 0.3]))
    assert np.isnan(r2([0.1, 0.7, 0.7], [0.1, 0.2, 0.3], [[0, 3, 2]])).all()


def test_a_number_that_is_missing_is_said():
    with pytest.raises(InputError, match=r"a prediction must be a finite number, got inf \(1 of 2 rows\)"):
        squared_error([1, 2], [1, np.inf])
    with pytest.raises(InputError, match=r"a truth must be a finite number, got nan \(1 of 2 rows\)"):
        absolute_error([np.nan, 2], [1, 2])


@pytest.mark.parametrize("truth", [1e300, -1e300, 1e153])
def test_an_error_that_cannot_be_squared_is_said_and_not_shown_as_infinite(truth):
    with pytest.raises(InputError, match="too far apart in 1 of 2 rows to be squared"):
        squared_error([1.0, truth], [1.0, 2.0])
    assert squared_error([1.0, 1e30], [1.0, 0.0]) == pytest.approx([0, 1e60])
