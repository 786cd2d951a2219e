"""Steps before a model: learned in order from training rows, applied in order, saved and explained together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from sartor.components import NUMBER, Fitted, FittedStep, Model, ModelStep, Prepare
from sartor.context import Context
from sartor.errors import InputError, PluginError, SettingError
from sartor.preparing import PreparedModel, fit_prepared, load_nested, load_prepared
from sartor.rows import ROW, Judged, Scoring, Training
from sartor.sections import Section


class Shifted(FittedStep):
    """Adds what it learned, the mean of its training rows, to every column, and renames them."""

    def __init__(self, mean: float) -> None:
        self.mean = mean

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return (X + self.mean).add_suffix("+")

    def sources(self) -> dict[str, str]:
        return {"x+": "x", "x++": "x+"}

    def save(self, folder: Path) -> None:
        (folder / "mean.json").write_text(json.dumps(self.mean))


class Shift(Prepare):
    """See `Shifted`."""

    seeds: ClassVar[list[int]] = []

    def fit(self, training: Training, context: Context) -> FittedStep:
        self.seeds.append(context.seed)
        return Shifted(float(training.X.to_numpy().mean()))

    def load(self, folder: Path) -> FittedStep:
        return Shifted(json.loads((folder / "mean.json").read_text()))


class Summed(Fitted):
    """Answers with the sum of a row's columns."""

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        return pd.DataFrame({"number": scoring.X.sum(axis=1)})

    def explain(self, scoring: Scoring) -> pd.DataFrame:
        return scoring.X

    def learned(self) -> dict[str, Any]:
        return {"sum": True}

    def save(self, folder: Path) -> None:
        (folder / "nothing").touch()


class Sum(Model):
    """See `Summed`."""

    answers: ClassVar[frozenset[str]] = frozenset({NUMBER})

    def fit(self, training: Training, context: Context) -> Fitted:
        return Summed()

    def load(self, folder: Path) -> Fitted:
        return Summed()


def training_of(*values: float) -> Training:
    X = pd.DataFrame({"x": list(values)})
    return Training(pd.DataFrame({ROW: range(len(X))}), X, NUMBER, y=np.zeros(len(X)))


def test_each_step_learns_from_what_the_one_before_it_made():
    training = training_of(1.0, 3.0)
    fitted = fit_prepared(Sum(), [("a.shift", Shift()), ("a.shift", Shift())], training, Context(step="models.m"))
    # Mean 2 is added: 3, 5; then mean 4: 7, 9. A new row 0 becomes 0 + 2 + 4.
    assert fitted.predict(training)["number"].tolist() == [7.0, 9.0]
    assert fitted.predict(training_of(0.0))["number"].tolist() == [6.0]
    assert training.X["x"].tolist() == [1.0, 3.0]


def test_each_step_has_a_seed_of_its_own():
    Shift.seeds.clear()
    fit_prepared(
        Sum(), [("a.shift", Shift()), ("a.shift", Shift())], training_of(1.0), Context(step="models.m", seed=5)
    )
    assert len({*Shift.seeds, 5}) == 3


def test_a_model_without_steps_is_the_model_itself():
    assert isinstance(fit_prepared(Sum(), [], training_of(1.0), Context()), Summed)
    assert isinstance(load_prepared(Sum(), [], Path()), Summed)


def test_contributions_are_told_of_the_features_that_columns_were_made_from():
    steps = [("a.shift", Shift()), ("a.shift", Shift())]
    fitted = fit_prepared(Sum(), steps, training_of(1.0, 3.0), Context())
    assert fitted.explain(training_of(0.0)).to_dict("list") == {"x": [6.0]}
    assert fitted.learned() == {"sum": True}


def test_contributions_of_columns_made_from_one_feature_add_up():
    class Twice(Shifted):
        def transform(self, X: pd.DataFrame) -> pd.DataFrame:
            return pd.DataFrame({"a": X["x"], "rest": 1.0, "b": 10 * X["x"]})

        def sources(self) -> dict[str, str]:
            return {"a": "x", "b": "x"}

    fitted = PreparedModel([("a.twice", Twice(0))], Summed())
    assert fitted.explain(training_of(2.0)).to_dict("list") == {"x": [22.0], "rest": [1.0]}


