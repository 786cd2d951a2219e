"""Rows of classification and regression: labels in every type and state, keys, moments, weights; every refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.engine import Engine
from sartor.errors import InputError, SettingError
from sartor.rows import Origins, Rows, Table, Tables
from sartor_plugins.learn.tasks import Classification, Regression, rows_of_classification, rows_of_regression

Make = Callable[..., Table]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


@pytest.fixture
def table(engine: Engine) -> Make:
    """Return a function that makes a table with the key ``id`` from columns."""

    def make(key: tuple[str, ...] = ("id",), **columns: Any) -> Table:
        length = len(next(iter(columns.values())))
        data = pd.DataFrame({"id": [f"row {n}" for n in range(length)], **columns})
        return Table("loans", engine.frame(data), key=key)

    return make


def collected(rows: Rows) -> dict[str, list[Any]]:
    data = rows.frame.collect().to_pandas()
    return {name: [None if pd.isna(value) else value for value in data[name]] for name in data}


def targets(rows: Rows) -> list[Any]:
    return collected(rows)["__target"]


# Labels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "classes", "found"),
    [
        (["no", "yes", None], ("no", "yes"), ["no", "yes", None]),
        (["Y", "N", " Y "], ("N", "Y"), ["Y", "N", "Y"]),
        ([0, 1, 1], ("0", "1"), ["0", "1", "1"]),
        ([0.0, 1.0, np.nan], ("0", "1"), ["0", "1", None]),
        ([Decimal("0.00"), Decimal("1.00"), None], ("0", "1"), ["0", "1", None]),
        ([-1, 1, 1], ("-1", "1"), ["-1", "1", "1"]),
        ([True, False, None], ("false", "true"), ["true", "false", None]),
        (["1", "0", ""], ("0", "1"), ["1", "0", None]),
    ],
)
def test_the_event_of_a_plain_pair_needs_no_name(labels, classes, found, table: Make):
    rows = rows_of_classification(table(y=labels), "y")
    assert rows.classes == classes
    assert targets(rows) == found
    assert rows.truth == ("y",)
    assert rows.own == "loans"
    assert rows.keys == ("id",)


def test_a_pair_that_is_not_plain_must_say_which_is_the_event(table: Make):
    with pytest.raises(InputError) as refused:
        rows_of_classification(table(y=["good", "good", "bad"]), "y")
    assert str(refused.value).splitlines() == [
        "the outcome 'y' of table loans holds 'good' (2), 'bad' (1), and nothing says which of them is the event  D072",
        "  to mend: name it: positive: bad; the probability of 'bad' is then told",
    ]


@pytest.mark.parametrize("positive", [1, 1.0, "1"])
@pytest.mark.parametrize("labels", [[2, 1, 1], [2.0, 1.0, 1.0], ["2", "1", "1"]])
def test_labels_compare_as_text(positive, labels, table: Make):
    rows = rows_of_classification(table(y=labels), "y", positive)
    assert rows.classes == ("2", "1")
    assert targets(rows) == ["2", "1", "1"]


def test_three_labels_are_classes_in_their_order(table: Make):
    assert rows_of_classification(table(y=[10, 9, 2, 9]), "y").classes == ("2", "9", "10")
    assert rows_of_classification(table(y=["c", "a", "b", "a"]), "y").classes == ("a", "b", "c")


def test_a_third_label_beside_a_positive_one_is_refused_with_counts(table: Make):
    with pytest.raises(InputError) as refused:
        rows_of_classification(table(y=["ok", "ok", "bad", "open"]), "y", "bad")
    assert str(refused.value).splitlines() == [
        "the outcome 'y' of table loans holds 'ok' (2), 'bad' (1), 'open' (1); 'bad' and one other are expected  D071",
        "  to mend: where 'open' means that the outcome is not known: set_aside: [open]",
        "  or: leave out positive to tell all of them apart",
    ]
    with pytest.raises(InputError, match=r"'bad' and 'good' are declared  D071"):
        rows_of_classification(table(y=["good", "bad", "open"]), "y", "bad", "good")


def test_labels_that_are_set_aside_are_rows_without_truth(table: Make):
    rows = rows_of_classification(table(y=["good", "bad", "open", None]), "y", "bad", set_aside=["open"])
    assert targets(rows) == ["good", "bad", None, None]


def test_a_positive_label_that_never_comes_is_refused_with_the_nearest(table: Make):
    with pytest.raises(InputError) as refused:
        rows_of_classification(table(y=["good", "bad", "open"]), "y", "Bad")
    assert str(refused.value).splitlines() == [
        "the outcome 'y' of table loans never holds 'Bad'; it holds 'bad' (1), 'good' (1), 'open' (1)  D073",
        "  did you mean: bad",
    ]


def test_a_label_set_aside_that_never_comes_is_refused_among_many_classes(table: Make):
    # It may be a class that was misspelt; beside a positive label a third one would be refused anyhow.
    with pytest.raises(InputError, match="never holds 'opne'"):
        rows_of_classification(table(y=["a", "b", "open"]), "y", set_aside=["opne"])
    assert rows_of_classification(table(y=["a", "b"]), "y", "b", set_aside=["open"]).classes == ("a", "b")


def test_one_class_only_is_refused(table: Make):
    with pytest.raises(InputError, match=r"has one class only: 'good' in all 3 lines that have one  D070"):
        rows_of_classification(table(y=["good", "good", None, "good"]), "y", "bad")


def test_no_label_at_all_is_refused(table: Make):
    with pytest.raises(InputError, match=r"no line of table loans has a label in 'y': .*  D075"):
        rows_of_classification(table(y=[None, "", " "]), "y")


def test_a_column_of_numbers_is_no_class(table: Make):
    with pytest.raises(InputError) as refused:
        rows_of_classification(table(y=list(np.arange(500) / 7)), "y")
    assert "has more than 100 different values: they are no classes  D074" in str(refused.value)
    assert "use: learn.regression" in str(refused.value)


def test_a_label_that_yaml_would_misread_is_quoted_in_the_advice(table: Make):
    with pytest.raises(InputError, match=r'name it: positive: "7"'):
        rows_of_classification(table(y=[5, 5, 7]), "y")


# Keys and marks -------------------------------------------------------------------------------------------------


def test_several_key_columns_become_one_name_that_no_other_key_has(table: Make):
    rows = rows_of_classification(table(key=("a", "b"), a=["x|y", "x"], b=["z", "y|z"], y=[0, 1]), "y")
    found = collected(rows)
    assert found["__row"] == ["x\\|y|z", "x|y\\|z"]
    assert found["a"] == ["x|y", "x"]
    assert rows.keys == ("a", "b")


def test_a_single_key_names_the_row_as_it_is(engine: Engine):
    data = engine.frame(pd.DataFrame({"id": [7, 9], "y": [0, 1]}))
    assert collected(rows_of_classification(Table("loans", data, key=("id",)), "y"))["__row"] == [7, 9]


def test_a_table_without_a_key_is_refused(table: Make):
    with pytest.raises(InputError, match=r"table loans has no key, and every row needs a name of its own  D079"):
        rows_of_classification(table(key=(), y=[0, 1]), "y")


def test_moments_groups_and_weights_come_with_the_rows_and_are_no_features(table: Make):
    days = pd.to_datetime(["2020-01-01", "2020-01-02", None, "2020-01-04"])
    known = pd.to_datetime(["2020-02-01", None, "2020-02-03", "2020-02-04"])
    columns = {"customer": ["p", "p", "q", "q"], "worth": [1, 2, 3, 4], "note": [""] * 4}
    rows = rows_of_classification(
        table(y=[0, 1, 1, 1], asked=days, paid=known, **columns),
        "y",
        as_of="asked",
        known_at="paid",
        group="customer",
        weight="worth",
        never=["note"],
    )
    found = collected(rows)
    assert list(found) == ["__row", "id", "__target", "__as_of", "__known_at", "__group", "__weight"]
    # The second truth is not known yet, and the third row cannot be dated: rows without truth.
    assert found["__target"] == ["0", None, None, "1"]
    assert found["__group"] == ["p", "p", "q", "q"]
    assert found["__weight"] == [1.0, 2.0, 3.0, 4.0]
    assert found["__as_of"][0] == pd.Timestamp("2020-01-01")
    assert rows.truth == ("y", "paid")
    assert rows.never == ("note", "asked", "customer", "worth")


@pytest.mark.parametrize(
    ("columns", "marks", "message"),
    [
        (
            {"asked": ["2020", "2021"]},
            {"as_of": "asked"},
            r"column 'asked' of table loans is to be a moment and is text  D077",
        ),
        (
            {"asked": pd.to_datetime(["2020-01-02"] * 2), "paid": pd.to_datetime(["2020-01-01", "2020-01-03"])},
            {"as_of": "asked", "known_at": "paid"},
            r"in 1 line of table loans the truth is known \('paid'\) before it is asked for \('asked'\)  D077",
        ),
        (
            {"worth": [1.0, -1.0]},
            {"weight": "worth"},
            r"the weight 'worth' .* missing, negative or infinite in 1 line  D078",
        ),
        (
            {"worth": ["a", "b"]},
            {"weight": "worth"},
            r"column 'worth' of table loans is to be a weight and is text  D078",
        ),
        (
            {"customer": ["p", None]},
            {"group": "customer"},
            r"the group 'customer' of table loans is missing in 1 line  D083",
        ),
        ({}, {"group": "custmer"}, r"table loans has no column 'custmer'  R041"),
        ({}, {"never": ["notes"]}, r"table loans has no column 'notes'  R041"),
    ],
)
def test_marks_that_cannot_be_right_are_refused(columns, marks, message, table: Make):
    with pytest.raises(InputError, match=message):
        rows_of_classification(table(y=[0, 1], **columns), "y", **marks)
    with pytest.raises(InputError, match=message):
        rows_of_regression(table(y=[0.5, 1.5], **columns), "y", **marks)


def test_an_outcome_that_is_no_column_is_refused_with_the_nearest(table: Make):
    with pytest.raises(InputError, match=r"table loans has no column 'outcom'  R041\n  did you mean: outcome"):
        rows_of_classification(table(outcome=[0, 1]), "outcom")


# Numbers --------------------------------------------------------------------------------------------------------


def test_a_regression_takes_every_kind_of_number(table: Make):
    for numbers in ([1, 2, 3], [1.0, 2.0, 3.0], [Decimal("1.00"), Decimal("2.00"), Decimal("3.00")]):
        rows = rows_of_regression(table(y=numbers), "y")
        assert rows.classes == ()
        assert targets(rows) == [1.0, 2.0, 3.0]


def test_numbers_that_are_missing_or_infinite_are_rows_without_truth(table: Make):
    assert targets(rows_of_regression(table(y=[1.0, np.nan, np.inf, 2.0]), "y")) == [1.0, None, None, 2.0]


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        (["1", "2"], r"the outcome 'y' of table loans is text, and a regression asks for a number  D076"),
        ([True, False], r"the outcome 'y' of table loans is true or false, and a regression .*  D076"),
        ([np.nan, np.nan], r"no line of table loans has a number in 'y': there is nothing to learn from  D075"),
        ([3.0, 3.0], r"the outcome 'y' of table loans is 3 in all 2 lines that have one  D070"),
    ],
)
def test_outcomes_that_no_regression_can_learn_are_refused(numbers, message, table: Make):
    with pytest.raises(InputError, match=message):
        rows_of_regression(table(y=numbers), "y")


# Tasks ----------------------------------------------------------------------------------------------------------


def test_the_task_makes_rows_of_the_one_table_or_of_the_one_it_names(table: Make):
    loans = table(y=[0, 1])
    task = Classification(outcome="y")
    assert task.rows(Tables({"loans": loans}), Origins()).classes == ("0", "1")
    several = Tables({"loans": loans, "people": loans})
    with pytest.raises(SettingError, match="works on one table and there are 2: loans, people"):
        task.rows(several, Origins())
    assert Classification(outcome="y", table="people").rows(several, Origins()).own == "loans"


def test_known_at_without_as_of_is_refused():
    with pytest.raises(ValidationError, match="known_at says when the truth is known, and as_of is missing"):
        Regression(outcome="y", known_at="paid")


def test_trivial_answers_and_metrics_are_known_without_data():
    assert list(Classification(outcome="y").trivial()) == ["base rate"]
    assert list(Regression(outcome="y").trivial()) == ["mean", "median"]
    names = [metric.name for metric in Classification(outcome="y").metrics()]
    assert names[0] == "auc"
    assert len(set(names)) == len(names)
    assert {"log_loss", "brier", "accuracy", "macro_f1", "calibration_slope", "lift_at_10_percent"} <= set(names)
    with_quantile = [metric.name for metric in Regression(outcome="y", quantiles=[0.9]).metrics()]
    assert with_quantile == ["rmse", "mae", "r2", "bias", "pinball_90_percent"]
