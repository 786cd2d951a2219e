"""The plugin `finance`: credit scoring and card fraud in the words of those who do it."""

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
    yield Component(
        "finance.card_fraud",
        "sartor_domains.finance.card_fraud:CardFraud",
        about="How likely is it that a payment is fraudulent? A row for each payment, labels known later",
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
    yield Component(
        "finance.amount_alone",
        "sartor_domains.finance.amount_alone:AmountAlone",
        about="Chance of fraud by the amount alone; the trivial answer of card fraud",
    )


@hookimpl
def actions() -> Iterator[Component]:
    """Offer the decisions of finance."""
    yield Component(
        "finance.credit_decision",
        "sartor_domains.finance.credit_decision:CreditDecision",
        about="Accept, have a person look, or decline, by expected profit, with reasons",
    )
    yield Component(
        "finance.alert_queue",
        "sartor_domains.finance.alert_queue:AlertQueue",
        about="Which cards to look at each day, by expected savings within a budget, with facts",
    )
