"""Builds condition indicators, unit by unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.errors import InputError
from sartor.rows import ROW
from sartor.wording import form, listed
from sartor_domains.manufacturing.units import has_column, unit_and_cycle
from sartor_plugins.signals.trailing import Trail

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Rows, Table
    from sartor_domains.manufacturing.condition_indicators import ConditionIndicators
    from sartor_domains.manufacturing.sensor_window import SensorWindow

Floats = NDArray[np.float64]

FEW_VALUES = 2
"""A sensor with so many values or fewer is no measurement."""


def build(settings: ConditionIndicators, rows: Rows, table: Table, context: Context) -> pd.DataFrame:
    """Return ``__row`` and the indicators."""
    unit, cycle = unit_and_cycle(table)
    sensors = sensors_of(settings, table)
    lines = lines_of(table, unit, cycle, [*sensors, *settings.alike])
    _say_what_tells_nothing(lines, sensors, context)
    names = list(_names(settings, sensors))
    built = _built(settings, lines, cycle, sensors, len(names))
    key = [*unit, cycle]
    asked = rows.frame.select(ROW, *table.key).collect().to_pandas()
    lines = lines[key].assign(__place=np.arange(len(lines)))
    # Keys of one table joined with themselves: their types are the same on both sides.
    place = asked.merge(lines, on=key, how="left")["__place"]
    found = np.full((len(asked), len(names)), np.nan)
    there = place.notna().to_numpy()
    found[there] = built[place[there].to_numpy(dtype=np.int64)]
    columns = pd.DataFrame(found, columns=[settings.prefix + name for name in names])
    if settings.age:
        columns.insert(0, f"{settings.prefix}age", asked[cycle].to_numpy(dtype=np.float64))
    return pd.concat([asked[[ROW]], columns], axis=1)


def sensors_of(settings: ConditionIndicators | SensorWindow, table: Table) -> list[str]:
    """Return the columns of the sensors.

    Raises
    ------
    InputError
        If one is no number, or there is none.
    """
    schema = table.frame.collect_schema()
    alike = getattr(settings, "alike", {})
    for column in (*alike, *settings.without, *(settings.sensors or ())):
        has_column(table, column)
    named = settings.sensors
    if named is None:
        out = {*table.key, *alike, *settings.without}
        named = [name for name, dtype in schema.items() if dtype.is_numeric() and name not in out]
    for column in (*named, *alike):
        if not schema[column].is_numeric():
            raise InputError(
                f"'{column}' of {table.name} is to be a sensor and holds no numbers",
                code="D062",
                hints=(
                    ("to mend", f"read it as a number at ingest, types: {{{column}: number}}"),
                    ("or", f"say that it is no sensor: without: [{column}]"),
                ),
            )
    if not named:
        raise InputError(
            f"table {table.name} has no column of numbers beside its key: there is no sensor to look at",
            code="D257",
            hints=(("to mend", "name another table, or read its sensors as numbers at ingest"),),
        )
    return list(named)


def lines_of(table: Table, unit: tuple[str, ...], cycle: str, numbers: list[str]) -> pd.DataFrame:
    """Return units, cycles and readings, unit by unit and cycle by cycle."""
    columns = [nw.col(name).cast(nw.Float64) for name in numbers]
    lines = table.frame.select(*unit, cycle, *columns).collect().to_pandas()
    return lines.sort_values([*unit, cycle], kind="stable").reset_index(drop=True)


def _say_what_tells_nothing(lines: pd.DataFrame, sensors: list[str], context: Context) -> None:
    values = {name: int(lines[name].nunique()) for name in sensors}
    dead = [name for name in sensors if values[name] == 0]
    constant = [name for name in sensors if values[name] == 1]
    switch = [name for name in sensors if values[name] == FEW_VALUES]
    if dead:
        context.note(f"{listed(dead)} {form(len(dead), 'holds', 'hold')} no value at all", caution=True)
    if constant:
        context.note(
            f"{listed(constant)} {form(len(constant), 'never changes and tells', 'never change and tell')} nothing"
        )
    if switch:
        context.note(f"{listed(switch)} {form(len(switch), 'knows', 'know')} two values only: a switch, no measurement")


def _names(settings: ConditionIndicators, sensors: list[str]) -> Iterator[str]:
    """Yield the names in the order in which `_of_one` makes the columns."""
    longest = settings.windows[-1]
    for column in settings.alike:
        yield f"at_{column}"
    for measure in settings.measures:
        for window in _windows(settings, measure):
            ending = f"{window}_{longest}" if measure == "change" else str(window)
            yield from (f"{sensor}_{measure}_{ending}" for sensor in sensors)


def _windows(settings: ConditionIndicators, measure: str) -> list[int]:
    if measure == "change":
        return settings.windows[:-1]
    return settings.windows if settings.each_window and measure != "shift" else settings.windows[-1:]


def _built(settings: ConditionIndicators, lines: pd.DataFrame, cycle: str, sensors: list[str], width: int) -> Floats:
    """Return the indicators of every reading, in the order of the lines."""
    unit = [name for name in lines.columns if name not in {cycle, *sensors, *settings.alike}]
    conditions = lines[list(settings.alike)].to_numpy(dtype=np.float64)
    steps = np.array(list(settings.alike.values()))
    alike = [np.rint(conditions[:, place] / step) for place, step in enumerate(steps)]
    by = [lines[name].to_numpy() for name in unit]
    # Readings under conditions that nobody knows are alike among themselves.
    group = lines.groupby([*by, *alike], sort=False, dropna=False).ngroup().to_numpy()
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order], append=-1)) + 1
    values, at = lines[sensors].to_numpy(dtype=np.float64), lines[cycle].to_numpy(dtype=np.float64)
    found = np.empty((len(lines), width))
    start = 0
    for end in ends.tolist():
        places = order[start:end]
        measured = _of_one(settings, at[places], values[places])
        found[places] = np.column_stack([conditions[places], *measured])
        start = end
    return found


def _of_one(settings: ConditionIndicators, at: Floats, values: Floats) -> Iterator[Floats]:
    """Yield the measures of one unit under one condition."""
    trail, longest = Trail(at, values), settings.windows[-1]
    for measure in settings.measures:
        for window in _windows(settings, measure):
            if measure == "mean":
                yield trail.mean(window)
            elif measure == "sd":
                yield trail.sd(window)
            elif measure == "slope":
                yield trail.slope(window)
            elif measure == "change":
                yield trail.mean(window) - trail.mean(longest)
            else:
                yield trail.mean(longest) - trail.first(settings.first)
