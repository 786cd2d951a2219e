"""Fit: trivial answers and models on the same rows, and their predictions for the rows that judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import NUMBER, PROBABILITY
from sartor.context import Context, seed_of
from sartor.errors import PluginError, RecipeError, UsageError
from sartor.events import Progress
from sartor.preparing import fit_prepared, load_prepared
from sartor.rows import Scoring, Training
from sartor.stages.building import Prepared, model_of
from sartor.threads import limited

if TYPE_CHECKING:
    from sartor.components import Fitted, ModelStep, Task
    from sartor.plugins import Plugins
    from sartor.session import Session
    from sartor.stages.framing import Frame


@dataclass(frozen=True)
class FittedModel:
    """A model of the recipe, or a trivial answer, after learning.

    Parameters
    ----------
    name : str
    use : str
        The component's id; the class's name for a trivial answer.
    trivial : bool
    rounds : tuple of Fitted
        One for each round of the split.
    predictions : tuple of DataFrame
        For each round's test rows.
    final : Fitted
        What is saved: the round's own model, or with several rounds one that learned from all rows.
    """

    name: str
    use: str
    trivial: bool
    rounds: tuple[Fitted, ...]
    predictions: tuple[pd.DataFrame, ...]
    final: Fitted


def nested(plugins: Plugins) -> Any:
    """Return what `Context.fit` calls: fits a model named inside another model's settings."""

    def fit(step: ModelStep, training: Training, context: Context) -> Fitted:
        prepared = model_of(plugins, step)
        return fit_prepared(prepared.model, prepared.steps, training, context)

    return fit


def fit_all(session: Session, task: Task, models: Mapping[str, Prepared], frame: Frame) -> dict[str, FittedModel]:
    """Fit trivial answers and models in every round of the split."""
    with session.step(("task",), session.recipe.task.use if session.recipe.task else "", "trivial"):
        trivial = {name: Prepared(type(model).__name__, model) for name, model in task.trivial().items()}
    clash = sorted(set(trivial) & set(models))
    if clash:
        raise RecipeError(
            f"'{clash[0]}' is the name of a trivial answer of the task",
            code="R077",
            where=session.recipe.document.where(("models", clash[0])),
            hints=(("to mend", "give the model another name"),),
        )
    fitted: dict[str, FittedModel] = {}
    with session.stage("fit", ", ".join(models)) as stage, limited(session.threads):
        for name, prepared in {**trivial, **models}.items():
            session.tell(Progress("fit", name))
            fitted[name] = _fit_one(session, name, prepared, frame, trivial=name in trivial)
        rounds = len(frame.parts.rounds)
        stage.line = ", ".join(fitted) + (f", {rounds} times" if rounds > 1 else "")
        stage.summary = {"models": list(fitted), "rounds": rounds}
    return fitted


def load_all(
    session: Session, task: Task, models: Mapping[str, Prepared], frame: Frame, folder: Path
) -> dict[str, FittedModel]:
    """Take the models of an earlier run up again; trivial answers learn anew.

    Raises
    ------
    UsageError
        If the split has several rounds: only the model of all rows was kept.
    """
    if len(frame.parts.rounds) > 1:
        raise UsageError(
            "the models of each round are not kept: a run with several rounds cannot begin from judge",
            code="U022",
            hints=(("to mend", "begin from fit: --from fit"),),
        )
    fitted: dict[str, FittedModel] = {}
    scoring = frame.scoring(frame.parts.rounds[0].test)
    for name, model in task.trivial().items():
        fitted[name] = _fit_one(session, name, Prepared(type(model).__name__, model), frame, trivial=True)
    for name, prepared in models.items():
        with session.step(("models", name), prepared.use, "load"):
            model_ = load_prepared(prepared.model, prepared.steps, folder / "models" / name)
            predicted = checked(model_.predict(scoring), scoring, f"models.{name}: '{prepared.use}'")
        fitted[name] = FittedModel(name, prepared.use, False, (model_,), (predicted,), model_)
    return fitted


def _fit_one(session: Session, name: str, prepared: Prepared, frame: Frame, *, trivial: bool) -> FittedModel:
    path = ("task",) if trivial else ("models", name)
    base = session.context(path)
    learned, predictions = [], []
    rounds = frame.parts.rounds
    for number, part in enumerate(rounds):
        context = base if len(rounds) == 1 else replace(base, seed=seed_of(base.seed, f"round {number}"))
        training, scoring = frame.training(part.train), frame.scoring(part.test)
        with session.step(path, prepared.use, "fit"):
            model = fit_prepared(prepared.model, prepared.steps, training, context)
        with session.step(path, prepared.use, "predict"):
            predicted = checked(model.predict(scoring), scoring, f"{'.'.join(path)}: '{prepared.use}'")
        learned.append(model)
        predictions.append(predicted)
    final = learned[0]
    if len(rounds) > 1:
        with session.step(path, prepared.use, "fit"):
            final = fit_prepared(prepared.model, prepared.steps, frame.training(frame.parts.train), base)
    return FittedModel(name, prepared.use, trivial, tuple(learned), tuple(predictions), final)


def checked(predictions: Any, scoring: Scoring, who: str) -> pd.DataFrame:
    """Return predictions that keep the contract: a line for each row, in order, finite, probabilities between 0 and 1.

    Raises
    ------
    PluginError
        If the model broke it.
    """

    def broken(what: str) -> PluginError:
        return PluginError(f"{who} breaks the contract of predict: {what}", code="X021")

    if not isinstance(predictions, pd.DataFrame):
        raise broken(f"it returned {type(predictions).__name__} where a DataFrame is due")
    if len(predictions) != len(scoring):
        raise broken(f"{len(predictions):,} predictions for {len(scoring):,} rows")
    due = columns_due(scoring)
    if due and list(predictions.columns) != due:
        raise broken(f"columns {', '.join(map(str, predictions.columns))} where {', '.join(due)} are due")
    numbers = predictions.select_dtypes("number").to_numpy(dtype="float64")
    if due and not np.isfinite(numbers).all():
        raise broken(f"{int((~np.isfinite(numbers)).any(axis=1).sum()):,} predictions are not finite numbers")
    if scoring.answers == PROBABILITY and ((numbers < 0) | (numbers > 1)).any():
        raise broken("a probability lies outside 0 to 1")
    return predictions.reset_index(drop=True)


def columns_due(scoring: Scoring) -> list[str]:
    """Columns of an answer that the core knows; empty for answers that a task's plugin defines."""
    if scoring.answers == NUMBER:
        return ["number"]
    if scoring.answers != PROBABILITY:
        return []
    return ["probability"] if len(scoring.classes) == 2 else [f"probability:{label}" for label in scoring.classes]
