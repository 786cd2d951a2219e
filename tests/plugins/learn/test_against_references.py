"""Our arrays against the libraries that grew them, on mixed rows and on scikit-learn's own sets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import SVC, LinearSVC, LinearSVR

from sartor.components import NUMBER, PROBABILITY
from sartor.context import Context
from sartor.rows import ROW, Training
from sartor.threads import limited
from sartor_plugins.learn.encoding.encoder import mixed, native
from sartor_plugins.learn.fitting.answer import probability_matrix
from sartor_plugins.learn.fitting.squared_margin import squared_margin
from sartor_plugins.learn.models.bayes import NaiveBayes
from sartor_plugins.learn.models.boosting import Boosting, LightGBM
from sartor_plugins.learn.models.linear import Linear, Logistic
from sartor_plugins.learn.models.nearest import Nearest
from sartor_plugins.learn.models.svm import SVM
from sartor_plugins.learn.models.trees import ExtraTrees, Forest

Rows = Callable[..., Training]


def training_of(X: pd.DataFrame, y: np.ndarray, answers: str) -> Training:
    classes = tuple(str(label) for label in np.unique(y)) if answers == PROBABILITY else ()
    truth = y.astype(np.int64) if classes else y.astype(float)
    return Training(pd.DataFrame({ROW: np.arange(len(y))}), X, answers, classes, y=truth)


@pytest.fixture(scope="module")
def wine() -> Training:
    """178 wines of three growers."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    return training_of(X, y.to_numpy(), PROBABILITY)


@pytest.fixture(scope="module")
def diabetes() -> Training:
    """442 patients, progression of a disease after a year."""
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    return training_of(X, y.to_numpy(), NUMBER)


def test_forest_answers_as_scikit_learns_forest(make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY, n_classes=3)
    matrix = mixed(training.X, scale=False).matrix(training.X)
    theirs = RandomForestClassifier(20, min_samples_leaf=5, random_state=context.seed).fit(matrix, training.y)
    ours = Forest(trees=20).fit(training, context).predict(training)
    np.testing.assert_allclose(ours, theirs.predict_proba(matrix), atol=1e-12)


