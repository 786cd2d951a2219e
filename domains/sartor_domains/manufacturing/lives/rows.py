"""Rows of remaining life: readings of units whose end is known, or is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.context import say
from sartor.errors import InputError
from sartor.rows import AS_OF, GROUP, KNOWN_AT, ROW, TARGET, Rows
from sartor.wording import form, plural
from sartor_domains.manufacturing.lives.ends import DATE, END, LAST, LEFT, ends_of
from sartor_domains.manufacturing.lives.meetings import with_plans
from sartor_domains.manufacturing.units import AGE, PLAN, has_column, unit_and_cycle
from sartor_plugins.learn.outcome_rows import row_name

if TYPE_CHECKING:
    from datetime import datetime

    from sartor.rows import Origins, Table, Tables
    from sartor_domains.manufacturing.remaining_life import RemainingLife

    Lazy = nw.LazyFrame[Any]

FIRST, WINDOW, DAY = "__first", "__window", "__day"


def rows_of_lives(settings: RemainingLife, tables: Tables, origins: Origins) -> Rows:
    """Return the rows; see `sartor_domains.manufacturing.remaining_life.RemainingLife`."""
    table = tables.single() if settings.table is None and len(tables) == 1 else _named(settings, tables)
    readings = _Readings.of(settings, table)
    if table.unanswered:
        frame = readings.frame().with_columns(nw.lit(None, nw.Float64).alias(TARGET))
        if settings.date is not None:
            frame = frame.with_columns(nw.col(AS_OF).alias(KNOWN_AT))
        return readings.rows(frame)
    readings.check()
    ends = ends_of(settings, tables, table, readings.unit, readings.cycle)
    frame = _with_truth(readings.frame().join(ends, on=list(readings.unit), how="left"), settings)
    frame = _asked(frame, settings, readings, origins)
    if settings.date is None:
        frame = with_plans(frame)
    _say_what_has_no_truth(frame, readings)
    return readings.rows(frame)


def _named(settings: RemainingLife, tables: Tables) -> Table:
    if settings.table is not None:
        return tables[settings.table]
    others = {end.table for end in (settings.left, settings.failed) if end is not None}
    left = [name for name in tables if name not in others]
    if len(left) == 1:
        return tables[left[0]]
    return tables.single()


@dataclass(frozen=True)
class _Readings:
    """A table of readings, and which of its columns mean what."""

    settings: RemainingLife
    table: Table
    unit: tuple[str, ...]
    cycle: str

    @classmethod
    def of(cls, settings: RemainingLife, table: Table) -> _Readings:
        unit, cycle = unit_and_cycle(table)
        for column in (*settings.static, *([settings.date] if settings.date is not None else [])):
            if column in table.columns or not table.unanswered:
                has_column(table, column)
        return cls(settings, table, unit, cycle)

    def frame(self) -> Lazy:
        """Return a line for each reading that may be asked: its name, unit, age and moment."""
        settings, cycle = self.settings, nw.col(self.cycle).cast(nw.Float64)
        unit = [nw.col(column).cast(nw.String) for column in self.unit]
        marks = [
            row_name(self.table).alias(ROW),
            (unit[0] if len(unit) == 1 else nw.concat_str(*unit, separator=" ")).alias(GROUP),
            cycle.alias(AGE),
        ]
        if settings.date is not None and settings.date in self.table.columns:
            marks.append(nw.col(settings.date).cast(nw.Datetime("us")).alias(AS_OF))
        frame = self.table.frame.select(*self.table.key, *marks)
        if settings.every > 1 and not self.table.unanswered:
            first = frame.group_by(*self.unit).agg(nw.col(AGE).min().alias(FIRST))
            last = frame.group_by(*self.unit).agg(nw.col(AGE).max().alias(LAST))
            frame = frame.join(first, on=list(self.unit), how="left").join(last, on=list(self.unit), how="left")
            counted = (nw.col(AGE) - nw.col(FIRST)).cast(nw.Int64) % settings.every == 0
            frame = frame.filter(counted | (nw.col(AGE) == nw.col(LAST))).drop(FIRST, LAST)
        return frame

    def rows(self, frame: Lazy) -> Rows:
        table, settings = self.table, self.settings
        moments = [AS_OF, KNOWN_AT] if settings.date is not None else [] if table.unanswered else [PLAN]
        static = set(settings.static)
        return Rows(
            frame=frame.select(ROW, *table.key, GROUP, AGE, TARGET, *moments),
            keys=table.key,
            own=table.name,
            chosen=True,
            never=tuple(name for name in table.columns if name not in static and name not in table.key),
        )

    def check(self) -> None:
        """Refuse readings that are of no unit, or at no cycle."""
        dated = self.settings.date
        if dated is not None and not self.table.frame.collect_schema()[dated].is_temporal():
            raise InputError(
                f"'{dated}' of {self.table.name} is to be the moment of a reading and holds no dates",
                code="D077",
                hints=(("to mend", f"declare its type at ingest: types: {{{dated}: date}}"),),
            )
        columns = (*self.unit, self.cycle, *([dated] if dated is not None else []))
        missing = self.table.frame.select(*(nw.col(name).null_count() for name in columns)).collect().row(0)
        for name, count in zip(columns, missing, strict=True):
            if count:
                raise InputError(
                    f"'{name}' is missing in {plural(int(count), 'reading')} of {self.table.name}",
                    code="D251",
                    hints=(("to mend", "fill it at the source, or leave those readings out"),),
                )
        cycle = nw.col(self.cycle).cast(nw.Float64)
        before = int(self.table.frame.filter(cycle < 0).select(nw.len()).collect().item())
        if before:
            raise InputError(
                f"{plural(before, 'reading')} of {self.table.name} {form(before, 'is', 'are')} of a cycle below 0",
                code="D251",
                hints=(("to mend", "count cycles from the unit's first day, upwards"),),
            )


def _with_truth(frame: Lazy, settings: RemainingLife) -> Lazy:
    """Return the readings with what their units had left; missing where nobody knows, or the unit had failed before."""
    left = nw.col(END) - nw.col(AGE)
    known = [left >= 0]
    if settings.date is not None:
        known += [~nw.col(AS_OF).is_null(), nw.col(DATE) >= nw.col(AS_OF)]
    frame = frame.with_columns(nw.when(*known).then(left).alias(TARGET))
    if settings.date is not None:
        # A life whose end nobody knows is known never; the moment of asking keeps the order of the two.
        frame = frame.with_columns(
            nw.when(nw.col(DATE) >= nw.col(AS_OF)).then(nw.col(DATE)).otherwise(nw.col(AS_OF)).alias(KNOWN_AT)
        )
    return frame


def _asked(frame: Lazy, settings: RemainingLife, readings: _Readings, origins: Origins) -> Lazy:
    if settings.asked == "each":
        return frame
    if settings.date is not None and origins.cut is not None:
        return _once_a_planning_day(frame, readings, origins)
    if settings.left is not None:
        return frame.filter(nw.col(LEFT).is_null() | (nw.col(AGE) == nw.col(LAST)))
    return frame


def _once_a_planning_day(frame: Lazy, readings: _Readings, origins: Origins) -> Lazy:
    """Keep, of the readings from the cut on, each unit's first one from each planning day on."""
    moments = origins.moments()
    window = nw.lit(-1)
    for place, moment in enumerate(moments):
        window = nw.when(nw.col(AS_OF) >= _plain(moment)).then(nw.lit(place)).otherwise(window)
    numbered = frame.with_columns(window.alias(WINDOW))
    first = numbered.filter(nw.col(WINDOW) >= 0).group_by(*readings.unit, WINDOW).agg(nw.col(AGE).min().alias(FIRST))
    joined = numbered.join(first, on=[*readings.unit, WINDOW], how="left")
    return joined.filter((nw.col(WINDOW) < 0) | (nw.col(AGE) == nw.col(FIRST)))


def _plain(moment: datetime) -> datetime:
    from datetime import UTC

    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _say_what_has_no_truth(frame: Lazy, readings: _Readings) -> None:
    after = frame.filter(nw.col(END) < nw.col(AGE)).select(nw.len(), nw.col(GROUP).n_unique().alias("units"))
    count, units = after.collect().row(0)
    if count:
        say(
            f"{plural(int(count), 'reading')} of {plural(int(units), 'unit')} {form(int(count), 'is', 'are')} from "
            f"after the unit's failure, and neither {form(int(count), 'teaches nor judges', 'teach nor judge')}",
            caution=True,
        )
    if readings.settings.failed is not None:
        running = int(frame.filter(nw.col(END).is_null()).select(GROUP).unique().select(nw.len()).collect().item())
        if running:
            say(
                f"{plural(running, 'unit')} had not failed when the failures were listed: "
                f"{form(running, 'it neither teaches nor judges', 'they neither teach nor judge')}"
            )
