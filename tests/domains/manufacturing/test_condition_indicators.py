"""Condition indicators: what sensors say up to a reading, like compared with like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fleet import tables
from pydantic import ValidationError

from sartor.testing import make_rows
from sartor_domains.manufacturing.condition_indicators import ConditionIndicators
from sartor_domains.manufacturing.indicators.building import sensors_of
from sartor_plugins.signals.trailing import Trail


def build(context, frame, asked=None, **settings):
    """Build the indicators of all readings, or of those asked, in the order of the readings."""
    keys = frame[["unit", "cycle"]] if asked is None else frame.loc[asked, ["unit", "cycle"]]
    rows = make_rows(keys.assign(__row=np.arange(len(keys))), context, keys=["unit", "cycle"])
    built = ConditionIndicators(**settings).build(rows, tables(context, frame), context)
    return built.sort_values("__row").reset_index(drop=True)


@pytest.fixture
def one():
    return pd.DataFrame({"unit": "A", "cycle": [1, 2, 3, 4, 5], "heat": [10.0, 12.0, 11.0, 15.0, 20.0]})


def test_mean_and_spread_are_of_the_last_readings(context, one):
    built = build(context, one, windows=[3], measures=["mean", "sd"])
    assert built["heat_mean_3"].tolist() == pytest.approx([10, 11, 11, 38 / 3, 46 / 3])
    assert built["heat_sd_3"].tolist()[:3] == pytest.approx([0, np.sqrt(2), 1])


def test_the_slope_is_what_a_line_through_the_last_readings_rises_a_cycle(context, one):
    built = build(context, one, windows=[3], measures=["slope"])
    expected = [0.0] + [
        np.polyfit(one["cycle"][max(0, n - 3) : n], one["heat"][max(0, n - 3) : n], 1)[0] for n in (2, 3, 4, 5)
    ]
    assert built["heat_slope_3"].tolist() == pytest.approx(expected)


def test_the_slope_is_a_cycle_and_not_a_reading(context):
    sparse = pd.DataFrame({"unit": "A", "cycle": [10, 20, 30], "heat": [1.0, 2.0, 3.0]})
    assert build(context, sparse, windows=[3], measures=["slope"])["heat_slope_3"].tolist()[-1] == pytest.approx(0.1)


def test_change_is_the_short_mean_less_the_long_one(context, one):
    built = build(context, one, windows=[1, 3], measures=["change"])
    assert built["heat_change_1_3"].tolist() == pytest.approx([0, 1, 0, 15 - 38 / 3, 20 - 46 / 3])


def test_the_shift_is_from_the_units_own_first_readings(context, one):
    built = build(context, one, windows=[2], first=2, measures=["shift"])
    assert built["heat_shift_2"].tolist() == pytest.approx([0, 0, 11.5 - 11, 13 - 11, 17.5 - 11])


def test_units_do_not_see_each_other(context, one):
    both = pd.concat([one, one.assign(unit="B", heat=100.0)], ignore_index=True).sample(frac=1, random_state=3)
    built = build(context, both.reset_index(drop=True), windows=[1, 3])
    alone = build(context, one, windows=[1, 3])
    placed = both.reset_index(drop=True).assign(place=range(10)).query("unit == 'A'").sort_values("cycle")["place"]
    pd.testing.assert_frame_equal(
        built.iloc[placed].reset_index(drop=True).drop(columns="__row"), alone.drop(columns="__row"), check_exact=True
    )


def test_a_reading_sees_the_same_to_the_last_bit_whether_later_ones_are_there_or_not(context):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"unit": "A", "cycle": np.arange(400), "heat": 600 + rng.normal(size=400)})
    whole = build(context, frame, windows=[5, 50], measures=["mean", "sd", "slope", "change", "shift"])
    first = build(context, frame.head(150), windows=[5, 50], measures=["mean", "sd", "slope", "change", "shift"])
    pd.testing.assert_frame_equal(whole.head(150), first, check_exact=True)


def test_only_readings_under_like_conditions_are_compared(context):
    load = [60, 100, 60, 100, 60]
    frame = pd.DataFrame({"unit": "A", "cycle": range(1, 6), "load": load, "heat": [1.0, 9.0, 2.0, 9.5, 3.0]})
    built = build(context, frame, windows=[3], measures=["mean", "shift"], first=1, alike={"load": 10})
    assert built["heat_mean_3"].tolist() == pytest.approx([1, 9, 1.5, 9.25, 2])
    assert built["heat_shift_3"].tolist() == pytest.approx([0, 0, 0.5, 0.25, 1])
    assert built["at_load"].tolist() == load


def test_conditions_within_a_step_are_alike(context):
    frame = pd.DataFrame({"unit": "A", "cycle": [1, 2], "load": [59.0, 61.0], "heat": [1.0, 3.0]})
    assert build(context, frame, windows=[2], measures=["mean"], alike={"load": 10})["heat_mean_2"].tolist() == [1, 2]


def test_some_readings_may_be_asked_and_all_of_them_are_looked_at(context, one):
    whole = build(context, one, windows=[2, 4])
    some = build(context, one, asked=[1, 4], windows=[2, 4])
    pd.testing.assert_frame_equal(
        some.drop(columns="__row"), whole.iloc[[1, 4]].reset_index(drop=True).drop(columns="__row")
    )


def test_every_window_is_measured_where_it_is_asked(context, one):
    built = build(context, one, windows=[2, 3], measures=["mean", "slope", "change"], each_window=True, age=False)
    assert list(built.columns) == [
        "__row", "heat_mean_2", "heat_mean_3", "heat_slope_2", "heat_slope_3", "heat_change_2_3",
    ]  # fmt: skip


def test_sensors_are_all_numbers_that_are_neither_key_nor_condition(context, one):
    frame = one.assign(load=60.0, batch=7, model="X")
    made = tables(context, frame)["readings"]
    assert sensors_of(ConditionIndicators(alike={"load": 10}, without=["batch"]), made) == ["heat"]


def test_windows_must_rise_and_change_needs_two():
    with pytest.raises(ValidationError, match="windows must rise, and are 30, 5"):
        ConditionIndicators(windows=[30, 5])
    with pytest.raises(ValidationError, match="change compares a shorter window with the longest"):
        ConditionIndicators(windows=[5], measures=["change"])


@pytest.mark.parametrize("level", [0.0, 518.67, 1e9, -1e-6])
def test_what_never_changes_has_no_spread_and_no_slope(level):
    trail = Trail(np.arange(500.0), np.full((500, 1), level))
    assert (trail.sd(30) == 0).all()
    assert (trail.slope(30) == 0).all()
    assert trail.mean(30).ravel().tolist() == [level] * 500


def test_trailing_measures_agree_with_pandas():
    rng = np.random.default_rng(1)
    values = pd.DataFrame(rng.normal(500, 3, (300, 2)))
    values[rng.random((300, 2)) < 0.1] = np.nan
    trail = Trail(np.arange(300.0), values.to_numpy())
    rolling = values.rolling(20, min_periods=1)
    np.testing.assert_allclose(trail.mean(20), rolling.mean(), rtol=1e-12)
    np.testing.assert_allclose(trail.sd(20)[20:], rolling.std()[20:], rtol=1e-7)
