"""Models in a run's folder: saved as data with golden rows, and loaded only when they still are what they were."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sartor.blame import machine_error, part
from sartor.errors import InputError, PluginError, UsageError, nearest
from sartor.runs.json_text import plain
from sartor.runs.recording import read_json, versions

if TYPE_CHECKING:
    from sartor.components import Fitted, Prepare
    from sartor.plugins import Plugins
    from sartor.runs.golden import Golden
    from sartor.runs.recording import Recorder
    from sartor.session import Session
    from sartor.stages.fitting import FittedModel
    from sartor.stages.framing import Frame

MODELS = "models"
ABOUT = "sartor.json"
"""What sartor says of a model, beside the files that the model itself wrote."""
FORMAT = 1
"""Of a model's folder: `ABOUT`, golden rows, and what `Fitted.save` wrote."""


@dataclass(frozen=True)
class Saved:
    """What is known of a saved model without loading it.

    Parameters
    ----------
    name, use : str
        The recipe's name for it, and its component.
    settings : mapping
    prepare : tuple of (id, settings)
    answers : str
    classes : tuple
        Labels of a classification, the positive one last.
    features : mapping of name to kind
        ``number``, ``flag``, ``category`` or ``text``, in the order in which the model learned from them.
    golden : bool
        Whether there are golden rows.
    folder : Path
    """

    name: str
    use: str
    settings: Mapping[str, Any]
    prepare: tuple[tuple[str, Mapping[str, Any]], ...]
    answers: str
    classes: tuple[Any, ...]
    features: Mapping[str, str]
    golden: bool
    folder: Path


def save_models(recorder: Recorder, session: Session, fitted: Mapping[str, FittedModel], frame: Frame) -> None:
    """Write the fitted models of the recipe as data, each with golden rows."""
    from sartor.runs.golden import Golden, kinds_of

    rounds = frame.parts.rounds
    training = frame.round(0)[0] if len(rounds) == 1 else frame.training(frame.parts.train)
    golden = Golden(training, session.context(("golden",)).seed)
    asked = {"answers": frame.answers, "classes": list(frame.classes), "features": kinds_of(frame.some())}
    for name, model in fitted.items():
        if model.folder is not None:
            folder = recorder.copy(model.folder, f"{MODELS}/{name}")
            _save_one(recorder, session, model, asked, golden, folder)


def _save_one(
    recorder: Recorder,
    session: Session,
    model: FittedModel,
    asked: Mapping[str, Any],
    golden: Golden,
    folder: Path,
) -> None:
    from sartor.runs.golden import FILE

    for own in (ABOUT, FILE):
        if (folder / own).exists():
            raise PluginError(
                f"models.{model.name}: '{model.use}' breaks the contract of save: {own} is a name of sartor's own",
                code="X021",
                where=session.recipe.document.where(("models", model.name, "use")),
            )
    step = session.recipe.models[model.name]
    about = {
        "format": FORMAT,
        "name": model.name,
        "use": step.use,
        "with": step.settings,
        "prepare": [{"use": inner.use, "with": inner.settings} for inner in step.prepare],
        **asked,
        "golden": False,
    }
    about = plain(about)
    with recorder.writing():
        about["golden"] = _write_golden(session, _saved(about, folder), golden, folder / FILE)
    # Not sorted: what a setting lists by name may have an order.
    text = json.dumps(about, indent=1, ensure_ascii=False, allow_nan=False)
    recorder.text(f"{MODELS}/{model.name}/{ABOUT}", text + "\n")


def _write_golden(session: Session, saved: Saved, golden: Golden, file: Path) -> bool:
    """Write golden rows and tell whether there are any.

    Where the model cannot answer strange values they are left out; where it cannot answer made-up rows at all, there
    are none.
    """
    from sartor.runs.golden import write
    from sartor.stages.fitting import checked

    # Loaded once more: a model may remember rows that it was asked, and the run hands its own on to the user.
    model = _load(saved, session.plugins)

    def check(predictions: Any, scoring: Any) -> Any:
        return checked(predictions, scoring, f"models.{saved.name}: '{saved.use}'")

    why = ""
    for strange in (True, False):
        rows = golden.rows(strange=strange)
        try:
            with _silence():
                write(file, rows, model, saved.answers, saved.classes, check)
        except Exception as error:
            if machine_error(error, file.parent) is not None:
                raise
            # To made-up rows a plugin may say anything; real ones it has answered.
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        else:
            return True
    context = session.context((MODELS, saved.name))
    context.note(f"{saved.name} has no golden rows: it cannot answer made-up ones: {why}", caution=True)
    return False


