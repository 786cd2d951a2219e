"""Recipes that can be read and mean nothing that can be run."""

import pytest
from bad_recipes import RIGHT, changed

ONLY = "${params.NAME}, ${env.NAME}, ${env.NAME:-default} and ${data}; nothing in a recipe is run as code"
MODELS = "models:\n  forest: {use: learn.forest, with: {trees: 10}}\n"
INGEST = "ingest:\n  loans:\n    use: tables.csv\n    with: {path: loans.csv}\n    key: application_id\n"
FRACTION = "the share of test rows must lie strictly between 0 and 1, got"

NAMES = {
    "an unknown key": (
        changed("models:\n", "modles:\n"),
        ["recipe.yaml:13:1 a recipe has no section 'modles' R060", "did you mean: models"],
    ),
    "an unknown key of a step": (
        changed("    key: application_id", "    keys: application_id"),
        [
            "recipe.yaml:8:5 'keys' is not a key of a step of ingest R033",
            "did you mean: key",
            "to mend: a setting of the component stands under `with`, beside the others: keys: application_id",
        ],
    ),
    "a misspelt component": (
        changed("learn.forest", "learn.forrest"),
        [
            "recipe.yaml:14:17 no model is called 'learn.forrest' R021",
            "did you mean: learn.forest",
            "to see all: sartor list models",
        ],
    ),
    "a misspelt plugin": (
        changed("learn.forest", "lern.forest"),
        [
            "recipe.yaml:14:17 no plugin is called 'lern', named by 'lern.forest' R022",
            "did you mean: learn.forest",
            "to see all: sartor list models",
        ],
    ),
    "a misspelt table": (
        changed("from: loans", "from: loan"),
        ["recipe.yaml:12:46 no table or feature is called 'loan' R043", "did you mean: loans"],
    ),
    "a misspelt table among settings": (
        changed("{outcome: bad,", "{table: lones, outcome: bad,"),
        ["recipe.yaml:9:49 no table is called 'lones' R040", "did you mean: loans"],
    ),
    "a misspelt column": (
        changed("outcome: bad", "outcome: bda"),
        ["recipe.yaml:9:51 table loans has no column 'bda' R041", "nearest: bad, in loans"],
    ),
    "a misspelt column as key": (
        changed("key: application_id", "key: aplication_id"),
        ["recipe.yaml:8:10 table loans has no column 'aplication_id' R041", "nearest: application_id, in loans"],
    ),
    "a misspelt setting": (
        changed("trees: 10", "tres: 10"),
        [
            "recipe.yaml:14:38 learn.forest has no setting 'tres' R030",
            "did you mean: trees",
            "to see all: sartor explain learn.forest",
        ],
    ),
    "an unknown metric in a gate": (
        changed("metric: auc", "metric: acu"),
        ["recipe.yaml:17:14 the task has no metric called 'acu' R042", "did you mean: auc"],
    ),
    "an unknown model in a gate": (
        changed("{metric: auc,", "{metric: auc, model: forrest,"),
        ["recipe.yaml:17:26 no model is called 'forrest' R048", "did you mean: forest"],
    ),
}

VALUES = {
    "the wrong kind of component": (
        changed("learn.forest", "learn.classification"),
        [
            "recipe.yaml:14:17 'learn.classification' is a task; models take a model R023",
            "to see all: sartor list models",
        ],
    ),
    "the wrong type": (
        changed("trees: 10", "trees: '10'"),
        [
            "recipe.yaml:14:45 trees must be a whole number, got text '10' R032",
            "to mend: write 10 without quotes",
        ],
    ),
    "the wrong type in the grammar": (
        changed("key: application_id", "key: 7"),
        [
            "recipe.yaml:8:10 key must be a text or a list of texts, got the number 7 R062",
            "to mend: write '7' in quotes",
        ],
    ),
    "a setting outside with": (
        changed("with: {trees: 10}", "trees: 10"),
        [
            "recipe.yaml:14:31 'trees' is not a key of a model R033",
            "to mend: a setting of the component stands under `with`: {trees: 10}",
        ],
    ),
    "a null where a value is due": (
        changed("trees: 10", "trees: ~"),
        [
            "recipe.yaml:14:38 'trees' has no value R015",
            "to mend: write a value after `trees:`, or take the line out",
        ],
    ),
    "a key with nothing behind it": (
        changed("    key: application_id", "    key:"),
        ["recipe.yaml:8:5 'key' has no value R015", "to mend: write a value after `key:`, or take the line out"],
    ),
    "a fraction of 30": (
        changed("hash: 0.3", "hash: 30"),
        [f"recipe.yaml:10:15 {FRACTION} 30 R068", "to mend: write 0.3; 30 % is 0.3"],
    ),
    "a fraction of -0.3": (
        changed("hash: 0.3", "hash: -0.3"),
        [f"recipe.yaml:10:15 {FRACTION} -0.3 R068", "to mend: write a share such as 0.3"],
    ),
    "a fraction of 30 among settings": (
        changed("learn.forest, with: {trees: 10}", "learn.forest, with: {max_features: 30}"),
        [
            "recipe.yaml:14:52 max_features must lie strictly between 0 and 1, got 30 R034",
            "to mend: write 0.3; 30 % is 0.3",
        ],
    ),
}

