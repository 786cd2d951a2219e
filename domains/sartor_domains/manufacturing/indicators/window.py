"""Builds windows of sensor readings, unit by unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.rows import ROW
from sartor.wording import plural
from sartor_domains.manufacturing.indicators.building import lines_of, sensors_of
from sartor_domains.manufacturing.units import unit_and_cycle

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Rows, Table
    from sartor_domains.manufacturing.sensor_window import SensorWindow


def build(settings: SensorWindow, rows: Rows, table: Table, context: Context) -> pd.DataFrame:
    """Return ``__row`` and the readings."""
    unit, cycle = unit_and_cycle(table)
    sensors = sensors_of(settings, table)
    lines = lines_of(table, unit, cycle, sensors)
    by_unit = lines.groupby(list(unit), sort=False, dropna=False)
    known = by_unit[sensors].ffill().to_numpy(dtype=np.float64)
    number = by_unit.cumcount().to_numpy()
    places = places_of(number, settings.readings)
    key = [*unit, cycle]
    asked = rows.frame.select(ROW, *table.key).collect().to_pandas()
    place = asked.merge(lines[key].assign(__place=np.arange(len(lines))), on=key, how="left")["__place"]
    there = place.notna().to_numpy()
    found = np.full((len(asked), len(sensors), settings.readings), np.nan)
    found[there] = filled(known[places[place[there].to_numpy(dtype=np.int64)]]).transpose(0, 2, 1)
    short = int((places[:, -1] == places[:, -2]).sum())
    longest = int(number.max(initial=-1)) + 1
    if 0 < longest < settings.readings and not context.piecewise:
        context.note(
            f"no unit has more than {plural(longest, 'reading')}, and a window holds {settings.readings}: "
            "the rest of it repeats the first one",
            caution=True,
        )
    elif short and not context.piecewise:
        context.note(f"{plural(short, 'reading has', 'readings have')} fewer than {settings.readings} up to them")
    names = [f"{sensor}: {back} before" for sensor in sensors for back in range(settings.readings)]
    columns = pd.DataFrame(found.reshape(len(asked), -1), columns=names)
    if settings.age:
        columns.insert(0, "age", asked[cycle].to_numpy(dtype=np.float64))
    return pd.concat([asked[[ROW]], columns], axis=1)


def places_of(number: NDArray[np.int64], readings: int) -> NDArray[np.int64]:
    """Return the places of the readings of each window, the latest first; short ones repeat the unit's first reading.

    Parameters
    ----------
    number : ndarray of shape (n_lines,)
        Of each reading within its unit, from 0; lines of a unit follow each other.
    readings : int

    Examples
    --------
    >>> places_of(np.array([0, 1, 2, 0]), 2).tolist()
    [[0, 0], [1, 0], [2, 1], [3, 3]]
    """
    back = np.minimum(np.arange(readings)[None, :], number[:, None])
    return np.asarray(np.arange(len(number))[:, None] - back, dtype=np.int64)


def filled(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill what is missing at the old end of a window by the oldest reading that is known in it.

    Parameters
    ----------
    windows : ndarray of shape (n_rows, readings, n_sensors)
        The latest reading first.

    Examples
    --------
    >>> filled(np.array([[[3.0], [2.0], [np.nan]]])).ravel().tolist()
    [3.0, 2.0, 2.0]
    """
    made = windows.copy()
    for step in range(1, made.shape[1]):
        missing = np.isnan(made[:, step])
        made[:, step][missing] = made[:, step - 1][missing]
    return made
