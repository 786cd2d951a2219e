"""Default risk: good and bad loans become rows, and what is neither is set aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.context import telling
from sartor.errors import InputError
from sartor.rows import AS_OF, GROUP, KNOWN_AT, ROW, TARGET, WEIGHT, Origins
from sartor.testing import TaskTests, make_context, make_table, make_tables
from sartor_domains.finance.default_risk import DefaultRisk


@pytest.fixture
def context(tmp_path):
    return make_context(tmp_path)


def made(context, columns, **settings):
    frame = pd.DataFrame(columns)
    frame.insert(0, "loan", range(len(frame)))
    tables = make_tables([make_table("loans", frame, context, key=["loan"])], context)
    rows = DefaultRisk.model_validate({"outcome": "outcome", "bad": "bad", **settings}).rows(tables, Origins())
    return rows, rows.frame.collect().to_pandas().sort_values(ROW).reset_index(drop=True)


def test_the_bad_label_is_the_one_whose_chance_is_told(context):
    rows, frame = made(context, {"outcome": ["good", "bad", "good"]})
    assert rows.classes == ("good", "bad")
    assert frame[TARGET].tolist() == ["good", "bad", "good"]
    assert (rows.keys, rows.own, rows.truth) == (("loan",), "loans", ("outcome",))


def test_labels_compare_as_text(context):
    rows, frame = made(context, {"outcome": [0, 1, 1]}, bad=1, good=0)
    assert rows.classes == ("0", "1")
    assert frame[TARGET].tolist() == ["0", "1", "1"]
    assert made(context, {"outcome": [0.0, 1.0]}, bad=1)[0].classes == ("0", "1")
    assert made(context, {"outcome": ["0", "1"]}, bad=1)[0].classes == ("0", "1")


def test_indeterminate_and_unknown_outcomes_are_rows_without_truth(context):
    _, frame = made(context, {"outcome": ["good", "bad", "in dispute", None]}, indeterminate=["in dispute"])
    assert frame[TARGET].isna().tolist() == [False, False, True, True]
    assert len(frame) == 4


def test_an_unexpected_label_is_named_with_how_to_set_it_aside(context):
    with pytest.raises(InputError, match=r"'good' \(2\), 'bad' \(1\), 'unknown' \(1\)") as caught:
        made(context, {"outcome": ["good", "good", "bad", "unknown"]}, good="good")
    (problem,) = caught.value.problems
    assert problem.hints == (
        ("to mend", "where 'unknown' means that the outcome is not known: indeterminate: [unknown]"),
    )


def test_a_bad_label_that_never_occurs_is_named_with_the_nearest_one(context):
    with pytest.raises(InputError, match=r"never holds 'default'; it holds 'defaulted' \(1\), 'good' \(1\)") as caught:
        made(context, {"outcome": ["good", "defaulted"]}, bad="default")
    assert ("did you mean", "defaulted") in caught.value.problems[0].hints


def test_one_label_cannot_be_bad_and_indeterminate(context):
    with pytest.raises(InputError, match="'bad' cannot be bad and something else at once"):
        made(context, {"outcome": ["good", "bad", "late"]}, indeterminate=["bad"])


def test_loans_that_all_turned_out_alike_are_refused(context):
    with pytest.raises(InputError, match="has one class only: 'bad' in all 2 lines"):
        made(context, {"outcome": ["bad", "bad"]})


def test_the_outcome_is_known_a_performance_window_after_the_application(context):
    dates = [datetime(2023, 1, 31), datetime(2024, 2, 29)]
    rows, frame = made(
        context,
        {"outcome": ["good", "bad"], "day": dates},
        application_date="day",
        performance_window="1 month",
    )
    assert frame[AS_OF].tolist() == [pd.Timestamp(date) for date in dates]
    assert frame[KNOWN_AT].tolist() == [pd.Timestamp(2023, 2, 28), pd.Timestamp(2024, 3, 29)]
    assert "day" in rows.never


@pytest.mark.parametrize(
    ("window", "known_at"),
    [("2 weeks", "2023-01-29"), ("30 days", "2023-02-14"), ("1 year", "2024-01-15"), ("36 hours", "2023-01-16 12:00")],
)
def test_windows_are_words(context, window, known_at):
    dates = [datetime(2023, 1, 15)] * 2
    _, frame = made(
        context, {"outcome": ["good", "bad"], "day": dates}, application_date="day", performance_window=window
    )
    assert frame[KNOWN_AT][0] == pd.Timestamp(known_at)


def test_plain_dates_become_moments(context):
    dates = [datetime(2023, 1, 15).date(), datetime(2023, 1, 16).date()]
    _, frame = made(
        context, {"outcome": ["good", "bad"], "day": dates}, application_date="day", performance_window="12 months"
    )
    assert frame[KNOWN_AT].tolist() == [pd.Timestamp(2024, 1, 15), pd.Timestamp(2024, 1, 16)]


def test_a_column_can_say_when_the_outcome_was_known_and_is_hidden_then(context):
    columns = {"outcome": ["good", "bad"], "day": [datetime(2023, 1, 1)] * 2, "seen": [datetime(2023, 5, 1)] * 2}
    rows, frame = made(context, columns, application_date="day", outcome_date="seen")
    assert frame[KNOWN_AT].tolist() == [pd.Timestamp(2023, 5, 1)] * 2
    assert rows.truth == ("outcome", "seen")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"performance_window": "1 year"}, "performance_window says when the outcome is known, and application_date"),
        ({"application_date": "day"}, "it is not said when the outcome of a loan is known"),
        (
            {"application_date": "day", "performance_window": "1 year", "outcome_date": "seen"},
            "performance_window and outcome_date both say when the outcome is known",
        ),
        ({"months_on_book": "mob"}, "months_on_book and matures_after go together"),
        ({"matures_after": 12}, "months_on_book and matures_after go together"),
        ({"months_on_book": "mob", "matures_after": 0}, "matures_after"),
        ({"never": ["outcome"]}, "never names 'outcome', the outcome"),
        ({"performance_window": 12}, "must be a length of time in words, got 12"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        DefaultRisk.model_validate({"outcome": "outcome", "bad": "bad", **settings})


class TestLoansThatAreTooYoung:
    LOANS: ClassVar = {
        "outcome": ["good", "bad", "good", "bad", "good", "bad"],
        "mob": [12, 12, 11, 3, None, 40],
    }

    def test_neither_teach_nor_judge_bad_ones_no_more_than_good_ones(self, context):
        heard = []
        with telling(lambda text, *, caution: heard.append((text, caution))):
            rows, frame = made(context, self.LOANS, months_on_book="mob", matures_after=12)
        assert frame[TARGET].isna().tolist() == [False, False, True, True, True, False]
        assert rows.truth == ("outcome", "mob")
        assert heard == [
            ("3 of 6 loans have been on the book for less than 12 months: they neither teach nor judge", False)
        ]

    def test_are_fine_on_new_data_which_has_no_months_yet(self, context):
        frame = pd.DataFrame({"loan": [1], "outcome": [None], "mob": [None]})
        table = replace(make_table("loans", frame, context, key=["loan"]), unanswered=True)
        settings = {"outcome": "outcome", "bad": "bad", "months_on_book": "mob", "matures_after": 12}
        rows = DefaultRisk.model_validate(settings).rows(make_tables([table], context), Origins())
        assert rows.frame.collect().to_pandas()[TARGET].isna().all()

    def test_all_of_them_are_refused(self, context):
        with pytest.raises(InputError, match="none of 6 loans of loans has been on the book for 50 months"):
            made(context, self.LOANS, months_on_book="mob", matures_after=50)

    def test_months_that_are_text_are_refused(self, context):
        with pytest.raises(InputError, match="column 'mob' of loans is to be months on book and holds no numbers"):
            made(context, {**self.LOANS, "mob": ["a"] * 6}, months_on_book="mob", matures_after=12)

    def test_a_column_that_is_not_there_is_named(self, context):
        with pytest.raises(InputError, match="table loans has no column 'moob'") as caught:
            made(context, self.LOANS, months_on_book="moob", matures_after=12)
        assert ("did you mean", "mob") in caught.value.problems[0].hints


def test_loans_of_one_customer_are_redrawn_together_and_loans_may_weigh(context):
    columns = {"outcome": ["good", "bad"], "customer": ["a", "a"], "times": [0.0, 2.5]}
    rows, frame = made(context, columns, group="customer", weight="times")
    assert frame[GROUP].tolist() == ["a", "a"]
    assert frame[WEIGHT].tolist() == [0.0, 2.5]
    assert {"customer", "times"} <= set(rows.never)


def test_a_weight_below_zero_is_refused(context):
    with pytest.raises(
        InputError, match="the weight 'times' of table loans is missing, negative or infinite in 1 line"
    ):
        made(context, {"outcome": ["good", "bad"], "times": [1.0, -1.0]}, weight="times")


def test_a_date_that_is_text_is_refused(context):
    with pytest.raises(InputError, match="column 'day' of table loans is to be a moment and is text"):
        made(
            context,
            {"outcome": ["good", "bad"], "day": ["01.02.2023", "03.02.2023"]},
            application_date="day",
            performance_window="1 year",
        )


def test_models_are_compared_by_auc_and_held_against_the_base_rate():
    task = DefaultRisk(outcome="outcome", bad="bad")
    assert task.metrics()[0].name == "auc"
    assert {"ks", "brier", "calibration_slope", "calibration_error"} <= {metric.name for metric in task.metrics()}
    assert list(task.trivial()) == ["base rate"]


class TestDefaultRiskKeepsTheContract(TaskTests):
    entry = "finance.default_risk"
    settings: ClassVar = {
        "outcome": "returned",
        "bad": "yes",
        "application_date": "at",
        "performance_window": "2 weeks",
        "never": ["settled_at"],
    }
