"""How far probabilities are from what happens, and how far they would be if they were right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sartor_plugins.learn.metrics.ranking import Ranking, reached_at
from sartor_plugins.learn.metrics.truth import chances
from sartor_plugins.learn.metrics.weights import FloatArray, ratio, shaped_like, weight_matrix

GROUPS = 10
"""Groups of equal size, by falling probability."""

_SIMULATED = 20_000_000
"""Outcomes simulated in all; above 20,000 rows there are fewer simulations, down to 200."""
_BLOCK = 2_000_000
"""Outcomes held in memory at a time."""


def calibration_error(
    truth: ArrayLike,
    probability: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    groups: int = GROUPS,
    ranking: Ranking | None = None,
) -> FloatArray:
    """Mean distance between what was said and what happened, in groups of equal size.

    Rows go into `groups` groups of equal weight by falling probability; the error is ``sum over groups of (share of
    weight) * |mean outcome - mean probability|`` (expected calibration error with equal-count bins [1]_). A row across
    a border is in both groups in part, and rows of equal probability are spread over their groups alike, so that the
    result depends neither on the order of the rows nor on a random one. A single probability for all rows has the
    error ``|event rate - probability|``.

    Parameters
    ----------
    truth : array of shape (n_rows,)
        1 for an event, 0 for none.
    probability : array of shape (n_rows,), each in [0, 1]
    weights : array of shape (n_rows,) or (n_redraws, n_rows), optional
        One or many sets of weights; a whole number is the same as that many equal rows.
    groups : int
        How many groups.
    ranking : Ranking, optional
        ``Ranking.of(probability)``, if it is at hand.

    Returns
    -------
    ndarray of shape (n_redraws,), or a single number for a single set of weights
        In [0, 1]. Never 0 by luck alone: see `calibration_error_expected`.

    Raises
    ------
    InputError
        If arrays do not fit each other, an outcome is neither 0 nor 1 or a probability lies outside 0 to 1.

    References
    ----------
    .. [1] Nguyen and O'Connor, "Posterior calibration and exploratory analysis for natural language processing
       models", EMNLP 2015 (equal-count bins); Naeini, Cooper and Hauskrecht, AAAI 2015 (the name).

    Examples
    --------
    Two groups of two: 1 happened where 0.8 was said, and 0 where 0.3 was said.

    >>> round(float(calibration_error([1, 1, 0, 0], [0.9, 0.7, 0.4, 0.2], groups=2)), 3)
    0.25
    """
    happened, said = chances(truth, probability)
    order = ranking or Ranking.of(said)
    matrix = weight_matrix(weights, len(happened))
    rows, surplus = order.sums(matrix), order.sums(matrix, happened - said)
    inner = reached_at(rows, surplus, np.arange(1, groups) / groups)
    ends = np.concatenate([np.zeros((len(matrix), 1)), inner, surplus.sum(axis=1, keepdims=True)], axis=1)
    return shaped_like(weights, ratio(np.abs(np.diff(ends, axis=1)).sum(axis=1), rows.sum(axis=1)))


@dataclass(frozen=True)
class ExpectedByLuck:
    """The calibration error that right probabilities show by luck alone.

    Parameters
    ----------
    mean : float
        On average.
    high : float
        In 95 of 100 cases it is at most this.
    """

    mean: float
    high: float


def calibration_error_expected(probability: ArrayLike, *, groups: int = GROUPS, seed: int = 0) -> ExpectedByLuck:
    """Calibration error of these very probabilities if every one of them were right.

    Outcomes are drawn from the probabilities, 1,000 times up to 20,000 rows and fewer times above (200 from 100,000
    rows on), and judged as `calibration_error` judges them. A model whose error is not above `high` cannot be told
    from a perfectly calibrated one.

    Parameters
    ----------
    probability : array of shape (n_rows,), each in [0, 1]
    groups : int
        As in `calibration_error`.
    seed : int
        The same seed gives the same numbers.

    Returns
    -------
    ExpectedByLuck

    Raises
    ------
    InputError
        If a probability lies outside 0 to 1.

    Examples
    --------
    A coin thrown 100 times lands 4 throws off the half on average, and 9 or 10 off in one case of 20.

    >>> luck = calibration_error_expected([0.5] * 100)
    >>> round(luck.mean, 2), round(luck.high, 2)
    (0.04, 0.1)
    """
    _, said = chances(np.zeros(np.shape(probability)), probability)
    belongs = _share_in_groups(Ranking.of(said), len(said), groups)
    simulations = int(np.clip(_SIMULATED // len(said), 200, 1000))
    at_once = max(1, _BLOCK // len(said))
    rng = np.random.default_rng(seed)
    errors = []
    for first in range(0, simulations, at_once):
        drawn = rng.random((min(at_once, simulations - first), len(said)))
        surplus = (drawn < said).astype(np.float64) - said
        errors.append(np.abs(surplus @ belongs).sum(axis=1) / len(said))
    simulated = np.concatenate(errors)
    return ExpectedByLuck(mean=float(simulated.mean()), high=float(np.quantile(simulated, 0.95)))


def _share_in_groups(ranking: Ranking, n_rows: int, groups: int) -> FloatArray:
    """How much of each row lies in each group, rows in their own order: shape (n_rows, groups)."""
    starts = np.arange(n_rows) if ranking.starts is None else ranking.starts
    ends = np.append(starts[1:], n_rows)
    borders = n_rows * np.arange(groups + 1) / groups
    covered = np.minimum(ends[:, None], borders[1:]) - np.maximum(starts[:, None], borders[:-1])
    shares = np.maximum(covered, 0.0) / (ends - starts)[:, None]
    belongs = np.empty((n_rows, groups))
    belongs[ranking.order] = np.repeat(shares, ends - starts, axis=0)
    return belongs
