"""Finds plugins and loads them one by one, when a recipe names them.

Built-in plugins come in through the very entry-point group that strangers use. Looking a component up loads the
plugin that its id begins with and no other; a plugin that does not load ends only the recipes that use it.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import EntryPoint
from inspect import isfunction
from typing import Any

import pluggy

from sartor.blame import STOPS, said_of
from sartor.components import BASES, Component, Kind, Settings
from sartor.entry_points import Offer, offers_of
from sartor.errors import PluginError, Problem, nearest
from sartor.hookspecs import COMPONENT_HOOKS, PROJECT, ObserverHooks, PluginHooks, hooks_of

GROUP = "sartor.plugins"
OBSERVER_GROUP = "sartor.observers"
_ID = re.compile(r"[^.\s]+\.\w+(-\w+)*")

_KIND_OF_HOOK: dict[str, Kind] = {
    "ingest": "ingest",
    "tasks": "task",
    "features": "feature",
    "models": "model",
    "actions": "action",
}
KIND_NAMES: dict[Kind, str] = {
    "ingest": "an ingest",
    "task": "a task",
    "feature": "a feature",
    "model": "a model",
    "prepare": "a step of prepare",
    "action": "an action",
    "sink": "a sink",
}


@dataclass(frozen=True)
class Registered:
    """A component with its kind and the plugin that brings it."""

    component: Component
    kind: Kind

    @property
    def id(self) -> str:
        """The component's id."""
        return self.component.id


@dataclass
class Plugin:
    """An entry point of the group ``sartor.plugins``, loaded when it is first asked.

    Parameters
    ----------
    name : str
        Name of the entry point.
    distribution, version : str
        What was installed.
    entry_points : tuple of EntryPoint
        More than one when two distributions claim the name.
    """

    name: str
    distribution: str
    version: str
    entry_points: tuple[tuple[EntryPoint, str], ...]
    failure: BaseException | None = None
    _components: dict[str, Registered] | None = field(default=None, repr=False)

    @property
    def module_name(self) -> str:
        """Name of the module that implements the hooks; it need not be imported yet."""
        return self.entry_points[0][0].value.partition(":")[0]

    @property
    def components(self) -> dict[str, Registered]:
        """Return its components by id; loads the plugin.

        Raises
        ------
        PluginError
            If it cannot be loaded, breaks the hooks' contract, or shares its name with another.
        """
        if self._components is None:
            if self.failure is None:
                try:
                    self._components = self._load()
                except STOPS:
                    raise
                except BaseException as error:  # noqa: BLE001 - a stranger's module may raise anything
                    self.failure = error
            if self.failure is not None:
                raise self._error(self.failure)
        return self._components or {}

    def _error(self, failure: BaseException) -> PluginError:
        if isinstance(failure, PluginError):
            return failure
        origin = f"{self.distribution} {self.version}".strip()
        error = PluginError(
            f"plugin '{self.name}' ({origin}) did not load: {said_of(failure)}",
            code="X010",
            hints=(
                ("to mend", f"install what it lacks, or take it away: pip uninstall {self.distribution}"),
                ("to see all", f"sartor plugins show {self.name}"),
            ),
        )
        error.__cause__ = failure
        return error

    def _load(self) -> dict[str, Registered]:
        if len(self.entry_points) > 1:
            origins = sorted(origin for _, origin in self.entry_points)
            mend = " or ".join(f"pip uninstall {origin.split()[0]}" for origin in origins)
            raise PluginError(
                f"two plugins are called '{self.name}': {' and '.join(origins)}",
                code="X011",
                hints=(("to mend", f"uninstall one of them: {mend}"),),
            )
        module = self.entry_points[0][0].load()
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(PluginHooks)
        manager.register(hooks_of(module), self.name)
        self._refuse_hooks_that_are_never_called(module, manager)
        return self._collect(manager)

    def _refuse_hooks_that_are_never_called(self, module: Any, manager: pluggy.PluginManager) -> None:
        unknown = unknown_hooks(manager)
        if unknown:
            observes = unknown[0] in vars(ObserverHooks)
            raise PluginError(
                f"plugin '{self.name}' implements hooks that do not exist: {', '.join(unknown)}",
                code="X012",
                hints=(("to mend", f"name an observer in the entry-point group {OBSERVER_GROUP}"),)
                if observes
                else nearest(unknown[0], COMPONENT_HOOKS),
            )
        called = {name for name in COMPONENT_HOOKS if getattr(manager.hook, name).get_hookimpls()}
        unmarked = [name for name in COMPONENT_HOOKS if name not in called and isfunction(getattr(module, name, None))]
        if unmarked:
            raise PluginError(
                f"plugin '{self.name}' defines {', '.join(unmarked)} without marking it as a hook",
                code="X012",
                hints=(("to mend", f"write @hookimpl above def {unmarked[0]}()"),),
            )

    def _collect(self, manager: pluggy.PluginManager) -> dict[str, Registered]:
        found: dict[str, Registered] = {}
        for hook in COMPONENT_HOOKS:
            for records in getattr(manager.hook, hook)():
                for record in records if isinstance(records, Iterable) else (records,):
                    self._admit(record, hook, found)
        return found

    def _admit(self, record: object, hook: str, found: dict[str, Registered]) -> None:
        if not isinstance(record, Component):
            raise PluginError(
                f"hook {hook} of plugin '{self.name}' yields {type(record).__name__} where a Component is due",
                code="X012",
                hints=_tell(self.name),
            )
        if record.plugin != self.name or not _ID.fullmatch(record.id):
            raise PluginError(
                f"component '{record.id}' of plugin '{self.name}' must be called '{self.name}.NAME'",
                code="X012",
                hints=_tell(self.name),
            )
        if record.id in found:
            raise PluginError(f"plugin '{self.name}' offers '{record.id}' twice", code="X012", hints=_tell(self.name))
        kind: Kind = "prepare" if record.prepare else "sink" if record.sink else _KIND_OF_HOOK[hook]
        found[record.id] = Registered(record, kind)


