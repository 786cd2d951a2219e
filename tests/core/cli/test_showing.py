"""`sartor list`, `plugins`, `explain`, `schema` and `doctor`: what is installed, and what it takes."""

from __future__ import annotations

import json

import pytest

from sartor.cli.installed import Base, Extra


def test_list_shows_components_what_they_need_and_plugins_that_do_not_load(sartor, plugin_folder):
    said = sartor("list", "models")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    about = {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
    assert about["acme.majority"] == "Always the commonest class"
    assert about["acme.net"] == "Layered network needs acme-plugin[deep]"
    assert "! broken 0.3 did not load: sartor plugins show broken" in lines
    assert any(" models, " in line and line.endswith("Settings: sartor explain acme.majority") for line in lines)


def test_list_as_json(sartor, plugin_folder, as_json):
    found = as_json(sartor("list", "models", "--json").out)
    net = next(entry for entry in found["components"] if entry["id"] == "acme.net")
    assert net == {
        "id": "acme.net",
        "about": "Layered network",
        "plugin": "acme",
        "distribution": "acme-plugin",
        "version": "0.3",
        "missing": ["a_library_that_nobody_has"],
        "extra": "deep",
    }
    assert {"plugin": "broken", "error": found["broken"][0]["error"]} in found["broken"]


def test_an_extra_that_the_plugin_does_not_have_is_one_of_sartor(plugin_folder):
    from sartor.cli.listing import distribution_of
    from sartor.plugins import Plugins

    acme = Plugins().by_name["acme"]
    assert distribution_of(acme, "deep") == "acme-plugin"
    assert distribution_of(acme, "keras") == "sartor"


def test_plugins_list_counts_what_each_brings(sartor, plugin_folder):
    lines = sartor("plugins", "list").out.splitlines()
    assert " ".join(next(line for line in lines if line.startswith("acme ")).split()) == (
        "acme acme-plugin 0.3 1 ingest, 1 task, 2 models"
    )
    assert lines[-1].startswith("! ")


def test_plugins_show_tells_who_made_it_and_what_it_brings(sartor, plugin_folder):
    said = sartor("plugins", "show", "acme")
    assert said.code == 0
    assert said.out.startswith("acme\n  from      acme-plugin 0.3\n  module    acme_plugin\n  about     For tests\n")
    assert "\nmodels\n  acme.majority  Always the commonest class\n" in said.out


def test_plugins_show_of_a_broken_one_shows_the_whole_traceback(sartor, plugin_folder):
    said = sartor("plugins", "show", "broken")
    assert said.code == 4
    assert said.out.startswith("broken\n  from      broken-plugin 0.3\n")
    assert said.err.startswith("plugin 'broken' (broken-plugin 0.3) did not load: RuntimeError: the licence server")
    assert "Traceback (most recent call last):" in said.err
    assert "raise RuntimeError('the licence server does not answer')" in said.err


def test_plugins_show_of_none_names_the_nearest(sartor, plugin_folder):
    said = sartor("plugins", "show", "acm")
    assert said.code == 2
    assert said.err.startswith("no plugin is called 'acm'")
    assert "  did you mean: acme\n" in said.err


def test_plugins_new_writes_a_plugin_and_says_what_to_do_next(sartor, project):
    said = sartor("plugins", "new", "shop-watch")
    assert said.code == 0
    written = said.out.splitlines()[:-1]
    assert all((project / name).is_file() for name in written)
    assert said.out.splitlines()[-1] == f"{len(written)} files written. Next: pip install -e shop-watch-plugin"
    assert sartor("plugins", "new", "shop-watch").code == 2


def test_explain_a_component_lists_its_settings_with_types_and_defaults(sartor, plugin_folder):
    said = sartor("explain", "acme.majority")
    assert said.code == 0
    assert said.out == (
        "acme.majority  model, from acme-plugin 0.3\n"
        "\n"
        "Always the commonest class.\n"
        "\n"
        "A second paragraph.\n"
        "\n"
        "settings, under `with`:\n"
        "  rounds    a whole number from 1 to 9; 3 unless given\n"
        "            How often it looks.\n"
        "  column    a column; must be given\n"
        "            What it looks at.\n"
        "  patience  a length of time; 30 days unless given\n"
        "            How long it waits.\n"
        "  price     an amount of money; 0.5 unless given\n"
        "  others    a list of models {use, with, prepare}; [] unless given\n"
    )


def test_explain_a_component_without_settings(sartor, plugin_folder):
    said = sartor("explain", "acme.net")
    assert "needs acme-plugin[deep]\n" in said.out
    assert said.out.endswith("\nno settings\n")


def test_explain_a_code(sartor):
    said = sartor("explain", "r021")
    assert said.code == 0
    assert said.out.startswith("R021  no component has this name\n\n`use` names a component as PLUGIN.NAME.")
    assert "\nright:\n    models: {forest: {use: learn.forest}}\n" in said.out


def test_explain_a_section(sartor):
    said = sartor("explain", "judge")
    assert said.out == (
        "judge\n"
        "\n"
        "How sure numbers must be.\n"
        "\n"
        "keys:\n"
        "  redraws     a whole number from 1 to 1,000,000\n"
        "              Bootstrap samples behind each interval.\n"
        "  confidence  a number strictly between 0 and 1\n"
        "              Of the intervals.\n"
        "\n"
        "    judge: {redraws: 1000, confidence: 0.95}\n"
    )


@pytest.mark.parametrize(
    ("topic", "code", "hint"),
    [
        ("R999", 2, "there is no error code 'R999'"),
        ("acme.majorty", 2, "did you mean: acme.majority"),
        ("acm.majority", 2, "did you mean: acme.majority"),
        ("splt", 2, "did you mean: split"),
        ("acme", 2, "to see it:    sartor plugins show acme"),
        ("infomation", 2, "did you mean: information"),
        ("broken.model", 4, "plugin 'broken' (broken-plugin 0.3) did not load"),
    ],
)
def test_what_cannot_be_explained_is_an_error_with_the_nearest(sartor, plugin_folder, topic, code, hint):
    said = sartor("explain", topic)
    assert said.code == code
    assert hint in said.err


def test_every_section_can_be_explained(sartor):
    from sartor.recipe.grammar import SECTIONS

    for section in SECTIONS:
        assert sartor("explain", section).out.startswith(section)


def test_what_is_explained_is_what_the_reader_of_recipes_knows():
    from sartor.cli.topics import ACTION_STEP, FEATURE_STEP, INGEST_STEP, MODEL_STEP
    from sartor.cli.topics import SECTIONS as EXPLAINED
    from sartor.recipe.column_terms import COLUMN_KEYS
    from sartor.recipe.contracts import CONTRACT_KEYS
    from sartor.recipe.grammar import SECTIONS
    from sartor.recipe.privacies import PRIVACY_KEYS, TREATMENTS
    from sartor.recipe.splits import _KEYS
    from sartor.recipe.steps import ACTION_KEYS, FEATURE_KEYS, INGEST_KEYS, MODEL_KEYS

    assert tuple(EXPLAINED) == SECTIONS
    assert set(EXPLAINED["split"]["properties"]) == {key for keys in _KEYS.values() for key in keys} | {"tune_on"}
    assert set(EXPLAINED["privacy"]["properties"]) == set(PRIVACY_KEYS)
    words, settings = EXPLAINED["privacy"]["properties"]["columns"]["additionalProperties"]["anyOf"]
    assert tuple(dict.fromkeys((*words["enum"], *settings["properties"]))) == TREATMENTS
    contract = INGEST_STEP["properties"]["contract"]["properties"]
    assert set(contract) == set(CONTRACT_KEYS)
    assert set(contract["columns"]["additionalProperties"]["properties"]) == set(COLUMN_KEYS)
    steps = (
        (INGEST_STEP, INGEST_KEYS),
        (FEATURE_STEP, FEATURE_KEYS),
        (MODEL_STEP, MODEL_KEYS),
        (ACTION_STEP, ACTION_KEYS),
    )
    for step, keys in steps:
        assert set(step["properties"]) == set(keys)


def test_every_example_of_a_section_is_read_without_a_grammar_error(tmp_path):
    import yaml

    from sartor.cli.topics import SECTIONS
    from sartor.recipe.loading import load_text

    for section, schema in SECTIONS.items():
        if section in ("format", "recipe", "extends"):
            continue
        for example in schema.get("examples", []):
            frame = {"format": 1, "recipe": "a/b", "abstract": True}
            text = "\n".join(f"{key}: {json.dumps(value)}" for key, value in frame.items()) + f"\n{example}\n"
            assert section in yaml.safe_load(text)
            _, problems = load_text(text, folder=tmp_path, abstract_ok=True)
            unknown = [problem for problem in problems if problem.code in ("R060", "R062", "R033")]
            assert unknown == []


def test_the_schema_knows_every_section_and_the_settings_of_every_component(sartor, plugin_folder):
    said = sartor("schema")
    assert said.code == 0
    schema = json.loads(said.out)
    from sartor.recipe.grammar import SECTIONS

    assert list(schema["properties"]) == list(SECTIONS)
    majority = schema["$defs"]["acme.majority"]
    assert majority["properties"]["rounds"]["anyOf"][0] == {"default": 3, "maximum": 9, "minimum": 1, "type": "integer"}
    assert majority["properties"]["rounds"]["description"] == "How often it looks."
    assert majority["additionalProperties"] is False
    uses = schema["$defs"]["step-of-models"]["properties"]["use"]["anyOf"]
    assert {"const": "acme.majority", "description": "Always the commonest class"} in uses


def test_every_reference_of_the_schema_leads_somewhere(sartor, plugin_folder):
    schema = json.loads(sartor("schema").out)

    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for inner in value.values() for found in references(inner)]
        return [found for inner in value for found in references(inner)] if isinstance(value, list) else []

    targets = {reference.removeprefix("#/$defs/") for reference in references(schema)}
    assert "step-of-models" in targets
    assert targets <= set(schema["$defs"])
    assert not any(set(" /%") & set(target) for target in targets)


