"""Names of columns that tasks, features, models and actions of forecasting share."""

from __future__ import annotations

STEP = "step"
"""How many periods behind the moment of asking the demand begins; 1 is the next period."""
SPAN = "span"
"""How many periods the demand is summed over."""
SERIES = "series"
"""Of rows: the name of the series, its key as one text."""
PERIOD = "period"
"""Moment at which the first of these periods begins."""
CALENDAR = "calendar"
"""How the table's lines become series: length of a period, where series begin, what returns count."""
USUAL = "usual"
"""Feature: what the periods asked about would sell as the last year did; forecasts are multiples of it. Above 0."""
SCALE, ABSOLUTE, MONEY = "scale", "absolute_scale", "money"
"""Of rows: squared and absolute one-step difference of the past, and what the series sold for lately."""
NUMBER = "number"
"""Of an answer: the expected demand."""
QUANTILE = "quantile:"
"""Of an answer: the beginning of the name of a quantile, ``quantile:0.95``."""
M5_QUANTILES = (0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995)
"""Quantiles that the M5 competition asked for."""


def trivial_name(method: str) -> str:
    """Return the column of rows that holds a trivial answer.

    Examples
    --------
    >>> trivial_name("naive")
    'trivial_naive'
    """
    return f"trivial_{method}"


def quantile_name(quantile: float) -> str:
    """Return the column of a quantile; two that differ have two names.

    Examples
    --------
    >>> quantile_name(0.975), quantile_name(0.98)
    ('quantile:0.975', 'quantile:0.98')
    """
    return f"{QUANTILE}{quantile!r}"


def quantiles_of(columns: object) -> dict[float, str]:
    """Return the quantiles that an answer holds, from low to high.

    Examples
    --------
    >>> quantiles_of(["number", "quantile:0.9", "quantile:0.5"])
    {0.5: 'quantile:0.5', 0.9: 'quantile:0.9'}
    """
    names = [name for name in columns if str(name).startswith(QUANTILE)]  # type: ignore[attr-defined]
    return dict(sorted((float(str(name).removeprefix(QUANTILE)), str(name)) for name in names))
