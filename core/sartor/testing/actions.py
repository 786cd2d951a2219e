"""The suite for actions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from sartor.components import NUMBER, PROBABILITY, Kind
from sartor.evidence.groups import Groups, JudgedDecisions
from sartor.evidence.measure import check_measures
from sartor.rows import ROW, Scoring, Training
from sartor.testing.comparing import difference
from sartor.testing.component import ComponentTests, Watch
from sartor.testing.learner import Case, sample_cases
from sartor.testing.models import answer_columns
from sartor.testing.saying import problem_in_sections

if TYPE_CHECKING:
    from sartor.context import Context


class ActionTests(ComponentTests):
    """Tests that every action must pass.

    Attributes
    ----------
    entry : str
        The component's id.
    settings : dict
        What would stand under ``with``. Rows hold the sample columns ``amount``, ``months``, ``balance``,
        ``channel``, ``region`` and ``member``.
    line_per_row : bool
        False for an action whose decisions are no lines of rows: a schedule, a plan.
    many_classes : bool
        False for an action that decides on two classes only.

    Examples
    --------
    >>> class TestReplyFirst(ActionTests):
    ...     entry = "hello.reply_first"
    ...     settings = {"share": 0.2}
    ...     many_classes = False
    """

    kind: ClassVar[Kind] = "action"
    line_per_row: ClassVar[bool] = True
    many_classes: ClassVar[bool] = True

    # -- what an author may override ------------------------------------------------------------------------------

    def cases(self) -> list[Case]:
        """Return the rows that are decided on: sample data for each answer that the action declares."""
        answers = sorted(self.component().answers)
        found = [case for name in answers for case in sample_cases(name, self.many_classes)]
        assert found, f"there is no sample data for {', '.join(answers) or 'no answer'}: override cases()"
        return found

    def predictions(self, scoring: Scoring) -> pd.DataFrame:
        """Return a model's answers for rows: by default seeded ones that know nothing, ties and extremes among them."""
        columns = answer_columns(scoring.answers, scoring.classes)
        assert columns, f"there are no sample predictions for '{scoring.answers}': override predictions()"
        rng = np.random.default_rng(13)
        if scoring.answers == NUMBER:
            return pd.DataFrame({"number": np.round(rng.normal(100, 30, len(scoring)), 2)})
        # Rounded, so that some are equal: what ranks must bring ties into an order of its own.
        raw = np.round(rng.uniform(0, 1, (len(scoring), max(2, len(columns)))), 2) + 1e-9
        shares = raw / raw.sum(axis=1, keepdims=True)
        shares[0] = np.eye(shares.shape[1])[0]
        shares[-1] = np.eye(shares.shape[1])[-1]
        return pd.DataFrame(shares[:, -len(columns) :], columns=columns)

    # -- what the checks use --------------------------------------------------------------------------------------

    def decide(self, case: Case, context: Context, component: Any = None) -> pd.DataFrame:
        """Decide on a case's held-out rows."""
        component = self.component() if component is None else component
        decisions = component.decide(self.predictions(case.scoring), case.scoring, context)
        assert isinstance(decisions, pd.DataFrame), (
            f"{case.name}: decide must return a DataFrame, and returns {type(decisions).__name__}"
        )
        return decisions

    # -- checks ---------------------------------------------------------------------------------------------------

    def test_it_says_what_it_decides_on(self) -> None:
        """`check` matches an action with the task by its answers."""
        answers = self.component_class().answers  # type: ignore[attr-defined]
        named = isinstance(answers, frozenset) and bool(answers) and all(isinstance(name, str) for name in answers)
        assert named, f"answers must be a frozenset of names such as '{PROBABILITY}', and is {answers!r}"

    def test_there_is_one_decision_for_each_row(self, tmp_path: Path) -> None:
        """``__row`` comes first, and its lines are the rows in their order."""
        if not self.line_per_row:
            return
        for case in self.cases():
            wrong = _problem_in_lines(self.decide(case, self.context(tmp_path)), case.scoring)
            assert wrong is None, f"{case.name}: decide: {wrong}"

    def test_columns_agree_with_what_is_decided(self, tmp_path: Path) -> None:
        """`check` holds the columns of a delivery against what `columns` says before a row is read."""
        said = self.component().columns()
        if said is None:
            return
        for case in self.cases():
            made = tuple(name for name in self.decide(case, self.context(tmp_path)).columns if name != ROW)
            assert tuple(said) == made, (
                f"{case.name}: columns() says {', '.join(said) or 'none'}, and decide gives {', '.join(made) or 'none'}"
            )

    def test_row_by_row_is_true_where_it_is_said(self, tmp_path: Path) -> None:
        """Where an action says ``row_by_row``, a row's decision is the same among few rows and among many."""
        if not getattr(self.component(), "row_by_row", False):
            return
        for case in self.cases():
            context, component = replace(self.context(tmp_path), piecewise=True), self.component()
            predictions, every = self.predictions(case.scoring), np.arange(len(case.scoring))
            expected = component.decide(predictions, case.scoring, context)
            for places in (every[::2], every[1:2]):
                some = predictions.take(places).reset_index(drop=True)
                found = component.decide(some, case.scoring.take(places), context)
                due = expected.take(places).reset_index(drop=True)
                changed = difference(due, found, "the decisions")
                assert changed is None, (
                    f"{case.name}: row_by_row is true, and decided among {len(places)} rows, {changed}; "
                    "leave row_by_row out"
                )

    def test_the_same_seed_gives_the_same_decisions(self, tmp_path: Path) -> None:
        """Ties are broken alike each time."""
        for case in self.cases():
            first = self.decide(case, self.context(tmp_path, seed=7))
            second = self.decide(case, self.context(tmp_path, seed=7))
            changed = difference(first, second, "the decisions")
            assert changed is None, f"{case.name}: decided twice with one seed, {changed}"

    def test_what_it_is_handed_stays_unchanged(self, tmp_path: Path) -> None:
        """Neither settings, predictions, rows nor decisions change."""
        for case in self.cases():
            context, component = self.context(tmp_path), self.component()
            scoring, predictions = case.scoring, self.predictions(case.scoring)
            watch = Watch(settings=component, predictions=predictions, scoring=scoring, training=case.training)
            decisions = component.decide(predictions, scoring, context)
            watch.assert_unchanged(f"{case.name}: decide")
            component.policies(case.training, scoring, context)
            watch.assert_unchanged(f"{case.name}: policies")
            watch = Watch(settings=component, decisions=decisions, outcome=case.held_out)
            component.value(decisions, case.held_out)
            watch.assert_unchanged(f"{case.name}: value")
            component.headline(decisions)
            watch.assert_unchanged(f"{case.name}: headline")

    def test_each_decision_is_worth_a_finite_amount(self, tmp_path: Path) -> None:
        """`value` gives an amount for each row, or None where the action has no money value."""
        for case in self.cases():
            decisions = self.decide(case, self.context(tmp_path))
            wrong = _problem_in_value(self.component().value(decisions, case.held_out), case.held_out)
            assert wrong is None, f"{case.name}: {wrong}"

    def test_policies_decide_on_the_same_rows(self, tmp_path: Path) -> None:
        """Each simple policy has a line for each row, in the same columns' order of rows, and its own value."""
        for case in self.cases():
            component = self.component()
            policies = component.policies(case.training, case.scoring, self.context(tmp_path))
            assert isinstance(policies, dict), f"{case.name}: policies must return a dict of decisions by name"
            has_value = component.value(self.decide(case, self.context(tmp_path)), case.held_out) is not None
            for name, decisions in policies.items():
                wrong = _problem_in_lines(decisions, case.scoring) if self.line_per_row else None
                assert wrong is None, f"{case.name}: policy '{name}': {wrong}"
                value = component.value(decisions, case.held_out)
                wrong = _problem_in_value(value, case.held_out)
                assert wrong is None, f"{case.name}: policy '{name}': {wrong}"
                assert (value is not None) == has_value, (
                    f"{case.name}: policy '{name}' and the decisions must both have a value in money, or neither"
                )

    def test_measures_are_numbers_of_groups(self, tmp_path: Path) -> None:
        """Each measure has a number for each group of rows, and what compares groups compares numbers there are."""
        measures = self.component().measures()
        wrong = check_measures(measures)
        assert not wrong, f"measures: {wrong}"
        for case in self.cases() if measures and self.line_per_row else []:
            judged = _in_two_groups(self.decide(case, self.context(tmp_path)), case.held_out)
            for one in measures:
                if not one.compares:
                    one.evaluate(judged, np.ones((3, len(case.held_out))))

    def test_the_headline_is_one_sentence(self, tmp_path: Path) -> None:
        """A reader who knows no statistics sees this and nothing else."""
        for case in self.cases():
            headline = self.component().headline(self.decide(case, self.context(tmp_path)))
            sentence = isinstance(headline, str) and "\n" not in headline and headline.endswith((".", "!", "?"))
            assert sentence, f"{case.name}: headline must be one line that ends with a full stop, and is {headline!r}"

    def test_sections_keep_their_contract(self, tmp_path: Path) -> None:
        """What the report shows of the decisions are records with a sentence, tables and figures."""
        for case in self.cases():
            context = self.context(tmp_path)
            made = self.component().sections(self.decide(case, context), case.held_out, context)
            wrong = problem_in_sections(made)
            assert wrong is None, f"{case.name}: {wrong}"


