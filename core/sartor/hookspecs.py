"""The hooks: everything that a plugin can bring to sartor.

Five hooks yield components, called when a recipe names the plugin or when everything is listed. Two more have an
entry-point group each: observers, ``sartor.observers``, watch without changing anything, and reports,
``sartor.reports``, make files for people from a run's folder.

Order, split, seeds, cache keys, privacy, gates, ledger and the approval of live deliveries are not hooks: a plugin
must not be able to weaken them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

if TYPE_CHECKING:
    from sartor.components import Component
    from sartor.events import StageFinished

PROJECT = "sartor"
hookspec = pluggy.HookspecMarker(PROJECT)
_mark = pluggy.HookimplMarker(PROJECT)
_KEPT = "__sartor_hooks__"

F = TypeVar("F", bound=Callable[..., Any])


def hookimpl(function: F) -> F:
    """Mark a function of a plugin's module as the implementation of the hook of that name.

    Examples
    --------
    >>> @hookimpl
    ... def models():
    ...     yield Component("hello.points", "hello_plugin.points:Points", about="Points, added up")
    """
    _mark(function)
    if function.__qualname__ == function.__name__:
        # A submodule that is called like a hook, models.py beside `def models()`, takes over the name in its package
        # as soon as it is imported. The function is kept under another name too, so that the hook is not lost then.
        function.__globals__.setdefault(_KEPT, {})[function.__name__] = function
    return function


def hooks_of(module: object) -> object:
    """Return what a module implements, for pluggy: hooks that a submodule has hidden included.

    Parameters
    ----------
    module : module
        Or any other object that has hooks.
    """
    attributes = getattr(module, "__dict__", {})
    kept = attributes.get(_KEPT)
    return SimpleNamespace(**{**attributes, **kept}) if kept else module


COMPONENT_HOOKS = ("ingest", "tasks", "features", "models", "actions")
"""The hooks that yield components, in the order in which data meets them."""


class PluginHooks:
    """Hooks of the group ``sartor.plugins``."""

    @hookspec
    def ingest(self) -> Iterable[Component]:  # type: ignore[empty-body]
        """Offer readers that a recipe can name under ``ingest: {TABLE: {use: ...}}``.

        Keep it light: the class behind a record is imported only when a recipe uses it.

        Returns
        -------
        iterable of Component
            Targets derive from `sartor.components.Ingest`.

        Examples
        --------
        >>> @hookimpl
        ... def ingest():
        ...     yield Component("hello.messages", "hello_plugin.messages:Messages", about="Customer messages")
        """

    @hookspec
    def tasks(self) -> Iterable[Component]:  # type: ignore[empty-body]
        """Offer tasks that a recipe can name under ``task: {use: ...}``.

        Returns
        -------
        iterable of Component
            Targets derive from `sartor.components.Task`.

        Examples
        --------
        >>> @hookimpl
        ... def tasks():
        ...     yield Component("hello.urgency", "hello_plugin.urgency:Urgency", about="Is the reply urgent?")
        """

    @hookspec
    def features(self) -> Iterable[Component]:  # type: ignore[empty-body]
        """Offer features that a recipe can name under ``features: {NAME: {use: ..., from: TABLE}}``.

        Returns
        -------
        iterable of Component
            Targets derive from `sartor.components.Feature`.

        Examples
        --------
        >>> @hookimpl
        ... def features():
        ...     yield Component("hello.wording", "hello_plugin.wording:Wording", about="How a message is worded")
        """

    @hookspec
    def models(self) -> Iterable[Component]:  # type: ignore[empty-body]
        """Offer models that a recipe can name under ``models: {NAME: {use: ...}}``, and steps of ``prepare``.

        Called when a recipe names this plugin, or when everything is listed. A component's class is imported only
        when a recipe uses it, so ``sartor list models`` stays fast.

        Returns
        -------
        iterable of Component
            Targets derive from `sartor.components.Model`, or, with ``prepare=True``, from
            `sartor.components.Prepare`. Ids must be unique over all plugins and begin with the plugin's name.

        Examples
        --------
        >>> @hookimpl
        ... def models():
        ...     yield Component("hello.points", "hello_plugin.points:Points", about="Points, added up")
        ...     yield Component("hello.relative", "hello_plugin.relative:Relative", about="Per its like", prepare=True)
        """

    @hookspec
    def actions(self) -> Iterable[Component]:  # type: ignore[empty-body]
        """Offer actions that a recipe can name under ``actions: {NAME: {use: ...}}``, and sinks for ``deliver``.

        Returns
        -------
        iterable of Component
            Targets derive from `sartor.components.Action`, or, with ``sink=True``, from `sartor.components.Sink`.

        Examples
        --------
        >>> @hookimpl
        ... def actions():
        ...     yield Component("hello.reply_first", "hello_plugin.reply_first:ReplyFirst", about="Whom to answer")
        ...     yield Component("hello.inbox", "hello_plugin.inbox:Inbox", about="Into the inbox", sink=True)
        """


class ObserverHooks:
    """Hooks of the group ``sartor.observers``, loaded by ``sartor run``."""

    @hookspec
    def stage_finished(self, event: StageFinished) -> None:
        """Hear that a stage of a run has finished, and what it made in numbers.

        Called after every stage, in the run's own process. What an observer returns is ignored; what it raises is
        noted in the run's log and changes nothing.

        Parameters
        ----------
        event : StageFinished
            Recipe, run, stage, seconds and a summary in JSON types; never a row of data.

        Examples
        --------
        >>> @hookimpl
        ... def stage_finished(event):
        ...     print(event.stage, event.seconds)
        """


class ReportHooks:
    """Hooks of the group ``sartor.reports``, loaded at the end of ``sartor run`` and by ``sartor report``."""

    @hookspec
    def report(self, folder: Path) -> Iterable[Path]:  # type: ignore[empty-body]
        """Make files for people from the folder of a recorded run.

        Called when the folder is in its place, and again whenever somebody asks; files of the same name are then made
        anew. What is returned is entered in the run's ledger.

        Parameters
        ----------
        folder : Path
            Holds ``summary.json``, ``record.json``, ``sections.json`` and what else a run records; none of these may be
            changed.

        Returns
        -------
        iterable of Path
            The files that were made in the folder, the one to open first.

        Examples
        --------
        >>> @hookimpl
        ... def report(folder):
        ...     import json
        ...
        ...     summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        ...     (folder / "headline.txt").write_text(summary["headline"], encoding="utf-8")
        ...     return [folder / "headline.txt"]
        """
