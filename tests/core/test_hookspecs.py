"""The hooks: each has a manual in its docstring, and an example in it that yields what the hook takes."""

from __future__ import annotations

import doctest
import inspect
from types import ModuleType

import pluggy
import pytest

from sartor import hookspecs
from sartor.components import BASES, Component
from sartor.hookspecs import COMPONENT_HOOKS, PROJECT, ObserverHooks, PluginHooks, hookimpl, hooks_of, hookspec
from sartor.plugins import Plugins

HOOKS = [(group, name) for group in (PluginHooks, ObserverHooks) for name in vars(group) if not name.startswith("_")]


def examples(group, name):
    """Run the examples of a hook's docstring, and return the names that they define."""
    parsed = doctest.DocTestParser().get_doctest(
        inspect.getdoc(getattr(group, name)), {"hookimpl": hookimpl, "Component": Component}, name, None, None
    )
    names = {}
    for example in parsed.examples:
        exec(example.source, {"hookimpl": hookimpl, "Component": Component}, names)
    return names


def test_five_hooks_bring_components_and_one_observes():
    assert [name for group, name in HOOKS if group is PluginHooks] == list(COMPONENT_HOOKS)
    assert [name for group, name in HOOKS if group is ObserverHooks] == ["stage_finished"]


@pytest.mark.parametrize(("group", "name"), HOOKS, ids=lambda value: getattr(value, "__name__", value))
def test_a_hook_is_marked_and_its_docstring_is_a_manual(group, name):
    hook = getattr(group, name)
    text = inspect.getdoc(hook)

    assert getattr(hook, f"{PROJECT}_spec", None) is not None
    assert "Examples\n--------" in text
    assert name in examples(group, name)


@pytest.mark.parametrize("name", COMPONENT_HOOKS)
def test_the_example_of_a_hook_loads_as_a_plugin(name):
    module = ModuleType("hello_plugin")
    vars(module).update(examples(PluginHooks, name))

    found = Plugins({"hello": module}).by_name["hello"].components.values()

    base = {"ingest": "Ingest", "tasks": "Task", "features": "Feature", "models": "Model", "actions": "Action"}[name]
    assert {BASES[entry.kind].__name__ for entry in found} - {"Prepare", "Sink"} == {base}


def test_the_example_of_the_observer_hears(capsys):
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(ObserverHooks)
    module = ModuleType("ear")
    vars(module).update(examples(ObserverHooks, "stage_finished"))
    manager.register(module)

    manager.hook.stage_finished(event=type("Event", (), {"stage": "fit", "seconds": 0.5})())

    assert capsys.readouterr().out == "fit 0.5\n"


def test_a_marked_function_stays_the_function_that_it_was():
    def models():
        return [1]

    assert hookimpl(models) is models
    assert models() == [1]


def test_what_has_taken_a_hooks_name_since_does_not_hide_it():
    module = ModuleType("shadowed")
    exec("from sartor.hookspecs import hookimpl\n@hookimpl\ndef models():\n    return ['kept']\n", vars(module))
    module.models = ModuleType("shadowed.models")

    assert hooks_of(module).models() == ["kept"]


def test_a_method_is_no_hook_of_the_module_that_it_stands_in():
    module = ModuleType("classes")
    exec(
        "from sartor.hookspecs import hookimpl\n"
        "class Bundle:\n    @hookimpl\n    def models(self):\n        return []\n",
        vars(module),
    )

    assert not hasattr(hooks_of(module), "models")
    assert hooks_of(module.Bundle()).models() == []


def test_hooks_are_for_sartor_alone():
    assert isinstance(hookspec, pluggy.HookspecMarker)
    assert hookspecs.PROJECT == "sartor"
