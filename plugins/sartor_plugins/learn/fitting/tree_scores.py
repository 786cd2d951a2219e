"""Answers of trees: sums over tables, turned into probabilities or numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import Encoder
from sartor_plugins.learn.fitting.answer import Answer
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, read_json, write_arrays, write_json
from sartor_plugins.learn.fitting.tree_table import TreeTable

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
