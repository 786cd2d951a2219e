"""What a network learns, when it stops, and what it tells of that."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sartor.events import Progress
from sartor.rows import Judged
from sartor.testing import make_context, make_scoring, make_training

pytestmark = pytest.mark.needs("tensorflow", "keras")


def rmse(answers: pd.DataFrame, truth: np.ndarray) -> float:
    return float(np.sqrt(np.mean((answers["number"] - truth) ** 2)))


def test_a_network_bends_where_a_line_cannot(amounts, context, number_rows):
    from sartor_plugins.learn.models.linear import Linear

    unseen = number_rows(seed=9)
    network = rmse(amounts[0].predict(unseen.without_truth()), unseen.y)
    line = rmse(Linear().fit(number_rows(), context).predict(unseen.without_truth()), unseen.y)
    assert line > 200
    # The noise alone is 40, and a missing age hides what 250 times its square was.
    assert network < 0.5 * line


def test_answers_are_in_the_unit_of_the_target(amounts, number_rows):
    answers = amounts[0].predict(number_rows(seed=9).without_truth())["number"]
    assert answers.mean() == pytest.approx(number_rows(seed=9).y.mean(), rel=0.05)
    assert answers.max() > 1_100


def test_a_target_of_another_scale_is_learned_alike(amounts, context, number_rows, mlp):
    training = number_rows()
    larger = mlp().fit(replace(training, y=training.y * 1e6), context).predict(training.without_truth())["number"]
    np.testing.assert_allclose(larger, 1e6 * amounts[0].predict(training.without_truth())["number"], rtol=1e-3)


def test_balanced_classes_do_not_cost_the_right_shares(chances, class_rows):
    unseen = class_rows(800, seed=9, share=0.15)
    chance = chances.predict(unseen.without_truth())["probability"]
    assert chance.mean() == pytest.approx(0.15, abs=0.025)
    assert chance[unseen.y == 1].mean() > 3 * chance[unseen.y == 0].mean()


def test_three_classes_are_told_apart(context, class_rows, mlp):
    classes = ("low", "middle", "high")
    found = mlp().fit(class_rows(classes=classes), context)
    unseen = class_rows(seed=9, classes=classes)
    answers = found.predict(unseen.without_truth())
    assert list(answers) == ["probability:low", "probability:middle", "probability:high"]
    assert (answers.to_numpy().argmax(axis=1) == unseen.y).mean() > 0.6
    assert found.explain(unseen.without_truth()) is None


def test_another_seed_is_another_network_and_the_same_seed_the_same(amounts, tmp_path, number_rows, mlp):
    training = number_rows()
    first = amounts[0].predict(training.without_truth())["number"].to_numpy()
    again = mlp().fit(training, make_context(tmp_path / "a")).predict(training.without_truth())["number"].to_numpy()
    other = mlp().fit(training, make_context(tmp_path / "b", seed=1)).predict(training.without_truth())["number"]
    assert first.tobytes() == again.tobytes()
    assert np.abs(first - other.to_numpy()).max() > 1


def test_learning_stops_when_rows_held_out_get_no_better(amounts):
    history = amounts[0].history
    held = [epoch["held"] for epoch in history["epochs"]]
    assert len(held) == history["best"] + 12 < 200
    assert held[history["best"] - 1] == pytest.approx(min(held), rel=1e-3)
    assert history["refit"]


def test_without_a_second_course_the_best_weights_answer(context, number_rows, mlp):
    training = number_rows()
    found = mlp(refit=False, epochs=40).fit(training, context)
    learn, validate = training.inner()
    best = found.history["epochs"][found.history["best"] - 1]
    assert rmse(found.predict(validate.without_truth()), validate.y) == pytest.approx(best["metric"], rel=1e-4)
    assert found.history["rows"] == len(learn)


def test_the_rate_is_halved_on_a_plateau(amounts):
    rates = [epoch["rate"] for epoch in amounts[0].history["epochs"]]
    assert rates[0] == 0.02
    assert {round(before / after, 9) for before, after in itertools.pairwise(rates)} == {1.0, 2.0}


def test_a_cosine_ends_at_nothing(mlp):
    from sartor_plugins.keras.training import Pace

    pace = Pace(mlp(schedule="cosine", rate=0.1), 10)
    assert pace.rate(1) == 0.1
    assert pace.rate(6) == pytest.approx(0.05)
    assert pace.rate(10) < 0.005


def test_a_level_never_seen_is_answered_like_the_mean_of_all(amounts, number_rows):
    table = amounts[0].network.get_layer("embedding_1").get_weights()[0]
    (home,) = amounts[0].inputs.categories
    counts = number_rows().X["home"].value_counts()
    mean = sum(counts[level] * table[2 + place] for place, level in enumerate(home.levels)) / counts.sum()
    np.testing.assert_allclose(table[0], mean, rtol=1e-5, atol=1e-7)
    X = pd.DataFrame({"age": [40.0] * 4, "income": [50_000.0] * 4, "home": ["tent", "own", "rent", None]})
    tent, own, rent, missing = amounts[0].predict(make_scoring(X, answers="number"))["number"]
    assert rent < tent < own
    assert missing == pytest.approx(tent)


def test_a_missing_value_has_a_flag_of_its_own(context, shop, amount_of, mlp):
    # Who hides the age spends 500 more, which no filled-in age could tell.
    X = shop()
    training = make_training(X, amount_of(X) * 0 + 500.0 * X["age"].isna(), answers="number")
    answers = mlp().fit(training, context).predict(training.without_truth())["number"]
    assert answers[X["age"].isna()].mean() == pytest.approx(500, abs=30)
    assert answers[X["age"].notna()].mean() == pytest.approx(0, abs=30)


def test_rows_of_weight_0_do_not_teach(amounts, context, number_rows, mlp):
    training = number_rows()
    more = number_rows(seed=4)
    X = pd.concat([training.X, more.X], ignore_index=True)
    weight = np.repeat([1.0, 0.0], [len(training), len(more)])
    both = make_training(X, [*training.y, *(more.y * 100)], answers="number", weight=weight)
    answers = mlp().fit(both, context).predict(training.without_truth())["number"]
    np.testing.assert_array_equal(answers, amounts[0].predict(training.without_truth())["number"])


def test_answers_are_the_same_batch_by_batch(amounts, monkeypatch, number_rows):
    scoring = number_rows(seed=9).without_truth()
    at_once = amounts[0].predict(scoring)["number"]
    monkeypatch.setattr("sartor_plugins.keras.fitted.AT_ONCE", 7)
    np.testing.assert_allclose(amounts[0].predict(scoring)["number"], at_once, rtol=1e-12)


def test_no_row_is_no_answer(amounts, number_rows):
    assert amounts[0].predict(number_rows().without_truth().take(np.arange(0))).to_dict("list") == {"number": []}


def test_contributions_say_what_moves_an_answer(amounts):
    X = pd.DataFrame({"age": [49.0, 49.0], "income": [50_000.0] * 2, "home": ["own", "rent"]})
    found = amounts[0].explain(make_scoring(X, answers="number"))
    assert list(found) == ["age", "income", "home"]
    assert found["home"].iloc[0] - found["home"].iloc[1] == pytest.approx(300, abs=75)
    assert abs(found["income"]).max() < 30


def test_progress_tells_loss_and_metric(amounts):
    last = [event for event in amounts[1] if isinstance(event, Progress)]
    first = last[0]
    assert (first.done, first.total) == (1, 200)
    assert first.unit.startswith("epochs, loss ")
    assert ", held out " in first.unit
    assert ", RMSE " in first.unit


def test_the_report_shows_the_course_of_learning(amounts, context, number_rows):
    network, held = amounts[0], number_rows(seed=9)
    judged = Judged(held.y, network.predict(held.without_truth()), held.rows, (), number_rows(), held.X)
    course, moves = network.sections(judged, context)
    epochs = network.history["epochs"]
    assert (course.id, course.place, moves.id) == ("course-of-learning", "making", "features")
    assert course.sentence.startswith(f"**Epoch {network.history['best']} of {len(epochs)} was best**: a loss of ")
    assert course.figure.table.lines[0] == [1, epochs[0]["loss"], epochs[0]["held"], epochs[0]["metric"]]
    (ours,) = course.figure.table.ours
    assert course.figure.table.lines[ours][0] == network.history["best"]


def test_what_was_learned_is_told(amounts):
    learned = json.loads(json.dumps(amounts[0].learned()))
    assert learned["layers"] == [8, 1]
    # Age, its flag, income and 3 of an embedding go to 8 units and their offsets; 5 codes have 3 numbers each.
    assert learned["weights"] == 6 * 8 + 8 + 8 + 1 + 5 * 3
    assert learned["embeddings"] == {"home": 3}
    assert learned["best_epoch"] < learned["epochs"]


def test_notes_say_nothing_where_nothing_is_odd(amounts, said):
    assert said(amounts[1]) == []
