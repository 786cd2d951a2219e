from __future__ import annotations

import numpy as np
import pytest

from sartor.evidence.bootstrap import Interval, Measured
from sartor.evidence.middles import median_of, middle_of, quantile_of, rising


@pytest.mark.parametrize("size", [1, 2, 3, 10, 999, 1000])
def test_quantiles_and_medians_are_those_of_numpy_to_the_last_digit(size):
    rng = np.random.default_rng(size)
    for scale in (1e-9, 1.0, 1e7):
        drawn = rng.normal(size=size) * scale
        shares = [0.0, 0.025, 0.05, 0.5, 0.95, 0.975, 1.0, *rng.uniform(size=20)]
        assert [quantile_of(np.sort(drawn), share) for share in shares] == [np.quantile(drawn, s) for s in shares]
        assert median_of(np.sort(drawn)) == np.median(drawn)


def test_the_middle_moves_with_the_median():
    assert middle_of(np.array([1.0, 2.0, 3.0, 4.0, 10.0]), 0.5) == (2.0, 4.0)
    assert middle_of(np.array([1.0, 2.0, 3.0, 4.0, 10.0]), 0.5, around=5.0) == (4.0, 6.0)


def test_draws_without_a_value_are_left_out():
    measured = Measured(2.0, np.array([3.0, np.nan, 1.0, 2.0] * 5))
    assert rising(measured.draws).tolist() == [1.0] * 5 + [2.0] * 5 + [3.0] * 5
    assert measured.left_out == 5


def test_draws_that_differ_from_the_value_by_rounding_only_have_no_width():
    assert Measured(0.1, 0.1 + np.linspace(-1e-14, 1e-14, 100)).interval() == Interval(0.1, 0.1, 0.1)
    interval = Measured(0.1, 0.1 + np.linspace(-1e-9, 1e-9, 100)).interval()
    assert interval.low < 0.1 < interval.high
