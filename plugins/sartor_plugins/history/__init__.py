"""history: what an entity did in the time before a row, for every industry whose lines have moments."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def features() -> Iterator[Component]:
    """Offer features of time."""
    yield Component(
        "history.windows",
        "sartor_plugins.history.windows:Windows",
        about="Counts, sums, means and more of an entity's lines in windows of time before each row",
    )
    yield Component(
        "history.calendar",
        "sartor_plugins.history.calendar:Calendar",
        about="Hour, weekday, weekend and night of the moment at which a row is asked",
    )
