"""Models that take a while tell how far they are, and learn the same whether anybody listens or not."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from sartor.context import Context
from sartor.events import Progress
from sartor.testing import make_context, make_training
from sartor_plugins.learn.models.boosting import Boosting
from sartor_plugins.learn.models.calibrated import Calibrated
from sartor_plugins.learn.models.chosen import Chosen
from sartor_plugins.learn.models.svm import SVM
from sartor_plugins.learn.models.tuned import Tuned

TREE = {"use": "learn.tree"}


@pytest.fixture
def heard():
    return []


@pytest.fixture
def context(tmp_path, heard):
    return make_context(tmp_path, heard=heard)


def rows(n=400, classes=("no", "yes"), seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n), "town": rng.choice(["a", "b", "c"], size=n)})
    if not classes:
        return make_training(X, X["x"] + rng.normal(size=n), answers="number")
    places = np.digitize(X["x"] + rng.normal(size=n), np.linspace(-0.5, 0.5, len(classes) - 1))
    return make_training(X, [classes[place] for place in places], classes=classes)


def told(heard, unit):
    return [(event.done, event.total) for event in heard if isinstance(event, Progress) and event.unit == unit]


@pytest.mark.parametrize("classes", [("no", "yes"), ("a", "b", "c"), ()])
def test_boosting_tells_of_its_trees_and_grows_the_same(context, heard, classes, monkeypatch):
    training = rows(classes=classes)
    ours = Boosting(trees=100, max_features=0.5).fit(training, context).predict(training.without_truth())
    assert told(heard, "trees") == [(done, 100) for done in range(0, 101, 2)]
    monkeypatch.setattr("sartor_plugins.learn.fitting.boosting._tell_rounds", lambda *_: None)
    silent = Boosting(trees=100, max_features=0.5).fit(training, context).predict(training.without_truth())
    pd.testing.assert_frame_equal(ours, silent, check_exact=True)


def test_a_few_trees_are_told_one_by_one(context, heard):
    Boosting(trees=3).fit(rows(), context)
    assert told(heard, "trees") == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_choosing_tells_of_its_models(context, heard):
    Chosen(among={"shallow": TREE, "deep": TREE, "deepest": TREE}).fit(rows(), context)
    assert told(heard, "models") == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_tuning_tells_of_its_trials_and_of_how_many_there_are(context, heard):
    settings = Tuned(model=TREE, over={"depth": [1, 2, 3, 4, 5, 6, 7, 8]}, candidates=20)
    fitted = settings.fit(rows(6000), context)
    counts = told(heard, "trials")
    assert [done for done, _ in counts] == list(range(len(fitted.learned()["trials"]) + 1))
    # Nine candidates on a third of the rows, three of them on all; the model as written may come on top.
    assert counts[0] == (0, 12)
    assert counts[-1][0] == counts[-1][1]
    assert all(total <= 13 for _, total in counts)


def test_a_machine_tells_of_the_machines_behind_its_probabilities(context, heard):
    SVM(rounds=3).fit(rows(), context)
    counts = told(heard, "machines")
    assert counts[0] == (0, 4)
    assert counts[-1][0] == counts[-1][1] == len(counts) - 1
    heard.clear()
    SVM().fit(rows(classes=()), context)
    assert told(heard, "machines") == []


def test_calibrating_tells_of_its_rounds(context, heard):
    Calibrated(model=TREE, rounds=3).fit(rows(), context)
    assert told(heard, "rounds") == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_telling_costs_next_to_nothing(tmp_path):
    context = make_context(tmp_path)
    began = time.thread_time()
    for done in range(1000):
        context.progress(done, 1000, "trees")
    # A model tells fifty times, not a thousand.
    assert (time.thread_time() - began) / 1000 < 1e-3


def test_progress_is_of_the_step_by_its_name():
    heard = []
    Context(step="models.forest", tell=heard.append).progress(312, 400, "trees")
    assert heard == [Progress("models", "forest", 312, 400, "trees")]
