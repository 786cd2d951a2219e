"""A table of a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sartor_plugins.databases.reading import DatabaseReader
from sartor_plugins.databases.source import Asked

if TYPE_CHECKING:
    from sartor.context import Context


class DatabaseTable(DatabaseReader):
    """Reads a table or view of a database, SQLite or PostgreSQL, in a transaction that can only read.

    Rows stream from the server through the guard into the store, a batch at a time. Names and types come from the
    catalogue before a row is read.

    PostgreSQL: whole numbers, and numerics without decimals, are integers (one that does not fit into 64 bits is an
    error, see `types`); other numerics and money are numbers of 16 digits; intervals are numbers of seconds. Moments
    with a zone are in UTC. NaN and infinite dates are missing values. Texts, ids with leading zeros among them, stay as
    they are; ``char(n)`` loses the blanks at its end. JSON, UUID, enumerations and all other types become text; lists
    of numbers or texts stay lists. Bytes are refused.

    SQLite: the type that a column was declared with; dates, moments and flags are read from their texts, and from 0
    and 1. Columns without a type, as in some views, have the one that holds all their values. A value of another type
    than its column is an error that says how many there are.

    Parameters
    ----------
    url : str or secret
        ``secret:NAME`` for an address with a password; a path of an SQLite file, from the recipe's folder, or
        ``sqlite:///PATH``; ``postgresql://USER@HOST:PORT/DATABASE``.
    table : str
        Its name, with its schema where it needs one: ``credit.loans``.
    only : list of str, optional
        The columns that are read; all unless named.
    types : mapping of column to type
        Reads columns as ``text``, ``integer``, ``number``, ``boolean``, ``date`` or ``datetime`` from their texts. A
        value that cannot be read so is an error.

    Examples
    --------
    >>> import sqlite3, tempfile
    >>> from contextlib import closing
    >>> from pathlib import Path
    >>> from sartor.context import Context
    >>> folder = Path(tempfile.mkdtemp())
    >>> with closing(sqlite3.connect(folder / "shop.db")) as shop:
    ...     _ = shop.execute("CREATE TABLE loans (id TEXT, amount DECIMAL(9, 2), granted DATE)")
    >>> DatabaseTable(url="shop.db", table="loans").columns(Context(folder=folder))
    {'id': 'text', 'amount': 'number', 'granted': 'date'}
    """

    table: Annotated[str, Field(min_length=1)]
    only: Annotated[list[str], Field(min_length=1)] | None = None

    def asked(self, context: Context) -> Asked:
        """Return the table."""
        return Asked(table=self.table, columns=tuple(self.only or ()), as_text=frozenset(self.types))
