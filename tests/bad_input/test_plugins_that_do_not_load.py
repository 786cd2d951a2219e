"""Plugins that do not load, or claim what is not theirs: named with their distribution, with exit code 4."""

import pytest
from bad_recipes import RIGHT, changed

HEADER = "from sartor.components import Component, Model\nfrom sartor.hookspecs import hookimpl\n"
HOOK = HEADER + "@hookimpl\ndef models():\n    yield Component({!r}, {!r}, about='One')\n"
PLACE = "recipe.yaml:14:17"
AUTHORS = "to mend: tell its authors; sartor plugins show odd"
LACKS = [
    "to mend: install what it lacks, or take it away: pip uninstall odd-dist",
    "to see all: sartor plugins show odd",
]
NOT_LOADED = f"{PLACE} plugin 'odd' (odd-dist 0.3) did not load:"
ALL = "to see all: add --traceback"
USES_IT = changed("learn.forest, with: {trees: 10}", "odd.one")

WRONG = {
    "an import error": (
        "import a_library_that_nobody_has\n",
        [f"{NOT_LOADED} ModuleNotFoundError: No module named 'a_library_that_nobody_has' X010", *LACKS],
    ),
    "an error while it is imported": (
        "raise RuntimeError('the licence server does not answer\\nask again')\n",
        [f"{NOT_LOADED} RuntimeError: the licence server does not answer X010", *LACKS],
    ),
    "a syntax error": (
        "def models(:\n",
        [f"{NOT_LOADED} SyntaxError: invalid syntax (odd_hooks.py, line 1) X010", *LACKS],
    ),
    "an end of Python": ("raise SystemExit(3)\n", [f"{NOT_LOADED} SystemExit: 3 X010", *LACKS]),
    "something that is no Exception": (
        "class Halt(BaseException): pass\nraise Halt('unwind')\n",
        [f"{NOT_LOADED} Halt: unwind X010", *LACKS],
    ),
    "a hook that raises": (
        HEADER + "@hookimpl\ndef models():\n    raise ZeroDivisionError('no luck today')\n",
        [f"{NOT_LOADED} ZeroDivisionError: no luck today X010", *LACKS],
    ),
    "a hook that does not exist": (
        HEADER + "@hookimpl\ndef modles():\n    return ()\n",
        [f"{PLACE} plugin 'odd' implements hooks that do not exist: modles X012", "did you mean: models"],
    ),
    "a hook that is not marked": (
        "def models():\n    return ()\n",
        [
            f"{PLACE} plugin 'odd' defines models without marking it as a hook X012",
            "to mend: write @hookimpl above def models()",
        ],
    ),
    "a component under another plugin's name": (
        HOOK.format("learn.one", "odd_hooks:One"),
        [f"{PLACE} component 'learn.one' of plugin 'odd' must be called 'odd.NAME' X012", AUTHORS],
    ),
    "a hook that yields no component": (
        HEADER + "@hookimpl\ndef models():\n    yield 'odd.one'\n",
        [f"{PLACE} hook models of plugin 'odd' yields str where a Component is due X012", AUTHORS],
    ),
    "a class that is not there": (
        HOOK.format("odd.one", "odd_hooks:One"),
        [
            (
                f"{PLACE} component 'odd.one' cannot be imported from odd_hooks:One: AttributeError: "
                "module 'odd_hooks' has no attribute 'One' X013"
            ),
            AUTHORS,
            ALL,
        ],
    ),
    "a class whose module cannot be imported": (
        HOOK.format("odd.one", "odd_models:One"),
        [
            (
                f"{PLACE} component 'odd.one' cannot be imported from odd_models:One: ModuleNotFoundError: "
                "No module named 'odd_models' X013"
            ),
            AUTHORS,
            ALL,
        ],
    ),
    "a class of another kind": (
        HOOK.format("odd.one", "odd_hooks:One") + "class One:\n    pass\n",
        [
            (
                f"{PLACE} component 'odd.one' must be a subclass of sartor.components.Model, as it comes through "
                "a hook for that kind X013"
            ),
            AUTHORS,
        ],
    ),
}


@pytest.mark.parametrize(("module", "expected"), WRONG.values(), ids=WRONG)
def test_a_plugin_that_cannot_be_used_is_named_where_it_is_used(refused, written, install, module, expected):
    install("odd-dist", "odd = odd_hooks", "0.3", odd_hooks=module)

    assert refused(USES_IT, code=4) == expected


@pytest.mark.parametrize(("module", "expected"), WRONG.values(), ids=WRONG)
def test_it_stops_no_recipe_that_does_not_use_it(written, install, done, module, expected):
    install("odd-dist", "odd = odd_hooks", "0.3", odd_hooks=module)

    _, err = done(RIGHT, "--dry-run")

    assert "odd" not in err


def test_two_plugins_with_one_name_are_both_named(refused, written, install):
    install("second-twin", "odd = second_hooks", "2.1", second_hooks="raise RuntimeError")
    install("first-twin", "odd = first_hooks", "1.0", first_hooks="raise RuntimeError")

    assert refused(USES_IT, code=4) == [
        f"{PLACE} two plugins are called 'odd': first-twin 1.0 and second-twin 2.1 X011",
        "to mend: uninstall one of them: pip uninstall first-twin or pip uninstall second-twin",
    ]


def test_a_plugin_with_the_name_of_a_built_in_one_stops_the_recipes_that_use_that(refused, written, install):
    install("learn-better", "learn = better_hooks", better_hooks="raise RuntimeError")

    found = refused(RIGHT, code=4)

    clash = "two plugins are called 'learn': learn-better 1.0 and sartor"
    assert {line.split(f" {clash}")[0] for line in found if clash in line} == {"recipe.yaml:9:13", PLACE}


def test_several_plugins_that_cannot_be_used_are_named_in_one_go(refused, written, install):
    install("odd-dist", "odd = odd_hooks", "0.3", odd_hooks="import a_library_that_nobody_has\n")
    install("even-dist", "even = even_hooks", even_hooks="import a_library_that_nobody_has\n")

    found = refused(USES_IT.replace("finance.affordability", "even.two"), code=4)

    assert [line.split(" did not load")[0] for line in found if line.startswith("recipe.yaml")] == [
        "recipe.yaml:12:17 plugin 'even' (even-dist 1.0)",
        "recipe.yaml:14:17 plugin 'odd' (odd-dist 0.3)",
    ]


def test_beside_a_mistake_of_the_recipe_the_exit_code_is_that_of_the_recipe(refused, written, install):
    install("odd-dist", "odd = odd_hooks", "0.3", odd_hooks="import a_library_that_nobody_has\n")

    found = refused(USES_IT.replace("outcome: bad", "outcome: bda"), code=2)

    assert [line.rsplit(maxsplit=1)[-1] for line in found if line.startswith("recipe.yaml")] == ["R041", "X010"]