def _tell(plugin: str) -> tuple[tuple[str, str], ...]:
    """Return how to mend what only the plugin's authors can."""
    return (("to mend", f"tell its authors; sartor plugins show {plugin}"),)


def unknown_hooks(manager: pluggy.PluginManager) -> list[str]:
    """Return the names under which a hook is implemented and none is called."""
    return [name for name, hook in vars(manager.hook).items() if not getattr(hook, "spec", True)]


class Plugins:
    """All plugins that are installed; looking up one component loads one plugin.

    Parameters
    ----------
    extra : mapping of name to module, optional
        Plugins given as modules, beside the installed ones; used by tests and notebooks.

    Examples
    --------
    >>> "learn" in Plugins().names
    True
    """

    def __init__(self, extra: dict[str, Any] | None = None) -> None:
        self._extra = dict(extra or {})

    @cached_property
    def by_name(self) -> dict[str, Plugin]:
        """Plugins by the name of their entry point; none is imported."""
        found: dict[str, list[Offer]] = {}
        for offer in offers_of(GROUP):
            found.setdefault(offer.point.name, []).append(offer)
        plugins = {
            name: Plugin(
                name, offers[0].distribution, offers[0].version, tuple((one.point, one.origin) for one in offers)
            )
            for name, offers in sorted(found.items())
        }
        for name, module in self._extra.items():
            plugins[name] = _given(name, module)
        return plugins

    @property
    def names(self) -> list[str]:
        """Names of the plugins that are installed."""
        return list(self.by_name)

    def find(self, component: str) -> Registered:
        """Return a component's record.

        Raises
        ------
        PluginError
            If its plugin does not load.
        KeyError
            If no plugin, or no component of the plugin, has the name.
        """
        return self.by_name[component.split(".", 1)[0]].components[component]

    def class_of(self, registered: Registered) -> type[Settings]:
        """Import the class behind a component.

        Raises
        ------
        PluginError
            If it cannot be imported, is missing, or is of the wrong kind.
        """
        record = registered.component
        module_name, _, class_name = record.target.partition(":")
        try:
            found = getattr(importlib.import_module(module_name), class_name)
        except STOPS:
            raise
        except BaseException as error:
            raise PluginError(
                f"component '{record.id}' cannot be imported from {record.target}: {said_of(error)}",
                code="X013",
                hints=(*_tell(record.plugin), ("to see all", "add --traceback")),
            ) from error
        base = BASES[registered.kind]
        if not (isinstance(found, type) and issubclass(found, base)):
            raise PluginError(
                f"component '{record.id}' must be a subclass of sartor.components.{base.__name__}, "
                f"as it comes through a hook for that kind",
                code="X013",
                hints=_tell(record.plugin),
            )
        return found

    def missing(self, registered: Registered) -> list[str]:
        """Return the modules that a component needs and that are not installed."""
        return [module for module in registered.component.requires if not _is_there(module)]

    def all(self) -> Iterator[tuple[Plugin, list[Registered], PluginError | None]]:
        """Load every plugin; those that fail come with their error."""
        for plugin in self.by_name.values():
            try:
                yield plugin, list(plugin.components.values()), None
            except PluginError as error:
                yield plugin, [], error

    def of_kind(self, kind: Kind) -> list[str]:
        """Return the ids of all components of a kind, those of broken plugins left out."""
        return sorted(entry.id for _, found, _ in self.all() for entry in found if entry.kind == kind)

    def unknown(self, component: str, kind: Kind) -> Problem:
        """Say that no component has this name, with the nearest one."""
        plugin = component.split(".", 1)[0]
        plural = {"ingest": "ingest", "prepare": "prepare"}.get(kind, f"{kind}s")
        see = (("to see all", f"sartor list {plural}"),)
        what = KIND_NAMES[kind].split(" ", 1)[1]
        if plugin in self.by_name and self.by_name[plugin].failure is None:
            ids = [entry.id for entry in self.by_name[plugin].components.values() if entry.kind == kind]
            hints = nearest(component, ids or self.of_kind(kind))
            return Problem("R021", f"no {what} is called '{component}'", hints=hints + see)
        near = nearest(component, self.of_kind(kind))
        hints = near if near and near[0][0] == "did you mean" else nearest(plugin, self.names)
        return Problem("R022", f"no plugin is called '{plugin}', named by '{component}'", hints=hints + see)


