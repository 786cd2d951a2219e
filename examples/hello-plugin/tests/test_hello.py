"""Tests of every component, most of them ready-made, and of the recipe that puts them together.

Each class below inherits some ten tests from `sartor.testing`: the same seed gives the same results, nothing that is
handed over changes, what is saved loads again, no column sees the future, and more. What is special about a component
has a test of its own, with numbers that can be checked by hand.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sartor
from sartor.context import Context
from sartor.errors import SettingError
from sartor.rows import Judged, Origins, Rows, Tables
from sartor.testing import (
    ActionTests,
    FeatureTests,
    IngestTests,
    ModelTests,
    PrepareTests,
    TaskTests,
    make_context,
    make_rows,
    make_scoring,
    make_table,
    make_tables,
    make_training,
    sample_classification,
)

from hello_plugin.messages import Messages
from hello_plugin.points import Points
from hello_plugin.relative import Relative
from hello_plugin.reply_first import ReplyFirst
from hello_plugin.urgency import Urgency, found_in_first_fifth
from hello_plugin.wording import Wording

RECIPE = Path(__file__).parent.parent / "recipes" / "hello.yaml"


def messages(context: Context) -> Tables:
    """Make the table that task and features are tested on, as the recipe declares it."""
    table = make_table("messages", Messages(rows=300).read(context), context, key=["message"], time="sent_at")
    return make_tables([table], context)


class TestMessages(IngestTests):
    entry = "hello.messages"
    settings = {"rows": 200}


class TestUrgency(TaskTests):
    entry = "hello.urgency"

    def tables(self, context: Context) -> Tables:
        return messages(context)


class TestWording(FeatureTests):
    entry = "hello.wording"

    def tables(self, context: Context) -> Tables:
        return messages(context)

    def rows(self, tables: Tables, context: Context) -> Rows:
        return Urgency().rows(tables, Origins())


class TestRelative(PrepareTests):
    entry = "hello.relative"
    settings = {"number": "amount", "by": "channel"}


class TestPoints(ModelTests):
    entry = "hello.points"
    many_classes = False


class TestReplyFirst(ActionTests):
    entry = "hello.reply_first"
    many_classes = False


def test_earlier_messages_of_the_same_customer_count_for_as_long_as_the_settings_say(tmp_path):
    context = make_context(tmp_path)
    sent = pd.DataFrame(
        {
            "message": [1, 2, 3, 4],
            "customer": ["ann", "ann", "bob", "ann"],
            "sent_at": pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-06", "2024-01-09"]),
            "text": ["Hello.", "Hello!", "Hello again.", "I need it today!!"],
        }
    )
    tables = make_tables([make_table("messages", sent, context, key=["message"], time="sent_at")], context)
    asked = sent.assign(__row=sent["message"], __as_of=sent["sent_at"])[["__row", "message", "__as_of"]]
    rows = make_rows(asked, context, keys=["message"], own="messages")

    built = Wording().build(rows, tables, context).collect().to_pandas().sort_values("__row")

    # On the 9th Ann had written on the 5th; her message of the 1st is older than 7 days.
    assert built["messages_before"].tolist() == [0, 1, 0, 1]
    assert built["length"].tolist() == [6, 6, 12, 17]
    assert built["exclamations"].tolist() == [0, 1, 0, 2]
    assert built["deadline"].tolist() == [False, False, False, True]


def test_a_number_is_held_against_the_mean_of_its_like(tmp_path):
    X = pd.DataFrame({"length": [10.0, 30.0, 100.0], "channel": ["chat", "chat", "letter"]})
    step = Relative(number="length", by="channel").fit(make_training(X, [0, 1, 0]), make_context(tmp_path))

    assert step.transform(X)["length"].tolist() == [0.5, 1.5, 1.0]


def test_a_label_that_training_never_showed_is_held_against_all(tmp_path):
    X = pd.DataFrame({"length": [10.0, 30.0], "channel": ["chat", "letter"]})
    step = Relative(number="length", by="channel").fit(make_training(X, [0, 1]), make_context(tmp_path))

    assert step.transform(pd.DataFrame({"length": [40.0], "channel": ["fax"]}))["length"].tolist() == [2.0]


def test_points_can_be_reckoned_by_hand(tmp_path):
    X = pd.DataFrame({"channel": ["chat"] * 4 + ["letter"] * 4})
    model = Points(smoothing=1, damping=1).fit(make_training(X, [1, 1, 1, 0, 0, 0, 0, 1]), make_context(tmp_path))

    # Half of all are urgent: log(5/5) = 0. Of the chats 3 of 4: log((3 + 1) / (1 + 1)) = log 2.
    assert model.learned()["points"]["channel"] == pytest.approx({"chat": np.log(2), "letter": -np.log(2)})
    assert model.predict(make_scoring(X)).iloc[0, 0] == pytest.approx(2 / 3)


def test_three_classes_are_refused(tmp_path):
    with pytest.raises(SettingError, match="tells two classes apart, and there are 3"):
        Points().fit(sample_classification(classes=("low", "middle", "high")), make_context(tmp_path))


def test_the_metric_counts_how_many_urgent_messages_stand_in_the_first_fifth():
    predictions = pd.DataFrame({"probability": [0.1, 0.9, 0.2, 0.3, 0.4, 0.5, 0.6, 0.15, 0.25, 0.8]})
    judged = Judged(np.array([0, 1, 1, 0, 0, 0, 0, 0, 0, 1]), predictions, pd.DataFrame(), ("no", "yes"))

    # The first fifth of ten are the two with 0.9 and 0.8: both urgent, of three in all.
    assert found_in_first_fifth(judged, np.ones((1, 10))).tolist() == pytest.approx([2 / 3])


def test_the_most_likely_are_answered_first_and_paid_for(tmp_path):
    scoring = make_scoring(pd.DataFrame({"channel": ["chat", "chat", "letter", "e-mail"]}), classes=("no", "yes"))
    outcome = make_training(scoring.X, ["no", "yes", "no", "no"], classes=("no", "yes"))
    action = ReplyFirst(share=0.5, worth=8, cost=2)

    decisions = action.decide(pd.DataFrame({"probability": [0.9, 0.6, 0.1, 0.6]}), scoring, make_context(tmp_path))

    assert decisions["reply_first"].tolist() == [True, True, False, False]
    assert action.value(decisions, outcome).tolist() == [-2, 6, 0, 0]
    assert action.headline(decisions) == "Answer 2 of 4 messages first."


def test_the_recipe_runs_and_beats_the_base_rate(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the run is recorded here, and not in the plugin's own folder

    run = sartor.run(RECIPE)

    brier, worth = run.metrics["brier", "value"], run.value["value"]
    assert brier["points"] < brier["base rate"]
    assert worth["points"] > worth["by channel"]
    assert run.decisions["reply_first"].mean() == pytest.approx(0.2, abs=0.01)
    assert run.headline.startswith("Answer ")
