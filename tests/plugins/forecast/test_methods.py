"""Forecasts of single series: numbers by hand, and the compiled form against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from sartor_plugins.forecast.kernels import lanes, plain
from sartor_plugins.forecast.methods.methods import METHODS, forecasts


def history(*values):
    return np.array([values], dtype=np.float64)


def test_croston_divides_the_smoothed_size_by_the_smoothed_interval():
    # Sold 2 after 2 periods and 4 after 1 more: size 2 + 0.1 * 2 = 2.2, interval 2 - 0.1 * 1 = 1.9.
    found = forecasts("croston", history(0, 2, 4), horizon=2)
    assert found == pytest.approx(np.array([[2.2 / 1.9, 2.2 / 1.9]]))


def test_sba_takes_a_twentieth_off_croston():
    assert forecasts("sba", history(0, 2, 4), horizon=1)[0, 0] == pytest.approx(0.95 * 2.2 / 1.9)


def test_tsb_lets_the_chance_of_a_sale_fade_while_nothing_sells():
    # Chance 1, then 0.9, then 0.81; the size stays 5.
    assert forecasts("tsb", history(5, 0, 0), horizon=1)[0, 0] == pytest.approx(5 * 0.81)


def test_imapa_of_a_series_that_sells_always_is_its_smoothed_level():
    assert forecasts("imapa", history(3, 3, 3, 3), horizon=1)[0, 0] == pytest.approx(3)


def test_theta_continues_half_the_slope_of_a_line():
    # Through 1, 2, ..., 8 the straight line says 9 next. The bent line doubles it: 2y - line = line, smoothed at best
    # with 0.99, ends near 8: half of 9 and half of about 8.
    found = forecasts("theta", history(*range(1, 9)), horizon=2)[0]
    assert found[0] == pytest.approx((9 + 8) / 2, abs=0.02)
    assert found[1] - found[0] == pytest.approx(0.5)


def test_smoothing_follows_a_season_that_adds():
    season = np.tile([10.0, 20.0, 40.0, 30.0], 12)
    assert forecasts("exponential_smoothing", season[None], 4, season=4)[0] == pytest.approx([10, 20, 40, 30], rel=0.02)


def test_smoothing_of_a_flat_series_is_flat():
    assert forecasts("exponential_smoothing", np.full((1, 30), 7.0), horizon=3)[0] == pytest.approx([7, 7, 7])


@pytest.mark.parametrize("method", METHODS)
def test_a_series_without_a_period_or_a_sale_is_forecast_as_nothing(method):
    nothing = np.array([[np.nan] * 30, [np.nan] * 10 + [0.0] * 20])
    assert forecasts(method, nothing, horizon=2, season=4).tolist() == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("method", METHODS)
def test_one_period_is_enough_for_an_answer(method):
    assert np.isfinite(forecasts(method, np.array([[np.nan, np.nan, 4.0]]), horizon=3, season=7)).all()


def mixed(series=60, periods=50):
    rng = np.random.default_rng(4)
    y = rng.poisson(0.5, (series, periods)).astype(np.float64)
    wave = 30 + 10 * np.sin(np.arange(periods) * np.pi / 6) + 0.3 * np.arange(periods)
    y[::2] = np.maximum(0, wave + rng.normal(0, 4, (len(y[::2]), periods)))
    y[np.arange(periods)[None, :] < rng.integers(0, 20, series)[:, None]] = np.nan
    return y


@pytest.mark.needs("numba")
@pytest.mark.parametrize("method", ["smoothed", "croston", "tsb", "imapa", "theta", "smoothing"])
def test_the_compiled_form_answers_as_numpy_does(method):
    from sartor_plugins.forecast.kernels import compiled

    y = mixed()
    first = (~np.isnan(y)).argmax(axis=1).astype(np.int64)
    given = {"smoothed": (0.2,), "croston": (0.1,), "tsb": (0.1, 0.2), "theta": (6, 12), "smoothing": (6, 12)}
    told = [getattr(form, method)(y, first, *given.get(method, ())) for form in (plain, compiled)]
    np.testing.assert_allclose(*told, rtol=1e-9, atol=1e-9)


def test_a_forecast_does_not_depend_on_its_neighbours():
    y = mixed(20)
    together = forecasts("exponential_smoothing", y, 3, 12)
    alone = np.concatenate([forecasts("exponential_smoothing", y[place : place + 1], 3, 12) for place in range(20)])
    np.testing.assert_allclose(together, alone, rtol=1e-9)


def test_the_best_smoothing_lies_where_the_squares_are_least():
    squares = 3 + (lanes.CHEBYSHEV[None, :] - np.array([[0.13], [0.5], [0.0]])) ** 2
    assert lanes.polynomial_minimum(squares) == pytest.approx([0.13, 0.3, 0.1], abs=1e-6)
