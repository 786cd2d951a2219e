"""Settings of the trees that learn from all series; the work is in `sartor_plugins.forecast.fitting.growing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sartor.components import QUANTILES, Fitted, Model
from sartor_plugins.forecast.names import M5_QUANTILES
from sartor_plugins.forecast.settings import Quantiles
from sartor_plugins.learn.settings import Leaves, MinLeaf, PartOrAll, Rate, Trees

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.context import Context
    from sartor.rows import Training


class _Boosted(Model):
    """What both forms of boosting have alike."""

    answers: ClassVar[frozenset[str]] = frozenset({QUANTILES})

    quantiles: Quantiles = Field(default_factory=lambda: list(M5_QUANTILES))
    trees: Trees = 300
    rate: Rate = 0.05
    leaves: Leaves = 31
    min_leaf: MinLeaf = 50
    max_features: PartOrAll = 0.7
    quantile_trees: Trees = 120
    quantile_rate: Rate = 0.08
    correct_on: Annotated[int, Field(ge=0, le=52)] = 3
    repeats: Annotated[int, Field(ge=1, le=20)] = 1
    mean: bool = True

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.forecast.fitting.growing import FittedGrown

        return FittedGrown.load(folder)


class Boosting(_Boosted):
    """Boosted trees of scikit-learn over all series at once: what is expected, and each quantile.

    Demand is learned as a multiple of what is usual for the series, so that small and large stores teach each other;
    the level of what is expected is then corrected by what trees that had not seen the last stretches of training said
    too much or too little there. Quantiles of what comes in whole units are whole; where less than one unit is usual
    they are multiples of one.

    Parameters
    ----------
    quantiles : list of float
        Quantiles that it answers with.
    trees, rate : int, float
        Trees for what is expected, and how much of each is taken.
    leaves, min_leaf : int
        Most leaves of a tree, fewest training rows in one.
    max_features : float
        Share of the features that each split, or tree, may choose from.
    quantile_trees, quantile_rate : int, float
        The same for each quantile.
    correct_on : int
        Stretches at the end of training, each as long as answers look ahead, that the level of what is expected is
        corrected on as far as they agree; the correction halves with each stretch that passes. 0 for no correction.
    repeats : int
        Forests for what is expected, each with a seed of its own; their mean answers, which luck moves less.
    mean : bool
        False spares the trees for what is expected: the answer is then that of the middle quantiles.
    """

    def fit(self, training: Training, context: Context) -> Fitted:
        """Grow the trees."""
        from sartor_plugins.forecast.fitting.growing import fit_boosting

        return fit_boosting(self, training, context)


class LightGBM(_Boosted):
    """The same with the trees of LightGBM, which are quicker.

    Parameters
    ----------
    quantiles : list of float
        Quantiles that it answers with.
    trees, rate : int, float
        Trees for what is expected, and how much of each is taken.
    leaves, min_leaf : int
        Most leaves of a tree, fewest training rows in one.
    max_features : float
        Share of the features that each tree may choose from.
    quantile_trees, quantile_rate : int, float
        The same for each quantile.
    correct_on : int
        Stretches at the end of training, each as long as answers look ahead, that the level of what is expected is
        corrected on as far as they agree; the correction halves with each stretch that passes. 0 for no correction.
    repeats : int
        Forests for what is expected, each with a seed of its own; their mean answers, which luck moves less.
    mean : bool
        False spares the trees for what is expected: the answer is then that of the middle quantiles.
    rows : float
        Share of the rows that each tree sees.
    tweedie : float
        Between 1 and 2: how fast the spread of demand grows with its size.
    """

    rows: PartOrAll = 0.8
    tweedie: Annotated[float, Field(gt=1, lt=2)] = 1.2

    def fit(self, training: Training, context: Context) -> Fitted:
        """Grow the trees."""
        from sartor_plugins.forecast.fitting.growing import fit_lightgbm

        return fit_lightgbm(self, training, context)
