"""Payments by card and day, and what is found when each day some cards are looked at.

A card's score on a day is that of its most suspicious payment. A card that was found fraudulent on an earlier day is
blocked, and no longer among those looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.rows import AS_OF, GROUP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

AT_ONCE = 4_000_000
"""Numbers that are held at once for redraws."""


@dataclass(frozen=True)
class LookedAt:
    """What is found under each set of weights, arrays of shape (n_redraws,).

    Parameters
    ----------
    precision : ndarray
        Share of fraudulent cards among those looked at, mean over the days.
    value : ndarray
        Share of the money lost to fraud that lies on cards and days looked at.
    """

    precision: Floats
    value: Floats


@dataclass(frozen=True, eq=False)
class Day:
    """The cards of one day, those of the highest score first.

    Parameters
    ----------
    card : ndarray of shape (n_cards,)
        Number of the card.
    fraud : ndarray of bool, shape (n_cards,)
        Whether a payment of that day was fraud.
    lost : ndarray of shape (n_cards,)
        Amount of the day's frauds.
    row : ndarray of shape (n_cards,)
        Place of the payment with the highest score.
    """

    card: Places
    fraud: NDArray[np.bool_]
    lost: Floats
    row: Places


@dataclass(frozen=True, eq=False)
class Days:
    """All days of the rows that judge.

    Parameters
    ----------
    days : tuple of Day
    cards : int
        How many cards there are.
    """

    days: tuple[Day, ...]
    cards: int
    _kept: dict[tuple[int, int], tuple[Any, LookedAt]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, judged: Any, amount: str) -> Days:
        """Put judged rows together by day and card.

        Parameters
        ----------
        judged : Judged
            With the moment, the card as its group, and the amount of each row.
        amount : str
        """
        said = judged.predictions["probability"].to_numpy(dtype=np.float64)
        money = judged.rows[amount].to_numpy(dtype=np.float64, na_value=np.nan)
        return cls.made(judged.rows[AS_OF], judged.rows[GROUP], said, np.asarray(judged.truth) == 1, money)

    @classmethod
    def made(
        cls, moment: pd.Series[Any], card: pd.Series[Any], score: Floats, fraud: NDArray[np.bool_], amount: Floats
    ) -> Days:
        """Put payments together by day and card; equal scores come in an order drawn once, by card.

        Examples
        --------
        >>> at = pd.Series(pd.to_datetime(["2024-05-01 10:00", "2024-05-01 11:00", "2024-05-02 09:00"]))
        >>> days = Days.made(at, pd.Series(["a", "b", "b"]), np.array([0.2, 0.9, 0.8]), np.array([True, False, True]),
        ...                  np.array([10.0, 20.0, 30.0]))
        >>> found = days.looked_at(np.ones((1, 3)), 1)
        >>> found.precision.tolist(), found.value.tolist()
        ([0.5], [0.75])
        """
        codes, names = pd.factorize(card, sort=True)
        drawn = np.random.default_rng(0).permutation(len(names))
        day = moment.dt.floor("D").to_numpy()
        lost = np.where(fraud, np.maximum(np.nan_to_num(amount), 0.0), 0.0)
        # By day and card, the highest score first: the first line of each pair is the card's payment to look at.
        order = np.lexsort((np.arange(len(codes)), -score, codes, day))
        first = np.ones(len(order), dtype=bool)
        first[1:] = (codes[order][1:] != codes[order][:-1]) | (day[order][1:] != day[order][:-1])
        starts = np.flatnonzero(first)
        if not len(starts):
            return cls((), 0)
        rows = order[starts]
        any_fraud = np.maximum.reduceat(fraud[order], starts)
        all_lost = np.add.reduceat(lost[order], starts)
        ranked = np.lexsort((drawn[codes[rows]], -score[rows], day[rows]))
        parts = np.flatnonzero(np.r_[True, day[rows][ranked][1:] != day[rows][ranked][:-1]])
        days = tuple(
            Day(codes[rows[part]], any_fraud[part].astype(bool), all_lost[part], rows[part])
            for part in np.split(ranked, parts[1:])
        )
        return cls(days, len(names))

    def looked_at(self, weights: Floats, cards: int) -> LookedAt:
        """Return what is found when the `cards` highest cards of each day are looked at.

        Parameters
        ----------
        weights : ndarray of shape (n_redraws, n_rows)
            How often each row was drawn; the rows of a card alike. A card drawn twice is two cards.
        cards : int
        """
        key = (id(weights), cards)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is weights:
            return kept[1]
        size = max(1, AT_ONCE // max(1, max((len(day.card) for day in self.days), default=1)))
        parts = [self._looked_at(weights[start : start + size], cards) for start in range(0, len(weights), size)]
        made = LookedAt(np.concatenate([one[0] for one in parts]), np.concatenate([one[1] for one in parts]))
        self._kept.clear()
        self._kept[key] = (weights, made)
        return made

    def _looked_at(self, weights: Floats, cards: int) -> tuple[Floats, Floats]:
        caught = np.zeros((len(weights), self.cards), dtype=bool)
        share, found, lost = (np.zeros(len(weights)) for _ in range(3))
        for day in self.days:
            drawn = weights[:, day.row]
            open_ = np.where(caught[:, day.card], 0.0, drawn)
            before = np.cumsum(open_, axis=1) - open_
            looked = np.clip(cards - before, 0.0, open_)
            share += (looked * day.fraud).sum(axis=1) / cards
            found += (looked * day.lost).sum(axis=1)
            lost += (drawn * day.lost).sum(axis=1)
            # A card is blocked when all its copies are looked at: those cut off by the last place go on.
            caught[:, day.card] |= (looked > 0) & day.fraud
        with np.errstate(invalid="ignore", divide="ignore"):
            return share / len(self.days), np.where(lost > 0, found / lost, np.nan)
