"""Reads tables and queries from databases, SQLite and PostgreSQL, and writes decisions into them."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl

# SQLite comes with Python: that the drivers of others are missing is said when a URL asks for one.


@hookimpl
def ingest() -> Iterator[Component]:
    """Offer the readers of databases."""
    yield Component(
        "databases.table",
        "sartor_plugins.databases.table:DatabaseTable",
        about="A table or view of a database, SQLite or PostgreSQL",
        extra="sql",
    )
    yield Component(
        "databases.query",
        "sartor_plugins.databases.query:DatabaseQuery",
        about="What a query finds in a database, SQLite or PostgreSQL",
        extra="sql",
    )


@hookimpl
def actions() -> Iterator[Component]:
    """Offer the sink that writes into databases."""
    yield Component(
        "databases.write",
        "sartor_plugins.databases.write:DatabaseWrite",
        about="Writes decisions into a table of a database, by their key",
        extra="sql",
        sink=True,
    )
