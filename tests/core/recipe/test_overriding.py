"""``--set``: values for one run."""

from pathlib import Path

import pytest
from telling import RIGHT

from sartor.errors import RecipeError, UsageError
from sartor.recipe import Project, load

WITH_GATES = RIGHT + "gates: [{metric: auc, at_least: 0.7}, {metric: ks, at_least: 0.3}]\nparams: {margin: 0.12}\n"


@pytest.mark.parametrize(
    ("override", "section", "value"),
    [
        ("models.forest.with.trees=200", "models", {"forest": {"use": "demo.forest", "with": {"trees": 200}}}),
        (
            "models.forest.with.share=0.5",
            "models",
            {"forest": {"use": "demo.forest", "with": {"trees": 400, "share": 0.5}}},
        ),
        ("models.forest.with={depth: 3}", "models", {"forest": {"use": "demo.forest", "with": {"depth": 3}}}),
        ("gates.0.at_least=0.75", "gates", [{"metric": "auc", "at_least": 0.75}, {"metric": "ks", "at_least": 0.3}]),
        ("gates.1=~", "gates", [{"metric": "auc", "at_least": 0.7}]),
        ("gates=[]", "gates", []),
        ("seed=7", "seed", 7),
        ("judge.redraws=100", "judge", {"redraws": 100}),
        ("about='a = b: c'", "about", "a = b: c"),
        ("about=2024-01-31", "about", "2024-01-31"),
        ('ingest.loans.units."amount.eur"=EUR', "ingest", {"amount.eur": "EUR"}),
    ],
)
def test_a_value_is_set_by_its_path(resolved, override, section, value):
    found = resolved(WITH_GATES, sets=[override])[section]
    assert (found["loans"]["units"] if section == "ingest" else found) == value


def test_a_key_is_taken_away_by_nothing(resolved):
    assert resolved(WITH_GATES, sets=["split.hash=~", "split.time=2024-01-31"])["split"] == {"time": "2024-01-31"}


def test_a_param_that_is_set_is_used_where_it_is_referred_to(resolved):
    text = RIGHT.replace("trees: 400", 'trees: "${params.trees}"')
    assert resolved(text, sets=["params.trees=3"])["models"]["forest"]["with"] == {"trees": 3}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("modles.forest=1", "--set:1:1 U003 the recipe has no 'modles' | did you mean: models"),
        ("models.forrest.with.trees=1", "--set:1:8 U003 models has no 'forrest' | did you mean: forest"),
        ("gates.7.at_least=1", "--set:1:7 U003 gates has no item '7'; its 2 items are counted from 0"),
        ("gates.first.at_least=1", "--set:1:7 U003 gates has no item 'first'; its 2 items are counted from 0"),
        ("seed.x=1", "--set:1:1 U003 the recipe has no 'seed'"),
        ("recipe=x", "--set:1:1 U003 --set cannot change 'recipe'"),
        (
            "models.forest.use.x=1",
            "--set:1:15 U003 nothing can be set under models.forest.use, which is a single value",
        ),
        ("gates.0.at_lest=~", "--set:1:9 U003 gates.0 has no 'at_lest' to take away | did you mean: at_least"),
        (
            "params.mrgin=2",
            "--set:1:8 U003 no param is called 'mrgin', and nothing refers to it | did you mean: margin",
        ),
        (
            "seed",
            ("- U002 'seed' has no '=' and no value"
            " | to mend: write --set KEY=VALUE, such as --set models.forest.with.trees=200"),
        ),
        (
            "=3",
            ("- U002 '=3' does not begin with the path of a value"
            " | to mend: write --set KEY=VALUE, such as --set models.forest.with.trees=200"),
        ),
        (
            "seed=",
            ("- U002 'seed=' has no value"
            " | to mend: write a value after '='; '' is an empty text and ~ takes the key away"),
        ),
        (
            "about=a: b",
            ("--set:1:7 U002 'about=a: b' has a value that is not clear"
            " | to mend: write a mapping as {a: 1}, a list as [a, b], and a text with ': ' in quotes"),
        ),
        (
            "seed=012",
            ("--set:1:6 R014 012 is 10 to some YAML readers and 12 to others"
            " | to mend: write 12, or '012' in quotes if it is text"),
        ),
        ("gates=[1", "--set:1:7 R003 this '[' is never closed | to mend: write ']' after its last value"),
        (
            "split.hash=30",
            ("--set:1:12 R068 the share of test rows must lie strictly between 0 and 1, got 30"
            " | to mend: write 0.3; 30 % is 0.3"),
        ),
        ("models.forest.trees=3", ("--set:1:15 R033 'trees' is not a key of a model"
            " | to mend: a setting of the component stands under `with`, beside the others: trees: 3")),
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_said_at_its_place_in_the_option(told, override, expected):
    text = WITH_GATES if override != "seed.x=1" else RIGHT
    found = told(text, sets=[override])
    assert [line.split(" | there are")[0] for line in found] == [expected]


def test_a_wrong_option_alone_is_a_usage_error(tmp_path):
    (tmp_path / "loans.yaml").write_text(RIGHT, encoding="utf-8")
    path = tmp_path / "loans.yaml"
    with pytest.raises(UsageError, match="no 'modles'"):
        load(path, project=Project(tmp_path), sets=["modles.x=1"], env={})
    with pytest.raises(RecipeError, match="seed must be a whole number"):
        load(path, project=Project(tmp_path), sets=["modles.x=1", "seed=-1"], env={})


def test_a_path_that_is_set_starts_from_the_present_folder(tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "loans.yaml").write_text(RIGHT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    recipe = load("there/loans.yaml", project=Project(tmp_path), sets=["ingest.loans.with.path=mine.csv"], env={})
    assert recipe.base_folder(("ingest", "loans", "with", "path")) == Path.cwd()
    assert recipe.base_folder(("ingest", "loans", "key")) == Path("there").absolute()
