"""Looks: a day's payments of a card together, what looking at them is expected to save, and which are worth it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.errors import InputError, nearest
from sartor.rows import AS_OF
from sartor_domains.finance.fraud.by_amount import amounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Scoring
    from sartor_domains.finance.alert_queue import AlertQueue

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Looks:
    """Which payments are looked at together.

    Parameters
    ----------
    of : ndarray of shape (n_rows,)
        Number of the look that a payment belongs to.
    day : ndarray of shape (n_looks,)
        Its day, as a number.
    count : int
        How many looks there are.
    amount : ndarray of shape (n_rows,)
        What a payment would save; 0 where it has no amount or a negative one.
    """

    of: Places
    day: Places
    count: int
    amount: Floats

    @classmethod
    def at(cls, settings: AlertQueue, scoring: Scoring) -> Looks:
        """Put payments together by card and day.

        Raises
        ------
        InputError
            If the rows have no moment, or no such card or amount.
        """
        rows = scoring.rows
        if AS_OF not in rows:
            raise InputError(
                "alerts are raised by day, and the rows of this task have no moment",
                code="D270",
                hints=(("to mend", "use: finance.card_fraud, whose rows have one"),),
            )
        if settings.card not in rows:
            raise InputError(
                f"the rows have no column '{settings.card}' for the card",
                code="R041",
                hints=nearest(settings.card, list(map(str, rows.columns))),
            )
        card = pd.factorize(rows[settings.card], use_na_sentinel=False)[0].astype(np.int64)
        day = pd.factorize(rows[AS_OF].dt.floor("D"), sort=True)[0].astype(np.int64)
        pairs = day * (int(card.max(initial=0)) + 1) + card
        found, of = np.unique(pairs, return_inverse=True)
        days = found // (int(card.max(initial=0)) + 1)
        money = amounts(scoring, settings.amount)
        return cls(of.astype(np.int64), days, len(found), np.where(np.isfinite(money) & (money > 0), money, 0.0))

    def total(self, values: Floats) -> Floats:
        """Sum a number of each payment by look."""
        return np.bincount(self.of, weights=values, minlength=self.count).astype(np.float64)

    def highest(self, values: Floats) -> Floats:
        """Return the largest number of a look's payments."""
        found = np.full(self.count, -np.inf)
        np.maximum.at(found, self.of, values)
        return found

    def heads(self, values: Floats) -> Places:
        """Return for each look the place of the payment with the largest number, the first of equals."""
        order = np.lexsort((np.arange(len(values)), -values, self.of))
        return order[np.flatnonzero(np.r_[True, self.of[order][1:] != self.of[order][:-1]])] if len(order) else order

    def expected(self, settings: AlertQueue, probability: Floats) -> Floats:
        """Return what each look is expected to be worth."""
        saved = settings.recovered * self.total(probability * self.amount)
        worth: Floats = saved - settings.review_cost - settings.friction_cost * (1 - self.highest(probability))
        return worth

    def came_to(self, settings: AlertQueue, fraud: Flags) -> Floats:
        """Return what each look was worth, given which payments were fraud."""
        saved = settings.recovered * self.total(np.where(fraud, self.amount, 0.0))
        none = self.total(fraud.astype(np.float64)) == 0
        worth: Floats = saved - settings.review_cost - settings.friction_cost * none
        return worth

    def places(self, rank: Floats, worth: Flags) -> Places:
        """Return each look's place in its day's queue, from 1; 0 for one that is not worth it.

        Parameters
        ----------
        rank : ndarray of shape (n_looks,)
            The largest comes first.
        worth : ndarray of bool, shape (n_looks,)

        Examples
        --------
        >>> looks = Looks(np.arange(4), np.array([0, 0, 0, 1]), 4, np.ones(4))
        >>> looks.places(np.array([1.0, 3.0, 2.0, 5.0]), np.array([True, True, False, True])).tolist()
        [2, 1, 0, 1]
        """
        order = np.lexsort((np.arange(self.count), -rank, ~worth, self.day))
        starts = np.flatnonzero(np.r_[True, self.day[order][1:] != self.day[order][:-1]]) if self.count else order
        place = np.empty(self.count, dtype=np.int64)
        lengths = np.diff(np.r_[starts, self.count])
        place[order] = np.arange(self.count) - np.repeat(starts, lengths) + 1
        return np.where(worth, place, 0)

    def chosen(self, settings: AlertQueue, rank: Floats, worth: Flags) -> Places:
        """Return places in the queue, 0 for what is not looked at: as many a day as can be."""
        place = self.places(rank, worth)
        return place if settings.alerts_a_day is None else np.where(place <= settings.alerts_a_day, place, 0)


def is_fraud(y: Any) -> Flags:
    """Return which payments turned out to be fraud."""
    return np.asarray(np.asarray(y) == 1, dtype=bool)
