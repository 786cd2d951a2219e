"""What a model leans on, told by shuffling: any model, held-out rows, readings of a window together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.context import Context
from sartor.rows import ROW, Judged, Scoring
from sartor.testing import make_training
from sartor_plugins.learn.models.nearest import Nearest
from sartor_plugins.learn.telling.permuted import harm


def scoring_of(X: pd.DataFrame) -> Scoring:
    return Scoring(pd.DataFrame({ROW: range(len(X))}), X, "number")


def test_what_answers_follow_is_missed_by_twice_its_variance_and_what_they_ignore_is_not():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(0, 2, 4_000), "noise": rng.normal(size=4_000)})
    found = harm(lambda scoring: pd.DataFrame({"number": scoring.X["age"]}), scoring_of(X), X["age"].to_numpy(), rng)
    assert list(found.index) == ["age", "noise"]
    assert found.loc["age", "loss"] == pytest.approx(8, rel=0.1)  # E (x - x')^2 = 2 * 2^2
    assert found.loc["age", "low"] < 8 < found.loc["age", "high"]
    assert found.loc["noise"].tolist() == [0, 0, 0]


def test_readings_of_a_window_are_shuffled_together():
    rng = np.random.default_rng(0)
    level = rng.normal(size=500)
    X = pd.DataFrame({"heat: 0 before": level, "heat: 1 before": level})

    def predict(scoring):
        # Would notice if one reading no longer went with the other.
        assert (scoring.X["heat: 0 before"] == scoring.X["heat: 1 before"]).all()
        return pd.DataFrame({"number": scoring.X.mean(axis=1)})

    found = harm(predict, scoring_of(X), level, rng)
    assert list(found.index) == ["heat, its window"]
    assert found["low"].iloc[0] > 1


def test_rows_that_hang_together_make_the_interval_wider():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": np.repeat(rng.normal(size=40), 25)})
    truth = X["age"].to_numpy()

    def width(clusters):
        predict = lambda scoring: pd.DataFrame({"number": scoring.X["age"]})  # noqa: E731
        found = harm(predict, scoring_of(X), truth, np.random.default_rng(1), clusters)
        return float((found["high"] - found["low"]).iloc[0])

    assert width(np.repeat(np.arange(40), 25)) > 2 * width(None)


def test_a_model_that_tells_no_contributions_tells_what_it_leans_on(context: Context):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.uniform(20, 60, 300), "noise": rng.normal(size=300)})
    kinds = ("young", "grown", "old")
    rows = make_training(X, [kinds[int((age - 20) // 13.4)] for age in X["age"]], classes=kinds)
    model = Nearest(neighbours=9).fit(rows, context)
    judged = Judged(rows.y, model.predict(rows.without_truth()), rows.rows, kinds, X=X)
    (section,) = [one for one in model.sections(judged, context) if one.id == "permuted"]
    assert section.sentence.startswith("**")
    assert "age is missed most" in section.sentence
    assert [line[0] for line in section.table.lines] == ["age", "noise"]
    assert section.table.lines[0][2][0] > 0
