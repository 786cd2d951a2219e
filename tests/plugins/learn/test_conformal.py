"""Numbers held within bounds, and intervals that hold the truth as often as they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.plugins import Plugins
from sartor.rows import GROUP, ROW, Training
from sartor_plugins.learn.fitting.conforming import off_of
from sartor_plugins.learn.models.capped import Capped
from sartor_plugins.learn.models.conformal import Conformal

LINE = {"use": "learn.boosting", "with": {"trees": 40}}


def machines(count: int, rows: int = 20, seed: int = 0) -> Training:
    """Rows of machines whose answer is the less certain the larger it is; rows of one are off together."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(10, 100, (count, rows))
    luck = rng.standard_normal((count, 1)) * 0.9 + rng.standard_normal((count, rows)) * 0.45
    y = np.maximum(x + 0.2 * x * luck, 0.0)
    frame = pd.DataFrame({ROW: np.arange(x.size), GROUP: np.repeat(np.arange(count) + 1000 * seed, rows)})
    training = Training(frame, pd.DataFrame({"x": x.ravel()}), "number", y=y.ravel())

    def by_machine(some: Training) -> tuple[np.ndarray, np.ndarray]:
        held = some.rows[GROUP].to_numpy() * 7919 % 5 == some.level % 5
        return ~held, held

    return replace(training, split_again=by_machine)


@pytest.fixture(scope="module")
def new():
    return machines(400, seed=1)


def test_an_interval_holds_the_truth_as_often_as_it_says(context, new):
    found = Conformal(model=LINE, coverage=0.8, rounds=5).fit(machines(300), context).predict(new.without_truth())
    inside = (found["low"] <= new.y) & (new.y <= found["high"])
    assert inside.mean() == pytest.approx(0.8, abs=0.03)


def test_it_is_as_wide_as_the_model_is_off_there(context, new):
    found = Conformal(model=LINE, coverage=0.8, rounds=5).fit(machines(300), context).predict(new.without_truth())
    wide = found["high"] - found["low"]
    assert wide[found["number"] > 90].mean() > 3 * wide[found["number"] < 25].mean()
    for low, high in ((0, 40), (40, 70), (70, 110)):
        own = found["number"].between(low, high).to_numpy()
        held = ((found["low"] <= new.y) & (new.y <= found["high"]))[own].mean()
        assert held == pytest.approx(0.8, abs=0.06)


def test_every_quantile_is_passed_as_often_as_its_level_says(context, new):
    found = Conformal(model=LINE, levels=[0.1, 0.5, 0.9], rounds=5).fit(machines(300), context)
    told = found.predict(new.without_truth())
    assert [name for name in told if name.startswith("quantile")] == ["quantile:0.1", "quantile:0.5", "quantile:0.9"]
    for level in (0.1, 0.5, 0.9):
        assert (new.y <= told[f"quantile:{level:g}"]).mean() == pytest.approx(level, abs=0.04)
    assert (told["quantile:0.1"] <= told["quantile:0.5"]).all()


def test_no_quantile_lies_below_what_can_be(context):
    training = machines(100)
    found = Conformal(model=LINE, least=9.0).fit(training, context).predict(training.without_truth())
    assert found["low"].min() >= 9.0
    assert found.filter(like="quantile:").to_numpy().min() >= 9.0


def test_the_answer_itself_is_the_models(context):
    training = machines(60)
    inner = Conformal(model=LINE).fit(training, context)
    told = inner.predict(training.without_truth())["number"]
    pd.testing.assert_series_equal(told, inner.model.predict(training.without_truth())["number"])


def test_few_groups_make_few_bands(context):
    assert len(Conformal(model=LINE, bands=10, rounds=2).fit(machines(60, rows=2), context).off.centres) == 1
    assert len(Conformal(model=LINE, bands=4, rounds=5).fit(machines(300), context).off.centres) == 4


def test_a_machine_with_many_rows_counts_as_one():
    # One machine with 90 rows is 10 off, nine with 10 rows each are right: 9 of 10 machines are right.
    truth = np.concatenate([np.full(90, 10.0), np.zeros(90)])
    weight = np.concatenate([np.full(90, 1 / 90), np.full(90, 1 / 10)])
    found = off_of(
        np.zeros(180), truth, weight, np.repeat(np.arange(10), [90, *[10] * 9]), np.array([0.5, 0.8, 0.9]), 1
    )
    assert found.quantiles.tolist() == [[0.0, 0.0, 10.0]]


def test_a_model_of_probabilities_has_no_interval():
    for model, why in (
        (Conformal(model={"use": "learn.logistic"}), "learn.conformal puts intervals around numbers"),
        (Capped(model={"use": "learn.logistic"}, most=1), "learn.capped caps numbers"),
    ):
        ((path, problem),) = model.check_settings(Plugins())
        assert path == ("model", "use")
        assert problem.message == f"'learn.logistic' answers a probability; {why}"


def test_what_lies_beyond_the_bound_is_learned_as_the_bound(context):
    training = machines(60)
    least = {"use": "learn.mean"}
    free = Capped(model=least, most=1e9).fit(training, context).predict(training.without_truth())["number"]
    held = Capped(model=least, most=50, least=20).fit(training, context).predict(training.without_truth())["number"]
    assert free.iloc[0] == pytest.approx(training.y.mean())
    assert held.iloc[0] == pytest.approx(np.clip(training.y, 20, 50).mean())


def test_no_answer_lies_beyond_the_bound(context):
    training = machines(60)
    found = Capped(model=LINE, most=60, least=30).fit(training, context).predict(training.without_truth())["number"]
    assert found.min() >= 30
    assert found.max() <= 60
    assert found.max() - found.min() > 25


def test_bounds_must_be_there_and_in_order():
    with pytest.raises(ValidationError, match="neither most nor least is given, and nothing is capped"):
        Capped(model=LINE)
    with pytest.raises(ValidationError, match="least, 9, is not below most, 5"):
        Capped(model=LINE, least=9, most=5)
    with pytest.raises(ValidationError, match=r"must rise, and are 0\.5, 0\.1"):
        Conformal(model=LINE, levels=[0.5, 0.1])
