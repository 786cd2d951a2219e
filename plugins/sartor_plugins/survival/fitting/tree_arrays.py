"""Trees as arrays: asked without the library that grew them, and kept as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import Fitted
from sartor.rows import Scoring
from sartor_plugins.learn.encoding.encoder import Encoder
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, read_json, write_arrays, write_json
from sartor_plugins.survival.curves import answers

FloatArray = NDArray[np.float64]
FURTHEST = 30.0


@dataclass(frozen=True, eq=False)
class TreeArrays:
    """The nodes of all trees in a row.

    Parameters
    ----------
    left, right, feature : ndarray of int, shape (n_nodes,)
        Children by their place among all nodes; a leaf is its own child.
    threshold : ndarray of shape (n_nodes,)
    roots : ndarray of int, shape (n_trees,)
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: FloatArray
    roots: NDArray[np.int64]

    @classmethod
    def of(cls, trees: Sequence[Any]) -> TreeArrays:
        """Take scikit-learn's trees."""
        roots = np.cumsum([0, *(tree.node_count for tree in trees[:-1])])
        left, right, feature, threshold = [], [], [], []
        for root, tree in zip(roots, trees, strict=True):
            own = np.arange(tree.node_count)
            leaf = tree.children_left < 0
            left.append(root + np.where(leaf, own, tree.children_left))
            right.append(root + np.where(leaf, own, tree.children_right))
            feature.append(np.where(leaf, 0, tree.feature))
            threshold.append(np.where(leaf, 0.0, tree.threshold))
        children, features = (np.concatenate(left), np.concatenate(right)), np.concatenate(feature)
        return cls(
            children[0].astype(np.int64),
            children[1].astype(np.int64),
            features.astype(np.int64),
            np.concatenate(threshold),
            roots.astype(np.int64),
        )

    def leaves(self, matrix: FloatArray, tree: int) -> NDArray[np.int64]:
        """Return the leaf of each row in one tree; numbers are compared as the library does, in 32 bits."""
        X = matrix.astype(np.float32)
        at = np.full(len(X), self.roots[tree], dtype=np.int64)
        rows = np.arange(len(X))
        while True:
            goes_left = X[rows, self.feature[at]] <= self.threshold[at]
            below = np.where(goes_left, self.left[at], self.right[at])
            if (below == at).all():
                return at
            at = below

    def summed(self, matrix: FloatArray, values: FloatArray) -> FloatArray:
        """Return the sum over all trees of the value of each row's leaf."""
        total = np.zeros((len(matrix), *values.shape[1:]))
        for tree in range(len(self.roots)):
            total += values[self.leaves(matrix, tree)]
        return total


class SurvivalTreesFit(Fitted):
    """Trees whose leaves hold curves, or whose values move one curve.

    Parameters
    ----------
    encoder : Encoder
    trees : TreeArrays
    values : ndarray of shape (n_nodes,)
        What adds up to the risk.
    times : ndarray of shape (n_times,)
    curves : ndarray of shape (n_nodes, n_times), optional
        Of a forest.
    hazard : ndarray of shape (n_times,), optional
        Of boosted trees, for the risk `middle`.
    middle : float
    """

    def __init__(
        self,
        encoder: Encoder,
        trees: TreeArrays,
        values: FloatArray,
        times: FloatArray,
        curves: FloatArray | None,
        hazard: FloatArray | None,
        middle: float = 0.0,
    ) -> None:
        self.encoder, self.trees, self.values, self.times = encoder, trees, values, times
        self.curves, self.hazard, self.middle = curves, hazard, middle

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return risk and curve of each row."""
        matrix = np.clip(self.encoder.matrix(scoring.X), -3e38, 3e38)
        risk = self.trees.summed(matrix, self.values)
        if self.curves is not None:
            number = len(self.trees.roots)
            # Rounding may take a mean of curves beyond 1.
            return answers(risk / number, self.times, np.clip(self.trees.summed(matrix, self.curves) / number, 0, 1))
        assert self.hazard is not None
        ratio = np.exp(np.clip(risk - self.middle, -FURTHEST, FURTHEST))
        return answers(risk, self.times, np.exp(-ratio[:, None] * self.hazard))

    def learned(self) -> dict[str, Any]:
        """Return how many trees there are, and how many nodes they have."""
        return {"trees": len(self.trees.roots), "nodes": len(self.trees.left)}

    def save(self, folder: Path) -> None:
        """Write encoder and arrays."""
        write_json(folder, "encoder.json", {"parts": self.encoder.to_json()})
        trees, more = self.trees, {}
        if self.curves is not None:
            more["curves"] = self.curves
        if self.hazard is not None:
            more["hazard"] = self.hazard
        write_arrays(
            folder,
            "trees.npz",
            left=trees.left,
            right=trees.right,
            feature=trees.feature,
            threshold=trees.threshold,
            roots=trees.roots,
            values=self.values,
            times=self.times,
            middle=np.array(self.middle),
            **more,
        )

    @classmethod
    def load(cls, folder: Path) -> SurvivalTreesFit:
        """Return what was saved."""
        saved, found = read_json(folder, "encoder.json"), read_arrays(folder, "trees.npz")
        try:
            encoder = Encoder.from_json(saved["parts"])
            trees = TreeArrays(*(found[name] for name in ("left", "right", "feature", "threshold", "roots")))
            return cls(
                encoder,
                trees,
                found["values"],
                found["times"],
                found.get("curves"),
                found.get("hazard"),
                float(found["middle"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(folder / "trees.npz", error) from error
