"""Plugins: loaded one by one, and one that is broken is named and ends only the recipes that use it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from types import SimpleNamespace

import pytest

from sartor.components import Component, Model, Task
from sartor.errors import PluginError
from sartor.events import StageFinished
from sartor.hookspecs import hookimpl
from sartor.plugins import Plugins, observers

HEADER = "from sartor.components import Component, Model, Task\nfrom sartor.hookspecs import hookimpl\n"
MODELS = HEADER + '@hookimpl\ndef models():\n    yield Component("{0}.one", "{0}_models:One", about="One")\n'


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a distribution as pip does: modules, and a folder of metadata."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def install(distribution, entry_points, group="sartor.plugins", version="1.0", **modules):
        metadata = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        lines = "".join(f"{name} = {value}\n" for name, value in entry_points.items())
        (metadata / "entry_points.txt").write_text(f"[{group}]\n{lines}")
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
        importlib.invalidate_caches()
        return metadata

    yield install
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "") or "").startswith(str(tmp_path)):
            del sys.modules[name]


def plugin(**hooks):
    """Return a plugin's module whose hooks offer these records."""
    return SimpleNamespace(**{name: _hook(records) for name, records in hooks.items()})


def _hook(records):
    return hookimpl(records if callable(records) else lambda: records)


def record(name="given.one", target="nowhere:One", **more):
    return Component(name, target, about="For tests", **more)


# -- lazy loading ------------------------------------------------------------------------------------------------------


def test_the_built_in_plugins_come_in_by_the_door_that_strangers_use():
    plugins = Plugins()

    assert {"tables", "samples", "learn", "finance"} <= set(plugins.names)
    assert plugins.by_name["learn"].distribution == "sartor"


def test_looking_a_component_up_imports_its_plugin_and_no_other(install):
    install("first", {"first": "first_hooks"}, first_hooks=MODELS.format("first"))
    install("second", {"second": "second_hooks"}, second_hooks="raise RuntimeError('nobody asked for me')")

    found = Plugins().find("first.one")

    assert found.id == "first.one"
    assert found.kind == "model"
    assert "first_hooks" in sys.modules
    assert "first_models" not in sys.modules
    assert "second_hooks" not in sys.modules


def test_a_class_is_imported_only_when_it_is_asked_for(install):
    install(
        "first",
        {"first": "first_hooks"},
        first_hooks=MODELS.format("first"),
        first_models=HEADER + "class One(Model):\n    trees: int = 3\n",
    )
    plugins = Plugins()

    assert plugins.class_of(plugins.find("first.one"))().trees == 3


def test_names_are_known_without_an_import(install):
    install("first", {"first": "first_hooks"}, first_hooks="raise RuntimeError")

    assert "first" in Plugins().names
    assert Plugins().by_name["first"].module_name == "first_hooks"


