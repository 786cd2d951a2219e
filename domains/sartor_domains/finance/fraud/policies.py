"""What is done without a model: nothing, and looking at cards with a payment above an amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.rows import ROW
from sartor_domains.finance.fraud.deciding import decision_column, queued
from sartor_domains.finance.fraud.looks import Looks, is_fraud

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Scoring, Training
    from sartor_domains.finance.alert_queue import AlertQueue

NO_SYSTEM, AMOUNT_RULE = "no system", "amount rule"
TRIED = 200
"""Amounts that are tried on the training rows."""


def policies(settings: AlertQueue, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
    """Return the decisions of no system, and of the amount rule that was best on the training rows."""
    least = best_amount(settings, training)
    looks = Looks.at(settings, scoring)
    nothing = np.zeros(len(scoring), dtype=np.int64)
    if least is None:
        context.note("amount rule: on the training rows looking at large amounts costs more than it saves")
        rule, about = nothing, "no look at all: on the training rows no amount is worth one"
    else:
        about = f"look at cards with a payment of {least:,.2f} or more, the largest first"
        context.note(f"amount rule: {about}")
        highest = looks.highest(looks.amount)
        rule = queued(looks, looks.chosen(settings, highest, highest >= least), looks.heads(looks.amount))
    by_rule = _decisions(scoring, rule)
    by_rule.attrs["about"] = about
    none = _decisions(scoring, nothing)
    none.attrs["about"] = "no look: every fraud is lost"
    return {NO_SYSTEM: none, AMOUNT_RULE: by_rule}


def best_amount(settings: AlertQueue, training: Training) -> float | None:
    """Return the amount from which on looks are worth most on the training rows; None where none is worth it."""
    looks = Looks.at(settings, training)
    if not looks.count:
        return None
    highest, came_to = looks.highest(looks.amount), looks.came_to(settings, is_fraud(training.y))
    place = looks.places(highest, np.ones(looks.count, dtype=bool))
    within = np.ones(looks.count, dtype=bool) if settings.alerts_a_day is None else place <= settings.alerts_a_day
    tried = np.unique(np.quantile(highest[within], np.linspace(0, 1, TRIED + 1)))
    worth: NDArray[np.float64] = np.array([came_to[within & (highest >= least)].sum() for least in tried])
    return float(tried[worth.argmax()]) if worth.max() > 0 else None


def _decisions(scoring: Scoring, queue: NDArray[np.int64]) -> pd.DataFrame:
    return pd.DataFrame({ROW: scoring.rows[ROW].to_numpy(), "decision": decision_column(queue)})
