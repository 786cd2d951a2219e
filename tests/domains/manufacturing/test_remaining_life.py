"""Remaining life: readings become rows, each with what its unit had left."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from fleet import left, readings, rows_of
from pydantic import ValidationError

from sartor.context import telling
from sartor.durations import Duration
from sartor.rows import AS_OF, GROUP, KNOWN_AT, ROW, Judged, Origins
from sartor_domains.manufacturing.lives.metrics import life_metrics
from sartor_domains.manufacturing.lives.trivial import AgeOnly, MeanLeft
from sartor_domains.manufacturing.remaining_life import RemainingLife


def days(frame, start="2024-01-01"):
    return frame.assign(day=(pd.Timestamp(start) + pd.to_timedelta(frame["cycle"] - 1, unit="D")).dt.date)


def test_a_unit_that_ran_to_failure_had_left_what_lies_before_its_last_reading(context):
    rows, frame = rows_of(context, readings())
    assert left(frame) == {
        "A|1": 3.0, "A|2": 2.0, "A|3": 1.0, "A|4": 0.0, "B|1": 2.0, "B|2": 1.0, "B|3": 0.0, "C|1": 1.0, "C|2": 0.0,
    }  # fmt: skip
    assert frame[GROUP].tolist() == ["A"] * 4 + ["B"] * 3 + ["C"] * 2
    assert frame["cycles_run"].tolist() == [1, 2, 3, 4, 1, 2, 3, 1, 2]
    assert (rows.keys, rows.own) == (("unit", "cycle"), "readings")


def test_readings_are_no_features_but_what_says_what_the_unit_is(context):
    rows, _ = rows_of(context, readings().assign(model="X", heat=1.0), static=["model"])
    assert rows.never == ("heat",)


def test_a_unit_that_survived_is_asked_at_its_last_reading_only(context):
    rul = pd.DataFrame({"unit": ["B", "C"], "rul": [10, 20]})
    others = {"rul": (rul, ["unit"])}
    _, frame = rows_of(context, readings(), others=others, left={"table": "rul", "column": "rul"})
    assert left(frame) == {"A|1": 3.0, "A|2": 2.0, "A|3": 1.0, "A|4": 0.0, "B|3": 10.0, "C|2": 20.0}
    _, each = rows_of(context, readings(), others=others, left={"table": "rul", "column": "rul"}, asked="each")
    assert left(each)["B|1"] == 12.0
    assert len(each) == 9


def test_lives_may_stand_in_the_order_of_the_units(context):
    frame = readings().assign(part=lambda made: np.where(made["unit"] == "A", "train", "test"))
    rul = pd.DataFrame({"part": "test", "line": [1, 0], "rul": [20, 10]})
    _, made = rows_of(
        context,
        frame,
        key=("part", "unit", "cycle"),
        others={"rul": (rul, ["part", "line"])},
        left={"table": "rul", "column": "rul", "order": "line"},
    )
    assert left(made) == {
        "test|B|3": 10.0, "test|C|2": 20.0,
        "train|A|1": 3.0, "train|A|2": 2.0, "train|A|3": 1.0, "train|A|4": 0.0,
    }  # fmt: skip
    assert made[GROUP].tolist()[:2] == ["test B", "test C"]


def test_what_has_not_failed_yet_neither_teaches_nor_judges(context, notes):
    failures = pd.DataFrame({"unit": ["A"], "failed_at": [6]})
    with telling(context.note):
        _, frame = rows_of(
            context,
            readings(),
            others={"failures": (failures, ["unit"])},
            failed={"table": "failures", "column": "failed_at"},
        )
    assert left(frame)["A|4"] == 2.0
    assert left(frame)["B|3"] is None
    assert notes() == ["2 units had not failed when the failures were listed: they neither teach nor judge"]


def test_readings_from_after_a_failure_have_nothing_left_and_are_counted(context, notes):
    failures = pd.DataFrame({"unit": ["A", "B", "C"], "failed_at": [2, 3, 2]})
    with telling(context.note):
        _, frame = rows_of(
            context,
            readings(),
            others={"failures": (failures, ["unit"])},
            failed={"table": "failures", "column": "failed_at"},
        )
    assert [left(frame)[row] for row in ("A|2", "A|3", "A|4")] == [0.0, None, None]
    assert notes() == ["2 readings of 1 unit are from after the unit's failure, and neither teach nor judge"]


def test_every_second_reading_is_a_row_and_the_last_one_always(context):
    _, frame = rows_of(context, readings(), every=2)
    assert list(left(frame)) == ["A|1", "A|3", "A|4", "B|1", "B|3", "C|1", "C|2"]


def test_by_time_a_truth_is_known_on_the_day_of_the_failure(context):
    _, frame = rows_of(context, days(readings()), date="day")
    own = frame[frame[GROUP] == "B"]
    assert own[AS_OF].tolist() == [pd.Timestamp(2024, 1, day) for day in (1, 2, 3)]
    assert own[KNOWN_AT].tolist() == [pd.Timestamp(2024, 1, 3)] * 3


def test_by_time_a_unit_is_asked_once_at_each_planning_day(context):
    lives = {"A": 30, "B": 12, "C": 30}
    origins = Origins(cut=datetime(2024, 1, 11), every=Duration(7, "day"), count=2)
    _, frame = rows_of(context, days(readings(lives)), origins, date="day")
    asked = frame[frame[AS_OF] >= pd.Timestamp(2024, 1, 11)]
    assert sorted(asked[ROW]) == ["A|11", "A|18", "B|11", "C|11", "C|18"]
    assert len(frame[frame[AS_OF] < pd.Timestamp(2024, 1, 11)]) == 30


def test_by_time_a_unit_read_seldom_is_asked_at_its_next_reading(context):
    frame = days(readings({"A": 30}))
    seldom = frame[frame["cycle"].isin([2, 9, 14, 15, 27])]
    origins = Origins(cut=datetime(2024, 1, 11), every=Duration(7, "day"), count=2)
    _, made = rows_of(context, seldom, origins, date="day")
    assert sorted(made[ROW]) == ["A|14", "A|2", "A|27", "A|9"]


def test_ends_are_said_once():
    end = {"table": "t", "column": "c"}
    with pytest.raises(ValidationError, match="left and failed both say how long units live"):
        RemainingLife(left=end, failed=end)
    with pytest.raises(ValidationError, match="failed does not say when a failure was known"):
        RemainingLife(failed=end, date="day")
    with pytest.raises(ValidationError, match="left tells cycles only"):
        RemainingLife(left=end, date="day")


class TestTrivialAnswers:
    @pytest.fixture
    def training(self, context):
        from sartor.rows import Training
        from sartor.stages.framing import truth_of

        rows, frame = rows_of(context, readings())
        y, _ = truth_of(frame, rows)
        return Training(frame.drop(columns="__target"), frame[["cycles_run"]], "number", y=y)

    def test_the_mean_is_of_what_rows_had_left(self, context, training):
        said = MeanLeft().fit(training, context).predict(training.without_truth())
        assert said["number"].tolist() == [pytest.approx(10 / 9)] * 9

    def test_the_mean_is_held_to_the_cap(self, context, training):
        said = MeanLeft(cap=1.0).fit(training, context).predict(training.without_truth())
        assert said["number"].iloc[0] == pytest.approx(6 / 9)

    def test_age_alone_tells_what_longer_lives_had_left(self, context, training):
        # Lives of 4, 3 and 2: at age 1 all three had 2 left on average, at age 2 two of them had 1.5, at 3 one had 1.
        said = AgeOnly().fit(training, context).predict(training.without_truth())
        assert said["number"].tolist()[:4] == [2.0, 1.5, 1.0, 0.0]

    def test_age_alone_is_held_to_the_cap(self, context, training):
        said = AgeOnly(cap=1.2).fit(training, context).predict(training.without_truth())
        assert said["number"].tolist()[:4] == [1.2, 1.2, 1.0, 0.0]


class TestMetrics:
    def value(self, name, said, truth, cap=None):
        judged = Judged(np.array(truth, dtype=float), pd.DataFrame({"number": said}), pd.DataFrame(index=range(2)))
        (metric,) = [metric for metric in life_metrics(cap) if metric.name == name]
        return metric.value(judged)

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("rmse", np.sqrt((3**2 + 80**2) / 2)),
            ("mae", (3 + 80) / 2),
            ("phm08", np.expm1(80 / 13) + np.expm1(3 / 10)),
            ("late_share", 0.5),
        ],
    )
    def test_raw(self, name, raw):
        assert self.value(name, [13.0, 120.0], [10, 200], cap=125) == pytest.approx(raw)

    @pytest.mark.parametrize(
        ("name", "capped"),
        [
            ("rmse_capped", np.sqrt((3**2 + 5**2) / 2)),
            ("mae_capped", 4.0),
            ("phm08_capped", np.expm1(5 / 13) + np.expm1(3 / 10)),
        ],
    )
    def test_capped(self, name, capped):
        assert self.value(name, [13.0, 120.0], [10, 200], cap=125) == pytest.approx(capped)

    def test_an_answer_beyond_the_cap_is_the_cap(self):
        assert self.value("rmse_capped", [150.0, 10.0], [200, 10], cap=125) == 0.0

    def test_too_late_costs_more_than_too_early(self):
        late, early = self.value("phm08", [60.0, 9.0], [40, 9]), self.value("phm08", [20.0, 9.0], [40, 9])
        assert late == pytest.approx(np.expm1(2))
        assert early == pytest.approx(np.expm1(20 / 13))

    def test_an_answer_that_is_absurdly_late_has_a_finite_score(self):
        assert np.isfinite(self.value("phm08", [1e9, 1.0], [1, 1]))
