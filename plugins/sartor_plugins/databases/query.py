"""What a query finds in a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from sartor_plugins.databases.parameters import check_names
from sartor_plugins.databases.reading import DatabaseReader
from sartor_plugins.databases.source import Asked

if TYPE_CHECKING:
    from sartor.context import Context


class DatabaseQuery(DatabaseReader):
    """Reads what a query finds, SQLite or PostgreSQL, in a transaction that can only read.

    Types are as `databases.table` says. Values go in by parameters, which the driver binds: they are never pasted into
    the text of the query, so that none of them can become a part of it.

    Parameters
    ----------
    url : str or secret
        ``secret:NAME`` for an address with a password; a path of an SQLite file, from the recipe's folder, or
        ``sqlite:///PATH``; ``postgresql://USER@HOST:PORT/DATABASE``.
    query : str
        A SELECT in the database's own SQL; parameters are written ``:name``.
    params : mapping of name to value
        Values of the parameters: texts, numbers, true or false. A date is a text, ``2024-12-31``.
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
    ...     _ = shop.execute("CREATE TABLE loans (id TEXT, amount REAL)")
    >>> large = DatabaseQuery(url="shop.db", query="SELECT id FROM loans WHERE amount > :least", params={"least": 100})
    >>> large.columns(Context(folder=folder))
    {'id': 'text'}
    """

    query: Annotated[str, Field(min_length=1)]
    params: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _parameters_fit(self) -> Self:
        check_names(self.query, self.params)
        return self

    def asked(self, context: Context) -> Asked:
        """Return the query."""
        text = self.query.strip().rstrip(";").rstrip()
        return Asked(query=text, params=self.params, as_text=frozenset(self.types))
