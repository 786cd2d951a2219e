"""`sartor check`: every problem of several recipes in one go, without reading a row."""

from __future__ import annotations


def test_a_recipe_that_can_be_run_is_ok(sartor, recipe):
    said = sartor("check", "acme/politeness")
    assert said == (0, "acme/politeness  ok  1 table, 1 model\n", "")


def test_all_problems_are_shown_at_once_with_the_line_and_how_to_mend(sartor, recipe):
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(
        text.replace("acme.majority", "acme.majorty").replace("text: audit", "txt: audit"), encoding="utf-8"
    )
    said = sartor("check", "acme/politeness")
    assert said.code == 2
    assert said.err == ""
    lines = said.out.splitlines()
    assert lines[0] == "recipes/acme/politeness.yaml:7:13  table greetings has no column 'txt'      P002"
    assert lines[1:3] == ["  7 │   columns: {txt: audit_only}", "    │             ^^^"]
    assert any(
        line.startswith("recipes/acme/politeness.yaml:11:19  no model is called 'acme.majorty'") for line in lines
    )
    assert "  did you mean: acme.majority" in lines
    assert lines[-1] == "2 errors; no data was read. More on one: sartor explain P002"


def test_several_recipes_are_checked_together(sartor, recipe, project):
    (project / "recipes" / "wrong.yaml").write_text("format: 1\nrecipe: wrong\n", encoding="utf-8")
    said = sartor("check", "acme/politeness", "wrong", "acme/politenes")
    assert said.code == 2
    assert "acme/politeness  ok  1 table, 1 model\n" in said.out
    assert "the recipe reads no table" in said.out
    assert "no recipe is called 'acme/politenes'" in said.out
    assert said.out.splitlines()[-1].startswith("2 errors in 2 of 3 recipes; no data was read. More on one: sartor")


def test_what_is_wrong_in_a_shared_base_is_said_once(sartor, recipe, project):
    folder = project / "recipes"
    base = recipe.read_text(encoding="utf-8").replace("hash: 0.3", "hash: 30")
    recipe.write_text(base, encoding="utf-8")
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text(f"format: 1\nrecipe: {name}\nextends: acme/politeness\n", encoding="utf-8")
    said = sartor("check", "one", "two", "--format=concise")
    assert len(said.out.splitlines()) == 1
    assert said.out.startswith("recipes/acme/politeness.yaml:9:15: R068 ")


def test_set_changes_what_is_checked(sartor, recipe):
    said = sartor("check", "acme/politeness", "--set", "models.majority.with.rounds=10")
    assert said.code == 2
    assert "--set:1:" in said.out


def test_json_holds_every_problem_with_its_place(sartor, recipe, as_json):
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text.replace("acme.majority", "acme.majorty"), encoding="utf-8")
    said = sartor("check", "acme/politeness", "nothing", "--json")
    first, second = as_json(said.out)["recipes"]
    assert said.code == 2
    assert (first["recipe"], first["ok"]) == ("acme/politeness", False)
    [problem] = first["problems"]
    hints = problem.pop("hints")
    assert problem == {
        "code": "R021",
        "message": "no model is called 'acme.majorty'",
        "file": "recipes/acme/politeness.yaml",
        "line": 11,
        "column": 19,
        "width": 12,
    }
    assert {"label": "did you mean", "text": "acme.majority"} in hints
    assert second["problems"][0]["code"] == "U001"


def test_a_broken_plugin_costs_only_the_recipes_that_use_it(sartor, recipe):
    assert sartor("check", "acme/politeness").code == 0
    said = sartor("check", "acme/politeness", "--set", "models.majority.use=broken.model")
    assert said.code == 2
    assert "plugin 'broken' (broken-plugin 0.3) did not load: RuntimeError: the licence server" in said.out


def test_the_dry_run_shows_the_steps_in_order_and_reads_nothing(sartor, recipe, project):
    said = sartor("run", "acme/politeness", "--dry-run")
    assert said.code == 0
    assert said.out == (
        "acme/politeness · dry run · seed 0\n"
        "    ingest  greetings: acme.greetings; 3 columns: id, text, polite\n"
        "     guard  text for audit only\n"
        "     split  by hash of the key, 30 in 100 to judge\n"
        "       fit  majority: acme.majority, champion\n"
        "     judge  acme.politeness, 1,000 redraws\n"
        "    record  runs/acme/politeness\n"
        "\n"
        "no row of data was read, and nothing was written\n"
    )
    assert not (project / "runs").exists()


def test_the_dry_run_as_json(sartor, recipe, as_json):
    plan = as_json(sartor("run", "acme/politeness", "--dry-run", "--json").out)
    assert [step["stage"] for step in plan["steps"]] == ["ingest", "guard", "split", "fit", "judge", "record"]
    assert plan["steps"][0]["columns"] == {"id": "integer", "text": "text", "polite": "boolean"}


def test_the_dry_run_of_a_wrong_recipe_shows_what_is_wrong(sartor, recipe):
    said = sartor("run", "acme/politeness", "--dry-run", "--set", "split.hash=30")
    assert (said.code, said.out) == (2, "")
    assert "the share of test rows must lie strictly between 0 and 1, got 30" in said.err
