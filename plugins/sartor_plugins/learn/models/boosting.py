"""Boosted trees: scikit-learn's histogram boosting, and LightGBM."""

from __future__ import annotations

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.settings import (
    ClassWeights,
    Depth,
    LearnModel,
    Leaves,
    MaxLevels,
    MinLeaf,
    PartOrAll,
    Penalty,
    Rate,
    Trees,
)


class Boosting(LearnModel):
    """Histogram gradient boosting of scikit-learn; categories and missing values as they are.

    Parameters
    ----------
    trees : int
        With `early_stopping` the most there may be.
    rate : float
        How much of each tree's correction is taken: the learning rate.
    leaves : int
        Most leaves of a tree.
    depth : int, optional
        Longest way from a tree's root to a leaf, in questions asked.
    min_leaf : int
        Fewest training rows in a leaf.
    penalty : float
        L2 penalty on leaf values.
    max_features : float
        Share of the features that each split may choose from.
    early_stopping : bool
        Keep as many trees as do best on the inner rows, then learn them anew from all training rows.
    max_levels : int
        Levels of a category that keep a code of their own, the commonest first.
    class_weights : {"none", "balanced"}
        ``balanced`` learns as if all classes were equally common, and turns probabilities back to the real shares.
    """

    trees: Trees = 200
    rate: Rate = 0.05
    leaves: Leaves = 15
    depth: Depth | None = None
    min_leaf: MinLeaf = 20
    penalty: Penalty = 5.0
    max_features: PartOrAll = 1.0
    early_stopping: bool = False
    max_levels: MaxLevels = 200
    class_weights: ClassWeights = "none"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Grow the trees."""
        from sartor_plugins.learn.fitting.boosting import fit_boosting

        return fit_boosting(self, training, context)


class LightGBM(LearnModel):
    """LightGBM; categories and missing values as they are, repeatable to the last bit.

    Parameters
    ----------
    trees : int
        With `early_stopping` the most there may be.
    rate : float
        How much of each tree's correction is taken: the learning rate.
    leaves : int
        Most leaves of a tree.
    depth : int, optional
        Longest way from a tree's root to a leaf, in questions asked.
    min_leaf : int
        Fewest training rows in a leaf.
    penalty : float
        L2 penalty on leaf values.
    rows : float
        Share of the rows that each tree sees.
    max_features : float
        Share of the features that each tree sees.
    threads : int
        One unless asked for: spinning threads on a shared processor cost many times what they save. Never more than
        the run may use.
    early_stopping : bool
        Keep as many trees as do best on the inner rows, then learn them anew from all training rows.
    max_levels : int
        Levels of a category that keep a code of their own, the commonest first.
    class_weights : {"none", "balanced"}
        ``balanced`` learns as if all classes were equally common, and turns probabilities back to the real shares.
    """

    trees: Trees = 300
    rate: Rate = 0.03
    leaves: Leaves = 15
    depth: Depth | None = None
    min_leaf: MinLeaf = 30
    penalty: Penalty = 5.0
    rows: PartOrAll = 0.8
    max_features: PartOrAll = 0.6
    threads: Trees = 1
    early_stopping: bool = False
    max_levels: MaxLevels = 200
    class_weights: ClassWeights = "none"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Grow the trees."""
        from sartor_plugins.learn.fitting.lightgbm import fit_lightgbm

        return fit_lightgbm(self, training, context)
