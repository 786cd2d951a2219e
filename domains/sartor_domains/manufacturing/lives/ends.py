"""When units end: at their last reading, so many cycles behind it, or when a list of failures says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.errors import InputError
from sartor.wording import listed, plural
from sartor_domains.manufacturing.units import has_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sartor.rows import Table, Tables
    from sartor_domains.manufacturing.remaining_life import Failed, Left, RemainingLife

    Lazy = nw.LazyFrame[Any]

LAST, LEFT, END, DATE = "__last", "__left", "__end", "__date"
_PLACE, _UNITS, _LINES = "__place", "__units", "__lines"


def ends_of(settings: RemainingLife, tables: Tables, readings: Table, unit: tuple[str, ...], cycle: str) -> Lazy:
    """Return a line for each unit: its last cycle, what it then had left, its end, and the date of its end.

    Raises
    ------
    InputError
        If the table that tells of ends does not fit the units.
    """
    at = nw.col(cycle).cast(nw.Float64)
    whens = []
    if settings.date is not None:
        whens.append(nw.col(settings.date).cast(nw.Datetime("us")).max().alias(DATE))
    units = readings.frame.group_by(*unit).agg(at.max().alias(LAST), *whens)
    if settings.left is not None:
        told = _told(settings.left, tables[settings.left.table], units, unit, readings.name)
        _check_left(settings.left, told, units, unit, readings.name)
        joined = units.join(told, on=list(unit), how="left")
        return joined.with_columns((nw.col(LAST) + nw.col(LEFT).fill_null(0.0)).alias(END))
    if settings.failed is not None:
        failures = _failures(settings.failed, tables[settings.failed.table], unit, dated=settings.date is not None)
        _check_known(settings.failed.table, failures, units, unit, readings.name)
        return units.drop(*([DATE] if settings.date is not None else [])).join(failures, on=list(unit), how="left")
    return units.with_columns(nw.col(LAST).alias(END))


def _told(settings: Left, table: Table, units: Lazy, unit: tuple[str, ...], readings: str) -> Lazy:
    """Return what units had left, by unit."""
    has_column(table, settings.column)
    _check_number(table, settings.column)
    named = [column for column in unit if column in table.columns]
    left = nw.col(settings.column).cast(nw.Float64).alias(LEFT)
    if settings.order is None:
        absent = [column for column in unit if column not in named]
        if absent:
            raise InputError(
                f"table {table.name} does not say whose life it tells: it has no column {listed(absent)}",
                code="D252",
                hints=(
                    ("to mend", f"name its columns as those of {readings} are named"),
                    (
                        "or",
                        "where lines stand in the order of the units, name the number of the line: left: {order: ...}",
                    ),
                ),
            )
        return table.frame.select(*unit, left)
    return _in_order(settings, table, units, unit, named)


def _in_order(settings: Left, table: Table, units: Lazy, unit: tuple[str, ...], named: list[str]) -> Lazy:
    """Return what units had left where the lines stand in their order and do not name them."""
    assert settings.order is not None
    has_column(table, settings.order)
    _check_number(table, settings.order)
    rest = [column for column in unit if column not in named]
    if len(rest) != 1:
        said = "names every part of its unit" if not rest else f"leaves out {listed(rest)}"
        raise InputError(
            f"left says an order of lines, and table {table.name} {said}: exactly one part can follow from an order",
            code="D252",
            hints=(("to mend", "leave out order" if not rest else "name the other parts in the table"),),
        )
    left = nw.col(settings.column).cast(nw.Float64).alias(LEFT)
    lines = table.frame.select(*named, nw.col(settings.order).alias(_PLACE), left)
    # Units that lines can be of: where parts are named, those of the same parts.
    own = units.select(*unit)
    if named:
        own = own.join(lines.select(*named).unique(), on=named, how="semi")
    _check_as_many(settings, table, own, lines, named)
    return (
        _numbered(own, named, rest[0])
        .join(_numbered(lines, named, _PLACE), on=[*named, _LINES], how="inner")
        .select(*unit, LEFT)
    )


def _numbered(frame: Lazy, within: list[str], by: str) -> Lazy:
    frame = frame.with_columns(nw.lit(1).alias(_LINES))
    number = nw.col(_LINES).cum_sum()
    over = number.over(*within, order_by=by) if within else number.over(order_by=by)
    return frame.with_columns(over.cast(nw.Int64).alias(_LINES))


def _check_as_many(settings: Left, table: Table, units: Lazy, lines: Lazy, named: list[str]) -> None:
    have, told = (int(frame.select(nw.len()).collect().item()) for frame in (units, lines))
    if have != told:
        raise InputError(
            f"table {table.name} has {plural(told, 'line')} for {plural(have, 'unit')}: "
            "which line is of which unit cannot be told by their order",
            code="D253",
            hints=(
                ("to mend", "see whether the file has a header that was read as a line, or the other way round"),
                ("or", "name the unit in each line"),
            ),
        )


def _check_left(settings: Left, told: Lazy, units: Lazy, unit: tuple[str, ...], readings: str) -> None:
    left = nw.col(LEFT)
    missing, strange = (
        told.select(left.null_count().alias("missing"), (left < 0).cast(nw.Int64).sum().alias("strange"))
        .collect()
        .row(0)
    )
    if missing:
        raise InputError(
            f"'{settings.column}' of {settings.table} is missing in {plural(int(missing), 'line')}",
            code="D254",
            hints=(("to mend", "leave out units of which nobody knows what they had left"),),
        )
    if strange:
        raise InputError(
            f"'{settings.column}' of {settings.table} is below 0 in {plural(int(strange), 'line')}: a unit that was "
            "read cannot have failed before",
            code="D254",
            hints=(("to mend", "see whether the column holds cycles left, and not a cycle or a difference"),),
        )
    _check_known(settings.table, told, units, unit, readings)


def _failures(settings: Failed, table: Table, unit: tuple[str, ...], *, dated: bool) -> Lazy:
    absent = [column for column in unit if column not in table.columns]
    if absent:
        raise InputError(
            f"table {table.name} does not say which unit failed: it has no column {listed(absent)}",
            code="D252",
            hints=(("to mend", "name its columns as those of the readings are named"),),
        )
    has_column(table, settings.column)
    _check_number(table, settings.column)
    columns = [nw.col(settings.column).cast(nw.Float64).alias(END)]
    if dated and settings.moment is not None:
        has_column(table, settings.moment)
        if not table.frame.collect_schema()[settings.moment].is_temporal():
            raise InputError(
                f"'{settings.moment}' of {table.name} is to be the date of a failure and holds no dates",
                code="D254",
                hints=(("to mend", f"declare its type at ingest: types: {{{settings.moment}: date}}"),),
            )
        columns.append(nw.col(settings.moment).cast(nw.Datetime("us")).alias(DATE))
    return table.frame.select(*unit, *columns)


def _check_known(table: str, told: Lazy, units: Lazy, unit: Sequence[str], readings: str) -> None:
    """Refuse a unit that is told of twice, or has no reading."""
    lines, different = (int(frame.select(nw.len()).collect().item()) for frame in (told, told.select(*unit).unique()))
    if lines != different:
        raise InputError(
            f"table {table} tells of {plural(lines - different, 'unit')} more than once: a unit ends once",
            code="D255",
            hints=(
                ("to mend", "give a unit that was repaired and ran again a name of its own for each life"),
                ("or", "declare the key at ingest, and let the contract say which line counts"),
            ),
        )
    strangers = told.join(units, on=list(unit), how="anti").select(*unit)
    found = strangers.collect().to_pandas()
    if len(found):
        named = listed(" ".join(map(str, line)) for line in sorted(found.to_numpy().tolist(), key=str)[:3])
        raise InputError(
            f"table {table} tells of {plural(len(found), 'unit')} without a reading in {readings}: {named}"
            f"{', …' if len(found) > 3 else ''}",
            code="D256",
            hints=(("to mend", "see whether both tables name units alike, and belong together"),),
        )


def _check_number(table: Table, column: str) -> None:
    if not table.frame.collect_schema()[column].is_numeric():
        raise InputError(
            f"'{column}' of {table.name} is to be a number of cycles and holds no numbers",
            code="D254",
            hints=(("to mend", f"read it as a number at ingest: types: {{{column}: number}}"),),
        )
