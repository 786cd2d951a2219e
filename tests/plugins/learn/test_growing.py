"""Forests are grown in parts, told of as they grow, and are the forests of one go."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier

from sartor.context import Context
from sartor_plugins.learn.fitting.growing import grow


@pytest.fixture
def heard():
    return []


@pytest.fixture
def context(heard):
    return Context(step="models.forest", seed=3, threads=1, tell=heard.append)


def rows(n=60):
    rng = np.random.default_rng(0)
    matrix = rng.integers(0, 9, size=(n, 4)).astype(np.float64)
    return matrix, (matrix[:, 0] > rng.integers(0, 9, size=n)).astype(int), rng.uniform(0.5, 2, size=n)


@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesRegressor])
@pytest.mark.parametrize("aim", [0.0, 1e-3, 1e9])
def test_however_a_forest_is_parted_its_trees_are_those_of_one_go(kind, aim, context):
    matrix, y, weight = rows()
    one_go = kind(n_estimators=31, random_state=3).fit(matrix, y, sample_weight=weight)
    parted = kind(random_state=3)
    grow(parted, 31, matrix, y, weight, context, aim)
    assert len(parted.estimators_) == 31
    for ours, theirs in zip(parted.estimators_, one_go.estimators_, strict=True):
        assert np.array_equal(ours.tree_.threshold, theirs.tree_.threshold)
        assert np.array_equal(ours.tree_.value, theirs.tree_.value)
    assert np.array_equal(parted.feature_importances_, one_go.feature_importances_)


def test_each_part_is_told_up_to_the_last_tree(context, heard):
    grow(RandomForestClassifier(random_state=3), 10, *rows(), context, aim=0.0)
    assert [(one.what, one.done, one.total, one.unit) for one in heard] == [
        ("forest", done, 10, "trees") for done in (0, 4, 8, 10)
    ]


@pytest.mark.needs("lightgbm")
def test_lightgbm_tells_of_its_rounds(context, heard):
    from sartor_plugins.learn.fitting.lightgbm import telling

    class Round:
        iteration = 0

    tell = telling(context, 200)
    for Round.iteration in range(200):
        tell(Round)
    assert len(heard) == 50
    assert (heard[0].done, heard[-1].done, heard[-1].total, heard[-1].unit) == (4, 200, 200, "trees")
