"""Simple rules that orders are compared with, replayed on the same weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.wording import percent
from sartor_domains.retail.names import SPREAD, mean_name, sum_name
from sartor_domains.retail.supply.deciding import proposed, shares
from sartor_domains.retail.supply.facts import facts

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Scoring
    from sartor_domains.retail.order_proposal import OrderProposal

USUAL = 8
"""Over so many stretches the textbook's mean is taken."""
PAST = 0.9
"""Quantile of past sums that the third rule orders up to."""


def policies(settings: OrderProposal, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
    """Return the orders of simple rules for the same rows."""
    known = facts(settings, scoring, context)
    rows, cycles = scoring.rows, known.lead + 1
    mean = rows[mean_name(USUAL)].to_numpy(dtype=np.float64)
    levels = {
        "today's rule": settings.today.times * rows[mean_name(settings.today.mean_of)].to_numpy(dtype=np.float64),
        "textbook": cycles * mean + settings.z * np.sqrt(cycles) * rows[SPREAD].to_numpy(dtype=np.float64),
        f"{percent(PAST)} of past sums": rows[sum_name(PAST)].to_numpy(dtype=np.float64),
    }
    share = shares(settings, known)
    none = np.zeros(len(mean))
    return {
        name: proposed(settings, scoring, known, level, cycles * mean, share, none) for name, level in levels.items()
    }
