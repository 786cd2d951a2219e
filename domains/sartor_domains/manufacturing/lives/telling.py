"""What the report shows of lives left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sartor_plugins.learn.tasks import regression_sections

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Judged
    from sartor.sections import Caution, Section
    from sartor_domains.manufacturing.remaining_life import RemainingLife


def sections(settings: RemainingLife, judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Yield the sections of remaining life."""
    yield from regression_sections(judged, context)
