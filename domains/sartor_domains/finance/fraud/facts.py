"""The facts of an alert: what is known of the payment that speaks for fraud, in numbers that can be looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Scoring
    from sartor_domains.finance.alert_queue import AlertQueue

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

MOST_FACTS = 4
RARE = 0.05
"""A fact is told as unusual where at most this share of the payments have a value as high."""
FROM_MODEL, FROM_RARITY = "what the model counts most", "what few payments have"


def facts_of(settings: AlertQueue, scoring: Scoring, alerts: Flags, context: Context) -> dict[str, pd.Series[str]]:
    """Return the columns ``facts`` and ``facts_from``; both are missing where no alert is raised.

    By what the model counts most for fraud where it can say so, and else by what few of the payments have as high.
    """
    facts = np.full(len(scoring), None, dtype=object)
    sources = np.full(len(scoring), None, dtype=object)
    places = np.flatnonzero(alerts)
    # Alerts of models that are decided on for comparison are read by nobody.
    if context.explain is not None and len(places):
        some, allowed = scoring.take(places), allowed_columns(settings, scoring.X)
        told = context.explain(some)
        counted = np.zeros((len(places), scoring.X.shape[1])) if told is None else _aligned(told, scoring.X)
        counted = np.where(allowed, counted, 0.0)
        by_model: Flags = np.asarray((counted > 0).any(axis=1), dtype=bool)
        strength = np.where(by_model[:, None], counted, _rarity(scoring.X, places, allowed))
        facts[places] = ["; ".join(texts) for texts in _texts(settings, some.X, strength, ~by_model)]
        sources[places] = np.where(by_model, FROM_MODEL, FROM_RARITY)
    return {"facts": pd.Series(facts, dtype="str"), "facts_from": pd.Series(sources, dtype="str")}


def _aligned(told: pd.DataFrame, X: pd.DataFrame) -> Floats:
    return np.asarray(told.reindex(columns=X.columns, fill_value=0.0), dtype=np.float64)


def allowed_columns(settings: AlertQueue, X: pd.DataFrame) -> Flags:
    """Return which columns may be told beside an alert."""
    return np.array([str(name) not in settings.not_facts for name in X.columns], dtype=bool)


def _rarity(X: pd.DataFrame, places: NDArray[np.int64], allowed: Flags) -> Floats:
    """Return how unusual each value is: 1 less the share of all rows with one as high.

    It is 0 for what is not rare, unless an alert has nothing rarer.
    """
    found = np.zeros((len(places), X.shape[1]))
    for number, column in enumerate(X.columns):
        if not allowed[number] or not pd.api.types.is_numeric_dtype(X[column].dtype):
            continue
        values = X[column].to_numpy(dtype=np.float64, na_value=np.nan)
        rising = np.sort(values[np.isfinite(values)])
        if not len(rising):
            continue
        as_high = (len(rising) - np.searchsorted(rising, values[places], side="left")) / len(rising)
        found[:, number] = np.where(np.isfinite(values[places]), 1 - as_high, 0.0)
    rare = np.where(found >= 1 - RARE, found, 0.0)
    return np.where(rare.any(axis=1, keepdims=True), rare, found)


def _texts(settings: AlertQueue, X: pd.DataFrame, strength: Floats, rare: Flags) -> list[list[str]]:
    names = list(map(str, X.columns))
    order = np.argsort(-strength, axis=1, kind="stable")
    texts: list[list[str]] = []
    for line, best in enumerate(order):
        told: dict[str, str] = {}
        for number in best:
            if strength[line, number] <= 0 or len(told) == MOST_FACTS:
                break
            what = called(names[number], settings.facts)
            how_rare = f" (as high in {_share(1 - strength[line, number])} of payments)" if rare[line] else ""
            told.setdefault(what, f"{what}: {shown(X.iat[line, number])}{how_rare}")
        texts.append(list(told.values()))
    return texts


def _share(share: float) -> str:
    """Return a small share in percent.

    Examples
    --------
    >>> _share(0.0166), _share(0.0004)
    ('2 %', '0.04 %')
    """
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 1 else f"{percent:.1g} %"


def called(name: str, texts: Mapping[str, str]) -> str:
    """Return how a column is called beside an alert.

    Examples
    --------
    >>> called("terminal_fraud_7_days", {}), called("amount", {"amount": "Amount paid"})
    ('Terminal fraud 7 days', 'Amount paid')
    """
    return texts.get(name) or name.replace("_", " ").strip().capitalize()


def shown(value: object) -> str:
    """Return a value as it is read: whole numbers whole, others with two figures behind the point.

    Examples
    --------
    >>> shown(3.0), shown(0.25), shown(1234.5), shown(None), shown("grocer")
    ('3', '0.25', '1,234.50', 'not known', 'grocer')
    """
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "not known"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | float | np.integer | np.floating):
        number = float(value)
        return f"{number:,.0f}" if number == round(number) else f"{number:,.2f}"
    return str(value)