SECTIONS = {
    "a missing format": (
        changed("format: 1\n", ""),
        ["recipe.yaml:1:1 the recipe does not say its format R063", "to mend: begin with the line `format: 1`"],
    ),
    "a future format": (
        changed("format: 1", "format: 2"),
        [
            "recipe.yaml:1:9 format 2 is newer than this sartor, which reads format 1 R064",
            "to mend: install a newer sartor",
        ],
    ),
    "no ingest": (
        changed(INGEST, ""),
        [
            "recipe.yaml:1:1 the recipe reads no table R065",
            "to mend: write ingest: {NAME: {use: tables.csv, with: {path: FILE}, key: COLUMN}}",
        ],
    ),
    "an empty ingest": (
        changed(INGEST, "ingest: {}\n"),
        [
            "recipe.yaml:4:1 the recipe reads no table R065",
            "to mend: write ingest: {NAME: {use: tables.csv, with: {path: FILE}, key: COLUMN}}",
        ],
    ),
    "a task without models": (
        changed(MODELS, ""),
        [
            "recipe.yaml:9:1 'models' is missing beside task and split R066",
            "to mend: write task, split and models, or none of them",
        ],
    ),
    "models without a model": (
        changed(MODELS, "models: {}\n"),
        ["recipe.yaml:13:1 models names no model R066", "to mend: write models: {NAME: {use: PLUGIN.NAME}}"],
    ),
    "a model without use": (
        changed("use: learn.forest, ", ""),
        [
            "recipe.yaml:14:3 model 'forest' does not say what it uses R067",
            "to mend: name its component: use: PLUGIN.NAME",
        ],
    ),
    "steps that depend on each other": (
        changed(
            "features:\n",
            "features:\n"
            "  one: {use: finance.affordability, from: other}\n"
            "  other: {use: finance.affordability, from: one}\n",
        ),
        [
            "recipe.yaml:13:45 steps wait for each other: one -> other -> one R044",
            "to mend: let one of them come from something else",
        ],
    ),
    "a step that depends on itself": (
        changed("from: loans", "from: burden"),
        [
            "recipe.yaml:12:46 'burden' is made from itself R044",
            "to mend: let one of them come from something else",
        ],
    ),
    "a step from nowhere": (
        changed("from: loans", "from: nowhere"),
        ["recipe.yaml:12:46 no table or feature is called 'nowhere' R043", "there are: loans"],
    ),
}

