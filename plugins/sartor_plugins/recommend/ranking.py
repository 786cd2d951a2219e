"""The best items of each user, a block of users at a time: never users by items in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LANES = 32
"""Scores are cut into as many lanes; the best of each place of a lane are found by one pass of the processor's widest
maximum, and only where those are can the best of all be."""
BLOCK_BYTES = 16_000_000
"""Of scores that are held at once."""


def block_size(items: int) -> int:
    """Return how many users are scored at once."""
    return max(1, BLOCK_BYTES // (4 * max(1, items)))


def best(scores: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the places and values of the largest scores of each line, the largest first; equal ones in their order.

    Parameters
    ----------
    scores : ndarray of float32, shape (n_users, n_items)
        ``-inf`` for what must not be chosen; it stands behind everything else.
    k : int
        Lines with fewer items get as many as there are.

    Examples
    --------
    >>> places, values = best(np.array([[0.1, 0.7, 0.3], [0.5, 0.2, 0.5]], dtype="float32"), 2)
    >>> places.tolist()
    [[1, 2], [0, 2]]
    """
    users, items = scores.shape
    k = min(k, items)
    if k == 0 or users == 0:
        return np.zeros((users, k), dtype="int64"), np.zeros((users, k), dtype="float32")
    if items < 4 * LANES * k:
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return order, np.take_along_axis(scores, order, axis=1)
    places, values, unsure = _by_lanes(scores, k)
    if unsure.any():
        # Equal scores at the edge: which of them comes first, all items must tell.
        order = np.argsort(-scores[unsure], axis=1, kind="stable")[:, :k]
        places[unsure], values[unsure] = order, np.take_along_axis(scores[unsure], order, axis=1)
    return places, values


def _by_lanes(scores: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.bool_]]:
    """Return the k best of each line, and where others may be as good as the last of them."""
    users, items = scores.shape
    width = items // LANES
    maxima = scores[:, : width * LANES].reshape(users, LANES, width).max(axis=1)
    tops = np.argpartition(maxima, width - k - 1, axis=1)[:, width - k - 1 :]
    beyond = np.take_along_axis(maxima, tops[:, :1], axis=1)[:, 0]
    tops = np.sort(tops[:, 1:], axis=1)
    inside = (np.arange(LANES)[None, :, None] * width + tops[:, None, :]).reshape(users, -1)
    rest = np.broadcast_to(np.arange(width * LANES, items), (users, items - width * LANES))
    candidates = np.concatenate([inside, rest], axis=1)
    values = np.take_along_axis(scores, candidates, axis=1)
    count = values.shape[1]
    chosen = np.sort(np.argpartition(values, count - k, axis=1)[:, count - k :], axis=1)
    best_values = np.take_along_axis(values, chosen, axis=1)
    order = np.argsort(-best_values, axis=1, kind="stable")
    best_values = np.take_along_axis(best_values, order, axis=1)
    places = np.take_along_axis(candidates, np.take_along_axis(chosen, order, axis=1), axis=1)
    last = best_values[:, -1]
    tied = (values == last[:, None]).sum(axis=1) > (best_values == last[:, None]).sum(axis=1)
    return places, best_values, np.isfinite(last) & (tied | (beyond >= last))
