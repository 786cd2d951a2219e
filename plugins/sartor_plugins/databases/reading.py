"""What the readers of databases have in common: their settings, and the way from an address to a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from sartor.components import Ingest
from sartor.errors import InputError, SartorError, UsageError, nearest
from sartor_plugins.databases.address import Url, address_of, without_password
from sartor_plugins.databases.source import Asked, Described
from sartor_plugins.tables.kinds import ColumnType

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor_plugins.databases.address import Address

SHORT = 3
"""Seconds that `check` waits for a server: to know columns early is worth no more."""
UNREACHABLE = "D200"


class DatabaseReader(Ingest):
    """Reads from a database.

    Parameters
    ----------
    url : str or secret
        ``secret:NAME`` for an address with a password; a path of an SQLite file, from the recipe's folder, or
        ``sqlite:///PATH``; ``postgresql://USER@HOST:PORT/DATABASE``.
    types : mapping of column to type
        Reads columns as ``text``, ``integer``, ``number``, ``boolean``, ``date`` or ``datetime`` from their texts. A
        value that cannot be read so is an error.
    """

    url: Url
    types: dict[str, ColumnType] = Field(default_factory=dict)

    def asked(self, context: Context) -> Asked:
        """Return what the database is asked for."""
        raise NotImplementedError

    def columns(self, context: Context) -> Mapping[str, str] | None:
        """Return names and types as the database's catalogue has them; None where it cannot be reached now."""
        try:
            address = address_of(self.url, context)
        except UsageError as error:
            # Whoever only looks at a recipe need not have its secrets; a run will ask for them.
            if error.problems[0].code == "U006":
                return None
            raise
        try:
            described = _described(address, self.asked(context), limit=SHORT)
        except SartorError as error:
            if error.problems[0].code == UNREACHABLE:
                return None
            raise
        self._check_types(described)
        return {column.name: self.types.get(column.name, column.type) for column in described.columns}

    def read(self, context: Context) -> Any:
        """Return the table, lazily: the query runs when the engine asks for its rows, and streams.

        Raises
        ------
        InputError
            If the database cannot be reached, has no such table, or holds what cannot be read.
        UsageError
            If the secret of the address is not set.
        """
        from sartor_plugins.databases.scan import relation_of

        asked = self.asked(context)
        described = _described(address_of(self.url, context), asked)
        self._check_types(described)
        return relation_of(described, self.types, asked, context)

    def fingerprint(self, context: Context) -> str | None:
        """Return None: nobody can tell whether a database has changed; ``fresh: 1 day`` at ingest keeps it."""
        return None

    def origin(self, context: Context) -> str:
        """Return server, user and database that the address leads to now, or the file; without a password."""
        address = address_of(self.url, context)
        return str(address.file.absolute()) if address.engine == "sqlite" else without_password(address.url)

    def source(self) -> str:
        """Return the address as the recipe names it; a secret stays a name."""
        return str(self.url)

    def _check_types(self, described: Described) -> None:
        names = [column.name for column in described.columns]
        for name in self.types:
            if name not in names:
                hints = nearest(name, names)
                raise InputError(f"types names column '{name}', which is not there", code="R041", hints=hints)


def _described(address: Address, asked: Asked, limit: int | None = None) -> Described:
    if address.engine == "sqlite":
        from sartor_plugins.databases import sqlite

        return sqlite.describe(address, asked)
    from sartor_plugins.databases import postgresql

    return postgresql.describe(address, asked, seconds=limit or 10, limit=limit)
