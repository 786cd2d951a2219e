"""Disease risk: who is eligible, what counts as the event, and what no model may see."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydantic import ValidationError

from sartor.errors import InputError
from sartor.rows import AS_OF, GROUP, KNOWN_AT, TARGET
from sartor_domains.healthcare.disease_risk import DiseaseRisk


def task(**settings):
    return DiseaseRisk.model_validate({"outcome": "ill", **settings})


def test_labels_of_the_outcome_are_the_classes_the_event_last(risk_rows):
    rows, frame = risk_rows({"ill": ["benign", "malignant", "benign"]}, event="malignant", no_event="benign")
    assert rows.classes == ("benign", "malignant")
    assert frame[TARGET].tolist() == ["benign", "malignant", "benign"]
    assert rows.facts["flow"] == [["lines of the table", 3]]


def test_a_number_above_a_bound_can_be_the_event(risk_rows):
    _, frame = risk_rows({"ill": [0, 1, 3, None]}, event_above=0)
    assert frame[TARGET].tolist()[:3] == ["no event", "event", "event"]
    assert frame[TARGET].isna()[3]


def test_several_values_can_be_the_event(risk_rows):
    _, frame = risk_rows({"ill": ["stroke", "none", "infarct"]}, event=["stroke", "infarct"])
    assert frame[TARGET].tolist() == ["event", "no event", "event"]


def test_an_event_counts_only_within_its_time(risk_rows, said):
    columns = {"ill": [1, 1, 0, 0], "days": [100, 4000, 4000, 50]}
    rows, frame = risk_rows(columns, time="days", within=3652)
    assert frame[TARGET].tolist() == ["event", "no event", "no event", "no event"]
    assert "days" in rows.truth
    ((text, caution),) = [one for one in said if "followed up" in one[0]]
    assert text == (
        "1 patient (25.0 %) was followed up for less than 3652 without the event: they count as having none, which "
        "makes risks too low. healthcare.survival loses nobody"
    )
    assert caution


@pytest.mark.parametrize("lost", ["no_event", "set_aside"])
def test_a_time_beyond_all_follow_up_is_refused(risk_rows, lost):
    columns = {"ill": [1, 1, 0, None], "days": [100, 3000, 3651, 9000]}
    with pytest.raises(InputError) as error:
        risk_rows(columns, time="days", within=3652, lost=lost)
    (problem,) = error.value.problems
    assert problem.code == "D198"
    assert problem.message == (
        "within 3,652 lies beyond all follow-up: nobody of table patients was followed up for longer than 3,651 "
        "('days')"
    )
    assert problem.hints[0] == ("to mend", "take a time up to 3,651, in the unit of 'days': within: 3651")


def test_who_was_lost_before_the_time_can_be_set_aside(risk_rows, said):
    columns = {"ill": [1, 1, 0, 0], "days": [100, 4000, 4000, 50]}
    rows, frame = risk_rows(columns, time="days", within=3652, lost="set_aside")
    assert frame[TARGET].isna().tolist() == [False, False, False, True]
    assert rows.facts["flow"][-1] == ["followed up for 3652, or with the event before", 3]
    assert "which makes risks too high" in said[0][0]


def test_the_flow_tells_how_many_are_left_after_each_condition(risk_rows):
    columns = {"ill": [1, 0, 0, None, 1], "visit": [1, 1, 2, 1, 1], "before": [0, 0, 0, 0, 1]}
    rows, frame = risk_rows(columns, eligible={"visit": 1, "before": [0]}, event_above=0)
    assert len(frame) == 3
    assert rows.facts["flow"] == [
        ["lines of the table", 5],
        ["with visit 1", 4],
        ["with before 0", 3],
        ["with 'ill' known", 2],
    ]


def test_nobody_eligible_is_an_error_that_names_the_condition(risk_rows):
    with pytest.raises(InputError, match="nobody is eligible: no line of table patients is left with visit 7") as error:
        risk_rows({"ill": [1, 0], "visit": [1, 1]}, eligible={"visit": 7})
    assert error.value.problems[0].code == "D190"


def test_a_condition_on_a_column_that_is_not_there_names_the_nearest(risk_rows):
    with pytest.raises(InputError, match="table patients has no column 'vist'") as error:
        risk_rows({"ill": [1, 0], "visit": [1, 1]}, eligible={"vist": 1})
    assert ("did you mean", "visit") in error.value.problems[0].hints


def test_outcomes_that_repeat_on_each_visit_of_a_person_stop_the_run(risk_rows):
    columns = {"ill": [1, 1, 0, 0], "name": ["a", "a", "b", "b"], "visit": [1, 2, 1, 2]}
    with pytest.raises(InputError, match="2 persons have 4 lines in table patients: an outcome that repeats") as error:
        risk_rows(columns, person="name")
    assert error.value.problems[0].code == "D191"
    assert error.value.problems[0].hints == (("to mend", "say which line of a person counts: eligible: {VISIT: 1}"),)
    rows, frame = risk_rows(columns, person="name", eligible={"visit": 1})
    assert frame[GROUP].tolist() == ["a", "b"]
    assert "name" in rows.never


def test_columns_known_afterwards_are_hidden_from_every_step(risk_rows):
    rows, _ = risk_rows({"ill": [1, 0], "stay": [3.0, 5.0], "age": [50, 60]}, known_after=["stay"])
    assert rows.truth == ("ill", "stay")


def test_a_column_known_afterwards_that_is_not_there_is_an_error(risk_rows):
    with pytest.raises(InputError, match="table patients has no column 'los'"):
        risk_rows({"ill": [1, 0], "stay": [3.0, 5.0]}, known_after=["los"])


def test_with_predictors_all_other_columns_are_kept_away(risk_rows):
    rows, _ = risk_rows({"ill": [1, 0], "age": [50, 60], "ward": ["a", "b"]}, predictors=["age"])
    assert set(rows.never) == {"ward"}


def test_the_site_is_no_predictor(risk_rows):
    rows, _ = risk_rows({"ill": [1, 0], "hospital": ["a", "b"], "age": [50, 60]}, site="hospital")
    assert rows.never == ("hospital",)


def test_with_an_index_date_the_outcome_is_known_after_the_time_at_risk(risk_rows):
    columns = {"ill": [1, 0], "seen": [datetime(2020, 1, 31), datetime(2020, 3, 1)]}
    _, frame = risk_rows(columns, index_date="seen", time_at_risk="12 months")
    assert frame[AS_OF].tolist() == columns["seen"]
    assert frame[KNOWN_AT].tolist() == [datetime(2021, 1, 31), datetime(2021, 3, 1)]


def test_a_missing_or_negative_time_is_an_error_and_0_is_none(risk_rows):
    with pytest.raises(InputError, match="the time 'days' of table patients is missing or negative in 2 lines"):
        risk_rows({"ill": [1, 0, 1], "days": [None, -1.0, 0.0]}, time="days", within=10)
    _, frame = risk_rows({"ill": [1, 0], "days": [0.0, 20.0]}, time="days", within=10)
    assert frame[TARGET].tolist() == ["event", "no event"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"event": 1, "event_above": 0}, "event and event_above both say what the event is"),
        ({"within": 10}, "within is said and time is missing"),
        ({"time": "days"}, "time is said and within is missing"),
        ({"index_date": "seen"}, "index_date and time_at_risk go together"),
        ({"target_site": "va"}, "target_site names a site, and site does not say which column tells the sites"),
        ({"predictors": ["age", "los"], "known_after": ["los"]}, "'los' is named as a predictor and as a column that"),
        ({"thresholds": [10.0]}, "thresholds"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises((ValidationError, Exception), match=message):
        task(**settings)


def test_net_benefit_at_each_threshold_is_a_metric_that_a_gate_can_name():
    names = [metric.name for metric in task(thresholds=[0.1, 0.25]).metrics()]
    assert names[:4] == ["brier", "scaled_brier", "auc", "calibration_slope"]
    assert names[-2:] == ["net_benefit_at_10_percent", "net_benefit_at_25_percent"]
