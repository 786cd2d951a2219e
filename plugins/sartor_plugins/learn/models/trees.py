"""Trees and forests."""

from __future__ import annotations

from typing import ClassVar

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.settings import (
    ClassWeights,
    Depth,
    LearnModel,
    MaxFeatures,
    MaxLevels,
    MinLeaf,
    MinRows,
    PartOrAll,
    Trees,
)


class Tree(LearnModel):
    """One decision tree, shallow enough to be read; `learned` tells its rules.

    Numbers are filled by their median and flagged where they were missing; categories become flags.

    Parameters
    ----------
    depth : int
        Longest way from a tree's root to a leaf, in questions asked.
    min_leaf : int
        Fewest training rows in a leaf.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    class_weights : {"none", "balanced"}
        ``balanced`` learns as if all classes were equally common, and turns probabilities back to the real shares.
    """

    depth: Depth = 6
    min_leaf: MinLeaf = 20
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5
    class_weights: ClassWeights = "none"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Grow the tree."""
        from sartor_plugins.learn.fitting.trees import fit_tree

        return fit_tree(self, training, context)


class Forest(LearnModel):
    """Random forest: trees on redrawn rows, each split choosing from a few features, averaged.

    Features are encoded as for `Tree`.

    Parameters
    ----------
    trees : int
        How many trees.
    depth : int, optional
        As deep as leaves allow, unless given.
    min_leaf : int
        Fewest training rows in a leaf.
    max_features : {"sqrt", "all"} or share
        Features that a split may choose from: their square root, all, or a share of them.
    rows : float
        Share of the rows that each tree sees, drawn with replacement.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    class_weights : {"none", "balanced"}
        ``balanced`` learns as if all classes were equally common, and turns probabilities back to the real shares.
    """

    redraws: ClassVar[bool] = True

    trees: Trees = 300
    depth: Depth | None = None
    min_leaf: MinLeaf = 5
    max_features: MaxFeatures = "sqrt"
    rows: PartOrAll = 1.0
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5
    class_weights: ClassWeights = "none"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Grow the trees."""
        from sartor_plugins.learn.fitting.trees import fit_forest

        return fit_forest(self, training, context)


class ExtraTrees(LearnModel):
    """Extremely randomised trees: thresholds are drawn, not searched; all rows in every tree.

    Features are encoded as for `Tree`.

    Parameters
    ----------
    trees : int
        How many trees.
    depth : int, optional
        Longest way from a tree's root to a leaf, in questions asked.
    min_leaf : int
        Fewest training rows in a leaf.
    max_features : {"sqrt", "all"} or share
        Features that a split may choose from: their square root, all, or a share of them.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    class_weights : {"none", "balanced"}
        ``balanced`` learns as if all classes were equally common, and turns probabilities back to the real shares.
    """

    trees: Trees = 300
    depth: Depth | None = None
    min_leaf: MinLeaf = 5
    max_features: MaxFeatures = "sqrt"
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5
    class_weights: ClassWeights = "none"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Grow the trees."""
        from sartor_plugins.learn.fitting.trees import fit_extra_trees

        return fit_extra_trees(self, training, context)
