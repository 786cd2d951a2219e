"""Grows a forest some trees at a time, so that whoever waits sees how far it is."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sartor.context import Context
from sartor_plugins.learn.encoding.columns import FloatArray

UNIT = "trees"
AIM = 1.0
"""Seconds between two times that progress is told."""
_FIRST = 20
_FEWEST = 4


def grow(
    estimator: Any,
    trees: int,
    matrix: NDArray[np.float32],
    y: Any,
    weight: FloatArray | None,
    context: Context,
    aim: float = AIM,
) -> None:
    """Fit a forest of scikit-learn; its trees are the very ones that it grows in one go, however they are parted.

    Parameters
    ----------
    estimator : forest of scikit-learn
        With a whole number as its ``random_state``.
    trees : int
    matrix : ndarray of shape (n_rows, n_columns)
    y : ndarray of shape (n_rows,)
    weight : ndarray of shape (n_rows,), optional
    context : Context
        Is told how many trees stand.
    aim : float
        Seconds that a part should take.
    """
    fewest = _FEWEST * max(1, context.threads)
    done, part = 0, max(fewest, trees // _FIRST)
    estimator.set_params(warm_start=True)
    context.progress(0, trees, UNIT)
    while done < trees:
        began = time.perf_counter()
        more = min(trees, done + part)
        estimator.set_params(n_estimators=more).fit(matrix, y, sample_weight=weight)
        took = time.perf_counter() - began
        part = max(fewest, int((more - done) * aim / max(took, 1e-9)))
        done = more
        context.progress(done, trees, UNIT)
