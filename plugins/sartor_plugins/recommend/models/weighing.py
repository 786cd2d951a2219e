"""Recommenders of weights between items: EASE and neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from sartor.errors import InputError
from sartor_plugins.recommend.interactions import learned_from
from sartor_plugins.recommend.kernels import kernels
from sartor_plugins.recommend.models.counting import days_of
from sartor_plugins.recommend.recommender import Recommending, shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.components import Because
    from sartor.context import Context
    from sartor.rows import Scoring, Training
    from sartor_plugins.recommend.interactions import Catalogue, Interactions
    from sartor_plugins.recommend.models.ease import Ease
    from sartor_plugins.recommend.models.item_knn import ItemKnn

GIGABYTE = 1e9
_ROWS = 512
"""Lines of a square table that are worked on at once."""


class ItemWeights(Recommending):
    """Scores as a weighted sum of what somebody did."""

    def __init__(self, catalogue: Catalogue, settings: Any, arrays: Any) -> None:
        super().__init__(catalogue, settings, arrays)
        self._sparse = None
        if "dense" not in self.arrays:
            shape = (len(catalogue), len(catalogue))
            parts = (self.arrays["data"], self.arrays["indices"], self.arrays["indptr"])
            self._sparse = sparse.csr_matrix(parts, shape=shape)

    def scores(self, past: Interactions) -> NDArray[np.float32]:
        """Return what somebody did times the weights of its items."""
        known = past.matrix(len(self.catalogue), self.settings["half_life"])
        if self._sparse is None:
            return np.asarray(known @ self.arrays["dense"], dtype="float32")
        return np.asarray((known @ self._sparse).toarray(), dtype="float32")

    def weights(self, owned: NDArray[Any], offered: NDArray[Any]) -> NDArray[np.float32]:
        """Return what each item that somebody has says for each that may be offered."""
        if self._sparse is None:
            return np.asarray(self.arrays["dense"][np.ix_(owned, offered)])
        return np.asarray(self._sparse[owned][:, offered].toarray())

    def because(self, scoring: Scoring) -> Because:
        """Return the parts of each score."""
        from sartor_plugins.recommend.explaining import by_weights

        return by_weights(self, scoring)


def memory_of_ease(items: int) -> float:
    """Return the gigabytes that EASE takes: a table of items by items, and half of another while weights are made.

    Examples
    --------
    >>> round(memory_of_ease(10_000), 2)
    0.6
    """
    return 1.5 * 4 * items * items / GIGABYTE


def fit_ease(model: Ease, training: Training, context: Context) -> ItemWeights:
    """Solve for the weights, or find neighbours where that takes too much memory."""
    catalogue, past = learned_from(training, model.weights)
    needed = memory_of_ease(len(catalogue))
    if needed > model.memory:
        return _instead(model, catalogue, past, needed, context)
    matrix = past.matrix(len(catalogue))
    weights = ease_weights(matrix, model.l2)
    arrays = _largest(weights, model.keep) if model.keep and model.keep < len(catalogue) else {"dense": weights}
    told = {"memory": {"needed_gb": round(needed, 3), "allowed_gb": model.memory}}
    return ItemWeights(catalogue, shared(model, half_life=days_of(model.half_life), told=told), arrays)


def _instead(model: Ease, catalogue: Catalogue, past: Interactions, needed: float, context: Context) -> ItemWeights:
    said = (
        f"EASE of {len(catalogue):,} items needs {needed:.1f} GB and {model.memory:g} GB are allowed: "
        "neighbours of items answer in its place"
    )
    context.note(said, caution=True)
    told = {"fallback": "recommend.item_knn", "memory": {"needed_gb": round(needed, 3), "allowed_gb": model.memory}}
    settings = shared(model, half_life=days_of(model.half_life), told=told)
    return ItemWeights(catalogue, settings, _arrays(neighbour_weights(past.matrix(len(catalogue)), 100, 10.0)))


def ease_weights(matrix: sparse.csr_matrix, l2: float) -> NDArray[np.float32]:
    """Return the weights of EASE: items by items, 0 on the diagonal; single precision, in the place of one table.

    Parameters
    ----------
    matrix : csr_matrix of shape (n_users, n_items), float32
    l2 : float

    Examples
    --------
    Who buys a cup buys a saucer; a spoon goes its own way.

    >>> bought = sparse.csr_matrix(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], dtype="float32"))
    >>> (ease_weights(bought, 1.0).astype("float64").round(3) + 0.0).tolist()
    [[0.0, 0.667, 0.0], [0.667, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    items = matrix.shape[1]
    gram = np.empty((items, items), dtype="float32")
    by_item = matrix.T.tocsr()
    for first in range(0, items, _ROWS):
        gram[first : first + _ROWS] = (by_item[first : first + _ROWS] @ matrix).toarray()
    gram.flat[:: items + 1] += np.float32(l2)
    # Symmetric, so its transpose is itself, in the order that LAPACK works on in place.
    factor, info = lapack.spotrf(gram.T, lower=1, overwrite_a=1, clean=0)
    if info == 0:
        inverse, info = lapack.spotri(factor, lower=1, overwrite_c=1)
    if info != 0:
        raise InputError(
            "EASE cannot be solved on these purchases",
            code="D307",
            hints=(("to mend", "give it a larger l2"),),
        )
    return _weights_of(np.asarray(inverse.T))


def _weights_of(inverse: NDArray[np.float32]) -> NDArray[np.float32]:
    """Make weights of the upper half of a symmetric inverse, in place."""
    items = len(inverse)
    diagonal = inverse.diagonal().copy()
    for first in range(0, items, _ROWS):
        last = min(first + _ROWS, items)
        inverse[last:, first:last] = inverse[first:last, last:].T
        square = inverse[first:last, first:last]
        square[:] = np.triu(square) + np.triu(square, 1).T
    for first in range(0, items, _ROWS):
        inverse[first : first + _ROWS] /= -diagonal
    inverse.flat[:: items + 1] = 0.0
    return inverse


def _largest(weights: NDArray[np.float32], keep: int) -> dict[str, NDArray[Any]]:
    """Return the largest weights that lead to each item, as the arrays of a sparse table."""
    lines, columns, values = [], [], []
    for first in range(0, len(weights), _ROWS):
        block = weights[:, first : first + _ROWS]
        at = np.argpartition(-np.abs(block), keep, axis=0)[:keep]
        lines.append(at.ravel())
        columns.append(np.broadcast_to(np.arange(first, first + block.shape[1]), at.shape).ravel())
        values.append(np.take_along_axis(block, at, axis=0).ravel())
    shape = weights.shape
    coordinates = (np.concatenate(lines), np.concatenate(columns))
    return _arrays(sparse.csr_matrix((np.concatenate(values), coordinates), shape=shape))


def _arrays(matrix: sparse.csr_matrix) -> dict[str, NDArray[Any]]:
    matrix.sort_indices()
    return {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}


def fit_neighbours(model: ItemKnn, training: Training) -> ItemWeights:
    """Find the neighbours of every item."""
    catalogue, past = learned_from(training, model.weights)
    settings = shared(model, half_life=days_of(model.half_life))
    matrix = past.matrix(len(catalogue))
    arrays = _arrays(neighbour_weights(matrix, model.neighbours, model.shrink, model.of))
    return ItemWeights(catalogue, settings, arrays)


def neighbour_weights(
    matrix: sparse.csr_matrix, count: int, shrink: float, of: Literal["offered", "owned"] = "offered"
) -> sparse.csr_matrix:
    """Return what each item that somebody has says for each item that may be offered: the cosine of neighbours.

    Parameters
    ----------
    matrix : csr_matrix of shape (n_users, n_items), float32
    count : int
        How many neighbours of each item are kept.
    shrink : float
        Added below the cosine.
    of : {"offered", "owned"}
        Whether an item that may be offered listens to its own neighbours, or one that somebody has speaks for its own.
    """
    items = matrix.shape[1]
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel()).astype("float32")
    places, cosines = kernels().neighbours(matrix, norms, min(count, max(items - 1, 1)), shrink)
    line = np.repeat(np.arange(items), (places >= 0).sum(axis=1))
    held = places >= 0
    pairs = (places[held], line) if of == "offered" else (line, places[held])
    weights = sparse.csr_matrix((cosines[held], pairs), shape=(items, items))
    weights.sort_indices()
    return weights
