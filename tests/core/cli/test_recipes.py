"""`sartor recipes`: list, show and copy."""

from __future__ import annotations

import pytest


def test_list_shows_names_and_what_they_are_for(sartor, recipe, project):
    (project / "recipes" / "base.yaml").write_text(
        "format: 1\nabstract: true\nabout: Shared settings.\n", encoding="utf-8"
    )
    lines = [" ".join(line.split()) for line in sartor("recipes", "list").out.splitlines()]
    assert "acme/politeness Is a greeting polite? yours" in lines
    assert "base Shared settings. abstract" in lines
    assert lines[-1].endswith("To run one: sartor run NAME")


def test_a_recipe_that_cannot_be_read_is_named_below(sartor, recipe):
    recipe.write_text("format: [\n", encoding="utf-8")
    said = sartor("recipes", "list")
    assert said.code == 0
    assert said.out.splitlines()[-1] == "! acme/politeness cannot be read: sartor check acme/politeness"


def test_list_as_json(sartor, recipe, as_json):
    entries = as_json(sartor("recipes", "list", "--json").out)["recipes"]
    [mine] = [entry for entry in entries if entry["recipe"] == "acme/politeness"]
    assert mine == {
        "recipe": "acme/politeness",
        "about": "Is a greeting polite?",
        "file": str(recipe),
        "built_in": False,
        "abstract": False,
        "readable": True,
    }


def test_show_gives_the_text_as_it_is_written(sartor, recipe):
    text = recipe.read_text(encoding="utf-8") + "# the end, no line end"
    recipe.write_text(text, encoding="utf-8")
    assert sartor("recipes", "show", "acme/politeness").out == text + "\n"


def test_show_merged_gives_a_recipe_that_can_be_run(sartor, recipe, project):
    child = project / "recipes" / "child.yaml"
    child.write_text("format: 1\nrecipe: child\nextends: acme/politeness\nseed: 7\nprivacy: ~\n", encoding="utf-8")
    said = sartor("recipes", "show", "child", "--merged")
    assert said.code == 0
    assert "extends" not in said.out
    assert "privacy" not in said.out
    assert "seed: 7\n" in said.out
    child.write_text(said.out, encoding="utf-8")
    assert sartor("check", "child").code == 0


def test_show_of_a_wrong_name_gives_the_nearest(sartor, recipe):
    said = sartor("recipes", "show", "acme/politenes")
    assert (said.code, said.out) == (2, "")
    assert "  did you mean: acme/politeness\n" in said.err


def test_show_of_bytes_that_are_not_utf_8(sartor, recipe):
    recipe.write_bytes(b"format: 1\nabout: caf\xe9\n")
    said = sartor("recipes", "show", "acme/politeness")
    assert said.code == 2
    assert "0xE9" in said.err


def test_copy_puts_a_recipe_under_a_name_of_its_own(sartor, recipe, project):
    said = sartor("recipes", "copy", "acme/politeness", "recipes/mine.yaml")
    assert said == (
        0,
        "copied acme/politeness to recipes/mine.yaml. Next: sartor check recipes/mine.yaml\n",
        "",
    )
    copied = (project / "recipes" / "mine.yaml").read_text(encoding="utf-8")
    assert copied == recipe.read_text(encoding="utf-8").replace("recipe: acme/politeness", "recipe: mine")


def test_copy_never_writes_over_a_file_unless_told_to(sartor, recipe, project):
    target = project / "mine.yaml"
    target.write_text("precious", encoding="utf-8")
    said = sartor("recipes", "copy", "acme/politeness", "mine.yaml")
    assert said.code == 2
    assert "mine.yaml is there already" in said.err
    assert target.read_text(encoding="utf-8") == "precious"
    assert sartor("recipes", "copy", "acme/politeness", "mine.yaml", "--force").code == 0
    assert target.read_text(encoding="utf-8") == recipe.read_text(encoding="utf-8")


def test_copy_onto_itself_is_refused(sartor, recipe):
    assert sartor("recipes", "copy", "acme/politeness").code == 2


def test_copy_into_a_folder_keeps_the_file_name(sartor, recipe, project):
    assert sartor("recipes", "copy", "acme/politeness", "elsewhere/").code == 0
    assert (project / "elsewhere" / "politeness.yaml").is_file()


def test_copy_of_a_file_goes_into_the_projects_recipes(sartor, recipe, project):
    outside = project / "outside.yaml"
    outside.write_bytes(recipe.read_bytes())
    assert sartor("recipes", "copy", "outside.yaml").code == 0
    assert "recipe: outside\n" in (project / "recipes" / "outside.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("target", "message"),
    [("mine", "'mine' is neither a folder that is there nor a file"), ("file/mine.yaml", "cannot be written")],
)
def test_copy_to_a_place_that_cannot_be(sartor, recipe, project, target, message):
    (project / "file").write_text("", encoding="utf-8")
    said = sartor("recipes", "copy", "acme/politeness", target)
    assert said.code == 2
    assert message in said.err
