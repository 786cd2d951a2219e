"""What holds for every model of learn, on small tables with columns of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sartor.components import NUMBER, PROBABILITY, Model
from sartor.context import Context
from sartor.errors import InputError
from sartor.plugins import Plugins
from sartor.rows import Training

SETTINGS: dict[str, dict[str, Any]] = {
    "learn.logistic": {},
    "learn.linear": {},
    "learn.tree": {},
    "learn.forest": {"trees": 12},
    "learn.extra_trees": {"trees": 12},
    "learn.isolation_forest": {"trees": 12},
    "learn.svm": {},
    "learn.svm linear": {"kernel": "linear"},
    "learn.svm spanned": {"exact_up_to": 0, "landmarks": 20},
    "learn.boosting": {"trees": 12},
    "learn.boosting stopped": {"trees": 12, "early_stopping": True},
    "learn.lightgbm": {"trees": 12, "min_leaf": 5},
    "learn.lightgbm stopped": {"trees": 12, "min_leaf": 5, "early_stopping": True},
    "learn.naive_bayes": {},
    "learn.nearest": {"neighbours": 10},
    "learn.nearest weighed": {"neighbours": 10, "weigh": "distance"},
    "learn.base_rate": {},
    "learn.mean": {},
    "learn.median": {},
    "learn.calibrated": {"model": {"use": "learn.tree"}},
    "learn.calibrated isotonic": {"model": {"use": "learn.tree"}, "method": "isotonic"},
    "learn.capped": {"model": {"use": "learn.tree"}, "most": 150},
    "learn.conformal": {"model": {"use": "learn.tree"}},
    "learn.exponential": {"start": -2_000, "at_least": [0, 100]},
    "learn.chosen": {"among": {"tree": {"use": "learn.tree"}, "svm": {"use": "learn.svm"}}},
    "learn.tuned": {"model": {"use": "learn.tree"}, "over": {"depth": [2, 4]}},
}
PLUGINS = Plugins()


def model_called(name: str) -> Model:
    use = name.split(" ", 1)[0]
    if use == "learn.lightgbm":
        pytest.importorskip("lightgbm")
    model = PLUGINS.class_of(PLUGINS.find(use)).model_validate(SETTINGS[name])
    assert isinstance(model, Model)
    return model


def answered(kind: str) -> list[str]:
    """Names of the models that answer with numbers or probabilities; needs no extra."""
    classes = {name: PLUGINS.class_of(PLUGINS.find(name.split(" ", 1)[0])) for name in SETTINGS}
    return [name for name, cls in classes.items() if issubclass(cls, Model) and kind in cls.answers]


def weighs_classes(name: str) -> bool:
    return "class_weights" in PLUGINS.class_of(PLUGINS.find(name.split(" ", 1)[0])).model_fields


# Two classes, three classes and a number: what each model can answer.
JOBS = [(name, PROBABILITY, classes) for name in answered(PROBABILITY) for classes in (2, 3)]
JOBS += [(name, NUMBER, 0) for name in answered(NUMBER)]
each_job = pytest.mark.parametrize(("name", "answers", "n_classes"), JOBS)
# What does not depend on the number of classes is tried with two.
simple_job = pytest.mark.parametrize(("name", "answers", "n_classes"), [job for job in JOBS if job[2] != 3])
binary = pytest.mark.parametrize("name", answered(PROBABILITY))

Rows = Callable[..., Training]
Features = Callable[..., pd.DataFrame]


def columns_due(training: Training) -> list[str]:
    if training.answers == NUMBER:
        return ["number"]
    return ["probability"] if len(training.classes) == 2 else [f"probability:{label}" for label in training.classes]


def assert_an_answer(predictions: pd.DataFrame, training: Training, n_rows: int) -> None:
    # Behind the answer a model may have columns of its own.
    due = columns_due(training)
    assert list(predictions.columns)[: len(due)] == due
    assert len(predictions) == n_rows
    values = predictions.to_numpy(dtype=float)
    assert np.isfinite(values).all()
    if training.answers == PROBABILITY:
        assert ((values >= 0) & (values <= 1)).all()
        if len(training.classes) > 2:
            np.testing.assert_allclose(values.sum(axis=1), 1, atol=1e-12)


def test_every_model_of_the_plugin_is_tested_here():
    there = {entry.id for entry in PLUGINS.by_name["learn"].components.values() if entry.kind == "model"}
    assert {name.split(" ", 1)[0] for name in SETTINGS} == there


@each_job
def test_mixed_columns_are_learned_without_any_preparation(name, answers, n_classes, make_rows: Rows, context: Context):
    training = make_rows(answers, n_classes=n_classes)
    scoring = make_rows(answers, seed=5, n_classes=n_classes)
    fitted = model_called(name).fit(training, context)
    assert_an_answer(fitted.predict(scoring.without_truth()), training, len(scoring))


@simple_job
def test_training_rows_stay_as_they_were(name, answers, n_classes, make_rows: Rows, context: Context):
    training = make_rows(answers, n_classes=n_classes)
    X, y = training.X.copy(deep=True), training.y.copy()
    fitted = model_called(name).fit(training, context)
    fitted.predict(training.without_truth())
    fitted.explain(training.without_truth())
    pd.testing.assert_frame_equal(training.X, X)
    np.testing.assert_array_equal(training.y, y)


@each_job
def test_the_same_seed_gives_the_same_answers(name, answers, n_classes, make_rows: Rows, context: Context):
    training = make_rows(answers, n_classes=n_classes)
    first = model_called(name).fit(training, context).predict(training.without_truth())
    again = model_called(name).fit(training, context).predict(training.without_truth())
    pd.testing.assert_frame_equal(first, again, check_exact=True)


@pytest.mark.parametrize("name", ["learn.forest", "learn.extra_trees", "learn.boosting", "learn.lightgbm", "learn.svm"])
def test_the_number_of_threads_changes_nothing_but_rounding(name, make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY)
    model = model_called(name)
    if name == "learn.lightgbm":
        model = model.model_copy(update={"threads": 2})
    one, two = (
        model.fit(training, replace(context, threads=threads)).predict(training.without_truth()) for threads in (1, 2)
    )
    np.testing.assert_allclose(one, two, atol=1e-12)


@each_job
def test_a_saved_model_answers_and_explains_as_before(
    name, answers, n_classes, make_rows: Rows, context: Context, tmp_path: Path
):
    training = make_rows(answers, n_classes=n_classes)
    scoring = make_rows(answers, seed=5, n_classes=n_classes).without_truth()
    model = model_called(name)
    fitted = model.fit(training, context)
    fitted.save(tmp_path)
    loaded = model.load(tmp_path)
    np.testing.assert_allclose(loaded.predict(scoring), fitted.predict(scoring), atol=1e-12)
    assert loaded.learned() == fitted.learned()
    before, after = fitted.explain(scoring), loaded.explain(scoring)
    if before is None:
        assert after is None
    else:
        pd.testing.assert_frame_equal(before, after)
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".pkl", ".pickle", ".joblib")]


@simple_job
def test_what_was_learned_is_json(name, answers, n_classes, make_rows: Rows, context: Context):
    training = make_rows(answers, n_classes=n_classes)
    learned = model_called(name).fit(training, context).learned()
    assert json.loads(json.dumps(learned, allow_nan=False)) == learned


@each_job
def test_levels_and_gaps_that_training_never_saw_are_answered(
    name, answers, n_classes, make_rows: Rows, context: Context
):
    training = make_rows(answers, n_classes=n_classes)
    fitted = model_called(name).fit(training, context)
    scoring = make_rows(answers, n_rows=6, seed=9, n_classes=n_classes).without_truth()
    X = scoring.X.copy()
    X["home"] = ["tent", "boat", None, "own", "", "rent"]
    X["code"] = pd.Categorical([99, 1, 2, 3, None, 4])
    X["agent"] = None
    X["constant"] = [np.nan, 2.0, 1.0, 1.0, np.inf, -np.inf]
    X["empty"] = [1.0, 2.0, np.nan, 4.0, 5.0, 6.0]
    X["empty text"] = ["now", "there", "is", None, "some", "text"]
    X["income"] = [1e308, -1e308, 0.0, np.nan, np.inf, 1e-308]
    assert_an_answer(fitted.predict(scoring.with_features(X)), training, 6)


@simple_job
def test_columns_that_come_in_another_type_are_read_as_in_training(
    name, answers, n_classes, make_rows: Rows, context: Context
):
    training = make_rows(answers, n_classes=n_classes)
    fitted = model_called(name).fit(training, context)
    scoring = make_rows(answers, n_rows=20, seed=9, n_classes=n_classes).without_truth()
    other = scoring.X.copy()
    other["code"] = other["code"].astype(int).astype(float)
    other["home"] = other["home"].astype("category")
    other["owns"] = other["owns"].astype(int)
    other["constant"] = "1.0"
    other["unasked"] = 3
    np.testing.assert_allclose(
        fitted.predict(scoring.with_features(other[reversed(other.columns)])), fitted.predict(scoring), atol=1e-12
    )


@simple_job
def test_one_feature_is_enough(name, answers, n_classes, make_rows: Rows, context: Context):
    training = make_rows(answers, n_classes=n_classes)
    for column in ("income", "home", "owns"):
        single = training.with_features(training.X[[column]])
        fitted = model_called(name).fit(single, context)
        assert_an_answer(fitted.predict(single.without_truth()), training, len(training))


@each_job
def test_features_that_say_nothing_leave_the_trivial_answer(
    name, answers, n_classes, make_rows: Rows, context: Context
):
    training = make_rows(answers, n_rows=400, n_classes=n_classes)
    silent = training.with_features(training.X[["constant", "empty", "empty text"]])
    predictions = model_called(name).fit(silent, context).predict(silent.without_truth())
    assert_an_answer(predictions, training, len(training))
    spread = predictions.to_numpy()
    np.testing.assert_allclose(spread, np.broadcast_to(spread[0], spread.shape), atol=1e-9)
    if answers == PROBABILITY:
        shares = np.bincount(training.y) / len(training)
        np.testing.assert_allclose(spread[0], shares[1:] if n_classes == 2 else shares, atol=0.05)


@each_job
def test_no_rows_get_no_answers(name, answers, n_classes, make_rows: Rows, context: Context):
    training = make_rows(answers, n_classes=n_classes)
    fitted = model_called(name).fit(training, context)
    none = training.take(np.array([], dtype=int)).without_truth()
    assert_an_answer(fitted.predict(none), training, 0)


@simple_job
def test_a_row_of_weight_0_is_no_row(name, answers, n_classes, make_rows: Rows, context: Context):
    training = make_rows(answers, n_classes=n_classes)
    weight = np.ones(len(training))
    weight[::5] = 0
    spoilt = training.y.copy()
    spoilt[::5] = 1e6 if answers == NUMBER else 0
    one = replace(training, weight=weight)
    other = replace(training, weight=weight, y=spoilt)
    scoring = make_rows(answers, seed=5, n_classes=n_classes).without_truth()
    first, second = (model_called(name).fit(rows, context).predict(scoring) for rows in (one, other))
    np.testing.assert_allclose(first, second, atol=1e-9)


@each_job
def test_weights_change_what_is_learned(name, answers, n_classes, make_rows: Rows, context: Context):
    training = make_rows(answers, n_classes=n_classes)
    heavy = training.y > np.median(training.y) if answers == NUMBER else training.y == n_classes - 1
    weighted = replace(training, weight=np.where(heavy, 10.0, 1.0))
    plain = model_called(name).fit(training, context).predict(training.without_truth())
    pulled = model_called(name).fit(weighted, context).predict(training.without_truth())
    assert pulled.iloc[:, -1].mean() > plain.iloc[:, -1].mean()


@binary
def test_a_class_without_training_rows_has_no_probability(name, make_rows: Rows, context: Context, told: list[str]):
    training = make_rows(PROBABILITY, n_classes=3)
    lacking = training.take(training.y != 1)
    predictions = model_called(name).fit(lacking, context).predict(lacking.without_truth())
    assert_an_answer(predictions, training, len(lacking))
    assert (predictions["probability:b"] < 1e-3).all()
    assert "no training row has the class b: its probability is 0" in told


@binary
def test_one_class_alone_is_certain(name, make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY)
    single = training.take(training.y == 1)
    predictions = model_called(name).fit(single, context).predict(training.without_truth())
    assert (predictions["probability"] > 0.99).all()


@simple_job
def test_a_feature_that_is_missing_is_named(name, answers, n_classes, make_rows: Rows, context: Context):
    if name in ("learn.base_rate", "learn.exponential", "learn.mean", "learn.median"):
        pytest.skip("looks at no feature")
    training = make_rows(answers, n_classes=n_classes)
    fitted = model_called(name).fit(training, context)
    without = training.without_truth().with_features(training.X.rename(columns={"income": "incomes"}))
    with pytest.raises(InputError, match=r"feature 'income' was there in training and is missing now  D080\n.*incomes"):
        fitted.predict(without)


@pytest.mark.parametrize("name", [name for name in answered(PROBABILITY) if weighs_classes(name)])
def test_balanced_classes_still_answer_with_real_shares(name, make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY, n_rows=600)
    rare = training.take(np.flatnonzero((training.y == 0) | (np.arange(600) % 5 == 0)))
    share = rare.y.mean()
    balanced = model_called(name).model_copy(update={"class_weights": "balanced"})
    scoring = rare.without_truth()
    said = balanced.fit(rare, context).predict(scoring)["probability"].mean()
    assert share < 0.2
    assert said == pytest.approx(share, abs=0.04)
