"""Windows of time in recipes, and what features may know of past truths."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError, SettingError
from sartor.evidence.future import cut_at
from sartor.rows import AS_OF, ROW, Origins
from sartor.stages.visible import without_truth
from sartor.testing import FeatureTests, fetch, make_context, make_rows, make_table, make_tables
from sartor_domains.finance.card_fraud import CardFraud
from sartor_plugins.history.calendar import Calendar
from sartor_plugins.history.windows import Windows

START = datetime(2024, 5, 1, 12)
WEEK = {"of": "outcomes", "measures": {"found": "count", "fraud": {"mean": "fraud"}}}


def payments():
    """One terminal, a payment a day at noon; those of the first, second and fifth day were fraud."""
    frame = pd.DataFrame({"payment": range(12), "terminal": "T", "card": [f"c{n}" for n in range(12)], "amount": 10.0})
    frame["at"] = [START + timedelta(days=day) for day in range(12)]
    frame["fraud"] = [1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    return frame


@pytest.fixture
def made(tmp_path):
    context = make_context(tmp_path)
    tables = make_tables([make_table("payments", payments(), context, key=["payment"], time="at")], context)
    task = CardFraud(outcome="fraud", card="card", amount="amount", label_delay="3 days", known_cards="keep")
    rows = task.rows(tables, Origins())
    return rows, without_truth(rows, tables), context


def built(feature, made):
    rows, tables, context = made
    return fetch(feature.build(rows, tables, context), context).sort_values(ROW).set_index(ROW)


def windows(**settings):
    return Windows.model_validate({"entity": ["terminal"], "windows": ["2 days"], **settings})


class TestWindowsOfLines(FeatureTests):
    entry = "history.windows"
    settings: ClassVar = {"entity": ["customer"], "windows": ["7 days", "ever"], "measures": {"n": "count"}}


class TestWindowsOfOutcomes(FeatureTests):
    """With a table whose terminals have names: what is known of them, and since when, is all that counts."""

    entry = "history.windows"
    settings: ClassVar = {
        "entity": ["terminal"],
        "windows": ["1 day", "5 days", "ever"],
        "of": "outcomes",
        "measures": {"found": "count", "fraud": {"mean": "fraud"}, "since": "since", "most": {"max": "amount"}},
        "empty": 0.0,
    }

    def tables(self, context):
        rng = np.random.default_rng(4)
        frame = pd.DataFrame({"payment": range(300), "terminal": rng.choice(["t", "u", "v", "w"], 300), "card": "c"})
        frame["at"] = [START + timedelta(hours=int(hour)) for hour in rng.integers(0, 500, 300)]
        # A terminal that is new, and one that is seldom.
        frame.loc[frame["at"] > START + timedelta(hours=450), "terminal"] = "new"
        frame["amount"] = np.round(rng.lognormal(3, 1, 300), 2)
        frame["fraud"] = (rng.random(300) < 0.2).astype(int)
        table = make_table("payments", frame, context, key=["payment"], time="at")
        task = CardFraud(outcome="fraud", card="card", amount="amount", label_delay="3 days", known_cards="keep")
        tables = make_tables([table], context)
        return without_truth(task.rows(tables, Origins()), tables)

    def rows(self, tables, context):
        frame = fetch(tables["payments"].frame, context)[["payment", "at"]]
        made = frame.assign(**{ROW: frame["payment"], AS_OF: frame["at"]}).drop(columns="at")
        return make_rows(made, context, keys=["payment"], own="payments")


class TestCalendarOfRows(FeatureTests):
    entry = "history.calendar"
    settings: ClassVar = {"parts": ["hour", "weekday", "weekend", "night", "month", "day"]}


def test_a_truth_counts_from_the_moment_on_at_which_it_is_known(made):
    found = built(windows(**WEEK), made)
    # At noon of day 3 the first payment is known, and it was fraud; a day later a second one; then an honest one.
    assert found["found_2_days"].tolist() == [0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2]
    assert found["fraud_2_days"].dropna().tolist() == [1, 1, 0.5, 0, 0.5, 0.5, 0, 0, 0]


def test_known_outcomes_are_the_delayed_windows_of_the_handbook(made):
    """Lines with t - 3 d - w < time <= t - 3 d are those whose truth became known in (t - w, t]."""
    rows, tables, context = made
    table = tables["payments"]
    delayed = rows.over(table, "terminal", ["2 days"], {"found": "count"}, context, upto="own", delay="3 days")
    known = built(windows(**WEEK), made)
    assert fetch(delayed, context).sort_values(ROW)["found_2_days"].tolist() == known["found_2_days"].tolist()


def test_an_empty_window_can_be_given_a_value(made):
    found = built(windows(**WEEK, empty=0.0), made)
    assert found["fraud_2_days"].tolist() == [0, 0, 0, 1, 1, 0.5, 0, 0.5, 0.5, 0, 0, 0]


def test_outcomes_of_a_moment_are_those_known_by_then(made):
    rows, tables, context = made
    moment = START + timedelta(days=5)
    some = rows.frame.filter(nw.col(AS_OF) == moment)
    past = cut_at(tables, rows, moment, some.select("payment"))
    assert past["payments"].outcomes is not None
    assert sorted(fetch(past["payments"].outcomes.frame, context)["payment"]) == [0, 1, 2]
    assert "fraud" not in past["payments"].columns, "the table itself says nothing of the truth"


def test_the_row_itself_counts_among_lines_unless_told_otherwise(made):
    assert built(windows(measures={"n": "count"}), made)["n_2_days"].tolist() == [1, *[2] * 11]
    before = built(windows(measures={"n": "count"}, own_line=False), made)
    assert before["n_2_days"].tolist() == [0, *[1] * 11]


def test_outcomes_without_a_moment_are_refused_with_what_to_say(tmp_path):
    context = make_context(tmp_path)
    tables = make_tables([make_table("payments", payments(), context, key=["payment"], time="at")], context)
    task = CardFraud(outcome="fraud", card="card", amount="amount", label_delay="3 days", known_cards="keep")
    rows = task.rows(tables, Origins())
    with pytest.raises(InputError, match="outcomes of payments are asked for, and it is not said when they are known"):
        windows(**WEEK).build(rows, tables, context)


def test_a_delay_of_outcomes_is_refused_because_the_task_says_it():
    with pytest.raises((SettingError, ValueError), match="delay does not go with of: outcomes"):
        windows(**WEEK, delay="7 days")


def test_two_things_in_one_measure_are_refused():
    with pytest.raises((SettingError, ValueError), match="a measure names one thing to measure, got sum, mean"):
        windows(measures={"spent": {"sum": "amount", "mean": "amount"}})


def test_nights_end_with_the_hour_that_is_said(made):
    found = built(Calendar(parts=["night", "weekend", "hour"], night_until=12), made)
    assert found["night"].tolist() == [1] * 12
    # 2024-05-01 was a Wednesday.
    assert found["weekend"].tolist() == [0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1]
    assert set(found["hour"]) == {12}
