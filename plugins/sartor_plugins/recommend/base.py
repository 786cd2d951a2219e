"""What all recommenders share: their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sartor.components import Model
from sartor_plugins.recommend.names import SLATE

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.components import Fitted
    from sartor_plugins.recommend.recommender import Recommending

Weight = Annotated[float, Field(ge=0, le=1000)]


class Recommender(Model):
    """Base of the models that answer with a slate.

    Parameters
    ----------
    candidates : int
        How many items a slate holds; rules of a shop choose among them.
    weights : mapping of event to number
        How much an event tells of a taste, beside a purchase with 1: by default ``add_to_cart`` 0.5, ``click``,
        ``view`` and ``search`` 0.2, ``remove`` 0; others count as a purchase does.
    """

    answers: ClassVar[frozenset[str]] = frozenset({SLATE})
    own_catalogue: ClassVar[bool] = False
    """Whether it knows other items than those that users did something with: its scores are then no others' match."""

    candidates: Annotated[int, Field(ge=1, le=10_000)] = 100
    weights: dict[str, Weight] = Field(default_factory=dict)

    def load(self, folder: Path) -> Fitted:
        """Read what was learned."""
        from sartor_plugins.recommend.recommender import load

        return load(folder, self._fitted_class())

    def _fitted_class(self) -> type[Recommending]:
        """Return the class of what was learned."""
        raise NotImplementedError
