"""The suite for models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from sartor.components import NUMBER, PROBABILITY, QUANTILES, Kind, PrepareStep
from sartor.rows import Judged, Scoring
from sartor.stages.fitting import problem_in_others
from sartor.testing.comparing import difference
from sartor.testing.learner import Case, LearnerTests, sample_cases
from sartor.testing.making import make_stored
from sartor.testing.saying import problem_in_sections

if TYPE_CHECKING:
    from sartor.components import Fitted


def answer_columns(answers: str, classes: Sequence[Any]) -> list[str] | None:
    """Return the columns of an answer, or None for an answer that a plugin defines.

    Examples
    --------
    >>> answer_columns("probability", ("no", "yes"))
    ['probability']
    >>> answer_columns("probability", ("low", "middle", "high"))
    ['probability:low', 'probability:middle', 'probability:high']
    """
    if answers in (NUMBER, QUANTILES):
        return ["number"]
    if answers != PROBABILITY:
        return None
    return ["probability"] if len(classes) == 2 else [f"probability:{label}" for label in classes]


def problem_in_answers(predictions: Any, scoring: Scoring) -> str | None:
    """Say what is wrong with the form of predictions: lines, columns, numbers that are none, probabilities beyond 1.

    Parameters
    ----------
    predictions : DataFrame
    scoring : Scoring
        The rows that they answer.

    Examples
    --------
    >>> from sartor.testing import make_scoring
    >>> rows = make_scoring(pd.DataFrame({"age": [20, 30]}))
    >>> problem_in_answers(pd.DataFrame({"probability": [0.2, 1.2]}), rows)
    "a probability of 1.2 stands in line 1 of 'probability'"
    """
    if not isinstance(predictions, pd.DataFrame):
        return f"predictions are {type(predictions).__name__} and must be a DataFrame"
    if len(predictions) != len(scoring):
        return f"there are {len(predictions)} lines of predictions for {len(scoring)} rows"
    if not predictions.index.equals(scoring.X.index):
        return "the lines of predictions must be numbered as the rows are, 0 to n - 1"
    expected = answer_columns(scoring.answers, scoring.classes)
    if expected is None:
        return None
    if list(predictions.columns)[: len(expected)] != expected:
        return f"predictions have the columns {list(predictions.columns)} and must have {expected}"
    if wrong := problem_in_others(predictions, expected):
        return wrong
    for name in expected:
        if not pd.api.types.is_float_dtype(predictions[name].dtype):
            return f"'{name}' is of type {predictions[name].dtype} and must be a float"
        values = predictions[name].to_numpy(dtype=float)
        if not np.isfinite(values).all():
            line = int(np.flatnonzero(~np.isfinite(values))[0])
            return f"'{name}' is {values[line]} in line {line}"
    return _problem_in_probabilities(predictions[expected]) if scoring.answers == PROBABILITY else None


def _problem_in_probabilities(predictions: pd.DataFrame) -> str | None:
    values = predictions.to_numpy(dtype=float)
    beyond = np.argwhere((values < 0) | (values > 1))
    if len(beyond):
        line, column = beyond[0]
        return f"a probability of {values[line, column]:g} stands in line {line} of '{predictions.columns[column]}'"
    sums = values.sum(axis=1)
    if values.shape[1] > 1 and not np.allclose(sums, 1, atol=1e-6):
        line = int(np.argmax(np.abs(sums - 1)))
        return f"the probabilities of line {line} add up to {sums[line]:g} and not to 1"
    return None


class ModelTests(LearnerTests):
    """Tests that every model must pass.

    Attributes
    ----------
    entry : str
        The component's id.
    settings : dict
        What would stand under ``with``.
    prepare : list of dict
        Steps that a recipe would put before the model, as in a recipe; for models that do not take mixed features.
    many_classes : bool
        False for a model that answers two classes only.
    explanations_add_up : bool
        False where ``explain`` gives an approximation.
    tolerance, rows_alone, heavy
        See `LearnerTests` and `ComponentTests`.

    Examples
    --------
    >>> class TestPoints(ModelTests):
    ...     entry = "hello.points"
    ...     settings = {"smoothing": 2.0}
    """

    kind: ClassVar[Kind] = "model"
    prepare: ClassVar[Sequence[Mapping[str, Any]]] = ()
    many_classes: ClassVar[bool] = True
    explanations_add_up: ClassVar[bool] = True

    # -- what an author may override ------------------------------------------------------------------------------

    def cases(self) -> list[Case]:
        """Return the rows that the model is tested on: sample data for each answer that it declares.

        Override it for answers that your plugin defines, or for features that your model needs.
        """
        found = [case for answers in sorted(self.component().answers) for case in self.sample(answers)]
        assert found, (
            f"there is no sample data for a model that answers "
            f"{', '.join(sorted(self.component().answers)) or 'nothing'}: override cases()"
        )
        return found

    def sample(self, answers: str) -> list[Case]:
        """Return the sample data for one answer."""
        return sample_cases(answers, self.many_classes)

    # -- what the checks use --------------------------------------------------------------------------------------

    def ready(self, folder: Path) -> Iterator[Case]:
        """Yield the cases as the model meets them: behind the steps of `prepare`, fitted on the training rows."""
        for case in super().ready(folder):
            ready = case
            for step in self._steps():
                learned, X = step.fit_transform(ready.training, self.context(folder))
                unseen = ready.unseen or ready.scoring
                ready = replace(
                    ready,
                    training=ready.training.with_features(X),
                    held_out=ready.held_out.with_features(learned.transform(ready.held_out.X)),
                    unseen=unseen.with_features(learned.transform(unseen.X)),
                )
            yield ready

    def _steps(self) -> list[Any]:
        plugins = self.plugins()
        steps = [PrepareStep.model_validate(dict(step)) for step in self.prepare]
        return [plugins.class_of(plugins.find(step.use)).model_validate(dict(step.with_)) for step in steps]

    def results(self, learned: Fitted, scoring: Scoring) -> pd.DataFrame:
        """Predict."""
        return learned.predict(scoring)

    # -- checks ---------------------------------------------------------------------------------------------------

    def test_it_says_what_it_answers(self) -> None:
        """`check` matches a model with the task by its answers."""
        answers = self.component_class().answers  # type: ignore[attr-defined]
        named = isinstance(answers, frozenset) and bool(answers) and all(isinstance(name, str) for name in answers)
        assert named, f"answers must be a frozenset of names such as 'probability', and is {answers!r}"

    def test_there_is_one_answer_for_each_row(self, tmp_path: Path) -> None:
        """One line a row, in its columns, finite; probabilities between 0 and 1 that add up to 1."""
        for case in self.ready(tmp_path):
            wrong = problem_in_answers(self.learn(case, tmp_path).predict(case.scoring), case.scoring)
            assert wrong is None, f"{case.name}: {wrong}"

    def test_what_training_never_showed_is_answered(self, tmp_path: Path) -> None:
        """Unseen categories, missing values and extreme numbers get an answer like any other row."""
        for case in self.ready(tmp_path):
            scoring = case.unseen or case.scoring
            learned = self.learn(case, tmp_path)
            try:
                predictions = learned.predict(scoring)
            except Exception as error:
                raise AssertionError(
                    f"{case.name}: unseen categories, missing values and numbers of 1e12 must be answered, "
                    f"and predict raises {type(error).__name__}: {error}"
                ) from error
            wrong = problem_in_answers(predictions, scoring)
            assert wrong is None, f"{case.name}: with unseen categories and missing values {wrong}"

    def test_a_class_without_training_rows_keeps_its_column(self, tmp_path: Path) -> None:
        """A rare class may be missing from a fold, and its column is due all the same."""
        for case in self.ready(tmp_path):
            if case.training.answers != PROBABILITY or len(case.training.classes) < 3:
                continue
            without = case.training.take(np.flatnonzero(case.training.y != 1))
            learned = self.learn(replace(case, training=without), tmp_path)
            wrong = problem_in_answers(learned.predict(case.scoring), case.scoring)
            assert wrong is None, f"{case.name}, none of class {case.training.classes[1]!r} in training: {wrong}"

    def test_explanations_add_up_to_the_answer(self, tmp_path: Path) -> None:
        """Contributions stand a line a row, and with one constant they add up to the answer (or its log-odds)."""
        for case in self.ready(tmp_path):
            learned = self.learn(case, tmp_path)
            contributions = learned.explain(case.scoring)
            if contributions is None:
                continue
            wrong = _problem_in_contributions(contributions, learned.predict(case.scoring), self.explanations_add_up)
            assert wrong is None, f"{case.name}: {wrong}"

    def test_what_was_learned_is_told_in_json(self, tmp_path: Path) -> None:
        """The record keeps what `learned` says."""
        for case in self.ready(tmp_path):
            learned = self.learn(case, tmp_path).learned()
            try:
                text = json.dumps(learned, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise AssertionError(f"{case.name}: learned() must hold JSON types only: {error}") from error
            changed = difference(learned, json.loads(text), "learned()")
            assert changed is None, f"{case.name}: learned() must hold JSON types only: {changed}"

    def test_rows_that_lie_on_disk_are_never_read_whole(self, tmp_path: Path) -> None:
        """A model that says that it learns from pieces asks for nothing else, and answers all the same."""
        if not self.component_class().learns_from_pieces:  # type: ignore[attr-defined]
            return
        for case in self.ready(tmp_path):
            folder = tmp_path / case.name.replace(" ", "-")
            folder.mkdir()
            stored = make_stored(folder, case.training)
            learned = self.learn(replace(case, training=stored), tmp_path)
            assert stored.stored, (
                f"{case.name}: fit asks for X or rows of all training rows; ask for pieces() or drawn()"
            )
            wrong = problem_in_answers(learned.predict(case.scoring), case.scoring)
            assert wrong is None, f"{case.name}, learned piece by piece: {wrong}"
            return

    def test_sections_keep_their_contract(self, tmp_path: Path) -> None:
        """What the report shows of the model are records with a sentence, tables and figures."""
        for case in self.ready(tmp_path):
            learned, held = self.learn(case, tmp_path), case.held_out
            judged = Judged(held.y, learned.predict(case.scoring), held.rows, held.classes, case.training, held.X)
            wrong = problem_in_sections(learned.sections(judged, self.context(tmp_path)))
            assert wrong is None, f"{case.name}: {wrong}"


def _problem_in_contributions(contributions: Any, predictions: pd.DataFrame, add_up: bool) -> str | None:
    if not isinstance(contributions, pd.DataFrame) or not contributions.index.equals(predictions.index):
        return "explain must return a DataFrame with a line for each row, numbered as the rows are"
    values = contributions.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        return "contributions of explain are missing or infinite"
    if not add_up or predictions.shape[1] != 1:
        return None
    answers = predictions.iloc[:, 0].to_numpy(dtype=float)
    if predictions.columns[0] == "probability":
        inside = (answers > 0) & (answers < 1)
        values, answers = values[inside], np.log(answers[inside] / (1 - answers[inside]))
    rest = answers - values.sum(axis=1)
    spread = float(np.ptp(rest)) if len(rest) else 0.0
    if spread > 1e-6 * max(1.0, float(np.abs(answers).max(initial=0.0))):
        unit = "the log-odds of the answer" if predictions.columns[0] == "probability" else "the answer"
        return f"contributions do not add up to {unit} with one constant: what is left over differs by {spread:g}"
    return None
