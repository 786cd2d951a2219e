"""Deliveries against their sinks: whether the columns they name are there, and whether two write to one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sartor.components import Action, Refers, Settings, Sink
from sartor.context import Context
from sartor.errors import Problem
from sartor.recipe import setting_types
from sartor.recipe.asking import Asking
from sartor.recipe.columns import near_column
from sartor.recipe.model import DeliverStep, Recipe

ROW_NAME = "row"
"""What the key of a row is called in decisions where it is not a single column of a table."""


@dataclass(frozen=True)
class Delivery:
    """A delivery whose component was found.

    Parameters
    ----------
    step : DeliverStep
    cls : class
        Of the sink.
    sink : Sink or None
        None where its settings are wrong.
    action : Action or None
        The one whose decisions it delivers; None where that is wrong.
    """

    step: DeliverStep
    cls: type[Settings]
    sink: Sink | None
    action: Action | None


def check_deliveries(recipe: Recipe, deliveries: Iterable[Delivery], project: Path, asking: Asking) -> list[Problem]:
    """Return what is wrong with deliveries as far as it can be known before a row is read.

    Parameters
    ----------
    recipe : Recipe
    deliveries : iterable of Delivery
    project : Path
        The folder that targets are named from.
    asking : Asking
        Reports what sinks and actions raise.
    """
    problems: list[Problem] = []
    places: dict[str, str] = {}
    columns: dict[str, tuple[str, ...] | None] = {}
    for delivery in deliveries:
        step = delivery.step
        if step.source not in columns:
            columns[step.source] = _asked(recipe, delivery, asking)
        own = columns[step.source]
        problems += _columns(recipe, delivery, own)
        if delivery.sink is None:
            continue
        context = delivery_context(recipe, step, project)
        place = ""
        with asking.verb(step.path, step.use, "target"):
            place = delivery.sink.target(context)
        with asking.verb(step.path, step.use, "check_target"):
            delivery.sink.check_target(_certain(recipe, own), context)
        if place and place in places:
            message = f"deliveries '{places[place]}' and '{step.name}' write to one place, {place}"
            mend = ("to mend", "give each a place of its own: the second would overwrite the first")
            problems.append(Problem("R083", message, recipe.document.where_key(step.path), (mend,)))
        places.setdefault(place, step.name)
    return problems


def _asked(recipe: Recipe, delivery: Delivery, asking: Asking) -> tuple[str, ...] | None:
    """Return the columns of the decisions that are delivered, as far as their action knows them by now."""
    action, source = delivery.action, delivery.step.source
    if action is None:
        return None
    with asking.verb(recipe.actions[source].path, recipe.actions[source].use, "columns"):
        return action.columns()
    return None


def delivery_context(recipe: Recipe, step: DeliverStep, project: Path, **more: Any) -> Context:
    """Return the services of a sink: what it writes is named from the project's folder."""
    return Context(step=f"deliver.{step.name}", folder=project, currency=recipe.currency or "", **more)


def _columns(recipe: Recipe, delivery: Delivery, own: tuple[str, ...] | None) -> Iterator[Problem]:
    """Yield the columns that a sink names and the decisions do not have, where that is known."""
    if own is None:
        return
    document = recipe.document
    keys = [step.key[0] for step in recipe.ingest.values() if len(step.key) == 1]
    known = tuple(dict.fromkeys([*keys, ROW_NAME, *own]))
    for found in setting_types.values(delivery.cls, delivery.step.settings):
        refers = found.typed.told(Refers)
        if refers is None or refers.to != "column" or not found.value or found.value in known:
            continue
        path = (*delivery.step.path, "with", *found.path)
        where = document.where_key(path) if found.is_key else document.where(path)
        message = f"the decisions of {delivery.step.source} have no column '{found.value}'"
        yield Problem("R041", message, where, near_column(found.value, {delivery.step.source: known}))


def _certain(recipe: Recipe, own: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the columns of decisions, the key first, where there is no doubt what the key is called."""
    keys = {step.key for step in recipe.ingest.values()}
    if own is None or len(keys) != 1:
        return None
    (key,) = keys
    return (key[0] if len(key) == 1 and key[0] not in own else ROW_NAME, *own)
