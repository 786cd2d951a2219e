"""Stock from review to review: what arrives, what sells, what is lost, what is ordered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Flow:
    """What an order rule did, series by review.

    Parameters
    ----------
    on_hand, arriving, on_order, order : ndarray of shape (n_series, n_reviews)
        Units before arrivals; that arrive then; that are on their way after that and before the order; ordered.
    """

    on_hand: Floats
    arriving: Floats
    on_order: Floats
    order: Floats

    @property
    def shelf(self) -> Floats:
        """Units that can be sold until the next review."""
        return self.on_hand + self.arriving


def flow(
    levels: Floats,
    sold: Floats,
    lead: int,
    pack: Floats,
    least: Floats,
    on_hand: Floats | None = None,
    on_order: Floats | None = None,
) -> Flow:
    """Follow stock from review to review.

    Parameters
    ----------
    levels : ndarray of shape (n_series, n_reviews)
        Order-up-to levels; NaN where a series is not asked about.
    sold : ndarray of shape (n_series, n_reviews)
        What sold, that is was asked for, since the review before; the first is not looked at.
    lead : int
        Reviews until an order arrives; with 0 it is there at once.
    pack : ndarray of shape (n_series,)
        Units in a pack.
    least : ndarray of shape (n_series, n_reviews) or (n_series, 1)
        Units in the smallest order.
    on_hand, on_order : ndarray of shape (n_series,), optional
        At the first review; left out, shelves hold the order-up-to level and nothing is on its way. What is on order
        then arrives at the next reviews, as much at each.

    Examples
    --------
    >>> moved = flow(np.full((1, 3), 10.0), np.array([[0.0, 4.0, 9.0]]), 1, np.array([6.0]), np.zeros((1, 1)))
    >>> moved.order.tolist(), moved.on_hand.tolist(), moved.arriving.tolist()
    ([[0.0, 6.0, 6.0]], [[10.0, 6.0, 0.0]], [[0.0, 0.0, 6.0]])
    """
    n_series, n_reviews = levels.shape
    wanted = np.nan_to_num(levels)
    smallest = np.nan_to_num(np.broadcast_to(least, levels.shape))
    hand = np.ceil(wanted[:, 0]) if on_hand is None else on_hand.astype(np.float64)
    due = np.zeros((n_series, n_reviews + lead + 1))
    if on_order is not None and lead:
        due[:, :lead] += on_order[:, None] / lead
    elif on_order is not None:
        hand = hand + on_order
    kept: dict[str, list[Floats]] = {"on_hand": [], "arriving": [], "on_order": [], "order": []}
    shelf = hand
    for review in range(n_reviews):
        hand = shelf if review == 0 else np.maximum(shelf - np.nan_to_num(sold[:, review]), 0.0)
        arriving = due[:, review].copy()
        coming = due[:, review + 1 :].sum(axis=1)
        order = packed(wanted[:, review] - hand - arriving - coming, pack, smallest[:, review])
        kept["on_hand"].append(hand)
        kept["on_order"].append(coming)
        kept["order"].append(order)
        due[:, review + lead] += order
        kept["arriving"].append(arriving if lead else arriving + order)
        shelf = hand + kept["arriving"][-1]
    return Flow(**{name: np.stack(columns, axis=1) for name, columns in kept.items()})


def packed(need: Floats, pack: Floats, least: Floats) -> Floats:
    """Return orders: nothing where nothing is needed, else at least the smallest, in whole packs.

    Examples
    --------
    >>> packed(np.array([-3.0, 0.2, 13.0]), np.array([6.0, 6.0, 6.0]), np.zeros(3)).tolist()
    [0.0, 6.0, 18.0]
    >>> packed(np.array([2.0]), np.array([1.0]), np.array([5.0])).tolist()
    [5.0]
    """
    wanted = np.where(need > 1e-9, np.maximum(need, least), 0.0)
    return np.asarray(np.ceil(np.maximum(wanted / pack - 1e-9, 0.0)) * pack)
