"""Sequences of items as a network takes them: pieces of what users did, and batches of pieces alike in length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor_plugins.recommend.interactions import Interactions

NOTHING = 0
"""Stands behind the end of a sequence; item number n is token n + 1, and one more token is the beginning."""


@dataclass(frozen=True, eq=False)
class Sequences:
    """Pieces of sequences: at each step the token seen, the token that comes next, and how much that one counts.

    Parameters
    ----------
    starts : ndarray of int64, shape (n_pieces + 1,)
    seen, next : ndarray of int32
    weight : ndarray of float32
    """

    starts: NDArray[np.int64]
    seen: NDArray[np.int32]
    next: NDArray[np.int32]
    weight: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Steps of each piece."""
        return np.diff(self.starts)

    def batches(self, positions: int, rng: np.random.Generator) -> Iterator[tuple[Any, Any, Any]]:
        """Yield pieces of about the same length together, in a random order; ends are filled up with 0.

        Parameters
        ----------
        positions : int
            About how many steps stand in a batch.
        rng : Generator
        """
        lengths = self.lengths
        order = np.argsort(lengths + rng.uniform(0, 1, len(lengths)), kind="stable")
        batch = np.cumsum(lengths[order]) // max(1, positions)
        cuts = np.flatnonzero(np.diff(batch)) + 1
        groups = np.split(order, cuts)
        for place in rng.permutation(len(groups)):
            some = groups[place]
            if len(some):
                yield self.padded(some)

    def padded(self, pieces: NDArray[np.int64]) -> tuple[Any, Any, Any]:
        """Return pieces as tables, a line each."""
        lengths = self.lengths[pieces]
        steps = np.arange(int(lengths.max()))
        there = steps < lengths[:, None]
        at = np.where(there, self.starts[pieces][:, None] + steps, 0)
        seen = np.where(there, self.seen[at], NOTHING).astype(np.int32)
        following = np.where(there, self.next[at], NOTHING).astype(np.int32)
        return seen, following, np.where(there, self.weight[at], 0).astype(np.float32)


def telling(past: Interactions) -> Interactions:
    """Return the events that tell of a taste."""
    return past.only(past.weight > 0)


def sequences_of(past: Interactions, items: int, longest: int, *, new_only: bool) -> Sequences:
    """Cut what users did into pieces, from the end on.

    Parameters
    ----------
    past : Interactions
        Only what tells of a taste, in order.
    items : int
        How many there are; the token after the last one is the beginning.
    longest : int
        Most steps of a piece.
    new_only : bool
        Whether what somebody had before is never foretold.

    Examples
    --------
    >>> from sartor_plugins.recommend.interactions import Interactions
    >>> ones = np.ones(3)
    >>> past = Interactions(np.array([0, 3]), np.array([4, 2, 4]), ones, ones, ones > 0)
    >>> made = sequences_of(past, 5, 2, new_only=True)
    >>> made.starts.tolist(), made.seen.tolist(), made.next.tolist(), made.weight.tolist()
    ([0, 1, 3], [6, 5, 3], [5, 3, 5], [1.0, 1.0, 0.0])
    """
    counts = np.diff(past.starts)
    first = np.zeros(len(past.item), dtype=bool)
    first[past.starts[:-1][counts > 0]] = True
    following = (past.item + 1).astype(np.int32)
    seen = np.where(first, items + 1, np.concatenate([[0], following[:-1]]) if len(following) else following)
    weight = past.weight.astype(np.float32)
    if new_only:
        weight = np.where(_again(past, items), np.float32(0), weight)
    to_end = np.repeat(past.starts[1:], counts) - np.arange(len(past.item))
    # A piece ends where a whole number of pieces is left.
    starts = np.flatnonzero(first | (to_end % longest == 0))
    return Sequences(np.append(starts, len(past.item)).astype("int64"), seen.astype(np.int32), following, weight)


def _again(past: Interactions, items: int) -> NDArray[np.bool_]:
    """Return whether a user had an item before."""
    pair = past.user * items + past.item
    again = np.ones(len(pair), dtype=bool)
    again[np.unique(pair, return_index=True)[1]] = False
    return again


def asked(past: Interactions, items: int, longest: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the last tokens of each user as a table, the beginning first where it fits, and where each ends."""
    counts = np.diff(past.starts)
    begins = counts < longest
    lengths = np.where(begins, counts + 1, longest)
    steps = np.arange(int(lengths.max(initial=1)))
    there = steps < lengths[:, None]
    at = past.starts[1:, None] - lengths[:, None] + steps
    item = np.append(past.item, 0)[np.where(there, np.maximum(at, 0), len(past.item))]
    tokens = np.where(there, item + 1, NOTHING)
    tokens[begins, 0] = items + 1
    return tokens.astype(np.int32), lengths - 1


@dataclass(frozen=True, eq=False)
class Held:
    """The last purchase of some users, taken away to see when to stop.

    Parameters
    ----------
    learn : Interactions
        What is left, of all users.
    past : Interactions
        The same of the users chosen.
    wanted : ndarray of int64
        The item of each user chosen.
    user : ndarray of int64
        Who was chosen, in order.
    """

    learn: Interactions
    past: Interactions
    wanted: NDArray[np.int64]
    user: NDArray[np.int64]


def held_out(past: Interactions, rng: np.random.Generator) -> Held:
    """Take the last purchase of some users away."""
    counts = np.diff(past.starts)
    bought_last = past.bought[np.maximum(past.starts[1:] - 1, 0)] if len(past.item) else np.zeros(0, dtype=bool)
    able = np.flatnonzero((counts >= 2) & bought_last)
    count = min(2_000, max(len(able) // 10, min(100, len(able) // 2)))
    chosen = np.sort(rng.choice(able, count, replace=False)) if count else able[:0]
    ends = past.starts[chosen + 1] - 1
    kept = np.ones(len(past.item), dtype=bool)
    kept[ends] = False
    mine = np.isin(past.user, chosen) & kept
    told = past.only(mine)
    starts = np.concatenate([[0], np.cumsum(np.diff(told.starts)[chosen])]).astype("int64")
    return Held(past.only(kept), replace(told, starts=starts), past.item[ends], chosen)
