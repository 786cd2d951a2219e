"""What loans are worth: amounts at stake, and the money that a decision brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.errors import InputError, SettingError, nearest
from sartor.rows import ROW
from sartor_domains.finance.credit_decision import ACCEPT, REFER
from sartor_domains.finance.lending.population import standing_for
from sartor_domains.finance.names import candidates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Scoring, Training
    from sartor_domains.finance.credit_decision import CreditDecision

    Floats = NDArray[np.float64]

LARGEST = 1e100
"""A larger amount is a slip or a code: added up over many loans it would reach infinity."""


def amount_column(settings: CreditDecision, rows: pd.DataFrame, X: pd.DataFrame) -> str | None:
    """Return the column of the amount at stake; None where every loan has the same.

    Raises
    ------
    SettingError
        If none is named, and not exactly one column is called like an amount.
    InputError
        If the column named is not there, is missing throughout, or holds no numbers.
    """
    if settings.amount_per_loan is not None:
        return None
    columns = list(dict.fromkeys([*map(str, rows.columns), *map(str, X.columns)]))
    name = settings.amount
    if name is None:
        found = [column for column in candidates("amount", columns) if _is_number(_values(rows, X, column))]
        if len(found) != 1:
            said = f"it could be {' or '.join(found)}" if found else "no column is called like one"
            raise SettingError(
                f"which column is the amount of the loan is not said, and {said}",
                code="R031",
                hints=(("to mend", "name it, amount: COLUMN, or say one for all, amount_per_loan: 1000"),),
            )
        return found[0]
    if name not in columns:
        raise InputError(
            f"the rows have no column '{name}' for the amount of the loan", code="R041", hints=nearest(name, columns)
        )
    values = _values(rows, X, name)
    if len(values) and values.isna().all() and not _is_number(values):
        raise InputError(
            f"column '{name}' is to be the amount of the loan, and is missing throughout: "
            f"{'the only row lacks it' if len(values) == 1 else f'none of {len(values):,} rows has one'}",
            code="D067",
            hints=(("to mend", "name another column, amount: COLUMN, or say one for all, amount_per_loan: 1000"),),
        )
    if not _is_number(values):
        raise InputError(
            f"column '{name}' is to be the amount of the loan and holds no numbers",
            code="D062",
            hints=(("to mend", f"read it as a number at ingest: types: {{{name}: number}}"),),
        )
    return name


def amounts(settings: CreditDecision, scoring: Scoring) -> Floats:
    """Return the amount at stake for each row; NaN where it is missing, not above 0 or too large to add."""
    name = amount_column(settings, scoring.rows, scoring.X)
    if name is None:
        return np.full(len(scoring), settings.amount_per_loan, dtype=np.float64)
    found = _values(scoring.rows, scoring.X, name).to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where((found > 0) & (found <= LARGEST), found, np.nan)


def _values(rows: pd.DataFrame, X: pd.DataFrame, name: str) -> pd.Series[float]:
    return rows[name] if name in rows.columns else X[name]


def _is_number(column: pd.Series[float]) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


def if_accepted(settings: CreditDecision, outcome: Training) -> Floats:
    """Return what each loan brought, or would have brought: the margin if good, minus the loss if bad.

    A loan without an amount counts as nothing.
    """
    bad = np.asarray(outcome.y) == 1
    rate = np.where(bad, -settings.loss_given_default, settings.margin)
    return np.asarray(rate * np.nan_to_num(amounts(settings, outcome), nan=0.0))


def value(settings: CreditDecision, decisions: pd.DataFrame, outcome: Training) -> Floats:
    """Return the money that each decision was worth, for as many loans of the population as the row stands for."""
    if decisions[ROW].tolist() != outcome.rows[ROW].tolist():
        raise ValueError("decisions and outcomes are not the same rows in the same order")
    made = decisions["decision"].to_numpy(dtype=object)
    worth = np.where(made == ACCEPT, if_accepted(settings, outcome), 0.0)
    each = np.where(made == REFER, 0.0 - settings.refer_cost, worth)
    return each * standing_for(settings.bad_rate_of_population, outcome.y)
