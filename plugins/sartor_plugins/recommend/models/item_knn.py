"""Neighbours of items: what was bought by those who bought this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from sartor.components import Duration
from sartor_plugins.recommend.base import Recommender

if TYPE_CHECKING:
    from sartor.components import Fitted
    from sartor.context import Context
    from sartor.rows import Training
    from sartor_plugins.recommend.recommender import Recommending


class ItemKnn(Recommender):
    """Items whose buyers are most alike, by the cosine of who bought them.

    Parameters
    ----------
    neighbours : int
        How many are kept of each item.
    shrink : float
        The larger, the less two items count as alike that few bought.
    of : {"offered", "owned"}
        Whose neighbours count: those of the item that may be offered, or those of the items that somebody has. The
        second favours what is a neighbour of many; which is better differs from shop to shop.
    half_life : Duration, optional
        When somebody is asked, what they did counts half as much with every half-life that passed since.
    candidates : int
        How many items a slate holds; rules of a shop choose among them.
    weights : mapping of event to number
        How much an event tells of a taste, beside a purchase with 1: by default ``add_to_cart`` 0.5, ``click``,
        ``view`` and ``search`` 0.2, ``remove`` 0; others count as a purchase does.
    """

    neighbours: Annotated[int, Field(ge=1, le=10_000)] = 100
    shrink: Annotated[float, Field(ge=0, le=1e6)] = 10.0
    of: Literal["offered", "owned"] = "offered"
    half_life: Duration | None = None

    def fit(self, training: Training, context: Context) -> Fitted:
        """Find the neighbours."""
        from sartor_plugins.recommend.models.weighing import fit_neighbours

        return fit_neighbours(self, training)

    def _fitted_class(self) -> type[Recommending]:
        from sartor_plugins.recommend.models.weighing import ItemWeights

        return ItemWeights
