"""Which columns of a table of readings name the unit, and which counts its cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sartor.errors import InputError, nearest

if TYPE_CHECKING:
    from sartor.rows import Table

CYCLE = "cycle"
"""The role of the column that counts a unit's cycles: its age in days, hours, flights."""
AGE = "cycles_run"
"""Column of the rows: how many cycles the unit has run."""
PLAN = "planned_in"
"""Column of the rows: the number of the plan that meets the unit at this reading; missing where none does."""


def unit_and_cycle(table: Table) -> tuple[tuple[str, ...], str]:
    """Return the columns of the key that name the unit, and the one that counts its cycles.

    A reading is told by its unit and its cycle. The cycle is the column in the role ``cycle``, else the last of the
    key.

    Raises
    ------
    InputError
        If the key is not made of a unit and a cycle.
    """
    if len(table.key) < 2:
        said = f"its key is {table.key[0]}" if table.key else "it has no key"
        raise InputError(
            f"table {table.name} is to hold readings of units, each told by its unit and its cycle, and {said}",
            code="D250",
            hints=(("to mend", "name both at ingest, the cycle last: key: [unit, cycle]"),),
        )
    cycle = table.roles.get(CYCLE, table.key[-1])
    if cycle not in table.key:
        raise InputError(
            f"the cycle of table {table.name} is to be '{cycle}', which is no part of its key {', '.join(table.key)}",
            code="D250",
            hints=(("to mend", f"name it in the key: key: [{', '.join(table.key[:-1])}, {cycle}]"),),
        )
    if not table.frame.collect_schema()[cycle].is_numeric():
        raise InputError(
            f"'{cycle}' of table {table.name} counts cycles and holds no numbers",
            code="D250",
            hints=(
                ("to mend", f"read it as a number at ingest, types: {{{cycle}: integer}}"),
                ("or", "name another column: roles: {cycle: COLUMN}"),
            ),
        )
    return tuple(column for column in table.key if column != cycle), cycle


def has_column(table: Table, column: str) -> None:
    """Refuse a column that a table does not have.

    Raises
    ------
    InputError
        If it is not there; where the table's names are numbers, it says that they may be its first line.
    """
    if column in table.columns:
        return
    hints = nearest(column, table.columns)
    if any(_is_number(name) for name in table.columns):
        hints = (
            ("its columns", ", ".join(table.columns[:8])),
            ("to mend", f"the file seems to have no header, name its columns at ingest: names: [{column}]"),
        )
    raise InputError(f"table {table.name} has no column '{column}'", code="R041", hints=hints)


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True
