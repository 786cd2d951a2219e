"""Decides on each application by its chance of default, and says why it was declined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.errors import InputError
from sartor.rows import ROW
from sartor_domains.finance.credit_decision import ACCEPT, APPLICATIONS, DECLINE, REFER
from sartor_domains.finance.lending.reasons import reason_columns
from sartor_domains.finance.lending.worth import amount_column, amounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Scoring
    from sartor_domains.finance.credit_decision import CreditDecision

    Floats = NDArray[np.float64]


def decide(settings: CreditDecision, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
    """Return the decisions, a line for each application."""
    if len(scoring.classes) != 2:
        raise InputError(
            f"a credit decision is about good and bad, and the task tells {len(scoring.classes)} outcomes apart: "
            f"{', '.join(map(str, scoring.classes))}",
            code="D064",
            hints=(("to mend", "use: finance.default_risk, which sets aside what is neither"),),
        )
    probability = predictions["probability"].to_numpy(dtype=np.float64)
    amount = amounts(settings, scoring)
    name = amount_column(settings, scoring.rows, scoring.X)
    if len(scoring) and np.isnan(amount).all() and not context.piecewise:
        raise InputError(
            f"'{name}' is to be the amount of the loan, and is missing or not above 0 in all {len(scoring):,} rows",
            code="D067",
            hints=(("to mend", "name another column, amount: COLUMN, or say one for all, amount_per_loan: 1000"),),
        )
    made = decisions_of(settings.cut_offs, probability, amount)
    declined = made == DECLINE
    rate = (1 - probability) * settings.margin - probability * settings.loss_given_default
    contributions = None
    if context.explain is not None and declined.any():
        contributions = context.explain(scoring.take(declined))
    decisions = pd.DataFrame(
        {
            ROW: scoring.rows[ROW].to_numpy(),
            "decision": pd.Series(made, dtype="str"),
            "probability": probability,
            "amount": amount,
            "expected_value": rate * amount,
            **reason_columns(contributions, declined),
        }
    )
    # Other models are decided on for comparison only; what follows is about the one whose decisions are kept.
    if context.explain is not None:
        _tell(settings, decisions, name, context)
    return decisions


def decisions_of(cut_offs: tuple[float, float], probability: Floats, amount: Floats) -> NDArray[np.object_]:
    """Return accept, refer or decline for each application.

    Parameters
    ----------
    cut_offs : tuple of float
        Accept below the first, decline from the second on.
    probability : ndarray of shape (n_rows,)
        NaN is referred.
    amount : ndarray of shape (n_rows,)
        NaN is referred.

    Examples
    --------
    >>> decisions_of((0.1, 0.2), np.array([0.05, 0.1, 0.2, np.nan, 0.05]), np.array([1.0, 1.0, 1.0, 1.0, np.nan]))
    array(['accept', 'refer', 'decline', 'refer', 'refer'], dtype=object)
    """
    low, high = cut_offs
    made = np.full(len(probability), REFER, dtype=object)
    made[probability < low] = ACCEPT
    made[probability >= high] = DECLINE
    made[np.isnan(amount)] = REFER
    return made


def _tell(settings: CreditDecision, decisions: pd.DataFrame, name: str | None, context: Context) -> None:
    low, high = settings.cut_offs
    between = f", refer up to {_percent(high)}" if high > low else ""
    context.note(
        f"accept below a chance of default of {_percent(max(low, 0))}{between}; "
        f"break-even is {_percent(settings.break_even)}"
    )
    if settings.amount is None and name is not None:
        context.note(f"the amount of the loan is taken from '{name}'")
    if context.piecewise:
        return
    without = int(decisions["amount"].isna().sum())
    if without:
        has, them, count = ("has", "it", "it counts") if without == 1 else ("have", "them", "they count")
        context.note(
            f"{without:,} of {len(decisions):,} {settings.noun or APPLICATIONS} {has} no '{name}' above 0: "
            f"a person has to look at {them}, and {count} as nothing",
            caution=True,
        )
    if len(decisions) and not (decisions["decision"] == ACCEPT).any():
        why = f"no chance of default lies below {_percent(low)}"
        if low <= 0:
            why = "the band around break-even reaches down to 0"
        context.note(f"nobody is accepted: {why}", caution=True)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
