"""The best items of every user at once, without those owned: of factors, and of weights between items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from sartor_plugins.recommend.kernels import kernels
from sartor_plugins.recommend.ranking import best, block_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

USERS = 512
CHUNK = 1024
"""Users and items that are multiplied at once: their scores stay in the processor's cache."""


def nearest(
    users: NDArray[np.float32], items: NDArray[np.float32], k: int, owned: sparse.csr_matrix | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the k items of the largest products with each user, the largest first; exact.

    Items are gone through by falling length. Nobody's product with an item is larger than the product of the two
    lengths, so that a user is done as soon as that of the next item is below the k-th best found: most users never
    see most items.

    Parameters
    ----------
    users : ndarray of shape (n_users, f)
    items : ndarray of shape (n_items, f)
    k : int
    owned : csr_matrix of shape (n_users, n_items), optional
        What must not be among them.

    Returns
    -------
    places : ndarray of shape (n_users, k)
        -1 where there are fewer.
    scores : ndarray of shape (n_users, k)

    Examples
    --------
    >>> users = np.array([[1.0, 0.0]], dtype="float32")
    >>> items = np.array([[0.1, 9.0], [2.0, 0.0], [3.0, 1.0]], dtype="float32")
    >>> nearest(users, items, 2)[0].tolist(), nearest(users, items, 2, sparse.csr_matrix([[0, 0, 1]]))[0].tolist()
    ([[2, 1]], [[1, 0]])
    """
    lengths = np.sqrt(np.einsum("ij,ij->i", items, items))
    order = np.argsort(-lengths, kind="stable")
    sorted_items, falling = np.ascontiguousarray(items[order]), lengths[order]
    rank = np.empty(len(order), dtype="int64")
    rank[order] = np.arange(len(order))
    reach = np.sqrt(np.einsum("ij,ij->i", users, users))
    places = np.full((len(users), k), -1, dtype="int64")
    scores = np.full((len(users), k), -np.inf, dtype="float32")
    for first in range(0, len(users), USERS):
        last = min(first + USERS, len(users))
        mine = None if owned is None else _owned(owned, first, last, rank)
        _of_block(
            users[first:last], sorted_items, reach[first:last], falling, mine, places[first:last], scores[first:last]
        )
    found = places >= 0
    places[found] = order[places[found]]
    return places, scores


def _owned(
    owned: sparse.csr_matrix, first: int, last: int, rank: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which user owns which item, by the place of the item in falling length."""
    inside = slice(owned.indptr[first], owned.indptr[last])
    place = rank[owned.indices[inside]]
    user = np.repeat(np.arange(last - first), np.diff(owned.indptr[first : last + 1]))
    order = np.argsort(place, kind="stable")
    return user[order], place[order]


def _of_block(
    users: NDArray[np.float32],
    items: NDArray[np.float32],
    reach: NDArray[np.float32],
    falling: NDArray[np.float32],
    owned: tuple[NDArray[np.int64], NDArray[np.int64]] | None,
    places: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> None:
    active = np.arange(len(users))
    where = np.arange(len(users))
    work = kernels()
    for first in range(0, len(items), CHUNK):
        last = min(first + CHUNK, len(items))
        still = reach[active] * falling[first] > scores[active, -1]
        if not still.all():
            active = active[still]
            where = np.full(len(users), -1)
            where[active] = np.arange(len(active))
        if not len(active):
            return
        found = users[active] @ items[first:last].T
        if owned is not None:
            inside = slice(*np.searchsorted(owned[1], (first, last)))
            line = where[owned[0][inside]]
            found[line[line >= 0], owned[1][inside][line >= 0] - first] = -np.inf
        work.keep_best(found, first, active, places, scores)


def best_of_weights(
    known: sparse.csr_matrix, weights: sparse.csr_matrix | NDArray[np.float32], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the k items of the largest sums of weights from what each user has, without that itself.

    Parameters
    ----------
    known : csr_matrix of shape (n_users, n_items)
    weights : csr_matrix or ndarray of shape (n_items, n_items)
    k : int
    """
    if sparse.issparse(weights):
        return kernels().best_of_sparse(known, weights, k)
    count = known.shape[0]
    places = np.full((count, k), -1, dtype="int64")
    scores = np.full((count, k), -np.inf, dtype="float32")
    step = block_size(known.shape[1])
    for first in range(0, count, step):
        last = min(first + step, count)
        block = known[first:last]
        found = np.asarray(block @ weights, dtype="float32")
        found[np.repeat(np.arange(last - first), np.diff(block.indptr)), block.indices] = -np.inf
        at, values = best(found, k)
        places[first:last], scores[first:last] = np.where(np.isfinite(values), at, -1), values
    return places, scores
