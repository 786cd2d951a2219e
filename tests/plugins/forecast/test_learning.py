"""What trees and methods learn of all series together."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from sartor.errors import InputError
from sartor.rows import AS_OF, KNOWN_AT
from sartor.testing import make_training
from sartor_plugins.forecast.fitting.growing import Lesson, mean_of
from sartor_plugins.forecast.fitting.histogram import grow
from sartor_plugins.forecast.fitting.level import Level, agreed, level_of, stretches_of
from sartor_plugins.forecast.models.boosting import Boosting
from sartor_plugins.forecast.models.method import OneMethod


def quantities(rows=600, seed=3):
    """Demand around a forecast, over eighty weeks of which each row looks ten ahead."""
    rng = np.random.default_rng(seed)
    theta = rng.lognormal(2, 0.8, rows)
    weeks = pd.Timestamp("2024-01-01") + pd.to_timedelta(7 * (np.arange(rows) * 80 // rows), unit="D")
    told = pd.DataFrame({AS_OF: weeks, KNOWN_AT: weeks + pd.Timedelta(days=70)})
    X = pd.DataFrame({"theta": theta, "usual": theta * rng.lognormal(0, 0.2, rows), "noise": rng.normal(size=rows)})
    return make_training(X, rng.poisson(theta).astype(float), answers="quantiles", classes=(), rows=told)


def test_a_method_answers_with_the_quantiles_that_its_misses_had(tmp_path):
    training = quantities(4000)
    fitted = OneMethod(method="theta", quantiles=[0.1, 0.9]).fit(training, None)
    said = fitted.predict(training.without_truth())
    assert said["number"].tolist() == training.X["theta"].tolist()
    for quantile in (0.1, 0.9):
        below = (training.y <= said[f"quantile:{quantile}"]).mean()
        assert below == pytest.approx(quantile, abs=0.02)


def test_a_method_that_no_feature_forecasts_is_named_with_what_to_write():
    training = quantities()
    with pytest.raises(InputError, match="there is no forecast of the method 'imapa' among the features") as refused:
        OneMethod(method="imapa").fit(training, None)
    assert "features: {own: {use: forecast.own, with: {methods: [imapa]}}}" in str(refused.value)


def test_trees_without_what_is_usual_say_which_feature_is_missing(tmp_path):
    from sartor.testing import make_context

    training = quantities()
    without = training.with_features(training.X.drop(columns="usual"))
    with pytest.raises(InputError, match="no feature tells it") as refused:
        Boosting(quantiles=[0.5], correct_on=0).fit(without, make_context(tmp_path))
    assert "features: {lately: {use: forecast.recent}}" in str(refused.value)


@pytest.mark.parametrize("quantile", [None, 0.8])
def test_trees_kept_as_tables_say_what_scikit_learns_do(quantile):
    rng = np.random.default_rng(0)
    X, usual = rng.normal(size=(500, 3)), rng.lognormal(0, 1, 500)
    multiple = rng.poisson(usual) / usual
    settings = SimpleNamespace(
        trees=12, rate=0.1, quantile_trees=9, quantile_rate=0.1, leaves=7, min_leaf=20, max_features=1.0
    )
    lesson = Lesson(X, multiple, usual, SimpleNamespace(categories=[]))
    ours = grow(settings, None, lesson, quantile, seed=1).raw(X)
    theirs = HistGradientBoostingRegressor(
        loss="quantile" if quantile else "poisson", quantile=quantile, max_iter=9 if quantile else 12,
        learning_rate=0.1, max_leaf_nodes=7, min_samples_leaf=20, early_stopping=False, random_state=1,
    ).fit(X, multiple, sample_weight=np.ones(500) if quantile else usual / usual.mean())  # fmt: skip
    np.testing.assert_allclose(ours, theirs.predict(X), rtol=1e-9)


class Half:
    """Says half of what will be asked for."""

    def predict(self, scoring):
        return pd.DataFrame({"number": scoring.X["theta"].to_numpy() / 2})


def test_a_level_that_was_too_low_in_every_stretch_is_raised():
    level = level_of(3, quantities(3000), lambda early: Half())
    assert level.seen == pytest.approx((2, 2, 2), rel=0.1)
    # Twice as much would be right, and more than 1.3 is never believed.
    assert level.factor == 1.3
    assert "forecasts are raised by 30.0 %: in the last 3 stretches of training demand was" in level.told()


def test_a_corrected_level_halves_with_each_stretch_after_training():
    training = quantities(3000)
    level = level_of(3, training, lambda early: Half())
    end, stretch = training.rows[KNOWN_AT].max(), (training.rows[KNOWN_AT] - training.rows[AS_OF]).max()
    asked = pd.DataFrame({AS_OF: [end, end + stretch, end + 2 * stretch, end - stretch]})
    assert level.factors(asked) == pytest.approx(1.3 ** np.array([1, 0.5, 0.25, 1]))
    assert level.factors(pd.DataFrame({"x": [1]})).tolist() == [1.3]
    again = Level.from_json(json.loads(json.dumps(level.to_json())))
    assert again == level
    assert level.told().endswith(f"of them; {stretch.days} days later by half as much, and so on")


def test_stretches_are_foretold_by_what_was_known_before_them():
    asked = pd.Series(pd.date_range("2024-01-01", periods=40, freq="7D"))
    rows = pd.DataFrame({AS_OF: asked, KNOWN_AT: asked + pd.Timedelta(days=28)})
    parts = stretches_of(rows, 3)
    assert len(parts) == 3
    for early, late in parts:
        assert rows[KNOWN_AT][early].max() <= rows[AS_OF][late].min()


def test_stretches_that_disagree_change_nothing():
    assert agreed([1.1344, 1.0255, 0.8596]) == pytest.approx(1.0)
    assert agreed([0.9, 0.91, 0.89]) == pytest.approx(0.9, abs=0.005)


def test_the_mean_of_quantiles_weighs_each_by_the_chances_around_it():
    assert mean_of(np.array([[2.0, 6.0]]), [0.25, 0.75]).tolist() == [4.0]


def test_quantiles_of_whole_units_are_whole_and_never_cross(tmp_path):
    from sartor.testing import make_context

    training = quantities()
    settings = {"trees": 20, "quantile_trees": 20, "leaves": 5, "quantiles": [0.1, 0.5, 0.9], "correct_on": 0}
    said = Boosting(**settings).fit(training, make_context(tmp_path)).predict(training.without_truth())
    spread = said.filter(like="quantile:").to_numpy()
    assert (spread == np.rint(spread)).all()
    assert (np.diff(spread, axis=1) >= 0).all()


def test_series_that_had_sold_nothing_do_not_raise_the_quantiles_of_others(tmp_path):
    """Two of ten series are usually at a hundredth of a unit and sell one now and then: a hundred times as much."""
    from sartor.testing import make_context

    training = quantities(1000)
    asleep = np.arange(len(training.y)) % 5 == 0
    usual = np.where(asleep, 0.01, training.X["usual"])
    sold = np.where(asleep, np.arange(len(asleep)) % 10 == 0, training.y).astype(float)
    training = replace(training, X=training.X.assign(usual=usual), y=sold)
    settings = {"trees": 5, "quantile_trees": 20, "leaves": 2, "quantiles": [0.5, 0.95], "correct_on": 0}
    said = Boosting(**settings).fit(training, make_context(tmp_path)).predict(training.without_truth())
    assert said["quantile:0.95"][~asleep].mean() < 3 * np.quantile(training.y[~asleep], 0.95)
    assert said["quantile:0.95"][asleep].max() <= 3


def test_quantiles_that_fall_are_refused():
    with pytest.raises(ValueError, match=r"quantiles must rise, each named once, got \[0.9, 0.5\]"):
        Boosting(quantiles=[0.9, 0.5])
