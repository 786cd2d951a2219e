"""Operating regimes and the ranking of indicators: learned from training rows, kept as data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.testing import make_training
from sartor_domains.manufacturing.indicators.ranking import rank
from sartor_domains.manufacturing.operating_regimes import OperatingRegimes
from sartor_domains.manufacturing.telling_indicators import TellingIndicators


def training_of(columns, **rows):
    X = pd.DataFrame(columns)
    made = make_training(X, np.arange(len(X), dtype=float), answers="number")
    return replace(made, rows=made.rows.assign(**rows))


class TestRegimes:
    @pytest.fixture
    def training(self):
        rng = np.random.default_rng(0)
        load = np.repeat([60.0, 100.0], [120, 80])
        heat = np.where(load == 60, 50 + rng.normal(size=200), 90 + 4 * rng.normal(size=200))
        return training_of({"at_load": load, "heat": heat, "age": np.arange(200.0), "model": ["X"] * 200})

    def test_numbers_are_measured_against_what_is_usual_in_their_regime(self, context, training):
        step, made = OperatingRegimes(by=["at_load"]).fit_transform(training, context)
        for regime, count in (("1", 120), ("2", 80)):
            own = made[made["regime"] == regime]
            assert len(own) == count
            assert own["heat"].mean() == pytest.approx(0, abs=1e-9)
            assert own["heat"].std(ddof=0) == pytest.approx(1)
        new = pd.DataFrame({"at_load": [99.0, 61.0], "heat": [90.0, 90.0], "age": [1.0, 2.0], "model": ["X", "X"]})
        told = step.transform(new)
        assert abs(told["heat"].iloc[0]) < 0.5
        assert told["heat"].iloc[1] > 30

    def test_age_and_the_condition_itself_stay(self, context, training):
        _, made = OperatingRegimes(by=["at_load"]).fit_transform(training, context)
        assert made["age"].tolist() == training.X["age"].tolist()
        assert made["at_load"].tolist() == training.X["at_load"].tolist()
        assert made["model"].tolist() == training.X["model"].tolist()

    def test_as_many_regimes_as_conditions_where_those_are_few(self, context, training, notes):
        OperatingRegimes(by=["at_load"], regimes=6).fit(training, context)
        assert notes() == ["2 operating regimes by at_load, with 120, 80 training rows"]

    def test_many_conditions_are_clustered(self, context):
        rng = np.random.default_rng(2)
        load = np.concatenate([rng.normal(20, 1, 50), rng.normal(60, 1, 90), rng.normal(100, 1, 60)])
        step, made = OperatingRegimes(by=["at_load"], regimes=3).fit_transform(
            training_of({"at_load": load, "heat": load * 2}), context
        )
        assert made["regime"].value_counts().tolist() == [90, 60, 50]
        assert step.transform(pd.DataFrame({"at_load": [np.nan], "heat": [1.0]}))["regime"].notna().all()

    def test_a_condition_that_is_no_feature_is_named_with_the_nearest(self, context, training):
        with pytest.raises(InputError, match="there is no feature 'load'") as caught:
            OperatingRegimes(by=["load"]).fit(training, context)
        assert ("did you mean", "at_load") in caught.value.problems[0].hints

    def test_without_a_condition_there_are_no_regimes(self, context):
        empty = training_of({"at_load": [np.nan, np.nan], "heat": [1.0, 2.0]})
        with pytest.raises(InputError, match="no training row has a condition in at_load"):
            OperatingRegimes(by=["at_load"]).fit(empty, context)


class TestRanking:
    """Three units of 50 cycles: wear that rises and ends alike, drift that ends anywhere, noise, a constant."""

    @pytest.fixture
    def lives(self):
        rng = np.random.default_rng(4)
        age = np.tile(np.arange(50.0), 3)
        unit = np.repeat(["A", "B", "C"], 50)
        ends = np.repeat([1.0, 5.0, -9.0], 50)
        columns = {
            "noise": rng.normal(size=150),
            "wear": (age / 49) ** 3 + 0.001 * rng.normal(size=150),
            "drift": ends * age / 49,
            "flat": np.full(150, 3.0),
        }
        return training_of(columns, __group=unit, cycles_run=age)

    def test_wear_that_ends_alike_tells_best_and_noise_worst(self, lives):
        found = rank(lives.X, lives.rows["__group"].tolist(), lives.rows["cycles_run"].to_numpy())
        assert [found.names[place] for place in found.best()] == ["wear", "drift", "noise", "flat"]
        assert found.units == 3
        by_name = dict(zip(found.names, range(4), strict=True))
        assert found.monotonicity[by_name["wear"]] > 0.97
        assert found.monotonicity[by_name["drift"]] == pytest.approx(1)
        assert found.monotonicity[by_name["noise"]] < 0.3
        assert found.prognosability[by_name["wear"]] > 0.99
        assert found.prognosability[by_name["drift"]] == pytest.approx(np.exp(-np.std([1, 5, -9]) / 5))
        assert found.score[by_name["flat"]] == 0

    def test_units_that_go_opposite_ways_do_not_trend(self, lives):
        X = pd.DataFrame({"drift": np.tile(np.arange(50.0), 2) * np.repeat([1, -1], 50)})
        found = rank(X, ["A"] * 50 + ["B"] * 50, np.tile(np.arange(50.0), 2))
        assert found.trendability[0] == 0
        assert found.monotonicity[0] == pytest.approx(1)

    def test_the_best_are_kept_and_what_never_changes_is_not(self, context, lives, notes):
        step, made = TellingIndicators(keep=2).fit_transform(lives, context)
        assert list(made.columns) == ["wear", "drift"]
        assert notes() == ["2 of 4 indicators are kept; wear, drift, noise tell best"]
        assert list(TellingIndicators(keep=9).fit_transform(lives, context)[1].columns) == ["noise", "wear", "drift"]
        assert step.left_out == ["noise", "flat"]

    def test_what_is_no_number_stays(self, context, lives):
        X = lives.X.assign(model=pd.Series(["X"] * 150, dtype="str"), online=True)
        made = TellingIndicators(keep=1).fit_transform(lives.with_features(X), context)[1]
        assert list(made.columns) == ["wear", "model", "online"]

    def test_a_bar_that_none_passes(self, context, lives):
        with pytest.raises(InputError, match="none of 4 indicators changes and has a score of 1"):
            TellingIndicators(least_score=1.0).fit(lives, context)

    def test_rows_without_lives_cannot_be_ranked(self, context):
        with pytest.raises(InputError, match="these rows tell neither unit nor age"):
            TellingIndicators().fit(training_of({"x": [1.0, 2.0]}), context)
