"""The suite for tasks."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import narwhals as nw
import numpy as np
import pandas as pd

from sartor.components import NUMBER, PROBABILITY, Kind, Model
from sartor.errors import SartorError
from sartor.evidence.metric import Metric
from sartor.rows import AS_OF, GROUP, KNOWN_AT, RESERVED, ROW, TARGET, WEIGHT, Judged, Origins, Rows, Training
from sartor.stages.framing import truth_of
from sartor.testing.comparing import difference
from sartor.testing.component import Watch
from sartor.testing.features import TableTests
from sartor.testing.learner import Case, halves
from sartor.testing.making import as_features
from sartor.testing.models import problem_in_answers
from sartor.testing.saying import problem_in_sections
from sartor.testing.tables import fetch, lazy

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Tables

_OWN_NAMES = frozenset({ROW, AS_OF, KNOWN_AT, TARGET, GROUP, WEIGHT})
_METRIC_NAME = re.compile(r"[a-z][a-z0-9_]*(@[0-9]+)?(_[a-z0-9]+)*")


class TaskTests(TableTests):
    """Tests that every task must pass.

    Attributes
    ----------
    entry : str
        The component's id.
    settings : dict
        What would stand under ``with``.

    Examples
    --------
    >>> class TestUrgency(TaskTests):
    ...     entry = "hello.urgency"
    ...     settings = {"outcome": "returned", "closed_at": "settled_at"}
    """

    kind: ClassVar[Kind] = "task"

    # -- what an author may override ------------------------------------------------------------------------------

    def origins(self) -> Origins:
        """Return the moments at which rows are made, for tasks whose lines are not in the data."""
        return Origins()

    def case(self, rows: Rows, tables: Tables, context: Context) -> Case:
        """Return rows with their truth, for the trivial answers and metrics: two thirds to learn from.

        Features are the readable columns of the row's own line. Override it where the truth is of a form of its own.
        """
        data = fetch(_with_own_line(rows, tables), context).sort_values(ROW, kind="stable").reset_index(drop=True)
        y, known = truth_of(data, rows)
        service = [name for name in data.columns if name.startswith(RESERVED)]
        left_out = {*service, *rows.keys, *rows.truth, *rows.never}
        features = data[[name for name in data.columns if name not in left_out]]
        shown = data[[name for name in data.columns if not name.startswith((TARGET, WEIGHT))]]
        whole = Training(shown, as_features(features), self.component().answers, rows.classes, y=y)
        return halves("the task's rows", whole.take(known))

    # -- what the checks use --------------------------------------------------------------------------------------

    def made(self, folder: Path) -> tuple[Rows, Tables, Context]:
        """Make the rows."""
        context = self.context(folder)
        tables = self.tables(context)
        rows = self.component().rows(tables, self.origins())
        assert isinstance(rows, Rows), f"rows must return sartor.rows.Rows, and returns {type(rows).__name__}"
        return rows, tables, context

    # -- checks ---------------------------------------------------------------------------------------------------

    def test_each_row_has_an_identity_of_its_own(self, tmp_path: Path) -> None:
        """``__row`` is there, never missing and unique; the frame is lazy and its names are known ones."""
        rows, _, context = self.made(tmp_path)
        assert isinstance(rows.frame, nw.LazyFrame), (
            f"rows must hold a lazy Narwhals frame, and holds {type(rows.frame).__name__}"
        )
        frame = fetch(rows.frame, context)
        for name in (ROW, *rows.keys):
            assert name in frame, f"the rows have no column '{name}', and have {', '.join(frame.columns)}"
        assert len(frame) > 0, "the task makes no row of its tables"
        assert not frame[ROW].isna().any(), f"{ROW} is missing in {int(frame[ROW].isna().sum())} rows"
        twice = frame.loc[frame[ROW].duplicated(), ROW].tolist()
        assert not twice, f"{ROW} must be unique, and {twice[0]!r} stands for several rows"
        strange = [
            name
            for name in frame.columns
            if name.startswith(RESERVED) and name not in _OWN_NAMES and not name.startswith(f"{TARGET}_")
        ]
        assert not strange, f"the rows have the column '{strange[0]}', a name that sartor does not know"

    def test_the_truth_is_known_and_kept_apart(self, tmp_path: Path) -> None:
        """There is a target, of the classes named, and its columns are among those that are hidden."""
        rows, tables, context = self.made(tmp_path)
        frame = fetch(rows.frame, context)
        targets = [name for name in frame.columns if name == TARGET or name.startswith(f"{TARGET}_")]
        assert targets, f"the rows have no {TARGET}"
        assert frame[targets].notna().all(axis=1).any(), "the truth is known for no row"
        if self.component().answers == PROBABILITY:
            assert len(rows.classes) >= 2, (
                f"classes must name the labels, the positive one last, and is {rows.classes!r}"
            )
            strange = sorted(set(frame[TARGET].dropna()) - set(rows.classes), key=str)
            assert not strange, f"{TARGET} holds {strange[0]!r}, which is none of the classes {rows.classes!r}"
        if rows.own is None:
            return
        assert rows.own in tables, f"own names table '{rows.own}', and there are {', '.join(tables)}"
        columns = tables[rows.own].columns
        for what, names in (("truth", rows.truth), ("never", rows.never), ("keys", rows.keys)):
            absent = [name for name in names if name not in columns]
            assert not absent, f"{what} names '{absent[0]}', which table '{rows.own}' does not have"
        own = fetch(tables[rows.own].frame, context)
        leaking = [name for name in columns if name not in rows.truth and _tells(own, rows, frame, name, targets)]
        assert not leaking, f"column '{leaking[0]}' of '{rows.own}' is the truth itself: name it in truth"

    def test_times_are_in_order(self, tmp_path: Path) -> None:
        """Rows have both moments or none, and nothing is known before it is asked."""
        rows, _, context = self.made(tmp_path)
        frame = fetch(rows.frame, context)
        if AS_OF not in frame and KNOWN_AT not in frame:
            return
        for name in (AS_OF, KNOWN_AT):
            assert name in frame, f"rows in time need both {AS_OF} and {KNOWN_AT}, and {name} is not there"
        assert not frame[AS_OF].isna().any(), f"{AS_OF} is missing in {int(frame[AS_OF].isna().sum())} rows"
        early = int((frame[KNOWN_AT] < frame[AS_OF]).sum())
        assert not early, f"in {early} rows the truth is known before the row is asked: {KNOWN_AT} lies before {AS_OF}"

    def test_the_same_tables_give_the_same_rows(self, tmp_path: Path) -> None:
        """Rows depend on tables and settings alone, and tables stay as they are."""
        context, component = self.context(tmp_path), self.component()
        tables = self.tables(context)
        before = {name: fetch(table.frame, context) for name, table in tables.items()}
        watch = Watch(settings=component)
        first = _by_row(fetch(component.rows(tables, self.origins()).frame, context))
        second = _by_row(fetch(component.rows(tables, self.origins()).frame, context))
        watch.assert_unchanged("rows")
        changed = difference(first, second, "the frame")
        assert changed is None, f"made twice from the same tables, {changed}"
        for name, frame in before.items():
            changed = difference(frame, fetch(tables[name].frame, context), name)
            assert changed is None, f"rows changes a table that it is handed: {changed}"

    def test_new_lines_make_the_same_rows_without_truth(self, tmp_path: Path) -> None:
        """Some lines of the own table, nothing in the columns that hold the truth: new data, as it is scored."""
        rows, tables, context = self.made(tmp_path)
        if rows.own is None:
            return
        whole = _by_row(fetch(rows.frame, context))
        own = tables[rows.own]
        some = lazy(whole[list(rows.keys)].iloc[::3].reset_index(drop=True), context)
        types = own.frame.collect_schema()
        empty = [nw.lit(None, types[column]).alias(column) for column in rows.truth]
        lines = own.frame.join(some, on=list(rows.keys), how="semi")
        # The truth may stand in another table, or follow from later lines.
        lines = lines.with_columns(*empty) if empty else lines
        new = type(tables)({**tables, rows.own: replace(own, frame=lines, unanswered=True)})
        try:
            made = _by_row(fetch(self.component().rows(new, self.origins()).frame, context))
        except SartorError as error:
            raise AssertionError(f"lines without truth make no rows to be scored: {error}") from error
        targets = [name for name in made.columns if name == TARGET or name.startswith(f"{TARGET}_")]
        known = int(made[targets].notna().any(axis=1).sum())
        assert not known, f"in {known} rows there is a truth, and the columns that hold it are empty"
        told = [name for name in (ROW, AS_OF) if name in whole]
        expected = whole[told].iloc[::3].reset_index(drop=True)
        changed = difference(expected, made[told], "the rows")
        assert changed is None, f"made of some lines without truth, {changed}"

    def test_the_order_of_lines_does_not_matter(self, tmp_path: Path) -> None:
        """A row's identity comes from its key, not from the place of its line."""
        context, component = self.context(tmp_path), self.component()
        tables = self.tables(context)
        upside_down = type(tables)(
            {name: table.with_frame(_reversed(table.frame, context)) for name, table in tables.items()}
        )
        expected = _by_row(fetch(component.rows(tables, self.origins()).frame, context))
        found = _by_row(fetch(component.rows(upside_down, self.origins()).frame, context))
        changed = difference(expected, found, "the frame")
        assert changed is None, f"with the lines of the tables in another order, {changed}"

    def test_the_trivial_answers_fit(self, tmp_path: Path) -> None:
        """Each learns from the task's own rows and answers what the task asks."""
        for name, case, predictions in self._trivial(tmp_path):
            wrong = problem_in_answers(predictions, case.scoring)
            assert wrong is None, f"trivial answer '{name}': {wrong}"

    def test_metrics_have_names_of_their_own(self) -> None:
        """Recipes and JSON name metrics in small letters, digits and underscores."""
        metrics = self.component().metrics()
        records = bool(metrics) and all(isinstance(metric, Metric) for metric in metrics)
        assert records, f"metrics() must return at least one sartor.evidence.metric.Metric, and returns {metrics!r}"
        names = [metric.name for metric in metrics]
        twice = sorted({name for name in names if names.count(name) > 1})
        assert not twice, f"two metrics are called '{twice[0]}'"
        strange = [name for name in names if not _METRIC_NAME.fullmatch(name)]
        assert not strange, f"metric '{strange[0]}' must be written in small letters, digits and underscores"
        silent = [metric.name for metric in metrics if not metric.label.strip() or not metric.about.strip()]
        assert not silent, f"metric '{silent[0]}' must say its label and what it is about"

    def test_metrics_are_finite(self, tmp_path: Path) -> None:
        """The metric that is compared exists for every trivial answer, and every metric for some answer."""
        judged = [
            (name, Judged(case.held_out.y, predictions, case.held_out.rows, case.held_out.classes, case.training))
            for name, case, predictions in self._trivial(tmp_path)
        ]
        judged += _informed(judged[0][1], self.component().answers)
        for place, metric in enumerate(self.component().metrics()):
            values = {name: self._value(metric, answer) for name, answer in judged}
            if place == 0:
                bad = [name for name, value in values.items() if not np.isfinite(value)]
                assert not bad, f"metric '{metric.name}' is compared first, and is {values[bad[0]]} for '{bad[0]}'"
            assert any(np.isfinite(value) for value in values.values()), (
                f"metric '{metric.name}' is finite for no answer: {values}"
            )
            assert not any(np.isinf(value) for value in values.values()), (
                f"metric '{metric.name}' is infinite: {values}"
            )

    def test_log_scores_are_finite(self, tmp_path: Path) -> None:
        """A task that has a log score of its own gives one for each row, and none is infinite."""
        for name, case, predictions in self._trivial(tmp_path):
            held = case.held_out
            scores = self.component().log_score(Judged(held.y, predictions, held.rows, held.classes, case.training))
            if scores is None:
                continue
            assert np.shape(scores) == (len(held),), f"'{name}': a log score is due for each of {len(held)} rows"
            assert np.isfinite(scores).all(), f"'{name}': a log score is not finite"

    def test_sections_keep_their_contract(self, tmp_path: Path) -> None:
        """What the report shows of the answers are records with a sentence, tables and figures."""
        for name, case, predictions in self._trivial(tmp_path):
            held = case.held_out
            judged = Judged(held.y, predictions, held.rows, held.classes, case.training, held.X)
            wrong = problem_in_sections(self.component().sections(judged, self.context(tmp_path)))
            assert wrong is None, f"for '{name}': {wrong}"

    def _value(self, metric: Metric, judged: Judged) -> float:
        try:
            return metric.value(judged)
        except SartorError as error:
            raise AssertionError(str(error)) from error

    def _trivial(self, folder: Path) -> list[tuple[str, Case, pd.DataFrame]]:
        rows, tables, context = self.made(folder)
        component = self.component()
        answers, case = component.trivial(), self.case(rows, tables, context)
        by_name = isinstance(answers, dict) and bool(answers)
        assert by_name, f"trivial() must return at least one answer, by name, and returns {answers!r}"
        found = []
        for name, model in answers.items():
            assert isinstance(model, Model), f"trivial answer '{name}' must be a Model, and is {type(model).__name__}"
            assert component.answers in model.answers, (
                f"the task asks for '{component.answers}', and trivial answer '{name}' gives {', '.join(model.answers)}"
            )
            found.append((name, case, model.fit(case.training, context).predict(case.scoring)))
        return found


