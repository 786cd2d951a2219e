"""Fit: trivial answers and models on the same rows, and their predictions for the rows that judge."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.arrow_tables import read_frame, write_frame
from sartor.components import NUMBER, PROBABILITY, QUANTILES, STATUS
from sartor.context import Context, seed_of
from sartor.errors import PluginError, RecipeError
from sartor.events import Progress
from sartor.lists import hashes_of, holds_lists
from sartor.preparing import fit_prepared, load_prepared
from sartor.rows import Scoring, Training
from sartor.runs.cache import key_of
from sartor.runs.json_text import to_json
from sartor.stages.building import Prepared, model_of
from sartor.stages.keeping import Kept

if TYPE_CHECKING:
    from sartor.components import Fitted, ModelStep, PrepareStep, Task
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
    folder : Path or None
        Where `final` is kept; None for a trivial answer.
    """

    name: str
    use: str
    trivial: bool
    rounds: tuple[Fitted, ...]
    predictions: tuple[pd.DataFrame, ...]
    final: Fitted
    folder: Path | None = None


def nested(plugins: Plugins, session: Session | None = None) -> Any:
    """Return what `Context.fit` calls: fits a model named inside another model's settings, and keeps it in a run."""

    def fit(step: ModelStep, training: Training, context: Context) -> Fitted:
        prepared = model_of(plugins, step)
        keeper = session.keeper if session is not None else None

        def asked(verb: str) -> AbstractContextManager[None]:
            return session.step(tuple(context.step.split(".")), step.use, verb) if session else nullcontext()

        def learn(unfinished: Path | None = None) -> Fitted:
            with asked("fit"):
                own = replace(context, unfinished=unfinished)
                return fit_prepared(prepared.model, prepared.steps, training, own)

        if session is None or keeper is None:
            return learn()

        def write(folder: Path) -> dict[str, Any]:
            learned = learn(keeper.cache.unfinished(key))
            with asked("save"):
                learned.save(folder)
            return {}

        parts: list[ModelStep | PrepareStep] = [step, *step.prepare]
        steps = [keeper.step(inner.use, inner.with_, lambda _: context.folder) for inner in parts]
        key = keeper.key("nested", steps, context.seed, digest_of(training))
        kept = keeper.keep(session, "fit", key, write)
        with asked("load"):
            return load_prepared(prepared.model, prepared.steps, kept.folder)

    return fit


def digest_of(training: Training) -> str:
    """Return the digest of everything that a model can learn from some rows."""
    digest = hashlib.sha256()
    for some in training.pieces() if training.stored else (training,):
        truth = some.y if isinstance(some.y, pd.DataFrame) else pd.DataFrame({"": np.asarray(some.y)})
        hashed = [part for frame in (some.rows, some.X, truth) for part in _hashes(frame)]
        for values in (*hashed, some.weight):
            if values is not None:
                digest.update(np.ascontiguousarray(values).tobytes())
    X = training.drawn(1, 0).X if training.stored else training.X
    named = [list(X.columns), list(map(str, X.dtypes)), training.answers, training.classes]
    return key_of(digest.hexdigest(), *named, training.level, *(["stored"] if training.stored else []))


def _hashes(frame: pd.DataFrame) -> list[np.ndarray]:
    """Return numbers that stand for the values of a frame, its lists apart."""
    lists = [name for name in frame.columns if holds_lists(frame[name])]
    plain = frame.drop(columns=lists) if lists else frame
    return [pd.util.hash_pandas_object(plain, index=False).to_numpy(), *(hashes_of(frame[name]) for name in lists)]


def fit_all(
    session: Session, task: Task, models: Mapping[str, Prepared], frame: Frame, frame_digest: str
) -> dict[str, FittedModel]:
    """Fit trivial answers and models in every round of the split, or take up what is kept."""
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
    found = 0
    with session.stage("fit", ", ".join(models)) as stage:
        for name, prepared in trivial.items():
            fitted[name] = _fit_trivial(session, name, prepared, frame)
        for name, prepared in models.items():
            session.tell(Progress("fit", name))
            kept = _keep_model(session, name, prepared, frame, frame_digest)
            fitted[name] = _taken_up(session, name, prepared, frame, kept)
            found += kept.found
        rounds = len(frame.parts.rounds)
        times = f", {rounds} times" if rounds > 1 else ""
        stage.line = ", ".join(fitted) + times + (f" ({found} kept)" if found else "")
        stage.summary = {"models": list(fitted), "rounds": rounds, "kept": found}
    return fitted


