"""The best of several models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sartor.components import Fitted, Model, ModelStep
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.settings import BOTH, MetricName

if TYPE_CHECKING:
    from pathlib import Path


class Chosen(Model):
    """Tries models on the inner rows, and learns the best anew from all training rows.

    Every model learns from the inner learning rows and is judged on the inner validation rows, as the recipe's own
    rule splits them; test rows are out of reach. `learned` tells every model's score.

    Parameters
    ----------
    among : mapping of name to ModelStep
        ``{forest: {use: learn.forest}, card: {use: finance.scorecard}}``; of equally good ones the first is taken.
    by : str, optional
        A metric of learn: ``log_loss`` of probabilities and ``rmse`` of numbers, unless named.
    """

    answers: ClassVar[frozenset[str]] = BOTH

    among: Annotated[dict[str, ModelStep], Field(min_length=1)]
    by: MetricName | None = None

    def fit(self, training: Training, context: Context) -> Fitted:
        """Try, choose, and learn anew."""
        from sartor_plugins.learn.fitting.picking import fit_chosen

        return fit_chosen(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.learn.fitting.picking import load_chosen

        return load_chosen(self, folder)