def _informed(judged: Judged, answers: str) -> list[tuple[str, Judged]]:
    """Return an answer made from the truth and luck: a metric that a constant answer has not, it has."""
    rng = np.random.default_rng(11)
    if answers == NUMBER:
        spread = float(np.std(judged.truth)) or 1.0
        numbers = pd.DataFrame({"number": judged.truth + rng.normal(0, 0.3 * spread, len(judged.truth))})
        return [("an informed answer", replace(judged, predictions=numbers))]
    if answers != PROBABILITY:
        return []
    raw = rng.uniform(0.05, 1, (len(judged.truth), len(judged.classes)))
    raw[np.arange(len(raw)), judged.truth] += 0.5
    shares = raw / raw.sum(axis=1, keepdims=True)
    columns = list(judged.predictions.columns)
    informed = shares[:, -1:] if len(judged.classes) == 2 else shares
    return [("an informed answer", replace(judged, predictions=pd.DataFrame(informed, columns=columns)))]


def _with_own_line(rows: Rows, tables: Tables) -> nw.LazyFrame[Any]:
    if rows.own is None:
        return rows.frame
    own = tables[rows.own].frame
    taken = set(rows.frame.collect_schema().names())
    added = [name for name in own.collect_schema().names() if name not in taken]
    return rows.frame.join(own.select(*rows.keys, *added), on=list(rows.keys), how="left") if added else rows.frame


def _tells(own: pd.DataFrame, rows: Rows, frame: pd.DataFrame, name: str, targets: list[str]) -> bool:
    """Tell whether a column of the own line holds the target, label by label."""
    if name in rows.keys:
        return False
    joined = frame[[*rows.keys, *targets]].merge(own[list(dict.fromkeys([*rows.keys, name]))], on=list(rows.keys))
    for target in targets:
        known = joined[target].notna()
        values, truth = joined.loc[known, name], joined.loc[known, target]
        if len(truth) and truth.nunique() > 1 and (values.astype(object) == truth.astype(object)).all():
            return True
    return False


def _by_row(frame: pd.DataFrame) -> pd.DataFrame:
    assert ROW in frame, f"the rows have no column '{ROW}', and have {', '.join(frame.columns)}"
    return frame.sort_values(ROW, kind="stable").reset_index(drop=True)


def _reversed(frame: nw.LazyFrame[Any], context: Context) -> nw.LazyFrame[Any]:
    arrow = frame.collect(backend="pyarrow").to_native()
    return lazy(arrow.take(np.arange(arrow.num_rows)[::-1]), context)
