"""What card fraud is judged by: the metrics of rare events, and what the cards looked at each day hold.

Light: `check` asks for the names, and no row is read then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sartor.evidence.metric import Metric
from sartor_plugins.learn.metrics.once import Once
from sartor_plugins.learn.tasks import classification_metrics

if TYPE_CHECKING:
    from sartor_domains.finance.fraud.days import Days

FIRST = ("average_precision", "auc")
LEFT_OUT = ("accuracy", "macro_f1", "ks", "gini")
"""Of a rare event the likeliest class is never it, and says nothing."""


def metrics(amount: str, cards: int) -> list[Metric]:
    """Return the metrics, average precision first.

    Parameters
    ----------
    amount : str
        Column of the amount.
    cards : int
        How many cards are looked at each day.

    Examples
    --------
    >>> [metric.name for metric in metrics("amount", 100)][:4]
    ['average_precision', 'auc', 'card_precision@100', 'value_detection@100']
    """
    of = Once(lambda judged: _days(judged, amount))
    known = {metric.name: metric for metric in classification_metrics()}
    later = [metric for name, metric in known.items() if name not in (*FIRST, *LEFT_OUT)]
    return [
        *(known[name] for name in FIRST),
        Metric(
            f"card_precision@{cards}",
            f"card precision at {cards}",
            "higher",
            f"Share of frauds among the {cards} cards of the highest score of each day, cards already found left out; "
            "mean over the days.",
            overall=lambda judged, weights: of(judged).looked_at(weights, cards).precision,
            least=0.0,
            most=1.0,
        ),
        Metric(
            f"value_detection@{cards}",
            f"value detected at {cards}",
            "higher",
            f"Share of the money lost to fraud that lies on cards when they are among the {cards} of their day.",
            overall=lambda judged, weights: of(judged).looked_at(weights, cards).value,
            least=0.0,
            most=1.0,
        ),
        *later,
    ]


def _days(judged: Any, amount: str) -> Days:
    from sartor_domains.finance.fraud.days import Days

    return Days.of(judged, amount)
