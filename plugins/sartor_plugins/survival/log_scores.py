"""The log score of a curve: how likely it held what came to be, in the interval of time in which it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sartor_plugins.survival.answer import EVENT, TIME
from sartor_plugins.survival.curves import survival_at

if TYPE_CHECKING:
    from sartor.rows import Judged

FloatArray = NDArray[np.float64]

INTERVALS = 20
"""Time is cut where equal shares of the events that were learned from lie between; every curve is asked there."""


def log_scores(judged: Judged) -> FloatArray:
    """Return the log score of each row, in nats.

    Of an event it is the log of the share that the curve lost in its interval; of somebody who was lost, the log of
    what the curve said to be left at the last cut that they are known to have passed. Nobody learns from n rows that
    something never happens: no share counts as less than 1 in ``2 (n + 1)``.

    Examples
    --------
    >>> import pandas as pd
    >>> from types import SimpleNamespace
    >>> from sartor_plugins.survival.curves import answers
    >>> truth = pd.DataFrame({"time": [1.0, 2.0, 2.0], "event": [1, 1, 0]})
    >>> said = answers(np.zeros(3), np.array([1.0, 2.0]), np.array([[0.75, 0.25]] * 3))
    >>> scores = log_scores(SimpleNamespace(truth=truth, predictions=said, learned_from=None))
    >>> np.exp(scores).round(2).tolist()
    [0.25, 0.75, 0.75]
    """
    time, event = _times(judged.truth)
    learned = judged.learned_from
    taught, happened = (time, event) if learned is None else _times(learned.y)
    cuts = cuts_of(taught[happened])
    left = np.column_stack([np.ones(len(time)), survival_at(judged.predictions, cuts), np.zeros(len(time))])
    rows, before = np.arange(len(time)), np.searchsorted(cuts, time, side="left")
    passed = np.searchsorted(cuts, time, side="right")
    said = np.where(event, left[rows, before] - left[rows, before + 1], left[rows, passed])
    return np.log(np.maximum(said, 1 / (2 * (len(taught) + 1))))


def cuts_of(times: FloatArray) -> FloatArray:
    """Return where time is cut; the last interval has no end.

    Examples
    --------
    >>> cuts_of(np.array([1.0, 2.0])).tolist()
    [1.0]
    >>> len(cuts_of(np.arange(1000.0)))
    19
    """
    shares = np.linspace(0, 1, INTERVALS + 1)[1:-1]
    found = np.unique(np.quantile(times, shares, method="lower")) if len(times) else np.empty(0)
    return np.asarray(found, dtype=np.float64)


def _times(truth: object) -> tuple[FloatArray, NDArray[np.bool_]]:
    time = truth[TIME].to_numpy(dtype=np.float64)  # type: ignore[index]
    return time, truth[EVENT].to_numpy(dtype=np.float64) == 1  # type: ignore[index]
