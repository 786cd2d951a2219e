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
from sartor.wording import plural
from sartor_plugins.forecast.fitting.spread import demand_of
from sartor_plugins.forecast.names import NUMBER

FARTHEST = 1.5
"""A level is never corrected by more than this factor."""
FEWEST = 50
"""Rows that a correction needs on either side."""


@dataclass(frozen=True)
class Level:
    """A factor that answers are multiplied by.

    Parameters
    ----------
    factor : float
    seen : tuple of float
        Demand over what was said, in each stretch of later training rows.
    """

    factor: float = 1.0
    seen: tuple[float, ...] = ()

    def told(self) -> str:
        """Say what was corrected.

        Examples
        --------
        >>> Level(0.9, (0.88, 0.91, 0.92)).told()
        'forecasts are lowered by 10.0 %: in the last 3 stretches of training demand was 0.88, 0.91, 0.92 of them'
        """
        if not self.seen:
            return "the level of forecasts stands as it was learned: training is too short to look back on it"
        moved = abs(self.factor - 1)
        change = f"{'raised' if self.factor > 1 else 'lowered'} by {moved:.1%}".replace("%", " %")
        seen = ", ".join(f"{ratio:.2f}" for ratio in self.seen)
        return (
            f"forecasts are {change if moved >= 0.0005 else 'left as they are'}: in the last "
            f"{plural(len(self.seen), 'stretch', 'stretches')} of training demand was {seen} of them"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it in JSON types."""
        return {"factor": self.factor, "seen": list(self.seen)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Level:
        """Return what was written."""
        return cls(float(saved["factor"]), tuple(float(ratio) for ratio in saved["seen"]))


def level_of(stretches: int, training: Training, fit: Callable[[Training], Fitted]) -> Level:
    """Learn the level: fit on what was known early on, and see how later demand lay to the answers.

    Later training rows are parted into stretches as long as the answers look ahead. The mean of the stretches counts as
    far as they agree: a level that was too high in one and too low in the next is left alone.

    Parameters
    ----------
    stretches : int
        How many are held back; 0 for none.
    training : Training
    fit : callable
    """
    parts = late_parts(training.rows, stretches)
    if parts is None or parts[0].sum() < FEWEST:
        return Level()
    early, late = parts
    fitted, ratios = fit(training.take(early)), []
    for place in range(int(late.max()) + 1):
        rows = training.take(np.flatnonzero(late == place))
        said = float(fitted.predict(rows.without_truth())[NUMBER].sum()) if len(rows) >= FEWEST else 0.0
        demand = float(demand_of(rows).sum())
        if said > 0 and demand > 0:
            ratios.append(demand / said)
    return Level(agreed(ratios), tuple(ratios))


def agreed(ratios: Sequence[float]) -> float:
    """Return the factor that several stretches ask for, nearer to 1 the less they agree.

    Examples
    --------
    >>> round(agreed([0.9, 0.9, 0.9]), 3), round(agreed([0.8, 1.2, 1.0]), 3), agreed([0.7])
    (0.9, 1.0, 1.0)
    """
    if len(ratios) < 2:
        return 1.0
    logs = np.log(np.asarray(ratios))
    mean, error = float(logs.mean()), float(logs.var(ddof=1)) / len(logs)
    kept = max(0.0, 1 - error / mean**2) if mean else 0.0
    return float(np.clip(np.exp(kept * mean), 1 / FARTHEST, FARTHEST))


def late_parts(rows: pd.DataFrame, stretches: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]] | None:
    """Return which rows were known early on, and of later ones the stretch, -1 for others; None without room."""
    if not stretches or AS_OF not in rows or KNOWN_AT not in rows or not len(rows):
        return None
    asked, known = rows[AS_OF], rows[KNOWN_AT]
    end, longest = known.max(), (known - asked).max()
    room = int((end - asked.min()) / (2 * longest)) if longest > pd.Timedelta(0) else 0
    if room < 1:
        return None
    count = min(stretches, room)
    cut = end - count * longest
    whole = (asked >= cut) & (asked + longest <= end + longest / 10)
    place = ((asked - cut) / longest).to_numpy(dtype=np.float64)
    late = np.where(whole, np.clip(np.floor(place + 1e-9), 0, count - 1), -1).astype(np.int64)
    early = (known <= cut).to_numpy()
    return (early, late) if early.any() and (late >= 0).any() else None
