"""Policies that need no model, to see what a model is worth beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.rows import ROW
from sartor_domains.finance.credit_decision import ACCEPT, DECLINE
from sartor_domains.finance.lending.population import standing_for
from sartor_domains.finance.lending.present import NAME, present_decisions
from sartor_domains.finance.lending.rule import best_rule
from sartor_domains.finance.lending.worth import if_accepted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Scoring, Training
    from sartor_domains.finance.credit_decision import CreditDecision


def policies(
    settings: CreditDecision, training: Training, scoring: Scoring, context: Context
) -> dict[str, pd.DataFrame]:
    """Return the decisions of accepting everyone, of declining everyone, of a one-line rule, and the present ones.

    The rule is the best one on training rows only; where no characteristic beats treating everyone alike, it does so.
    """
    stands = standing_for(settings.bad_rate_of_population, training.y)
    rule = best_rule(training.X, _weighted(if_accepted(settings, training) * stands, training))
    if rule.column is None:
        context.note(f"one-line rule: no single characteristic beats this: accept {rule.accepts}")
    else:
        context.note(f"one-line rule: accept {rule.accepts}; decline the rest")
    everyone = np.ones(len(scoring), dtype=bool)
    of_rule = _decisions(scoring, rule.accepted(scoring.X))
    of_rule.attrs["about"] = f"accept {rule.accepts}"
    present = settings.present_policy
    return {
        **({NAME: present_decisions(present, scoring, context)} if present is not None else {}),
        "accept everyone": _decisions(scoring, everyone),
        "decline everyone": _decisions(scoring, ~everyone),
        "one-line rule": of_rule,
    }


def _weighted(worth: NDArray[np.float64], training: Training) -> NDArray[np.float64]:
    return worth if training.weight is None else worth * training.weight


def _decisions(scoring: Scoring, accepted: NDArray[np.bool_]) -> pd.DataFrame:
    made = pd.Series(np.where(accepted, ACCEPT, DECLINE), dtype="str")
    return pd.DataFrame({ROW: scoring.rows[ROW].to_numpy(), "decision": made})
