"""Files that a recipe names are looked for beside it, also when a recipe in another folder extends it."""

import pytest
import yaml
from bad_recipes import stumbling

from sartor.cli import main

READS = "{use: stumbler.reads, with: {path: words.txt}}"
STEP = "{use: stumbler.step, with: {}}"
INNER = "{use: stumbler.learner, with: {}}"

BASES = {
    "a step of prepare": stumbling().replace(STEP, READS),
    "a step of prepare inside a model inside a model": stumbling().replace(
        INNER, f"{{use: stumbler.learner, prepare: [{READS}]}}"
    ),
    "a step of prepare of a model two models deep": stumbling().replace(
        INNER,
        f"{{use: stumbler.around, with: {{inner: {{use: stumbler.learner, prepare: [{READS}]}}}}}}",
    ),
}
# What the recipe says itself moves the model into its own folder; what the base says of it does not move.
CHILD = """\
format: 1
recipe: stumbler/child
extends: shared/base.yaml
models:
  half: {use: stumbler.learner}
  other: {use: stumbler.around}
"""


@pytest.fixture
def elsewhere(project):
    """Return a function that writes a base into a folder of its own, a child beside it, and a file into each."""

    def write(base):
        (project / "shared").mkdir()
        (project / "shared" / "base.yaml").write_text(base, encoding="utf-8")
        (project / "shared" / "words.txt").write_text("of the base", encoding="utf-8")
        (project / "words.txt").write_text("of the child", encoding="utf-8")
        (project / "recipe.yaml").write_text(CHILD, encoding="utf-8")

    return write


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_what_the_base_names_is_looked_for_beside_the_base(stumbler, elsewhere, done, base):
    elsewhere(base)

    done(None)

    assert set(stumbler.READ) == {"of the base"}


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_what_the_child_names_is_looked_for_beside_the_child(stumbler, project, done, base):
    (project / "words.txt").write_text("of the child", encoding="utf-8")

    done(base)

    assert set(stumbler.READ) == {"of the child"}


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_the_recorded_recipe_names_it_from_its_one_folder(stumbler, elsewhere, project, done, base):
    elsewhere(base)

    done(None)

    (file,) = project.glob("runs/stumbler/child/*/resolved.yaml")
    text = file.read_text(encoding="utf-8")
    assert yaml.safe_load(text)["recipe"] == "stumbler/child"
    assert text.count("shared/words.txt") == 1
    assert text.count("words.txt") == 1


def test_a_plan_finds_the_tables_of_a_base_in_another_folder(project, done):
    (project / "shared").mkdir()
    (project / "shared" / "loans.csv").write_text("loan,amount\n1,2\n", encoding="utf-8")
    (project / "shared" / "base.yaml").write_text(
        "format: 1\nrecipe: a/base\ningest:\n  loans: {use: tables.csv, with: {path: loans.csv}, key: loan}\n",
        encoding="utf-8",
    )

    out, _ = done(
        "format: 1\nrecipe: a/child\nextends: shared/base.yaml\ningest: {loans: {units: {amount: EUR}}}\n", "--dry-run"
    )

    assert "loans" in out
    assert main(["run", "recipe.yaml", "--quiet"]) == 0


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_a_model_that_is_kept_is_fitted_anew_when_a_file_that_it_names_has_changed(stumbler, project, done, base):
    (project / "words.txt").write_text("first", encoding="utf-8")
    done(base)
    done(base)
    assert set(stumbler.READ) == {"first"}
    before = len(stumbler.READ)

    (project / "words.txt").write_text("second", encoding="utf-8")
    done(base)

    assert set(stumbler.READ[before:]) == {"second"}
