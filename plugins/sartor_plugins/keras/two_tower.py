"""Two towers: users and items as points, by what was bought and by what is said of both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.keras.settings import Dropped, EpochModel, Epochs
from sartor_plugins.learn.settings import Rate
from sartor_plugins.recommend.base import Recommender


class TwoTower(EpochModel, Recommender):
    """Two networks, one that makes a point of an item and one that makes a point of a user; near points go together.

    It is made for beginnings. An item is known by what the task's `catalogue` says of it, kinds, words and numbers, and
    where it was sold by itself, too; what was never sold stands where its words put it, and is recommended from the
    first day on. A user is known by the items had before and by all other features of the row; who did nothing yet by
    those alone. Each step holds the purchases of a batch against each other, with the correction for how often an item
    is bought (logQ [1]_).

    Parameters
    ----------
    width : int
        Numbers that stand for an item or a user.
    hidden : int
        Units of the hidden layer of each tower.
    longest : int
        How many of the last items of a user count.
    forgotten : float
        Share of items that a step knows by their words alone; the larger, the better for new items, and the worse for
        old ones.
    lift : float
        What an item that was never sold is helped by, as the logarithm of how much likelier: nobody knows yet how well
        it sells. 0 leaves it where its words put it, which is seldom among the best.
    buckets : int
        Words of items fall into so many, by hash.
    temperature : float
        How near is near: the smaller, the sharper users are told apart.
    dropout : float
        Share of hidden units that a step leaves out.
    memory : float
        Gigabytes that learning may use; reckoned before anything is learned.
    batch : int, optional
        Purchases behind one step; by default as many as suit what there is.
    candidates : int
        How many items a slate holds; rules of a shop choose among them.
    weights : mapping of event to number
        How much an event tells of a taste, beside a purchase with 1: by default ``add_to_cart`` 0.5, ``click``,
        ``view`` and ``search`` 0.2, ``remove`` 0; others count as a purchase does.

    References
    ----------
    .. [1] Yi and others, "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations", 2019.
    """

    own_catalogue: ClassVar[bool] = True

    width: Annotated[int, Field(ge=2, le=1_024)] = 32
    hidden: Annotated[int, Field(ge=1, le=8_192)] = 64
    longest: Annotated[int, Field(ge=1, le=2_000)] = 30
    forgotten: Annotated[float, Field(ge=0, le=1)] = 0.3
    lift: Annotated[float, Field(ge=-100, le=100)] = 0.5
    buckets: Annotated[int, Field(ge=1, le=10_000_000)] = 16_384
    temperature: Annotated[float, Field(gt=0, le=10)] = 0.1
    dropout: Dropped = 0.2
    memory: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 4.0
    rate: Rate = 0.003
    epochs: Epochs = 60
    patience: Epochs = 8

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the weights."""
        from sartor_plugins.keras.runtime import tensorflow

        tensorflow(context)
        from sartor_plugins.keras.recommending.tower_fitting import fit_two_tower

        return fit_two_tower(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved in a folder."""
        from sartor_plugins.keras.runtime import tensorflow

        tensorflow()
        from sartor_plugins.keras.recommending.tower_fitted import load_met

        return load_met(folder, self.device)
