"""Single trees and forests, grown by scikit-learn and kept as tables."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import Encoder, mixed
from sartor_plugins.learn.fitting.answer import Answer, Target
from sartor_plugins.learn.fitting.encoded import Lesson, fit_encoded
from sartor_plugins.learn.fitting.growing import grow
from sartor_plugins.learn.fitting.tree_scores import TreeScores, rounded
from sartor_plugins.learn.fitting.tree_table import LEAF, TreeTable, sklearn_tree, table_of

if TYPE_CHECKING:
    from sartor_plugins.learn.models.trees import ExtraTrees, Forest, Tree

MOST_RULES = 64
"""Leaves up to which a tree is told as rules."""


def fit_forest(settings: Forest, training: Training, context: Context) -> Fitted:
    """Fit `Forest`."""
    kinds = (RandomForestClassifier, RandomForestRegressor)
    drawn = {"bootstrap": True, "max_samples": None if settings.rows == 1 else settings.rows}
    return _fit_trees(settings, training, context, kinds, drawn)


def fit_extra_trees(settings: ExtraTrees, training: Training, context: Context) -> Fitted:
    """Fit `ExtraTrees`."""
    return _fit_trees(settings, training, context, (ExtraTreesClassifier, ExtraTreesRegressor), {"bootstrap": False})


def _fit_trees(
    settings: Forest | ExtraTrees, training: Training, context: Context, kinds: tuple[Any, Any], drawn: dict[str, Any]
) -> Fitted:
    features = {"all": None, "sqrt": "sqrt"}.get(str(settings.max_features), settings.max_features)

    def learn(lesson: Lesson) -> TreeScores:
        target = lesson.target
        estimator = kinds[target.is_number](
            max_depth=settings.depth,
            min_samples_leaf=settings.min_leaf,
            max_features=features,
            n_jobs=context.threads,
            random_state=context.seed,
            **drawn,
        )
        grow(estimator, settings.trees, rounded(lesson.matrix), target.y, target.weight, context)
        table = table_of(sklearn_tree(grown.tree_, _node_answers) for grown in estimator.estimators_)
        return TreeScores([table], "mean", np.zeros(1), True, _normal(estimator.feature_importances_))

    encode = partial(mixed, scale=False, max_levels=settings.max_levels, min_rows=settings.min_rows)
    return fit_encoded(training, context, encode=encode, learn=learn, class_weights=settings.class_weights)


def _node_answers(tree: Any) -> FloatArray:
    answers = np.asarray(tree.value[:, 0, :], dtype=np.float64)
    if answers.shape[1] == 1:
        return answers
    return answers / answers.sum(axis=1, keepdims=True)  # type: ignore[no-any-return]


def _normal(importance: FloatArray) -> FloatArray:
    total = importance.sum()
    return importance / total if total > 0 else importance


def fit_tree(settings: Tree, training: Training, context: Context) -> Fitted:
    """Fit `Tree`."""

    def learn(lesson: Lesson) -> TreeScores:
        matrix, target = rounded(lesson.matrix), lesson.target
        kind = DecisionTreeRegressor if target.is_number else DecisionTreeClassifier
        estimator = kind(max_depth=settings.depth, min_samples_leaf=settings.min_leaf, random_state=context.seed)
        estimator.fit(matrix, target.y, sample_weight=target.weight)
        table = table_of([sklearn_tree(estimator.tree_, partial(_smoothed, target=target))])
        rows = np.bincount(table.leaves(matrix)[:, 0], minlength=len(table.feature))
        rules = _rules(table, lesson.encoder, target.answer, rows)
        told: dict[str, Any] = {"leaves": len(rules)}
        if len(rules) <= MOST_RULES:
            told["rules"] = rules
        return TreeScores([table], "mean", np.zeros(1), True, _normal(estimator.feature_importances_), told)

    encode = partial(mixed, scale=False, max_levels=settings.max_levels, min_rows=settings.min_rows)
    return fit_encoded(training, context, encode=encode, learn=learn, class_weights=settings.class_weights)


def _smoothed(tree: Any, target: Target) -> FloatArray:
    """Return the answers of a single tree's nodes; a class's share is drawn to the base rate as by one row more.

    A leaf that saw one class only must not be certain of it.
    """
    answers = _node_answers(tree)
    if target.is_number:
        return answers
    factors = np.array(target.answer.learned_weights)
    base = target.base * factors / (target.base * factors).sum()
    size = tree.weighted_n_node_samples[:, None] / (target.weights().mean() or 1.0)
    return np.asarray((answers * size + base) / (size + 1), dtype=np.float64)


def _rules(table: TreeTable, encoder: Encoder, answer: Answer, rows: Any) -> list[dict[str, Any]]:
    """Return a rule for each leaf: what must hold, what is answered, and how many training rows it held for."""
    names, rules = encoder.names, []
    open_nodes: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    while open_nodes:
        node, conditions = open_nodes.pop()
        if table.feature[node] == LEAF:
            rules.append(
                {"if": list(conditions), "then": _said(table.value[node], answer), "training rows": int(rows[node])}
            )
            continue
        name, threshold = names[table.feature[node]], table.threshold[node]
        is_flag = " = " in name or name.endswith((": missing", ": other levels"))
        no, yes = (f"not {name}", name) if is_flag else (f"{name} <= {threshold:.6g}", f"{name} > {threshold:.6g}")
        open_nodes += [(int(table.right[node]), (*conditions, yes)), (int(table.left[node]), (*conditions, no))]
    return rules


def _said(value: FloatArray, answer: Answer) -> dict[str, float]:
    if len(value) == 1:
        return {"number": float(value[0])}
    shares = value / np.array(answer.learned_weights)
    labels = [answer.classes[place] for place in answer.present]
    return dict(zip(labels, [float(share) for share in shares / shares.sum()], strict=True))
