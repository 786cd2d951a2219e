"""Decides which cards are looked at, and says by which facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.errors import InputError
from sartor.rows import ROW
from sartor.wording import form, plural
from sartor_domains.finance.alert_queue import ALERT, PASS
from sartor_domains.finance.fraud.chances import check_chances
from sartor_domains.finance.fraud.facts import facts_of
from sartor_domains.finance.fraud.looks import Looks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Scoring
    from sartor_domains.finance.alert_queue import AlertQueue


def decide(settings: AlertQueue, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
    """Return the queue, a line for each payment."""
    if len(scoring.classes) != 2:
        raise InputError(
            f"an alert is about fraud or none, and the task tells {len(scoring.classes)} outcomes apart: "
            f"{', '.join(map(str, scoring.classes))}",
            code="D064",
            hints=(("to mend", "use: finance.card_fraud"),),
        )
    probability = predictions["probability"].to_numpy(dtype=np.float64)
    check_chances(settings, probability, context)
    looks = Looks.at(settings, scoring)
    expected = looks.expected(settings, probability)
    rank = expected if settings.rank_by == "value" else looks.highest(probability)
    queue = queued(looks, looks.chosen(settings, rank, expected > 0), looks.heads(probability))
    decisions = pd.DataFrame(
        {
            ROW: scoring.rows[ROW].to_numpy(),
            "decision": decision_column(queue),
            "probability": probability,
            "amount": looks.amount,
            "expected_value": expected[looks.of],
            "place": pd.Series(np.where(queue > 0, queue, np.nan)),
            "payments": looks.total(np.ones(len(looks.of)))[looks.of].astype(np.int64),
            **facts_of(settings, scoring, queue > 0, context),
        }
    )
    if context.explain is not None:
        _tell(settings, decisions, looks, context)
    return decisions


def queued(looks: Looks, place: NDArray[np.int64], heads: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place in the queue on the payment that heads a look, 0 on all others."""
    queue = np.zeros(len(looks.of), dtype=np.int64)
    queue[heads] = place
    return queue


def decision_column(queue: NDArray[np.int64]) -> pd.Series[str]:
    """Return alert or pass for each payment."""
    return pd.Series(np.where(queue > 0, ALERT, PASS), dtype="str")


def _tell(settings: AlertQueue, decisions: pd.DataFrame, looks: Looks, context: Context) -> None:
    """Say what a reader of the queue should know; other models are decided on for comparison only."""
    without = int((looks.amount == 0).sum())
    if without and not context.piecewise:
        context.note(
            f"{plural(without, 'payment')} {form(without, 'has', 'have')} no '{settings.amount}' above 0 and "
            f"{form(without, 'is', 'are')} worth no look by "
            f"{form(without, 'itself', 'themselves')}"
        )
    alerts = int((decisions["decision"] == ALERT).sum())
    if not alerts:
        context.note(
            f"no alert is raised: no look is expected to save more than it costs, {settings.review_cost:g} and "
            f"{settings.friction_cost:g} for a holder without fraud",
            caution=True,
        )
