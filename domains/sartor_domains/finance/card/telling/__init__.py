"""What the report shows of a card: its points and weights of evidence, bands of the score, and whether scores moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sartor_domains.finance.card.telling.bands import score_bands
from sartor_domains.finance.card.telling.choice import how_it_was_chosen
from sartor_domains.finance.card.telling.points import points_table, weights_of_evidence
from sartor_domains.finance.card.telling.stability import stability

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Judged
    from sartor.sections import Caution, Section
    from sartor_domains.finance.card.card import Card


def sections(card: Card, judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Yield the sections of a card."""
    if not card.parts:
        return
    yield points_table(card, judged, context)
    yield weights_of_evidence(card, judged, context)
    yield from score_bands(card, judged, context)
    yield from stability(card, judged, context)
    yield from how_it_was_chosen(card)
