"""How old lines, runs and caches may be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sartor.guard.limits import Retention
    from sartor.recipe.model import IngestStep


def oldest_of(retention: Retention, step: IngestStep, as_of: datetime | None) -> datetime | None:
    """Return the moment before which lines of a table may not be kept; None where they may be of any age.

    It is counted from ``--as-of``, else from today, and is a midnight: two runs of one day read the same lines. A
    table without a time is met only where the recipe names it.

    Examples
    --------
    >>> from sartor.durations import Duration
    >>> from sartor.guard.limits import Retention
    >>> from sartor.recipe.model import IngestStep
    >>> step = IngestStep("visits", "tables.csv", {}, (), time="seen")
    >>> oldest_of(Retention(Duration.parse("3 years")), step, datetime(2026, 11, 24, 8, 30)).isoformat()
    '2023-11-24T00:00:00'
    """
    length = retention.of(step.name)
    if length is None or (step.time is None and step.name not in retention.tables):
        return None
    now = as_of or datetime.now(UTC)
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    return length.to_offset(moment.replace(hour=0, minute=0, second=0, microsecond=0), times=-1)
