"""The plugin `ecommerce`: recommendation in the words of those who run a shop."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer the tasks of e-commerce."""
    yield Component(
        "ecommerce.recommendation",
        "sartor_domains.ecommerce.recommendation:Recommendation",
        about="What will each customer buy next, new or again? A row for each customer and window",
    )


@hookimpl
def actions() -> Iterator[Component]:
    """Offer the decisions of e-commerce."""
    yield Component(
        "ecommerce.slate",
        "sartor_domains.ecommerce.slate:Slate",
        about="Which items to show whom, under the rules of the shop, each rule with its price",
    )
