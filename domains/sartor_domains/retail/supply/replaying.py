"""What orders were worth, given what was really asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.rows import AS_OF
from sartor_domains.retail.names import NEXT
from sartor_domains.retail.supply.facts import YEAR

if TYPE_CHECKING:
    from sartor.rows import Training
    from sartor_domains.retail.order_proposal import OrderProposal

Floats = NDArray[np.float64]
LEAST_MARGIN = 0.01
"""A lost unit costs at least this."""


@dataclass(frozen=True, eq=False)
class Replayed:
    """What came of orders, a line each.

    Parameters
    ----------
    demand, lost, stock : ndarray of shape (n_rows,)
        Units asked for until the next review; of them not on the shelf; mean of the stock after arrivals and at the
        end.
    holding, margin, orders : ndarray of shape (n_rows,)
        Cost of holding, margin lost, cost of the order line.
    """

    demand: Floats
    lost: Floats
    stock: Floats
    holding: Floats
    margin: Floats
    orders: Floats

    @property
    def cost(self) -> Floats:
        """All of it."""
        return self.holding + self.margin + self.orders

    @property
    def fill(self) -> float:
        """Share of units asked for that were there."""
        total = float(self.demand.sum())
        return 1 - float(self.lost.sum()) / total if total else 1.0


def replayed(settings: OrderProposal, decisions: pd.DataFrame, outcome: Training) -> Replayed:
    """Return what came of orders."""
    demand = np.nan_to_num(outcome.y[NEXT].to_numpy(dtype=np.float64))
    shelf = (decisions["on_hand"] + decisions["arriving"]).to_numpy(dtype=np.float64)
    left = np.maximum(shelf - demand, 0.0)
    lost = np.maximum(demand - shelf, 0.0)
    stock = (shelf + left) / 2
    cost, price = (decisions[name].to_numpy(dtype=np.float64) for name in ("unit_cost", "price"))
    days = days_between(outcome.rows)
    return Replayed(
        demand,
        lost,
        stock,
        stock * cost * settings.holding_rate * days / YEAR,
        lost * np.maximum(price - cost, LEAST_MARGIN),
        settings.order_cost * (decisions["order"].to_numpy() > 0),
    )


def days_between(rows: pd.DataFrame) -> float:
    """Return the days between two reviews, a week where there is only one."""
    moments = np.unique(rows[AS_OF].to_numpy())
    if len(moments) < 2:
        return 7.0
    return float(np.diff(moments).astype("timedelta64[s]").astype(np.float64).mean() / 86_400)


def value(settings: OrderProposal, decisions: pd.DataFrame, outcome: Training) -> Floats:
    """Return what each line was worth: what it cost, below 0."""
    return -replayed(settings, decisions, outcome).cost
