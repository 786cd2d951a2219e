"""What tests of databases share: a PostgreSQL server for all of them, an SQLite file for each, and a way to read."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from servers import PASSWORD, Server, binaries, server

from sartor.engine import Engine
from sartor.testing import make_context

EVERYTHING_IS_INSTALLED = os.environ.get("SARTOR_EXTRAS") == "all"


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory):
    """A server that is started once."""
    pytest.importorskip("adbc_driver_postgresql", reason="needs adbc_driver_postgresql: pip install 'sartor[sql]'")
    if binaries() is None:
        pytest.skip("no PostgreSQL server is installed: apt-get install postgresql")
    with server(tmp_path_factory.mktemp("postgresql")) as running:
        yield running


@pytest.fixture
def warehouse(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server with an empty database, and its address in the secret WAREHOUSE_URL."""
    postgresql.run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public", "GRANT USAGE ON SCHEMA public TO reader")
    monkeypatch.setenv("WAREHOUSE_URL", postgresql.url())
    monkeypatch.setenv("OWNER_URL", postgresql.url(user="owner"))
    return postgresql


@pytest.fixture
def engine():
    with Engine(threads=2) as opened:
        yield opened


@pytest.fixture
def context(tmp_path, engine):
    return make_context(tmp_path, step="ingest.table", engine=engine)


@pytest.fixture
def shop(tmp_path):
    """Return a function that runs statements on an SQLite file `shop.db`, and gives what the last one finds."""

    def run(*statements, many=()):
        with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
            rows = []
            for statement in statements:
                rows = connection.execute(statement).fetchall()
            if many:
                text, values = many
                connection.executemany(text, values)
            connection.commit()
            return rows

    return run


@pytest.fixture
def read(context, engine):
    """Return a function that reads a component's table whole, as columns of plain values."""

    def run(component):
        said = component.columns(context)
        frame = engine.fetch(engine.store(component.read(context), "table"))
        assert list(said) == list(frame.columns)
        return {
            name: [None if missing else value for value, missing in zip(frame[name], frame[name].isna(), strict=True)]
            for name in frame
        }

    return run


@pytest.fixture
def secret() -> str:
    return PASSWORD
