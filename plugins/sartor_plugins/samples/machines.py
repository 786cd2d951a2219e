"""The plant simulator: pumps that wear until they break down, and what their sensors say of it.

A pump of life T is worn by ``(t / T) ** p`` after t days, with p between 3 and 6: nothing is to be seen for most of its
life, then everything. Seals wear ``outlet_pressure`` down and let ``oil_particles`` rise; bearings let ``vibration``
and ``bearing_temperature`` rise. ``motor_current`` follows either. Each day has one of three loads, which moves every
sensor more than the wear of a month does: who does not allow for it sees nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sartor_plugins.samples.plant import Plant

Floats = NDArray[np.float64]

MODES = ("bearing", "seal")
MODELS = ("A", "B")
LONGER = (0.9, 1.1)
"""How long a pump of each model lives, against the mean."""
LOADS = (60.0, 80.0, 100.0)
SENSORS = ("vibration", "bearing_temperature", "motor_current", "outlet_pressure", "oil_particles", "noise")
LEVEL = np.array([2.0, 55.0, 30.0, 6.0, 12.0, 70.0])
OWN = np.array([0.15, 1.5, 0.8, 0.12, 1.0, 1.0])
"""By how much pumps differ from their first day on."""
BY_LOAD = np.array([0.6, 9.0, 6.0, -0.5, 2.0, 4.0])
"""What a sensor gains from the least load to the highest."""
DAILY = np.array([0.12, 0.9, 0.5, 0.08, 0.8, 1.0])
WEAR = {"bearing": np.array([1.6, 14.0, 3.0, 0.0, 0.0, 0.0]), "seal": np.array([0.0, 0.0, 2.5, -1.4, 13.0, 0.0])}


@dataclass(frozen=True, eq=False)
class Pump:
    """One pump, from its first day to its last, or to the last day of the plant.

    Parameters
    ----------
    asset : str
    first : int
        The day of the plant on which it was put in.
    life : int
        How many days it runs, whether the plant is watched so long or not.
    model, mode : int
    power : float
        How suddenly it wears.
    rng : Generator
        For what its sensors say.
    """

    asset: str
    first: int
    life: int
    model: int
    mode: int
    power: float
    rng: np.random.Generator


def pumps(settings: Plant) -> Iterator[Pump]:
    """Yield all pumps, position by position; all of them are new on the first day."""
    for position in range(settings.positions):
        rng = np.random.default_rng([settings.seed, position])
        day, number = 0, 0
        while day < settings.days:
            number += 1
            model = int(rng.random() < 0.5)
            life = max(3, round(settings.life * LONGER[model] * rng.gamma(16.0) / 16.0))
            pump = Pump(
                asset=f"P{position + 1:0{len(str(settings.positions))}d}-{number}",
                first=day,
                life=life,
                model=model,
                mode=int(rng.random() < 0.4),
                power=float(rng.uniform(3, 6)),
                rng=np.random.default_rng([settings.seed, position, number]),
            )
            yield pump
            day += life


def readings(settings: Plant) -> pa.Table:
    """Return a line for each pump and day, in the order of positions and days."""
    parts = [_readings(settings, pump) for pump in pumps(settings)]
    return pa.concat_tables(parts)


def _readings(settings: Plant, pump: Pump) -> pa.Table:
    count = min(pump.life, settings.days - pump.first)
    cycle = np.arange(1, count + 1)
    rng = pump.rng
    load = rng.choice(LOADS, count)
    worn = (cycle / pump.life) ** pump.power
    share = (load - LOADS[0]) / (LOADS[-1] - LOADS[0])
    level = LEVEL + OWN * rng.standard_normal(len(SENSORS))
    values = level + np.outer(share, BY_LOAD) + np.outer(worn, WEAR[MODES[pump.mode]])
    values += DAILY * rng.standard_normal(values.shape)
    values[rng.random(values.shape) < settings.missing] = np.nan
    day = np.datetime64(settings.start) + np.arange(pump.first, pump.first + count)
    columns = {
        "asset": pa.array([pump.asset] * count),
        "day": pa.array(day.astype("datetime64[D]")),
        "cycle": pa.array(cycle),
        "model": pa.array([MODELS[pump.model]] * count),
        "load": pa.array(load),
        **{name: pa.array(np.round(values[:, place], 3), from_pandas=True) for place, name in enumerate(SENSORS)},
        "speed_setpoint": pa.array(np.full(count, 1450.0)),
        "valve": pa.array(rng.integers(0, 2, count)),
    }
    return pa.table(columns)


def failures(settings: Plant) -> pa.Table:
    """Return a line for each pump that broke down while the plant was watched."""
    broken = [pump for pump in pumps(settings) if pump.first + pump.life <= settings.days]
    last = np.array([pump.first + pump.life - 1 for pump in broken], dtype=np.int64)
    return pa.table(
        {
            "asset": pa.array([pump.asset for pump in broken], pa.string()),
            "failed_at": pa.array([pump.life for pump in broken], pa.int64()),
            "failed_on": pa.array((np.datetime64(settings.start) + last).astype("datetime64[D]")),
            "mode": pa.array([MODES[pump.mode] for pump in broken], pa.string()),
        }
    )
