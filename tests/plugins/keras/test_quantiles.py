"""Networks that answer quantiles beside a number, of any number and of demand."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.rows import Judged
from sartor.testing import ModelTests, make_training
from sartor.testing.learner import halves

pytestmark = pytest.mark.needs("tensorflow", "keras")

LEVELS = [0.1, 0.5, 0.9]


def wide(rows: int = 1_200, seed: int = 0):
    """A number whose spread grows with x: normal, with a deviation of 10 at 0 and of 60 at 1."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, rows)
    y = 1_000 + 200 * x + (10 + 50 * x) * rng.normal(0, 1, rows)
    return make_training(pd.DataFrame({"x": x, "luck": rng.normal(0, 1, rows)}), y, answers="number")


def demand(rows: int = 600, seed: int = 0):
    """Small series and large ones, all of which sell twice what is usual when there is a deal."""
    rng = np.random.default_rng(seed)
    usual = rng.choice([2.0, 400.0], rows)
    deal = rng.random(rows) < 0.4
    X = pd.DataFrame({"usual": usual, "deal": deal, "theta": usual * rng.uniform(0.8, 1.2, rows)})
    return make_training(X, rng.poisson(usual * (1 + deal)).astype(float), answers="quantiles", classes=())


@pytest.fixture(scope="module")
def found(mlp, tmp_path_factory):
    from sartor.testing import make_context

    return mlp(quantiles=LEVELS, epochs=60).fit(wide(), make_context(tmp_path_factory.mktemp("wide")))


def test_as_many_numbers_lie_below_a_quantile_as_it_says(found):
    unseen = wide(4_000, seed=9)
    said = found.predict(unseen.without_truth())
    assert list(said) == ["number", "quantile:0.1", "quantile:0.5", "quantile:0.9"]
    for level in LEVELS:
        assert (unseen.y <= said[f"quantile:{level}"]).mean() == pytest.approx(level, abs=0.04)
    assert said["number"].mean() == pytest.approx(unseen.y.mean(), rel=0.01)


def test_quantiles_are_in_the_unit_of_the_target_and_widen_where_it_does(found):
    at = make_training(pd.DataFrame({"x": [0.1, 0.9], "luck": [0.0, 0.0]}), [0.0, 0.0], answers="number")
    said = found.predict(at.without_truth())
    # From the 10 % to the 90 % quantile of a normal it is 2.563 deviations: of 15 and of 55.
    width = said["quantile:0.9"] - said["quantile:0.1"]
    assert width.tolist() == pytest.approx([38.4, 141.0], rel=0.25)


def test_quantiles_never_cross(found):
    rng = np.random.default_rng(1)
    far = pd.DataFrame({"x": rng.normal(0, 50, 500), "luck": rng.normal(0, 50, 500)})
    said = found.predict(make_training(far, np.zeros(500), answers="number").without_truth())
    assert (np.diff(said[["quantile:0.1", "quantile:0.5", "quantile:0.9"]].to_numpy(), axis=1) >= 0).all()


def test_contributions_are_those_of_the_number(found):
    unseen = wide(50, seed=9).without_truth()
    rest = found.predict(unseen)["number"] - found.explain(unseen).sum(axis=1)
    assert np.ptp(rest) < 1e-6 * rest.mean()


def test_the_report_tells_what_the_loss_is_made_of(found, context):
    unseen = wide(60, seed=9)
    judged = Judged(unseen.y, found.predict(unseen.without_truth()), unseen.rows, (), wide(), unseen.X)
    course = next(iter(found.sections(judged, context)))
    assert course.figure.reading.startswith(
        "Lower is better: squared or absolute error, beside the target's deviation, and the pinball loss of 3 quantiles"
    )


def test_small_series_and_large_ones_teach_each_other(mlp, context):
    found = mlp(epochs=40).fit(demand(), context)
    said = found.predict(demand(seed=9).without_truth())
    assert list(said)[1] == "quantile:0.005"
    X = demand(seed=9).X
    for usual, deal in ((2.0, True), (400.0, False), (400.0, True)):
        mine = said[(X["usual"] == usual) & (X["deal"] == deal)]
        assert mine["number"].mean() == pytest.approx(usual * (1 + deal), rel=0.2)
    spread = said.filter(like="quantile:").to_numpy()
    assert (spread == np.rint(spread)).all()
    assert spread.min() >= 0


def test_demand_without_what_is_usual_is_refused(mlp, context):
    without = demand(60)
    with pytest.raises(InputError, match="no feature tells it") as raised:
        mlp().fit(without.with_features(without.X.drop(columns="usual")), context)
    assert raised.value.problems[0].code == "D187"


def test_where_no_feature_says_anything_the_quantiles_are_those_of_all(mlp, context, tmp_path):
    training = make_training(pd.DataFrame({"usual": [2.0] * 40}), np.arange(40.0), answers="quantiles", classes=())
    found = mlp(quantiles=LEVELS).fit(training, context)
    (tmp_path / "saved").mkdir()
    found.save(tmp_path / "saved")
    for fitted in (found, mlp().load(tmp_path / "saved")):
        said = fitted.predict(training.without_truth())
        assert said.iloc[0].tolist() == [19.5, 3.0, 19.0, 35.0]
        assert len(said.drop_duplicates()) == 1


@pytest.mark.slow
class TestQuantiles(ModelTests):
    """The suite of any model, on demand."""

    entry = "keras.mlp"
    settings: ClassVar = {"hidden": [8], "epochs": 3, "refit": False, "quantiles": LEVELS}

    def cases(self):
        return [halves("demand", demand(90)), halves("number", wide(90))]


def test_quantiles_that_fall_are_refused(mlp):
    with pytest.raises(ValueError, match=r"quantiles must rise, each named once, got \[0.9, 0.5\]"):
        mlp(quantiles=[0.9, 0.5])
