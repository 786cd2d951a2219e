"""Sections of a recipe: what they become, and what is said where they are wrong."""

import pytest
from telling import RIGHT

from sartor.guard.treatments import AuditOnly, Drop
from sartor.recipe import load_text
from sartor.recipe.bars import Gate, Judge
from sartor.recipe.model import ActionStep, FeatureStep, IngestStep, ModelStep, Step
from sartor.recipe.private import Privacy

EVERYTHING = """\
format: 1
recipe: finance/loans
about: Decide on loans.
currency: DM
params: {trees: 400}
seed: 7
ingest:
  loans:
    use: demo.table
    with: {path: loans.csv}
    key: [branch, loan_id]
    time: applied
    roles: {amount: credit_amount}
    known_ahead: [rate]
    units: {credit_amount: DM}
    expected_strong: [grade]
  joined: {use: demo.join, from: loans, key: loan_id}
privacy:
  purpose: credit
  columns: {sex: audit_only, age: drop}
task: {use: demo.risk, with: {outcome: bad}}
split: {hash: 0.3}
features:
  income: {use: demo.income, from: [loans, joined], expected_strong: [ratio]}
  more: {use: demo.more, from: income}
models:
  forest: {use: demo.forest, with: {trees: "${params.trees}"}, prepare: [{use: demo.scale, with: {columns: [a]}}]}
select: {by: brier}
actions:
  decision: {use: demo.decide, with: {margin: 0.1}}
  plan: {use: demo.plan, from: [decision, forest]}
judge: {redraws: 200, confidence: 0.9}
gates:
  - {metric: auc, at_least: 0.7}
  - {metric: slope, between: [0.7, 1.3], model: forest}
  - {metric: value, at_most: 3, action: plan}
"""


def test_every_section_becomes_a_record(project):
    recipe, problems = load_text(EVERYTHING, project=project, env={})
    assert problems == []
    assert (recipe.name, recipe.about, recipe.currency, recipe.seed) == ("finance/loans", "Decide on loans.", "DM", 7)
    assert recipe.params == {"trees": 400}
    assert recipe.ingest == {
        "loans": IngestStep(
            "loans",
            "demo.table",
            {"path": "loans.csv"},
            ("ingest", "loans"),
            key=("branch", "loan_id"),
            time="applied",
            roles={"amount": "credit_amount"},
            known_ahead=("rate",),
            units={"credit_amount": "DM"},
            expected_strong=("grade",),
        ),
        "joined": IngestStep("joined", "demo.join", {}, ("ingest", "joined"), key=("loan_id",), sources=("loans",)),
    }
    assert recipe.privacy == Privacy("credit", {"sex": AuditOnly(), "age": Drop()})
    assert recipe.task == Step("task", "demo.risk", {"outcome": "bad"}, ("task",))
    assert recipe.features == {
        "income": FeatureStep(
            "income", "demo.income", {}, ("features", "income"), ("loans", "joined"), expected_strong=("ratio",)
        ),
        "more": FeatureStep("more", "demo.more", {}, ("features", "more"), ("income",)),
    }
    scale = Step("prepare 1", "demo.scale", {"columns": ["a"]}, ("models", "forest", "prepare", 0))
    assert recipe.models == {
        "forest": ModelStep("forest", "demo.forest", {"trees": 400}, ("models", "forest"), prepare=(scale,))
    }
    assert recipe.select == "brier"
    assert recipe.actions == {
        "decision": ActionStep("decision", "demo.decide", {"margin": 0.1}, ("actions", "decision")),
        "plan": ActionStep("plan", "demo.plan", {}, ("actions", "plan"), ("decision", "forest")),
    }
    assert recipe.judge == Judge(redraws=200, confidence=0.9)
    assert recipe.gates == (
        Gate("auc", 0.7, None, None, None, ("gates", 0)),
        Gate("slope", 0.7, 1.3, "forest", None, ("gates", 1)),
        Gate("value", None, 3.0, None, "plan", ("gates", 2)),
    )
    assert recipe.written == EVERYTHING


