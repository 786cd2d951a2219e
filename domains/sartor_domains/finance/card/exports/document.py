"""A card as one JSON document that holds everything needed to score by it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sartor_domains.finance.card.stored import points_table

if TYPE_CHECKING:
    from sartor.exporting import Export
    from sartor_domains.finance.card.card import Card

NAME, VERSION = "sartor scorecard", 1
HOW = (
    "score = base_points + points of one bin of each characteristic and pair; "
    "log odds of good = (score - base_score) / (points_to_double_odds / ln 2) + ln base_odds; "
    "probability = 1 / (1 + exp(log odds of good)). "
    "A number lies in the bin with above < number <= up_to, unless it is a special code; one that is not finite is "
    "missing. A value without a bin has unseen_points. Where fewer than fewest_known columns hold a value of an "
    "interval or of levels, there is no score, and the probability is base_rate."
)


def document_of(card: Card, export: Export) -> dict[str, Any]:
    """Return the document in JSON types."""
    table = points_table(card)
    kinds = {
        name: ("number" if entry.numeric else "level", list(entry.special)) for name, entry in card.columns.items()
    }
    characteristics = [
        {**entry, "type": kinds[entry["name"]][0], "special_codes": kinds[entry["name"]][1]}
        for entry in table["characteristics"]
    ]
    pairs = [
        {
            **entry,
            "of": [
                {**part, "type": kinds[part["name"]][0], "special_codes": kinds[part["name"]][1]}
                for part in entry["of"]
            ],
        }
        for entry in table["pairs"]
    ]
    return {
        "what": NAME,
        "version": VERSION,
        "recipe": export.recipe,
        "run": export.run,
        "model": export.model,
        "probability_of": card.classes[-1] if card.classes else "",
        "how": HOW,
        **table,
        "characteristics": characteristics,
        "pairs": pairs,
    }


def json_of(card: Card, export: Export) -> bytes:
    """Return the document as a file holds it."""
    return (json.dumps(document_of(card, export), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
