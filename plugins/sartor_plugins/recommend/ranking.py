"""The best items of each user, a block of users at a time: never users by items in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LANES = 32
"""Scores are cut into as many lanes; the best of each place of a lane are found by one pass of the processor's widest
maximum, and only where those are can the best of all be."""
BLOCK_BYTES = 64_000_000
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
    if items >= 4 * LANES * k and users:
        places = _by_lanes(scores, k)
        values = np.take_along_axis(scores, places, axis=1)
        order = np.lexsort((places, -values), axis=1)[:, :k]
    else:
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return order, np.take_along_axis(scores, order, axis=1)
    return np.take_along_axis(places, order, axis=1), np.take_along_axis(values, order, axis=1)


def _by_lanes(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return candidates among which the k best are: every item whose lane place holds one of the k best maxima."""
    users, items = scores.shape
    width = items // LANES
    body = scores[:, : width * LANES].reshape(users, LANES, width)
    maxima = body.max(axis=1)
    # One more than asked for: a tie at the edge must not hide the item that comes first.
    tops = np.sort(np.argpartition(maxima, width - k, axis=1)[:, width - k :], axis=1)
    inside = (np.arange(LANES)[None, :, None] * width + tops[:, None, :]).reshape(users, -1)
    rest = np.broadcast_to(np.arange(width * LANES, items), (users, items - width * LANES))
    return np.concatenate([inside, rest], axis=1)
