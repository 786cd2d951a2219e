"""The plugin `retail`: replenishment in the words of those who keep shelves full."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer the tasks of retail."""
    yield Component(
        "retail.replenishment",
        "sartor_domains.retail.replenishment:Replenishment",
        about="How much will sell until the order after the next arrives? A row for each item, store and order day",
    )


@hookimpl
def actions() -> Iterator[Component]:
    """Offer the decisions of retail."""
    yield Component(
        "retail.order_proposal",
        "sartor_domains.retail.order_proposal:OrderProposal",
        about="What to order of each item, in packs, with a reason; valued by replaying the last weeks",
    )
