"""Rows that are soon alone: the isolation forest."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from sartor.components import PROBABILITY, Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.settings import LearnModel, MaxLevels, MinRows, PartOrAll, Trees


class IsolationForest(LearnModel):
    """How soon a row is alone when a few rows are parted at random [1]_: rare ones are soon.

    The trees never see the truth, so that they cannot learn yesterday's fraud by heart, and find what nobody has
    labelled. To answer with probabilities that can be weighed against money, a curve of that one score is learned
    from the truth of the training rows: the order of the answers stays that of the score.

    Parameters
    ----------
    trees : int
        How many trees.
    rows : int
        How many rows are drawn for each tree.
    max_features : float
        Share of the features that each tree sees.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.

    References
    ----------
    .. [1] Liu, Ting and Zhou, "Isolation Forest", ICDM 2008.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    trees: Trees = 200
    rows: Annotated[int, Field(ge=2, le=1_000_000)] = 256
    max_features: PartOrAll = 1.0
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5

    def fit(self, training: Training, context: Context) -> Fitted:
        """Grow the trees, and learn the curve."""
        from sartor_plugins.learn.fitting.isolation import fit_isolation_forest

        return fit_isolation_forest(self, training, context)
