"""A recipe against its plugins, before a row is read."""

import types
from pathlib import Path

import demo_components
import pytest
from telling import RIGHT, lines

from sartor.plugins import Plugins
from sartor.recipe import load_lenient, load_text
from sartor.recipe.checking import check
from sartor.recipe.giving import given

MORE = RIGHT + "privacy: {columns: {sex: audit_only, age: drop}}\n"

SEE = " | to see all: sartor explain demo.forest"


def broken_plugin():
    """A plugin whose import fails, as its entry point would."""
    module = types.ModuleType("broken")
    module.__getattr__ = lambda name: (_ for _ in ()).throw(ImportError("no module named 'quantum'"))
    return module


@pytest.fixture
def told(project):
    (project.root / "loans.csv").write_text("loan_id,amount,sex,age,bad\n", encoding="utf-8")
    plugins = Plugins({"demo": demo_components})

    def tell(text):
        recipe, problems = load_text(text, folder=project.root, project=project, env={})
        assert lines(problems) == []
        return lines(check(recipe, plugins))

    return tell


@pytest.fixture
def told_of(told):
    def tell(old, new):
        assert MORE.count(old) == 1
        return told(MORE.replace(old, new))

    return tell


def test_nothing_is_wrong_with_a_recipe_that_fits_its_plugins(told):
    assert told(MORE) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "demo.forest",
            "demo.forrest",
            [("8:17 R021 no model is called 'demo.forrest'"
            " | did you mean: demo.forest | to see all: sartor list models")],
        ),
        (
            "demo.forest",
            "dmo.forest",
            [
                ("8:17 R022 no plugin is called 'dmo', named by 'dmo.forest' | did you mean: demo.forest"
                " | to see all: sartor list models")
            ],
        ),
        (
            "demo.forest",
            "demo.table",
            ["8:17 R023 'demo.table' is an ingest; models take a model | to see all: sartor list models"],
        ),
        (
            "demo.forest",
            "demo.scale",
            ["8:17 R023 'demo.scale' is a step of prepare; models take a model | to see all: sartor list models"],
        ),
        ("demo.risk", "demo.decide", [("5:13 R023 'demo.decide' is an action; task takes a task"
        " | to see all: sartor list tasks")]),
        (
            "demo.table",
            "demo.heavy",
            [
                ("4:16 R024 'demo.heavy' needs a_library_that_nobody_has, which is not installed"
                ' | to mend: pip install "demo_components[big]"')
            ],
        ),
        (
            "demo.forest, with: {trees: 400}",
            "demo.gone",
            [
                ("8:17 X013 component 'demo.gone' cannot be imported from demo_components:NoSuchClass: AttributeError: "
                "module 'demo_components' has no attribute 'NoSuchClass'"
                " | to mend: tell its authors; sartor plugins show demo | to see all: add --traceback")
            ],
        ),
        (
            "demo.forest, with: {trees: 400}",
            "demo.regression",
            [
                ("8:17 R025 'demo.regression' answers a number; the task 'demo.risk' asks for a probability"
                " | to see all: sartor list models")
            ],
        ),
        (
            "demo.table, with: {path: loans.csv}",
            "demo.failing",
            [
                ("4:16 X020 finance/loans: step ingest.loans: 'demo.failing' failed in columns: ZeroDivisionError: "
                "division by zero | to mend: tell its authors; sartor plugins show demo"
                " | to see all: add --traceback")
            ],
        ),
        ("path: loans.csv", "path: gone.csv", ["4:41 D001 there is no file gone.csv"]),
        (
            "with: {path: loans.csv}, ",
            "",
            ["4:3 R031 demo.table needs the setting 'path' | to mend: write with: {path: ...}"],
        ),
        (
            "{path: loans.csv}",
            "{path: loans.csv, types: {amuont: text}}",
            ["4:60 R041 table loans has no column 'amuont' | nearest: amount, in loans"],
        ),
        (
            "{path: loans.csv}",
            "{path: loans.csv, types: {amount: txt}}",
            ["4:68 R034 amount must be text or number, got text 'txt' | did you mean: text"],
        ),
        (
            "{path: loans.csv}",
            "{path: loans.csv, password: hidden}",
            ["4:62 R034 password must be a secret, written secret:NAME | to see all: sartor explain demo.table"],
        ),
        ("key: loan_id", "key: id", ["4:58 R041 table loans has no column 'id' | nearest: loan_id, in loans"]),
        (
            "key: loan_id",
            "key: [loan_id, branch]",
            ["4:68 R041 table loans has no column 'branch' | there are: loan_id, amount, sex, age, bad"],
        ),
        ("key: loan_id", "time: day", [("4:59 R041 table loans has no column 'day'"
        " | there are: loan_id, amount, sex, age, bad")]),
        ("key: loan_id", "units: {amnt: EUR}", [("4:61 R041 table loans has no column 'amnt'"
        " | nearest: amount, in loans")]),
        (
            "key: loan_id",
            "roles: {person: age}",
            [
                ("4:69 R047 privacy drops 'age', and no step can see it"
                " | to mend: take age out of privacy.columns, or do without it here")
            ],
        ),
        (
            "outcome: bad",
            "outcome: sex",
            [
                ("5:40 R047 privacy keeps 'sex' for audit only, and it is what is to be predicted"
                " | to mend: take sex out of privacy.columns, or do without it here")
            ],
        ),
        ("outcome: bad", "outcome: good", [("5:40 R041 table loans has no column 'good'"
        " | there are: loan_id, amount, sex, age, bad")]),
        (
            "{outcome: bad}",
            "{outcome: bad, table: loan}",
            ["5:52 R040 no table is called 'loan' | did you mean: loans"],
        ),
        (
            "{outcome: bad}",
            "{outcome: bad, bad: [1]}",
            ["5:50 R034 bad must be a text or a whole number, got a list | to see all: sartor explain demo.risk"],
        ),
        (
            "{hash: 0.3}",
            "{group: branch, test: 0.3}",
            ["6:16 R041 table loans has no column 'branch' | there are: loan_id, amount, sex, age, bad"],
        ),
        (
            "{hash: 0.3}",
            "{hash: 0.3, tune_on: {given: aeg, train: [1], test: [2]}}",
            ["6:37 R041 table loans has no column 'aeg' | nearest: age, in loans"],
        ),
        (
            "columns: {sex",
            "columns: {sexe",
            ["9:21 P002 table loans has no column 'sexe' | nearest: sex, in loans"],
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_its_place(told_of, old, new, expected):
    assert told_of(old, new) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("tres: 400", ("8:37 R030 demo.forest has no setting 'tres'"
        " | did you mean: trees | to see all: sartor explain demo.forest")),
        ("trees: '400'", "8:44 R032 trees must be a whole number, got text '400' | to mend: write 400 without quotes"),
        ("trees: 400.0", "8:44 R032 trees must be a whole number, got the number 400.0 | to mend: write 400"),
        ("trees: true", "8:44 R032 trees must be a whole number, got true" + SEE),
        ("trees: 0", "8:44 R034 trees must lie between 1 and 10,000, got 0" + SEE),
        ("rate: -1", "8:43 R034 rate must be above 0, got -1" + SEE),
        ("share: 30", "8:44 R034 share must lie strictly between 0 and 1, got 30 | to mend: write 0.3; 30 % is 0.3"),
        ("share: -0.3", "8:44 R034 share must lie strictly between 0 and 1, got -0.3" + SEE),
        ("share: 30%", "8:44 R032 share must be a number, got text '30%' | to mend: write 0.3; 30 % is 0.3"),
        ("share: '0,3'", "8:44 R032 share must be a number, got text '0,3' | to mend: write 0.3"),
        ("weights: {amount: 15}", ("8:55 R034 amount must lie between 0 and 1, got 15"
        " | to mend: write 0.15; 15 % is 0.15")),
        ("weights: {amont: 0.1}", "8:47 R041 table loans has no column 'amont' | nearest: amount, in loans"),
        ("columns: amount", "8:46 R032 columns must be a list, got text 'amount' | to mend: write [amount]"),
        ("columns: [amount, 3]", ("8:55 R032 an item of columns must be a text, got the number 3"
        " | to mend: write '3' in quotes")),
        ("columns: [amount, '']", "8:55 R034 an item of columns must not be empty" + SEE),
        ("columns: [amount, amount]", "8:46 R034 columns names amount more than once" + SEE),
        ("columns: [amuont]", "8:47 R041 table loans has no column 'amuont' | nearest: amount, in loans"),
        ("window: 30", "8:45 R075 window must be a length of time in words, got 30 | to mend: write 30 days"),
        ("window: 5 m", "8:45 R075 '5 m' may be minutes or months | to mend: write 5 minutes or 5 months"),
        ("range: [2.5, 1.5]", "8:44 R034 range must rise | to mend: write [1.5, 2.5]"),
        ("trees: 13", "8:36 R034 demo.forest: 13 trees bring bad luck" + SEE),
        (
            "trees: 14",
            ("8:17 X020 finance/loans: step models.forest: 'demo.forest' failed in a check of its settings: KeyError: "
            "'fourteen' | to mend: tell its authors; sartor plugins show demo | to see all: add --traceback"),
        ),
        (
            "calibrate: sigmod",
            ("8:48 R034 calibrate must be none, sigmoid, a number or a mapping, got text 'sigmod'"
            " | did you mean: sigmoid"),
        ),
        ("calibrate: 30", ("8:48 R034 calibrate must lie strictly between 0 and 1, got 30"
        " | to mend: write 0.3; 30 % is 0.3")),
        (
            "calibrate: {use: demo.forrest}",
            "8:54 R021 no model is called 'demo.forrest' | did you mean: demo.forest | to see all: sartor list models",
        ),
        ("tried: [1, {a: 2}]", "8:48 R034 an item of tried must be a whole number or a text, got a mapping" + SEE),
        ("inner: forest", "8:44 R032 inner must be a mapping, got text 'forest'" + SEE),
        ("inner: {with: {}}", ("8:37 R067 a step does not say what it uses"
        " | to mend: name its component: use: PLUGIN.NAME")),
        (
            "inner: {use: demo.forest, trees: 3}",
            ("8:63 R033 'trees' is not a key of a step"
            " | to mend: a setting of the component stands under `with`: {trees: 3}"),
        ),
        (
            "inner: {use: demo.forest, with: {trees: few}}",
            "8:77 R032 trees must be a whole number, got text 'few'" + SEE,
        ),
        (
            "several: [{use: demo.forest, with: {inner: {use: demo.forest, with: {share: 3}}}}]",
            "8:113 R034 share must lie strictly between 0 and 1, got 3 | to mend: write 0.03; 3 % is 0.03",
        ),
        (
            "inner: {use: demo.forest, prepare: [{use: demo.forest}]}",
            "8:79 R023 'demo.forest' is a model; prepare takes a step of prepare | to see all: sartor list prepare",
        ),
    ],
)  # fmt: skip
def test_a_setting_that_does_not_fit_is_said_in_the_recipes_words(told_of, settings, expected):
    assert told_of("trees: 400", settings) == [expected]


