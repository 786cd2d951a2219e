"""The plugin `samples`: tables that come with sartor, and simulators for trying things out."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def ingest() -> Iterator[Component]:
    """Offer the samples."""
    yield Component(
        "samples.german_credit",
        "sartor_plugins.samples.german_credit:GermanCredit",
        about="1,000 loan applications of the Statlog German credit data, 300 of them bad; real",
    )
    yield Component(
        "samples.lending",
        "sartor_plugins.samples.lending:Lending",
        about="Loan applications with their repayment, any number of them; simulated",
    )
