"""Settings of survival trees of scikit-survival, an extra of its own as it is GPL-3.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sartor.components import Fitted, Model
from sartor_plugins.learn.settings import Depth, MaxFeatures, MaxLevels, MinLeaf, MinRows, PartOrAll, Rate, Trees
from sartor_plugins.survival.answer import SURVIVAL

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.context import Context
    from sartor.rows import Training


class _SurvivalTrees(Model):
    """What both say alike."""

    answers: ClassVar[frozenset[str]] = frozenset({SURVIVAL})

    def load(self, folder: Path) -> Fitted:
        """Return what was saved; it takes no scikit-survival to predict."""
        from sartor_plugins.survival.fitting.tree_arrays import SurvivalTreesFit

        return SurvivalTreesFit.load(folder)


class Forest(_SurvivalTrees):
    """Random survival forest.

    Times are first brought to at most 200 different ones, each to the next of equal shares of the events: a forest
    keeps a curve in every leaf, and neither time nor memory then grow with the number of events.

    Parameters
    ----------
    trees : int
        How many of them.
    min_leaf : int
        Fewest training rows in a leaf.
    depth : int, optional
        Longest way from a tree's root to a leaf, in questions asked.
    max_features : "sqrt", "all" or a share
        Features that each split may choose from.
    threads : int
        How many trees grow at once; never more than the run may use.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    """

    trees: Trees = 200
    min_leaf: MinLeaf = 15
    depth: Depth | None = None
    max_features: MaxFeatures = "sqrt"
    threads: Trees = 1
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5

    def fit(self, training: Training, context: Context) -> Fitted:
        """Grow the trees."""
        from sartor_plugins.survival.fitting.growing import fit_forest

        return fit_forest(self, training, context)


class Boosting(_SurvivalTrees):
    """Gradient boosted trees on the partial likelihood of Cox regression; the curve is Breslow's.

    Parameters
    ----------
    trees : int
        How many of them.
    rate : float
        How much of each tree's correction is taken: the learning rate.
    depth : int
        Longest way from a tree's root to a leaf.
    rows : float
        Share of the rows that each tree sees.
    min_leaf : int
        Fewest training rows in a leaf.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    """

    trees: Trees = 100
    rate: Rate = 0.1
    depth: Depth = 2
    rows: PartOrAll = 0.5
    min_leaf: MinLeaf = 1
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5

    def fit(self, training: Training, context: Context) -> Fitted:
        """Grow the trees, one after the other."""
        from sartor_plugins.survival.fitting.growing import fit_boosting

        return fit_boosting(self, training, context)
