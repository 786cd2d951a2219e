"""Settings of the windows of time; how they are worked out is in `sartor_plugins.history.measured`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sartor.components import Column, Columns, Duration, Feature, Settings, TableName
from sartor.errors import SettingError

if TYPE_CHECKING:
    import narwhals as nw

    from sartor.context import Context
    from sartor.rows import Rows, Tables

Length = Duration | Literal["ever"]
Kind = Literal["count", "since", "sum", "mean", "min", "max", "std", "distinct"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)]


class MeasureOf(Settings):
    """A measure of a column, ``{mean: amount}``.

    Parameters
    ----------
    sum, mean, min, max, std : str, optional
        Column of numbers or flags; the share of a flag is its mean.
    distinct : str, optional
        Column of anything: how many different values.
    """

    sum: Column | None = None
    mean: Column | None = None
    min: Column | None = None
    max: Column | None = None
    std: Column | None = None
    distinct: Column | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.said) != 1:
            raise SettingError(
                f"a measure names one thing to measure, got {', '.join(kind for kind, _ in self.said) or 'none'}",
                hints=(("to mend", "write {mean: COLUMN}, and another measure for another thing"),),
            )
        return self

    @property
    def said(self) -> list[tuple[str, str]]:
        """Every kind of measure that is named, with its column."""
        pairs = [(kind, getattr(self, kind)) for kind in type(self).model_fields]
        return [(kind, column) for kind, column in pairs if column is not None]


class Windows(Feature):
    """What an entity did in windows of time before each row: how often, how much, how lately.

    ``{entity: card, windows: [1 day, 7 days], measures: {payments: count, spent: {sum: amount}}}`` gives
    ``payments_1_day``, ``payments_7_days``, ``spent_1_day`` and ``spent_7_days``. In an empty window counts and sums
    are 0 and all else is missing, unless `empty` says otherwise.

    Past truths count from the moment on at which the task knows them, and in no other way: with ``of: outcomes``
    windows hold the lines whose truth became known in them. A terminal's share of fraud in ``7 days`` is then that of
    the payments that were found out in these seven days.

    Parameters
    ----------
    entity : list of str
        Columns or roles that say whose line it is; one, or several together. The entity is no feature by that.
    windows : list of Duration or ``ever``
        How far back each looks, such as ``[1 hour, 7 days, ever]``.
    measures : mapping of name to measure
        ``count`` of lines, ``since``: seconds from the latest line to the row, or of a column: ``{sum: amount}``,
        ``mean``, ``min``, ``max``, ``std``, ``distinct``.
    table : str, optional
        The table whose lines are measured; the rows' own unless named.
    of : {"lines", "outcomes"}
        Lines by their time, or by the moment at which their truth was known.
    own_line : bool
        Whether the row's own line counts, and what came at the same moment before it; by default where the rows are
        lines of the table.
    delay : Duration, optional
        Windows of lines end this long before the row.
    empty : float, optional
        What stands for a mean, least, most, deviation or time since in an empty window; missing unless given.
    prefix : str
        Put before the name of every column that is built.
    """

    entity: Annotated[Columns, Field(min_length=1)]
    windows: Annotated[list[Length], Field(min_length=1, max_length=20)]
    measures: Annotated[dict[Name, Literal["count", "since"] | MeasureOf], Field(min_length=1)]
    table: TableName | None = None
    of: Literal["lines", "outcomes"] = "lines"
    own_line: bool | None = None
    delay: Duration | None = None
    empty: float | None = None
    prefix: str = ""

    @model_validator(mode="after")
    def _outcomes_have_their_moment(self) -> Self:
        if self.of == "outcomes" and (self.delay is not None or self.own_line is not None):
            extra = "delay" if self.delay is not None else "own_line"
            raise SettingError(
                f"{extra} does not go with of: outcomes, which count from the moment on at which they are known",
                hints=(("to mend", f"leave {extra} out; the task says how long it takes to know an outcome"),),
            )
        return self

    def alone(self, own: str) -> bool:
        """Whether lines of another table are measured: of its own the row's line says whose they are, and no more."""
        return self.table is not None and self.table != own

    @property
    def sees_outcomes(self) -> bool:
        """Whether past truths are measured."""
        return self.of == "outcomes"

    def build(self, rows: Rows, tables: Tables, context: Context) -> nw.LazyFrame[Any]:
        """Return ``__row`` and a column for each measure and window.

        Raises
        ------
        InputError
            If the table has no time or no such column, or outcomes are asked for and it is not said when they are
            known.
        """
        from sartor_plugins.history.measured import build

        return build(self, rows, tables, context)
