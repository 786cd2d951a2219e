"""``deliver``: what a recipe may say of deliveries, and what `check` finds before a row is read."""

import demo_components
import pytest
from telling import RIGHT, lines

from sartor.durations import Duration
from sartor.plugins import Plugins
from sartor.recipe import load_text
from sartor.recipe.checking import check
from sartor.recipe.model import DeliverStep

DECIDE = RIGHT + "actions:\n  decision: {use: demo.decide}\n"
DELIVER = DECIDE + "deliver:\n  out: {use: demo.write, with: {path: out.csv}}\n"
TWO = DECIDE.replace("demo.decide}", "demo.decide}\n  plan: {use: demo.decide}")


@pytest.fixture
def checked(project):
    (project.root / "loans.csv").write_text("loan_id,amount,bad\n", encoding="utf-8")
    plugins = Plugins({"demo": demo_components})

    def tell(text):
        recipe, problems = load_text(text, folder=project.root, project=project, env={})
        assert lines(problems) == []
        return lines(check(recipe, plugins, project.root))

    return tell


def test_a_delivery_becomes_a_record_with_the_only_action_as_its_source(project):
    recipe, problems = load_text(DELIVER, project=project, env={})
    assert problems == []
    assert recipe.deliver == {
        "out": DeliverStep("out", "demo.write", {"path": "out.csv"}, ("deliver", "out"), source="decision")
    }


def test_a_delivery_names_its_action_where_there_are_several(project):
    named = TWO + "deliver: {out: {use: demo.write, from: plan, with: {path: x}}}\n"
    recipe, problems = load_text(named, project=project, env={})
    assert problems == []
    assert recipe.deliver["out"].source == "plan"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            TWO + "deliver: {out: {use: demo.write, with: {path: x}}}\n",
            (
                "12:11 R061 delivery 'out' does not say what it delivers: there are 2 actions"
                " | to mend: write from: decision or plan"
            ),
        ),
        (
            DECIDE + "deliver: {out: {use: demo.write, from: forest, with: {path: x}}}\n",
            "11:40 R043 no action is called 'forest' | there are: actions only; 'forest' stands under models",
        ),
        (
            DECIDE + "deliver: {out: {use: demo.write, from: decisoin, with: {path: x}}}\n",
            "11:40 R043 no action is called 'decisoin' | did you mean: decision",
        ),
        (
            DECIDE + "deliver: {out: {use: demo.write, from: [decision], with: {path: x}}}\n",
            "11:40 R062 from must be a text, got a list | to mend: write decision",
        ),
        (
            RIGHT + "deliver: {out: {use: demo.write, with: {path: x}}}\n",
            "9:1 R066 'deliver' needs an action | to mend: write actions too, or leave it out",
        ),
        (
            DECIDE + "deliver: {out: {with: {path: x}}}\n",
            "11:11 R067 delivery 'out' does not say what it uses | to mend: name its component: use: PLUGIN.NAME",
        ),
        (
            DECIDE + "deliver: {out: {use: demo.write, path: x}}\n",
            (
                "11:34 R033 'path' is not a key of a delivery"
                " | to mend: a setting of the component stands under `with`: {path: x}"
            ),
        ),
        (
            DECIDE + "deliver: {1st: {use: demo.write, with: {path: x}}}\n",
            (
                "11:11 R070 '1st' cannot name a delivery: letters, digits, _ and - only, a letter first"
                " | to mend: write delivery_1st"
            ),
        ),
        (
            DECIDE + "deliver: [demo.write]\n",
            (
                "11:10 R062 deliver must be a mapping, got a list"
                " | to mend: give each a name: `deliver: {NAME: {use: ...}}`"
            ),
        ),
    ],
)
def test_what_is_wrong_with_a_delivery_is_said_at_its_place(told, text, expected):
    assert told(text) == [expected]


def test_a_base_may_leave_open_what_is_delivered(told):
    base = TWO.replace("recipe: finance/loans\n", "recipe: finance/loans\nabstract: true\n")
    (only,) = told(base + "deliver: {out: {use: demo.write}}\n")
    assert only.startswith("3:1 R053 finance/loans is only a base for others")


@pytest.mark.parametrize(
    ("fresh", "expected"),
    [
        ("1", "4:74 R075 fresh must be a length of time in words, got the number 1 | to mend: write 1 days"),
        ("0 days", "4:74 R075 fresh must be longer than nothing"),
    ],
)
def test_how_fresh_a_table_must_be_is_a_length_of_time(told_of, fresh, expected):
    assert told_of("key: loan_id", f"key: loan_id, fresh: {fresh}") == [expected]


def test_how_fresh_a_table_must_be_becomes_part_of_its_record(project):
    recipe, problems = load_text(RIGHT.replace("key:", "fresh: 1 day, key:"), project=project, env={})
    assert problems == []
    assert recipe.ingest["loans"].fresh == Duration(1, "day")


def test_nothing_is_wrong_with_a_delivery_that_fits_its_sink(checked):
    assert checked(DELIVER) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            DECIDE + "deliver: {out: {use: demo.decide}}\n",
            "11:22 R023 'demo.decide' is an action; deliver takes a sink | to see all: sartor list sinks",
        ),
        (
            DELIVER.replace("demo.write", "demo.wirte"),
            "12:14 R021 no sink is called 'demo.wirte' | did you mean: demo.write | to see all: sartor list sinks",
        ),
        (
            DELIVER.replace("path: out.csv", "path: out.csv, columns: [loan_id, decison]"),
            "12:67 R041 the decisions of decision have no column 'decison' | nearest: decision, in decision",
        ),
        (
            DELIVER + "  again: {use: demo.write, with: {path: out.csv}}\n",
            (
                "13:3 R083 deliveries 'out' and 'again' write to one place, out.csv"
                " | to mend: give each a place of its own: the second would overwrite the first"
            ),
        ),
        (
            DELIVER.replace("out.csv", "fails"),
            (
                "12:14 X020 finance/loans: step deliver.out: 'demo.write' failed in check_target: ZeroDivisionError: "
                "division by zero | to mend: tell its authors; sartor plugins show demo | to see all: add --traceback"
            ),
        ),
        (
            DELIVER.replace("out.csv", "loans.csv"),
            "12:14 D001 loans.csv is there, ('loan_id', 'decision', 'reasons') were to be written",
        ),
    ],
)
def test_what_a_sink_cannot_do_is_found_before_a_row_is_read(checked, text, expected):
    assert checked(text) == [expected]


def test_a_sink_may_name_the_key_and_every_column_of_the_decisions(checked):
    assert checked(DELIVER.replace("out.csv", "out.csv, columns: [loan_id, decision, reasons, row]")) == []


def test_columns_of_an_action_that_tells_none_are_left_unchecked(checked):
    text = DELIVER.replace("demo.decide", "demo.order").replace("out.csv", "out.csv, columns: [whatever]")
    (only,) = checked(text)
    assert only.startswith("10:19 R025 'demo.order' decides on a number")
