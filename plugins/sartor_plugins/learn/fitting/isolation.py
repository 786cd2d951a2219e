"""The isolation forest, grown by scikit-learn and kept as tables, with a curve from its score to probabilities."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import softmax
from sklearn.ensemble import IsolationForest as SklearnIsolationForest
from sklearn.linear_model import LogisticRegression

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import Encoder, mixed
from sartor_plugins.learn.fitting.answer import Answer
from sartor_plugins.learn.fitting.encoded import Lesson, fit_encoded
from sartor_plugins.learn.fitting.growing import grow
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, read_json, write_arrays, write_json
from sartor_plugins.learn.fitting.tree_scores import rounded
from sartor_plugins.learn.fitting.tree_table import LEAF, TreeTable, table_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor_plugins.learn.models.isolation import IsolationForest

EULER = 0.5772156649015329


class Isolation:
    """How soon rows are alone, as probabilities.

    Parameters
    ----------
    table : TreeTable
        Leaves answer with the length of the way to them, as far as it would go on among their rows.
    usual : float
        Length of the way of a usual row.
    centre, spread : float
        Of the score among the training rows.
    curve : ndarray of shape (n_present, 2)
        Slope and intercept of each class over the standardised score.
    """

    kind: ClassVar[str] = "isolation"

    def __init__(self, table: TreeTable, usual: float, centre: float, spread: float, curve: FloatArray) -> None:
        self.table, self.usual, self.centre, self.spread, self.curve = table, usual, centre, spread, curve

    def score(self, matrix: FloatArray) -> FloatArray:
        """Return how anomalous rows are, from 0 to 1; about one half is usual."""
        return score_of(self.table, self.usual, rounded(matrix))

    def raw(self, matrix: FloatArray) -> FloatArray:
        """Return the probabilities of the present classes."""
        x = (self.score(matrix) - self.centre) / self.spread
        shares: FloatArray = softmax(x[:, None] * self.curve[:, 0] + self.curve[:, 1], axis=1)
        return shares

    def contributions(self, matrix: FloatArray) -> FloatArray | None:
        """Return None: a way through a tree is no sum."""
        return None

    def learned(self, encoder: Encoder, answer: Answer) -> dict[str, Any]:
        """Return the mean score, and how each class depends on it."""
        labels = [answer.classes[place] for place in answer.present]
        slopes = {label: float(slope) for label, slope in zip(labels, self.curve[:, 0], strict=True)}
        return {"trees": len(self.table.roots), "mean score": self.centre, "slope by class": slopes}

    def save(self, folder: Path) -> None:
        """Write the arrays."""
        told = {"usual": self.usual, "centre": self.centre, "spread": self.spread, "curve": self.curve.tolist()}
        write_json(folder, "isolation.json", {**told, "columns": int(self.table.feature.max(initial=0)) + 1})
        write_arrays(folder, "trees.npz", **self.table.arrays())

    @classmethod
    def load(cls, folder: Path) -> Isolation:
        """Return what was saved, every index checked."""
        saved = read_json(folder, "isolation.json")
        try:
            table = TreeTable(**read_arrays(folder, "trees.npz"))
            table.check(int(saved["columns"]))
            curve = np.array(saved["curve"], dtype=np.float64).reshape(-1, 2)
            return cls(table, float(saved["usual"]), float(saved["centre"]), float(saved["spread"]), curve)
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(folder / "isolation.json", error) from error


def fit_isolation_forest(settings: IsolationForest, training: Training, context: Context) -> Fitted:
    """Fit `IsolationForest`."""

    def learn(lesson: Lesson) -> Isolation:
        matrix, target = rounded(lesson.matrix), lesson.target
        drawn = min(settings.rows, len(matrix))
        estimator = SklearnIsolationForest(
            max_samples=drawn,
            max_features=settings.max_features,
            n_jobs=context.threads,
            random_state=context.seed,
        )
        grow(estimator, settings.trees, matrix, None, target.weight, context)
        pairs = zip(estimator.estimators_, estimator.estimators_features_, strict=True)
        table = table_of(_tree(grown.tree_, columns) for grown, columns in pairs)
        usual = float(beyond(np.array([drawn]))[0])
        score = score_of(table, usual, matrix)
        centre, spread = float(score.mean()), float(score.std()) or 1.0
        return Isolation(table, usual, centre, spread, _curve((score - centre) / spread, target.y, target.weight))

    encode = partial(mixed, scale=False, max_levels=settings.max_levels, min_rows=settings.min_rows)
    return fit_encoded(training, context, encode=encode, learn=learn)


def beyond(rows: NDArray[Any]) -> FloatArray:
    """Return how long a way goes on, on average, until one of so many rows is alone.

    Examples
    --------
    >>> beyond(np.array([1, 2, 256])).round(4).tolist()
    [0.0, 1.0, 10.2448]
    """
    count = np.maximum(rows.astype(np.float64), 1.0)
    more = np.maximum(count, 3.0)
    long = 2.0 * (np.log(more - 1.0) + EULER) - 2.0 * (more - 1.0) / more
    return np.where(count <= 1, 0.0, np.where(count <= 2, 1.0, long))


def score_of(table: TreeTable, usual: float, matrix: NDArray[Any]) -> FloatArray:
    """Return how anomalous rows are: 2 to the power of minus the mean length of their ways against a usual one."""
    length = table.sums(matrix)[:, 0] / len(table.roots)
    return np.asarray(2.0 ** -(length / max(usual, 1e-12)), dtype=np.float64)


def _tree(tree: Any, columns: NDArray[Any]) -> dict[str, Any]:
    """Return the arrays of a tree of scikit-learn, its columns those of the whole matrix."""
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):
        # Children come behind their parent.
        for child in (tree.children_left[node], tree.children_right[node]):
            if child != LEAF:
                depth[child] = depth[node] + 1
    inner = tree.children_left != LEAF
    return {
        "feature": np.where(inner, columns[np.where(inner, tree.feature, 0)], LEAF),
        "threshold": tree.threshold,
        "left": tree.children_left,
        "right": tree.children_right,
        "value": (depth + beyond(tree.n_node_samples))[:, None],
    }


def _curve(x: FloatArray, y: Any, weight: FloatArray | None) -> FloatArray:
    """Return slope and intercept of each class over the score."""
    estimator = LogisticRegression(C=1e4, tol=1e-8, max_iter=1_000).fit(x[:, None], y, sample_weight=weight)
    slope, intercept = estimator.coef_[:, 0], estimator.intercept_
    if len(slope) == 1:
        slope, intercept = np.array([0.0, slope[0]]), np.array([0.0, intercept[0]])
    return np.column_stack([slope, intercept])
