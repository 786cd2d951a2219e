"""survival: the time until an event, where some were only watched until it had not come yet."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl

_HERE = "sartor_plugins.survival"


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer the task."""
    yield Component(
        "survival.time_to_event",
        f"{_HERE}.time_to_event:TimeToEvent",
        about="How long until an event, learned also from those whom it had not reached when they were last seen",
    )


@hookimpl
def models() -> Iterator[Component]:
    """Offer models: the trivial one, Cox regression, and trees that need scikit-survival."""
    yield Component(
        "survival.kaplan_meier",
        f"{_HERE}.kaplan_meier:KaplanMeier",
        about="One survival curve for everybody, as it was in training",
    )
    yield Component("survival.cox", f"{_HERE}.cox:Cox", about="Cox regression: proportional hazards, an L2 penalty")
    for name, about in (
        ("forest", "Random survival forest of scikit-survival"),
        ("boosting", "Gradient boosted survival trees of scikit-survival"),
    ):
        yield Component(
            f"survival.{name}",
            f"{_HERE}.trees:{name.capitalize()}",
            about=about,
            extra="survival",
            requires=("sksurv",),
        )
