"""What a source costs by decision: once a call, each line of it, or by the month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sartor.rows import AS_OF

if TYPE_CHECKING:
    from sartor.recipe.sources import Source
    from sartor.stages.framing import Frame

DAYS_A_MONTH = 365.25 / 12
SHORTEST_SPAN = 1.0
"""Days that the rows that judge must span to tell how often it is decided."""


def decisions_per_month(frame: Frame) -> float | None:
    """Return how often it is decided, by the moments of the rows that judge; None where they do not tell."""
    if AS_OF not in frame.spine:
        return None
    moments = pd.to_datetime(frame.spine[AS_OF][frame.parts.test])
    days = (moments.max() - moments.min()).total_seconds() / 86_400
    return float(len(moments) / (days / DAYS_A_MONTH)) if days >= SHORTEST_SPAN else None


@dataclass(frozen=True)
class Prices:
    """Prices by decision.

    Parameters
    ----------
    calls : float or None
        Decisions a month; None where nobody knows.
    lines_of : callable
        How many lines a source has.
    rows : int
        How many rows there are to decide on.

    Examples
    --------
    >>> from sartor.recipe.sources import Price, Source
    >>> monthly = Source("bureau", (), "bureau", price=Price(900.0, "month"))
    >>> Prices(300.0, lambda source: 0, 1).of(monthly)
    {'amount': 900.0, 'per': 'month', 'per_decision': 3.0, 'per_month': 900.0}
    """

    calls: float | None
    lines_of: Callable[[Source], int]
    rows: int

    def of(self, source: Source) -> dict[str, Any] | None:
        """Return a price as it is written, and by decision; None there where nobody knows how often it is decided."""
        if source.price is None:
            return None
        each, amount = self.each(source), source.price.amount
        by_decision = amount * each if each is not None else None
        by_month = by_decision * self.calls if by_decision is not None and self.calls is not None else None
        return {
            "amount": amount,
            "per": source.price.per,
            "per_decision": by_decision,
            "per_month": amount if source.price.per == "month" else by_month,
        }

    def each(self, source: Source) -> float | None:
        """Return how many times a decision the price is paid: once a call, less for what is paid by the month."""
        per = source.price.per if source.price is not None else "call"
        if per == "call":
            return 1.0
        if per == "month":
            return None if self.calls is None else 1 / self.calls
        return self.lines_of(source) / self.rows
