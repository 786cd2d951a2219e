"""The maintenance plan: who is taken out, by when, with so much crew, and what it is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fleet import readings, rows_of
from pydantic import ValidationError

from sartor.rows import AS_OF, GROUP, ROW
from sartor.sections import Caution
from sartor.stages.section_contract import problem_of
from sartor.testing import make_training
from sartor_domains.manufacturing.maintenance_plan import MaintenancePlan
from sartor_domains.manufacturing.planning.crew import assigned
from sartor_domains.manufacturing.planning.lifetimes import likely_lives

COSTS = {"failure_cost": 100.0, "service_cost": 20.0, "unused_cycle": 1.0, "horizon": 30, "slot": 10}


def units(left, age=None, **rows):
    """Units with so many cycles left."""
    made = make_training(pd.DataFrame({"x": np.zeros(len(left))}), list(map(float, left)), answers="number")
    names = [f"U{number}" for number in range(len(left))]
    age = np.full(len(left), 50.0) if age is None else age
    return replace(made, rows=made.rows.assign(**{GROUP: names, "cycles_run": age} | rows))


def made_of(frame):
    """Rows of the task with their truth."""
    made = make_training(pd.DataFrame({"x": np.zeros(len(frame))}), frame["__target"].tolist(), answers="number")
    return replace(made, rows=frame)


def plan_of(said, outcome, context, **settings):
    plan = MaintenancePlan(**{**COSTS, **settings})
    predictions = said if isinstance(said, pd.DataFrame) else pd.DataFrame({"number": map(float, said)})
    return plan, plan.decide(predictions, outcome.without_truth(), context)


def test_a_certain_life_is_serviced_in_the_last_slot_before_its_end(context):
    _, made = plan_of([0, 5, 10, 11, 25, 30, 31], units([1] * 7), context)
    # Who fails at 0 is lost already; who fails at 10 must be out before the slot that begins then.
    assert made["decision"].tolist() == ["run on", *["service"] * 5, "run on"]
    assert made["after"].tolist()[1:6] == [0, 0, 10, 20, 20]


def test_a_service_that_costs_more_than_the_failure_is_not_planned(context):
    _, made = plan_of([9], units([9]), context, unused_cycle=10.0)
    assert made["decision"].tolist() == ["run on"]


def test_what_is_saved_is_the_failure_less_the_service_and_the_life_given_up(context):
    _, made = plan_of([15], units([15]), context)
    assert made["saves"].tolist() == [100 - 20 - 5]


def test_an_uncertain_life_is_serviced_the_earlier_the_more_a_failure_costs(context):
    said = pd.DataFrame({"number": [25.0], "quantile:0.1": [12.0], "quantile:0.5": [25.0], "quantile:0.9": [60.0]})
    after = [
        plan_of(said, units([25]), context, failure_cost=cost, unused_cycle=0.5)[1]["after"].iloc[0]
        for cost in (70.0, 100.0, 1000.0)
    ]
    assert after == sorted(after, reverse=True)
    assert (after[0], after[-1]) == (10, 0)


def test_the_chance_to_fail_within_the_plan_follows_from_the_quantiles(context):
    said = pd.DataFrame(
        {"number": [40.0], "low": [9.0], "high": [80.0], "quantile:0.5": [30.0], "quantile:0.9": [70.0]}
    )
    _, made = plan_of(said, units([40]), context)
    assert made["fails_within"].iloc[0] == pytest.approx(0.5, abs=0.01)
    assert (made["low"].iloc[0], made["high"].iloc[0]) == (9.0, 80.0)


def test_quantiles_that_cross_zero_are_lives_of_none():
    lives = likely_lives(pd.DataFrame({"number": [1.0], "quantile:0.2": [-3.0], "quantile:0.8": [3.0]}))
    assert lives.min() == 0
    assert (np.diff(lives) >= 0).all()


def test_a_small_crew_takes_who_loses_most_by_waiting(context):
    _, made = plan_of([5, 5, 15, 25], units([5, 5, 15, 25]), context, crew=1)
    # One of the two that fail at 5 can be saved; the others have slots of their own.
    assert sorted(made["after"].iloc[:2].fillna(-1)) == [-1, 0]
    assert made["after"].tolist()[2:] == [10, 20]


def test_no_slot_has_more_services_than_there_is_crew(context):
    rng = np.random.default_rng(0)
    left = rng.integers(1, 40, 60)
    _, made = plan_of(left, units(left), context, crew=4)
    assert made["after"].value_counts().max() == 4
    assert made["decision"].eq("service").sum() == 12


def test_the_plan_is_the_best_there_is(context):
    rng = np.random.default_rng(1)
    for _ in range(20):
        gain = rng.normal(0, 10, (4, 2))
        slots = assigned(gain, 1)
        best = max(
            sum(gain[unit, slot] for unit, slot in enumerate(plan) if slot >= 0)
            for plan in np.ndindex(3, 3, 3, 3)
            for plan in [[slot - 1 for slot in plan]]
            if plan.count(0) <= 1 and plan.count(1) <= 1
        )
        assert gain[np.arange(4), slots][slots >= 0].sum() == pytest.approx(best)


def test_every_planning_day_has_a_crew_of_its_own(context):
    day = pd.to_datetime(["2024-01-01", "2024-01-01", "2024-02-01", "2024-02-01"])
    outcome = units([5, 5, 5, 5], **{AS_OF: day})
    _, made = plan_of([5, 5, 5, 5], outcome, context, crew=1)
    assert made.groupby(outcome.rows[AS_OF])["decision"].apply(lambda own: own.eq("service").sum()).tolist() == [1, 1]


def test_of_several_readings_of_a_unit_the_latest_counts(context):
    outcome = units([12, 7, 5], age=np.array([10.0, 15.0, 40.0]), **{GROUP: ["U0", "U0", "U1"]})
    plan, made = plan_of([12, 7, 5], outcome, context, crew=1)
    assert made["decision"].tolist()[0] == "superseded"
    assert sorted(made["decision"].tolist()[1:]) == ["run on", "service"]
    assert plan.value(made, outcome)[0] == 0
    assert plan.headline(made) == "Take 1 of 2 units out within 30 cycles, 1 of them now."
    (parts, *_) = plan.sections(made, outcome, context)
    assert sum(line[1] for line in parts.table.lines) == 2


def test_money_is_what_came_of_each_decision(context):
    outcome = units([12, 8, 30, 31, 12])
    plan, _ = plan_of([1] * 5, outcome, context)
    decisions = pd.DataFrame(
        {
            ROW: outcome.rows[ROW],
            "decision": ["service", "service", "run on", "run on", "service"],
            "after": [10.0, 10.0, np.nan, np.nan, 0.0],
        }
    )
    # In time with 2 given up; failed before; failed within the plan; ran on; in time with 12 given up.
    # Against running on, that is a failure within the plan but for the fourth.
    assert plan.value(decisions, outcome).tolist() == [78.0, 0.0, 0.0, 0.0, 68.0]


def test_a_service_of_a_unit_that_would_have_outlived_the_plan_saves_nothing(context):
    outcome = units([90])
    plan, _ = plan_of([1], outcome, context)
    decisions = pd.DataFrame({ROW: outcome.rows[ROW], "decision": ["service"], "after": [10.0]})
    assert plan.value(decisions, outcome).tolist() == [-100.0]  # 20 for the service, 80 cycles given up


def test_a_plan_made_where_every_unit_has_just_failed_says_why_it_is_worth_nothing(context):
    outcome = units([0, 0])
    plan, made = plan_of([3, 4], outcome, context)
    assert plan.value(made, outcome).tolist() == [0.0, 0.0]  # a failure of 100 with the plan, and without
    told = [one for one in plan.sections(made, outcome, context) if isinstance(one, Caution)]
    assert told[0].id == "planned-at-the-end"
    assert "planned at its last reading, at which it failed" in told[0].sentence
    alive = units([0, 25])
    plan, made = plan_of([3, 4], alive, context)
    ids = [one.id for one in plan.sections(made, alive, context) if isinstance(one, Caution)]
    assert "planned-at-the-end" not in ids


def test_units_that_ran_to_failure_are_planned_in_the_middle_of_their_lives(context):
    _, frame = rows_of(context, readings({"A": 11, "B": 41}))
    met = frame[frame["planned_in"].notna()].sort_values([GROUP, "planned_in"])
    # A has 10 readings before its end, two for each of 5 plans; as the first by name it is met 0.618 into each part.
    assert met[met[GROUP] == "A"]["cycles_run"].tolist() == [2, 4, 6, 8, 10]
    assert met[met[GROUP] == "B"]["cycles_run"].tolist() == [2, 10, 18, 26, 34]  # 8 for each plan, 0.236 into each
    assert met["planned_in"].tolist() == [0, 1, 2, 3, 4] * 2
    outcome = made_of(frame)
    plan, made = plan_of(outcome.y, outcome, context)
    counted = made["decision"] != "superseded"
    assert made[ROW][counted].tolist() == sorted(met[ROW])
    assert (made["decision"] == "service").sum() == 8  # B had 39 and 31 cycles left when it was met first
    assert plan.headline(made) == (
        "Take 8 of 10 units out within 30 cycles, 6 of them now; the 10 are 2 units, met by several plans."
    )
    assert plan.value(made, outcome)[counted].sum() > 0
    told = [one for one in plan.sections(made, outcome, context) if isinstance(one, Caution)]
    assert [one.id for one in told] == ["few-failures"]


def test_units_that_survived_are_planned_at_their_last_reading_beside_those_that_failed(context):
    rul = pd.DataFrame({"unit": ["B"], "rul": [10]})
    _, frame = rows_of(
        context, readings({"A": 3, "B": 3}), others={"rul": (rul, ["unit"])}, left={"table": "rul", "column": "rul"}
    )
    # A has two readings before its end for five plans, three of which do not meet it.
    assert frame.set_index(ROW)["planned_in"].dropna().to_dict() == {"A|1": 0, "A|2": 2, "B|3": 0}


def test_a_unit_that_was_read_once_is_planned_there(context):
    _, frame = rows_of(context, readings({"A": 1, "B": 1}))
    outcome = made_of(frame)
    _, made = plan_of([5, 5], outcome, context)
    assert made["decision"].tolist() == ["service", "service"]


def test_a_service_has_a_day_where_cycles_have_a_length(context):
    outcome = units([5, 25, 99], **{AS_OF: pd.Timestamp(2024, 1, 30)})
    _, made = plan_of([5, 25, 99], outcome, context, cycle="1 day")
    assert made["by"].tolist()[:2] == [pd.Timestamp(2024, 1, 30), pd.Timestamp(2024, 2, 19)]
    assert pd.isna(made["by"].iloc[2])
    assert plan_of([5, 25, 99], outcome, context)[1]["by"].isna().all()


class TestPolicies:
    def test_running_to_failure_services_nobody(self, context):
        outcome = units([5, 50])
        plan, _ = plan_of([1, 1], outcome, context)
        made = plan.policies(outcome, outcome.without_truth(), context)["run to failure"]
        assert made["decision"].tolist() == ["run on", "run on"]
        assert plan.value(made, outcome).tolist() == [0.0, 0.0]

    def test_a_fixed_interval_is_learned_from_lives_and_due_by_age(self, context, notes):
        training = units([1] * 40, age=np.repeat([99.0, 109.0, 119.0, 129.0], 10))
        scoring = units([9] * 4, age=np.array([60.0, 85.0, 99.0, 200.0]))
        plan, _ = plan_of([9] * 4, scoring, context)
        made = plan.policies(training, scoring.without_truth(), context)["fixed interval"]
        assert notes()[-1:] == ["fixed interval: service after 99 cycles, the best age for the units of training"]
        assert made["decision"].tolist() == ["run on", "service", "service", "service"]
        assert made["after"].tolist()[1:] == [10, 0, 0]
        assert made.attrs["about"] == "service after 99 cycles"

    def test_the_interval_has_the_same_crew_and_the_oldest_go_first(self, context):
        training = units([1] * 40, age=np.repeat([99.0, 109.0, 119.0, 129.0], 10))
        scoring = units([9] * 3, age=np.array([150.0, 300.0, 200.0]))
        plan, _ = plan_of([9] * 3, scoring, context, crew=1)
        made = plan.policies(training, scoring.without_truth(), context)["fixed interval"]
        assert made["after"].tolist() == [20, 0, 10]


class TestWords:
    def test_the_headline_counts(self, context):
        plan, made = plan_of([5, 15, 99], units([5, 15, 99]), context, noun="pumps")
        assert plan.headline(made) == "Take 2 of 3 pumps out within 30 cycles, 1 of them now."

    def test_a_plan_without_services_says_so(self, context):
        plan, made = plan_of([99], units([99]), context)
        assert plan.headline(made) == "Take none of 1 unit out within 30 cycles: all run on."

    def test_a_service_says_what_counts_most_against_the_unit(self, context):
        def explain(scoring):
            assert scoring.rows[GROUP].tolist() == ["U1"]
            return pd.DataFrame({"age": [3.0], "vibration_mean_30": [-41.4], "heat_sd_30": [-1.2]})

        _, made = plan_of([99, 5], units([99, 5]), replace(context, explain=explain))
        assert made["reasons"].tolist()[1] == "vibration_mean_30: 41 cycles less; heat_sd_30: 1 cycle less"
        assert pd.isna(made["reasons"].iloc[0])

    def test_columns_are_those_that_are_promised(self, context):
        plan, made = plan_of([5], units([5]), context)
        assert (ROW, *plan.columns()) == tuple(made.columns)


class TestSections:
    @pytest.fixture
    def told(self, context):
        left = [5, 8, 12, 25, 60, 61, 62, 3]
        outcome = units(left)
        plan, made = plan_of([9, 9, 15, 28, 70, 70, 20, 50], outcome, context)
        found = list(plan.sections(made, outcome, replace(context, currency="EUR")))
        assert [problem_of(entry) for entry in found if problem_of(entry)] == []
        return {entry.id: entry for entry in found}

    def test_the_parts_say_what_came(self, told):
        assert told["plan-in-parts"].sentence == (
            "Of 8 units **5 would have failed within 30 cycles**; **4 of them are taken out in time**."
        )
        assert [line[:2] for line in told["plan-in-parts"].table.lines] == [
            ["Take out now", 2], ["Take out later", 3], ["Run on", 3],
        ]  # fmt: skip

    def test_the_calendar_counts_services_and_failures_in_each_slot(self, told):
        assert told["calendar"].figure.table.lines == [("0 to 10", 2, 3), ("10 to 20", 2, 1), ("20 to 30", 1, 1)]
        assert "most are due now, **2**." in told["calendar"].sentence

    def test_early_and_late_are_priced(self, told):
        lines = {line[0]: line[1:] for line in told["early-and-late"].table.lines}
        # In time: 5 and 8 to spare, 12 - 10, 25 - 20, 62 - 10: 72 cycles given up, and five services.
        assert lines["Serviced in time"] == [5, pytest.approx(72 / 5), pytest.approx(5 * 20 + 72)]
        assert lines["Left running, and failed"] == [1, None, 100.0]
        assert "cost **EUR\N{NO-BREAK SPACE}72**" in told["early-and-late"].sentence
        # Known beforehand: 5, 8 and 3 at once, 12 and 25 in their slots, the others never.
        assert "would have cost EUR\N{NO-BREAK SPACE}123" in told["early-and-late"].sentence

    def test_few_failures_are_a_caution(self, told):
        assert isinstance(told["few-failures"], Caution)
        assert told["few-failures"].sentence.startswith("**5 units failed within the plan**")


def test_settings_that_plan_nothing_are_refused():
    with pytest.raises(ValidationError, match="nothing is worth planning"):
        MaintenancePlan(failure_cost=20, service_cost=100)
    with pytest.raises(ValidationError, match="a slot of 60 cycles is longer than the plan's 30"):
        MaintenancePlan(**{**COSTS, "slot": 60})
