"""Implicit ALS: users and items as points, found by turns."""

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


class Als(Recommender):
    """Factors of implicit feedback [1]_, found by alternating least squares with conjugate gradients [2]_.

    Whoever is asked is placed by what they did until then, newcomers of yesterday too.

    Parameters
    ----------
    factors : int
        How many numbers place an item.
    iterations : int
        How often users and items are placed by turns.
    confidence : float
        How much more a purchase counts than its absence.
    regularisation : float
        Keeps places near the middle where little is known; larger where there are few purchases.
    half_life : Duration, optional
        When somebody is asked, what they did counts half as much with every half-life that passed since.
    candidates : int
        How many items a slate holds; rules of a shop choose among them.
    weights : mapping of event to number
        How much an event tells of a taste, beside a purchase with 1: by default ``add_to_cart`` 0.5, ``click``,
        ``view`` and ``search`` 0.2, ``remove`` 0; others count as a purchase does.

    References
    ----------
    .. [1] Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", 2008.
    .. [2] Takács, Pilászy and Tikk, "Applications of the Conjugate Gradient Method for Implicit Feedback", 2011.
    """

    factors: Annotated[int, Field(ge=1, le=2048)] = 64
    iterations: Annotated[int, Field(ge=1, le=1000)] = 15
    confidence: Annotated[float, Field(gt=0, le=1e6)] = 10.0
    regularisation: Annotated[float, Field(gt=0, le=1e6)] = 10.0
    half_life: Duration | None = None

    def fit(self, training: Training, context: Context) -> Fitted:
        """Find the factors of the items."""
        from sartor_plugins.recommend.models.factors import fit_als

        return fit_als(self, training, context)

    def _fitted_class(self) -> type[Recommending]:
        from sartor_plugins.recommend.models.factors import ItemFactors

        return ItemFactors
