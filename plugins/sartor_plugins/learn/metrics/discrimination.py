"""How well scores put events before non-events: AUC, Gini, average precision, KS and lift.

All of them are sums along the order of the scores: the rows are sorted once, and each redraw only weighs them anew.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sartor.errors import SettingError
from sartor_plugins.learn.metrics.ranking import Ranking, reached_at
from sartor_plugins.learn.metrics.truth import class_places, events
from sartor_plugins.learn.metrics.weights import FloatArray, ratio, shaped_like, weight_matrix


def auc(
    truth: ArrayLike, score: ArrayLike, weights: ArrayLike | None = None, *, ranking: Ranking | None = None
) -> FloatArray:
    """Chance that an event scores higher than a non-event; equal scores count one half.

    ``sum over pairs of w_i w_j ([s_i > s_j] + [s_i = s_j] / 2) / (sum of w_i * sum of w_j)``, i over events and j over
    non-events: the area under the ROC curve, or the statistic of Mann and Whitney as a share [1]_.

    Parameters
    ----------
    truth : array of shape (n_rows,)
        1 for an event, 0 for none.
    score : array of shape (n_rows,)
        Higher means more likely an event; any number but NaN.
    weights : array of shape (n_rows,) or (n_redraws, n_rows), optional
        One or many sets of weights; a whole number is the same as that many equal rows.
    ranking : Ranking, optional
        ``Ranking.of(score)``, if it is at hand.

    Returns
    -------
    ndarray of shape (n_redraws,), or a single number for a single set of weights
        In [0, 1]; NaN where events or non-events are lacking.

    Raises
    ------
    InputError
        If arrays do not fit each other, a score is missing or an outcome is neither 0 nor 1.

    References
    ----------
    .. [1] Hanley and McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve",
       *Radiology* 143, 1982.

    Examples
    --------
    Of the four pairs of an event and a non-event three are in order and one is a tie:

    >>> float(auc([1, 1, 0, 0], [0.9, 0.4, 0.4, 0.1]))
    0.875
    """
    rows, event = _along_the_order(truth, score, weights, ranking)
    other = np.subtract(rows, event, out=rows)
    above = np.cumsum(event, axis=1)
    pairs = above[:, -1] * other.sum(axis=1)
    above -= np.multiply(event, 0.5, out=event)
    return shaped_like(weights, ratio(np.einsum("rp,rp->r", other, above), pairs))


def gini(
    truth: ArrayLike, score: ArrayLike, weights: ArrayLike | None = None, *, ranking: Ranking | None = None
) -> FloatArray:
    """AUC on the scale of lenders: ``2 AUC - 1``, 0 for a coin and 1 for a perfect order.

    Parameters, shapes and errors are those of `auc`.

    Examples
    --------
    >>> float(gini([1, 1, 0, 0], [0.9, 0.4, 0.4, 0.1]))
    0.75
    """
    return 2 * auc(truth, score, weights, ranking=ranking) - 1


def average_precision(
    truth: ArrayLike, score: ArrayLike, weights: ArrayLike | None = None, *, ranking: Ranking | None = None
) -> FloatArray:
    """Precision averaged over the events found, from the highest score down.

    ``sum over thresholds of (recall_k - recall_(k-1)) * precision_k``, a threshold at every distinct score and no
    interpolation: scikit-learn's definition [1]_. Rows of equal score come in together.

    Parameters, shapes and errors are those of `auc`.

    Returns
    -------
    ndarray of shape (n_redraws,), or a single number for a single set of weights
        In [0, 1]; the event rate for scores that say nothing; NaN without events.

    References
    ----------
    .. [1] scikit-learn, ``sklearn.metrics.average_precision_score``, user guide 3.4.4.

    Examples
    --------
    The events stand first and third: precision 1/1 there and 2/3 here.

    >>> round(float(average_precision([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])), 4)
    0.8333
    """
    rows, event = _along_the_order(truth, score, weights, ranking)
    found = np.cumsum(event, axis=1)
    taken = np.cumsum(rows, axis=1, out=rows)
    n_events = found[:, -1].copy()
    # Where nothing is taken yet nothing is found either, and a divisor of any size gives the 0 that is due.
    precision = np.divide(found, np.maximum(taken, np.finfo(np.float64).tiny, out=taken), out=found)
    return shaped_like(weights, ratio(np.einsum("rp,rp->r", event, precision), n_events))


def ks(
    truth: ArrayLike, score: ArrayLike, weights: ArrayLike | None = None, *, ranking: Ranking | None = None
) -> FloatArray:
    """Largest distance of the two cumulative shares: ``max over cut-offs of (true - false positive rate)``.

    The statistic of Kolmogorov and Smirnov between scores of events and of non-events, in the direction that serves:
    scores in the wrong order have 0, not the size of their error.

    Parameters, shapes and errors are those of `auc`.

    Returns
    -------
    ndarray of shape (n_redraws,), or a single number for a single set of weights
        In [0, 1]; NaN where events or non-events are lacking.

    Examples
    --------
    After the first row half of the events are found and no non-event:

    >>> float(ks([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]))
    0.5
    """
    rows, event = _along_the_order(truth, score, weights, ranking)
    other = np.subtract(rows, event, out=rows)
    event *= ratio(np.ones(1), event.sum(axis=1, keepdims=True))
    other *= ratio(np.ones(1), other.sum(axis=1, keepdims=True))
    ahead = np.cumsum(np.subtract(event, other, out=event), axis=1, out=event)
    undefined = np.isnan(ahead[:, -1])
    ahead[:, -1] = 0.0  # with all rows picked both shares are 1, whatever rounding says
    return shaped_like(weights, np.where(undefined, np.nan, np.maximum(ahead.max(axis=1), 0.0)))


def lift(
    truth: ArrayLike,
    score: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    share: float = 0.1,
    ranking: Ranking | None = None,
) -> FloatArray:
    """How many times more events the best share of rows holds than as many rows at random.

    ``event rate among the best share / event rate``. The border is drawn at exactly `share` of the weight: a row
    across it counts in part, and rows of equal score count as the mean over all their orders.

    Parameters
    ----------
    truth, score, weights, ranking
        As in `auc`.
    share : float
        Share of the rows that is taken, above 0 and at most 1.

    Returns
    -------
    ndarray of shape (n_redraws,), or a single number for a single set of weights
        1 for scores that say nothing, at most ``1 / share``; NaN without events.

    Raises
    ------
    SettingError
        If `share` is not above 0 and at most 1.
    InputError
        As `auc`.

    Examples
    --------
    One row of four is taken and holds one of the two events: rate 1 against 0.5.

    >>> float(lift([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], share=0.25))
    2.0
    """
    if not 0 < share <= 1:
        raise SettingError(f"the share of rows must lie above 0 and at most 1, got {share:g}")
    rows, event = _along_the_order(truth, score, weights, ranking)
    found = reached_at(rows, event, np.array([share]))[:, 0]
    return shaped_like(weights, ratio(found, share * event.sum(axis=1)))


def auc_one_against_rest(
    truth: ArrayLike,
    probabilities: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    rankings: tuple[Ranking, ...] | None = None,
) -> FloatArray:
    """AUC of each class against all others, averaged over the classes.

    A class that does not occur, or that every row belongs to, has no AUC and is left out of the mean.

    Parameters
    ----------
    truth : array of shape (n_rows,)
        Place of the true class, from 0.
    probabilities : array of shape (n_rows, n_classes)
    weights : array of shape (n_rows,) or (n_redraws, n_rows), optional
    rankings : tuple of Ranking, optional
        One for each class, if at hand.

    Returns
    -------
    ndarray of shape (n_redraws,), or a single number for a single set of weights
        In [0, 1]; NaN where only one class occurs.

    Raises
    ------
    InputError
        If arrays do not fit each other, or a probability lies outside 0 to 1.

    Examples
    --------
    The first two classes are told apart without fault (AUC 1), the third from one of the others only by a coin (0.75):

    >>> said = [[0.8, 0.1, 0.1], [0.1, 0.6, 0.3], [0.3, 0.4, 0.3]]
    >>> round(float(auc_one_against_rest([0, 1, 2], said)), 4)
    0.9167
    """
    place, said = class_places(truth, probabilities)
    matrix = weight_matrix(weights, len(place))
    ranked = rankings or tuple(Ranking.of(column) for column in said.T)
    areas = np.stack([auc(place == k, said[:, k], matrix, ranking=ranking) for k, ranking in enumerate(ranked)])
    there = ~np.isnan(areas)
    return shaped_like(weights, ratio(np.where(there, areas, 0.0).sum(axis=0), there.sum(axis=0).astype(np.float64)))


def _along_the_order(
    truth: ArrayLike, score: ArrayLike, weights: ArrayLike | None, ranking: Ranking | None
) -> tuple[FloatArray, FloatArray]:
    """Weight of all rows and of the events at every place of the order; both are new arrays."""
    happened, said = events(truth, score)
    order = ranking or Ranking.of(said)
    matrix = weight_matrix(weights, len(happened))
    return order.sums(matrix), order.sums(matrix, happened)
