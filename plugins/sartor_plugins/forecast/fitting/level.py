"""The level of forecasts, corrected on the last moments of training, which the trees had not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import Fitted
from sartor.rows import AS_OF, KNOWN_AT, Training
from sartor.wording import percent, plural
from sartor_plugins.forecast.fitting.spread import demand_of
from sartor_plugins.forecast.names import NUMBER

FARTHEST = 1.3
"""A level is never corrected by more than this factor."""
AGREEING = 3
"""Stretches that must be seen before anything is corrected."""
FEWEST = 50
"""Rows that a correction needs on either side."""
KEPT = 0.5
"""Share of a correction that is left one stretch later: stretches side by side are of one season, and answers of the
next may be off by something else."""


@dataclass(frozen=True)
class Level:
    """A factor that answers are multiplied by, the less the longer after training they are asked.

    Parameters
    ----------
    factor : float
        At the end of training.
    seen : tuple of float
        Demand over what was said, in each stretch of later training rows.
    until : Timestamp or None
        The end of training.
    stretch : Timedelta or None
        How long a stretch is; without it the factor stays.
    """

    factor: float = 1.0
    seen: tuple[float, ...] = ()
    until: pd.Timestamp | None = None
    stretch: pd.Timedelta | None = None

    def factors(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """Return the factor of each row, by the moment at which it is asked.

        Examples
        --------
        >>> level = Level(0.81, (0.8,), pd.Timestamp(2024, 3, 4), pd.Timedelta(days=21))
        >>> rows = pd.DataFrame({AS_OF: pd.to_datetime(["2024-03-04", "2024-03-25", "2026-03-04"])})
        >>> level.factors(rows).round(3).tolist()
        [0.81, 0.9, 1.0]
        """
        if self.until is None or self.stretch is None or AS_OF not in rows:
            return np.full(len(rows), self.factor)
        later = np.maximum(((rows[AS_OF] - self.until) / self.stretch).to_numpy(dtype=np.float64), 0.0)
        return np.asarray(self.factor ** (KEPT**later))

    def told(self) -> str:
        """Say what was corrected.

        Examples
        --------
        >>> Level(0.9, (0.88, 0.91, 0.92)).told()
        'forecasts are lowered by 10.0 %: in the last 3 stretches of training demand was 0.88, 0.91, 0.92 of them'
        >>> Level(0.9, (0.88, 0.91, 0.92), pd.Timestamp(2024, 3, 4), pd.Timedelta(days=21)).told()[-49:]
        'of them; 21 days later by half as much, and so on'
        """
        if not self.seen:
            return "the level of forecasts stands as it was learned: training is too short to look back on it"
        moved = abs(self.factor - 1)
        change = f"{'raised' if self.factor > 1 else 'lowered'} by {percent(moved, 1)}"
        seen = ", ".join(f"{ratio:.2f}" for ratio in self.seen)
        days = 0 if self.stretch is None or moved < 0.0005 else max(round(self.stretch / pd.Timedelta(days=1)), 1)
        fades = f"; {plural(days, 'day')} later by half as much, and so on" if days else ""
        return (
            f"forecasts are {change if moved >= 0.0005 else 'left as they are'}: in the last "
            f"{plural(len(self.seen), 'stretch', 'stretches')} of training demand was {seen} of them{fades}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it in JSON types."""
        fades = (
            {"until": self.until.isoformat(), "stretch_seconds": self.stretch.total_seconds()}
            if self.until is not None and self.stretch is not None
            else {}
        )
        return {"factor": self.factor, "seen": list(self.seen), **fades}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Level:
        """Return what was written."""
        until, seconds = saved.get("until"), saved.get("stretch_seconds")
        return cls(
            float(saved["factor"]),
            tuple(float(ratio) for ratio in saved["seen"]),
            None if until is None else pd.Timestamp(until),
            None if seconds is None else pd.Timedelta(seconds=seconds),
        )


def level_of(stretches: int, training: Training, fit: Callable[[Training], Fitted]) -> Level:
    """Learn the level: fit on what was known before each of the last stretches, and see how demand lay to the answers.

    Stretches are as long as the answers look ahead. The mean of the stretches counts as far as they agree: a level that
    was too high in one and too low in the next is left alone. What they ask for halves with each stretch that passes.

    Parameters
    ----------
    stretches : int
        How many are looked back on; 0 for none.
    training : Training
    fit : callable
    """
    ratios = []
    for early, late in stretches_of(training.rows, stretches):
        if min(early.sum(), late.sum()) < FEWEST:
            continue
        held = training.take(late)
        said = float(fit(training.take(early)).predict(held.without_truth())[NUMBER].sum())
        demand = float(demand_of(held).sum())
        if said > 0 and demand > 0:
            ratios.append(demand / said)
    if not ratios:
        return Level()
    known = training.rows[KNOWN_AT]
    return Level(agreed(ratios), tuple(ratios), known.max(), (known - training.rows[AS_OF]).max())


def agreed(ratios: Sequence[float]) -> float:
    """Return the factor that several stretches ask for, nearer to 1 the less they agree.

    Examples
    --------
    >>> round(agreed([0.9, 0.9, 0.9]), 3), round(agreed([0.8, 1.2, 1.0]), 3), agreed([0.7, 0.7])
    (0.9, 1.0, 1.0)
    """
    if len(ratios) < AGREEING:
        return 1.0
    logs = np.log(np.asarray(ratios))
    mean, error = float(logs.mean()), float(logs.var(ddof=1)) / len(logs)
    kept = max(0.0, 1 - error / mean**2) if mean else 0.0
    return float(np.clip(np.exp(kept * mean), 1 / FARTHEST, FARTHEST))


def stretches_of(rows: pd.DataFrame, count: int) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Return for each of the last stretches which rows were known before it, and which are asked in it.

    At least half of the time stays before the first of them, so that there may be fewer than were asked for.
    """
    if not count or AS_OF not in rows or KNOWN_AT not in rows or not len(rows):
        return []
    asked, known = rows[AS_OF], rows[KNOWN_AT]
    last, longest = asked.max(), (known - asked).max()
    if longest <= pd.Timedelta(0):
        return []
    found = []
    for place in range(min(count, int((last - asked.min()) / (2 * longest))), 0, -1):
        late = ((asked > last - place * longest) & (asked <= last - (place - 1) * longest)).to_numpy()
        if late.any():
            found.append(((known <= asked[late].min()).to_numpy(), late))
    return [(early, late) for early, late in found if early.any()]