REFERENCES = {
    "an undefined param": (
        changed("trees: 10", 'trees: "${params.tres}"').replace("ingest:", "params: {trees: 10}\ningest:"),
        ["recipe.yaml:15:46 no param is called 'tres' R054", "did you mean: trees"],
    ),
    "an undefined param where there are none": (
        changed("trees: 10", 'trees: "${params.trees}"'),
        ["recipe.yaml:14:46 no param is called 'trees' R054", "to mend: write it under params: {trees: ...}"],
    ),
    "an undefined environment variable": (
        changed("trees: 10", 'trees: "${env.NO_SUCH_NUMBER_OF_TREES}"'),
        [
            "recipe.yaml:14:46 the environment variable NO_SUCH_NUMBER_OF_TREES is not set R055",
            "to mend: set it, or give a default: ${env.NO_SUCH_NUMBER_OF_TREES:-value}",
        ],
    ),
    "a reference that tries to run Python": (
        changed("trees: 10", "trees: \"${__import__('os').system('touch pwned')}\""),
        [
            "recipe.yaml:14:46 '${__import__('os').system('touch pwned')}' is not a reference R057",
            f"there are: {ONLY}",
        ],
    ),
    "a reference that reaches into Python": (
        changed("trees: 10", 'trees: "${params.trees.__class__}"'),
        ["recipe.yaml:14:46 '${params.trees.__class__}' is not a reference R057", f"there are: {ONLY}"],
    ),
    "a reference that tries to run a command": (
        changed("path: loans.csv", 'path: "$(touch pwned).csv"'),
        ["recipe.yaml:7:19 '$(' runs nothing here R057", f"there are: {ONLY}", "to mend: a text that holds it: $$("],
    ),
}

WRONG = NAMES | VALUES | SECTIONS | REFERENCES


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_a_recipe_that_cannot_be_run_is_refused_at_its_place_with_how_to_mend_it(refused, written, text, expected):
    assert refused(text) == expected
    assert not (written / "pwned").exists()


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_sartor_check_says_the_same(checked, written, text, expected):
    assert checked(text) == expected


def test_backticks_run_nothing_either(refused, written):
    found = refused(changed("path: loans.csv", 'path: "`touch pwned`.csv"'))

    assert found[0] == "recipe.yaml:7:18 there is no file `touch pwned`.csv D101"
    assert not (written / "pwned").exists()


def test_everything_that_is_wrong_is_said_in_one_go_in_the_order_of_the_lines(refused, written):
    text = (
        changed("hash: 0.3", "hash: 30")
        .replace("learn.forest", "learn.forrest")
        .replace("outcome: bad", "outcome: bda")
    )

    assert [line for line in refused(text) if line.startswith("recipe.yaml")] == [
        "recipe.yaml:9:51 table loans has no column 'bda' R041",
        f"recipe.yaml:10:15 {FRACTION} 30 R068",
        "recipe.yaml:14:17 no model is called 'learn.forrest' R021",
    ]


class TestExtends:
    def test_a_recipe_that_extends_itself(self, refused, written):
        assert refused(RIGHT + "extends: recipe.yaml\n") == [
            "recipe.yaml:18:10 recipes extend each other: recipe.yaml -> recipe.yaml R051",
            "to mend: let one of them extend nothing",
        ]

    def test_recipes_that_extend_each_other(self, refused, written):
        (written / "other.yaml").write_text("format: 1\nrecipe: b\nextends: recipe.yaml\n", encoding="utf-8")

        assert refused(RIGHT + "extends: other.yaml\n") == [
            "other.yaml:3:10 recipes extend each other: recipe.yaml -> other.yaml -> recipe.yaml R051",
            "to mend: let one of them extend nothing",
        ]

    def test_a_file_that_is_missing(self, refused, written):
        assert refused(RIGHT + "extends: recipes.yaml\n") == [
            "recipe.yaml:18:10 there is no file 'recipes.yaml', to extend R050",
            "to mend: name a recipe, or a file from the folder of this one",
        ]

    def test_a_file_that_is_missing_beside_one_of_nearly_its_name(self, refused, written):
        (written / "base.yaml").write_text(RIGHT, encoding="utf-8")

        assert refused(RIGHT + "extends: bas.yaml\n") == [
            "recipe.yaml:18:10 there is no file 'bas.yaml', to extend R050",
            "did you mean: base.yaml",
        ]

    def test_a_name_that_no_recipe_has(self, refused, written):
        assert refused(RIGHT + "extends: finance/credit-scorin\n") == [
            "recipe.yaml:18:10 no recipe is called 'finance/credit-scorin', to extend R050",
            "did you mean: finance/credit-scoring",
            "to see all: sartor recipes list",
        ]


def test_a_mistake_on_the_command_line_is_placed_there(refused, written):
    assert refused(RIGHT, "--set", "models.forest.with.tres=3") == [
        "--set:1:20 learn.forest has no setting 'tres' R030",
        "did you mean: trees",
        "to see all: sartor explain learn.forest",
    ]
