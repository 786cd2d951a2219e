"""Histogram boosting, grown by scikit-learn and kept as tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor.threads import limited
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import Encoder, native
from sartor_plugins.learn.fitting.answer import Target, target_of
from sartor_plugins.learn.fitting.encoded import Lesson, fit_encoded
from sartor_plugins.learn.fitting.tree_scores import Link, TreeScores, linked
from sartor_plugins.learn.fitting.tree_table import LEAF, NO_CATEGORY, TreeTable, table_of

if TYPE_CHECKING:
    from sartor_plugins.learn.models.boosting import Boosting

LARGEST = 1e300
"""Numbers are held within this: the middle of two larger ones would be infinite."""
MOST_BINS = 255
TOLD = 50
"""Times that progress is told, at most about."""
SURE = 1e-15
"""Probabilities are held this far from 0 and 1 when numbers of trees are compared."""


def fit_boosting(settings: Boosting, training: Training, context: Context) -> Fitted:
    """Fit `Boosting`."""
    trees = settings.trees
    if settings.early_stopping:
        trees = _best_number(settings, training, context)
        context.note(f"the inner rows ask for {trees} of {settings.trees} trees")

    def learn(lesson: Lesson) -> TreeScores:
        return _grow(settings, lesson.matrix, lesson.target, lesson.encoder, context, trees)

    encode = partial(_encode, settings)
    return fit_encoded(training, context, encode=encode, learn=learn, class_weights=settings.class_weights)


def _encode(settings: Boosting, X: Any) -> Encoder:
    # Categories come first because scikit-learn moves them there before it numbers the columns of its trees. One bin
    # is for the levels that share a code, one for missing values.
    return native(X, max_levels=min(settings.max_levels, MOST_BINS - 2), first="categories")


def _grow(
    settings: Boosting, matrix: FloatArray, target: Target, encoder: Encoder, context: Context, trees: int
) -> TreeScores:
    kind = HistGradientBoostingRegressor if target.is_number else HistGradientBoostingClassifier
    estimator = kind(
        max_iter=trees,
        learning_rate=settings.rate,
        max_leaf_nodes=settings.leaves,
        max_depth=settings.depth,
        min_samples_leaf=settings.min_leaf,
        l2_regularization=settings.penalty,
        max_features=settings.max_features,
        max_bins=MOST_BINS,
        categorical_features=encoder.categories or None,
        early_stopping=False,
        random_state=context.seed,
    )
    _tell_rounds(estimator, trees, context)
    estimator.fit(np.clip(matrix, -LARGEST, LARGEST), target.y, sample_weight=target.weight)
    context.progress(trees, trees, "trees")
    # scikit-learn keeps the trees themselves in private attributes; a test holds our answers against its own.
    rounds, start = estimator._predictors, np.ravel(estimator._baseline_prediction)
    tables = [_table([trees_of_round[place] for trees_of_round in rounds]) for place in range(len(start))]
    link: Link = "identity" if target.is_number else "log-odds" if len(start) == 1 else "log-shares"
    importance = _gains(rounds, matrix.shape[1])
    return TreeScores(tables, link, start.astype(np.float64), False, importance, {"trees": len(rounds)})


def _tell_rounds(estimator: Any, trees: int, context: Context) -> None:
    """Tell how many trees stand whenever the slopes of the loss are asked for: once a round, and nothing else changes.

    scikit-learn offers no place for it: the private method that makes the loss is what there is.
    """
    make, every, rounds = estimator._get_loss, max(1, trees // TOLD), count()

    def told(slopes: Callable[..., Any]) -> Callable[..., Any]:
        def after_telling(*given: Any, **named: Any) -> Any:
            done = next(rounds)
            if done % every == 0:
                context.progress(done, trees, "trees")
            return slopes(*given, **named)

        return after_telling

    def loss_of(sample_weight: Any) -> Any:
        loss = make(sample_weight=sample_weight)
        loss.gradient, loss.gradient_hessian = told(loss.gradient), told(loss.gradient_hessian)
        return loss

    estimator._get_loss = loss_of


def table_of_rounds(rounds: list[Any]) -> TreeTable:
    """Return the trees of an estimator with one output: what it keeps in ``_predictors``."""
    return _table([trees[0] for trees in rounds])


def _table(predictors: list[Any]) -> TreeTable:
    """Return the trees of one output."""
    sets: list[Any] = []
    trees: list[dict[str, Any]] = []
    for predictor in predictors:
        nodes = predictor.nodes
        asks_set = nodes["is_categorical"].astype(bool)
        category = np.where(asks_set, nodes["bitset_idx"].astype(np.int64) + len(sets), NO_CATEGORY)
        sets += [_categories(bits) for bits in predictor.raw_left_cat_bitsets]
        trees.append(
            {
                "feature": np.where(nodes["is_leaf"].astype(bool), LEAF, nodes["feature_idx"]),
                "threshold": nodes["num_threshold"],
                "left": nodes["left"],
                "right": nodes["right"],
                "missing_left": nodes["missing_go_to_left"].astype(bool),
                "category": category,
                "value": nodes["value"][:, None],
            }
        )
    return table_of(trees, np.array(sets) if sets else None)


def _categories(bits: Any) -> Any:
    """Return which of 256 categories are in a set of 8 x 32 bits."""
    return (bits[:, None] >> np.arange(32, dtype=np.uint32) & 1).astype(bool).ravel()


def _gains(rounds: list[Any], n_columns: int) -> FloatArray:
    gains = np.zeros(n_columns)
    for predictor in (predictor for trees in rounds for predictor in trees):
        inner = predictor.nodes[predictor.nodes["is_leaf"] == 0]
        gains += np.bincount(inner["feature_idx"], weights=np.maximum(inner["gain"], 0), minlength=n_columns)
    return gains / gains.sum() if gains.sum() > 0 else gains


def _best_number(settings: Boosting, training: Training, context: Context) -> int:
    """Return the number of trees that does best on the inner rows."""
    learn, validate = training.inner()
    target, learn = target_of(learn, context, settings.class_weights)
    if not target.is_number and target.n_classes == 1:
        return settings.trees
    encoder = _encode(settings, learn.X)
    with limited(context.threads):
        scores = _grow(settings, encoder.matrix(learn.X), target, encoder, context, settings.trees)
        sums = np.stack([table.running_sums(encoder.matrix(validate.X)) for table in scores.tables])
    losses = staged_losses(sums + scores.start[:, None, None], scores.link, validate, target)
    return 1 + int(np.argmin(losses))


def staged_losses(sums: FloatArray, link: Link, validate: Training, target: Target) -> FloatArray:
    """Return the loss on validation rows after each tree.

    Parameters
    ----------
    sums : ndarray of shape (n_outputs, n_rows, n_trees)
    link : Link
    validate : Training
    target : Target
        What was learned: its classes and their weights.

    Returns
    -------
    ndarray of shape (n_trees,)
        Mean log loss, or mean squared error.
    """
    weight = np.ones(len(validate)) if validate.weight is None else validate.weight
    if target.is_number:
        return np.average((sums[0] - np.asarray(validate.y)[:, None]) ** 2, axis=0, weights=weight)
    place = {known: at for at, known in enumerate(target.answer.present)}
    at = np.array([place.get(int(truth), -1) for truth in validate.y])
    rows = np.flatnonzero(at >= 0)
    weight = weight[rows] * np.array(target.answer.learned_weights)[at[rows]]
    losses = []
    for tree in range(sums.shape[2]):
        chances = linked(sums[:, rows, tree].T, link)[np.arange(len(rows)), at[rows]]
        losses.append(np.average(-np.log(np.maximum(chances, SURE)), weights=weight))
    return np.array(losses)
