"""What the report shows of slates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sartor.context import Context
    from sartor.rows import Judged
    from sartor.sections import Caution, Section


def sections(judged: Judged, context: Context) -> Iterable[Section | Caution]:
    """Return who was judged."""
    return ()
