"""What a queue of alerts is measured by beside money: how many hold fraud, and how much fraud is found.

Light: `check` asks for the names, and no row is read then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sartor.evidence.measure import Measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sartor.evidence.groups import JudgedDecisions
    from sartor_domains.finance.alert_queue import AlertQueue

    Floats = NDArray[np.float64]


def measures(settings: AlertQueue) -> list[Measure]:
    """Return the measures of a queue.

    Examples
    --------
    >>> from sartor_domains.finance.alert_queue import AlertQueue
    >>> [one.name for one in measures(AlertQueue(card="card", amount="amount", review_cost=5.0))]
    ['alert_precision', 'fraud_detection_rate', 'value_detection_rate', 'false_alerts_per_fraud']
    """

    def ratio(part: str, whole: str) -> Callable[[JudgedDecisions, Floats], Floats]:
        def of(judged: JudgedDecisions, weights: Floats) -> Floats:
            import numpy as np

            counted = judged.once(("looks", settings.card), lambda: _counted(settings, judged))
            top, below = judged.sums(weights, counted[part]), judged.sums(weights, counted[whole])
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.where(below > 0, top / below, np.nan)

        return of

    return [
        Measure(
            "alert_precision",
            "alerts that hold fraud",
            "higher",
            "Share of alerts on cards with a fraud on that day.",
            per_group=ratio("found", "alerts"),
            least=0.0,
            most=1.0,
        ),
        Measure(
            "fraud_detection_rate",
            "fraud found",
            "higher",
            "Share of fraudulent payments that lie on a card and day that is looked at.",
            per_group=ratio("frauds looked at", "frauds"),
            least=0.0,
            most=1.0,
        ),
        Measure(
            "value_detection_rate",
            "money of fraud found",
            "higher",
            "Share of the money lost to fraud that lies on a card and day that is looked at.",
            per_group=ratio("lost looked at", "lost"),
            least=0.0,
            most=1.0,
        ),
        Measure(
            "false_alerts_per_fraud",
            "false alerts for each card found",
            "lower",
            "Alerts without fraud, for each alert with one.",
            per_group=ratio("false", "found"),
            least=0.0,
        ),
    ]


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
