"""Why one row is answered as it is, for any model: Shapley values by sampling.

What a feature contributes is how much the answer moves when the row's own value takes the place of another row's,
averaged over the orders in which features can take their place and over rows that models learned from [1]_. Orders come
in pairs, each with its reverse [2]_, which for features that act alone or in twos leaves no chance from orders.

References
----------
.. [1] Strumbelj and Kononenko, "Explaining prediction models and individual predictions with feature contributions",
       Knowledge and Information Systems 41, 2014.
.. [2] Mitchell, Cooper, Frank and Holmes, "Sampling Permutations for Shapley Value Estimation", JMLR 23, 2022.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

PAIRS = 100
"""Pairs of orders that are walked."""
FEWEST_PAIRS = 10
MOST_ANSWERS = 20_000
"""Answers of the model for one row: where there are many features, fewer pairs are walked."""


@dataclass(frozen=True)
class Contributions:
    """How an answer comes about.

    Parameters
    ----------
    base : float
        The mean answer for the other rows: where contributions begin.
    answer : float
        For the row itself; `base` and all contributions add up to it.
    values, errors : ndarray of shape (n_sources,)
        What each source contributes, and the standard error of that. NaN where a single pair cannot tell.
    pairs : int
        Pairs of orders that were walked.
    answers : int
        How many answers it took.
    """

    base: float
    answer: float
    values: FloatArray
    errors: FloatArray
    pairs: int
    answers: int


def pairs_for(sources: int) -> int:
    """Return how many pairs of orders to walk.

    Examples
    --------
    >>> pairs_for(20), pairs_for(400), pairs_for(5000)
    (100, 24, 10)
    """
    return max(FEWEST_PAIRS, min(PAIRS, MOST_ANSWERS // (2 * (sources + 1))))


def contributions(
    answer: Callable[[pd.DataFrame], FloatArray],
    row: pd.DataFrame,
    others: pd.DataFrame,
    sources: Sequence[Sequence[str]],
    rng: np.random.Generator,
    pairs: int | None = None,
) -> Contributions:
    """Return what each source contributes to the answer for a row.

    Parameters
    ----------
    answer : callable
        ``answer(X)`` gives a number for each line of features.
    row : DataFrame of one line
    others : DataFrame
        Rows that models learned from, at least one; each begins as many walks as the others, as far as possible.
    sources : sequence of sequence of str
        Features that take their place together.
    rng : Generator
    pairs : int, optional

    Examples
    --------
    Of 2 a + b c, a begins at 0 and b and c at 0: a gives all that it adds, b and c share what they make together.

    >>> import pandas as pd
    >>> row = pd.DataFrame({"a": [1.0], "b": [3.0], "c": [2.0]})
    >>> found = contributions(lambda X: (2 * X["a"] + X["b"] * X["c"]).to_numpy(), row, row * 0, [["a"], ["b"], ["c"]],
    ...                       np.random.default_rng(0), 8)
    >>> found.base, found.answer, found.values.tolist()
    (0.0, 8.0, [2.0, 3.0, 3.0])
    """
    import pandas as pd

    count, walks = len(sources), pairs or pairs_for(len(sources))
    begun = _begun(len(others), walks, rng)
    ranks = np.empty((walks, 2, count), dtype=np.intp)
    for walk in range(walks):
        ranks[walk, 0] = np.argsort(rng.permutation(count))
        ranks[walk, 1] = count - 1 - ranks[walk, 0]
    # Line s of a walk holds the row's own values of the sources that stand among the first s.
    steps = np.arange(count + 1)
    own = ranks[:, :, None, :] < steps[None, None, :, None]
    lines = np.repeat(begun, 2 * (count + 1))
    flat = own.reshape(-1, count)
    X = others.iloc[lines].reset_index(drop=True)
    for place, features in enumerate(sources):
        taken = np.where(flat[:, place], len(others), lines)
        for name in features:
            both = pd.concat([others[name], row[name]], ignore_index=True)
            X[name] = both.iloc[taken].reset_index(drop=True)
    answers = np.asarray(answer(X), dtype=np.float64).reshape(walks, 2, count + 1)
    moves = np.take_along_axis(np.diff(answers, axis=2), ranks, axis=2).mean(axis=1)
    errors = moves.std(axis=0, ddof=1) / np.sqrt(walks) if walks > 1 else np.full(count, np.nan)
    # The mean of all ends: a network in single precision answers the same row a little otherwise in another batch.
    base, end = float(answers[:, :, 0].mean()), float(answers[:, :, -1].mean())
    return Contributions(base, end, moves.mean(axis=0), errors, walks, len(X))


def _begun(count: int, walks: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the row at which each walk begins: each as often as the others, as far as possible."""
    rounds = [rng.permutation(count) for _ in range(-(-walks // count))]
    return np.concatenate(rounds)[:walks].astype(np.intp)
