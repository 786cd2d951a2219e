from __future__ import annotations

import hashlib
import itertools

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor_plugins.learn.metrics.calibration_error import calibration_error, calibration_error_expected
from sartor_plugins.learn.metrics.calibration_line import (
    calibration_intercept,
    calibration_line,
    calibration_slope,
)


def test_one_probability_for_all_rows_is_off_by_its_distance_from_the_rate():
    truth = [1] * 3 + [0] * 7
    for order in (truth, truth[::-1]):
        assert calibration_error(order, [0.25] * 10) == pytest.approx(0.05)


def test_groups_that_err_in_opposite_directions_do_not_cancel():
    # 1 of 1 where 0.8 was said, 0 of 1 where 0.2 was said, in two groups: 0.2 each.
    assert calibration_error([1, 0], [0.8, 0.2], groups=2) == pytest.approx(0.2)
    # In a single group they do: half of the rows were events, and 0.5 was said on average.
    assert calibration_error([1, 0], [0.8, 0.2], groups=1) == pytest.approx(0)


def test_a_weight_is_a_repeated_row_in_calibration_too():
    truth, said = [1, 0, 1, 0], [0.9, 0.4, 0.4, 0.1]
    weights = [[2, 1, 0, 3], [1, 1, 1, 1]]
    repeated = calibration_error([1, 1, 0, 0, 0, 0], [0.9, 0.9, 0.4, 0.1, 0.1, 0.1])
    assert calibration_error(truth, said, weights) == pytest.approx([repeated, calibration_error(truth, said)])


def is_test_row(keys: pd.Series) -> np.ndarray:
    digits = [int(hashlib.sha1(str(key).encode(), usedforsecurity=False).hexdigest()[:8], 16) for key in keys]
    return np.array(digits) < int(0.3 * 16**8)


@pytest.mark.parametrize(
    ("dataset", "key", "target", "bad", "n_rows", "in_file_order", "error"),
    [
        ("german-credit", None, "creditability", "bad", 298, 0.062, 0.022),
        ("credit-default-taiwan", "ID", "default.payment.next.month", 1, 9018, 0.016, 0.004),
    ],
)
def test_the_base_rate_errs_by_its_distance_from_the_rate_and_not_by_the_order_of_the_file(
    data_folder, dataset, key, target, bad, n_rows, in_file_order, error
):
    (file,) = data_folder(f"finance/{dataset}").glob("*.csv.gz")
    table = pd.read_csv(file)
    test = is_test_row(pd.Series(range(len(table))) if key is None else table[key])
    truth = (table[target] == bad).to_numpy()
    rate, truth = truth[~test].mean(), truth[test]
    assert len(truth) == n_rows
    # Equal scores left in the order of the file make groups by chance, and these err by luck: the published figures.
    by_chance = [len(group) * abs(group.mean() - rate) for group in np.array_split(truth, 10)]
    assert sum(by_chance) / n_rows == pytest.approx(in_file_order, abs=5e-4)
    assert calibration_error(truth, np.full(n_rows, rate)) == pytest.approx(abs(truth.mean() - rate))
    assert abs(truth.mean() - rate) == pytest.approx(error, abs=5e-4)


def test_luck_alone_is_as_large_as_all_outcomes_counted_out_say():
    said = np.array([0.9, 0.6, 0.5, 0.2])
    mean = sum(
        np.prod(np.where(outcome, said, 1 - said)) * float(calibration_error(outcome, said, groups=2))
        for outcome in itertools.product([0, 1], repeat=4)
    )
    assert calibration_error_expected(said, groups=2).mean == pytest.approx(mean, abs=0.01)


def test_luck_of_a_coin_is_the_deviation_of_its_heads():
    # The share of heads in 400 throws has a standard deviation of 0.025: mean 0.02 off, 95 % within 0.049.
    luck = calibration_error_expected(np.full(400, 0.5))
    assert luck.mean == pytest.approx(0.025 * np.sqrt(2 / np.pi), rel=0.1)
    assert luck.high == pytest.approx(0.049, rel=0.1)


def test_right_probabilities_err_by_no_more_than_luck():
    rng = np.random.default_rng(1)
    said = rng.beta(1, 3, size=3000)
    luck = calibration_error_expected(said)
    assert calibration_error(rng.random(3000) < said, said) < luck.high
    assert calibration_error(rng.random(3000) < said**2, said) > 5 * luck.high