def test_every_setting_that_does_not_fit_is_told_at_once(told_of):
    found = told_of("trees: 400", "tres: 1, trees: 0, share: 30, columns: [amuont]")
    assert [line[:9] for line in found] == ["8:37 R030", "8:53 R034", "8:63 R034", "8:77 R041"]


def test_yaml_has_one_kind_of_list_and_a_setting_may_be_a_tuple(told_of):
    assert told_of("trees: 400", "range: [1.5, 2.5]") == []
    assert given(demo_components.Forest, {"range": [1.5, 2.5], "columns": ["a"]}) == {
        "range": (1.5, 2.5),
        "columns": ["a"],
    }


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (
            "gates: [{metric: AUC, at_least: 0.7}]",
            ["10:18 R042 the task has no metric called 'AUC' | did you mean: auc"],
        ),
        ("gates: [{metric: lift, at_least: 2}]", [("10:18 R042 the task has no metric called 'lift'"
        " | there are: auc, brier, calibration_slope")]),
        ("select: {by: briar}", ["10:14 R042 the task has no metric called 'briar' | did you mean: brier"]),
        ("gates: [{metric: value, at_least: 0}]", [("10:18 R042 the gate holds value, and the recipe has no action"
        " | to mend: add an action whose decisions are worth money, or hold a metric")]),
        ("actions: {a: {use: demo.decide}}\ngates: [{metric: value, at_least: 0}]", []),
        (
            "actions: {a: {use: demo.order}}",
            [
                ("10:20 R025 'demo.order' decides on a number; the task 'demo.risk' asks for a probability"
                " | to see all: sartor list actions")
            ],
        ),
        (
            "actions: {a: {use: demo.decide, with: {accept_below: 15}}}",
            ["10:54 R034 accept_below must lie between 0 and 1, got 15 | to mend: write 0.15; 15 % is 0.15"],
        ),
        ("features: {f: {use: demo.income, with: {column: incme}}}", [
            "10:49 R041 table loans has no column 'incme' | there are: loan_id, amount, sex, age, bad"
        ]),
        ("features: {f: {use: demo.income, with: {column: age}}}", [
            ("10:49 R047 privacy drops 'age', and no step can see it"
            " | to mend: take age out of privacy.columns, or do without it here")
        ]),
    ],
)  # fmt: skip
def test_metrics_actions_and_features_are_checked_against_the_task_and_the_tables(told, section, expected):
    assert told(MORE + section + "\n") == expected