def fit_one(session: Session, name: str, prepared: Prepared, frame: Frame, frame_digest: str) -> FittedModel:
    """Fit one model of the recipe in every round of the split, or take up what is kept."""
    return _taken_up(session, name, prepared, frame, _keep_model(session, name, prepared, frame, frame_digest))


def fit_first_trivial(session: Session, task: Task, frame: Frame) -> FittedModel:
    """Fit the first trivial answer of the task in every round of the split."""
    with session.step(("task",), session.recipe.task.use if session.recipe.task else "", "trivial"):
        name, model = next(iter(task.trivial().items()))
    return _fit_trivial(session, name, Prepared(type(model).__name__, model), frame)


def contexts_of(session: Session, path: tuple[str, ...], rounds: int) -> list[Context]:
    """Return the services for each round, each with a seed of its own."""
    base = session.context(path)
    if rounds == 1:
        return [base]
    return [replace(base, seed=seed_of(base.seed, f"round {number}")) for number in range(rounds)]


def _fit_trivial(session: Session, name: str, prepared: Prepared, frame: Frame) -> FittedModel:
    learned, predictions = [], []
    contexts = contexts_of(session, ("task",), len(frame.parts.rounds))
    for number, context in enumerate(contexts):
        training, held = frame.round(number)
        with session.step(("task",), prepared.use, "fit"):
            model = fit_prepared(prepared.model, prepared.steps, training, context)
        with session.step(("task",), prepared.use, "predict"):
            predictions.append(predicted(model, held.without_truth(), f"task: '{prepared.use}'"))
        learned.append(model)
    return FittedModel(name, prepared.use, True, tuple(learned), tuple(predictions), learned[0])


def _keep_model(session: Session, name: str, prepared: Prepared, frame: Frame, frame_digest: str) -> Kept:
    step, keeper = session.recipe.models[name], session.keeper

    if keeper is None:
        folder = session.scratch / f"fit-{name}"
        folder.mkdir()
        return Kept(folder, _fit_into(session, name, prepared, frame, folder), False, "")
    steps = [keeper.step_of(session.recipe, inner) for inner in (*step.prepare, step)]
    key = keeper.key("fit", frame_digest, name, steps, session.seed, str(session.recipe.split))
    unfinished = keeper.cache.unfinished(key)

    def write(folder: Path) -> dict[str, Any]:
        return _fit_into(session, name, prepared, frame, folder, unfinished)

    return keeper.keep(session, "fit", key, write)


def _fit_into(
    session: Session, name: str, prepared: Prepared, frame: Frame, folder: Path, unfinished: Path | None = None
) -> dict[str, Any]:
    """Fit a model in every round, and write it with its predictions; with several rounds, once more on all rows."""
    path = ("models", name)
    rounds = frame.parts.rounds
    for number, services in enumerate(contexts_of(session, path, len(rounds))):
        context = replace(services, unfinished=unfinished)
        training, held = frame.round(number)
        _warn_of_memory(context, prepared, training)
        with session.step(path, prepared.use, "fit"):
            model = fit_prepared(prepared.model, prepared.steps, training, context)
        _save(session, name, prepared, model, folder / f"model-{number}")
        with session.step(path, prepared.use, "load"):
            model = load_prepared(prepared.model, prepared.steps, folder / f"model-{number}")
        with session.step(path, prepared.use, "predict"):
            answers = predicted(model, held.without_truth(), f"models.{name}: '{prepared.use}'")
        write_frame(answers, folder / f"predictions-{number}.table")
    if len(rounds) > 1:
        training = frame.training(frame.parts.train)
        with session.step(path, prepared.use, "fit"):
            context = replace(session.context(path), unfinished=unfinished)
            model = fit_prepared(prepared.model, prepared.steps, training, context)
        _save(session, name, prepared, model, folder / FINAL)
    return {"step": f"models.{name}"}


FINAL = "model-final"
"""Folder of the model that learned from all rows, where the split has several rounds."""


def _save(session: Session, name: str, prepared: Prepared, model: Fitted, folder: Path) -> None:
    folder.mkdir()
    with session.step(("models", name), prepared.use, "save"):
        model.save(folder)
    with session.step(("models", name), prepared.use, "learned"):
        learned = to_json(model.learned())
    (folder / "learned.json").write_text(learned, encoding="utf-8")


