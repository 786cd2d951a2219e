"""Nearest neighbours."""

from __future__ import annotations

from typing import Literal

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.settings import LearnModel, MaxLevels, MinRows, Neighbours


class Nearest(LearnModel):
    """Asks the nearest training rows.

    Features are encoded as for `learn.logistic`. Rows at the same distance as the last neighbour share its place, so
    that no order of rows decides. One more neighbour answers with the base rate: a handful of equal rows is not
    certain. **The saved model holds the training rows' encoded features**: keep it as private as they are.

    Parameters
    ----------
    neighbours : int
        All training rows, where there are fewer.
    weigh : {"even", "distance"}
        ``distance``: a neighbour counts by 1 / distance.
    scale : bool
        Bring numbers to one scale.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    """

    neighbours: Neighbours = 50
    weigh: Literal["even", "distance"] = "even"
    scale: bool = True
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5

    def fit(self, training: Training, context: Context) -> Fitted:
        """Remember the rows."""
        from sartor_plugins.learn.fitting.nearest import fit_nearest

        return fit_nearest(self, training, context)