def test_extra_trees_answer_as_scikit_learns(diabetes: Training, context: Context):
    matrix = diabetes.X.to_numpy()
    theirs = ExtraTreesRegressor(20, min_samples_leaf=3, max_features=0.5, random_state=context.seed)
    theirs.fit(matrix, diabetes.y)
    ours = ExtraTrees(trees=20, min_leaf=3, max_features=0.5).fit(diabetes, context).predict(diabetes)
    np.testing.assert_allclose(ours["number"], theirs.predict(matrix), rtol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_boosting_answers_as_scikit_learns_with_categories_and_gaps(n_classes, make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY, n_rows=400, n_classes=n_classes)
    encoder = native(training.X, first="categories")
    theirs = HistGradientBoostingClassifier(
        max_iter=15,
        learning_rate=0.05,
        max_leaf_nodes=15,
        l2_regularization=5,
        categorical_features=encoder.categories,
        early_stopping=False,
        random_state=context.seed,
    )
    with limited(1):
        theirs.fit(encoder.matrix(training.X), training.y)
    scoring = make_rows(PROBABILITY, n_rows=200, seed=5, n_classes=n_classes)
    ours = probability_matrix(Boosting(trees=15).fit(training, context).predict(scoring), training.classes)
    np.testing.assert_allclose(ours, theirs.predict_proba(encoder.matrix(scoring.X)), atol=1e-12)


def test_boosted_numbers_are_scikit_learns(diabetes: Training, context: Context):
    matrix = diabetes.X.to_numpy()
    theirs = HistGradientBoostingRegressor(
        max_iter=30, learning_rate=0.05, max_leaf_nodes=15, l2_regularization=5, early_stopping=False
    )
    with limited(1):
        theirs.fit(matrix, diabetes.y)
    ours = Boosting(trees=30).fit(diabetes, context).predict(diabetes)
    np.testing.assert_allclose(ours["number"], theirs.predict(matrix), rtol=1e-10)


def test_logistic_regression_has_scikit_learns_coefficients(wine: Training, context: Context):
    scaled = ((wine.X - wine.X.mean()) / wine.X.std(ddof=0)).to_numpy()
    theirs = LogisticRegression(C=0.5, tol=1e-10, max_iter=10_000).fit(scaled, wine.y)
    fitted = Logistic(penalty=2.0).fit(wine, context)
    np.testing.assert_allclose(fitted.predict(wine), theirs.predict_proba(scaled), atol=1e-5)
    ours = [list(line["coefficients"].values()) for line in fitted.learned().values()]
    np.testing.assert_allclose(ours, theirs.coef_, atol=1e-4)


def test_ridge_regression_has_scikit_learns_coefficients(diabetes: Training, context: Context):
    scaled = ((diabetes.X - diabetes.X.mean()) / diabetes.X.std(ddof=0)).to_numpy()
    # The sex of the patients is a number of two values that are not 0 and 1, so that it is scaled like the others.
    theirs = Ridge(alpha=3.0).fit(scaled, diabetes.y)
    fitted = Linear(penalty=3.0).fit(diabetes, context)
    np.testing.assert_allclose(fitted.predict(diabetes)["number"], theirs.predict(scaled), rtol=1e-9)


def test_least_squares_stand_a_category_with_one_flag_too_many(make_rows: Rows, context: Context):
    training = make_rows(NUMBER)
    predicted = Linear(penalty=0).fit(training, context).predict(training)["number"]
    matrix = np.column_stack([mixed(training.X, scale=True).matrix(training.X), np.ones(len(training))])
    best = matrix @ np.linalg.lstsq(matrix, training.y, rcond=None)[0]
    np.testing.assert_allclose(predicted, best, atol=1e-6)


def test_exact_machine_scores_as_scikit_learns(context: Context):
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    training = training_of(X, y.to_numpy(), PROBABILITY)
    scaled = mixed(X, scale=True).matrix(X)
    theirs = SVC(gamma=0.02).fit(scaled, y)
    fitted = SVM(gamma=0.02).fit(training, context)
    ours = fitted.predictor.machine.scores(scaled)[:, 0]
    np.testing.assert_allclose(ours, theirs.decision_function(scaled), atol=1e-10)
    assert roc_auc_score(y, fitted.predict(training)["probability"]) > 0.99


def test_linear_machine_is_liblinears():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    y = np.sign(X[:, 0] - 0.5 + rng.normal(size=300))
    weight = rng.integers(1, 4, 300).astype(float)
    coefficients, intercept, settled = squared_margin(X, y, weight, penalty=2.0)
    # liblinear penalises the intercept too; high enough a column makes that as good as nothing.
    theirs = LinearSVC(C=0.5, dual=False, intercept_scaling=1e3, tol=1e-10, max_iter=100_000)
    theirs.fit(X, y, sample_weight=weight)
    assert settled
    np.testing.assert_allclose(coefficients, theirs.coef_[0], atol=1e-6)
    assert intercept == pytest.approx(theirs.intercept_[0], abs=1e-5)


def test_linear_machine_for_numbers_is_liblinears():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    y = X @ np.arange(5) + rng.normal(size=300)
    coefficients, intercept, settled = squared_margin(X, y, np.ones(300), penalty=1.0, tolerance=0.1)
    theirs = LinearSVR(
        epsilon=0.1, loss="squared_epsilon_insensitive", dual=False, intercept_scaling=1e3, tol=1e-10, max_iter=100_000
    ).fit(X, y)
    assert settled
    np.testing.assert_allclose(coefficients, theirs.coef_, atol=1e-5)
    assert intercept == pytest.approx(theirs.intercept_[0], abs=1e-4)


def test_spanned_machine_nears_the_exact_one(context: Context):
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    training = training_of(X, y.to_numpy(), PROBABILITY)
    exact = SVM().fit(training, context).predict(training)["probability"]
    spanned = SVM(exact_up_to=0, landmarks=300).fit(training, context).predict(training)["probability"]
    assert np.corrcoef(exact, spanned)[0, 1] > 0.97


def test_naive_bayes_of_numbers_is_gaussian(wine: Training, context: Context):
    theirs = GaussianNB(var_smoothing=0).fit(wine.X, wine.y).predict_proba(wine.X)
    ours = NaiveBayes().fit(wine, context).predict(wine)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_naive_bayes_counts_levels_by_hand(context: Context):
    X = pd.DataFrame({"home": ["own", "own", "rent", "rent", "rent", "own"]})
    training = training_of(X, np.array([0, 0, 0, 1, 1, 1]), PROBABILITY)
    predicted = NaiveBayes(smoothing=1.0).fit(training, context).predict(training)["probability"]
    # Of 3 + 2 rows own has 2 + 1 in class 0 and 1 + 1 in class 1: 2 / (2 + 3); rent the other way about.
    np.testing.assert_allclose(predicted, [0.4, 0.4, 0.6, 0.6, 0.6, 0.4])


def test_neighbours_of_numbers_are_scikit_learns(diabetes: Training, context: Context):
    scaled = ((diabetes.X - diabetes.X.mean()) / diabetes.X.std(ddof=0)).to_numpy()
    theirs = KNeighborsRegressor(7).fit(scaled, diabetes.y).predict(scaled)
    ours = Nearest(neighbours=7).fit(diabetes, context).predict(diabetes)
    np.testing.assert_allclose(ours["number"], theirs, rtol=1e-9)


def test_rows_at_one_distance_share_the_last_place(context: Context):
    X = pd.DataFrame({"x": [0.0, 1.0, -1.0, 5.0]})
    training = training_of(X, np.array([10.0, 20.0, 40.0, 0.0]), NUMBER)
    asked = training.take(np.array([0])).without_truth()
    # The nearest is the row itself; the two beside it share the second place: (10 + 30) / 2.
    answer = Nearest(neighbours=2, scale=False).fit(training, context).predict(asked)["number"][0]
    assert answer == pytest.approx(20.0)
    other = training.take(np.array([0, 2, 1, 3]))
    assert Nearest(neighbours=2, scale=False).fit(other, context).predict(asked)["number"][0] == pytest.approx(20.0)


def test_one_more_neighbour_answers_with_the_base_rate(context: Context):
    X = pd.DataFrame({"x": [0.0, 0.0, 9.0, 9.0]})
    training = training_of(X, np.array([1, 1, 0, 0]), PROBABILITY)
    predicted = Nearest(neighbours=2).fit(training, context).predict(training)["probability"]
    # 2 of 2 neighbours and one half: 2.5 of 3.
    np.testing.assert_allclose(predicted, [2.5 / 3, 2.5 / 3, 0.5 / 3, 0.5 / 3])


def test_lightgbm_answers_as_its_own_interface(make_rows: Rows, context: Context):
    lightgbm = pytest.importorskip("lightgbm")
    training = make_rows(PROBABILITY, n_rows=400, n_classes=3)
    encoder = native(training.X, first="as given")
    theirs = lightgbm.LGBMClassifier(
        n_estimators=20,
        learning_rate=0.03,
        num_leaves=15,
        min_child_samples=30,
        reg_lambda=5,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.6,
        random_state=context.seed,
        n_jobs=1,
        deterministic=True,
        force_row_wise=True,
        verbosity=-1,
    ).fit(encoder.matrix(training.X), training.y, categorical_feature=encoder.categories)
    ours = LightGBM(trees=20).fit(training, context).predict(training)
    np.testing.assert_allclose(ours, theirs.predict_proba(encoder.matrix(training.X)), atol=1e-12)
