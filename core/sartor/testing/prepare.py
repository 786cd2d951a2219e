"""The suite for steps of prepare."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sartor.components import NUMBER, PROBABILITY, Kind
from sartor.rows import Scoring, Training
from sartor.testing.comparing import difference
from sartor.testing.learner import Case, LearnerTests, sample_cases

_TOGETHER = 0.35
"""Correlation with a target drawn by lot from which on a feature holds it: four standard errors of 160 rows."""


class PrepareTests(LearnerTests):
    """Tests that every step of prepare must pass.

    Attributes
    ----------
    entry : str
        The component's id.
    settings : dict
        What would stand under ``with``. The sample columns are ``amount``, ``months``, ``balance`` (numbers),
        ``channel`` (text), ``region`` (category) and ``member`` (flag).
    answers : tuple of str
        The tasks that the step is for.
    tolerance, rows_alone, heavy
        See `LearnerTests` and `ComponentTests`.

    Examples
    --------
    >>> class TestRelative(PrepareTests):
    ...     entry = "hello.relative"
    ...     settings = {"number": "amount", "by": "channel"}
    """

    kind: ClassVar[Kind] = "prepare"
    verb: ClassVar[str] = "transform"
    answers: ClassVar[tuple[str, ...]] = (PROBABILITY, NUMBER)

    # -- what an author may override ------------------------------------------------------------------------------

    def cases(self) -> list[Case]:
        """Return the rows that the step is tested on: sample data for each of `answers`."""
        return [case for answers in self.answers for case in sample_cases(answers)]

    # -- what the checks use --------------------------------------------------------------------------------------

    def results(self, learned: Any, scoring: Scoring) -> pd.DataFrame:
        """Transform."""
        transformed = learned.transform(scoring.X)
        assert isinstance(transformed, pd.DataFrame), (
            f"transform must return a DataFrame, and returns {type(transformed).__name__}"
        )
        return transformed

    # -- checks ---------------------------------------------------------------------------------------------------

    def test_every_line_is_kept(self, tmp_path: Path) -> None:
        """As many lines as before, numbered as before, of training rows and of others; no infinite numbers."""
        for case in self.ready(tmp_path):
            learned, own = self.component().fit_transform(case.training, self.context(tmp_path))
            others = self.results(learned, case.scoring)
            for verb, before, after in (("fit_transform", case.training.X, own), ("transform", case.scoring.X, others)):
                wrong = _problem_in_features(before, after)
                assert wrong is None, f"{case.name}: {verb}: {wrong}"

    def test_training_rows_and_others_get_the_same_columns(self, tmp_path: Path) -> None:
        """A model learns from one and answers on the other."""
        for case in self.ready(tmp_path):
            learned, own = self.component().fit_transform(case.training, self.context(tmp_path))
            others = self.results(learned, case.scoring)
            assert list(own.columns) == list(others.columns), (
                f"{case.name}: training rows get the columns {list(own.columns)}, and others {list(others.columns)}"
            )
            assert own.columns.is_unique, f"{case.name}: two columns have one name: {list(own.columns)}"
            for name in own.columns:
                assert _sort(own[name]) == _sort(others[name]), (
                    f"{case.name}: '{name}' is {own[name].dtype} in training rows and {others[name].dtype} in others"
                )

    def test_what_training_never_showed_is_prepared(self, tmp_path: Path) -> None:
        """Unseen categories and missing values give the columns that training gave."""
        for case in self.ready(tmp_path):
            scoring = case.unseen or case.scoring
            learned = self.learn(case, tmp_path)
            expected = list(self.results(learned, case.scoring).columns)
            try:
                found = self.results(learned, scoring)
            except Exception as error:
                raise AssertionError(
                    f"{case.name}: unseen categories and missing values must be prepared, "
                    f"and transform raises {type(error).__name__}: {error}"
                ) from error
            assert list(found.columns) == expected, (
                f"{case.name}: unseen categories and missing values change the columns from {expected} "
                f"to {list(found.columns)}"
            )
            wrong = _problem_in_features(scoring.X, found)
            assert wrong is None, f"{case.name}: with unseen categories and missing values: {wrong}"

    def test_no_training_row_sees_its_own_target(self, tmp_path: Path) -> None:
        """A step that looks at the target must be cross-fitted: a row's features come from other rows' targets.

        Where another target in a row leaves that row's features as they were, there is nothing to find. Where they
        change, folds may have been drawn by the target; then the step is given labels and targets that have nothing
        to do with each other, and no feature may go along with the target.
        """
        for case in self.ready(tmp_path):
            _, before = self.component().fit_transform(case.training, self.context(tmp_path))
            for line in _spread(len(case.training)):
                other = _with_another_target(case.training, line)
                _, after = self.component().fit_transform(other, self.context(tmp_path))
                changed = difference(before.iloc[[line]], after.iloc[[line]], f"training row {line}", 1e-9)
                if changed is not None:
                    leak = self._leak(case.training, tmp_path)
                    assert leak is None, (
                        f"{case.name}: with another target in it, {changed}; and {leak}: a row's own target is in its "
                        "feature; override fit_transform with a cross-fitted form"
                    )
                    break

    def _leak(self, training: Training, folder: Path) -> str | None:
        """Name a feature that goes along with targets that nothing can know."""
        unknowable = _unknowable(training)
        _, X = self.component().fit_transform(unknowable, self.context(folder))
        for name, truth in _numbers_of(unknowable).items():
            for column in X.columns[[pd.api.types.is_numeric_dtype(dtype) for dtype in X.dtypes]]:
                values = X[column].to_numpy(dtype=float, na_value=np.nan)
                known = np.isfinite(values)
                if known.sum() < 20 or np.ptp(values[known]) == 0:
                    continue
                together = float(np.corrcoef(values[known], truth[known])[0, 1])
                if abs(together) > _TOGETHER:
                    return f"'{column}' goes along with {name} that was drawn by lot (correlation {together:.2f})"
        return None


def _sort(column: pd.Series) -> str:
    """Return what sort of column a model sees; text and categories are one sort."""
    if column.dtype == bool:
        return "flag"
    return "number" if pd.api.types.is_numeric_dtype(column.dtype) else "category"


def _problem_in_features(before: pd.DataFrame, after: Any) -> str | None:
    if not isinstance(after, pd.DataFrame):
        return f"must give a DataFrame, and gives {type(after).__name__}"
    if len(after) != len(before):
        return f"{len(before)} lines have become {len(after)}"
    if not after.index.equals(before.index):
        return "the lines must be numbered as they were"
    for name in after.columns:
        if pd.api.types.is_numeric_dtype(after[name].dtype) and np.isinf(after[name].to_numpy(dtype=float)).any():
            return f"'{name}' has become infinite"
    return None


def _spread(lines: int) -> list[int]:
    """Return a few lines from everywhere."""
    return sorted({0, lines // 5, lines // 2, lines - 1})


def _with_another_target(training: Training, line: int) -> Training:
    y = training.y.copy()
    if isinstance(y, pd.DataFrame):
        y.iloc[line] = y.iloc[(line + 1) % len(y)]
    elif training.answers == PROBABILITY:
        y[line] = (y[line] + 1) % len(training.classes)
    else:
        y[line] = y[line] + 1000
    return replace(training, y=y)


def _unknowable(training: Training) -> Training:
    """Return the rows with labels and targets drawn by lot, each label in some three rows.

    In a mean over three rows a row's own target is a third of what is seen; cross-fitted means show nothing of it.
    """
    rng = np.random.default_rng(17)
    X = training.X.copy(deep=True)
    for name in X.columns:
        if _sort(X[name]) == "category":
            labels = [f"label {number}" for number in rng.integers(0, max(2, len(X) // 3), len(X))]
            X[name] = pd.Series(labels, index=X.index, dtype="str").astype(X[name].dtype.name)
    places = rng.permutation(len(X))
    y = training.y.iloc[places].reset_index(drop=True) if isinstance(training.y, pd.DataFrame) else training.y[places]
    return replace(training, X=X, y=y)


def _numbers_of(training: Training) -> dict[str, np.ndarray]:
    """Return the target as numbers, by what a message calls them."""
    if isinstance(training.y, pd.DataFrame):
        numbers = training.y.select_dtypes("number")
        return {f"the target '{name}'": numbers[name].to_numpy(dtype=float) for name in numbers.columns}
    if training.answers == PROBABILITY and len(training.classes) > 2:
        return {f"class {label!r}": (training.y == place) * 1.0 for place, label in enumerate(training.classes)}
    numeric = np.issubdtype(np.asarray(training.y).dtype, np.number)
    return {"a target": np.asarray(training.y, dtype=float)} if numeric else {}
