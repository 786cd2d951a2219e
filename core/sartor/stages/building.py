"""Turns the steps of a checked recipe into components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from sartor.components import Action, Feature, Ingest, Model, ModelStep, Prepare, Settings, Sink, Task
from sartor.errors import SettingError
from sartor.recipe.giving import given

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sartor.plugins import Plugins
    from sartor.recipe.document import KeyPath
    from sartor.recipe.model import Recipe


@dataclass(frozen=True)
class Prepared:
    """A model with the steps that go before it, each with its id."""

    use: str
    model: Model
    steps: tuple[tuple[str, Prepare], ...] = ()


@dataclass(frozen=True)
class Built:
    """The components of a recipe, by the names of their steps."""

    ingest: Mapping[str, Ingest]
    task: Task | None
    features: Mapping[str, Feature]
    models: Mapping[str, Prepared]
    actions: Mapping[str, Action]
    sinks: Mapping[str, Sink]


def component(
    plugins: Plugins,
    use: str,
    settings: Mapping[str, Any],
    recipe: Recipe | None = None,
    path: KeyPath = (),
    home: Path | None = None,
) -> Settings:
    """Make one component; `recipe` and the step's `path` in it tell from which folder its files are named.

    It looks for them from `home`, the folder of the step unless given.

    Raises
    ------
    SettingError
        If the settings do not fit; `check` finds this first, with the place of each setting.
    """
    cls = plugins.class_of(plugins.find(use))
    try:
        return cls.model_validate(given(cls, settings, recipe, path, home=home, plugins=plugins))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingError(f"{use}: {place}: {first['msg']}") from error


def model_of(plugins: Plugins, step: ModelStep) -> Prepared:
    """Make the model that a `ModelStep` names, for models inside the settings of others."""
    return Prepared(
        step.use,
        cast("Model", component(plugins, step.use, step.with_)),
        tuple((inner.use, cast("Prepare", component(plugins, inner.use, inner.with_))) for inner in step.prepare),
    )


def build(recipe: Recipe, plugins: Plugins) -> Built:
    """Make all components of a recipe that `check` found to be right."""

    def made(step: Any, inside: Any = None) -> Any:
        home = recipe.base_folder((inside or step).path)
        return component(plugins, step.use, step.settings, recipe, step.path, home)

    return Built(
        ingest={name: made(step) for name, step in recipe.ingest.items()},
        task=made(recipe.task) if recipe.task else None,
        features={name: made(step) for name, step in recipe.features.items()},
        models={
            name: Prepared(step.use, made(step), tuple((inner.use, made(inner, step)) for inner in step.prepare))
            for name, step in recipe.models.items()
        },
        actions={name: made(step) for name, step in recipe.actions.items()},
        sinks={name: made(step) for name, step in recipe.deliver.items()},
    )
