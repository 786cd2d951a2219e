"""What a plan costs, failures, services and life given up, and what it saves against letting all run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.rows import ROW
from sartor_domains.manufacturing.maintenance_plan import SERVICE, SUPERSEDED

if TYPE_CHECKING:
    from sartor.rows import Training
    from sartor_domains.manufacturing.maintenance_plan import MaintenancePlan

Floats = NDArray[np.float64]


def cost_of_service(settings: MaintenancePlan, left: Floats, after: Floats | float) -> Floats:
    """Return what it costs to service units after so many cycles.

    Parameters
    ----------
    settings : MaintenancePlan
    left : ndarray
        Cycles that each unit has left.
    after : ndarray or float
        Cycles from now; who has no more left has failed before.

    Examples
    --------
    >>> from sartor_domains.manufacturing.maintenance_plan import MaintenancePlan
    >>> plan = MaintenancePlan(failure_cost=100, service_cost=20, unused_cycle=2)
    >>> cost_of_service(plan, np.array([4.0, 5.0, 6.0, 15.0]), 5.0).tolist()
    [100.0, 100.0, 22.0, 40.0]
    """
    given_up = settings.service_cost + settings.unused_cycle * (left - after)
    return np.where(left <= after, settings.failure_cost, given_up)


def cost_of_running_on(settings: MaintenancePlan, left: Floats) -> Floats:
    """Return what it costs within the plan to leave units alone."""
    return np.where(left <= settings.horizon, settings.failure_cost, 0.0)


def costs(settings: MaintenancePlan, decisions: pd.DataFrame, left: Floats) -> Floats:
    """Return what each decision cost within its plan; a superseded reading costs nothing."""
    after = decisions["after"].to_numpy(dtype=np.float64)
    out = (decisions["decision"] == SERVICE).to_numpy()
    counts = (decisions["decision"] != SUPERSEDED).to_numpy()
    served = cost_of_service(settings, left, np.where(out, after, 0.0))
    return np.where(out, served, np.where(counts, cost_of_running_on(settings, left), 0.0))


def value(settings: MaintenancePlan, decisions: pd.DataFrame, outcome: Training) -> Floats:
    """Return what each decision saved against letting the unit run on; below 0 where it cost more."""
    if decisions[ROW].tolist() != outcome.rows[ROW].tolist():
        raise ValueError("decisions and outcomes are not the same rows in the same order")
    left = np.asarray(outcome.y, dtype=np.float64)
    alone = np.where((decisions["decision"] != SUPERSEDED).to_numpy(), cost_of_running_on(settings, left), 0.0)
    return np.asarray(alone - costs(settings, decisions, left))
