"""Fields that hold rows, in memory or on disk; light, as `sartor.rows` is imported by whatever looks at a recipe."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pandas as pd

    from sartor.stored import Stored

T = TypeVar("T")


class Held:
    """A field that holds a table of pandas or `sartor.stored.Stored` columns, and gives pandas.

    What is stored is read when it is first asked for, and held from then on.

    Parameters
    ----------
    name : str
        Of the field.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, of: Any, kind: Any = None) -> Any:
        if of is None:
            # What a dataclass asks when it looks for a default.
            raise AttributeError(self.name)
        held = of.__dict__[self.name]
        if is_stored(held):
            held = of.__dict__[self.name] = held.frame()
        return held

    def __set__(self, of: Any, value: Any) -> None:
        of.__dict__[self.name] = value


def hold(kind: type[Any], *names: str) -> None:
    """Let fields of a dataclass hold rows that may be stored."""
    for name in names:
        setattr(kind, name, Held(name))


def held_in(of: Any, name: str) -> pd.DataFrame | Stored:
    """Return what a field holds, without reading it."""
    held: pd.DataFrame | Stored = of.__dict__[name]
    return held


def is_stored(held: Any) -> bool:
    """Tell whether rows are stored."""
    # By its class: a table of pandas has its columns for attributes.
    return bool(getattr(type(held), "on_disk", False))


def with_fields(of: T, **changes: Any) -> T:
    """Return the same with some fields changed, as `dataclasses.replace` does; what is stored is not read."""
    values = {field.name: of.__dict__[field.name] for field in fields(of) if field.init}  # type: ignore[arg-type]
    return type(of)(**{**values, **changes})


def taken(held: Any, positions: Any) -> Any:
    """Return the rows at some positions of what a field holds."""
    return held.take(positions) if is_stored(held) else held.iloc[positions].reset_index(drop=True)


def chosen_in(held: Any, names: list[str]) -> Any:
    """Return some columns of what a field holds."""
    return held.select(names) if is_stored(held) else held[names]


def both_taken(rows: Any, X: Any, positions: Any) -> tuple[Any, Any]:
    """Return the rows at some positions of both; where they lie in one file, they share the array of their places."""
    some = taken(rows, positions)
    if is_stored(rows) and is_stored(X) and rows.same_rows_as(X):
        return some, some.select(X.names)
    return some, taken(X, positions)


def spine_of(held: Any) -> pd.DataFrame:
    """Return columns of rows that are held in memory: all where nothing is stored."""
    spine: pd.DataFrame = held.spine if is_stored(held) else held
    return spine


def column_of(held: Any, name: str) -> pd.Series[Any]:
    """Return one column; no other is read."""
    column: pd.Series[Any] = held.column(name) if is_stored(held) else held[name]
    return column
