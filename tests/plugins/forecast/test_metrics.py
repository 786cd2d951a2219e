"""Metrics of forecasts, with numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.rows import AS_OF, Judged
from sartor_plugins.forecast.metrics.catalogue import demand_metrics
from sartor_plugins.forecast.names import ABSOLUTE, MONEY, PERIOD, SCALE, SERIES
from sartor_plugins.forecast.tasks.making import LEVEL

QUANTILES = [0.1, 0.5, 0.9]


def judged():
    """Two series in two weeks: cups sell 2 and 4 where 3 and 3 were said, mugs 10 and 10 where 12 were."""
    rows = pd.DataFrame(
        {
            SERIES: ["cup", "cup", "mug", "mug"],
            AS_OF: pd.Timestamp("2024-01-01"),
            PERIOD: pd.to_datetime(["2024-01-01", "2024-01-08"] * 2),
            SCALE: [1.0, 1.0, 4.0, 4.0],
            ABSOLUTE: [1.0, 1.0, 2.0, 2.0],
            MONEY: [10.0, 10.0, 30.0, 30.0],
            f"{LEVEL}all": 0.0,
            f"{SCALE} all": 5.0,
        }
    )
    said = pd.DataFrame({"number": [3.0, 3.0, 12.0, 12.0]})
    for quantile, values in zip(QUANTILES, ([1, 1, 10, 11], [3, 3, 12, 12], [4, 3, 14, 14]), strict=True):
        said[f"quantile:{quantile}"] = np.array(values, dtype=np.float64)
    return Judged(np.array([2.0, 4.0, 10.0, 10.0]), said, rows)


def value(name):
    return next(metric for metric in demand_metrics([[]], QUANTILES) if metric.name == name).value(judged())


def test_errors_of_series_are_scaled_and_weighed_by_money():
    # Cups: root of ((3 - 2)^2 + (3 - 4)^2) / 2 / 1 = 1. Mugs: root of (4 + 4) / 2 / 4 = 1. Weights 1/4 and 3/4.
    assert value("rmsse") == pytest.approx(1.0)


def test_levels_are_averaged_and_errors_of_a_sum_may_cancel():
    # In all: errors 3 and 1, mean square 5, scale 5: 1. With the series, also 1, the mean is 1.
    assert value("wrmsse") == pytest.approx(1.0)


def test_misses_and_surplus_are_told_against_demand():
    assert value("wape") == pytest.approx((1 + 1 + 2 + 2) / 26)
    assert value("bias") == pytest.approx((1 - 1 + 2 + 2) / 26)


def test_pinball_loss_weighs_too_little_as_the_quantile_asks():
    # Quantile 0.1: 0.1 * (1 + 3 + 0) + 0.9 * 1; 0.5: 0.5 * 6; 0.9: 0.1 * (2 + 4 + 4) + 0.9 * 1, over 4 rows and 3.
    assert value("pinball") == pytest.approx((0.4 + 0.9 + 3 + 1.0 + 0.9) / 12)


def test_weighted_pinball_loss_is_scaled_by_series():
    cup = (0.1 * 1 + 0.1 * 3 + 0.5 + 0.5 + 0.1 * 2 + 0.9 * 1) / 3
    mug = (0.9 * 1 + 1 + 1 + 0.1 * 4 + 0.1 * 4) / 3
    assert value("wspl") == pytest.approx((10 * cup / 1 + 30 * mug / 2) / 80)


def test_coverage_counts_what_lies_between_the_outer_quantiles():
    # 0.025 and 0.975 are not answered, and the nearest stand in: 2 lies in [1, 4], 4 not in [1, 3], 10 in [10, 14] and
    # not in [11, 14].
    assert value("coverage_95") == pytest.approx(0.5)


def test_a_redraw_weighs_weeks():
    metric = demand_metrics([[]], QUANTILES)[0]
    # Only the first week: in all 3^2 / 5, series 1 and 1; only the second: in all 1 / 5.
    weights = np.array([[2.0, 0, 2, 0], [0, 2, 0, 2]])
    assert metric.evaluate(judged(), weights) == pytest.approx([(np.sqrt(9 / 5) + 1) / 2, (np.sqrt(1 / 5) + 1) / 2])


def test_close_quantiles_keep_names_of_their_own():
    from sartor_plugins.forecast.names import quantile_name

    assert quantile_name(0.975) != quantile_name(0.98)
    assert quantile_name(0.975) == "quantile:0.975"
