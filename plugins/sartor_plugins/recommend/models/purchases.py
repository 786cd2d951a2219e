"""What a user bought most often: the scorer of what is bought again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sartor.components import Duration
from sartor_plugins.recommend.base import Recommender

if TYPE_CHECKING:
    from sartor.components import Fitted
    from sartor.context import Context
    from sartor.rows import Training
    from sartor_plugins.recommend.recommender import Recommending


class OwnPurchases(Recommender):
    """What each user bought in most orders before, what sold most of late where that is equal.

    Parameters
    ----------
    half_life : Duration, optional
        An order counts half as much with every half-life that passed since; left out, all count alike.
    ties : Duration
        Half-life of what sold most of late.
    candidates : int
        How many items a slate holds; rules of a shop choose among them.
    weights : mapping of event to number
        How much an event tells of a taste, beside a purchase with 1: by default ``add_to_cart`` 0.5, ``click``,
        ``view`` and ``search`` 0.2, ``remove`` 0; others count as a purchase does.
    """

    half_life: Duration | None = None
    ties: Duration = Duration(14, "day")

    def fit(self, training: Training, context: Context) -> Fitted:
        """Count the buyers of each item; what users bought themselves stands in their rows."""
        from sartor_plugins.recommend.models.counting import fit_own

        return fit_own(self, training)

    def _fitted_class(self) -> type[Recommending]:
        from sartor_plugins.recommend.models.counting import OwnItems

        return OwnItems
