"""A stranger's plugin: one sound component of each kind, and many that break the contract in one way each.

Ids are the names of the classes: ``stranger.SoundModel``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sartor.components import Component
from sartor.hookspecs import hookimpl


def _classes(module: str, kind: str) -> Iterator[Component]:
    """Yield a record for each class of a module that derives from a class of this kind, read without importing it."""
    for line in (Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8").splitlines():
        name, _, base = line.removeprefix("class ").removesuffix("):").partition("(")
        if line.startswith("class ") and base.endswith(kind):
            yield Component(
                f"stranger.{name}",
                f"stranger_plugin.{module}:{name}",
                about="For tests",
                prepare=kind == "Prepare",
                sink=kind == "Sink",
            )


@hookimpl
def ingest():
    yield from _classes("ingests", "Ingest")


@hookimpl
def tasks():
    yield from _classes("tasks", "Task")


@hookimpl
def features():
    yield from _classes("features", "Feature")


@hookimpl
def models():
    yield from _classes("models", "Model")
    yield from _classes("prepare", "Prepare")
    yield Component("stranger.SaysTooMuch", "stranger_plugin.models:SoundModel", about="It ends with a full stop.")
    yield Component("stranger.SaysNothing", "stranger_plugin.models:SoundModel", about=" ")
    yield Component("stranger.IsNotThere", "stranger_plugin.models:IsNotThere", about="For tests")
    yield Component("stranger.IsATask", "stranger_plugin.tasks:SoundTask", about="For tests")


@hookimpl
def actions():
    yield from _classes("actions", "Action")
    yield from _classes("sinks", "Sink")
