"""The steps of ``prepare`` that learn brings: their settings. What they do is in `sartor_plugins.learn.encoding`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from sartor.components import Columns, FittedStep, Prepare
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.settings import MaxLevels, MinRows, Rounds

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


class PartsStep(Prepare):
    """Base of the steps of learn: all of them read column by column and are saved in one form."""

    def load(self, folder: Path) -> FittedStep:
        """Return the step that was saved."""
        from sartor_plugins.learn.encoding.fitted_step import load

        return load(folder)


class Leave(Prepare):
    """Leaves out columns that one model is not to see, while others do.

    Parameters
    ----------
    columns : list of str
        Their names; ``*`` stands for any letters: ``"*: * before"`` are the readings of windows.
    """

    columns: Annotated[list[str], Field(min_length=1)]

    def fit(self, training: Training, context: Context) -> FittedStep:
        """See which columns those are.

        Raises
        ------
        InputError
            If one of the names is no feature, or none would be left.
        """
        from sartor_plugins.learn.encoding.leaving import fit_leave

        return fit_leave(self, training)

    def load(self, folder: Path) -> FittedStep:
        """Return the step that was saved."""
        from sartor_plugins.learn.encoding.leaving import Left

        return Left.load(folder)


class Mixed(PartsStep):
    """Makes mixed columns into numbers and flags, with nothing missing.

    Numbers are filled by their median and flagged where they were missing; categories become a flag for each level,
    one for missing values, and one shared by levels that are rare or were never seen.

    Parameters
    ----------
    columns : list of str, optional
        All of them, unless named.
    scale : bool
        Bring numbers to mean 0 and standard deviation 1.
    flags : bool
        Flag missing numbers.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    """

    columns: Columns | None = None
    scale: bool = False
    flags: bool = True
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5

    def fit(self, training: Training, context: Context) -> FittedStep:
        """Learn medians and levels."""
        from sartor_plugins.learn.encoding.fitted_step import fit_mixed

        return fit_mixed(self, training)


class Scale(PartsStep):
    """Brings numbers to one scale; flags of 0 and 1 and missing values stay.

    Parameters
    ----------
    columns : list of str, optional
        All numbers, unless named.
    method : {"standard", "robust"}
        ``standard``: mean 0 and standard deviation 1; ``robust``: median 0 and distance of the quartiles 1.
    """

    columns: Columns | None = None
    method: Literal["standard", "robust"] = "standard"

    def fit(self, training: Training, context: Context) -> FittedStep:
        """Learn the scales."""
        from sartor_plugins.learn.encoding.fitted_step import fit_scale

        return fit_scale(self, training)


class OneHot(PartsStep):
    """Makes a flag of each level of a category, one for missing values, and one for rare and unknown levels.

    Parameters
    ----------
    columns : list of str, optional
        All categories, unless named; numbers that are named count as categories.
    max_levels, min_rows : int
        Levels beyond the commonest, or in fewer training rows, share one flag.
    """

    columns: Columns | None = None
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5

    def fit(self, training: Training, context: Context) -> FittedStep:
        """Learn the levels."""
        from sartor_plugins.learn.encoding.fitted_step import fit_one_hot

        return fit_one_hot(self, training)


class TargetMean(PartsStep):
    """Puts the mean target of its level in place of a category: the share of the positive class, or the mean number.

    With more than two classes there is a column for each. Training rows get means that were learned from other rows
    only, fold by fold; rows of one group are in one fold. A level is drawn to the overall mean as by `smoothing` rows
    more; one that was never seen has the overall mean.

    Parameters
    ----------
    columns : list of str, optional
        All categories, unless named; numbers that are named count as categories.
    smoothing : float
        How many rows of the average are mixed into the mean of each level: more trusts rare levels less.
    folds : int
        How many parts the training rows are cut into, for features in which a row's own target is not.
    """

    columns: Columns | None = None
    smoothing: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 20.0
    folds: Rounds = 5

    def fit(self, training: Training, context: Context) -> FittedStep:
        """Learn the means from all training rows, as new rows get them."""
        from sartor_plugins.learn.encoding.means import fit_means

        return fit_means(self, training)

    def fit_transform(self, training: Training, context: Context) -> tuple[FittedStep, pd.DataFrame]:
        """Learn the means; prepare the training rows by those of other rows."""
        from sartor_plugins.learn.encoding.means import cross_fit_means

        return cross_fit_means(self, training, context)


class MissingFlags(PartsStep):
    """Adds a flag beside each column that has missing values in training.

    Parameters
    ----------
    columns : list of str, optional
        All columns with missing values, unless named; a named one gets its flag in any case.
    """

    columns: Columns | None = None

    def fit(self, training: Training, context: Context) -> FittedStep:
        """Learn which columns have gaps."""
        from sartor_plugins.learn.encoding.fitted_step import fit_missing_flags

        return fit_missing_flags(self, training)


class Impute(PartsStep):
    """Fills missing values.

    Parameters
    ----------
    columns : list of str, optional
        All columns, unless named.
    numbers : {"median", "mean", "zero"}
        What a missing number is filled with.
    categories : {"missing", "commonest"}
        A level of its own called ``missing``, or the commonest level.
    """

    columns: Columns | None = None
    numbers: Literal["median", "mean", "zero"] = "median"
    categories: Literal["missing", "commonest"] = "missing"

    def fit(self, training: Training, context: Context) -> FittedStep:
        """Learn what to fill in."""
        from sartor_plugins.learn.encoding.fitted_step import fit_impute

        return fit_impute(self, training)
