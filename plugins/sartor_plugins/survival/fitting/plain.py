"""One curve for every row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import Fitted
from sartor.rows import Scoring, Training
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, write_arrays
from sartor_plugins.survival.curves import answers, grid_of
from sartor_plugins.survival.estimating import kaplan_meier
from sartor_plugins.survival.fitting.truth import truth_of

FloatArray = NDArray[np.float64]
FILE = "curve.npz"


class OneCurve(Fitted):
    """A curve.

    Parameters
    ----------
    times, values : ndarray of shape (n_times,)
    """

    def __init__(self, times: FloatArray, values: FloatArray) -> None:
        self.times, self.values = times, values

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the curve for each row, and for all the same risk."""
        curves = np.broadcast_to(self.values, (len(scoring), len(self.values)))
        return answers(np.zeros(len(scoring)), self.times, curves)

    def learned(self) -> dict[str, Any]:
        """Return when half, and a quarter, have had the event, where the curve comes so far."""
        found: dict[str, Any] = {"survival_at_the_end": float(self.values[-1])}
        for share in (0.75, 0.5):
            reached = np.flatnonzero(self.values <= share)
            found[f"time_until_{100 * (1 - share):g}_percent"] = float(self.times[reached[0]]) if len(reached) else None
        return found

    def save(self, folder: Path) -> None:
        """Write the curve."""
        write_arrays(folder, FILE, times=self.times, values=self.values)

    @classmethod
    def load(cls, folder: Path) -> OneCurve:
        """Return what was saved."""
        found = read_arrays(folder, FILE)
        try:
            return cls(found["times"], found["values"])
        except KeyError as error:
            raise damaged(folder / FILE, f"no array {error}") from error


def fit_kaplan_meier(training: Training) -> OneCurve:
    """Estimate the curve of the training rows."""
    time, event, weight = truth_of(training)
    times = grid_of(time, event)
    return OneCurve(times, kaplan_meier(time, event, weight).at(times))