def test_what_a_model_tells_is_of_the_columns_it_learned_from_and_of_training_rows_alike():
    class Telling(Summed):
        def sections(self, judged: Judged, context: Context) -> list[Section]:
            learned = judged.learned_from
            seen = [judged.X.to_dict("list"), learned.X.to_dict("list"), learned.y.tolist()]
            return [Section("seen", "analyst", "Seen", repr(seen))]

    fitted = PreparedModel([("a.shift", Shifted(2.0))], Telling())
    judged = Judged(np.zeros(1), pd.DataFrame(), pd.DataFrame({ROW: [0]}), learned_from=training_of(1.0, 3.0))
    (told,) = fitted.sections(replace(judged, X=pd.DataFrame({"x": [10.0]})), Context())
    assert told.sentence == "[{'x+': [12.0]}, {'x+': [3.0, 5.0]}, [0.0, 0.0]]"


def test_a_saved_model_comes_back_with_its_steps(tmp_path: Path):
    steps = [("a.shift", Shift())]
    fitted = fit_prepared(Sum(), steps, training_of(1.0, 3.0), Context())
    fitted.save(tmp_path)
    assert json.loads((tmp_path / "prepare.json").read_text()) == {"format": 1, "steps": ["a.shift"]}
    loaded = load_prepared(Sum(), steps, tmp_path)
    assert loaded.predict(training_of(0.0))["number"].tolist() == [2.0]


def test_a_folder_that_was_prepared_by_other_steps_is_refused(tmp_path: Path):
    fit_prepared(Sum(), [("a.shift", Shift())], training_of(1.0), Context()).save(tmp_path)
    with pytest.raises(PluginError, match=r"was prepared by a\.shift in format 1; the recipe names b\.other  X031"):
        load_prepared(Sum(), [("b.other", Shift())], tmp_path)
    (tmp_path / "prepare.json").write_text("{}")
    with pytest.raises(PluginError, match="has no list of steps"):
        load_prepared(Sum(), [("a.shift", Shift())], tmp_path)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda X: X.iloc[:1], "it made 1 lines of 2"),
        (lambda X: X.set_axis([5, 6]), "it made lines with another index"),
        (lambda X: X.to_numpy(), "it made ndarray where a DataFrame is due"),
        (lambda X: pd.concat([X, X], axis=1), "it made two columns called 'x'"),
    ],
)
def test_a_step_that_breaks_its_contract_is_named(made, message):
    class Broken(Shift):
        def fit_transform(self, training: Training, context: Context) -> tuple[FittedStep, pd.DataFrame]:
            return Shifted(0), made(training.X)

    with pytest.raises(PluginError, match=rf"step 1 of prepare: 'a\.broken' breaks its contract: {message}  X021"):
        fit_prepared(Sum(), [("a.broken", Broken())], training_of(1.0, 2.0), Context())


def test_a_step_that_fails_is_named_and_its_error_kept():
    class Failing(Shift):
        def fit(self, training: Training, context: Context) -> FittedStep:
            raise ZeroDivisionError("by zero")

    with pytest.raises(
        PluginError, match=r"step 2 of prepare: 'a\.failing' failed in fit: ZeroDivisionError: by zero"
    ) as failed:
        fit_prepared(Sum(), [("a.shift", Shift()), ("a.failing", Failing())], training_of(1.0), Context())
    assert isinstance(failed.value.__cause__, ZeroDivisionError)


def test_what_a_step_says_to_the_user_is_passed_on():
    class Refusing(Shift):
        def fit(self, training: Training, context: Context) -> FittedStep:
            raise InputError("no such feature", code="R041")

    with pytest.raises(InputError, match=r"^no such feature  R041"):
        fit_prepared(Sum(), [("a.refusing", Refusing())], training_of(1.0), Context())


def test_a_model_that_answers_something_else_is_refused():
    asked = Training(pd.DataFrame({ROW: [0]}), pd.DataFrame({"x": [1.0]}), "probability", ("a", "b"), y=np.array([0]))
    with pytest.raises(SettingError, match="Sum answers a number, and the task asks for a probability  R025"):
        fit_prepared(Sum(), [], asked, Context())


def test_a_nested_model_is_found_by_its_step_and_not_by_the_file(tmp_path: Path):
    step = ModelStep(use="learn.mean", prepare=[{"use": "learn.scale"}])
    from sartor.plugins import Plugins
    from sartor.stages.fitting import nested

    context = Context(step="models.m", fit_model=nested(Plugins()))
    training = Training(pd.DataFrame({ROW: [0, 1]}), pd.DataFrame({"x": [1.0, 2.0]}), NUMBER, y=np.array([3.0, 5.0]))
    context.fit(step, training).save(tmp_path)
    assert load_nested(step, tmp_path).predict(training)["number"].tolist() == [4.0, 4.0]
