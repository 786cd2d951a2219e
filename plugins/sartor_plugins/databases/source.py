"""What a reader asks a database for, and what a database knows of it before a row is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor_plugins.databases.address import Address

UNKNOWN = "unknown"
"""What is said of a type that only the rows can tell."""


@dataclass(frozen=True)
class Asked:
    """A table or a query.

    Parameters
    ----------
    table : str
        Its name as the recipe writes it; empty for a query.
    query : str
        Without the semicolon at its end.
    params : mapping of name to value
    columns : tuple of str
        Which columns; all where none are named.
    as_text : frozenset of str
        Columns that are wanted as the texts they are.
    """

    table: str = ""
    query: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    as_text: frozenset[str] = frozenset()

    @property
    def shown(self) -> str:
        """What messages call it."""
        return f"table {self.table}" if self.table else "the query"


@dataclass(frozen=True)
class Known:
    """A column, as the database's catalogue describes it.

    Parameters
    ----------
    name : str
    native : str
        The database's own word for its type; empty where it has none.
    type : str
        ``text``, ``integer``, ``number``, ``boolean``, ``date``, ``datetime``, or `UNKNOWN`.
    from_text : bool
        Whether it comes as text, and the type is what the text is read as.
    """

    name: str
    native: str
    type: str
    from_text: bool = False


@dataclass(frozen=True)
class Described:
    """What a database says of what was asked for, and how to get it.

    Parameters
    ----------
    columns : tuple of Known
        Those that were asked for, in order.
    schema : callable
        Gives the Arrow schema of the batches; it may look at the values of columns that have no type.
    batches : callable
        Runs the query anew, and yields its rows.
    """

    columns: tuple[Known, ...]
    schema: Callable[[], pa.Schema]
    batches: Callable[[], Iterator[pa.RecordBatch]]


def chosen(columns: Sequence[Known], asked: Asked, address: Address) -> list[Known]:
    """Return the columns that were asked for.

    Raises
    ------
    InputError
        If one of them is not there, or two have one name.
    """
    from sartor.errors import nearest

    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"{asked.shown} of {address.shown} has the column '{twice[0]}' more than once",
            code="D004",
            hints=(("to mend", f"give one of them another name: AS {twice[0]}_2"),),
        )
    by_name = {column.name: column for column in columns}
    for name in asked.columns:
        if name not in by_name:
            hints = nearest(name, names)
            raise InputError(f"{asked.shown} of {address.shown} has no column '{name}'", code="R041", hints=hints)
    return [by_name[name] for name in asked.columns] if asked.columns else list(columns)


def no_bytes(column: Known, asked: Asked) -> InputError:
    """Return the error for a column that holds bytes."""
    said = f" ({column.native})" if column.native else ""
    return InputError(
        f"column '{column.name}' of {asked.shown} holds bytes{said}, which no step can use",
        code="D203",
        hints=(("to mend", "name the other columns, only: [...], or read what the bytes say in a query"),),
    )
