"""Names become whole numbers: entities, items and keys, equal ones the same number.

Whole numbers of up to 64 bits are taken as they are. All else is numbered in its order, which takes a join.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from sartor.errors import InputError

Frame = nw.LazyFrame[Any]
STRANGE = -1
"""Of whom the table has no line: there is nothing in the windows, and that is known."""
_WHOLE = (nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.UInt8, nw.UInt16, nw.UInt32)


@dataclass(frozen=True)
class Numbering:
    """How values of some columns become numbers.

    Parameters
    ----------
    alias : str
        Column of the numbers.
    columns : tuple of str
        Columns of the table; together they make the value.
    casts : tuple of Narwhals dtype or None
        Types in which they compare with columns of the rows.
    is_whole : bool
        Whether the value is a whole number already.
    """

    alias: str
    columns: tuple[str, ...]
    casts: tuple[Any, ...]
    is_whole: bool

    @classmethod
    def of(
        cls, alias: str, columns: Sequence[str], schema: Any, others: Sequence[str] = (), other_schema: Any = None
    ) -> Numbering:
        """Choose how columns of the table, and those of the rows that are to equal them, are numbered.

        Raises
        ------
        InputError
            If they are of types that are never equal.
        """
        pairs = [(schema[column], other_schema[other]) for column, other in zip(columns, others, strict=bool(others))]
        for (one, two), column, other in zip(pairs, columns, others, strict=False):
            if one != two and not (one.is_numeric() and two.is_numeric()):
                raise InputError(
                    f"'{column}' is {kind(one)} in the table and '{other}' is {kind(two)} in the rows: "
                    "they are never equal",
                    code="D092",
                    hints=(("to mend", "declare one type for both at ingest"),),
                )
        types = [schema[column] for column in columns] + [two for _, two in pairs]
        casts = tuple(_common(one, two) for one, two in pairs) or (None,) * len(columns)
        return cls(alias, tuple(columns), casts, len(columns) == 1 and all(dtype in _WHOLE for dtype in types))

    @property
    def raw(self) -> list[str]:
        """Names of the columns before they are numbered."""
        return [f"{self.alias}_raw_{place}" for place in range(len(self.columns))]

    def values(self, schema: Any, columns: Sequence[str] | None = None) -> dict[str, nw.Expr]:
        """Return the columns, or others that compare with them, as they are numbered."""
        named = self.columns if columns is None else columns
        return {
            raw: _present(column, schema) if cast is None else _present(column, schema).cast(cast)
            for raw, column, cast in zip(self.raw, named, self.casts, strict=True)
        }

    def apply(self, frame: Frame, table: Frame, keep: Callable[[Frame], Frame]) -> Frame:
        """Add the numbers to a frame that has the raw columns.

        A value that the table lacks has the number `STRANGE`, which no line has; one that is missing has none.
        """
        if self.is_whole:
            return frame.with_columns(nw.col(self.raw[0]).cast(nw.Int64).alias(self.alias))
        values = self.values(table.collect_schema())
        there = [~nw.col(raw).is_null() for raw in self.raw]
        known = table.select(*(value.alias(raw) for raw, value in values.items())).filter(*there).unique()
        numbers = known.with_row_index(self.alias, order_by=self.raw)
        joined = frame.join(keep(numbers), on=self.raw, how="left")
        number = (
            nw.when(~nw.all_horizontal(*there, ignore_nulls=False))
            .then(None)
            .otherwise(nw.col(self.alias).cast(nw.Int64).fill_null(STRANGE))
        )
        return joined.with_columns(number.alias(self.alias))


def _common(one: Any, two: Any) -> Any:
    """Return the type in which two types compare, None where they do as they are."""
    if one == two:
        return None
    if one in _WHOLE and two in _WHOLE:
        return nw.Int64()
    return nw.Int128() if one.is_integer() and two.is_integer() else nw.Float64()


def _present(column: str, schema: Any) -> nw.Expr:
    """Return a column in which NaN is missing."""
    if schema[column].is_float():
        return nw.when(~nw.col(column).is_nan()).then(nw.col(column))
    return nw.col(column)


def kind(dtype: Any) -> str:
    """Return a type in words.

    Examples
    --------
    >>> kind(nw.String()), kind(nw.Date()), kind(nw.Int64())
    ('text', 'a moment', 'a number')
    """
    if dtype == nw.String:
        return "text"
    if dtype == nw.Boolean:
        return "a flag"
    if dtype in (nw.Date, nw.Datetime):
        return "a moment"
    return "a number" if dtype.is_numeric() else str(dtype).lower()
