"""``extends``: merged mappings, replaced lists, keys taken away."""

import pytest
from telling import RIGHT, lines

from sartor.errors import RecipeError
from sartor.recipe import load, load_lenient


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / "recipes" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def told_file(project, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def tell(name):
        return lines(load_lenient(name, project=project, env={}).problems)

    return tell


BASE = (
    RIGHT.replace("finance/loans", "finance/base")
    + "gates: [{metric: auc, at_least: 0.7}, {metric: ks, at_least: 0.3}]\n"
)


def test_mappings_are_merged_lists_replaced_and_keys_taken_away(write, project):
    write("finance/base", BASE)
    write(
        "finance/child",
        "format: 1\nrecipe: finance/child\nextends: finance/base\n"
        "split: {hash: ~, time: 2024-01-31}\n"
        "models:\n  forest: {with: {depth: 3}}\n  svm: {use: learn.svm}\n"
        "gates: [{metric: brier, at_most: 0.2}]\n",
    )
    child = load("finance/child", project=project, env={})
    assert child.resolved() == {
        "format": 1,
        "recipe": "finance/child",
        "ingest": {"loans": {"use": "demo.table", "with": {"path": "loans.csv"}, "key": "loan_id"}},
        "task": {"use": "demo.risk", "with": {"outcome": "bad"}},
        "split": {"time": "2024-01-31"},
        "models": {"forest": {"use": "demo.forest", "with": {"trees": 400, "depth": 3}}, "svm": {"use": "learn.svm"}},
        "gates": [{"metric": "brier", "at_most": 0.2}],
    }


def test_values_point_into_the_file_in_which_they_were_written(write, project):
    write("finance/base", BASE)
    write(
        "finance/child",
        "format: 1\nrecipe: finance/child\nextends: finance/base\nmodels: {forest: {with: {depth: 3}}}\n",
    )
    document = load("finance/child", project=project, env={}).document
    assert document.where(("models", "forest", "with", "depth")).file.endswith("child.yaml")
    assert document.where(("models", "forest", "with", "trees")).file.endswith("base.yaml")


def test_a_path_starts_from_the_folder_of_the_file_that_names_it(write, project, tmp_path):
    write("finance/base", BASE)
    write(
        "other/child",
        "format: 1\nrecipe: other/child\nextends: ../finance/base.yaml\n"
        "ingest: {more: {use: demo.table, with: {path: more.csv}}}\n",
    )
    child = load("other/child", project=project, env={})
    assert child.base_folder(("ingest", "loans", "with", "path")) == tmp_path / "recipes" / "other" / ".." / "finance"
    assert child.base_folder(("ingest", "more", "with", "path")) == tmp_path / "recipes" / "other"


def test_the_merged_recipe_is_one_that_gives_the_same_values(write, project):
    write("finance/base", BASE + 'params: {margin: 0.12}\nabout: "costs $${x}, ${params.margin}"\n')
    write("finance/child", "format: 1\nrecipe: finance/child\nextends: finance/base\nparams: {margin: 0.2}\n")
    child = load("finance/child", project=project, env={})
    assert '"costs $${x}, ${params.margin}"' in child.merged_text()
    write("finance/flat", child.merged_text())
    assert load("finance/flat", project=project, env={}).resolved() == child.resolved()


def test_what_only_a_base_may_say_is_not_inherited(write, told_file):
    write("base", "format: 1\nrecipe: base\nabstract: true\nmodels: {forest: {with: {trees: 3}}}\n")
    assert told_file("base") == [
        (
            "recipes/base.yaml:3:1 R053 base is only a base for others"
            " | to mend: run a recipe that extends it: extends: base"
        )
    ]
    write("child", "extends: base\nabout: x\n")
    assert told_file("child") == [
        "recipes/child.yaml:1:1 R063 the recipe does not say its format | to mend: begin with the line `format: 1`",
        (
            "recipes/child.yaml:1:1 R061 the recipe does not say its name, 'recipe'"
            " | to mend: write recipe: INDUSTRY/JOB, such as recipe: finance/credit-scoring"
        ),
        (
            "recipes/child.yaml:1:1 R065 the recipe reads no table"
            " | to mend: write ingest: {NAME: {use: tables.csv, with: {path: FILE}, key: COLUMN}}"
        ),
        (
            "recipes/base.yaml:4:1 R066 'task' and 'split' are missing beside models"
            " | to mend: write task, split and models, or none of them"
        ),
        (
            "recipes/base.yaml:4:10 R067 model 'forest' does not say what it uses"
            " | to mend: name its component: use: PLUGIN.NAME"
        ),
    ]


def test_an_abstract_recipe_can_be_shown(write, project):
    write("base", "format: 1\nrecipe: base\nabstract: true\nmodels: {forest: {with: {trees: 3}}}\n")
    loaded = load_lenient("base", project=project, env={}, abstract_ok=True)
    assert loaded.problems == []
    assert loaded.recipe.abstract
    with pytest.raises(RecipeError, match="base is only a base for others"):
        load("base", project=project, env={})


def test_taking_away_what_is_not_there_is_an_error_with_the_nearest_key(write, told_file):
    write("base", RIGHT)
    write("child", "format: 1\nrecipe: child\nextends: base\nmodels: {forrest: ~}\n")
    assert told_file("child") == [
        (
            "recipes/child.yaml:4:10 R052 'forrest' has no value, and the recipe that is extended has no 'forrest' "
            "to take away | did you mean: forest"
        )
    ]


def test_a_null_elsewhere_is_an_error_with_what_to_do(told_of):
    assert told_of("path: loans.csv", "path: ~") == [
        "4:35 R015 'path' has no value | to mend: write a value after `path:`, or take the line out"
    ]
    assert told_of("key: loan_id", "key: [a, ~]") == [
        "4:62 R015 an item of 'key' has no value | to mend: write the value, or take the item out"
    ]
    assert told_of("{hash: 0.3}", "{hash:0.3}") == [
        "6:9 R015 'hash:0.3' has no value | to mend: write a space after ':': `hash: 0.3`",
        "6:9 R060 'hash:0.3' is not a key of a split | did you mean: hash",
    ]


def test_a_base_that_is_not_there_is_an_error_with_the_nearest_name(write, told_file):
    write("finance/base", BASE)
    write("finance/child", RIGHT.replace("format: 1\n", "format: 1\nextends: finance/bass\n"))
    assert told_file("finance/child") == [
        (
            "recipes/finance/child.yaml:2:10 R050 no recipe is called 'finance/bass', to extend"
            " | did you mean: finance/base | to see all: sartor recipes list"
        )
    ]
    write("finance/child", RIGHT.replace("format: 1\n", "format: 1\nextends: bases.yaml\n"))
    assert told_file("finance/child") == [
        "recipes/finance/child.yaml:2:10 R050 there is no file 'bases.yaml', to extend | did you mean: base.yaml"
    ]


def test_recipes_that_extend_each_other_are_an_error_with_the_circle(write, told_file):
    write("a", RIGHT.replace("format: 1\n", "format: 1\nextends: b\n"))
    write("b", RIGHT.replace("format: 1\n", "format: 1\nextends: a\n"))
    assert told_file("a") == [
        (
            "recipes/b.yaml:2:10 R051 recipes extend each other: recipes/a.yaml -> recipes/b.yaml -> recipes/a.yaml"
            " | to mend: let one of them extend nothing"
        )
    ]
    write("a", RIGHT.replace("format: 1\n", "format: 1\nextends: ./a.yaml\n"))
    assert told_file("a")[0].startswith("recipes/a.yaml:2:10 R051 recipes extend each other")


def test_a_chain_without_end_is_refused(write, told_file):
    for number in range(25):
        write(f"r{number}", RIGHT.replace("format: 1\n", f"format: 1\nextends: r{number + 1}\n"))
    assert [line[:60] for line in told_file("r0")] == ["recipes/r19.yaml:2:10 R051 more than 20 recipes extend each "]


def test_what_is_wrong_in_the_base_is_told_with_what_is_wrong_in_the_child(write, told_file):
    write("base", RIGHT.replace("trees: 400", "trees: 012"))
    write("child", "format: 1\nrecipe: child\nextends: base\nseed: yes\n")
    assert told_file("child") == [
        (
            "recipes/child.yaml:4:7 R014 'yes' is true to some YAML readers and text to others"
            " | to mend: write true, or 'yes' in quotes"
        ),
        (
            "recipes/base.yaml:8:44 R014 012 is 10 to some YAML readers and 12 to others"
            " | to mend: write 12, or '012' in quotes if it is text"
        ),
    ]


@pytest.mark.parametrize(
    ("extends", "expected"),
    [
        (
            "[a, b]",
            "2:10 R062 extends must be the name or the file of one recipe, got a list | to mend: write extends: NAME",
        ),
        ('"${params.base}"', "2:11 R057 extends takes no references | to mend: write the name itself"),
    ],
)
def test_extends_is_one_plain_name(told_of, extends, expected):
    assert told_of("format: 1\n", f"format: 1\nextends: {extends}\n") == [expected]


def test_what_the_missing_base_would_have_is_not_missed(write, told_file):
    write(
        "finance/child",
        "format: 1\nrecipe: finance/child\nextends: finance/bse\n"
        "models: {forest: {with: {depth: 3}}, svm: ~}\nsplit: {hash: 30}\n"
        'actions: {first: {use: demo.decide, from: svm, with: {share: "${params.share}"}}}\n',
    )
    write("finance/base", BASE)
    told = told_file("finance/child")
    assert [line.partition(" | ")[0] for line in told] == [
        "recipes/finance/child.yaml:3:10 R050 no recipe is called 'finance/bse', to extend",
        "recipes/finance/child.yaml:5:15 R068 the share of test rows must lie strictly between 0 and 1, got 30",
    ]
