"""Metrics of slates, light enough to be named before a row is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sartor.evidence.metric import Metric
from sartor_plugins.recommend.names import TOP

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Losses = Callable[[Any], "NDArray[np.float64]"]


def slate_metrics(k: int = TOP, *, both: bool = False) -> list[Metric]:
    """Return the metrics of slates; the first is the one that is compared.

    Parameters
    ----------
    k : int
        How many items of a slate are judged.
    both : bool
        Whether new items are asked for as well as those bought before: each then has metrics of its own.
    """

    def mean(
        name: str, label: str, about: str, measure: str, who: str = "known", what: str = "all", most: float = 1.0
    ) -> Metric:
        losses = _per_user(measure, k, who, what)
        return Metric(name, label, "higher", about, per_row=losses, partial=True, least=0.0, most=most)

    found = [
        mean(f"ndcg@{k}", f"NDCG@{k}",
             f"How high what was wanted stands in the first {k} items: 1 when nothing could stand higher.", "ndcg"),
        mean(f"recall@{k}", f"recall@{k}", f"Share of what a user wanted that is among the first {k} items.", "recall"),
        mean(f"mrr@{k}", f"MRR@{k}", "One over the place of the first item that was wanted.", "mrr"),
        mean(f"hit@{k}", f"hit rate@{k}",
             f"Share of users of whose wishes at least one is among the first {k} items.", "hit"),
        Metric("coverage", "coverage", "higher",
               f"Share of the items ever sold that stand among the first {k} of somebody's slate.",
               overall=_Coverage(k), least=0.0, most=1.0),
        mean(f"novelty@{k}", f"novelty@{k}",
             "How rare the items shown are, in bits: 10 is an item of one in a thousand purchases.", "novelty",
             most=64.0),
        mean(f"ndcg@{k}_cold", f"NDCG@{k}, newcomers", "The same among users of whom nothing was known before.",
             "ndcg", who="newcomers"),
        mean(f"recall@{k}_cold", f"recall@{k}, newcomers",
             "Share of what newcomers wanted that is among the first items.", "recall", who="newcomers"),
    ]  # fmt: skip
    for what, label in (("repeat", "bought before"), ("new", "never bought before")) if both else ():
        about = f"NDCG of the same slates where only what was {label} counts as wanted."
        found.append(mean(f"ndcg@{k}_{what}", f"NDCG@{k}, {label}", about, "ndcg", what=what))
    return found


def _per_user(measure: str, k: int, who: str, what: str) -> Losses:
    def losses(judged: Any) -> NDArray[np.float64]:
        from sartor_plugins.recommend.judging import per_user

        return per_user(judged, measure, k, who, what)

    return losses


@dataclass
class _Coverage:
    """The share of the items ever sold that somebody is shown; what is shown is looked up once for all redraws."""

    k: int
    _of: Any = field(default=None, repr=False)
    _shown: Any = field(default=None, repr=False)

    def __call__(self, judged: Any, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        from sartor_plugins.recommend.judging import shown

        if self._of is not judged:
            self._of, self._shown = judged, shown(judged, self.k)
        covered: NDArray[np.float64] = self._shown.share(weights)
        return covered
