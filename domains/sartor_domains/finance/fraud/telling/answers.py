"""What the report shows of the rows of card fraud: which payments teach and judge, and why others do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sartor.sections import Caution, Section, Table, TableColumn

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Judged
    from sartor_domains.finance.card_fraud import CardFraud


def sections(settings: CardFraud, judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Return how payments became rows."""
    counts = judged.facts.get("payments")
    if not counts:
        return
    names = {
        "payments": "In the table",
        "with outcome": "with a known outcome",
        "since the first day": f"from {settings.since} on",
        "cards not known": "of cards not yet known for fraud",
    }
    # What is kept of facts has no order of its own.
    told = [(names[name], int(counts[name])) for name in names if name in counts]
    kept = told[-1][1]
    yield Section(
        "payments",
        "data",
        "Which payments teach and judge",
        f"**{kept:,} of {counts['payments']:,} payments** can teach or judge. Whether a payment was fraud is known "
        f"{settings.label_delay} later: the models learned from what was known by then, and no past fraud counts "
        "sooner.",
        table=Table(
            "Payments, step by step",
            [TableColumn("Payments"), TableColumn("Number", "count")],
            told,
            counts=[count for _, count in told],
        ),
    )