def _given(name: str, module: Any) -> Plugin:
    point = EntryPoint(name=name, value=getattr(module, "__name__", name), group=GROUP)
    return Plugin(name, getattr(module, "__name__", name), "", ((_Loaded(point, module), name),))  # type: ignore[arg-type]


class _Loaded:
    """An entry point whose module is already here."""

    def __init__(self, point: EntryPoint, module: Any) -> None:
        self.name, self.value, self._module = point.name, point.value, module

    def load(self) -> Any:
        return self._module


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        # The package of a submodule is missing, or was put into sys.modules by hand.
        return False


def observers() -> tuple[pluggy.PluginManager, list[str]]:
    """Load the observers; return their manager and a sentence for each that did not load."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(ObserverHooks)
    troubles: list[str] = []
    for offer in offers_of(OBSERVER_GROUP):
        who = f"observer '{offer.point.name}' ({offer.origin})"
        try:
            manager.register(hooks_of(offer.point.load()), f"{offer.point.name} of {offer.distribution}")
        except STOPS:
            raise
        except BaseException as error:  # noqa: BLE001 - an observer must never stop a run
            troubles.append(f"{who} did not load: {type(error).__name__}: {error}")
    for name in unknown_hooks(manager):
        (first, *_) = getattr(manager.hook, name).get_hookimpls()
        troubles.append(f"observer '{first.plugin_name}' implements a hook that does not exist: {name}")
    return manager, troubles
