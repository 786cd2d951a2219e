"""Decides which unit is serviced when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import NUMBER
from sartor.rows import AS_OF, GROUP, ROW
from sartor_domains.manufacturing.maintenance_plan import RUN_ON, SERVICE, SUPERSEDED
from sartor_domains.manufacturing.planning.crew import NONE, assigned
from sartor_domains.manufacturing.planning.lifetimes import likely_lives
from sartor_domains.manufacturing.planning.worth import cost_of_running_on, cost_of_service
from sartor_domains.manufacturing.units import AGE, PLAN

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Scoring
    from sartor_domains.manufacturing.maintenance_plan import MaintenancePlan

Floats = NDArray[np.float64]

REASONS = 2
"""Factors that a decision names at most."""


def decide(settings: MaintenancePlan, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
    """Return the plan, a line for each row."""
    lives = likely_lives(predictions)
    gain = gains(settings, lives)
    slots = planned(settings, gain, scoring)
    decisions = decided(settings, slots, scoring)
    saves = np.where(slots == NONE, 0.0, gain[np.arange(len(gain)), np.maximum(slots, 0)])
    nothing = pd.Series(np.nan, index=predictions.index)
    return decisions.assign(
        life_left=predictions[NUMBER].to_numpy(dtype=np.float64),
        low=predictions.get("low", nothing).to_numpy(dtype=np.float64),
        high=predictions.get("high", nothing).to_numpy(dtype=np.float64),
        fails_within=(lives <= settings.horizon).mean(axis=1),
        saves=saves,
        reasons=_reasons(slots, scoring, context),
    )


def gains(settings: MaintenancePlan, lives: Floats) -> Floats:
    """Return what is saved on average where each unit is serviced at the beginning of each slot.

    Parameters
    ----------
    settings : MaintenancePlan
    lives : ndarray of shape (n_units, n_lives)
        Equally likely lives left.

    Returns
    -------
    ndarray of shape (n_units, n_slots)
    """
    alone = cost_of_running_on(settings, lives).mean(axis=1)
    return np.column_stack([alone - cost_of_service(settings, lives, after).mean(axis=1) for after in settings.starts])


def plans_of(scoring: Scoring) -> Iterator[NDArray[np.int64]]:
    """Yield the places of the rows of each plan: those asked at one moment, each unit once."""
    own = met(scoring)
    if PLAN in scoring.rows:
        codes, _ = pd.factorize(scoring.rows[PLAN].fillna(0.0), sort=True)
    elif AS_OF in scoring.rows:
        codes, _ = pd.factorize(scoring.rows[AS_OF])
    else:
        yield np.flatnonzero(own)
        return
    for code in range(codes.max() + 1 if len(codes) else 0):
        yield np.flatnonzero((codes == code) & own)


def planned(settings: MaintenancePlan, gain: Floats, scoring: Scoring) -> NDArray[np.int64]:
    """Return the slot of each row, each plan with a crew of its own."""
    slots = np.full(len(gain), NONE, dtype=np.int64)
    for places in plans_of(scoring):
        slots[places] = assigned(gain[places], settings.crew)
    return slots


def met(scoring: Scoring) -> NDArray[np.bool_]:
    """Tell which rows plans count: those at which one meets the unit, else the latest of the unit."""
    own = latest(scoring)
    if PLAN not in scoring.rows or GROUP not in scoring.rows:
        return own
    there = scoring.rows[PLAN].notna()
    return np.where(there.groupby(scoring.rows[GROUP]).transform("any"), there, own).astype(bool)


def latest(scoring: Scoring) -> NDArray[np.bool_]:
    """Tell which rows are the latest of their unit in their plan; all are where rows do not tell unit and age."""
    rows = scoring.rows
    if GROUP not in rows or AGE not in rows:
        return np.ones(len(rows), dtype=bool)
    by = [rows[GROUP], *([rows[AS_OF]] if AS_OF in rows else [])]
    return np.asarray(rows[AGE] == rows.groupby(by, dropna=False)[AGE].transform("max"))


def decided(settings: MaintenancePlan, slots: NDArray[np.int64], scoring: Scoring) -> pd.DataFrame:
    """Return decisions: who is serviced, and after how many cycles."""
    out = slots != NONE
    rows = scoring.rows
    unit = rows[GROUP] if GROUP in rows else rows[ROW]
    age = rows[AGE].to_numpy(dtype=np.float64) if AGE in rows else np.full(len(rows), np.nan)
    return pd.DataFrame(
        {
            ROW: rows[ROW].to_numpy(),
            "unit": unit.to_numpy(),
            AGE: age,
            "decision": pd.Series(np.where(out, SERVICE, np.where(met(scoring), RUN_ON, SUPERSEDED)), dtype="str"),
            "after": np.where(out, np.array(settings.starts, dtype=np.float64)[np.maximum(slots, 0)], np.nan),
            "by": _days(settings, slots, rows),
        }
    )


def _days(settings: MaintenancePlan, slots: NDArray[np.int64], rows: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """Return the moment of each service, where rows have a moment and cycles a length."""
    days: list[Any] = [pd.NaT] * len(slots)
    if settings.cycle is not None and AS_OF in rows:
        for place in np.flatnonzero(slots != NONE):
            moment = pd.Timestamp(rows[AS_OF].iloc[place]).to_pydatetime()
            days[place] = settings.cycle.to_offset(moment, times=settings.starts[slots[place]])
    return pd.Series(days, dtype="datetime64[us]")


def _reasons(slots: NDArray[np.int64], scoring: Scoring, context: Context) -> pd.Series[str]:
    """Return, for units that are serviced, what the model counts most against them."""
    told = pd.Series([None] * len(slots), dtype="str")
    out = np.flatnonzero(slots != NONE)
    found = context.explain(scoring.take(out)) if context.explain is not None and len(out) else None
    if found is None:
        if len(out) and context.explain is not None:
            context.note("the model does not explain itself: services are planned without a word of reasons")
        return told
    against = found.to_numpy(dtype=np.float64)
    names = np.array(found.columns, dtype=object)
    for place, line in zip(out, against, strict=True):
        worst = [number for number in np.argsort(line, kind="stable")[:REASONS] if line[number] < 0]
        text = "; ".join(f"{names[number]}: {_cycles(line[number])}" for number in worst)
        told.iloc[place] = text or None
    return told


def _cycles(value: float) -> str:
    return f"{-value:.0f} cycles less" if round(-value) != 1 else "1 cycle less"