def test_schema_write_puts_a_file_into_the_project_and_says_how_to_use_it(sartor, project):
    said = sartor("schema", "--write")
    assert said.out == (
        "wrote recipe.schema.json. As the first line of a recipe in recipes/:\n"
        "  # yaml-language-server: $schema=../recipe.schema.json\n"
    )
    first = (project / "recipe.schema.json").read_text(encoding="utf-8")
    assert json.loads(first)["title"] == "sartor recipe"
    assert sartor("schema", "--write").code == 0
    assert (project / "recipe.schema.json").read_text(encoding="utf-8") == first


def test_schema_write_keeps_a_file_that_is_not_its_own(sartor, project):
    (project / "recipe.schema.json").write_text("mine", encoding="utf-8")
    said = sartor("schema", "--write")
    assert said.code == 2
    assert "recipe.schema.json is there already, and is not a schema of recipes" in said.err
    assert (project / "recipe.schema.json").read_text(encoding="utf-8") == "mine"


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the base be fine and one extra be missing, whatever is installed here."""
    base = Base(("sartor 0.1.0", "pandas 3.1.1"), ())
    extras = [Extra("boost", ("lightgbm 4.7.0",), ()), Extra("keras", (), ("tensorflow",))]
    monkeypatch.setattr("sartor.cli.doctor.base_state", lambda: base)
    monkeypatch.setattr("sartor.cli.doctor.extras", lambda: extras)


def test_doctor_names_a_plugin_that_fails_and_ends_with_1(sartor, healthy, plugin_folder, recipe):
    said = sartor("doctor")
    assert said.code == 1
    assert "libraries   sartor 0.1.0, pandas 3.1.1\n" in said.out
    assert "extra       boost: lightgbm 4.7.0\n" in said.out
    assert 'extra       keras: not installed\n            to mend: pip install "sartor[keras]"\n' in said.out
    assert "! plugin    plugin 'broken' (broken-plugin 0.3) did not load" in said.out
    assert said.out.rstrip().endswith("broken")


def test_doctor_ends_with_0_where_nothing_is_broken(sartor, healthy, recipe, monkeypatch):
    monkeypatch.setattr("sartor.cli.doctor._plugins", lambda: iter(()))
    said = sartor("doctor")
    assert said.code == 0
    assert said.out.endswith("nothing is broken\n")


def test_doctor_says_what_is_wrong_with_the_project(sartor, healthy, project, as_json):
    (project / "sartor.toml").write_text("threads = 0\n", encoding="utf-8")
    said = sartor("doctor", "--json")
    found = as_json(said.out)
    assert (said.code, found["broken"]) == (1, True)
    wrong = [finding["text"] for finding in found["findings"] if finding["label"] == "project"]
    assert wrong == ["sartor.toml:1:1  threads must be a whole number from 1 on, got 0  U004"]


def test_doctor_notices_runs_that_cannot_be_written(sartor, healthy, recipe, project, monkeypatch):
    (project / "runs").write_text("a file", encoding="utf-8")
    said = sartor("doctor")
    assert said.code == 1
    assert "! runs      " in said.out
    assert "cannot be written: Not a directory" in said.out


def test_doctor_finds_an_old_and_a_missing_library(monkeypatch):
    from importlib.metadata import PackageNotFoundError

    from sartor.cli import installed

    asked = (installed.parsed("pandas>=99"), installed.parsed("nothing-like-it>=1"), installed.parsed("json>=0"))

    def version(name: str) -> str:
        if name == "nothing-like-it":
            raise PackageNotFoundError(name)
        return "2.0.1"

    monkeypatch.setattr(installed, "version", version)
    monkeypatch.setattr(installed, "requirements", lambda: asked)
    monkeypatch.setattr(
        installed, "_modules", lambda name: ["json"] if name != "json" else ["a_module_that_is_not_there"]
    )
    installed.base_state.cache_clear()
    troubles = [what for what, _ in installed.base_state().troubles]
    installed.base_state.cache_clear()
    assert troubles == [
        "pandas 2.0.1 is older than 99",
        "nothing-like-it is not installed",
        ("json 2.0.1 cannot be imported: ModuleNotFoundError: No module named 'a_module_that_is_not_there'"),
    ]


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ({"tensorflow-cpu": "2.21"}, ()),
        ({"tensorflow": "2.21"}, ()),
        ({}, ("tensorflow-cpu", "tensorflow")),
    ],
)
def test_one_of_two_packages_for_two_platforms_is_enough(monkeypatch, there, missing):
    from sartor.cli import installed

    lines = (
        "tensorflow-cpu>=2.21; (sys_platform == 'linux') and extra == 'keras'",
        "tensorflow>=2.21; (sys_platform == 'darwin') and extra == 'keras'",
        "pytest>=9; extra == 'test'",
    )
    monkeypatch.setattr(installed, "requirements", lambda: tuple(map(installed.parsed, lines)))
    monkeypatch.setattr(installed, "_version", there.get)
    [keras] = installed.extras()
    assert (keras.name, keras.missing) == ("keras", missing)


def test_the_memory_of_this_machine_is_known():
    from sartor.memory import available_and_total

    available, total = available_and_total()
    assert total > 0
    assert 0 <= available <= total


def test_requirements_are_those_of_the_package():
    from sartor.cli.installed import requirements

    assert "typer" in {one.name for one in requirements() if not one.extra}
    assert {"boost", "keras"} <= {one.extra for one in requirements()}