def test_select_cannot_go_with_folds(told):
    text = MORE.replace("{hash: 0.3}", "{folds: 5, hash: {digest: md5}}") + "select: {by: auc}\n"
    assert told(text) == [
        (
            "10:1 R049 select cannot go with a split in which every row judges at some time"
            " | to mend: let a model choose inside each round: use: learn.chosen"
        )
    ]


def test_a_step_of_prepare_is_checked_like_a_model(told_of):
    assert told_of(
        "with: {trees: 400}", "prepare: [{use: demo.scale, with: {columns: [amuont]}}, {use: demo.scale}]"
    ) == [
        "8:75 R041 table loans has no column 'amuont' | nearest: amount, in loans",
        "8:86 R031 demo.scale needs the setting 'columns' | to mend: write with: {columns: ...}",
    ]


def test_a_column_that_a_feature_may_build_is_left_to_the_run(told_of):
    with_feature = "{hash: 0.3}\nfeatures: {f: {use: demo.income, with: {column: amount}}}"
    assert told_of("{hash: 0.3}", with_feature) == []
    text = MORE.replace("{hash: 0.3}", with_feature).replace("trees: 400", "columns: [ratio]")
    assert told_of("trees: 400", "columns: [ratio]") != []
    assert told_of(MORE[MORE.index("split") :], text[text.index("split") :]) == []


