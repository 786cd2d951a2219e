"""Shares of what all sources bring together: Shapley values [1]_, exact or from orders drawn at random.

A source's share is what it adds to those before it, on average over all orders in which sources can come. Shares add
up to what all sources bring together, and two that say the same get the same.

.. [1] Shapley, "A value for n-person games", *Contributions to the Theory of Games* 2, 1953; sampled orders in pairs,
   each with its reverse: Mitchell, Cooper, Frank and Holmes, "Sampling permutations for Shapley value estimation",
   *Journal of Machine Learning Research* 23, 2022.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Present = frozenset[str]
"""The private sources that there are; what is public is always there."""
MOST_EXACT = 5
"""With more sources, orders are drawn: six of them have 64 coalitions."""
FEWEST_ORDERS = 4
"""Fewer orders tell nothing of how far their average is off."""
ENOUGH = 0.05
"""Drawing ends when the average of the shares is off by less than this part of what all sources bring."""


def coalitions(names: Sequence[str]) -> list[Present]:
    """Return all sets of some names, small ones first.

    Examples
    --------
    >>> [sorted(present) for present in coalitions(["a", "b"])]
    [[], ['a'], ['b'], ['a', 'b']]
    """
    return [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]


def exact_shares(worth: Mapping[Present, Floats], names: Sequence[str]) -> dict[str, Floats]:
    """Return each source's share.

    Parameters
    ----------
    worth : mapping of coalition to ndarray
        Of every coalition of `names`; numbers of one shape, such as a value and its redraws.
    names : sequence of str

    Examples
    --------
    >>> worth = {frozenset(): 0.0, frozenset("a"): 1.0, frozenset("b"): 2.0, frozenset("ab"): 4.0}
    >>> {name: float(share) for name, share in exact_shares(worth, "ab").items()}
    {'a': 1.5, 'b': 2.5}
    """
    shares: dict[str, Floats] = {}
    for name in names:
        others = [other for other in names if other != name]
        share = np.zeros_like(np.asarray(worth[frozenset()], dtype=np.float64))
        for present in coalitions(others):
            weight = 1 / (len(names) * comb(len(others), len(present)))
            share = share + weight * (worth[present | {name}] - worth[present])
        shares[name] = share
    return shares


def orders(names: Sequence[str], seed: int) -> Iterator[tuple[str, ...]]:
    """Yield orders of some names without end, each drawn at random and then reversed.

    Examples
    --------
    >>> drawn = orders("abc", seed=0)
    >>> first, second = next(drawn), next(drawn)
    >>> first == second[::-1]
    True
    """
    rng = np.random.default_rng(seed)
    while True:
        order = tuple(names[place] for place in rng.permutation(len(names)))
        yield order
        yield order[::-1]


def sampled_shares(
    worth: Callable[[Present], Floats | None], names: Sequence[str], seed: int, most: int = 1000
) -> tuple[dict[str, Floats], dict[str, float], int]:
    """Return shares from orders drawn at random.

    Drawing ends when no share is off by more than `ENOUGH` of what all bring together, or when there is no more to
    be had.

    Parameters
    ----------
    worth : callable
        From a coalition to numbers of one shape, the first of them the value; None where none is to be had any more.
    names : sequence of str
    seed : int
    most : int
        The most orders.

    Returns
    -------
    shares : dict of name to ndarray
        Empty where fewer than `FEWEST_ORDERS` could be had.
    errors : dict of name to float
        Standard error of each share's value, from the orders that were not drawn.
    drawn : int
        How many orders there were.
    """
    found: dict[str, list[Floats]] = {name: [] for name in names}
    pairs: dict[str, list[float]] = {name: [] for name in names}
    drawing = orders(names, seed)
    drawn = 0
    errors: dict[str, float] = {}
    while drawn < most:
        both = [_added(worth, next(drawing)) for _ in range(2)]
        if None in both:
            break
        drawn += 2
        for name in names:
            added = [one[name] for one in both if one is not None]
            found[name] += added
            pairs[name].append(float(np.mean([np.ravel(one)[0] for one in added])))
        if drawn >= FEWEST_ORDERS:
            errors = {name: float(np.std(values, ddof=1) / np.sqrt(len(values))) for name, values in pairs.items()}
            together = abs(sum(float(np.mean(values)) for values in pairs.values()))
            if max(errors.values()) <= ENOUGH * together:
                break
    if drawn < FEWEST_ORDERS:
        return {}, {}, drawn
    return {name: np.mean(values, axis=0) for name, values in found.items()}, errors, drawn


def _added(worth: Callable[[Present], Floats | None], order: Sequence[str]) -> dict[str, Floats] | None:
    """Return what each source adds to those before it; None where that is not to be had."""
    present: Present = frozenset()
    before, added = worth(present), {}
    for name in order:
        present |= {name}
        after = worth(present)
        if before is None or after is None:
            return None
        added[name] = after - before
        before = after
    return added
