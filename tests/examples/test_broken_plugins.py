"""Broken plugins in a run: what fails is named with recipe, step, component and verb, and its cause is kept.

The recipe is that of the example plugin; one component after the other is replaced by one that raises in one verb.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from sartor.errors import PluginError, RecipeError
from sartor.plugins import Plugins
from sartor.running import run_recipe

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "hello-plugin"
SMALL = ("ingest.messages.with.rows=400", "judge.redraws=20")


@pytest.fixture
def hello(monkeypatch, project):
    """Return a function that runs the example's recipe with classes of its components changed."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    import hello_plugin

    def run(listen=lambda event: None, sets=(), **classes):
        plugins = Plugins({"hello": hello_plugin})
        found = plugins.class_of
        plugins.class_of = lambda registered: classes.get(registered.id.partition(".")[2]) or found(registered)
        recipe = EXAMPLE / "recipes" / "hello.yaml"
        return run_recipe(recipe, sets=(*SMALL, *sets), plugins=plugins, listen=listen)

    yield run
    for name in [name for name in sys.modules if name.partition(".")[0] == "hello_plugin"]:
        del sys.modules[name]


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a module with an entry point in a group of sartor."""
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    def install(group, name, text):
        metadata = tmp_path / "site" / f"{name}-1.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[sartor.{group}]\n{name} = {name}_hooks\n")
        (tmp_path / "site" / f"{name}_hooks.py").write_text(text)
        importlib.invalidate_caches()

    yield install
    for name in [name for name in sys.modules if name.endswith("_hooks")]:
        del sys.modules[name]


def raises(self, *arguments, **named):
    raise RuntimeError("out of paper\nand out of ink")


def component(name, class_name):
    """Return a class of the example plugin."""
    __import__(f"hello_plugin.{name}")
    return getattr(sys.modules[f"hello_plugin.{name}"], class_name)


VERBS = [
    ("messages", "Messages", "read", "ingest.messages"),
    ("urgency", "Urgency", "rows", "task"),
    ("urgency", "Urgency", "trivial", "task"),
    ("wording", "Wording", "build", "features.wording"),
    ("points", "Points", "fit", "models.points"),
    ("points", "Points", "load", "models.points"),
    ("reply_first", "ReplyFirst", "decide", "actions.first"),
    ("reply_first", "ReplyFirst", "value", "actions.first"),
    ("reply_first", "ReplyFirst", "policies", "actions.first"),
    ("reply_first", "ReplyFirst", "headline", "actions.first"),
]
STEP = "hello: step models.points: step 1 of prepare: 'hello.relative'"
FITTED_VERBS = [
    ("points", "Points", "predict", "hello: step models.points: 'hello.points' failed in predict"),
    ("points", "Points", "save", "hello: step models.points: 'hello.points' failed in save"),
    ("points", "Points", "learned", "hello: step models.points: 'hello.points' failed in learned"),
    ("relative", "Relative", "transform", f"{STEP} failed in transform"),
    ("relative", "Relative", "save", f"{STEP} failed in save"),
]


def stopped(hello, project, **classes):
    """Run until the plugin error, and return it; nothing of the run is left behind."""
    with pytest.raises(PluginError) as caught:
        hello(**classes)
    # What earlier stages made is kept for the next run; of this one there is nothing.
    left = [path for path in (project / "runs").rglob("*") if path.is_file() and ".cache" not in path.parts]
    assert [path.name for path in left if path.name != "judgements.jsonl"] == []
    return caught.value


@pytest.mark.parametrize(("name", "class_name", "verb", "step"), VERBS, ids=str)
def test_a_component_that_raises_is_named_with_recipe_step_and_verb(hello, project, name, class_name, verb, step):
    broken = type("Broken", (component(name, class_name),), {verb: raises, "__module__": __name__})

    error = stopped(hello, project, **{name: broken})

    problem = error.problems[0]
    assert problem.code == "X020"
    assert problem.message == f"hello: step {step}: 'hello.{name}' failed in {verb}: RuntimeError: out of paper"
    assert problem.where is not None
    assert problem.where.file.endswith("hello.yaml")
    assert isinstance(error.__cause__, RuntimeError)
    assert error.__cause__.__traceback__ is not None


@pytest.mark.parametrize(("name", "class_name", "verb", "said"), FITTED_VERBS, ids=str)
def test_what_was_fitted_and_raises_is_named(hello, project, name, class_name, verb, said):
    sound = component(name, class_name)

    def breaking(method):
        def made(self, *arguments):
            learned = getattr(sound, method)(self, *arguments)
            learned.__class__ = type("Broken", (type(learned),), {verb: raises})
            return learned

        return made

    members = {"fit": breaking("fit"), "load": breaking("load"), "__module__": __name__}
    error = stopped(hello, project, **{name: type("Broken", (sound,), members)})

    problem = error.problems[0]
    assert problem.code == "X020"
    assert problem.message.endswith(f"{said}: RuntimeError: out of paper")
    assert problem.where is not None
    assert isinstance(error.__cause__, RuntimeError)


def test_metrics_and_columns_that_raise_are_found_before_a_row_is_read(hello, project):
    classes = {
        "urgency": type("Broken", (component("urgency", "Urgency"),), {"metrics": raises, "__module__": __name__}),
        "messages": type("Broken", (component("messages", "Messages"),), {"columns": raises, "__module__": __name__}),
    }

    with pytest.raises((RecipeError, PluginError)) as caught:
        hello(**classes)

    said = [problem.message for problem in caught.value.problems]
    assert any("'hello.urgency' failed" in message and "out of paper" in message for message in said)
    assert any("'hello.messages' failed" in message and "out of paper" in message for message in said)
    assert not (project / "runs").exists()


def test_a_plugin_that_does_not_load_stops_only_the_recipes_that_use_it(install, project):
    install("plugins", "broken", "raise ImportError('libpaper.so is missing')")
    recipe = "format: 1\nrecipe: {0}\ningest:\n  loans: {{use: {1}, key: application_id}}\n"
    (project / "broken.yaml").write_text(recipe.format("broken", "broken.loans"), encoding="utf-8")
    (project / "sound.yaml").write_text(recipe.format("sound", "samples.german_credit"), encoding="utf-8")

    said = r"plugin 'broken' \(broken 1\.0\) did not load: ImportError: libpaper\.so is missing"
    with pytest.raises((RecipeError, PluginError), match=said) as caught:
        run_recipe(project / "broken.yaml")

    assert caught.value.problems[0].where.line == 4
    assert run_recipe(project / "sound.yaml").summary["tables"]["loans"]["rows"] == 1000


def test_an_observer_that_raises_changes_nothing(hello, install):
    alone = hello()
    install(
        "observers",
        "loud",
        "from sartor.hookspecs import hookimpl\nheard = []\n@hookimpl\ndef stage_finished(event):\n"
        "    heard.append(event.stage)\n    raise RuntimeError('out of paper')\n",
    )
    heard = []

    watched = hello(listen=heard.append)

    assert sys.modules["loud_hooks"].heard[:2] == ["ingest", "split"]
    assert watched.metrics.equals(alone.metrics)
    assert watched.value.equals(alone.value)
    assert watched.decisions.equals(alone.decisions)
    told = [event for event in heard if "out of paper" in getattr(event, "text", "")]
    assert told
    assert all(event.caution for event in told)
