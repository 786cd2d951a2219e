"""Trees as tables of arrays: one form for single trees, forests and boosted trees, walked by NumPy alone.

What is saved is what predicts: no class of another library is in the file, every index is checked when it is read, and
the sums have one order whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from sartor_plugins.learn.encoding.columns import FloatArray, PlaceArray
from sartor_plugins.learn.encoding.encoder import Encoder
from sartor_plugins.learn.fitting.answer import Answer
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, read_json, write_arrays, write_json

LEAF = -1
NO_CATEGORY = -1
CELLS = 2_000_000
"""Pairs of row and tree that are walked at once."""


@dataclass(frozen=True, eq=False)
class TreeTable:
    """Trees, one behind the other.

    A row goes left where its number is at most the threshold, or its category is in the node's set; where it is
    missing or its category was never seen, it goes where the node says.

    Parameters
    ----------
    roots : ndarray of shape (n_trees,)
        First node of each tree.
    feature : ndarray of shape (n_nodes,)
        Column that a node asks about, `LEAF` in leaves.
    threshold : ndarray of shape (n_nodes,)
    left, right : ndarray of shape (n_nodes,)
        Places of the children; larger than the node's own.
    missing_left : ndarray of bool, shape (n_nodes,)
    category : ndarray of shape (n_nodes,)
        Line of `sets` that a node asks, `NO_CATEGORY` where it asks a threshold.
    sets : ndarray of bool, shape (n_sets, n_categories)
        Which categories go left.
    value : ndarray of shape (n_nodes, n_outputs)
        What leaves answer.
    """

    roots: PlaceArray
    feature: NDArray[np.int32]
    threshold: FloatArray
    left: PlaceArray
    right: PlaceArray
    missing_left: NDArray[np.bool_]
    category: NDArray[np.int32]
    sets: NDArray[np.bool_]
    value: FloatArray

    def leaves(self, matrix: NDArray[Any]) -> PlaceArray:
        """Return the leaf that each row ends in, shape (n_rows, n_trees)."""
        n_rows, n_trees = len(matrix), len(self.roots)
        nodes = np.tile(self.roots, n_rows)
        walking = np.flatnonzero(self.feature[nodes] != LEAF)
        while len(walking):
            at = nodes[walking]
            values = matrix[walking // n_trees, self.feature[at]]
            nodes[walking] = np.where(self._goes_left(at, values), self.left[at], self.right[at])
            walking = walking[self.feature[nodes[walking]] != LEAF]
        return nodes.reshape(n_rows, n_trees)

    def _goes_left(self, at: PlaceArray, values: NDArray[Any]) -> NDArray[np.bool_]:
        left = values <= self.threshold[at]
        asks_set = self.category[at] != NO_CATEGORY if len(self.sets) else None
        if asks_set is not None and asks_set.any():
            sets, codes = self.category[at[asks_set]], values[asks_set]
            known = (codes >= 0) & (codes < self.sets.shape[1])
            inside = self.sets[sets, np.where(known, codes, 0).astype(np.int64)]
            left[asks_set] = np.where(known, inside, self.missing_left[at[asks_set]])
        missing = np.isnan(values)
        if missing.any():
            left[missing] = self.missing_left[at[missing]]
        return left

    def sums(self, matrix: NDArray[Any]) -> FloatArray:
        """Return the sum of all trees' answers, shape (n_rows, n_outputs)."""
        total = np.empty((len(matrix), self.value.shape[1]))
        step = max(1, CELLS // (len(self.roots) * self.value.shape[1]))
        for start in range(0, len(matrix), step):
            total[start : start + step] = self.value[self.leaves(matrix[start : start + step])].sum(axis=1)
        return total

    def running_sums(self, matrix: NDArray[Any]) -> FloatArray:
        """Return the sums after each tree, for tables with one output: shape (n_rows, n_trees)."""
        return np.cumsum(self.value[self.leaves(matrix), 0], axis=1)

    def first(self, n_trees: int) -> TreeTable:
        """Return the first trees only."""
        end = len(self.feature) if n_trees >= len(self.roots) else int(self.roots[n_trees])
        nodes = slice(0, end)
        return TreeTable(
            self.roots[:n_trees],
            self.feature[nodes],
            self.threshold[nodes],
            self.left[nodes],
            self.right[nodes],
            self.missing_left[nodes],
            self.category[nodes],
            self.sets,
            self.value[nodes],
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name."""
        return dict(vars(self))

    def check(self, n_columns: int) -> None:
        """Make sure that every walk ends and no index points outside.

        Raises
        ------
        ValueError
            If one would not.
        """
        n_nodes = len(self.feature)
        inner = np.flatnonzero(self.feature != LEAF)
        own = (len(self.threshold), len(self.left), len(self.right), len(self.missing_left), len(self.category))
        fits = (
            set(own) == {n_nodes}
            and self.value.ndim == 2
            and len(self.value) == n_nodes
            and self.sets.ndim == 2
            and bool(((self.roots >= 0) & (self.roots < n_nodes)).all())
            and bool(((self.feature >= LEAF) & (self.feature < n_columns)).all())
            and all(
                bool(((child[inner] > inner) & (child[inner] < n_nodes)).all()) for child in (self.left, self.right)
            )
            and bool(((self.category >= NO_CATEGORY) & (self.category < len(self.sets))).all())
            and bool(np.isfinite(self.value).all())
        )
        if not fits:
            raise ValueError("the trees' arrays do not fit each other")


def table_of(trees: Iterable[dict[str, Any]], sets: NDArray[np.bool_] | None = None) -> TreeTable:
    """Put trees behind each other.

    Parameters
    ----------
    trees : iterable of dict
        Arrays of one tree each, children counted from the tree's own first node: ``feature, threshold, left, right,
        value`` and, where there are any, ``missing_left, category``.
    sets : ndarray of bool, optional
    """
    columns: dict[str, list[Any]] = {
        name: [] for name in TreeTable.__dataclass_fields__ if name not in ("roots", "sets")
    }
    roots, start = [], 0
    for tree in trees:
        size = len(tree["feature"])
        inner = np.asarray(tree["feature"]) != LEAF
        roots.append(start)
        columns["feature"].append(tree["feature"])
        columns["threshold"].append(tree["threshold"])
        for side in ("left", "right"):
            columns[side].append(np.where(inner, np.asarray(tree[side], dtype=np.int64) + start, start))
        columns["missing_left"].append(tree.get("missing_left", np.zeros(size, dtype=bool)))
        columns["category"].append(tree.get("category", np.full(size, NO_CATEGORY)))
        columns["value"].append(tree["value"])
        start += size
    types: dict[str, Any] = {
        "feature": np.int32, "threshold": np.float64, "left": np.int64, "right": np.int64,
        "missing_left": np.bool_, "category": np.int32, "value": np.float64,
    }  # fmt: skip
    joined = {name: np.concatenate(arrays).astype(types[name]) for name, arrays in columns.items()}
    return TreeTable(
        roots=np.array(roots, dtype=np.int64), sets=np.zeros((0, 0), dtype=bool) if sets is None else sets, **joined
    )


Link = Literal["mean", "identity", "log-odds", "log-shares"]
"""How sums become answers: divided by the number of trees; as they are; as log-odds; as logarithms of shares."""


class TreeScores:
    """Answers of trees.

    Parameters
    ----------
    tables : list of TreeTable
        One; for boosted trees of more than two classes one for each class.
    link : Link
    start : ndarray of shape (n_tables,)
        Where boosted sums start.
    single : bool
        Rows are rounded to single precision before they are compared, as the trees were grown.
    importance : ndarray of shape (n_columns,)
        How much each column helped, adding up to 1.
    told : dict
        Anything else that is worth reading.
    """

    kind: ClassVar[str] = "trees"

    def __init__(
        self,
        tables: list[TreeTable],
        link: Link,
        start: FloatArray,
        single: bool,
        importance: FloatArray,
        told: dict[str, Any] | None = None,
    ) -> None:
        self.tables, self.link, self.start, self.single = tables, link, start, single
        self.importance, self.told = importance, told or {}

    def raw(self, matrix: FloatArray) -> FloatArray:
        """Return probabilities or numbers."""
        seen = rounded(matrix) if self.single else matrix
        if self.link == "mean":
            means = self.tables[0].sums(seen) / len(self.tables[0].roots)
            return means if means.shape[1] > 1 else means[:, 0]
        sums = np.column_stack([table.sums(seen)[:, 0] for table in self.tables]) + self.start
        return linked(sums, self.link)

    def contributions(self, matrix: FloatArray) -> FloatArray | None:
        """Return None: exact contributions of trees are not cheap."""
        return None

    def learned(self, encoder: Encoder, answer: Answer) -> dict[str, Any]:
        """Return how much each feature helped, and what else there is to tell."""
        by_source: dict[str, float] = {}
        for source, share in zip(encoder.sources, self.importance, strict=True):
            by_source[source] = by_source.get(source, 0.0) + float(share)
        ordered = sorted(by_source.items(), key=lambda pair: (-pair[1], pair[0]))
        return {**self.told, "importance": dict(ordered)}

    def save(self, folder: Path) -> None:
        """Write the arrays."""
        write_json(
            folder,
            "trees.json",
            {
                "tables": len(self.tables),
                "link": self.link,
                "single": self.single,
                "start": [float(value) for value in self.start],
                "importance": [float(value) for value in self.importance],
                "told": self.told,
            },
        )
        for place, table in enumerate(self.tables):
            write_arrays(folder, f"trees-{place}.npz", **table.arrays())

    @classmethod
    def load(cls, folder: Path) -> TreeScores:
        """Return what was saved, every index checked."""
        saved = read_json(folder, "trees.json")
        try:
            importance = np.array(saved["importance"], dtype=np.float64)
            tables = [TreeTable(**read_arrays(folder, f"trees-{place}.npz")) for place in range(int(saved["tables"]))]
            for table in tables:
                table.check(len(importance))
            start = np.array(saved["start"], dtype=np.float64)
            return cls(tables, saved["link"], start, bool(saved["single"]), importance, saved["told"])
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(folder / "trees.json", error) from error


def rounded(matrix: FloatArray) -> NDArray[np.float32]:
    """Return numbers in single precision; what is too large becomes the largest there is.

    Examples
    --------
    >>> bool(np.isfinite(rounded(np.array([[1e300]]))).all())
    True
    """
    largest = np.finfo(np.float32).max
    return np.clip(matrix, -largest, largest).astype(np.float32)


def linked(sums: FloatArray, link: Link) -> FloatArray:
    """Turn sums of boosted trees into answers.

    Examples
    --------
    >>> linked(np.array([[0.0]]), "log-odds").tolist()
    [[0.5, 0.5]]
    """
    if link == "identity":
        return sums[:, 0]
    if link == "log-odds":
        positive = expit(sums[:, 0])
        return np.column_stack([1 - positive, positive])
    return np.asarray(softmax(sums, axis=1), dtype=np.float64)


def sklearn_tree(tree: Any, answers: Callable[[Any], FloatArray]) -> dict[str, Any]:
    """Return the arrays of a tree of scikit-learn.

    Parameters
    ----------
    tree : sklearn.tree._tree.Tree
    answers : callable
        From the tree to what its nodes answer, shape (n_nodes, n_outputs).
    """
    return {
        "feature": np.where(tree.children_left == LEAF, LEAF, tree.feature),
        "threshold": tree.threshold,
        "left": tree.children_left,
        "right": tree.children_right,
        "value": answers(tree),
    }
