"""Recommenders that count: what sold of late, and what each user bought most often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sartor_plugins.recommend.interactions import Interactions, decay, learned_from
from sartor_plugins.recommend.recommender import Recommending, shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.components import Duration
    from sartor.rows import Training
    from sartor_plugins.recommend.models.popularity import Popularity
    from sartor_plugins.recommend.models.purchases import OwnPurchases

DAYS = {"second": 1 / 86_400, "minute": 1 / 1_440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4375,
        "year": 365.25}  # fmt: skip


def days_of(duration: Duration | None) -> float | None:
    """Return a length of time in days; months and years at their mean length."""
    return None if duration is None else duration.count * DAYS[duration.unit]


def buyers(past: Interactions, items: int, half_life: float | None) -> NDArray[np.float64]:
    """Return how many users bought each item, each by the latest purchase, halved with every half-life.

    Examples
    --------
    >>> two = Interactions(np.array([0, 2, 3]), np.array([0, 0, 0]), np.array([0.0, 9.0, 7.0]), np.ones(3),
    ...                    np.ones(3, dtype=bool))
    >>> buyers(two, 1, 7.0).tolist()
    [1.5]
    """
    found = past.only(past.bought)
    matrix = found.matrix(items, half_life)
    return np.asarray(matrix.sum(axis=0, dtype="float64")).ravel()


def fit_popularity(model: Popularity, training: Training) -> PopularItems:
    """Count the buyers of each item."""
    catalogue, past = learned_from(training, model.weights)
    counts = buyers(past, len(catalogue), days_of(model.half_life))
    return PopularItems(catalogue, shared(model), {"popularity": np.log1p(counts).astype("float32")})


def fit_own(model: OwnPurchases, training: Training) -> OwnItems:
    """Count the buyers of each item, for ties."""
    catalogue, past = learned_from(training, model.weights)
    counts = buyers(past, len(catalogue), days_of(model.ties))
    scaled = counts / max(float(counts.max()), 1e-12)
    return OwnItems(catalogue, shared(model, half_life=days_of(model.half_life)), {"ties": scaled.astype("float32")})


class PopularItems(Recommending):
    """What sold most, for everybody."""

    personal = False

    def scores(self, past: Interactions) -> NDArray[np.float32]:
        """Return the logarithm of the number of buyers, the same for all."""
        return np.broadcast_to(self.arrays["popularity"], (len(past), len(self.catalogue))).astype("float32")


class OwnItems(Recommending):
    """What each user bought most often."""

    def scores(self, past: Interactions) -> NDArray[np.float32]:
        """Return the logarithm of the number of orders, with less than a thousandth of what sold of late."""
        own = past.only(past.bought)
        half_life = self.settings["half_life"]
        weight = np.ones(len(own.item)) if half_life is None else decay(own.days, half_life)
        counts = np.zeros((len(past), len(self.catalogue)))
        np.add.at(counts, (own.user, own.item), weight)
        return np.asarray(np.log1p(counts) + 1e-3 * self.arrays["ties"], dtype="float32")
