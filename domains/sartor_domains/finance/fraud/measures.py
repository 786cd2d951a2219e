"""What a queue of alerts is measured by beside money: how many hold fraud, and how much fraud is found.

Light: `check` asks for the names, and no row is read then.
"""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from sartor.evidence.measure import Measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sartor.evidence.groups import JudgedDecisions
    from sartor_domains.finance.alert_queue import AlertQueue

    Floats = NDArray[np.float64]


_MEASURES: tuple[tuple[str, str, Literal["higher", "lower"], float, str, str, str], ...] = (
    (
        "alert_precision",
        "alerts that hold fraud",
        "higher",
        1.0,
        "found",
        "alerts",
        "Share of alerts on cards with a fraud on that day.",
    ),
    (
        "fraud_detection_rate",
        "fraud found",
        "higher",
        1.0,
        "frauds looked at",
        "frauds",
        "Share of fraudulent payments that lie on a card and day that is looked at.",
    ),
    (
        "value_detection_rate",
        "money of fraud found",
        "higher",
        1.0,
        "lost looked at",
        "lost",
        "Share of the money lost to fraud that lies on a card and day that is looked at.",
    ),
    (
        "false_alerts_per_fraud",
        "false alerts for each card found",
        "lower",
        inf,
        "false",
        "found",
        "Alerts without fraud, for each alert with one.",
    ),
)
"""Name, label, which is better, the most there can be, what is counted against what, and what it tells."""


def measures(settings: AlertQueue) -> list[Measure]:
    """Return the measures of a queue.

    Examples
    --------
    >>> from sartor_domains.finance.alert_queue import AlertQueue
    >>> [one.name for one in measures(AlertQueue(card="card", amount="amount", review_cost=5.0))]
    ['alert_precision', 'fraud_detection_rate', 'value_detection_rate', 'false_alerts_per_fraud']
    """
    return [
        Measure(name, label, better, about, per_group=partial(_share, settings, part, whole), least=0.0, most=most)
        for name, label, better, most, part, whole, about in _MEASURES
    ]


def _share(settings: AlertQueue, part: str, whole: str, judged: JudgedDecisions, weights: Floats) -> Floats:
    """Return, for each redraw, what is counted as one thing against what is counted as another."""
    import numpy as np

    counted = judged.once(("looks", settings.card), lambda: _counted(settings, judged))
    top, below = judged.sums(weights, counted[part]), judged.sums(weights, counted[whole])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(below > 0, top / below, np.nan)


def _counted(settings: AlertQueue, judged: Any) -> dict[str, Floats]:
    """Return what is counted of each payment."""
    import numpy as np
    import pandas as pd

    from sartor.rows import Scoring
    from sartor_domains.finance.alert_queue import ALERT
    from sartor_domains.finance.fraud.looks import Looks, is_fraud

    looks = Looks.at(settings, Scoring(judged.rows, pd.DataFrame(index=judged.rows.index), "probability"))
    fraud = is_fraud(judged.truth)
    alert = (judged.decisions["decision"] == ALERT).to_numpy()
    looked = (looks.total(alert.astype(np.float64)) > 0)[looks.of]
    held = (looks.total(fraud.astype(np.float64)) > 0)[looks.of]
    counted = {
        "alerts": alert,
        "found": alert & held,
        "false": alert & ~held,
        "frauds": fraud,
        "frauds looked at": fraud & looked,
        "lost": np.where(fraud, looks.amount, 0.0),
        "lost looked at": np.where(fraud & looked, looks.amount, 0.0),
    }
    return {name: np.asarray(values, dtype=np.float64) for name, values in counted.items()}
