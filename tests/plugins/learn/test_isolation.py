"""The isolation forest: scikit-learn's own scores, found without the truth, and probabilities that are right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import IsolationForest as Reference

from sartor.rows import ROW, Training
from sartor_plugins.learn.fitting.stored import load
from sartor_plugins.learn.models.isolation import IsolationForest


def rows(y=None, n=600, seed=0):
    """Points about the middle, and one in thirty far from it: those are the events."""
    rng = np.random.default_rng(seed)
    far = np.arange(n) % 30 == 0
    x = rng.normal(0, np.where(far, 6.0, 1.0)[:, None], (n, 3))
    X = pd.DataFrame(x, columns=["a", "b", "c"])
    truth = far.astype(int) if y is None else y
    return Training(pd.DataFrame({ROW: range(n)}), X, "probability", ("0", "1"), y=truth)


def test_scores_are_those_of_scikit_learn(context):
    training = rows()
    fitted = IsolationForest(trees=25, rows=64).fit(training, context)
    reference = Reference(n_estimators=25, max_samples=64, random_state=context.seed).fit(
        training.X.to_numpy("float32")
    )
    matrix = fitted.encoder.matrix(training.X)
    expected = -reference.score_samples(training.X.to_numpy("float32"))
    np.testing.assert_allclose(fitted.predictor.score(matrix), expected, rtol=1e-9)


def test_part_of_the_features_can_be_seen_by_each_tree(context):
    training = rows()
    fitted = IsolationForest(trees=25, rows=64, max_features=0.5).fit(training, context)
    reference = Reference(n_estimators=25, max_samples=64, max_features=0.5, random_state=context.seed)
    expected = -reference.fit(training.X.to_numpy("float32")).score_samples(training.X.to_numpy("float32"))
    np.testing.assert_allclose(fitted.predictor.score(fitted.encoder.matrix(training.X)), expected, rtol=1e-9)


def test_the_truth_changes_the_curve_and_not_the_order(context):
    said = IsolationForest(trees=50).fit(rows(), context).predict(rows().without_truth())["probability"]
    fewer = rows(y=(np.arange(600) % 60 == 0).astype(int))
    other = IsolationForest(trees=50).fit(fewer, context).predict(rows().without_truth())["probability"]
    # Where one is certain to the last bit, the other still tells rows apart.
    open_ = (said < 0.999) & (other < 0.999)
    assert open_.sum() > 580
    assert said[open_].rank().tolist() == other[open_].rank().tolist()
    assert said.mean() == pytest.approx(1 / 30, rel=1e-3)
    assert other.mean() == pytest.approx(1 / 60, rel=1e-3)


def test_what_is_far_from_all_others_is_found(context):
    said = IsolationForest().fit(rows(), context).predict(rows(seed=1).without_truth())["probability"].to_numpy()
    far = np.arange(600) % 30 == 0
    assert np.median(said[far]) > 10 * np.median(said[~far])


def test_what_is_saved_answers_alike_and_what_is_damaged_is_refused(context, tmp_path):
    fitted = IsolationForest(trees=10).fit(rows(), context)
    fitted.save(tmp_path)
    expected = fitted.predict(rows(seed=2).without_truth())
    pd.testing.assert_frame_equal(load(tmp_path).predict(rows(seed=2).without_truth()), expected)
    (tmp_path / "predictor" / "isolation.json").write_text('{"usual": 1}', encoding="utf-8")
    with pytest.raises(Exception, match=r"cannot be read: isolation\.json"):
        load(tmp_path)
