"""Tables that steps may see: guarded, lazy, with what the recipe says of each once. Import them from `sartor.rows`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import narwhals as nw


@dataclass(frozen=True)
class Table:
    """A guarded table with what the recipe says of it once, at ingest.

    Parameters
    ----------
    name : str
        As the recipe calls it.
    frame : Narwhals LazyFrame
        Its lines.
    key : tuple of str
        Columns that identify a line; empty if none are declared.
    time : str or None
        Column of the moment at which a line became known.
    roles : mapping of role to column
        ``{"user": "CustomerID"}``.
    known_ahead : frozenset of str
        Columns whose future values are known: prices, promotions, holidays.
    units : mapping of column to unit
    expected_strong : frozenset of str
        Columns that may honestly tell nearly everything.
    simulated : bool
        Whether the rows are made up.
    unanswered : bool
        Whether its lines are to be scored: columns that hold the truth are there, and empty.
    outcomes : Table or None
        What features may see of the truth of the rows' own table: its lines with the columns of the truth, each from
        the moment on at which its truth is known, which is its `time`. None where the task names no such moment, and
        for every other table.
    """

    name: str
    frame: nw.LazyFrame[Any]
    key: tuple[str, ...] = ()
    time: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    known_ahead: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict)
    expected_strong: frozenset[str] = frozenset()
    simulated: bool = False
    unanswered: bool = False
    outcomes: Table | None = None

    @property
    def columns(self) -> list[str]:
        """Names of its columns."""
        return list(self.frame.collect_schema().names())

    def role(self, name: str) -> str:
        """Return the column that has a role; a column of that very name has it by itself.

        Raises
        ------
        InputError
            If no column has the role.
        """
        from sartor.errors import InputError

        if name in self.roles:
            return self.roles[name]
        if name in self.columns:
            return name
        raise InputError(
            f"table {self.name} has no column in the role '{name}'",
            code="D020",
            hints=(("to mend", f"say which column it is at ingest: roles: {{{name}: COLUMN}}"),),
        )

    def with_frame(self, frame: nw.LazyFrame[Any]) -> Table:
        """Return the same table with other lines."""
        return replace(self, frame=frame)


class Tables(Mapping[str, Table]):
    """The tables that a step may see, by name."""

    def __init__(self, tables: Mapping[str, Table], only: tuple[str, ...] | None = None) -> None:
        self._tables = dict(tables) if only is None else {name: tables[name] for name in only}

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def single(self) -> Table:
        """Return the one table there is.

        Raises
        ------
        SettingError
            If there are several: the step must then say which it means.
        """
        from sartor.errors import SettingError

        if len(self._tables) != 1:
            raise SettingError(
                f"works on one table and there are {len(self._tables)}: {', '.join(self._tables)}",
                code="R046",
                hints=(("to mend", "name the one it means: from: TABLE, or with: {table: TABLE}"),),
            )
        return next(iter(self._tables.values()))