def _taken_up(session: Session, name: str, prepared: Prepared, frame: Frame, kept: Kept) -> FittedModel:
    """Read back what was fitted, whether now or by an earlier run."""
    rounds = range(len(frame.parts.rounds))
    folders = [kept.folder / f"model-{number}" for number in rounds]
    final = folders[0] if len(folders) == 1 else kept.folder / FINAL
    with session.step(("models", name), prepared.use, "load"):
        models = tuple(load_prepared(prepared.model, prepared.steps, folder) for folder in folders)
        last = models[0] if len(folders) == 1 else load_prepared(prepared.model, prepared.steps, final)
    predictions = tuple(read_frame(kept.folder / f"predictions-{number}.table") for number in rounds)
    return FittedModel(name, prepared.use, False, models, predictions, last, final)


def _warn_of_memory(context: Context, prepared: Prepared, training: Training) -> None:
    """Say that a model will hold all rows, though they were too many to be held."""
    if training.stored and (prepared.steps or not prepared.model.learns_from_pieces):
        read = f"all {len(training):,} are read into memory"
        context.note(f"the model cannot learn from rows piece by piece: {read}", caution=True)


def predicted(model: Fitted, scoring: Scoring, who: str) -> pd.DataFrame:
    """Return the predictions of a model that keep the contract, piece by piece where the rows lie on disk.

    Raises
    ------
    PluginError
        If the model broke it.
    """
    if not scoring.stored or not len(scoring):
        return checked(model.predict(scoring), scoring, who)
    pieces = [checked(model.predict(piece), piece, who) for piece in scoring.pieces()]
    return pd.concat(pieces, ignore_index=True)


def checked(predictions: Any, scoring: Scoring, who: str) -> pd.DataFrame:
    """Return predictions that keep the contract: a line for each row, in order, finite, probabilities between 0 and 1.

    Behind the columns that are due there may be others, which may be missing in some rows.

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
    columns = list(predictions.columns)
    if columns[: len(due)] != due:
        raise broken(f"columns {', '.join(map(str, columns))} where {', '.join(due)} are due")
    if wrong := problem_in_others(predictions, due):
        raise broken(wrong)
    numbers = (predictions[due] if due else predictions).select_dtypes("number").to_numpy(dtype="float64")
    if due and not np.isfinite(numbers).all():
        raise broken(f"{int((~np.isfinite(numbers)).any(axis=1).sum()):,} predictions are not finite numbers")
    if scoring.answers == PROBABILITY and ((numbers < 0) | (numbers > 1)).any():
        raise broken("a probability lies outside 0 to 1")
    return predictions.reset_index(drop=True)


def problem_in_others(predictions: pd.DataFrame, due: Sequence[str]) -> str:
    """Say what is wrong with the columns that a model has of its own behind those that are due; empty if nothing is.

    Examples
    --------
    >>> problem_in_others(pd.DataFrame({"number": [1.0], "status": [3]}), ["number"])
    "'status' holds int64 where texts are due"
    >>> problem_in_others(pd.DataFrame({"number": [1.0], "score": [612.0], "status": ["cannot score"]}), ["number"])
    ''
    """
    columns = list(predictions.columns)
    if not all(isinstance(name, str) for name in columns) or len(set(columns)) != len(columns):
        return f"the columns {', '.join(map(str, columns))} are no names, each for itself"
    others = columns[len(due) :]
    if STATUS in others and not pd.api.types.is_string_dtype(predictions[STATUS]):
        return f"'{STATUS}' holds {predictions[STATUS].dtype} where texts are due"
    for name in others if due else []:
        if pd.api.types.is_numeric_dtype(predictions[name]):
            values = predictions[name].to_numpy(dtype="float64", na_value=np.nan)
            if np.isinf(values).any():
                return f"'{name}' is infinite in {int(np.isinf(values).sum()):,} rows"
    return ""


def columns_due(scoring: Scoring) -> list[str]:
    """Columns of an answer that the core knows; empty for answers that a task's plugin defines."""
    if scoring.answers in (NUMBER, QUANTILES):
        return ["number"]
    if scoring.answers != PROBABILITY:
        return []
    return ["probability"] if len(scoring.classes) == 2 else [f"probability:{label}" for label in scoring.classes]
