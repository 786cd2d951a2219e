"""Decides on each application by its chance of default, and says why it was declined."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.components import STATUS
from sartor.errors import InputError
from sartor.rows import ROW
from sartor.wording import form, plural, singular
from sartor_domains.finance.credit_decision import ACCEPT, DECLINE, REFER
from sartor_domains.finance.lending.catalogue import check_named
from sartor_domains.finance.lending.population import in_population, share_of_bad
from sartor_domains.finance.lending.reasons import NO_EXPLANATION, NO_FACTOR, Reasons, reason_columns, reasons_for
from sartor_domains.finance.lending.worth import amount_column, amounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Scoring
    from sartor_domains.finance.credit_decision import CreditDecision

    Floats = NDArray[np.float64]


def decide(settings: CreditDecision, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
    """Return the decisions, a line for each application."""
    _check(settings, scoring, context)
    probability = predictions["probability"].to_numpy(dtype=np.float64)
    if settings.bad_rate_of_population is not None:
        learned_from = share_of_bad(context.class_shares)
        probability = in_population(probability, learned_from, settings.bad_rate_of_population)
    status = predictions.get(STATUS)
    amount = amounts(settings, scoring)
    name = amount_column(settings, scoring.rows, scoring.X)
    if not context.piecewise:
        _check_amounts(amount, name)
    made = decisions_of(settings.cut_offs, probability, amount)
    if status is not None:
        made[status.notna().to_numpy()] = REFER
    declined = made == DECLINE
    rate = (1 - probability) * settings.margin - probability * settings.loss_given_default
    reasons = _reasons(settings, scoring, declined, context)
    if reasons is not None:
        # No notice could say why: a person has to look.
        made[np.flatnonzero(declined)[[not texts for texts in reasons.texts]]] = REFER
    decisions = pd.DataFrame(
        {
            ROW: scoring.rows[ROW].to_numpy(),
            "decision": pd.Series(made, dtype="str"),
            "probability": probability,
            "amount": amount,
            "expected_value": rate * amount,
            **reason_columns(reasons, declined, status),
        }
    )
    # Other models are decided on for comparison only; what follows is about the one whose decisions are kept.
    if context.explain is not None:
        noun = settings.called(scoring.rows)
        _tell(settings, decisions, name, noun, context)
        if not context.piecewise:
            _tell_reasons(noun, decisions, reasons, context)
    return decisions


def _check(settings: CreditDecision, scoring: Scoring, context: Context) -> None:
    """Refuse a task that is not about good and bad, and reasons that name what is not there."""
    if len(scoring.classes) != 2:
        raise InputError(
            f"a credit decision is about good and bad, and the task tells {len(scoring.classes)} outcomes apart: "
            f"{', '.join(map(str, scoring.classes))}",
            code="D064",
            hints=(("to mend", "use: finance.default_risk, which sets aside what is neither"),),
        )
    if not context.piecewise:
        # New data need not have columns that no model learned from; the run has looked at all names.
        columns = [*map(str, scoring.rows.columns), *map(str, scoring.X.columns)]
        check_named(settings.reasons, columns, "reasons")
        check_named(settings.not_reasons, columns, "not_reasons")


def _check_amounts(amount: Floats, name: str | None) -> None:
    """Refuse amounts of which not one is known."""
    if len(amount) and np.isnan(amount).all():
        raise InputError(
            f"'{name}' is to be the amount of the loan, and is missing or not above 0 in all {len(amount):,} rows",
            code="D067",
            hints=(("to mend", "name another column, amount: COLUMN, or say one for all, amount_per_loan: 1000"),),
        )


def _reasons(
    settings: CreditDecision, scoring: Scoring, declined: NDArray[np.bool_], context: Context
) -> Reasons | None:
    """Return why each declined application is declined; None where the model, or the caller, explains nothing.

    Models that are decided on for comparison are not explained: their declines without a reason stay declines. What
    that changes in money is `refer_cost` for each of them.
    """
    if context.explain is None or not declined.any():
        return None
    contributions = context.explain(scoring.take(declined))
    if contributions is None:
        return None
    return reasons_for(contributions, settings.reasons, settings.not_reasons)


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


def _tell(settings: CreditDecision, decisions: pd.DataFrame, name: str | None, noun: str, context: Context) -> None:
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
            f"{without:,} of {plural(len(decisions), singular(noun), noun)} {has} no '{name}' above 0: "
            f"a person has to look at {them}, and {count} as nothing",
            caution=True,
        )
    if len(decisions) and not (decisions["decision"] == ACCEPT).any():
        why = f"no chance of default lies below {_percent(low)}"
        if low <= 0:
            why = "the band around break-even reaches down to 0"
        context.note(f"nobody is accepted: {why}", caution=True)


def _tell_reasons(noun: str, decisions: pd.DataFrame, reasons: Reasons | None, context: Context) -> None:
    source = decisions["reasons_from"]
    unexplained = int((source == NO_EXPLANATION).sum())
    if unexplained:
        context.note(
            f"the model does not explain itself: {unexplained:,} of {plural(len(decisions), singular(noun), noun)} "
            f"{form(unexplained, 'is', 'are')} declined without a reason, and no notice can be written",
            caution=True,
        )
    without = int((source == NO_FACTOR).sum())
    if without:
        context.note(
            f"{without:,} of {plural(len(decisions), singular(noun), noun)} would be declined without a reason that "
            f"may be named: a person has to look at {form(without, 'it', 'them')}",
            caution=True,
        )
    if reasons is not None and reasons.hidden_first:
        count = plural(reasons.hidden_first, "decline")
        context.note(
            f"in {count} what counts most may not be named (not_reasons): the notice names lesser factors only; see "
            "whether the model should look at it at all",
            caution=True,
        )


def _percent(share: float) -> str:
    """Return a cut-off with one decimal, or with those that a small one needs.

    Examples
    --------
    >>> _percent(1 / 6), _percent(0.0), _percent(0.00017)
    ('16.7 %', '0.0 %', '0.017 %')
    """
    decimals = 1 if share >= 0.001 or share <= 0 else 1 - math.floor(math.log10(100 * share))
    return f"{100 * share:.{decimals}f} %"