def _in_two_groups(decisions: pd.DataFrame, outcome: Training) -> JudgedDecisions:
    groups = Groups(("one", "other"), np.arange(len(outcome)) % 2)
    return JudgedDecisions(decisions, outcome.y, outcome.rows, outcome.classes, groups)


def _problem_in_lines(decisions: Any, scoring: Scoring) -> str | None:
    if not isinstance(decisions, pd.DataFrame):
        return f"must be a DataFrame, and is {type(decisions).__name__}"
    if not len(decisions.columns) or decisions.columns[0] != ROW:
        return f"the first column must be {ROW}, and the columns are {', '.join(map(str, decisions.columns)) or 'none'}"
    if len(decisions) != len(scoring):
        return f"there are {len(decisions)} decisions for {len(scoring)} rows"
    if decisions[ROW].tolist() != scoring.rows[ROW].tolist():
        return "the decisions are not in the order of the rows"
    for name in decisions.columns:
        values = decisions[name]
        if pd.api.types.is_float_dtype(values.dtype) and np.isinf(values.to_numpy(dtype=float, na_value=np.nan)).any():
            return f"'{name}' is infinite"
    return None


def _problem_in_value(value: Any, outcome: Training) -> str | None:
    if value is None:
        return None
    if not isinstance(value, np.ndarray) or value.shape != (len(outcome),):
        shape = getattr(value, "shape", type(value).__name__)
        return f"value must return an array of shape ({len(outcome)},), and returns {shape}"
    if value.dtype.kind not in "fiu":
        return f"value must return numbers, and returns {value.dtype}"
    if not np.isfinite(value).all():
        return f"value is {value[~np.isfinite(value)][0]} for {int((~np.isfinite(value)).sum())} decisions"
    return None
