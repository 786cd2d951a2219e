"""Prepare: steps between features and a model, learned from training rows only, together with the model.

Each step learns from what the one before it made of the training rows, and the model from what the last one made. At
prediction the same steps are applied in the same order. A step that looks at the target makes the training rows'
columns in a cross-fitted form of its own, see `sartor.components.Prepare.fit_transform`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sartor.blame import PartError, part
from sartor.components import Fitted
from sartor.errors import PluginError, Problem, SettingError

if TYPE_CHECKING:
    import pandas as pd

    from sartor.components import Because, FittedStep, Model, ModelStep, Prepare
    from sartor.context import Context
    from sartor.plugins import Plugins
    from sartor.rows import Judged, Scoring, Training
    from sartor.sections import Caution, Section

FORMAT = 1
MANIFEST = "prepare.json"


class PreparedModel(Fitted):
    """A fitted model behind its fitted steps.

    Parameters
    ----------
    steps : sequence of (id, FittedStep)
    model : Fitted
    """

    def __init__(self, steps: Sequence[tuple[str, FittedStep]], model: Fitted) -> None:
        self.steps, self.model = tuple(steps), model

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Prepare the rows' features and answer."""
        return self.model.predict(scoring.with_features(self.transform(scoring.X)))

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the features as the model sees them."""
        for place, (use, step) in enumerate(self.steps):
            with _step(place, use, "transform"):
                made = step.transform(X)
            X = _checked(made, X, place, use)
        return X

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return the model's contributions, added up by the features that the prepared columns were made from."""
        found = self.model.explain(scoring.with_features(self.transform(scoring.X)))
        if found is None:
            return None
        sources = {column: column for column in found.columns}
        for place, (use, step) in reversed(list(enumerate(self.steps))):
            with _step(place, use, "sources"):
                made = step.sources()
            sources = {column: made.get(source, source) for column, source in sources.items()}
        by_source = found.T.groupby([sources[column] for column in found.columns], sort=False).sum().T
        return by_source[list(dict.fromkeys(sources.values()))]

    def because(self, scoring: Scoring) -> Because | None:
        """Return what speaks for what is in the model's answers."""
        return self.model.because(scoring.with_features(self.transform(scoring.X)))

    def learned(self) -> dict[str, Any]:
        """Return what the model learned."""
        return self.model.learned()

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return what the model has to say, with the features as it sees them."""
        prepared = judged if judged.X is None else replace(judged, X=self.transform(judged.X))
        learned = judged.learned_from
        if learned is not None:
            prepared = replace(prepared, learned_from=learned.with_features(self.transform(learned.X)))
        return self.model.sections(prepared, context)

    def save(self, folder: Path) -> None:
        """Write the model and each step into a folder of its own, and a list of the steps."""
        manifest = {"format": FORMAT, "steps": [use for use, _ in self.steps]}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        for place, (use, step) in enumerate(self.steps):
            inside = folder / _step_folder(place)
            inside.mkdir()
            with _step(place, use, "save"):
                step.save(inside)
        (folder / "model").mkdir()
        self.model.save(folder / "model")


def fit_prepared(model: Model, steps: Sequence[tuple[str, Prepare]], training: Training, context: Context) -> Fitted:
    """Fit steps in order, then the model on what they made.

    Parameters
    ----------
    model : Model
    steps : sequence of (id, Prepare)
        Empty for a model without ``prepare``.
    training : Training
        Stays unchanged.
    context : Context
        The model's; each step gets a seed of its own.

    Returns
    -------
    Fitted
        Saved as data; `load_prepared` reads it.

    Raises
    ------
    SettingError
        If the model does not answer what is asked for; `check` finds it first, but inside other models.
    PluginError
        If a step fails or returns something other than a line for each row.
    """
    _check_answers(model, training)
    fitted: list[tuple[str, FittedStep]] = []
    for place, (use, step) in enumerate(steps):
        inner = context.for_step(f"{context.step}.prepare.{place + 1}")
        learned, X = _fitted(place, use, step, training, inner)
        training = training.with_features(_checked(X, training.X, place, use))
        fitted.append((use, learned))
    learned_model = _fitted_model(model.fit(training, context), model, "fit")
    return PreparedModel(fitted, learned_model) if fitted else learned_model


def _fitted_model(made: Any, model: Model, verb: str) -> Fitted:
    if callable(getattr(made, "predict", None)):
        return cast("Fitted", made)
    message = f"{type(model).__name__} breaks the contract of {verb}: it returned {type(made).__name__}"
    raise PartError(Problem("X021", f"{message} where a fitted model is due"))


def _fitted(
    place: int, use: str, step: Prepare, training: Training, context: Context
) -> tuple[FittedStep, pd.DataFrame]:
    """Fit a step, and prepare the training rows; a step that has no form of its own for them is called verb by verb."""
    from sartor.components import Prepare

    if type(step).fit_transform is not Prepare.fit_transform:
        with _step(place, use, "fit_transform"):
            learned, X = step.fit_transform(training, context)
        return learned, X
    with _step(place, use, "fit"):
        learned = step.fit(training, context)
    with _step(place, use, "transform"):
        return learned, learned.transform(training.X)


def load_prepared(model: Model, steps: Sequence[tuple[str, Prepare]], folder: Path) -> Fitted:
    """Return what a fitted model with its steps wrote into a folder.

    Parameters
    ----------
    model, steps
        As they were when it was fitted: a component reads what it wrote, and nothing is looked up by what a file says.
    folder : Path

    Raises
    ------
    PluginError
        If the folder holds a model with other steps.
    """
    if not steps:
        return _fitted_model(model.load(folder), model, "load")
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        saved = (manifest["format"], list(manifest["steps"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PluginError(f"the saved model in {folder.name} has no list of steps: {error}", code="X031") from error
    if saved != (FORMAT, [use for use, _ in steps]):
        raise PluginError(
            f"the saved model in {folder.name} was prepared by {', '.join(saved[1])} in format {saved[0]}; "
            f"the recipe names {', '.join(use for use, _ in steps)}",
            code="X031",
            hints=(("to mend", "fit the model again"),),
        )
    loaded: list[tuple[str, FittedStep]] = []
    for place, (use, step) in enumerate(steps):
        with _step(place, use, "load"):
            loaded.append((use, step.load(folder / _step_folder(place))))
    return PreparedModel(loaded, _fitted_model(model.load(folder / "model"), model, "load"))


def load_nested(step: ModelStep, folder: Path, plugins: Plugins | None = None) -> Fitted:
    """Return a saved model that was fitted by `sartor.context.Context.fit`.

    Parameters
    ----------
    step : ModelStep
        As it was when it was fitted.
    folder : Path
    plugins : Plugins, optional
        The installed ones, unless given.
    """
    from sartor.plugins import Plugins
    from sartor.stages.building import model_of

    prepared = model_of(plugins or Plugins(), step)
    with part("the model inside", step.use, "load"):
        return load_prepared(prepared.model, prepared.steps, folder)


def _check_answers(model: Model, training: Training) -> None:
    answers = getattr(model, "answers", None)
    if isinstance(answers, set | frozenset) and training.answers not in answers:
        own = " or ".join(f"a {answer}" for answer in sorted(answers))
        raise SettingError(
            f"{type(model).__name__} answers {own}, and the task asks for a {training.answers}",
            code="R025",
            hints=(("to see all", "sartor list models"),),
        )


def _step_folder(place: int) -> str:
    return f"step-{place + 1}"


def _step(place: int, use: str, verb: str) -> AbstractContextManager[None]:
    """Name the step that raises inside."""
    return part(_named(place), use, verb, ("prepare", place))


def _named(place: int) -> str:
    return f"step {place + 1} of prepare"


def _checked(made: Any, given: pd.DataFrame, place: int, use: str) -> pd.DataFrame:
    import pandas as pd

    def broken(what: str) -> PluginError:
        return PartError(
            Problem("X021", f"{_named(place)}: '{use}' breaks its contract: {what}"), place=("prepare", place)
        )

    if not isinstance(made, pd.DataFrame):
        raise broken(f"it made {type(made).__name__} where a DataFrame is due")
    if len(made) != len(given):
        raise broken(f"it made {len(made):,} lines of {len(given):,}")
    if not made.index.equals(given.index):
        raise broken("it made lines with another index")
    twice = made.columns[made.columns.duplicated()]
    if len(twice):
        raise broken(f"it made two columns called '{twice[0]}'")
    return made
