"""The partial likelihood of Cox regression, with its derivatives, in sums over sorted rows [1]_.

With the rows sorted by time from the longest down, what is at risk at a time is a prefix, and every sum over it one of
a running sum. The second derivatives need no sum for each event: of ``S2 / S0`` over all events a row's own part is its
hazard so far, so that all of them together are one product of matrices.

.. [1] Efron, "The Efficiency of Cox's Likelihood Function for Censored Data", *JASA* 72, 1977; Breslow, "Covariance
   analysis of censored survival data", *Biometrics* 30, 1974.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
PlaceArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Events:
    """Sorted rows, and for every event what it is compared with.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns)
        From the longest time down.
    weight : ndarray of shape (n_rows,)
    happened : ndarray of shape (n_events,)
        Rows that had the event.
    last : ndarray of shape (n_events,)
        The last row that is still at risk when it happens.
    tie : ndarray of shape (n_events,)
        Number of the time at which it happens.
    part : ndarray of shape (n_events,)
        Share of the rows with events at that time that are out of the risk already: 0 by Breslow.
    spread : ndarray of shape (n_events,)
        How much each counts: the mean weight of the events at its time.
    n_ties : int
    order : ndarray of shape (n_rows,)
        Rows as they were given.
    """

    X: FloatArray
    weight: FloatArray
    happened: PlaceArray
    last: PlaceArray
    tie: PlaceArray
    part: FloatArray
    spread: FloatArray
    n_ties: int
    order: PlaceArray

    @classmethod
    def of(
        cls, X: FloatArray, time: FloatArray, event: NDArray[np.bool_], weight: FloatArray | None, *, efron: bool
    ) -> Events:
        """Sort rows; `X` has its means taken off already."""
        order = np.argsort(-time, kind="stable")
        sorted_time, sorted_event = time[order], event[order]
        weights = np.ones(len(time)) if weight is None else weight[order]
        happened = np.flatnonzero(sorted_event)
        # The last row with this very time.
        last = len(time) - np.searchsorted(sorted_time[::-1], sorted_time[happened], side="left") - 1
        _, tie = np.unique(-sorted_time[happened], return_inverse=True)
        count = np.bincount(tie)
        rank = np.arange(len(tie)) - (np.cumsum(count) - count)[tie]
        part = rank / count[tie] if efron else np.zeros(len(tie))
        spread = (np.bincount(tie, weights=weights[happened]) / count)[tie]
        return cls(X[order], weights, happened, last, tie, part, spread, len(count), order)

    def derivatives(self, beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the log-likelihood at `beta` with gradient and the matrix of second derivatives, its sign turned."""
        eta = self.X @ beta
        shift = eta.max(initial=0.0)
        hazard = self.weight * np.exp(eta - shift)
        weighted = hazard[:, None] * self.X
        s0, s1 = np.cumsum(hazard)[self.last], np.cumsum(weighted, axis=0)[self.last]
        at, part = self.happened, self.part
        if part.any():
            tied_0 = np.bincount(self.tie, weights=hazard[at], minlength=self.n_ties)
            tied_1 = np.zeros((self.n_ties, self.X.shape[1]))
            np.add.at(tied_1, self.tie, weighted[at])
            s0, s1 = s0 - part * tied_0[self.tie], s1 - part[:, None] * tied_1[self.tie]
        each = self.spread / s0
        mean = s1 / s0[:, None]
        value = float(self.weight[at] @ eta[at] - self.spread @ (np.log(s0) + shift))
        gradient = self.weight[at] @ self.X[at] - self.spread @ mean
        own = self._hazard_so_far(each)
        curve = self.X.T @ ((hazard * own)[:, None] * self.X) - mean.T @ (self.spread[:, None] * mean)
        return value, gradient, curve

    def _hazard_so_far(self, each: FloatArray) -> FloatArray:
        """Return for each row the sum of `each` over the events that it was at risk of."""
        at_last = np.bincount(self.last, weights=each, minlength=len(self.X))
        own = at_last[::-1].cumsum()[::-1].copy()
        if self.part.any():
            out = np.bincount(self.tie, weights=self.part * each, minlength=self.n_ties)
            own[self.happened] -= out[self.tie]
        return own
