"""Deliveries against their sinks: whether the columns they name are there, and whether two write to one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sartor.components import Action, Refers, Settings, Sink
from sartor.context import Context
from sartor.errors import Problem, SartorError
from sartor.recipe import setting_types
from sartor.recipe.columns import near_column
from sartor.recipe.model import DeliverStep, Recipe

ROW_NAME = "row"
"""What the key of a row is called in decisions where it is not a single column of a table."""
Failed = Callable[[str, str, BaseException, Any], None]


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


def check_deliveries(
    recipe: Recipe, deliveries: Iterable[Delivery], project: Path, failed: Failed
) -> Iterator[Problem]:
    """Yield what is wrong with deliveries as far as it can be known before a row is read.

    Parameters
    ----------
    recipe : Recipe
    deliveries : iterable of Delivery
    project : Path
        The folder that targets are named from.
    failed : callable
        Reports what a sink raised that is no `SartorError`.
    """
    places: dict[str, str] = {}
    for delivery in deliveries:
        step = delivery.step
        yield from _columns(recipe, delivery)
        if delivery.sink is None:
            continue
        where = recipe.document.where((*step.path, "use"))
        context = delivery_context(recipe, step, project)
        try:
            place = delivery.sink.target(context)
            delivery.sink.check_target(_certain(recipe, delivery.action), context)
        except SartorError as error:
            yield from (problem.at(where) for problem in error.problems)
        except Exception as error:  # noqa: BLE001 - a stranger's sink may raise anything
            failed(step.use, "its target was looked at", error, where)
        else:
            if place in places:
                message = f"deliveries '{places[place]}' and '{step.name}' write to one place, {place}"
                mend = ("to mend", "give each a place of its own: the second would overwrite the first")
                yield Problem("R080", message, recipe.document.where_key(step.path), (mend,))
            places.setdefault(place, step.name)


def delivery_context(recipe: Recipe, step: DeliverStep, project: Path, **more: Any) -> Context:
    """Return the services of a sink: what it writes is named from the project's folder."""
    return Context(step=f"deliver.{step.name}", folder=project, currency=recipe.currency or "", **more)


def _columns(recipe: Recipe, delivery: Delivery) -> Iterator[Problem]:
    """Yield the columns that a sink names and the decisions do not have, where that is known."""
    action = delivery.action
    own = action.columns() if action is not None else None
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


def _certain(recipe: Recipe, action: Action | None) -> tuple[str, ...] | None:
    """Return the columns of decisions, the key first, where there is no doubt what the key is called."""
    own = action.columns() if action is not None else None
    keys = {step.key for step in recipe.ingest.values()}
    if own is None or len(keys) != 1:
        return None
    (key,) = keys
    return (key[0] if len(key) == 1 and key[0] not in own else ROW_NAME, *own)
