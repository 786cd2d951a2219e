"""What all sections of a credit decision look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.wording import plural, singular
from sartor_domains.finance.credit_decision import ACCEPT, DECLINE, REFER
from sartor_domains.finance.lending.population import standing_for
from sartor_domains.finance.lending.reasons import NO_FACTOR
from sartor_domains.finance.lending.worth import if_accepted

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.finance.credit_decision import CreditDecision

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
LARGEST = 1e15
"""Of larger sums the last whole units mean nothing: they are told by three digits and a power of ten."""


@dataclass(frozen=True, eq=False)
class Facts:
    """Decisions with what became of the loans.

    Parameters
    ----------
    settings : CreditDecision
    decisions : DataFrame
    outcome : Training
    context : Context
    bad : ndarray of shape (n_rows,)
        True where the loan went bad.
    stands : ndarray of shape (n_rows,)
        For how many loans of the population each stands.
    worth : ndarray of shape (n_rows,)
        What accepting each brings, for as many loans as it stands for.
    """

    settings: CreditDecision
    decisions: pd.DataFrame
    outcome: Training
    context: Context
    bad: Flags
    stands: Floats
    worth: Floats

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.decisions)

    @property
    def noun(self) -> str:
        """What several rows are called."""
        return self.settings.called(self.decisions)

    def counted(self, count: int) -> str:
        """Return a number of rows with their word."""
        return plural(count, singular(self.noun), self.noun)

    def made(self, decision: str, decisions: pd.DataFrame | None = None) -> Flags:
        """Tell which rows were decided on in a way."""
        table = self.decisions if decisions is None else decisions
        return np.asarray(table["decision"].to_numpy(dtype=object) == decision)

    @property
    def accepted(self) -> Flags:
        """Which rows are accepted."""
        return self.made(ACCEPT)

    @property
    def referred(self) -> Flags:
        """Which rows a person has to look at."""
        return self.made(REFER)

    @property
    def declined(self) -> Flags:
        """Which rows are declined."""
        return self.made(DECLINE)

    @property
    def unscored(self) -> Flags:
        """Which rows the model says that it cannot score: a person looks at them whatever their chance."""
        source = self.decisions["reasons_from"]
        return np.asarray(self.referred & (source.notna() & (source != NO_FACTOR)).to_numpy())

    def bad_share(self, rows: Flags) -> float | None:
        """Return the share of bad loans among some rows, in the population; None where there are none."""
        whole = float(self.stands[rows].sum())
        return float(self.stands[rows & self.bad].sum()) / whole if whole else None

    def money(self, value: float) -> str:
        """Return an amount in whole units, with the currency."""
        unit = f"{self.context.currency}{NO_BREAK}" if self.context.currency else ""
        if not abs(value) < LARGEST:
            return f"{unit}{MINUS if value < 0 else ''}{abs(value):.2e}".replace("e+", "e")
        sign = MINUS if round(value) < 0 else ""
        return f"{unit}{sign}{abs(round(value)):,}"


def percent(share: float | None) -> str:
    r"""Return a share in whole per cent.

    Examples
    --------
    >>> percent(0.534), percent(None)
    ('53\xa0%', '–')
    """
    return "–" if share is None else f"{100 * share:.0f}{NO_BREAK}%"


def facts_of(settings: CreditDecision, decisions: pd.DataFrame, outcome: Training, context: Context) -> Facts:
    """Return what sections look at."""
    stands = standing_for(settings.bad_rate_of_population, outcome.y)
    return Facts(
        settings=settings,
        decisions=decisions,
        outcome=outcome,
        context=context,
        bad=np.asarray(outcome.y) == 1,
        stands=stands,
        worth=if_accepted(settings, outcome) * stands,
    )
