from __future__ import annotations

import numpy as np
import pytest

from sartor.errors import InputError, SettingError
from sartor_plugins.learn.metrics.discrimination import auc, auc_one_against_rest, average_precision, gini, ks, lift
from sartor_plugins.learn.metrics.ranking import Ranking, reached_at

TRUTH = [1, 0, 1, 0]
SCORE = [0.9, 0.8, 0.7, 0.1]


def test_auc_counts_the_pairs_in_the_right_order():
    # 0.9 beats 0.8 and 0.1; 0.7 beats 0.1 only: 3 of 4.
    assert auc(TRUTH, SCORE) == 0.75
    assert gini(TRUTH, SCORE) == 0.5


def test_one_score_for_all_rows_tells_nothing():
    same = [0.3] * 4
    assert auc(TRUTH, same) == 0.5
    assert gini(TRUTH, same) == 0
    assert ks(TRUTH, same) == 0
    assert average_precision(TRUTH, same) == 0.5
    assert lift(TRUTH, same, share=0.1) == pytest.approx(1)


def test_only_the_order_of_scores_matters():
    assert auc(TRUTH, [-1e300, -np.inf, -np.inf, -np.inf]) == auc(TRUTH, [2, 1, 1, 1])
    assert auc(TRUTH, np.array(SCORE, dtype=np.float32)) == auc(TRUTH, SCORE)


def test_ks_of_scores_in_the_wrong_order_is_zero():
    assert ks([0, 0, 1, 1], SCORE) == 0
    assert ks([1, 1, 0, 0], SCORE) == 1


def test_lift_cuts_a_row_at_the_border():
    # 37.5 % of four rows are the first row and half of the second: 1 event of 2, against 0.375 expected.
    assert lift(TRUTH, SCORE, share=0.375) == pytest.approx(0.5 / 0.375)
    assert lift(TRUTH, SCORE, share=1) == 1


def test_lift_takes_the_mean_over_all_orders_of_equal_scores():
    # Half of the rows: the first, and one of three that tie and hold one event.
    assert lift([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.5], share=0.5) == pytest.approx((1 + 1 / 3) / 2 / 0.5)


@pytest.mark.parametrize("share", [0, -0.1, 1.5])
def test_a_share_outside_0_to_1_is_refused(share):
    with pytest.raises(SettingError, match=rf"must lie above 0 and at most 1, got {share:g}"):
        lift(TRUTH, SCORE, share=share)


@pytest.mark.parametrize("metric", [auc, gini, ks])
def test_without_events_or_without_others_there_is_no_value(metric):
    weights = [[1, 1, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0]]
    assert np.isnan(metric(TRUTH, SCORE, weights)).tolist() == [False, True, True, True]


@pytest.mark.parametrize("metric", [average_precision, lift])
def test_precision_and_lift_need_events_only(metric):
    weights = [[1, 0, 1, 0], [0, 1, 0, 1]]
    only_events, only_others = metric(TRUTH, SCORE, weights)
    assert only_events == pytest.approx(1)
    assert np.isnan(only_others)


def test_a_ranking_at_hand_gives_the_same():
    ranking = Ranking.of(SCORE)
    for metric in (auc, gini, ks, average_precision, lift):
        assert metric(TRUTH, SCORE, ranking=ranking) == metric(TRUTH, SCORE)


def test_weights_stay_as_they_were():
    weights = np.ones((2, 4))
    for metric in (auc, ks, average_precision, lift):
        metric(TRUTH, SCORE, weights)
    assert (weights == 1).all()


def test_one_set_of_weights_gives_a_number_and_many_give_an_array():
    assert np.shape(auc(TRUTH, SCORE)) == ()
    assert np.shape(auc(TRUTH, SCORE, [1, 2, 1, 1])) == ()
    assert np.shape(auc(TRUTH, SCORE, [[1, 2, 1, 1]])) == (1,)


def test_auc_of_several_classes_leaves_out_a_class_that_does_not_occur():
    said = [[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.6, 0.4, 0.0]]
    # Class 2 never comes. Class 0 and class 1 are told apart in one of two pairs each.
    assert auc_one_against_rest([0, 1, 0], said) == 1
    assert auc_one_against_rest([0, 0, 1], said) == 0.5
    assert np.isnan(auc_one_against_rest([0, 0, 0], said))


def test_a_missing_score_is_counted_and_said():
    with pytest.raises(InputError, match="2 of 4 scores are missing; a row without a score has no rank"):
        auc(TRUTH, [0.9, np.nan, 0.7, np.nan])


def test_an_outcome_that_is_neither_0_nor_1_is_named():
    with pytest.raises(InputError, match=r"an outcome must be 0 or 1, got 2 \(1 of 4 rows\)"):
        auc([1, 0, 2, 0], SCORE)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"truth of shape \(4,\) and predictions of shape \(3,\) are not line by line"):
        auc(TRUTH, SCORE[:3])
    with pytest.raises(InputError, match=r"weights of shape \(2, 3\) do not fit 4 rows; one weight a row is due"):
        auc(TRUTH, SCORE, np.ones((2, 3)))
    with pytest.raises(InputError, match="there are no rows to judge"):
        auc([], [])


def test_what_is_reached_at_all_of_the_weight_is_everything():
    weights = np.full((1, 7), 0.1)  # seven times 0.1 is not 0.7 in binary
    assert reached_at(weights, weights * 2, np.array([0.0, 1.0])) == pytest.approx(np.array([[0, 1.4]]))
