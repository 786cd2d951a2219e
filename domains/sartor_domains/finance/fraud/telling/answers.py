"""What the report shows of the rows of card fraud: which payments teach and judge, and why others do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sartor.sections import Caution, Section, Table, TableColumn
from sartor_domains.finance.fraud.looks import is_fraud

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Judged
    from sartor_domains.finance.card_fraud import CardFraud

MOVED = 1.5
"""Times as much fraud, or as little, that is worth a word."""
SURE = 4.0
"""Standard errors by which the two shares must lie apart."""
FEWEST = 10


def sections(settings: CardFraud, judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Return how payments became rows."""
    yield from _moved(judged, context)
    counts = judged.facts.get("payments")
    if not counts:
        return
    names = {
        "payments": "In the table",
        "with outcome": "with a known outcome",
        "since the first day": f"from {settings.since} on",
        "cards not known": "of cards not yet known for fraud",
    }
    lines = [[names[name], count] for name, count in counts.items()]
    kept = list(counts.values())[-1]
    yield Section(
        "payments",
        "data",
        "Which payments teach and judge",
        f"**{kept:,} of {counts['payments']:,} payments** teach or judge. Whether a payment was fraud is known "
        f"{settings.label_delay} later: the models learned from what was known by then, and no past fraud counts "
        "sooner.",
        table=Table(
            "Payments, step by step", [TableColumn("Payments"), TableColumn("Number", "count")], lines,
            counts=[int(count) for count in counts.values()],
        ),
    )  # fmt: skip


def _moved(judged: Judged, context: Context) -> Iterator[Caution]:
    """Warn where fraud is far more, or far less, common among the payments that judge than among those that taught."""
    if judged.learned_from is None:
        return
    there, here = is_fraud(judged.learned_from.y), is_fraud(judged.truth)
    if min(there.sum(), here.sum()) < max(context.smallest_group, FEWEST):
        return
    taught, found = float(there.mean()), float(here.mean())
    apart = (found - taught) / np.sqrt(taught * (1 - taught) / len(there) + found * (1 - found) / len(here))
    if abs(apart) > SURE and not 1 / MOVED < found / taught < MOVED:
        yield Caution(
            "fraud-moved",
            f"**Fraud is {100 * found:.2g}\u00a0% of the payments that judge, and was {100 * taught:.2g}\u00a0% of "
            "those that taught**: chances learned then are not right now. Learn from a time like the present one: a "
            "later cut, or `refit: each` with a `window`.",
            weight=0.7,
        )