def test_fifty_plugins_that_import_pandas_are_not_touched_by_looking_up_another(install):
    for number in range(50):
        install(f"heavy-{number}", {f"heavy{number}": f"heavy_{number}"}, **{f"heavy_{number}": "import pandas\n"})
    program = (
        "import sys; from sartor.plugins import Plugins; plugins = Plugins(); plugins.find('learn.forest');"
        "print(len(plugins.names) > 50, 'pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["True", "False"]


def test_a_component_that_nobody_has_is_a_key_error():
    with pytest.raises(KeyError):
        Plugins().find("nobody.forest")
    with pytest.raises(KeyError):
        Plugins({"given": plugin(models=[record()])}).find("given.two")


# -- plugins that do not load ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cause", "said"),
    [
        ("import no_such_library", ModuleNotFoundError, "ModuleNotFoundError: No module named 'no_such_library'"),
        ("1 / 0", ZeroDivisionError, "ZeroDivisionError: division by zero"),
        ("def models(:", SyntaxError, r"SyntaxError: .*"),
        ("raise SystemExit('bye')", SystemExit, "SystemExit: bye"),
        ("import sys; sys.exit(3)", SystemExit, "SystemExit: 3"),
        ("raise BaseException('unwind')", BaseException, "BaseException: unwind"),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_named_with_its_distribution_and_the_cause(install, text, cause, said):
    install("broken-dist", {"broken": "broken_hooks"}, version="0.3", broken_hooks=text)

    with pytest.raises(PluginError, match=rf"plugin 'broken' \(broken-dist 0\.3\) did not load: {said}") as caught:
        Plugins().find("broken.forest")

    problem = caught.value.problems[0]
    assert problem.code == "X010"
    assert problem.hints == (
        ("to mend", "install what it lacks, or take it away: pip uninstall broken-dist"),
        ("to see all", "sartor plugins show broken"),
    )
    assert isinstance(caught.value.__cause__, cause)
    assert caught.value.__cause__.__traceback__ is not None


def test_a_plugin_whose_hook_raises_is_named(install):
    text = HEADER + "@hookimpl\ndef models():\n    raise RuntimeError('no licence')\n    yield\n"
    install("broken-dist", {"broken": "broken_hooks"}, broken_hooks=text)

    with pytest.raises(PluginError, match=r"'broken' \(broken-dist 1\.0\) did not load: RuntimeError: no licence"):
        Plugins().find("broken.forest")


def test_a_broken_plugin_leaves_the_others_alone(install):
    install("broken-dist", {"broken": "broken_hooks"}, broken_hooks="1 / 0")
    plugins = Plugins()

    with pytest.raises(PluginError):
        plugins.find("broken.forest")

    assert plugins.find("learn.forest").kind == "model"
    assert "learn.forest" in plugins.of_kind("model")
    failed = {found.name: error.problems[0].message for found, _, error in plugins.all() if error is not None}
    assert failed == {"broken": "plugin 'broken' (broken-dist 1.0) did not load: ZeroDivisionError: division by zero"}


def test_a_broken_plugin_is_tried_once_and_says_the_same_again(install):
    text = "import sys\nsys.tries = getattr(sys, 'tries', 0) + 1\nraise RuntimeError(f'try {sys.tries}')"
    install("broken-dist", {"broken": "broken_hooks"}, broken_hooks=text)
    plugins = Plugins()
    try:
        for _ in range(2):
            with pytest.raises(PluginError, match="try 1"):
                plugins.find("broken.forest")
    finally:
        del sys.tries


def test_an_interrupt_is_not_taken_for_a_broken_plugin(install):
    install("broken-dist", {"broken": "broken_hooks"}, broken_hooks="raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        Plugins().find("broken.forest")


# -- names -------------------------------------------------------------------------------------------------------------


def test_two_distributions_with_one_plugin_name_are_both_named_and_neither_is_loaded(install):
    install("zebra", {"twin": "zebra_hooks"}, version="2.1", zebra_hooks="raise RuntimeError")
    install("aardvark", {"twin": "aardvark_hooks"}, aardvark_hooks="raise RuntimeError")

    with pytest.raises(PluginError) as caught:
        Plugins().find("twin.forest")

    problem = caught.value.problems[0]
    assert problem.code == "X011"
    assert problem.message == "two plugins are called 'twin': aardvark 1.0 and zebra 2.1"
    assert problem.hints == (("to mend", "uninstall one of them: pip uninstall aardvark or pip uninstall zebra"),)


def test_a_stranger_cannot_take_the_name_of_a_built_in_plugin(install):
    install("impostor", {"learn": "impostor_hooks"}, impostor_hooks="raise RuntimeError")

    with pytest.raises(PluginError, match=r"two plugins are called 'learn': .*impostor 1\.0"):
        Plugins().find("learn.forest")
    assert Plugins().find("samples.german_credit").kind == "ingest"


def test_one_distribution_that_lies_on_the_path_twice_is_no_clash(install, tmp_path, monkeypatch):
    install("my-dist", {"twice": "twice_hooks"}, twice_hooks=MODELS.format("twice"))
    second = tmp_path / "second" / "My_Dist-1.0.dist-info"
    second.mkdir(parents=True)
    (second / "METADATA").write_text("Metadata-Version: 2.1\nName: My_Dist\nVersion: 1.0\n")
    (second / "entry_points.txt").write_text("[sartor.plugins]\ntwice = twice_hooks\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "second")])

    assert Plugins().find("twice.one").id == "twice.one"


@pytest.mark.parametrize("content", [b"[sartor.plugins]\nno equals sign\n", b"[sartor.plugins]\nx = \xff\n"])
def test_metadata_that_cannot_be_read_ends_nothing(install, content):
    (install("garbled", {"garbled": "garbled"}) / "entry_points.txt").write_bytes(content)

    assert "garbled" not in Plugins().names
    assert Plugins().find("learn.forest").kind == "model"


def test_what_an_uninstall_left_behind_ends_nothing(install):
    (install("gone", {"gone": "gone"}) / "METADATA").unlink()

    assert "gone" not in Plugins().names


@pytest.mark.parametrize("name", ["other.one", "one", "given.one.two", "given.", "given.a b", "Given.one"])
def test_a_component_must_begin_with_its_plugins_name(name):
    plugins = Plugins({"given": plugin(models=[record(name)])})

    with pytest.raises(PluginError, match=rf"component '{name}' of plugin 'given' must be called 'given\.NAME'"):
        plugins.find("given.one")


def test_a_component_that_is_offered_twice_is_named():
    plugins = Plugins({"given": plugin(models=[record()], tasks=[record()])})

    with pytest.raises(PluginError, match=r"plugin 'given' offers 'given\.one' twice"):
        plugins.find("given.one")


# -- hooks -------------------------------------------------------------------------------------------------------------


def test_a_hook_that_does_not_exist_is_named_with_the_nearest():
    plugins = Plugins({"given": plugin(model=[record()])})

    with pytest.raises(PluginError, match="plugin 'given' implements hooks that do not exist: model") as caught:
        plugins.find("given.one")

    assert caught.value.problems[0].code == "X012"
    assert caught.value.problems[0].hints == (("did you mean", "models"),)


def test_an_observer_in_the_group_of_plugins_is_told_where_it_belongs():
    plugins = Plugins({"given": plugin(stage_finished=lambda event: None)})

    with pytest.raises(PluginError, match="hooks that do not exist: stage_finished") as caught:
        plugins.find("given.one")

    assert caught.value.problems[0].hints == (
        ("to mend", "name an observer in the entry-point group sartor.observers"),
    )


def test_a_hook_without_its_mark_is_found_out():
    def models():
        return [record()]

    with pytest.raises(PluginError, match="plugin 'given' defines models without marking it as a hook") as caught:
        Plugins({"given": SimpleNamespace(models=models)}).find("given.one")

    assert caught.value.problems[0].hints == (("to mend", "write @hookimpl above def models()"),)


@pytest.mark.parametrize(
    ("yielded", "kind"), [(["given.one"], "str"), ([None], "NoneType"), (record(), None), (7, "int")]
)
def test_a_hook_yields_records_and_nothing_else(yielded, kind):
    plugins = Plugins({"given": plugin(models=yielded)})
    if kind is None:
        # One record that is returned rather than yielded is clear enough.
        assert plugins.find("given.one").component is yielded
        return
    with pytest.raises(PluginError, match=f"hook models of plugin 'given' yields {kind} where a Component is due"):
        plugins.find("given.one")


def test_a_hook_that_offers_nothing_is_no_fault():
    assert Plugins({"given": plugin(models=None, tasks=[])}).by_name["given"].components == {}


def test_a_submodule_called_like_a_hook_does_not_hide_the_hook(install, tmp_path):
    install("shadowed", {"shadowed": "shadowed_hooks"})
    package = tmp_path / "shadowed_hooks"
    package.mkdir()
    (package / "__init__.py").write_text(
        HEADER
        + '@hookimpl\ndef models():\n    yield Component("shadowed.one", "shadowed_hooks.models:One", about="One")\n'
    )
    (package / "models.py").write_text(HEADER + "class One(Model):\n    pass\n")
    plugins = Plugins()
    plugins.class_of(plugins.find("shadowed.one"))
    import shadowed_hooks

    assert not callable(shadowed_hooks.models)
    assert Plugins().find("shadowed.one").kind == "model"


# -- classes -----------------------------------------------------------------------------------------------------------


class OneModel(Model):
    """A model."""


class OneTask(Task):
    """A task."""


NOT_A_CLASS = 7


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("no_such_module:One", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("sartor.components:NoSuchClass", "AttributeError: .* has no attribute 'NoSuchClass'"),
        ("sartor.components", "AttributeError"),
        ("", "ValueError: Empty module name"),
        (":Model", "ValueError: Empty module name"),
    ],
)
def test_a_class_that_is_not_there_is_named_with_its_place(target, said):
    plugins = Plugins({"given": plugin(models=[record(target=target)])})

    with pytest.raises(
        PluginError, match=rf"component 'given\.one' cannot be imported from {target}: {said}"
    ) as caught:
        plugins.class_of(plugins.find("given.one"))

    assert caught.value.problems[0].code == "X013"


def test_a_components_module_that_leaves_python_is_a_failure_like_any_other(install):
    install("quits", {"quits": "quits_hooks"}, quits_hooks=MODELS.format("quits"), quits_models="raise SystemExit(0)")
    plugins = Plugins()

    with pytest.raises(PluginError, match=r"component 'quits\.one' cannot be imported from .*: SystemExit: 0"):
        plugins.class_of(plugins.find("quits.one"))


@pytest.mark.parametrize("target", ["OneTask", "NOT_A_CLASS"])
def test_a_class_of_another_kind_than_its_hook_is_refused(monkeypatch, target):
    monkeypatch.setitem(sys.modules, "classes_of_this_test", sys.modules[__name__])
    plugins = Plugins({"given": plugin(models=[record(target=f"classes_of_this_test:{target}")])})

    with pytest.raises(PluginError, match=r"'given\.one' must be a subclass of sartor\.components\.Model") as caught:
        plugins.class_of(plugins.find("given.one"))

    assert caught.value.problems[0].code == "X013"


def test_a_step_of_prepare_comes_through_the_hook_of_models(monkeypatch):
    monkeypatch.setitem(sys.modules, "classes_of_this_test", sys.modules[__name__])
    target = "classes_of_this_test:OneModel"
    plugins = Plugins({"given": plugin(models=[record(target=target), record("given.two", target, prepare=True)])})

    assert plugins.class_of(plugins.find("given.one")) is OneModel
    assert plugins.find("given.two").kind == "prepare"
    with pytest.raises(PluginError, match=r"must be a subclass of sartor\.components\.Prepare"):
        plugins.class_of(plugins.find("given.two"))


def test_libraries_that_are_missing_are_listed(monkeypatch):
    monkeypatch.setitem(sys.modules, "put_there_by_hand", SimpleNamespace())
    needed = ("json", "no_such_library", "no_such_library.part", "put_there_by_hand")
    plugins = Plugins({"given": plugin(models=[record(requires=needed)])})

    missing = plugins.missing(plugins.find("given.one"))

    assert missing == ["no_such_library", "no_such_library.part", "put_there_by_hand"]


# -- what a recipe misspelt --------------------------------------------------------------------------------------------


def test_a_misspelt_component_is_named_with_the_nearest_of_its_kind():
    problem = Plugins().unknown("learn.forrest", "model")

    assert problem.code == "R021"
    assert problem.message == "no model is called 'learn.forrest'"
    assert problem.hints == (("did you mean", "learn.forest"), ("to see all", "sartor list models"))


def test_a_misspelt_plugin_is_named_with_the_component_that_was_probably_meant():
    problem = Plugins().unknown("lern.forest", "model")

    assert problem.code == "R022"
    assert problem.message == "no plugin is called 'lern', named by 'lern.forest'"
    assert problem.hints[0] == ("did you mean", "learn.forest")


def test_a_broken_plugin_does_not_keep_others_from_being_suggested(install):
    install("broken-dist", {"broken": "broken_hooks"}, broken_hooks="1 / 0")

    assert Plugins().unknown("lern.forest", "model").hints[0] == ("did you mean", "learn.forest")


# -- observers ---------------------------------------------------------------------------------------------------------

OBSERVER = "from sartor.hookspecs import hookimpl\nheard = []\n@hookimpl\ndef stage_finished(event):\n    {0}\n"
FINISHED = StageFinished("a/recipe", "1", "fit", "forest", 0.5)


def test_an_observer_hears_what_has_finished(install):
    install("ear", {"ear": "ear_hooks"}, "sartor.observers", ear_hooks=OBSERVER.format("heard.append(event.stage)"))

    manager, troubles = observers()
    manager.hook.stage_finished(event=FINISHED)

    assert troubles == []
    assert sys.modules["ear_hooks"].heard == ["fit"]


def test_an_observer_is_no_plugin_and_a_plugin_no_observer(install):
    install("ear", {"ear": "ear_hooks"}, "sartor.observers", ear_hooks=OBSERVER.format("pass"))

    assert "ear" not in Plugins().names
    assert [name for name, _ in observers()[0].list_name_plugin()] == ["ear of ear"]


@pytest.mark.parametrize("text", ["raise RuntimeError('no server')", "raise SystemExit('no server')"])
def test_an_observer_that_does_not_load_is_told_of_and_the_others_hear(install, text):
    install("deaf", {"deaf": "deaf_hooks"}, "sartor.observers", deaf_hooks=text)
    install("ear", {"ear": "ear_hooks"}, "sartor.observers", ear_hooks=OBSERVER.format("heard.append(event.stage)"))

    manager, troubles = observers()
    manager.hook.stage_finished(event=FINISHED)

    assert len(troubles) == 1
    assert troubles[0].startswith("observer 'deaf' (deaf 1.0) did not load: ")
    assert troubles[0].endswith(": no server")
    assert sys.modules["ear_hooks"].heard == ["fit"]


def test_an_observers_misspelt_hook_is_told_of(install):
    text = "from sartor.hookspecs import hookimpl\n@hookimpl\ndef stage_finish(event):\n    pass\n"
    install("ear", {"ear": "ear_hooks"}, "sartor.observers", ear_hooks=text)

    assert observers()[1] == ["observer 'ear of ear' implements a hook that does not exist: stage_finish"]
