"""Why an item stands on somebody's slate: what they did before that speaks for it.

Sums of weights (neighbours of items, EASE) fall apart by themselves: each past item gives its weight times how much it
tells. The place that ALS gives somebody is linear in what they did, so its scores fall apart as well [1]_. Of any other
model, a network that reads a past in order for instance, each past item is left out, and what the score falls by is
told.

References
----------
.. [1] Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008, section 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import Because
from sartor_plugins.recommend.interactions import Interactions
from sartor_plugins.recommend.ranking import best

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sartor.rows import Scoring
    from sartor_plugins.recommend.recommender import Recommending

LONGEST = 200
"""Past items, the latest, that are left out one by one."""
LEAST = 1e-9

Parts = tuple["NDArray[np.int64]", "NDArray[np.float64]"]
"""Numbers of past items, and how much each gives to each item of a slate, shape (n_past, n_items)."""


def because(
    model: Recommending, scoring: Scoring, how: str, parts_of: Callable[[Interactions, NDArray[np.int64]], Parts]
) -> Because:
    """Return what speaks for each item of the slates of some rows.

    Parameters
    ----------
    model : Recommending
    scoring : Scoring
    how : str
        What an amount is.
    parts_of : callable
        Of the past of one user and the numbers of the items on the slate.
    """
    slates, exact = _slates(model, scoring), True
    lines: list[tuple[Any, ...]] = []
    names = np.asarray(model.catalogue.items.to_pylist(), dtype=object)
    past = model.past(scoring)
    for place, (items, said) in enumerate(slates):
        before, amounts = parts_of(past.part(place, place + 1), items)
        exact &= bool(np.allclose(amounts.sum(axis=0), said, rtol=1e-3, atol=1e-5))
        for at, one in zip(*np.nonzero(np.abs(amounts) > LEAST), strict=True):
            lines.append((place, names[items[one]], names[before[at]], float(amounts[at, one])))
    frame = pd.DataFrame(lines, columns=["place", "answer", "because", "amount"])
    return Because(frame, how, exact=exact)


def _slates(model: Recommending, scoring: Scoring) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Return the numbers of the items on each slate, and their scores."""
    from sartor_plugins.recommend.names import WANTED

    past = model.past(scoring)
    wanted = scoring.rows[WANTED].to_numpy() if WANTED in scoring.rows else np.full(len(scoring), "all")
    made = []
    for place in range(len(scoring)):
        own = past.part(place, place + 1)
        scores = model.scores_of(own, scoring.take(np.array([place])))
        offered = model.offered(scores, own, wanted[place : place + 1])
        places, values = best(offered, int(model.settings["candidates"]))
        kept = np.isfinite(values[0])
        made.append((places[0][kept].astype("int64"), values[0][kept]))
    return made


def by_weights(model: Any, scoring: Scoring) -> Because:
    """Return the summands of a sum of weights; exact."""

    def parts_of(past: Interactions, items: NDArray[np.int64]) -> Parts:
        known = past.matrix(len(model.catalogue), model.settings["half_life"])
        return known.indices.astype("int64"), known.data[:, None].astype("float64") * model.weights(
            known.indices, items
        )

    how = "how alike the two are, times how much what was done tells"
    return because(model, scoring, how, parts_of)


def by_factors(model: Any, scoring: Scoring) -> Because:
    """Return what each past item gives to the product of two places, for the place that somebody ends up in."""
    factors = model.arrays["factors"].astype("float64")
    gram = factors.T @ factors + model.settings["regularisation"] * np.eye(factors.shape[1])

    def parts_of(past: Interactions, items: NDArray[np.int64]) -> Parts:
        known = past.matrix(len(model.catalogue), model.settings["half_life"])
        more = known.data.astype("float64") * model.settings["confidence"]
        mine = factors[known.indices]
        solved = np.linalg.solve(gram + mine.T @ (more[:, None] * mine), factors[items].T)
        return known.indices.astype("int64"), (1 + more)[:, None] * (mine @ solved)

    how = "how alike the two are to this user, times how sure what was done is"
    return because(model, scoring, how, parts_of)


def by_leaving_out(model: Recommending, scoring: Scoring) -> Because:
    """Return by how much the score falls when a past item is left out; what two say together is told of neither."""
    place = iter(range(len(scoring)))

    def parts_of(past: Interactions, items: NDArray[np.int64]) -> Parts:
        row = scoring.take(np.array([next(place)]))
        # The latest first, each once.
        before = past.item[::-1][np.sort(np.unique(past.item[::-1], return_index=True)[1])][:LONGEST]
        tried = _without_each(past, before)
        scores = model.scores_of(tried, row.take(np.zeros(len(tried), dtype=np.int64)))[:, items].astype("float64")
        return before, scores[:1] - scores[1:]

    return because(model, scoring, "what the score falls by when it is left out of the past", parts_of)


def _without_each(past: Interactions, before: NDArray[np.int64]) -> Interactions:
    """Return a past as it is, and without each of some items.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> past = Interactions(np.array([0, 3]), np.array([4, 2, 4]), ones, ones, ones > 0)
    >>> made = _without_each(past, np.array([4, 2]))
    >>> made.starts.tolist(), made.item.tolist()
    ([0, 3, 4, 6], [4, 2, 4, 2, 4, 4])
    """
    kept = [np.arange(len(past.item)), *(np.flatnonzero(past.item != item) for item in before)]
    at = np.concatenate(kept).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum([len(one) for one in kept])]).astype(np.int64)
    return Interactions(starts, past.item[at], past.days[at], past.weight[at], past.bought[at])