def test_luck_repeats_with_its_seed():
    said = np.linspace(0.01, 0.99, 50)
    assert calibration_error_expected(said, seed=3) == calibration_error_expected(said, seed=3)
    assert calibration_error_expected(said, seed=3) != calibration_error_expected(said, seed=4)


def test_certain_outcomes_leave_nothing_to_luck():
    luck = calibration_error_expected([0.0, 1.0, 1.0])
    assert (luck.mean, luck.high) == (0, 0)


def rows_by_cell(cells: list[tuple[float, int, int]]) -> tuple[list[int], list[float]]:
    """Rows from (probability said, events, non-events)."""
    truth = [outcome for _, events, others in cells for outcome in [1] * events + [0] * others]
    said = [probability for probability, events, others in cells for _ in range(events + others)]
    return truth, said


def test_two_probabilities_give_a_line_through_two_points():
    # 20 % happened where 10 % was said, 80 % where 90 % was said.
    truth, said = rows_by_cell([(0.1, 2, 8), (0.9, 8, 2)])
    assert calibration_slope(truth, said) == pytest.approx(np.log(4) / np.log(9))
    assert calibration_intercept(truth, said) == pytest.approx(0, abs=1e-12)


def test_right_probabilities_have_slope_1_and_intercept_0():
    slope, intercept = calibration_line(*rows_by_cell([(0.2, 20, 80), (0.5, 50, 50), (0.8, 80, 20)]))
    assert slope == pytest.approx(1)
    assert intercept == pytest.approx(0, abs=1e-12)


def test_certain_answers_that_err_once_still_have_a_line():
    # 0 and 1 are moved to one in a million: log-odds of 13.8.
    truth, said = rows_by_cell([(0.0, 1, 9), (1.0, 9, 1)])
    assert calibration_slope(truth, said) == pytest.approx(np.log(9) / np.log(999_999))


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        pytest.param([1, 1, 0, 0], [0.9, 0.8, 0.3, 0.1], id="a cut-off separates them"),
        pytest.param([0, 0, 1, 1], [0.9, 0.8, 0.3, 0.1], id="it separates them the wrong way round"),
        pytest.param([1, 1, 0, 0], [0.9, 0.5, 0.5, 0.1], id="they meet at one probability"),
        pytest.param([1, 0, 1, 0], [0.3, 0.3, 0.3, 0.3], id="one probability for all rows"),
        pytest.param([1, 1, 1, 1], [0.9, 0.8, 0.3, 0.1], id="one class"),
        pytest.param([1, 0, 0, 1], [1e-7, 1e-9, 0, 1e-8], id="one probability after clipping"),
    ],
)
def test_there_is_no_line_where(truth, said):
    slope, intercept = calibration_line(truth, said)
    assert np.isnan(slope)
    assert np.isnan(intercept)


def test_redraws_that_cannot_be_solved_do_not_disturb_the_others():
    truth, said = [1, 0, 1, 0, 1], [0.9, 0.7, 0.6, 0.2, 0.1]
    weights = [[1, 1, 1, 1, 1], [1, 0, 1, 1, 0], [2, 1, 2, 1, 1], [0, 0, 0, 0, 0]]
    together = calibration_slope(truth, said, weights)
    assert np.isnan(together).tolist() == [False, True, False, True]
    assert together[0] == pytest.approx(calibration_slope(truth, said))
    assert together[2] == pytest.approx(calibration_slope([1, 1, 0, 1, 1, 0, 1], [0.9, 0.9, 0.7, 0.6, 0.6, 0.2, 0.1]))


def test_a_line_far_from_where_the_search_begins_is_found():
    # All but one row in a thousand agree with what was said, in probabilities a hair apart.
    truth, said = rows_by_cell([(0.5, 1, 999), (0.5000001, 999, 1)])
    log_odds = np.log(0.5000001 / 0.4999999)
    assert calibration_slope(truth, said) == pytest.approx(2 * np.log(999) / log_odds, rel=1e-6)


def test_a_percentage_is_refused():
    with pytest.raises(InputError, match=r"a probability must lie between 0 and 1, got 80 \(1 of 2 rows\)"):
        calibration_error([1, 0], [80, 0.5])
    with pytest.raises(InputError, match=r"a probability must lie between 0 and 1, got nan \(1 of 2 rows\)"):
        calibration_slope([1, 0], [np.nan, 0.5])
