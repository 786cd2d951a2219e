"""The lazy frames that windows are worked out from: lines and rows with entity, moment and what is measured.

They are Narwhals expressions, the same for every engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import narwhals as nw

from sartor.errors import InputError, SettingError, nearest
from sartor.rows import AS_OF, ROW
from sartor.windows.numbering import Frame, Numbering, kind

if TYPE_CHECKING:
    from sartor.rows import Rows, Table
    from sartor.windows.measures import Windows

ENTITY, TIME, ORDER, NUMBER, ITEM = "__entity", "__time", "__order", "__number", "__item"
"""Columns of the frames; numbers and items are counted: ``__number_0``."""
KEY, OWN = "__key", "__own"
"""The key of a line, and that of a row."""


@dataclass(frozen=True)
class Sources:
    """What windows are worked out from.

    Parameters
    ----------
    rows : Rows
    table : Table
    own : Table or None
        Whose line each row is.
    entity : tuple of str
        As the caller names it: columns or roles.
    windows : Windows
    keep : callable
        Works out a frame that is used several times.
    """

    rows: Rows
    table: Table
    own: Table | None
    entity: tuple[str, ...]
    windows: Windows
    keep: Callable[[Frame], Frame]

    @property
    def of_own_lines(self) -> bool:
        """Whether the rows are lines of the very table that is measured."""
        return self.rows.own == self.table.name

    @property
    def ordered(self) -> bool:
        """Whether lines need the order of their keys."""
        return self.windows.needs_order(self.of_own_lines)

    def time(self) -> str:
        """Return the column of the lines' moments."""
        if self.table.time is None:
            raise InputError(
                f"table {self.table.name} has no time, and windows go by time",
                code="D090",
                hints=(("to mend", "say at ingest which column tells when a line became known: time: COLUMN"),),
            )
        return self.table.time

    # -- checks ---------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Check that everything named is there and of a kind that can be measured."""
        schema = self.table.frame.collect_schema()
        for column in (self.time(), *self.windows.numbers, *self.windows.items):
            if column not in schema:
                raise InputError(
                    f"table {self.table.name} has no column '{column}'", code="R041", hints=nearest(column, schema)
                )
        for column in self.windows.numbers:
            if not (schema[column].is_numeric() or schema[column] == nw.Boolean):
                raise InputError(
                    f"column '{column}' of table {self.table.name} is {kind(schema[column])}; what is added up or "
                    "compared must be a number or a flag",
                    code="D091",
                    hints=(("to mend", f'count its different values: ("distinct", "{column}")'),),
                )
        if self.windows.upto == "own" and not self.of_own_lines:
            raise SettingError(
                f"upto 'own' counts each row's own line, and the rows are not lines of table {self.table.name}",
                hints=(("to mend", "write 'before' or 'including'"),),
            )
        self._check_moments()

    def _check_moments(self) -> None:
        of_rows = self.rows.frame.collect_schema()
        if AS_OF not in of_rows:
            raise InputError(
                f"the rows have no moment ({AS_OF}), and windows end at it",
                code="D090",
                hints=(("to mend", "say in the task at which moment each row is to be answered: as_of: COLUMN"),),
            )
        times = ((self.time(), self.table.frame.collect_schema()[self.time()]), (AS_OF, of_rows[AS_OF]))
        for column, dtype in times:
            if dtype not in (nw.Date, nw.Datetime):
                raise InputError(
                    f"column '{column}' is to be a moment and is {kind(dtype)}",
                    code="D090",
                    hints=(("to mend", "declare its type at ingest: a date, or a date and time"),),
                )

    # -- numbering ------------------------------------------------------------------------------------------------

    @cached_property
    def entities(self) -> list[str]:
        """Columns of the table that name the entity."""
        return [self.table.role(name) for name in self.entity]

    @cached_property
    def entities_of_rows(self) -> tuple[list[str], Table | None]:
        """Columns that name a row's entity, and the table on whose line they stand unless the row has them itself."""
        present = self.rows.frame.collect_schema().names()
        pairs = zip(self.entities, self.entity, strict=True)
        named = [name for pair in pairs if (name := next((one for one in pair if one in present), None)) is not None]
        if len(named) == len(self.entity):
            return named, None
        # What is said of outcomes lacks the lines whose truth is not known yet: the row's own is among them.
        own = self.own or (self.table if self.of_own_lines else None)
        if own is None or own.name != self.rows.own:
            code = "own=tables[rows.own]"
            hints: tuple[tuple[str, str], ...] = (("to mend", f"give the table whose line each row is: {code}"),)
            if self.rows.own is not None:
                # Who wrote the recipe can mend it where the feature gives every table that it gets.
                said = f"name {self.rows.own} too under 'from' of the feature: its lines are the rows, and may say it"
                hints = (("to mend", said), ("or", f"a feature of your own gives it: {code}"))
            raise InputError(
                f"which {' and '.join(self.entity)} a row belongs to is not known: it is no key of the rows",
                code="D092",
                hints=hints,
            )
        return [own.role(name) for name in self.entity], own

    @cached_property
    def numberings(self) -> tuple[Numbering, ...]:
        """How entities, keys and items become numbers."""
        schema = self.table.frame.collect_schema()
        named, own = self.entities_of_rows
        of_rows = self.rows.frame.collect_schema()
        made = [
            Numbering.of(ENTITY, self.entities, schema, named, of_rows if own is None else own.frame.collect_schema())
        ]
        if self.ordered:
            made.append(Numbering.of(ORDER, self.rows.keys, schema, self.rows.keys, of_rows))
        made += [Numbering.of(f"{ITEM}_{place}", [column], schema) for place, column in enumerate(self.windows.items)]
        return tuple(made)

    # -- frames ---------------------------------------------------------------------------------------------------

    def lines(self, named: bool = False) -> Frame:
        """Return entity, moment and what is measured of each line; `named` by its key, as a row."""
        kept: dict[str, nw.Expr] = {TIME: nw.col(self.time())}
        kept |= {f"{NUMBER}_{place}": nw.col(column) for place, column in enumerate(self.windows.numbers)}
        if named:
            kept[ROW] = nw.col(self.rows.keys[0])
        chosen = dict(kept)
        for numbering in self.numberings:
            chosen |= numbering.values(self.table.frame.collect_schema())
        frame = self.table.frame.select(*(value.alias(name) for name, value in chosen.items()))
        for numbering in self.numberings:
            frame = numbering.apply(frame, self.table.frame, self.keep)
        return frame.select(*(numbering.alias for numbering in self.numberings), *kept)

    def of_rows(self) -> Frame:
        """Return key, moment and entity of each row."""
        named, own = self.entities_of_rows
        frame, keys = self.rows.frame, list(self.rows.keys)
        numberings = {one.alias: one for one in self.numberings if one.alias in (ENTITY, ORDER)}
        entity = numberings[ENTITY]
        if own is not None:
            schema = own.frame.collect_schema()
            raw = [value.alias(name) for name, value in entity.values(schema, named).items()]
            frame = frame.select(ROW, AS_OF, *keys).join(own.frame.select(*keys, *raw), on=keys, how="left")
            chosen = {name: nw.col(name) for name in entity.raw}
        else:
            chosen = entity.values(frame.collect_schema(), named)
        if self.ordered:
            chosen |= numberings[ORDER].values(frame.collect_schema(), keys)
        frame = frame.select(ROW, AS_OF, *(value.alias(name) for name, value in chosen.items()))
        for numbering in numberings.values():
            frame = numbering.apply(frame, self.table.frame, self.keep)
        return frame.select(ROW, AS_OF, *numberings)

    @property
    def may_be_twins(self) -> bool:
        """Whether lines may stand for rows: the rows take their entity from the table's own lines, and have one key."""
        in_duckdb = all(frame.implementation.is_duckdb() for frame in (self.rows.frame, self.table.frame))
        _, own = self.entities_of_rows
        if not in_duckdb or own is not self.table or len(self.rows.keys) != 1:
            return False
        time = self.table.frame.collect_schema()[self.time()]
        return time in (nw.Date, self.rows.frame.collect_schema()[AS_OF])

    @property
    def order_is_name(self) -> bool:
        """Whether a line's place in the order is also its key, and so the name of the row that it may stand for."""
        return self.ordered and self.numberings[1].is_whole

    def pairs(self) -> tuple[Frame, Frame]:
        """Return key and moment of each line; and of each row the key, the name and the moment."""
        (key,) = self.rows.keys
        lines = self.table.frame.select(nw.col(key).alias(KEY), nw.col(self.time()).alias(TIME))
        return lines, self.rows.frame.select(nw.col(key).alias(OWN), ROW, AS_OF)
