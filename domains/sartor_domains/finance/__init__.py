"""The plugin `finance`: credit scoring in the words of those who lend."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer the tasks of finance."""
    yield Component(
        "finance.default_risk",
        "sartor_domains.finance.default_risk:DefaultRisk",
        about="How likely is it that a loan goes bad? A row for each application",
    )


@hookimpl
def features() -> Iterator[Component]:
    """Offer the features of finance."""
    yield Component(
        "finance.affordability",
        "sartor_domains.finance.affordability:Affordability",
        about="Instalment against income, use of the limit, bills paid, months behind",
    )


@hookimpl
def models() -> Iterator[Component]:
    """Offer the models of finance."""
    yield Component(
        "finance.scorecard",
        "sartor_domains.finance.scorecard:Scorecard",
        about="Points scorecard: monotone bins, coefficients with no wrong sign",
    )


@hookimpl
def actions() -> Iterator[Component]:
    """Offer the decisions of finance."""
    yield Component(
        "finance.credit_decision",
        "sartor_domains.finance.credit_decision:CreditDecision",
        about="Accept, have a person look, or decline, by expected profit, with reasons",
    )
