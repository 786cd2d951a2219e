"""Rows in the order of their scores, sorted once: every metric that ranks is then a weighted sum along that order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sartor.errors import InputError
from sartor.wording import form, plural
from sartor_plugins.learn.metrics.weights import FloatArray, PlaceArray, ratio


@dataclass(frozen=True)
class Ranking:
    """The order of rows by falling score, with rows of equal score in one place.

    Parameters
    ----------
    order : ndarray of shape (n_rows,)
        Rows from the highest score to the lowest.
    starts : ndarray of shape (n_places,) or None
        Where in `order` each place begins; None if no two scores are equal, so that every row is its own place.

    Examples
    --------
    >>> ranking = Ranking.of([0.2, 0.9, 0.2])
    >>> ranking.order.tolist(), ranking.starts.tolist()
    ([1, 0, 2], [0, 1])
    """

    order: PlaceArray
    starts: PlaceArray | None

    @classmethod
    def of(cls, scores: ArrayLike) -> Ranking:
        """Sort rows by falling score.

        Raises
        ------
        InputError
            If a score is missing: a row without a score has no place.
        """
        values = np.asarray(scores, dtype=np.float64)
        missing = int(np.isnan(values).sum())
        if missing:
            scores_are = f"{plural(len(values), 'score')} {form(missing, 'is', 'are')}"
            raise InputError(f"{missing:,} of {scores_are} missing; a row without a score has no rank", code="D050")
        order = np.argsort(-values, kind="stable")
        falling = values[order]
        new_place = np.concatenate([[True], falling[1:] != falling[:-1]])
        return cls(order, None if new_place.all() else np.flatnonzero(new_place))

    def first_of_each(self) -> PlaceArray:
        """One row of every place, in order."""
        return self.order if self.starts is None else self.order[self.starts]

    def sums(self, weights: FloatArray, values: FloatArray | None = None) -> FloatArray:
        """Weight, or weight times value, at every place.

        Parameters
        ----------
        weights : ndarray of shape (n_redraws, n_rows)
        values : ndarray of shape (n_rows,), optional

        Returns
        -------
        ndarray of shape (n_redraws, n_places)

        Examples
        --------
        >>> Ranking.of([0.2, 0.9, 0.2]).sums(np.array([[1.0, 1.0, 2.0]]))
        array([[1., 3.]])
        """
        sums = weights.take(self.order, axis=1)
        if values is not None:
            sums *= values[self.order]
        return sums if self.starts is None else np.add.reduceat(sums, self.starts, axis=1)


def reached_at(weights: FloatArray, values: FloatArray, shares: FloatArray) -> FloatArray:
    """What has been gathered when the best share of the rows has been taken.

    A place that lies across the border is taken in part: its rows are alike, so any order among them is as good as
    another, and this is the mean over all of them.

    Parameters
    ----------
    weights, values : ndarray of shape (n_redraws, n_places)
        As `Ranking.sums` gives them.
    shares : ndarray of shape (n_shares,), each in [0, 1]
        Shares of the total weight.

    Returns
    -------
    ndarray of shape (n_redraws, n_shares)
        NaN in redraws whose weights are all 0.

    Examples
    --------
    Half of four rows, of which the middle two tie: the first row and one of the two.

    >>> reached_at(np.array([[1.0, 2.0, 1.0]]), np.array([[1.0, 1.0, 0.0]]), np.array([0.5]))
    array([[1.5]])
    """
    taken = np.cumsum(weights, axis=1)
    gathered = np.cumsum(values, axis=1)
    borders = taken[:, -1:] * shares
    place = np.stack([np.searchsorted(line, border) for line, border in zip(taken, borders, strict=True)])
    place = np.minimum(place, taken.shape[1] - 1)  # rounding may put the last border a hair beyond the last place

    def there(matrix: FloatArray) -> FloatArray:
        return np.take_along_axis(matrix, place, axis=1)

    still_to_take = ratio(there(taken) - borders, there(weights))
    return there(gathered) - still_to_take * there(values)
