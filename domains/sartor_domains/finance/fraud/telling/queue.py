"""What the report shows of the queue of alerts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sartor.sections import Caution, Section, Table, TableColumn
from sartor_domains.finance.alert_queue import ALERT
from sartor_domains.finance.fraud.looks import Looks, is_fraud

if TYPE_CHECKING:
    import pandas as pd

    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.finance.alert_queue import AlertQueue


def sections(
    settings: AlertQueue, decisions: pd.DataFrame, outcome: Training, context: Context
) -> Iterator[Section | Caution]:
    """Return the queue in parts."""
    looks, fraud = Looks.at(settings, outcome), is_fraud(outcome.y)
    alert = (decisions["decision"] == ALERT).to_numpy()
    held = (looks.total(fraud.astype(np.float64)) > 0)[looks.of]
    found, false = int((alert & held).sum()), int((alert & ~held).sum())
    passed = int((~alert).sum())
    yield Section(
        "parts",
        "decision",
        "The queue in parts",
        f"Of {int(alert.sum()):,} cards looked at **{found:,} hold fraud**.",
        table=Table(
            "Alerts with and without fraud, and the payments that pass",
            [TableColumn("Payments"), TableColumn("Number", "count"), TableColumn("What they were")],
            [
                ["Alerts with fraud", found, "a look that saves"],
                ["Alerts without", false, "a look, and a holder to calm"],
                ["Pass", passed, f"{int((fraud & ~alert).sum()):,} frauds among them, some on cards looked at"],
            ],
            counts=[found, false, passed],
            tones=["ours", "refer", "others"],
            parts=True,
        ),
    )
