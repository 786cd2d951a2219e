"""What the report shows of a credit decision: its parts, value by cut-off, who changes sides, reasons, and groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sartor_domains.finance.lending.telling.alike import alike
from sartor_domains.finance.lending.telling.curve import value_by_cut_off
from sartor_domains.finance.lending.telling.facts import facts_of
from sartor_domains.finance.lending.telling.notices import reasons_named
from sartor_domains.finance.lending.telling.parts import base_rate_caution, oversight, parts, terms
from sartor_domains.finance.lending.telling.swaps import swap_set

if TYPE_CHECKING:
    import pandas as pd

    from sartor.context import Context
    from sartor.rows import Training
    from sartor.sections import Caution, Section
    from sartor_domains.finance.credit_decision import CreditDecision


def sections(
    settings: CreditDecision, decisions: pd.DataFrame, outcome: Training, context: Context
) -> Iterator[Section | Caution]:
    """Yield the sections of a credit decision."""
    facts = facts_of(settings, decisions, outcome, context)
    if not facts.rows:
        return
    yield parts(facts)
    yield from value_by_cut_off(facts)
    yield from swap_set(facts)
    yield from reasons_named(facts)
    yield from alike(facts)
    yield terms(facts)
    yield oversight(facts)
    yield from base_rate_caution(facts)