def test_a_recipe_may_decide_without_a_model(told):
    assert (
        told(
            "format: 1\nrecipe: factory/lots\ningest: {demand: {use: demo.table}}\n"
            "actions: {lots: {use: demo.lots, from: demand}}\ngates: [{metric: value, at_least: 0, action: lots}]\n"
        )
        == []
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("format: 1\n", "", "1:1 R063 the recipe does not say its format | to mend: begin with the line `format: 1`"),
        (
            "format: 1",
            "format: 2",
            "1:9 R064 format 2 is newer than this sartor, which reads format 1 | to mend: install a newer sartor",
        ),
        ("format: 1", "format: '1'", "1:9 R064 format must be 1, got text '1' | to mend: write `format: 1`"),
        ("format: 1", "format: 0", "1:9 R064 format must be 1, got the number 0 | to mend: write `format: 1`"),
        (
            "recipe: finance/loans\n",
            "",
            (
                "1:1 R061 the recipe does not say its name, 'recipe'"
                " | to mend: write recipe: INDUSTRY/JOB, such as recipe: finance/credit-scoring"
            ),
        ),
        (
            "recipe: finance/loans",
            "recipe: Finance/Credit Scoring",
            (
                "2:9 R070 'Finance/Credit Scoring' cannot name a recipe: lower-case letters, digits, - and _ in parts "
                "separated by / | to mend: write finance/credit-scoring"
            ),
        ),
        (
            "recipe: finance/loans",
            "recipe: ../loans",
            (
                "2:9 R070 '../loans' cannot name a recipe: lower-case letters, digits, - and _ in parts separated by /"
                " | to mend: write loans"
            ),
        ),
        (
            "ingest:\n  loans: {use: demo.table, with: {path: loans.csv}, key: loan_id}\n",
            "",
            (
                "1:1 R065 the recipe reads no table"
                " | to mend: write ingest: {NAME: {use: tables.csv, with: {path: FILE}, key: COLUMN}}"
            ),
        ),
        (
            "ingest:\n  loans: {use: demo.table, with: {path: loans.csv}, key: loan_id}\n",
            "ingest: {}\n",
            (
                "3:1 R065 the recipe reads no table"
                " | to mend: write ingest: {NAME: {use: tables.csv, with: {path: FILE}, key: COLUMN}}"
            ),
        ),
        (
            "models:\n  forest: {use: demo.forest, with: {trees: 400}}\n",
            "",
            (
                "5:1 R066 'models' is missing beside task and split"
                " | to mend: write task, split and models, or none of them"
            ),
        ),
        (
            "task: {use: demo.risk, with: {outcome: bad}}\nsplit: {hash: 0.3}\n",
            "",
            (
                "5:1 R066 'task' and 'split' are missing beside models"
                " | to mend: write task, split and models, or none of them"
            ),
        ),
        (
            "models:\n  forest: {use: demo.forest, with: {trees: 400}}\n",
            "models: {}\n",
            "7:1 R066 models names no model | to mend: write models: {NAME: {use: PLUGIN.NAME}}",
        ),
        ("task: {use", "taks: {use", "5:1 R060 a recipe has no section 'taks' | did you mean: task"),
        (
            "split: {hash: 0.3}\n",
            "split: {hash: 0.3}\ninformation: {public: [a]}\n",
            (
                "7:1 R091 every source is public: there is no advantage to weigh | to mend: say what is ours, private: "
                "{account: [BALANCE], payments: {table: PAYMENTS, price: {per_month: 900}}}, or leave information out"
            ),
        ),
        (
            "{use: demo.forest, with: {trees: 400}}",
            "{with: {trees: 400}}",
            "8:3 R067 model 'forest' does not say what it uses | to mend: name its component: use: PLUGIN.NAME",
        ),
        ("use: demo.forest", "uses: demo.forest", "8:12 R060 'uses' is not a key of a model | did you mean: use"),
        (
            ", with: {trees: 400}",
            ", trees: 400",
            (
                "8:30 R033 'trees' is not a key of a model"
                " | to mend: a setting of the component stands under `with`: {trees: 400}"
            ),
        ),
        (
            ", with: {trees: 400}",
            ", with: {trees: 400}, depth: 3",
            (
                "8:50 R033 'depth' is not a key of a model"
                " | to mend: a setting of the component stands under `with`, beside the others: depth: 3"
            ),
        ),
        ("with: {trees: 400}", "wiht: {trees: 400}", "8:30 R060 'wiht' is not a key of a model | did you mean: with"),
        (
            "forest: {use: demo.forest, with: {trees: 400}}",
            "forest: demo.forest",
            "8:11 R062 forest must be a mapping, got text 'demo.forest' | to mend: write {use: demo.forest}",
        ),
        (
            "models:\n  forest: {use: demo.forest, with: {trees: 400}}\n",
            "models:\n  - {use: demo.forest}\n",
            "8:3 R062 models must be a mapping, got a list | to mend: give each a name: `models: {NAME: {use: ...}}`",
        ),
        (
            "  forest: {use",
            "  my forest: {use",
            (
                "8:3 R070 'my forest' cannot name a model: letters, digits, _ and - only, a letter first"
                " | to mend: write my_forest"
            ),
        ),
        (
            "  forest: {use",
            "  ../up: {use",
            "8:3 R070 '../up' cannot name a model: letters, digits, _ and - only, a letter first | to mend: write up",
        ),
        ("with: {trees: 400}", "with: 400", "8:36 R062 with must be a mapping, got the number 400"),
        ("use: demo.forest", "use: 3", "8:17 R062 use must be a text, got the number 3 | to mend: write '3' in quotes"),
        (
            "key: loan_id",
            "key: 3",
            "4:58 R062 key must be a text or a list of texts, got the number 3 | to mend: write '3' in quotes",
        ),
        ("key: loan_id", "key: [a, a]", "4:62 R069 key lists 'a' twice"),
        (
            "key: loan_id",
            "known_ahead: price",
            "4:66 R062 known_ahead must be a list, got text 'price' | to mend: write [price]",
        ),
        (
            "key: loan_id",
            "roles: [a]",
            "4:60 R062 roles must be a mapping, got a list",
        ),
        (
            "key: loan_id",
            "from: loanz",
            "4:59 R043 no table is called 'loanz' | to mend: take `from` out: there is nothing else",
        ),
        (
            "key: loan_id",
            "from: loans",
            "4:59 R044 'loans' is made from itself | to mend: let one of them come from something else",
        ),
    ],
)
def test_what_is_wrong_in_a_section_is_said_at_its_place(told_of, old, new, expected):
    assert told_of(old, new) == [expected]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("seed: -3", "9:7 R069 seed must be a whole number from 0 to 4,294,967,295, got -3"),
        ("seed: 1.0", "9:7 R062 seed must be a whole number, got the number 1.0 | to mend: write 1"),
        ("seed: '3'", "9:7 R062 seed must be a whole number, got text '3' | to mend: write 3 without quotes"),
        ("seed: true", "9:7 R062 seed must be a whole number, got true"),
        ("about: [a]", "9:8 R062 about must be a text, got a list | to mend: write a"),
        (
            "abstract: 'true'",
            "9:11 R062 abstract must be true or false, got text 'true' | to mend: write true without quotes",
        ),
        ("currency: secret:X", "9:11 R062 currency must be a text, got a secret"),
        ("currency: ''", "9:11 R062 currency must be a text, got an empty one"),
        ("params: [1]", "9:9 R062 params must be a mapping, got a list | to mend: write params: {NAME: value}"),
        (
            "params: {my-margin: 1}",
            (
                "9:10 R070 'my-margin' cannot name a param: letters, digits and _ only, no digit first"
                " | to mend: write my_margin"
            ),
        ),
        (
            "privacy: {columns: [sex]}",
            (
                "9:20 R062 columns must be a mapping, got a list"
                " | to mend: write columns: {COLUMN: drop} or {COLUMN: audit_only}"
            ),
        ),
        ("privacy: {colums: {a: drop}}", "9:11 R060 'colums' is not a key of privacy | did you mean: columns"),
        ("judge: {redraws: 0}", "9:18 R069 redraws must be a whole number from 1 to 1,000,000, got 0"),
        (
            "judge: {confidence: 95}",
            "9:21 R068 confidence must lie strictly between 0 and 1, got 95 | to mend: write 0.95; 95 % is 0.95",
        ),
        ("select: {}", "9:1 R061 select does not say by which metric | to mend: write by: METRIC"),
        ("select: auc", "9:9 R062 select must be a mapping, got text 'auc' | to mend: write select: {by: METRIC}"),
        (
            "gates: {metric: auc}",
            "9:8 R062 gates must be a list, got a mapping | to mend: write gates: [{metric: auc, at_least: 0.7}]",
        ),
        (
            "gates: [{metric: auc}]",
            "9:9 R072 a gate has no bar | to mend: write one of at_least: LOW, at_most: HIGH, between: [LOW, HIGH]",
        ),
        (
            "gates: [{metric: auc, at_least: 1, at_most: 2}]",
            (
                "9:9 R072 a gate has at_least and at_most"
                " | to mend: write one of at_least: LOW, at_most: HIGH, between: [LOW, HIGH]"
            ),
        ),
        ("gates: [{at_least: 0.7}]", "9:9 R061 a gate needs a metric | to mend: write metric: NAME"),
        (
            "gates: [{metric: auc, between: [1, 0]}]",
            "9:32 R072 between must rise, got 1 and then 0 | to mend: write [0, 1]",
        ),
        (
            "gates: [{metric: auc, between: [1]}]",
            "9:32 R072 between must be a list of two numbers | to mend: write between: [0.7, 1.3]",
        ),
        (
            "gates: [{metric: auc, at_least: '0,7'}]",
            "9:33 R062 at_least must be a number, got text '0,7' | to mend: write 0.7",
        ),
        (
            "gates: [{metric: auc, at_least: 0.7, model: forrest}]",
            "9:45 R048 no model is called 'forrest' | did you mean: forest",
        ),
        ("gates: [{metric: value, at_least: 0, action: plan}]", "9:46 R048 no action is called 'plan'"),
        (
            "features: {a: {use: demo.a, from: [loans, income]}}",
            "9:43 R043 no table or feature is called 'income' | there are: loans",
        ),
        (
            "features: {a: {use: demo.a, from: forest}}",
            (
                "9:35 R043 no table or feature is called 'forest'"
                " | there are: table or features only; 'forest' stands under models"
            ),
        ),
        (
            "features: {loans: {use: demo.a}, b: {use: demo.b, from: loans}}",
            "9:57 R045 'loans' is the name of a table and of a feature | to mend: rename one of them",
        ),
        (
            "features: {a: {use: demo.a, from: b}, b: {use: demo.b, from: c}, c: {use: demo.c, from: [loans, a]}}",
            "9:97 R044 steps wait for each other: a -> b -> c -> a | to mend: let one of them come from something else",
        ),
    ],
)
def test_what_is_wrong_in_another_section_is_said_at_its_place(told, section, expected):
    assert told(RIGHT + section + "\n") == [expected]


def test_features_without_a_task_are_an_error(told):
    text = "format: 1\nrecipe: a\ningest: {t: {use: demo.table}}\nfeatures: {f: {use: demo.f}}\n"
    assert told(text) == [
        "4:1 R066 'features' needs a task | to mend: write task, split and models too, or leave it out"
    ]


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file(told):
    text = RIGHT.replace("finance/loans", "Loans").replace("0.3", "30").replace("use: demo.forest", "uses: demo.forest")
    assert [line.split(" ")[:2] for line in told(text + "gates: [{metric: auc}]\nsede: 3\n")] == [
        ["2:9", "R070"],
        ["6:15", "R068"],
        ["8:12", "R060"],
        ["9:9", "R072"],
        ["10:1", "R060"],
    ]


def test_what_was_reported_once_is_not_reported_again_for_what_follows_from_it(told_of):
    assert len(told_of("use: demo.forest", "use: ~")) == 1
    assert len(told_of("trees: 400", 'trees: "${params.nothing}"')) == 1
    assert len(told_of("{hash: 0.3}", "{hash: 1e-1}")) == 1
