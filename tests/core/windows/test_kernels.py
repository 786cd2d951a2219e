"""The kernels, both forms, where lines are many or numbers far apart; and sums against `math.fsum`."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sartor.windows.exact import deviations, layout_of, limbs_of, running, summed, survey_of
from sartor.windows.kernels import MISSING, kernels
from sartor.windows.measures import Windows
from sartor.windows.measuring import Asked, Lines, measured

FORMS = [pytest.param(False, id="numpy"), pytest.param(True, id="numba", marks=pytest.mark.needs("numba"))]
FINITE = st.floats(allow_nan=False, allow_infinity=False, max_value=1e306, min_value=-1e306)
NUMBERS = st.lists(FINITE, min_size=1, max_size=20)


def whole_window(values, form):
    """Sum of a column in one window that holds all of it."""
    column = np.array(values)
    first, last = np.zeros((1, 1), dtype=np.int64), np.array([len(column)])
    starts = (np.array([0, len(column)]), np.array([0, 1]))
    form = kernels(form)
    return form.sums(column, first, last, starts, layout_of(form.survey(column), len(column)))[0, 0]


@pytest.mark.parametrize("form", FORMS)
@given(values=NUMBERS)
@settings(max_examples=150, deadline=None)
def test_a_sum_is_the_exact_sum_rounded_once(form, values):
    assert whole_window(values, form) == math.fsum(values)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("values", "total"),
    [
        ([1e16, 1.0, -1e16], 1.0),
        ([1e308, 5e-324, -1e308], 5e-324),
        ([2.0**53, 1.0], 2.0**53),
        ([2.0**53, 1.0, 5e-324], 2.0**53 + 2),
        ([-(2.0**53), -1.0, -5e-324], -(2.0**53) - 2),
        ([0.0, -0.0], 0.0),
        ([math.nan, 3.5, math.nan], 3.5),
        ([5e-324] * 3, 1.5e-323),
        ([2.0**1000, 2.0**-1000] * 2, 2.0**1001),
    ],
)
def test_halves_are_rounded_to_even_and_nothing_is_lost(form, values, total):
    assert whole_window(values, form) == total


@given(values=st.lists(FINITE.filter(lambda x: x == 0 or 1e-150 < abs(x) < 1e150), min_size=2, max_size=12))
@settings(max_examples=150, deadline=None)
def test_a_deviation_is_that_of_the_exact_numbers(values):
    column = np.array(values)
    layout = layout_of(survey_of(column), len(column), plain=False)
    sums, squares = (running(limbs_of(column, layout, squared=square))[:, -1:] for square in (False, True))
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    variance = sum((value - mean) ** 2 for value in exact) / (len(exact) - 1)
    found = deviations(sums, squares, layout, np.array([len(column)]))[0]
    # Compared as squares, in fractions: each rounding is at most 2 ** -53, and there are three.
    assert abs(Fraction(float(found)) ** 2 - variance) <= variance * Fraction(1, 2**50)
    assert summed(sums, layout)[0] == math.fsum(values)


@pytest.mark.parametrize("form", FORMS)
def test_an_entity_with_more_lines_than_a_table_holds(form):
    """The largest of many lines is found another way than that of few; every tenth value is missing."""
    count = 3000
    rng = np.random.default_rng(3)
    values = rng.integers(0, 50, count).astype(np.float64)
    values[::10] = np.nan
    items = rng.integers(0, 9, count)
    items[::7] = MISSING
    time = np.sort(rng.integers(0, 500, count))
    windows = Windows.of(
        ["20 seconds", "ever", "3 seconds"],
        {"most": ("max", "v"), "least": ("min", "v"), "kinds": ("distinct", "i"), "n": "count"},
        "including",
    )
    lines = Lines(np.zeros(count, dtype=np.int64), time, numbers={"v": values}, items={"i": items})
    at = np.arange(0, 600, 7)
    places, found = measured(windows, lines, Asked(np.zeros_like(at), at), 1, kernels(form))
    for row, moment in zip(range(len(at)), at[places], strict=True):
        for length, seconds in (("20_seconds", 20), ("ever", 10**6), ("3_seconds", 3)):
            inside = (time <= moment) & (time > moment - seconds)
            there = values[inside & ~np.isnan(values)]
            assert found[f"n_{length}"][row] == inside.sum()
            assert found[f"kinds_{length}"][row] == len(set(items[inside].tolist()) - {MISSING})
            for name, wanted in (("most", np.max), ("least", np.min)):
                value = found[f"{name}_{length}"][row]
                assert np.isnan(value) if not there.size else value == wanted(there)


@pytest.mark.parametrize("form", FORMS)
def test_moments_at_both_ends_of_the_calendar(form):
    """The distance between them takes more than 63 bits."""
    far = 2**62 + 2**61
    time = np.array([-far, -far + 1, 0, far - 1, far])
    windows = Windows.of(["2 seconds", "ever"], {"n": "count", "since": "since"}, "including")
    lines = Lines(np.zeros(5, dtype=np.int64), time)
    asked = Asked(np.zeros(4, dtype=np.int64), np.array([-far, 1, far, far + 5]))
    places, found = measured(windows, lines, asked, 1, kernels(form))
    assert places.tolist() == [0, 1, 2, 3]
    assert found["n_2_seconds"].tolist() == [1, 1, 2, 0]
    assert found["n_ever"].tolist() == [1, 3, 5, 5]
    assert found["since_ever"].tolist() == [0, 1, 0, 5]


@pytest.mark.parametrize("form", FORMS)
def test_entities_are_whole_numbers_of_any_size(form):
    entity = np.array([2**63 - 1, -(2**63) + 1, 0, 2**63 - 1, -1])
    windows = Windows.of(["ever"], {"n": "count"}, "including")
    places, found = measured(
        windows, Lines(entity, np.arange(5)), Asked(np.array([2**63 - 1, -1, 5]), np.array([9, 9, 9])), 1, kernels(form)
    )
    assert dict(zip(places.tolist(), found["n_ever"].tolist(), strict=True)) == {0: 2, 1: 1, 2: 0}


@pytest.mark.parametrize("form", FORMS)
def test_slices_share_lines_evenly_and_an_entity_is_never_cut(form):
    entity = np.repeat(np.arange(10_000) * 1000, 3)
    bucket, counts = kernels(form).buckets(entity, 16)
    assert counts.sum() == 30_000
    assert counts.max() < 1.2 * 30_000 / 16
    assert all(len(set(bucket[place : place + 3].tolist())) == 1 for place in range(0, 30_000, 3))
    table = kernels(form).spread([entity, np.arange(30_000)], bucket, counts)
    begin, end = 2 * counts[0], 2 * (counts[0] + counts[1])
    second = table[begin:end].reshape(2, -1)
    assert second[1].tolist() == np.flatnonzero(bucket == 1).tolist(), "lines keep their order"
    assert second[0].tolist() == entity[bucket == 1].tolist()
