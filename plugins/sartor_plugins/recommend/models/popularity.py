"""What sold most of late: the same for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sartor.components import Duration
from sartor_plugins.recommend.base import Recommender

if TYPE_CHECKING:
    from sartor.components import Fitted
    from sartor.context import Context
    from sartor.rows import Training
    from sartor_plugins.recommend.recommender import Recommending


class Popularity(Recommender):
    """What most people bought of late; each purchase counts half as much with every half-life that passed since.

    Parameters
    ----------
    half_life : Duration, optional
        Left out, all purchases count alike, however old.
    candidates : int
        How many items a slate holds; rules of a shop choose among them.
    weights : mapping of event to number
        How much an event tells of a taste, beside a purchase with 1: by default ``add_to_cart`` 0.5, ``click``,
        ``view`` and ``search`` 0.2, ``remove`` 0; others count as a purchase does.
    """

    half_life: Duration | None = None

    def fit(self, training: Training, context: Context) -> Fitted:
        """Count the buyers of each item."""
        from sartor_plugins.recommend.models.counting import fit_popularity

        return fit_popularity(self, training)

    def _fitted_class(self) -> type[Recommending]:
        from sartor_plugins.recommend.models.counting import PopularItems

        return PopularItems
