"""What the sections of the queue stand on: its looks with what they came to, and words for money."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sartor_domains.finance.alert_queue import ALERT
from sartor_domains.finance.fraud.looks import Looks, is_fraud

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.finance.alert_queue import AlertQueue

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

MINUS, NO_BREAK = "\u2212", "\u00a0"


@dataclass(frozen=True, eq=False)
class Queue:
    """The queue of a run, with what became of it.

    Parameters
    ----------
    settings : AlertQueue
    decisions : DataFrame
    outcome : Training
    context : Context
    """

    settings: AlertQueue
    decisions: pd.DataFrame
    outcome: Training
    context: Context

    @cached_property
    def looks(self) -> Looks:
        """Payments of a card on a day, together."""
        return Looks.at(self.settings, self.outcome)

    @cached_property
    def fraud(self) -> Flags:
        """Payments that were fraud."""
        return is_fraud(self.outcome.y)

    @cached_property
    def alert(self) -> Flags:
        """Payments that head an alert."""
        return np.asarray(self.decisions["decision"] == ALERT, dtype=bool)

    @cached_property
    def held(self) -> Flags:
        """Looks that hold a fraud."""
        return self.looks.total(self.fraud.astype(np.float64)) > 0

    @cached_property
    def looked(self) -> Flags:
        """Looks that were taken."""
        return self.looks.total(self.alert.astype(np.float64)) > 0

    @cached_property
    def came_to(self) -> Floats:
        """What each look is worth."""
        return self.looks.came_to(self.settings, self.fraud)

    @cached_property
    def days(self) -> int:
        """How many days there are."""
        return len(np.unique(self.looks.day))

    def money(self, value: float) -> str:
        """Return an amount in whole units, with the currency."""
        unit = f"{self.context.currency}{NO_BREAK}" if self.context.currency else ""
        return f"{unit}{MINUS if round(value) < 0 else ''}{abs(round(value)):,}"


def percent(part: float, whole: float) -> str:
    r"""Return a share in whole per cent.

    Examples
    --------
    >>> percent(1, 8).replace(chr(160), " "), percent(0, 0)
    ('12 %', 'none')
    """
    return f"{100 * part / whole:.0f}{NO_BREAK}%" if whole else "none"
