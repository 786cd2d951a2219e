"""Several recommenders in one, mixed by weights that are found on inner rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sartor.components import ModelStep
from sartor.errors import Problem
from sartor_plugins.recommend.base import Recommender, Weight

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.components import Fitted
    from sartor.context import Context
    from sartor.plugins import Plugins
    from sartor.rows import Training
    from sartor_plugins.recommend.recommender import Recommending


class Blend(Recommender):
    """Adds up the scores of recommenders, each with a weight.

    The scores of each are scaled to 1 for the best item of each user, but for those of `recommend.own_purchases`,
    which say by themselves how often something was bought. Weights are found by learning from the inner learning rows
    and trying on the inner validation rows, one weight after the other; then everything is learned anew from all
    training rows. Rows that judge are out of reach.

    Parameters
    ----------
    models : mapping of name to ModelStep
        The first one's weight is 1, unless it is of no use.
    mix : mapping of name to number
        Weights that are taken as they are; nothing is tried then.
    tried : int
        How many users of the validation rows are tried on, where there are more.
    candidates : int
        How many items a slate holds; rules of a shop choose among them.
    weights : mapping of event to number
        When somebody is asked, how much an event tells of a taste, beside a purchase with 1: by default ``add_to_cart``
        0.5, ``click``, ``view`` and ``search`` 0.2, ``remove`` 0; others count as a purchase does.
    """

    models: Annotated[dict[str, ModelStep], Field(min_length=1, max_length=20)]
    mix: dict[str, Weight] = Field(default_factory=dict)
    tried: Annotated[int, Field(ge=10)] = 4000

    def check_settings(self, plugins: Plugins) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
        """Say which of the models is no recommender whose scores can be added, and which weight is of none."""
        for name, step in self.models.items():
            try:
                cls = plugins.class_of(plugins.find(step.use))
            except Exception:  # noqa: BLE001, S112 - `check` reports a model that is not there by itself
                continue
            if not issubclass(cls, Recommender) or issubclass(cls, Blend) or cls.own_catalogue or step.prepare:
                message = f"'{step.use}' gives no scores that can be added to those of others"
                hints = (("to mend", "take recommenders of recommend: ease, item_knn, als, popularity, own_purchases"),)
                yield ("models", name, "use"), Problem("R025", message, hints=hints)
        for name in self.mix:
            if name not in self.models:
                hints = (("there are", ", ".join(self.models)),)
                yield ("mix", name), Problem("R034", f"mix weighs '{name}', and no model is called so", hints=hints)

    def fit(self, training: Training, context: Context) -> Fitted:
        """Find the weights, and learn all models."""
        from sartor_plugins.recommend.models.mixing import fit_blend

        return fit_blend(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Read the models and their weights."""
        from sartor_plugins.recommend.models.mixing import load_blend

        return load_blend(self, folder)

    def _fitted_class(self) -> type[Recommending]:
        from sartor_plugins.recommend.models.mixing import Mixed

        return Mixed
