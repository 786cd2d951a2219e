"""The simulated plant: pumps run until they break down, and their sensors know it beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from sartor.context import Context
from sartor_plugins.samples.plant import Plant


def both(**settings):
    return (
        Plant(**settings).read(Context()).to_pandas(),
        Plant(table="failures", **settings).read(Context()).to_pandas(),
    )


@pytest.fixture(scope="module")
def plant():
    return both(positions=10, days=400, life=80.0)


def test_every_position_has_one_pump_on_every_day(plant):
    readings, _ = plant
    assert len(readings) == 10 * 400
    assert not readings.duplicated(["asset", "day"]).any()
    assert readings.groupby(readings["asset"].str[:3])["day"].nunique().tolist() == [400] * 10


def test_a_pump_that_broke_down_did_so_at_its_last_reading(plant):
    readings, failures = plant
    last = readings.groupby("asset")[["cycle", "day"]].max().loc[failures["asset"]]
    assert last["cycle"].tolist() == failures["failed_at"].tolist()
    assert last["day"].tolist() == failures["failed_on"].tolist()
    assert failures["failed_at"].mean() == pytest.approx(80, rel=0.15)


def test_what_still_runs_at_the_end_has_no_failure(plant):
    readings, failures = plant
    running = set(readings["asset"]) - set(failures["asset"])
    assert len(running) <= 10
    assert (readings[readings["asset"].isin(running)].groupby("asset")["day"].max() == readings["day"].max()).all()


def test_bearings_shake_and_seals_lose_pressure_before_they_fail(plant):
    readings, failures = plant
    joined = readings.merge(failures, on="asset")
    left = joined["failed_at"] - joined["cycle"]
    for mode, sensor, sign in (("bearing", "vibration", 1), ("seal", "outlet_pressure", -1)):
        own = joined["mode"] == mode
        early, late = joined[own & (left > 40)][sensor].mean(), joined[own & (left < 3)][sensor].mean()
        assert sign * (late - early) > 0.8


def test_the_load_of_a_day_moves_sensors(plant):
    readings, _ = plant
    by_load = readings.groupby("load")["bearing_temperature"].mean()
    assert by_load.index.tolist() == [60.0, 80.0, 100.0]
    assert by_load.diff().dropna().tolist() == pytest.approx([4.5, 4.5], abs=0.6)


def test_two_sensors_say_nothing(plant):
    readings, _ = plant
    assert readings["speed_setpoint"].nunique() == 1
    assert sorted(readings["valve"].unique()) == [0, 1]


def test_missing_values_are_as_many_as_asked_for():
    readings, _ = both(positions=5, days=200, missing=0.1)
    assert readings["vibration"].isna().mean() == pytest.approx(0.1, abs=0.03)
    assert not np.isnan(readings["load"]).any()
