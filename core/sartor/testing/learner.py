"""What models and steps of prepare must both keep: the seed decides, nothing leaks, and what is saved is data."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sartor.components import NUMBER, PROBABILITY
from sartor.rows import ROW, Scoring, Training
from sartor.testing.comparing import difference
from sartor.testing.component import ComponentTests, Watch
from sartor.testing.pickles import pickles_in
from sartor.testing.samples import sample_classification, sample_regression


@dataclass(frozen=True)
class Case:
    """Rows to learn from, and other rows to be held against what was learned.

    Parameters
    ----------
    name : str
        How a message calls the case: ``two classes``.
    training : Training
    held_out : Training
        Rows of the same columns with their truth, which the component never sees.
    unseen : Scoring, optional
        Rows with what training never showed; made of the held-out rows where it is left out, see `strange`.
    """

    name: str
    training: Training
    held_out: Training
    unseen: Scoring | None = None

    @property
    def scoring(self) -> Scoring:
        """The held-out rows as a component may see them."""
        return self.held_out.without_truth()


def halves(name: str, rows: Training) -> Case:
    """Make a case of rows: the first two thirds to learn from, the rest held out.

    Examples
    --------
    >>> case = halves("two classes", sample_classification(rows=90))
    >>> len(case.training), len(case.scoring)
    (60, 30)
    """
    cut = len(rows) * 2 // 3
    return Case(name, rows.take(np.arange(cut)), rows.take(np.arange(cut, len(rows))))


def sample_cases(answers: str, many_classes: bool = True) -> list[Case]:
    """Return the cases of sample data for what a task asks.

    Parameters
    ----------
    answers : str
        ``probability`` or ``number``; other answers have no sample data.
    many_classes : bool
        Whether a case with three classes is among those of ``probability``.

    Examples
    --------
    >>> [case.name for case in sample_cases("probability")]
    ['two classes', 'three classes']
    """
    if answers == NUMBER:
        return [halves("number", sample_regression())]
    if answers != PROBABILITY:
        return []
    cases = [halves("two classes", sample_classification())]
    if many_classes:
        cases.append(halves("three classes", sample_classification(classes=("low", "middle", "high"))))
    return cases


class LearnerTests(ComponentTests):
    """Base of `ModelTests` and `PrepareTests`.

    Attributes
    ----------
    tolerance : float
        How far two results may lie apart that need not agree to the last bit: one row alone and the same row among
        others, where a library multiplies matrices of another shape.
    rows_alone : bool
        Whether each row is answered for itself. False only for what ranks or normalises the rows that it is handed
        together.
    verb : str
        What turns rows into results.
    """

    tolerance: ClassVar[float] = 1e-7
    rows_alone: ClassVar[bool] = True
    verb: ClassVar[str] = "predict"

    # -- what the two suites say of themselves --------------------------------------------------------------------

    def cases(self) -> list[Case]:
        """Return the rows that the component is tested on."""
        raise NotImplementedError

    def results(self, learned: Any, scoring: Scoring) -> pd.DataFrame:
        """Return what was learned says of rows."""
        raise NotImplementedError

    # -- what the checks use --------------------------------------------------------------------------------------

    def ready(self, folder: Path) -> Iterator[Case]:
        """Yield the cases as the component meets them."""
        for case in self.cases():
            yield replace(case, unseen=case.unseen or strange(case.scoring))

    def learn(self, case: Case, folder: Path, component: Any = None, seed: int = 0) -> Any:
        """Fit anew on a case's training rows."""
        component = self.component() if component is None else component
        return component.fit(case.training, self.context(folder, seed))

    # -- checks ---------------------------------------------------------------------------------------------------

    def test_the_same_seed_gives_the_same_results(self, tmp_path: Path) -> None:
        """Two fits with one seed agree to the last bit."""
        for case in self.ready(tmp_path):
            first = self.results(self.learn(case, tmp_path / "first", seed=7), case.scoring)
            second = self.results(self.learn(case, tmp_path / "second", seed=7), case.scoring)
            changed = difference(first, second, "the result")
            assert changed is None, (
                f"{case.name}: two fits with one seed differ: {changed}; seed everything random from context.seed"
            )

    def test_what_it_is_handed_stays_unchanged(self, tmp_path: Path) -> None:
        """Neither settings, training rows, scoring rows nor the global random generator change."""
        for case in self.ready(tmp_path):
            component, scoring = self.component(), case.scoring
            watch = Watch(settings=component, training=case.training)
            learned = self.learn(case, tmp_path, component)
            watch.assert_unchanged(f"{case.name}: fit")
            watch = Watch(settings=component, scoring=scoring)
            self.results(learned, scoring)
            watch.assert_unchanged(f"{case.name}: {self.verb}")

    def test_fitting_again_forgets_the_first_fit(self, tmp_path: Path) -> None:
        """What was learned once neither changes nor leaks into the next fit of the same component."""
        for case in self.ready(tmp_path):
            fresh = self.results(self.learn(case, tmp_path / "fresh"), case.scoring)
            component = self.component()
            every_second = np.arange(0, len(case.training), 2)
            other = replace(case, training=case.training.take(every_second))
            learned = self.learn(other, tmp_path / "first", component)
            before = self.results(learned, case.scoring)
            again = self.results(self.learn(case, tmp_path / "again", component), case.scoring)
            changed = difference(fresh, again, "the result")
            assert changed is None, f"{case.name}: a second fit of one component remembers the first: {changed}"
            changed = difference(before, self.results(learned, case.scoring), "the result")
            assert changed is None, f"{case.name}: a second fit changes what the first had learned: {changed}"

    def test_what_is_saved_and_loaded_gives_the_same_results(self, tmp_path: Path) -> None:
        """The folder alone, moved elsewhere and opened by a component made anew, gives the very same results."""
        for place, case in enumerate(self.ready(tmp_path)):
            learned = self.learn(case, tmp_path)
            saved, moved = tmp_path / f"saved {place}", tmp_path / f"moved {place}"
            saved.mkdir()
            learned.save(saved)
            assert any(path.is_file() for path in saved.rglob("*")), f"{case.name}: save writes nothing into its folder"
            shutil.move(saved, moved)
            try:
                loaded = self.component().load(moved)
            except Exception as error:
                raise AssertionError(
                    f"{case.name}: what was saved cannot be loaded once its folder has moved: "
                    f"{type(error).__name__}: {error}"
                ) from error
            before, after = self.results(learned, case.scoring), self.results(loaded, case.scoring)
            changed = difference(before, after, "the result")
            assert changed is None, f"{case.name}: what was saved gives another result when it is loaded: {changed}"

    def test_nothing_is_pickled_in_the_saved_folder(self, tmp_path: Path) -> None:
        """Loading a pickle runs whatever is in it; a saved component is data: skops, Parquet, JSON, npz."""
        for place, case in enumerate(self.ready(tmp_path)):
            folder = tmp_path / f"saved {place}"
            folder.mkdir()
            self.learn(case, tmp_path).save(folder)
            found = pickles_in(folder)
            assert not found, f"{case.name}: what is saved must be data, and holds {'; '.join(found)}"

    def test_each_row_is_answered_for_itself(self, tmp_path: Path) -> None:
        """Rows in another order give the same results in that order, and a row alone gives what it gives among all."""
        if not self.rows_alone:
            return
        for case in self.ready(tmp_path):
            learned = self.learn(case, tmp_path)
            results = self.results(learned, case.scoring)
            orders = {
                "in another order": np.random.default_rng(3).permutation(len(case.scoring)),
                "without the others": np.array([len(case.scoring) // 2]),
            }
            for what, places in orders.items():
                expected = results.iloc[places].reset_index(drop=True)
                found = self.results(learned, case.scoring.take(places))
                changed = difference(expected, found, "the result", self.tolerance)
                assert changed is None, f"{case.name}: rows {what} are answered differently: {changed}"


def strange(scoring: Scoring) -> Scoring:
    """Return the rows with what training never showed: unseen categories, missing values, huge numbers.

    Each column is entirely missing in one row, every column in the first, and every text or category is unseen in
    the last.

    Examples
    --------
    >>> rows = strange(sample_classification(rows=30).without_truth())
    >>> rows.X["channel"].iloc[-1], bool(rows.X["amount"].isna().iloc[0])
    ('never seen before', True)
    """
    X = scoring.X.copy(deep=True)
    for place, name in enumerate(X.columns):
        column = X[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            unseen = _unseen(column.cat.categories)
            column = column.cat.add_categories([unseen])
        elif column.dtype == bool:
            continue
        elif pd.api.types.is_numeric_dtype(column.dtype):
            unseen = 1e12
        else:
            unseen = "never seen before"
        column = column.copy()
        column.iloc[-1] = unseen
        column.iloc[0] = np.nan
        column.iloc[min(place + 1, len(X) - 2)] = np.nan
        X[name] = column
    own = scoring.rows.copy(deep=True)
    for name in X.columns:
        if name in own and name != ROW:
            own[name] = X[name]
    return replace(scoring, X=X, rows=own)


def _unseen(categories: pd.Index) -> Any:
    if pd.api.types.is_numeric_dtype(categories.dtype):
        return type(categories[0])(categories.max() + 1)
    return "never seen before"
