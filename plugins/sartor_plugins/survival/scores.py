"""Brier scores of curves, weighed for those who were lost before anything was known of them [1]_.

.. [1] Graf, Schmoor, Sauerbrei and Schumacher, "Assessment and comparison of prognostic classification schemes for
   survival data", *Statistics in Medicine* 18, 1999.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sartor_plugins.survival.answer import EVENT, RISK, TIME
from sartor_plugins.survival.concordance import concordance
from sartor_plugins.survival.curves import survival_at
from sartor_plugins.survival.estimating import Steps, censoring

FloatArray = NDArray[np.float64]

POINTS = 50
"""Times that the integrated Brier score goes over."""
FROM, TO = 10, 80
"""Percentiles of the times of those who judge, between which it goes: where enough of them are still watched."""


@dataclass(frozen=True, eq=False)
class Watched:
    """Rows that judge, with what was said of them.

    Parameters
    ----------
    time, risk : ndarray of shape (n_rows,)
        Time cut at the end of the follow-up that was learned from: who was watched for longer had no event by then.
    event : ndarray of bool, shape (n_rows,)
    still : Steps
        The share still watched at each time, in training where it is at hand.
    end : float
        Follow-up of both those who teach and those who judge ends here.
    predictions : DataFrame
    cut : int
        How many rows were watched for longer than anybody in training.
    """

    time: FloatArray
    event: NDArray[np.bool_]
    risk: FloatArray
    still: Steps
    end: float
    predictions: Any
    cut: int

    @classmethod
    def of(cls, judged: Any) -> Watched:
        """Return the rows of `sartor.rows.Judged`."""
        time = judged.truth[TIME].to_numpy(dtype=np.float64)
        event = judged.truth[EVENT].to_numpy(dtype=np.float64) == 1
        learned = judged.learned_from
        taught = (time, event)
        if learned is not None:
            taught = (learned.y[TIME].to_numpy(dtype=np.float64), learned.y[EVENT].to_numpy(dtype=np.float64) == 1)
        last = float(taught[0].max())
        longer = time > last
        return cls(
            np.where(longer, last, time),
            event & ~longer,
            judged.predictions[RISK].to_numpy(dtype=np.float64),
            censoring(*taught),
            min(last, float(time.max())),
            judged.predictions,
            int(longer.sum()),
        )

    def concordance(self, weights: FloatArray) -> FloatArray:
        """Return Harrell's C under each set of weights."""
        return concordance(self.time, self.event, self.risk, weights)

    def grid(self) -> FloatArray:
        """Return the times that the integrated score goes over."""
        low, high = np.percentile(self.time, [FROM, TO])
        return np.linspace(low, min(high, self.end), POINTS)

    def integrated(self) -> FloatArray:
        """Return what each row adds to the integrated Brier score."""
        times = self.grid()
        if times[-1] <= times[0]:
            return self.brier(times[:1])[:, 0]
        losses = self.brier(times)
        return np.asarray(np.trapezoid(losses, times, axis=1) / (times[-1] - times[0]), dtype=np.float64)

    def brier(self, at: FloatArray) -> FloatArray:
        """Return the weighed squared error of each row at each time, shape (n_rows, n_times)."""
        said = survival_at(self.predictions, at)
        gone, weight = self.known(at)
        return np.asarray(weight * np.where(gone, said**2, (1 - said) ** 2), dtype=np.float64)

    def known(self, at: FloatArray) -> tuple[NDArray[np.bool_], FloatArray]:
        """Return which rows had the event by each time, and for how many rows each stands; 0 where it is not known."""
        gone = (self.time[:, None] <= at) & self.event[:, None]
        there = self.time[:, None] > at
        of_gone = _stands_for(self.still.just_before(self.time))[:, None]
        of_there = _stands_for(self.still.at(at))[None, :]
        return gone, np.where(gone, of_gone, np.where(there, of_there, 0.0))


def _stands_for(still: FloatArray) -> FloatArray:
    """Return for how many rows one stands that is still watched; of none where nobody is."""
    return np.divide(1.0, still, out=np.zeros_like(still), where=still > 0)
