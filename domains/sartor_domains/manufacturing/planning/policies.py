"""Policies that look at no sensor: run to failure, and a fixed interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.rows import GROUP
from sartor_domains.manufacturing.lives.ages import lives_of
from sartor_domains.manufacturing.planning.crew import NONE, queued
from sartor_domains.manufacturing.planning.deciding import decided, plans_of
from sartor_domains.manufacturing.units import AGE

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Scoring, Training
    from sartor_domains.manufacturing.maintenance_plan import MaintenancePlan

Floats = NDArray[np.float64]

FEWEST_ALIVE = 0.1
"""Share of units that reach an age which can be an interval."""


def policies(
    settings: MaintenancePlan, training: Training, scoring: Scoring, context: Context
) -> dict[str, pd.DataFrame]:
    """Return the decisions of running to failure and, where rows tell their age, of a fixed interval."""
    nobody = np.full(len(scoring), NONE, dtype=np.int64)
    made = {"run to failure": decided(settings, nobody, scoring)}
    if AGE in scoring.rows and AGE in training.rows and GROUP in training.rows:
        interval = best_interval(settings, lives_of(training))
        if interval is None:
            context.note("fixed interval: no age is worth it, units of training had better run to failure")
        else:
            context.note(f"fixed interval: service after {interval:g} cycles, the best age for the units of training")
        fixed = _fixed(settings, interval, scoring)
        fixed.attrs["about"] = "run to failure" if interval is None else f"service after {interval:g} cycles"
        made["fixed interval"] = fixed
    return made


def best_interval(settings: MaintenancePlan, lives: Floats) -> float | None:
    """Return the age at which servicing every unit costs the least a cycle; None where letting all fail costs less.

    What a service costs is spent over the cycles that were run, so life given up shows by itself. An age that fewer
    than one in ten units reach is no policy but the record of those few.

    Examples
    --------
    >>> from sartor_domains.manufacturing.maintenance_plan import MaintenancePlan
    >>> plan = MaintenancePlan(failure_cost=100, service_cost=20)
    >>> best_interval(plan, np.array([100.0, 110.0, 120.0, 130.0]))
    99.0
    >>> best_interval(plan, np.array([2.0**n for n in range(20)])) is None
    True
    """
    # The best age lies just before some unit's end: waiting from one end to the next costs nothing more.
    ages = np.unique(lives) - 1
    alive = (lives > ages[:, None]).mean(axis=1)
    ages = ages[(ages > 0) & (alive >= FEWEST_ALIVE)]
    if not len(ages):
        return None
    run = np.minimum(lives, ages[:, None]).mean(axis=1)
    failed = (lives <= ages[:, None]).mean(axis=1)
    rate = (failed * settings.failure_cost + (1 - failed) * settings.service_cost) / run
    best = int(rate.argmin())
    return float(ages[best]) if rate[best] < settings.failure_cost / lives.mean() else None


def _fixed(settings: MaintenancePlan, interval: float | None, scoring: Scoring) -> pd.DataFrame:
    slots = np.full(len(scoring), NONE, dtype=np.int64)
    if interval is not None:
        age = scoring.rows[AGE].to_numpy(dtype=np.float64)
        due = np.maximum(interval - age, 0.0)
        wanted: NDArray[np.int64] = np.where(due < settings.horizon, due // settings.slot, NONE).astype(np.int64)
        for places in plans_of(scoring):
            slots[places] = queued(wanted[places], age[places], len(settings.starts), settings.crew)
    return decided(settings, slots, scoring)
