"""Answers from ages alone, and how long the units of some rows lived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import NUMBER, Fitted
from sartor.rows import GROUP
from sartor_domains.manufacturing.units import AGE

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.rows import Scoring, Training

Floats = NDArray[np.float64]


def lives_of(training: Training) -> Floats:
    """Return how long each unit of some rows lived, in the order of the units' first rows.

    Examples
    --------
    >>> from sartor.testing import make_training
    >>> from dataclasses import replace
    >>> training = make_training(pd.DataFrame({"x": [0.0, 0.0, 0.0]}), [9.0, 8.0, 5.0], answers="number")
    >>> rows = training.rows.assign(__group=["a", "a", "b"], cycles_run=[1.0, 2.0, 4.0])
    >>> lives_of(replace(training, rows=rows)).tolist()
    [10.0, 9.0]
    """
    lived = pd.Series(training.rows[AGE].to_numpy(dtype=np.float64) + training.y)
    by_unit = lived.groupby(training.rows[GROUP].to_numpy(), sort=False)
    return np.asarray(by_unit.max().to_numpy(dtype=np.float64))


class _ByAge(Fitted):
    def __init__(self, lives: Floats, cap: float | None) -> None:
        self.lives, self.cap = np.sort(lives), cap

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the mean of what is left to units that lived longer than a row's age; 0 where none did."""
        age = scoring.rows[AGE].to_numpy(dtype=np.float64)
        place = np.searchsorted(self.lives, age, side="right")
        # Sums from the longest life down: of those that lived longer, how many and for how long in all.
        sums = np.concatenate([np.cumsum(self.lives[::-1])[::-1], [0.0]])
        count = len(self.lives) - place
        left = np.where(count > 0, sums[place] / np.maximum(count, 1) - age, 0.0)
        return pd.DataFrame({NUMBER: _held(left, self.cap)})

    def save(self, folder: Path) -> None:
        """Write the lives."""
        np.savez_compressed(folder / "lives.npz", lives=self.lives, allow_pickle=False)


class _Same(Fitted):
    def __init__(self, value: float) -> None:
        self.value = value

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the one value."""
        return pd.DataFrame({NUMBER: np.full(len(scoring), self.value)})

    def save(self, folder: Path) -> None:
        """Write the value."""
        np.savez_compressed(folder / "value.npz", value=np.array([self.value]), allow_pickle=False)


def fit_mean(cap: float | None, training: Training) -> Fitted:
    """Fit `MeanLeft`."""
    return _Same(float(np.average(_held(np.asarray(training.y), cap), weights=training.weight)))


def fit_age_only(cap: float | None, training: Training) -> Fitted:
    """Fit `AgeOnly`."""
    return _ByAge(lives_of(training), cap)


def _held(values: Floats, cap: float | None) -> Floats:
    return np.asarray(values if cap is None else np.minimum(values, cap))
