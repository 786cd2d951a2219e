"""What each feature contributes to one answer, against Shapley values worked out by hand."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from sartor.explaining.shapley import contributions

SOURCES = [["a"], ["b"], ["c"]]


def three(X):
    """A bend, a product of three, and a step."""
    return (X["a"] ** 2 + X["a"] * X["b"] * X["c"] + np.where(X["b"] > 1, 3.0, 0.0)).to_numpy()


def exact(row, others):
    """Shapley values over all orders and all other rows."""
    found = np.zeros(3)
    for order in permutations(range(3)):
        for _, other in others.iterrows():
            at = pd.DataFrame([other])
            before = three(at)[0]
            for place in order:
                name = SOURCES[place][0]
                at[name] = row[name].iloc[0]
                after = three(at)[0]
                found[place] += (after - before) / (6 * len(others))
                before = after
    return found


def test_shares_of_a_product_are_those_of_the_book():
    # From 0, 0, 0 to 1, 2, 3: a gives 1 by itself, b steps up by 3, and each has a third of the product 6.
    row, zero = pd.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]}), pd.DataFrame({"a": [0.0], "b": [0.0], "c": [0.0]})
    assert exact(row, zero) == pytest.approx([3, 5, 2])
    found = contributions(three, row, zero, SOURCES, np.random.default_rng(0), 4000)
    assert found.values == pytest.approx([3, 5, 2], abs=0.1)
    assert (np.abs(found.values - [3, 5, 2]) < 4 * found.errors + 1e-12).all()


def test_many_walks_come_as_near_to_the_exact_values_as_the_standard_error_says():
    rng = np.random.default_rng(3)
    others = pd.DataFrame(rng.normal(size=(12, 3)), columns=list("abc"))
    row = pd.DataFrame({"a": [2.0], "b": [1.5], "c": [-1.0]})
    truth = exact(row, others)
    off = []
    for seed in range(40):
        found = contributions(three, row, others, SOURCES, np.random.default_rng(seed), 120)
        assert found.base + found.values.sum() == pytest.approx(found.answer, abs=1e-9)
        assert found.answer == pytest.approx(three(row)[0], abs=1e-9)
        assert found.base == pytest.approx(three(others).mean(), abs=1e-9)
        off.append(np.abs(found.values - truth) / found.errors)
    # Every other row begins as many walks: the error is at most what the standard error says.
    assert np.mean(np.stack(off) < 2) > 0.95


def test_features_that_act_alone_are_told_without_any_error():
    others = pd.DataFrame({"a": [1.0], "b": [5.0], "kind": ["red"]})
    row = pd.DataFrame({"a": [4.0], "b": [5.0], "kind": ["blue"]})
    found = contributions(
        lambda X: (2 * X["a"] + X["b"] + (X["kind"] == "blue")).to_numpy(dtype=float),
        row,
        others,
        [["a"], ["b"], ["kind"]],
        np.random.default_rng(0),
        10,
    )
    assert found.values.tolist() == [6, 0, 1]
    assert found.errors.tolist() == [0, 0, 0]
    assert found.answers == 10 * 2 * 4


def test_what_stands_together_moves_together():
    others, row = pd.DataFrame({"a": [0.0], "b": [0.0], "c": [7.0]}), pd.DataFrame({"a": [2.0], "b": [3.0], "c": [7.0]})
    seen = []

    def answer(X):
        seen.append(((X["a"] == 2) == (X["b"] == 3)).all())
        return (X["a"] * X["b"]).to_numpy()

    found = contributions(answer, row, others, [["a", "b"], ["c"]], np.random.default_rng(0), 5)
    assert seen == [True]
    assert found.values.tolist() == [6, 0]


def test_the_same_seed_tells_the_same():
    others = pd.DataFrame(np.random.default_rng(0).normal(size=(9, 3)), columns=list("abc"))
    row = others.iloc[[0]] + 1
    one, other = (contributions(three, row, others, SOURCES, np.random.default_rng(5)) for _ in range(2))
    assert one.values.tolist() == other.values.tolist()
    assert one.pairs == 100
