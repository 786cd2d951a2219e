"""Settings that tasks, features and models of forecasting share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sartor.components import Column
from sartor.errors import SettingError

Begins = Literal["first line", "first sale"]
"""Where a series begins: with its first line, or with the first in which something was sold."""
Returns = Literal["refuse", "as zero"]
"""What less than nothing sold is: an error, or nothing sold."""
Levels = Annotated[list[list[Column]], Field(max_length=12)]
"""Columns that series are summed by, one list a level; an empty list is the sum of all."""
Method = Literal[
    "naive", "seasonal_naive", "moving_average", "exponential_smoothing", "theta", "croston", "sba", "tsb", "imapa"
]


def rising(quantiles: list[float]) -> list[float]:
    """Return quantiles that rise, each named once.

    Raises
    ------
    SettingError
        If they do not.
    """
    if sorted(set(quantiles)) != quantiles:
        raise SettingError(
            f"quantiles must rise, each named once, got {quantiles}",
            hints=(("to mend", f"write {sorted(set(quantiles))}"),),
        )
    return quantiles


Quantiles = Annotated[
    list[Annotated[float, Field(gt=0, lt=1)]], Field(min_length=1, max_length=30), AfterValidator(rising)
]
"""Quantiles, each named once."""
