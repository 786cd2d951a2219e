"""Rows of a time to event: what is censored, what is not said, and horizons nobody was watched for."""

from __future__ import annotations

import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.rows import ROW, Origins
from sartor.testing import make_table, make_tables
from sartor_plugins.survival.time_to_event import TimeToEvent


def made(context, columns, **settings):
    frame = pd.DataFrame(columns)
    frame.insert(0, "id", range(len(frame)))
    tables = make_tables([make_table("people", frame, context, key=["id"])], context)
    rows = TimeToEvent.model_validate({"time": "days", "event": "died", **settings}).rows(tables, Origins())
    return rows, rows.frame.collect().to_pandas().sort_values(ROW).reset_index(drop=True)


def test_time_and_event_are_the_truth_and_hidden(context):
    rows, frame = made(context, {"days": [5, 0, 7], "died": [1, 0, 1], "age": [50, 60, 70]})
    assert rows.truth == ("died", "days")
    assert frame["__target_time"].tolist() == [5.0, 0.0, 7.0]
    assert frame["__target_event"].tolist() == [1, 0, 1]


def test_a_row_without_time_or_event_has_no_truth(context):
    _, frame = made(context, {"days": [5, None, 7, 8], "died": [1.0, 1.0, None, 1.0]})
    assert frame["__target_event"].isna().tolist() == [False, True, True, False]


def test_labels_say_what_happened(context):
    _, frame = made(context, {"days": [5, 6, 7], "died": ["dead", "alive", "dead"]}, happened="dead")
    assert frame["__target_event"].tolist() == [1, 0, 1]


def test_an_event_that_never_happens_is_named_with_what_there_is(context):
    with pytest.raises(InputError, match=r"the event 'died' of table people never is '1'; it holds 'dead' \(2\)") as e:
        made(context, {"days": [5, 6], "died": ["dead", "dead"]})
    assert e.value.problems[0].code == "D196"


def test_more_than_two_values_must_all_be_named(context):
    columns = {"days": [5, 6, 7, 8], "died": [1, 0, 2, 1]}
    with pytest.raises(InputError, match="which of them mean that it did not happen is not said") as error:
        made(context, columns)
    assert error.value.problems[0].hints[1] == (
        "beware",
        "an event of another kind, such as another cause of death, makes risks too high as censored",
    )
    _, frame = made(context, columns, censored=[0, 2])
    assert frame["__target_event"].tolist() == [1, 0, 0, 1]


def test_a_negative_time_is_an_error(context):
    with pytest.raises(InputError, match="the time 'days' of table people is negative in 1 line") as error:
        made(context, {"days": [5, -1], "died": [1, 1]})
    assert error.value.problems[0].code == "D195"


def test_a_time_that_is_text_is_an_error(context):
    with pytest.raises(InputError, match="column 'days' of table people is to be a time until an event, and holds no"):
        made(context, {"days": ["5", "6"], "died": [1, 1]})


def test_too_few_events_are_an_error(context):
    with pytest.raises(InputError, match="the event happened in 1 line of 3 in table people") as error:
        made(context, {"days": [5, 6, 7], "died": [1, 0, 0]})
    assert error.value.problems[0].code == "D197"


def test_a_horizon_beyond_all_follow_up_is_an_error_that_names_the_longest(context):
    with pytest.raises(InputError, match="the horizon 3,652 lies beyond all follow-up: nobody of table people was "
                                         r"watched for longer than 900 \('days'\)") as error:  # fmt: skip
        made(context, {"days": [5, 900, 20], "died": [1, 1, 0]}, horizons=[365.0, 3652.0])
    assert error.value.problems[0].code == "D198"


def test_follow_up_of_no_time_asks_for_the_right_column_and_no_horizon_up_to_0(context):
    with pytest.raises(InputError, match=r"nobody of table people was watched for longer than 0 \('days'\)") as error:
        made(context, {"days": [0] * 6, "died": [1, 1, 1, 0, 0, 0]}, horizons=[365.0])
    (problem,) = error.value.problems
    assert problem.code == "D198"
    assert problem.hints[0] == (
        "to mend",
        "see whether 'days' is the column that is meant, and in which unit it counts",
    )


def test_horizons_rise(context):
    with pytest.raises(Exception, match="must rise, each named once"):
        TimeToEvent(time="days", event="died", horizons=[30.0, 10.0])