@contextmanager
def _silence() -> Iterator[None]:
    """Let nobody hear what a model says of made-up rows."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def saved_model(run_folder: Path, name: str) -> Saved:
    """Return what is known of a saved model; its files are neither checked nor read.

    Raises
    ------
    UsageError
        If the run has no such model.
    InputError
        If what the run says of it is damaged, or was written by a newer sartor.
    """
    folder = run_folder / MODELS / name
    there = run_folder / MODELS
    names = sorted(path.name for path in there.iterdir() if path.is_dir()) if there.is_dir() else []
    if name not in names:
        raise UsageError(f"run {run_folder.name} has no model '{name}'", code="U064", hints=nearest(name, names))
    about = read_json(run_folder, f"{MODELS}/{name}/{ABOUT}")
    if about.get("format") != FORMAT:
        raise InputError(
            f"model '{name}' of run {run_folder.name} is saved in format {about.get('format')}, "
            f"and this sartor reads format {FORMAT}",
            code="D152",
            hints=(("to mend", "use the version of sartor that wrote it, or run the recipe again"),),
        )
    try:
        return _saved(about, folder)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{ABOUT} of model '{name}' of run {run_folder.name} is not as it was recorded: it lacks {error}",
            code="D150",
            hints=(
                ("to mend", "take the folder from a copy that is untouched, or run the recipe again"),
                ("to see all", f"sartor verify {run_folder.name}"),
            ),
        ) from error


def _saved(about: Mapping[str, Any], folder: Path) -> Saved:
    return Saved(
        name=folder.name,
        use=str(about["use"]),
        settings=dict(about["with"]),
        prepare=tuple((str(step["use"]), dict(step["with"])) for step in about["prepare"]),
        answers=str(about["answers"]),
        classes=tuple(about["classes"]),
        features=dict(about["features"]),
        golden=bool(about["golden"]),
        folder=folder,
    )


def load_model(run_folder: Path, name: str, plugins: Plugins | None = None) -> Fitted:
    """Return a model of a run, ready to predict.

    Its files must be those that the run recorded, byte for byte, and it must answer its golden rows as it did when it
    was saved.

    Parameters
    ----------
    run_folder : Path
    name : str
        As the recipe calls it.
    plugins : Plugins, optional
        The installed ones, unless given.

    Returns
    -------
    Fitted

    Raises
    ------
    UsageError
        If the run has no such model.
    InputError
        If a file has changed, or the model answers otherwise than it did.
    PluginError
        If the model's component cannot load it.

    Examples
    --------
    >>> import sartor
    >>> run = sartor.run("finance/credit-scoring", sets=["judge.redraws=100"])
    >>> type(load_model(run.folder, "scorecard")).__name__
    'Card'
    """
    from sartor.plugins import Plugins

    saved, plugins = saved_model(run_folder, name), plugins or Plugins()
    _check_files(run_folder, saved)
    if saved.golden:
        _check_answers(run_folder, saved, _load(saved, plugins))
    # One that has not seen a row yet: a model may remember those that it was asked, and what it said of them.
    return _load(saved, plugins)


def _check_files(run_folder: Path, saved: Saved) -> None:
    from sartor.runs.verifying import verify

    found = verify(run_folder, below=f"{MODELS}/{saved.name}/").findings
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise InputError(
            f"model '{saved.name}' of run {run_folder.name} is not as it was recorded: {found[0]}{more}",
            code="D150",
            hints=(
                ("to mend", "take the folder from a copy that is untouched, or run the recipe again"),
                ("to see all", f"sartor verify {run_folder.name}"),
            ),
        )


def _load(saved: Saved, plugins: Plugins) -> Fitted:
    from sartor.preparing import load_prepared
    from sartor.stages.building import component

    try:
        model = component(plugins, saved.use, _with_secrets(saved.settings))
        steps = [(use, cast("Prepare", component(plugins, use, _with_secrets(said)))) for use, said in saved.prepare]
    except KeyError as error:
        raise PluginError(
            f"model '{saved.name}' needs {saved.use}, and there is no {error}",
            code="X013",
            hints=(("to mend", "install the plugin that the run was made with"), ("to see all", "sartor plugins list")),
        ) from None
    with part(f"model '{saved.name}'", saved.use, "load"):
        return load_prepared(cast("Any", model), steps, saved.folder)


def _with_secrets(value: Any) -> Any:
    """Return settings in which ``secret:NAME`` is a secret again, as a recipe's reader makes it one."""
    from sartor.recipe.secret import Secret

    if isinstance(value, dict):
        return {key: _with_secrets(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_with_secrets(item) for item in value]
    is_secret = isinstance(value, str) and value.startswith("secret:") and value[7:].isidentifier()
    return Secret(value[7:]) if is_secret else value


def _check_answers(run_folder: Path, saved: Saved, model: Fitted) -> None:
    from sartor.runs.golden import FILE, difference

    with part(f"model '{saved.name}'", saved.use, "predict"), _silence():
        moved = difference(saved.folder / FILE, model, saved.answers, saved.classes)
    if not moved:
        return
    before, now = read_json(run_folder, "record.json").get("versions", {}), versions()
    other = [f"{name} {before.get(name, '-')} → {now.get(name, '-')}" for name in {**before, **now}
             if before.get(name) != now.get(name)]  # fmt: skip
    raise InputError(
        f"model '{saved.name}' of run {run_folder.name} answers its golden rows otherwise than when it was saved: "
        f"{moved}; its files are untouched",
        code="D151",
        hints=(
            ("to mend", "run the recipe again, or use the versions that it was fitted with"),
            *((("changed since", ", ".join(other)),) if other else ()),
        ),
    )