def test_columns_that_nobody_knows_before_the_read_are_left_to_the_run(told_of):
    assert told_of("use: demo.table, with: {path: loans.csv}, key: loan_id", "use: demo.unknown, key: anything") == []


def test_privacy_names_the_column_in_one_of_several_tables(told):
    text = MORE.replace("ingest:\n", "ingest:\n  more: {use: demo.table, with: {path: loans.csv}, key: loan_id}\n")
    assert told(text) == []
    assert told(text.replace("sex:", "gender_and_age:")) == [
        "10:21 P002 no table has the column 'gender_and_age' | there are: loan_id, amount, sex, age, bad"
    ]


def test_a_plugin_that_does_not_load_is_named_where_it_is_used(project):
    (project.root / "loans.csv").write_text("loan_id,bad\n", encoding="utf-8")
    plugins = Plugins({"demo": demo_components, "broken": broken_plugin()})
    recipe, _ = load_text(RIGHT.replace("demo.forest", "broken.forest"), folder=project.root, project=project, env={})
    (problem,) = check(recipe, plugins)
    assert lines([problem])[0].startswith("8:17 X0")
    assert "broken" in problem.message
    assert "no module named 'quantum'" in problem.message


def test_a_file_is_looked_for_beside_the_recipe_that_names_it(project, monkeypatch):
    plugins = Plugins({"demo": demo_components})
    base = project.recipes / "finance"
    base.mkdir(parents=True)
    (base / "base.yaml").write_text(RIGHT, encoding="utf-8")
    (base / "loans.csv").write_text("loan_id,amount,bad\n", encoding="utf-8")
    child = project.recipes / "other" / "child.yaml"
    child.parent.mkdir()
    child.write_text(
        "format: 1\nrecipe: other/child\nextends: finance/base\ningest: {loans: {units: {amount: EUR}}}\n",
        encoding="utf-8",
    )
    recipe, problems = load_lenient("other/child", project=project, env={})
    assert problems == []
    assert check(recipe, plugins) == []
    settings = given(demo_components.Table, recipe.ingest["loans"].settings, recipe, ("ingest", "loans"))
    assert settings == {"path": str(Path("..") / "finance" / "loans.csv")}


def test_an_abstract_recipe_is_not_checked_against_plugins(project):
    text = "format: 1\nrecipe: base\nabstract: true\nmodels: {f: {use: nobody.knows}}\n"
    recipe, _ = load_text(text, project=project, env={}, abstract_ok=True)
    assert check(recipe, Plugins({})) == []
