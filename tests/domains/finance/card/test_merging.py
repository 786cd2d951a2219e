"""Groups are merged into the best bins there are: held against every possible cut."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from sartor_domains.finance.card.merging import best_monotone_partition, best_partition, likelihood


def every_cut(groups, most):
    for bins in range(1, most + 1):
        for inner in combinations(range(1, groups), bins - 1):
            yield [*inner, groups]


def counts_of(ends, rows, bad):
    starts = [0, *ends[:-1]]
    return np.add.reduceat(rows, starts), np.add.reduceat(bad, starts)


def best_by_trying(rows, bad, max_bins, min_rows, direction=None):
    best = None
    for ends in every_cut(len(rows), max_bins):
        count, events = counts_of(ends, rows, bad)
        if (count < min_rows).any() or (events == 0).any() or (events == count).any():
            continue
        if direction is not None and (np.diff(direction * events / count) <= 0).any():
            continue
        value = float(likelihood(count, events).sum())
        best = value if best is None else max(best, value)
    return best


@pytest.mark.parametrize("seed", range(25))
def test_no_other_cut_is_better(seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(1, 12, 8).astype(float)
    bad = rng.binomial(rows.astype(int), 0.4).astype(float)
    ends, found = best_partition(rows, bad, max_bins=4, min_rows=6)
    expected = best_by_trying(rows, bad, max_bins=4, min_rows=6)
    assert found == pytest.approx(expected)
    assert float(likelihood(*counts_of(ends, rows, bad)).sum()) == pytest.approx(found)


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("seed", range(25))
def test_no_other_cut_of_one_direction_is_better(seed, direction):
    rng = np.random.default_rng(100 + seed)
    rows = rng.integers(1, 12, 8).astype(float)
    bad = rng.binomial(rows.astype(int), 0.4).astype(float)
    ends, found = best_monotone_partition(rows, bad, max_bins=4, min_rows=6, direction=direction)
    expected = best_by_trying(rows, bad, max_bins=4, min_rows=6, direction=direction)
    assert found == pytest.approx(expected)
    count, events = counts_of(ends, rows, bad)
    assert (np.diff(direction * events / count) > 0).all()


def test_a_bin_is_never_smaller_than_asked_for_and_holds_both_outcomes():
    rows = np.array([3.0, 3.0, 3.0, 3.0, 3.0])
    bad = np.array([0.0, 0.0, 1.0, 3.0, 3.0])
    ends, _ = best_monotone_partition(rows, bad, max_bins=5, min_rows=6, direction=1)
    # Neither the first two groups (no bad row) nor the last two (no good row) can stand alone.
    assert ends == [5]


@pytest.mark.parametrize("cut", [best_partition, lambda *args: best_monotone_partition(*args, direction=1)])
def test_where_no_cut_is_allowed_everything_is_one_bin(cut):
    rows, bad = np.array([5.0, 5.0]), np.array([1.0, 4.0])
    assert cut(rows, bad, 2, 100) == ([2], pytest.approx(10 * np.log(0.5)))


def test_one_group_is_one_bin():
    assert best_monotone_partition(np.array([4.0]), np.array([2.0]), 6, 1, direction=1)[0] == [1]
    assert best_partition(np.array([4.0]), np.array([2.0]), 6, 1)[0] == [1]


def test_groups_of_equal_risk_are_not_told_apart():
    rows, bad = np.array([10.0, 20.0, 10.0]), np.array([2.0, 4.0, 5.0])
    assert best_monotone_partition(rows, bad, 3, 1, direction=1)[0] == [2, 3]
    assert best_partition(rows, bad, 3, 1)[0] == [2, 3]


def test_there_are_no_more_bins_than_asked_for():
    rows = np.full(6, 10.0)
    bad = np.array([1.0, 2.0, 3.0, 6.0, 7.0, 8.0])
    assert best_monotone_partition(rows, bad, 2, 1, direction=1)[0] == [3, 6]
    assert len(best_monotone_partition(rows, bad, 6, 1, direction=1)[0]) == 6
