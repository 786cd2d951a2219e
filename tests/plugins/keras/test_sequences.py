"""Networks that read windows, and the windows that a plant's readings make."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.testing import ModelTests, make_training
from sartor.testing.learner import halves

STEPS = 6


def waves(rows: int = 240, seed: int = 0, answers: str = "number"):
    """Two sensors, of which one rises or falls by its window; where it stands says nothing. Beside them an age."""
    rng = np.random.default_rng(seed)
    slope = rng.normal(0, 1, rows)
    back = np.arange(STEPS)
    heat = rng.normal(0, 3, (rows, 1)) - slope[:, None] * back + rng.normal(0, 0.05, (rows, STEPS))
    load = rng.normal(50, 5, (rows, STEPS))
    columns = {f"heat: {k} before": heat[:, k] for k in back} | {f"load: {k} before": load[:, k] for k in back}
    X = pd.DataFrame({**columns, "age": rng.uniform(0, 300, rows), "model": rng.choice(["a", "b"], rows)})
    if answers == "number":
        return make_training(X, 100 + 20 * slope, answers=answers)
    return make_training(X, np.where(slope > 0.2, "rises", "falls"), classes=("falls", "rises"))


class Windows(ModelTests):
    """The suite of any model, on rows that hold a window."""

    def sample(self, answers):
        return [halves(answers, waves(90, answers=answers))]


@pytest.mark.slow
@pytest.mark.needs("tensorflow", "keras")
class TestCNN(Windows):
    entry = "keras.cnn"
    settings: ClassVar = {"filters": [4], "kernel": 3, "hidden": [4], "epochs": 2, "refit": False}


@pytest.mark.slow
@pytest.mark.needs("tensorflow", "keras")
class TestRNN(Windows):
    entry = "keras.rnn"
    settings: ClassVar = {"cells": [3, 3], "both_ways": True, "hidden": [], "epochs": 2, "refit": False}


@pytest.mark.slow
@pytest.mark.needs("tensorflow", "keras")
class TestTransformer(Windows):
    entry = "keras.transformer"
    settings: ClassVar = {"width": 4, "layers": 1, "hidden": [4], "epochs": 2, "refit": False}


@pytest.mark.needs("tensorflow", "keras")
@pytest.mark.parametrize(
    "kind", ["cnn", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("rnn", "transformer"))]
)
def test_what_lies_between_readings_is_seen(kind, context, tmp_path):
    from sartor_plugins.keras.sequences import CNN, RNN
    from sartor_plugins.keras.transformer import Transformer

    shared = {"rate": 0.02, "batch": 32, "hidden": [8], "epochs": 40, "refit": False}
    models = {
        "cnn": CNN(filters=[4], kernel=3, **shared),
        "rnn": RNN(cells=[6], cell="lstm", **shared),
        "transformer": Transformer(width=8, layers=1, dropout=0.0, **shared),
    }
    model = models[kind]
    found = model.fit(waves(), context)
    unseen = waves(seed=9)
    answers = found.predict(unseen.without_truth())["number"]
    assert np.corrcoef(answers, unseen.y)[0, 1] > 0.95
    (tmp_path / "saved").mkdir()
    found.save(tmp_path / "saved")
    np.testing.assert_array_equal(model.load(tmp_path / "saved").predict(unseen.without_truth())["number"], answers)


@pytest.mark.needs("tensorflow", "keras")
def test_a_window_is_read_from_its_oldest_step_on_one_scale(context):
    from sartor_plugins.keras.windows import learn_windows

    training = waves()
    inputs = learn_windows(training.X, context, scale="standard", max_levels=10)
    assert (inputs.steps, inputs.channels) == (STEPS, 2)
    names = [part.name for part in inputs.numbers]
    assert names[:2] == ["heat: 5 before", "load: 5 before"]
    assert names[-3:] == ["heat: 0 before", "load: 0 before", "age"]
    heat = [part for part in inputs.numbers if part.name.startswith("heat")]
    assert len({(part.centre, part.scale) for part in heat}) == 1
    assert heat[0].centre == pytest.approx(training.X["heat: 0 before"].mean())
    assert [part.name for part in inputs.categories] == ["model"]


@pytest.mark.needs("tensorflow", "keras")
@pytest.mark.parametrize(
    ("drop", "found"),
    [
        ([f"{name}: {k} before" for name in ("heat", "load") for k in range(STEPS)], "no window of readings"),
        ([f"load: {k} before" for k in range(3, STEPS)], "windows of 3 and 6 readings"),
    ],
)
def test_features_without_a_window_are_refused(drop, found, context):
    from sartor_plugins.keras.sequences import CNN

    training = waves(40)
    with pytest.raises(InputError, match=f"all channels alike, and finds {found}") as raised:
        CNN().fit(training.with_features(training.X.drop(columns=drop)), context)
    assert raised.value.problems[0].code == "D311"
    assert raised.value.problems[0].hints[0][1].startswith("build one: features: {window: {use: manufacturing.sensor")
