"""Slates under the rules of a shop, told by hand."""

import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.context import Context
from sartor.engine import Engine
from sartor.errors import SartorError
from sartor.rows import Table, Training
from sartor_domains.ecommerce.pricing import priced
from sartor_domains.ecommerce.slate import Slate

ITEMS = ["a", "b", "c", "d", "e", "f"]
CATALOGUE = pd.DataFrame(
    {
        "item": ITEMS[:5],  # f is not in the catalogue
        "stock": [3, 0, 5, 1, 9],
        "kind": ["cups", "cups", "cups", "lamps", "lamps"],
        "special": [False, False, False, False, True],
        "margin": [0.5, 0.5, 0.1, 0.4, 0.2],
    }
)
PEOPLE = pd.DataFrame({"user": ["ann", "bob"], "agrees": [True, False]})


def lists(*cells):
    return pd.Series([list(cell) for cell in cells], dtype=object)


@pytest.fixture
def rows():
    """Ann and Bob are offered a to f in this order; Ann bought a three days ago and d long ago."""
    frame = pd.DataFrame({"__row": ["ann|1", "bob|1"], "user": ["ann", "bob"], "newcomer": [False, False]})
    X = pd.DataFrame(
        {
            "history_items": lists(["d", "a"], ["c"]),
            "history_days": lists([90.0, 3.0], [5.0]),
            "history_events": lists(["purchase", "purchase"], ["view"]),
        }
    )
    y = pd.DataFrame({"items": lists(["c", "e"], ["a"]), "amounts": lists([10.0, 7.0], [20.0])})
    return Training(frame, X, "slate", y=y)


@pytest.fixture
def predictions():
    return pd.DataFrame({"items": lists(ITEMS, ITEMS), "scores": lists(range(6, 0, -1), range(6, 0, -1))})


@pytest.fixture
def context():
    with Engine(1) as engine:
        tables = {
            "items": Table("items", engine.frame(CATALOGUE), key=("item",), roles={"item": "item"}),
            "people": Table("people", engine.frame(PEOPLE), key=("user",), roles={"user": "user"}),
        }
        yield Context(step="actions.slate", tables=tables, currency="EUR")


def slates(action, predictions, rows, context):
    return [list(items) for items in action.decide(predictions, rows.without_truth(), context)["slate"]]


def action(**settings):
    return Slate(catalogue="items", customers="people", **settings)


def test_without_rules_the_best_are_shown(predictions, rows, context):
    assert slates(Slate(length=3), predictions, rows, context) == [["a", "b", "c"]] * 2


def test_what_is_sold_out_or_unknown_to_the_catalogue_is_not_shown(predictions, rows, context):
    shown = slates(action(length=6, in_stock="stock"), predictions, rows, context)
    assert shown == [["a", "c", "d", "e"]] * 2


def test_what_was_bought_of_late_is_not_shown_and_what_was_viewed_is(predictions, rows, context):
    shown = slates(action(length=3, not_bought_within="7 days"), predictions, rows, context)
    assert shown == [["b", "c", "d"], ["a", "b", "c"]]


def test_of_a_category_there_are_no_more_than_the_cap(predictions, rows, context):
    shown = slates(action(length=3, category="kind", most_of_category=1), predictions, rows, context)
    assert shown == [["a", "d", "f"]] * 2


def test_the_last_place_is_kept_for_what_is_promoted(predictions, rows, context):
    shown = slates(action(length=3, promoted="special", promoted_share=0.3), predictions, rows, context)
    assert shown == [["a", "b", "e"]] * 2


def test_no_place_is_kept_where_nothing_promoted_may_be_shown(predictions, rows, context):
    CATALOGUE_WITHOUT = CATALOGUE.assign(special=False)
    with Engine(1) as engine:
        tables = {"items": Table("items", engine.frame(CATALOGUE_WITHOUT), roles={"item": "item"})}
        slate = Slate(length=3, catalogue="items", promoted="special", promoted_share=0.3)
        assert slates(slate, predictions, rows, Context(tables=tables)) == [["a", "b", "c"]] * 2


def test_who_did_not_agree_is_shown_nothing_and_the_decision_says_so(predictions, rows, context):
    decided = action(length=2, consent="agrees").decide(predictions, rows.without_truth(), context)
    assert decided["decision"].tolist() == ["show", "no consent"]
    assert list(decided["slate"][1]) == []


def test_who_is_not_in_the_table_has_not_agreed(predictions, rows, context):
    with Engine(1) as engine:
        people = Table("people", engine.frame(PEOPLE.iloc[1:]), roles={"user": "user"})
        slate = Slate(customers="people", consent="agrees")
        decided = slate.decide(predictions, rows.without_truth(), Context(tables={"people": people}))
    assert decided["decision"].tolist() == ["no consent", "no consent"]


