from __future__ import annotations

import numpy as np
import pytest

from sartor.errors import SettingError
from sartor.evidence.bootstrap import Interval, Measured
from sartor.evidence.verdicts import Verdict, compare, gate

CHAMPION = Measured(0.771, np.linspace(0.713, 0.829, 1000))


def off_by(differences, value=None) -> Measured:
    """A model whose redraws differ from the champion's by so much."""
    differences = np.asarray(differences)
    return Measured(CHAMPION.value + (differences.mean() if value is None else value), CHAMPION.draws + differences)


def share_above_zero(share: float) -> np.ndarray:
    """A thousand differences around their mean, of which this share lies above zero."""
    return np.linspace(-1, 1, 1001)[:-1] + (2 * share - 1)


@pytest.mark.parametrize(
    ("above", "sentence"),
    [
        (1.0, "better"),
        (0.985, "better"),
        (0.965, "likely better, not shown"),
        (0.91, "likely better, not shown"),
        (0.89, "no difference shown"),
        (0.5, "no difference shown"),
        (0.11, "no difference shown"),
        (0.09, "likely worse, not shown"),
        (0.015, "worse"),
    ],
)
def test_three_verdicts_follow_from_the_share_of_redraws(above, sentence):
    differences = 0.01 * share_above_zero(above)
    assert compare(off_by(differences), CHAMPION, "higher").sentence == sentence


def test_where_lower_is_better_a_lower_model_is_better():
    assert compare(off_by(np.full(1000, -0.1)), CHAMPION, "lower").sentence == "better"
    assert compare(off_by(0.01 * share_above_zero(0.93)), CHAMPION, "lower").sentence == "likely worse, not shown"


def test_near_a_target_the_nearer_one_is_better_from_either_side():
    right, low, high = (Measured(value, value + np.linspace(-0.02, 0.02, 1000)) for value in (0.95, 0.7, 1.4))
    for far in (low, high):
        worse = compare(far, right, 1.0)
        assert worse.sentence == "worse"
        assert worse.difference == pytest.approx(abs(far.value - 1) - 0.05)
        assert compare(right, far, 1.0).sentence == "better"
    assert compare(Measured(1.05, 2 - right.draws), right, 1.0).sentence == "no difference shown"


def test_the_comparison_says_the_difference_and_its_interval():
    compared = compare(off_by(np.linspace(-0.015, 0.044, 1000)), CHAMPION, "higher")
    assert compared.verdict is Verdict.NONE
    assert compared.direction == ""
    assert compared.difference == pytest.approx(0.0145)
    assert (compared.interval.low, compared.interval.high) == pytest.approx((-0.0135, 0.0425), abs=1e-4)
    assert compared.agree == pytest.approx(0.746, abs=0.001)


def test_the_one_line_rule_of_the_report_is_likely_worse_and_not_shown():
    # Difference of DM 14,619, 95 % from -5,647 to 35,105.
    rng = np.random.default_rng(0)
    card = Measured(18_428, rng.normal(18_428, 6_200, 1000))
    rule = Measured(3_809, card.draws - rng.normal(14_619, 10_400, 1000))
    assert compare(rule, card, "higher").sentence == "likely worse, not shown"


def test_models_that_answer_alike_do_not_differ_by_rounding():
    alike = Measured(CHAMPION.value * (1 + 1e-13), CHAMPION.draws * (1 + 1e-13))
    compared = compare(alike, CHAMPION, "higher")
    assert compared.sentence == "no difference shown"
    assert (compared.difference, compared.interval.low, compared.interval.high) == (0, 0, 0)


def test_redraws_that_tie_count_for_neither():
    # One row in 298 differs; a third of the redraws miss it. However the mean falls, nothing is shown.
    rng = np.random.default_rng(0)
    differences = rng.poisson(1.0, 1000) / 298
    for value in (differences.mean(), 1 / 298):
        compared = compare(off_by(differences, value), CHAMPION, "higher")
        assert compared.sentence == "no difference shown"
        assert compared.agree == pytest.approx((differences > 0).mean())


