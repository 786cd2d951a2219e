"""Windows of the last readings, for networks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fleet import tables
from pydantic import ValidationError

from sartor.testing import make_rows
from sartor_domains.manufacturing.sensor_window import SensorWindow


def build(context, frame, asked=None, **settings):
    keys = frame[["unit", "cycle"]] if asked is None else frame.loc[asked, ["unit", "cycle"]]
    rows = make_rows(keys.assign(__row=np.arange(len(keys))), context, keys=["unit", "cycle"])
    built = SensorWindow(**settings).build(rows, tables(context, frame), context)
    return built.sort_values("__row").reset_index(drop=True)


@pytest.fixture
def two():
    return pd.DataFrame(
        {
            "unit": ["A", "A", "A", "B", "B"],
            "cycle": [1, 2, 4, 7, 9],
            "heat": [10.0, np.nan, 12.0, 70.0, 90.0],
            "load": [np.nan, 5.0, 6.0, np.nan, np.nan],
        }
    )


def test_a_window_longer_than_the_unit_repeats_its_first_reading(context, two, notes):
    built = build(context, two.assign(heat=[10.0, 11.0, 12.0, 70.0, 90.0]), readings=3, sensors=["heat"])
    assert list(built) == ["__row", "heat: 0 before", "heat: 1 before", "heat: 2 before"]
    assert built.iloc[:, 1:].to_numpy().tolist() == [
        [10.0, 10.0, 10.0],
        [11.0, 10.0, 10.0],
        [12.0, 11.0, 10.0],
        [70.0, 70.0, 70.0],
        [90.0, 70.0, 70.0],
    ]
    assert notes() == ["4 readings have fewer than 3 up to them"]


def test_a_window_longer_than_any_unit_is_told(context, two, notes):
    built = build(context, two, readings=5, sensors=["heat"])
    assert built.iloc[2, 1:].tolist() == [12.0, 10.0, 10.0, 10.0, 10.0]
    told = "no unit has more than 3 readings, and a window holds 5: the rest of it repeats the first one"
    assert notes() == [told]


def test_a_missing_reading_is_that_before_it_and_what_was_never_known_is_missing(context, two):
    built = build(context, two, readings=2).set_index("__row")
    assert built["heat: 0 before"].tolist() == [10.0, 10.0, 12.0, 70.0, 90.0]
    # The first load of unit A is not known: its window ends at the oldest that is.
    assert built["load: 1 before"].tolist()[1:3] == [5.0, 5.0]
    assert built["load: 0 before"].isna().tolist() == [True, False, False, True, True]


def test_no_reading_sees_what_came_after_it(context, two):
    early = build(context, two.drop(index=[2, 4]), asked=[0, 1, 3], readings=2)
    late = build(context, two, asked=[0, 1, 3], readings=2)
    pd.testing.assert_frame_equal(early, late)


def test_the_order_of_the_lines_counts_for_nothing(context, two):
    shuffled = two.sample(frac=1, random_state=1)
    key = ["unit", "cycle"]
    for_each = [
        pd.concat([frame[key].reset_index(drop=True), build(context, frame, readings=2)], axis=1).sort_values(key)
        for frame in (two, shuffled)
    ]
    pd.testing.assert_frame_equal(*[frame.drop(columns="__row").reset_index(drop=True) for frame in for_each])


def test_age_is_added_when_asked_for(context, two):
    assert build(context, two, readings=2, age=True)["age"].tolist() == [1, 2, 4, 7, 9]


def test_a_window_of_one_reading_is_none():
    with pytest.raises(ValidationError, match="greater than or equal to 2"):
        SensorWindow(readings=1)