def test_what_earns_too_little_is_not_shown_and_money_is_margin(predictions, rows, context):
    slate = action(length=4, margin="margin", least_margin=0.2)
    decided = slate.decide(predictions, rows.without_truth(), context)
    assert [list(items) for items in decided["slate"]] == [["a", "b", "d", "e"]] * 2
    # Ann paid 7 for e, which earns a fifth; Bob 20 for a, which earns half.
    assert slate.value(decided, rows).tolist() == pytest.approx([1.4, 10.0])


def test_a_slate_is_worth_what_was_paid_for_what_stood_on_it(predictions, rows, context):
    slate = Slate(length=3)
    decided = slate.decide(predictions, rows.without_truth(), context)
    assert slate.value(decided, rows).tolist() == [10.0, 20.0]


def test_a_slate_that_rules_leave_short_is_told(predictions, rows, context):
    decided = action(length=6, in_stock="stock").decide(predictions, rows.without_truth(), context)
    assert decided["decision"].tolist() == ["show fewer", "show fewer"]
    assert action(length=6).headline(decided) == "Show 2 of 2 customers 6 items each, 2 of them fewer."


def test_where_the_model_names_nothing_no_rule_is_blamed(predictions, rows, context):
    empty = predictions.copy()
    for name in empty.columns:
        empty[name] = lists(*[[] for _ in range(len(empty))])
    decided = action().decide(empty, rows.without_truth(), context)
    assert decided["decision"].tolist() == ["no candidate"] * 2
    headline = action().headline(decided)
    assert "the rules leave nothing" not in headline
    assert headline.endswith("for 2 the model names no item of what the task's targets ask for.")


def test_each_item_has_its_reason(predictions, rows, context):
    decided = action(length=6, promoted="special", promoted_share=0.1).decide(
        predictions, rows.without_truth(), context
    )
    assert dict(zip(decided["slate"][0], decided["reasons"][0], strict=True)) == {
        "a": "bought before", "b": "suits what was bought", "c": "suits what was bought", "d": "bought before",
        "e": "promoted", "f": "suits what was bought",
    }  # fmt: skip


def test_the_price_of_a_rule_is_what_slates_without_it_were_worth_more(predictions, rows, context):
    """With one item a slate: the cap of late purchases takes a from Ann, who buys c and e; stock costs nobody."""
    from dataclasses import replace

    slate = action(length=3, in_stock="stock", category="kind", most_of_category=1)
    prices, ours = priced(slate, rows, replace(context, predictions=predictions))
    told = {price.rule: (price.changed, price.money.value) for price in prices}
    # Under both rules: a, d. Without the cap: a, c, d, worth 10 more to Ann. Without stock: a, d, f.
    assert ours.money.tolist() == [0.0, 20.0]
    assert told == {"in stock": (2, 0.0), "category cap": (2, 10.0), "all rules": (2, 10.0)}


def test_a_table_that_the_action_is_not_handed_is_named(predictions, rows):
    with pytest.raises(
        SartorError, match=r"actions\.slate: its catalogue is the table 'items', which it is not handed"
    ) as c:
        action(in_stock="stock").decide(predictions, rows.without_truth(), Context(step="actions.slate"))
    assert c.value.problems[0].hints == (("to mend", "name it under from: from: [items]"),)


def test_a_column_that_the_catalogue_does_not_have_is_named_with_the_nearest(predictions, rows, context):
    with pytest.raises(SartorError, match=r"table items has no column 'stok'") as caught:
        action(in_stock="stok").decide(predictions, rows.without_truth(), context)
    assert caught.value.problems[0].hints[0] == ("did you mean", "stock")


def test_an_item_with_two_lines_is_refused_where_no_time_says_which_holds(predictions, rows):
    with Engine(1) as engine:
        twice = pd.concat([CATALOGUE, CATALOGUE.iloc[:1]])
        tables = {"items": Table("items", engine.frame(twice), roles={"item": "item"})}
        message = r"table items has 1 items more than once, and it is not said which line holds"
        with pytest.raises(SartorError, match=message) as caught:
            action(in_stock="stock").decide(predictions, rows.without_truth(), Context(tables=tables))
    assert caught.value.problems[0].code == "D308"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"catalogue": "items", "category": "kind"}, "category and most_of_category go together"),
        ({"catalogue": "items", "promoted_share": 0.2}, "promoted and promoted_share go together"),
        ({"in_stock": "stock"}, "in_stock is a column of the catalogue, and no catalogue is named"),
        ({"consent": "agrees"}, "consent is a column of the customers, and their table is not named"),
        ({"catalogue": "items", "least_margin": 0.2}, "least_margin needs the margins: no column is named"),
    ],
    ids=lambda value: "",
)
def test_half_a_rule_is_refused(settings, message):
    with pytest.raises((ValidationError, SartorError), match=message):
        Slate(**settings)