def test_a_difference_that_only_redraws_show_is_not_shown():
    # Both err alike on the rows; redraws make one worse by luck, as they do with calibration errors of many groups.
    assert (
        compare(off_by(np.linspace(0.001, 0.008, 1000), value=0.0), CHAMPION, "lower").sentence == "no difference shown"
    )


def test_a_difference_that_only_moving_shows_is_not_shown():
    compared = compare(off_by(np.linspace(-0.002, 0.004, 1000), value=0.006), CHAMPION, "higher")
    assert compared.sentence == "no difference shown"
    assert compared.interval.low < 0 < compared.interval.high


def test_another_confidence_asks_for_more_redraws():
    differences = 0.01 * share_above_zero(0.985)
    assert compare(off_by(differences), CHAMPION, "higher", confidence=0.99).sentence == "likely better, not shown"


def test_redraws_without_a_value_are_left_out_of_the_pairs():
    differences = 0.01 * share_above_zero(1.0)
    differences[:50] = np.nan
    assert compare(off_by(differences, value=0.01), CHAMPION, "higher").sentence == "better"


def test_what_has_no_value_is_not_compared():
    none = Measured(float("nan"), np.full(1000, np.nan))
    assert compare(none, CHAMPION, "higher").sentence == "not compared: it has no value on these rows"
    assert compare(CHAMPION, none, "higher").sentence == "not compared: of the champion, it has no value on these rows"
    assert compare(none, CHAMPION, "higher").verdict is None


def test_redraws_of_other_rows_cannot_be_paired():
    with pytest.raises(ValueError, match="999 redraws cannot be paired with 1000"):
        compare(Measured(0.7, CHAMPION.draws[:-1]), CHAMPION, "higher")


@pytest.mark.parametrize(
    ("value", "low", "high", "bar", "passed", "within"),
    [
        (0.771, 0.713, 0.829, {"at_least": 0.70}, True, False),
        (0.771, 0.690, 0.829, {"at_least": 0.70}, True, False),
        (0.690, 0.640, 0.740, {"at_least": 0.70}, True, True),
        (0.690, 0.640, 0.700, {"at_least": 0.70}, True, True),
        (0.690, 0.650, 0.699, {"at_least": 0.70}, False, False),
        (0.049, 0.030, 0.070, {"at_most": 0.05}, True, False),
        (0.060, 0.041, 0.085, {"at_most": 0.05}, True, True),
        (0.083, 0.061, 0.110, {"at_most": 0.05}, False, False),
        (1.10, 0.90, 1.35, {"between": (0.7, 1.3)}, True, False),
        (1.40, 1.25, 1.60, {"between": (0.7, 1.3)}, True, True),
        (1.50, 1.31, 1.70, {"between": (0.7, 1.3)}, False, False),
        (0.60, 0.50, 0.69, {"at_least": 0.7, "at_most": 1.3}, False, False),
    ],
)
def test_a_gate_fails_only_when_the_near_end_is_beyond_the_bar(value, low, high, bar, passed, within):
    result = gate(value, Interval(value, low, high), **bar)
    assert (result.passed, result.within_interval) == (passed, within)
    assert (result.value, result.low, result.high, result.reason) == (value, low, high, "")


def test_without_an_interval_the_value_decides():
    assert gate(0.70, at_least=0.70).passed
    assert not gate(0.6999, at_least=0.70).passed
    assert not gate(0.6999, at_least=0.70).within_interval


def test_what_is_no_number_fails_with_a_reason():
    result = gate(float("nan"), None, between=(0.7, 1.3))
    assert not result.passed
    assert result.reason == "it has no value on these rows"


@pytest.mark.parametrize(
    ("bar", "message"),
    [
        ({}, "a gate without a bar: it says one of at_least, at_most and between"),
        ({"between": (1, 2), "at_most": 3}, "a gate says between, or at_least and at_most, and not both"),
        ({"between": (1.3, 0.7)}, "nothing lies between 1.3 and 0.7; the lower bar comes first"),
        ({"at_least": float("nan")}, "nothing lies between nan and inf; the lower bar comes first"),
    ],
)
def test_a_bar_must_make_sense(bar, message):
    with pytest.raises(SettingError, match=message):
        gate(0.7, **bar)
