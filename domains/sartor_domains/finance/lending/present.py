"""The policy that is in force: what a column of the rows says was decided on each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sartor.errors import InputError, nearest
from sartor.rows import ROW
from sartor.wording import listed, plural
from sartor_domains.finance.credit_decision import ACCEPT, DECLINE, REFER

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Scoring
    from sartor_domains.finance.credit_decision import PresentPolicy

NAME = "present policy"
_SHOWN = 5


def present_decisions(said: PresentPolicy, scoring: Scoring, context: Context) -> pd.DataFrame:
    """Return what the present policy decided on the rows.

    Raises
    ------
    InputError
        If the rows have no such column, models learn from it, or it holds values that the recipe does not explain.
    """
    column = said.column
    _check_column(column, scoring)
    values = scoring.rows[column]
    meant = {
        _label(value): decision
        for decision, labels in ((ACCEPT, said.accept), (DECLINE, said.decline), (REFER, said.refer))
        for value in labels
    }
    texts = values.map(_label, na_action="ignore")
    made = texts.map(meant)
    strange = texts[texts.notna() & made.isna()].value_counts()
    if len(strange):
        raise _unexplained(column, strange)
    missing = int(made.isna().sum())
    if missing:
        context.note(
            f"'{column}' does not say what was decided on {missing:,} of {plural(len(made), 'row')}: "
            "they count as looked at by a person",
            caution=True,
        )
    decisions = pd.DataFrame({ROW: scoring.rows[ROW].to_numpy(), "decision": made.fillna(REFER).astype("str")})
    decisions.attrs["about"] = f"as {column} says"
    if len(decisions) and (decisions["decision"] == ACCEPT).all():
        context.note(
            f"the present policy accepted all {plural(len(decisions), 'row')}: those it declined are not in the data, "
            "so what it would be worth to accept them cannot be told",
            caution=True,
        )
    return decisions


def _check_column(column: str, scoring: Scoring) -> None:
    """Refuse a column that the rows do not have, or that models learn from."""
    if column in scoring.X.columns:
        raise InputError(
            f"'{column}' is the present policy, and the models take it as a feature: where a new policy takes its "
            "place, nobody will have it",
            code="D085",
            hints=(("to mend", f"say it of the task: never: [{column}]"),),
        )
    if column not in scoring.rows.columns:
        raise InputError(
            f"the rows have no column '{column}' for the present policy",
            code="R041",
            hints=nearest(column, map(str, scoring.rows.columns)),
        )


def _label(value: Any) -> str:
    """Labels compare as text: 1, 1.0 and "1" are one."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return text.lower() if isinstance(value, bool) else text


def _unexplained(column: str, strange: pd.Series[int]) -> InputError:
    shown = [f"'{value}' ({plural(int(count), 'row')})" for value, count in strange.iloc[:_SHOWN].items()]
    more = [f"{len(strange) - _SHOWN:,} more"] if len(strange) > _SHOWN else []
    first = str(strange.index[0])
    return InputError(
        f"'{column}' is to say what the present policy decided, and the recipe does not say what "
        f"{listed([*shown, *more])} mean{'s' if len(strange) == 1 else ''}",
        code="D086",
        hints=(("to mend", f"name it under accept, decline or refer: decline: ['{first}']"),),
    )
