"""Trees as tables of arrays: one form for single trees, forests and boosted trees, walked by NumPy alone.

What is saved is what predicts: no class of another library is in the file, every index is checked when it is read, and
the sums have one order whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sartor_plugins.learn.encoding.columns import FloatArray, PlaceArray

LEAF = -1
NO_CATEGORY = -1
CELLS = 200_000
"""Pairs of row and tree that are walked at once: what they need stays near the processor."""
STILL_WALKING = 0.6
"""When fewer pairs than this share are on their way, the others are put aside."""


@dataclass(frozen=True, eq=False)
class _Walk:
    """What a walk needs of the nodes, in the form that is fastest to look up.

    Parameters
    ----------
    column : ndarray of shape (n_nodes,)
        Column asked about; any in leaves.
    children : ndarray of shape (2 * n_nodes,)
        Right and left child of each node, one behind the other; a leaf is its own child.
    is_inner : ndarray of bool, shape (n_nodes,)
    asks_sets : bool
        Whether any node asks about a category.
    """

    column: PlaceArray
    children: NDArray[Any]
    is_inner: NDArray[np.bool_]
    asks_sets: bool


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
        walk = self._walk
        n_rows, width = matrix.shape
        cells = np.ascontiguousarray(matrix).ravel()
        has_missing = bool(np.isnan(cells).any())
        nodes = np.tile(self.roots.astype(walk.children.dtype), n_rows)
        first_cell = np.repeat(np.arange(n_rows, dtype=np.int64) * width, len(self.roots))
        # Pairs that have reached a leaf stay there; from time to time they are put aside.
        ends, places = np.empty(len(nodes), dtype=np.int64), np.arange(len(nodes))
        while len(nodes):
            values = cells.take(first_cell + walk.column.take(nodes))
            nodes = walk.children.take(2 * nodes + self._goes_left(nodes, values, has_missing))
            walking = walk.is_inner.take(nodes)
            if np.count_nonzero(walking) < STILL_WALKING * len(nodes):
                ends[places] = nodes
                kept = np.flatnonzero(walking)
                nodes, first_cell, places = nodes[kept], first_cell[kept], places[kept]
        return ends.reshape(n_rows, len(self.roots))

    @cached_property
    def _walk(self) -> _Walk:
        own = np.arange(len(self.feature))
        is_inner = self.feature != LEAF
        children = np.stack([np.where(is_inner, self.right, own), np.where(is_inner, self.left, own)], axis=1)
        small = 2 * len(own) < np.iinfo(np.int32).max
        return _Walk(
            np.where(is_inner, self.feature, 0).astype(np.int64),
            children.ravel().astype(np.int32 if small else np.int64),
            is_inner,
            bool((self.category != NO_CATEGORY).any()),
        )

    def _goes_left(self, at: NDArray[Any], values: NDArray[Any], has_missing: bool) -> NDArray[np.bool_]:
        left = values <= self.threshold.take(at)
        if self._walk.asks_sets:
            asking = np.flatnonzero(self.category.take(at) != NO_CATEGORY)
            sets, codes = self.category[at[asking]], values[asking]
            known = (codes >= 0) & (codes < self.sets.shape[1])
            inside = self.sets[sets, np.where(known, codes, 0).astype(np.int64)]
            left[asking] = np.where(known, inside, self.missing_left[at[asking]])
        if has_missing:
            missing = np.flatnonzero(np.isnan(values))
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
        return {field.name: getattr(self, field.name) for field in fields(self)}

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
