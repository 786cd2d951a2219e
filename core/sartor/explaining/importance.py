"""What answers lean on: how much a metric suffers when a source is shuffled among the rows that judge.

Works for every model and every answer, as it only asks for predictions. Near copies are shuffled together, see
`sartor.explaining.sources`. The interval holds what other rows (groups of rows that depend on each other stay together)
and other shuffles would have told.

References
----------
.. [1] Breiman, "Random Forests", Machine Learning 45, 2001, section 10.
.. [2] Fisher, Rudin and Dominici, "All Models are Wrong, but Many are Useful", JMLR 20, 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.evidence.bootstrap import Measured, Redraws, measure
from sartor.rows import GROUP, Judged, Scoring

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sartor.evidence.metric import Metric
    from sartor.rows import Training

REPEATS = 5
"""How often each source is shuffled."""
REDRAWS = 200
ROWS = 2000
"""Held-out rows that are asked."""
MOST_ANSWERS = 2_000_000
"""How many predictions at most: of many features fewer rows are asked."""


@dataclass(frozen=True)
class HeldOut:
    """Rows that judge in one round, and what answers them.

    Parameters
    ----------
    rows : Training
        In memory, with their truth.
    predict : callable
        Of the model that did not learn from them.
    learned_from : Training or None
        As `sartor.rows.Judged` has it.
    """

    rows: Training
    predict: Callable[[Scoring], pd.DataFrame]
    learned_from: Training | None = None

    def judged(self, X: pd.DataFrame) -> Judged:
        """Return the rows with what is answered where the features are these."""
        scoring = Scoring(self.rows.rows, X, self.rows.answers, self.rows.classes)
        answers = self.predict(scoring).reset_index(drop=True)
        return Judged(self.rows.y, answers, self.rows.rows, self.rows.classes, self.learned_from)


@dataclass(frozen=True)
class Importance:
    """How much worse answers are without a source.

    Parameters
    ----------
    source : str
    features : tuple of str
    measured : Measured
        How much further from good the metric is, in its own unit; above 0 where the source is missed.
    """

    source: str
    features: tuple[str, ...]
    measured: Measured


def rows_for(sources: int, repeats: int = REPEATS, most: int = ROWS) -> int:
    """Return how many rows to ask, so that no more than two million answers are needed.

    Examples
    --------
    >>> rows_for(20), rows_for(1000)
    (2000, 400)
    """
    return max(50, min(most, MOST_ANSWERS // max(1, sources * repeats)))


def importances(
    parts: Sequence[HeldOut],
    sources: Mapping[str, Sequence[str]],
    metric: Metric,
    *,
    seed: int,
    pooled: bool = True,
    repeats: int = REPEATS,
    redraws: int = REDRAWS,
    told: Callable[[int], None] = lambda done: None,
) -> tuple[Measured, list[Importance]]:
    """Return the metric on the rows as they are, and how much worse it is without each source.

    Parameters
    ----------
    parts : sequence of HeldOut
        One for each round of the split.
    sources : mapping of source to features
        Those of a source are shuffled together.
    metric : Metric
    seed : int
    pooled : bool
        Whether the metric is of all rounds together, or the mean of those of each round.
    repeats, redraws : int
    told : callable
        Hears how many sources are done.

    Returns
    -------
    Measured
    list of Importance
        The most missed first.
    """
    rng = np.random.default_rng(seed)
    drawn = _redraws(parts, redraws, seed)
    before = _measured(parts, [part.rows.X for part in parts], metric, drawn, pooled=pooled)
    shuffles = [[rng.permutation(len(part.rows)) for part in parts] for _ in range(repeats)]
    chosen = rng.integers(0, repeats, size=(drawn.count, repeats))
    found = []
    for source, features in sources.items():
        after = []
        for places in shuffles:
            shuffled = [_shuffled(part.rows.X, features, order) for part, order in zip(parts, places, strict=True)]
            after.append(_measured(parts, shuffled, metric, drawn, pooled=pooled))
        found.append(Importance(source, tuple(features), _worse(before, after, metric, chosen)))
        told(len(found))
    return before, sorted(found, key=lambda one: -one.measured.value)


def _redraws(parts: Sequence[HeldOut], count: int, seed: int) -> Redraws:
    groups = None
    if all(GROUP in part.rows.rows for part in parts):
        groups = np.concatenate([part.rows.rows[GROUP].to_numpy() for part in parts])
    return Redraws(sum(len(part.rows) for part in parts), groups, count, seed)


def _measured(
    parts: Sequence[HeldOut], features: Sequence[pd.DataFrame], metric: Metric, redraws: Redraws, *, pooled: bool
) -> Measured:
    judged = [part.judged(X) for part, X in zip(parts, features, strict=True)]
    if len(judged) == 1:
        return measure({"": judged[0]}, [metric], redraws)[""][metric.name]
    if pooled:
        return measure({"": together(judged)}, [metric], redraws)[""][metric.name]
    ends = np.cumsum([len(part.rows) for part in parts])
    places = [np.arange(end - len(part.rows), end) for end, part in zip(ends, parts, strict=True)]
    return measure({"": judged}, [metric], redraws, rounds=places)[""][metric.name]


def together(judged: Sequence[Judged]) -> Judged:
    """Return the judged rows of several rounds as one."""
    import pandas as pd

    truths = [part.truth for part in judged]
    whole: Any = np.concatenate(truths) if isinstance(truths[0], np.ndarray) else pd.concat(truths, ignore_index=True)
    predictions = pd.concat([part.predictions for part in judged], ignore_index=True)
    rows = pd.concat([part.rows for part in judged], ignore_index=True)
    return replace(judged[0], truth=whole, predictions=predictions, rows=rows, learned_from=None)


def _shuffled(X: pd.DataFrame, features: Sequence[str], order: NDArray[np.intp]) -> pd.DataFrame:
    made = X.copy(deep=False)
    for name in features:
        made[name] = X[name].iloc[order].set_axis(X.index)
    return made


def _worse(before: Measured, after: Sequence[Measured], metric: Metric, chosen: NDArray[np.integer[Any]]) -> Measured:
    """Return by how much it is worse: over the shuffles as they are, and over rows and shuffles drawn again."""
    worse = [metric.shortfall(np.array([one.value])) - metric.shortfall(np.array([before.value])) for one in after]
    draws = np.array([metric.shortfall(one.draws) - metric.shortfall(before.draws) for one in after])
    value = float(np.mean(worse))
    if not draws.size:
        return Measured(value, np.empty(0))
    return Measured(value, np.take_along_axis(draws.T, chosen, axis=1).mean(axis=1))
