"""EASE: every item foretold from all others by one linear model, solved at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sartor.components import Duration
from sartor_plugins.recommend.base import Recommender

if TYPE_CHECKING:
    from sartor.components import Fitted
    from sartor.context import Context
    from sartor.rows import Training
    from sartor_plugins.recommend.recommender import Recommending


class Ease(Recommender):
    """EASE [1]_: each item foretold from all others by one ridge regression, solved at once for all items.

    It needs the memory of two tables of items by items, which is reckoned before anything is learned; where that is
    more than `memory` allows, neighbours of items answer in its place, and the run says so.

    Parameters
    ----------
    l2 : float
        Regularisation; larger where there are few users.
    keep : int
        How many weights of each item are kept, the largest ones; 0 keeps all.
    half_life : Duration, optional
        When somebody is asked, what they did counts half as much with every half-life that passed since.
    memory : float
        Gigabytes that may be used.
    candidates : int
        How many items a slate holds; rules of a shop choose among them.
    weights : mapping of event to number
        How much an event tells of a taste, beside a purchase with 1: by default ``add_to_cart`` 0.5, ``click``,
        ``view`` and ``search`` 0.2, ``remove`` 0; others count as a purchase does.

    References
    ----------
    .. [1] Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019.
    """

    l2: Annotated[float, Field(gt=0, le=1e9)] = 250.0
    keep: Annotated[int, Field(ge=0)] = 0
    half_life: Duration | None = None
    memory: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 4.0

    def fit(self, training: Training, context: Context) -> Fitted:
        """Solve for the weights."""
        from sartor_plugins.recommend.models.weighing import fit_ease

        return fit_ease(self, training, context)

    def _fitted_class(self) -> type[Recommending]:
        from sartor_plugins.recommend.models.weighing import ItemWeights

        return ItemWeights
