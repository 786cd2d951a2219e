"""PostgreSQL runs the query of a card as DuckDB does: on rows at the edges of every bin, whatever names there are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cards import borrowers, training

from sartor.exporting import Export
from sartor_domains.finance.card.exports.edges import edge_rows
from sartor_domains.finance.card.exports.proving import check_alike
from sartor_domains.finance.card.exports.query import Query, quoted
from sartor_domains.finance.scorecard import Scorecard

SERVERS = Path(__file__).parents[3] / "plugins" / "databases" / "servers.py"
LINE = "line"


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory):
    pytest.importorskip("adbc_driver_postgresql", reason="needs adbc_driver_postgresql: pip install 'sartor[sql]'")
    spec = importlib.util.spec_from_file_location("servers_for_cards", SERVERS)
    servers = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    import sys

    sys.modules[spec.name] = servers
    spec.loader.exec_module(servers)
    if servers.binaries() is None:
        pytest.skip("no PostgreSQL server is installed: apt-get install postgresql")
    with servers.server(tmp_path_factory.mktemp("postgresql")) as running:
        yield running


def queried(server, query, X):
    """Run a query over rows that are put where it reads from, and return its answers."""
    import pyarrow as pa

    columns = {LINE: pa.array(np.arange(len(X)))}
    types = {LINE: "BIGINT"}
    for entry in query.columns:
        if entry.numeric:
            values = X[entry.name].to_numpy(dtype=float)
            # NULL and NaN are both missing.
            columns[entry.name] = pa.array(values, mask=np.isnan(values) & (np.arange(len(values)) % 2 == 0))
        else:
            columns[entry.name] = pa.array([v if isinstance(v, str) else None for v in X[entry.name]], pa.string())
        types[entry.name] = "DOUBLE PRECISION" if entry.numeric else "TEXT"
    names = [quoted(name) for name in columns]
    with server.connected() as connection, connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS risk CASCADE")
        cursor.execute("CREATE SCHEMA risk")
        declared = ", ".join(f"{name} {types[key]}" for name, key in zip(names, columns, strict=True))
        cursor.execute(f"CREATE TABLE {query.source} ({declared})")
        # The rows go in under plain names, which a loader cannot mistake.
        plain = pa.table({f"c{place}": values for place, values in enumerate(columns.values())})
        cursor.adbc_ingest("plain_rows", plain, mode="replace")
        listed = ", ".join(plain.column_names)
        cursor.execute(f"INSERT INTO {query.source} ({', '.join(names)}) SELECT {listed} FROM plain_rows")
        cursor.execute(f"CREATE TABLE risk.scored AS {query.written()}")
        cursor.execute(f"SELECT score, probability, status FROM risk.scored ORDER BY {quoted(LINE)}")
        return cursor.fetch_arrow_table().to_pandas()


def export(**more):
    return Export(form="sql", keys=(LINE,), table="risk.applications", **more)


def test_postgresql_scores_as_the_card_does(postgresql, context):
    X, bad = borrowers()
    X["days"] = np.where(np.arange(len(bad)) % 7 == 0, 999.0, np.arange(len(bad)) % 5 + 0.1)
    settings = Scorecard(special_codes={"days": [999, -1]}, pairs=[["income", "job"]], decimals=2)
    card = settings.fit(training(X, bad), context)
    assert card.pairs
    rows = edge_rows(card, None)
    found = queried(postgresql, Query(card, export()), rows)
    check_alike(card.answers(rows), found, rows, "sql")
    assert found["status"].notna().any()


def test_whatever_columns_and_levels_are_called(postgresql, context):
    rng = np.random.default_rng(0)
    names = ["income; DROP TABLE x --\n", 'the "years"', "=job", "Amount", "amount", "é" * 40, "select", "score"]
    levels = ["it's", 'a "quoted" one', "x'); DROP TABLE loans; --", "a\\b", "\\'", "%", "", "ä×漢😀", "NULL", "$1"]
    X = {name: rng.normal(size=3000).round(2) for name in names}
    X["level"] = rng.choice(levels, 3000)
    risk = sum(X[name] for name in names) / 3 + np.array([levels.index(level) for level in X["level"]]) / 5
    bad = (rng.random(3000) < 1 / (1 + np.exp(1 - risk))).astype(int)
    card = Scorecard(min_share=0.02).fit(training(X, bad), context)
    rows = edge_rows(card, None)
    found = queried(postgresql, Query(card, export()), rows)
    check_alike(card.answers(rows), found, rows, "sql")


def test_extreme_scores_neither_overflow_nor_fail(postgresql, context):
    X = pd.DataFrame({"x": [1.0] * 500 + [2.0] * 500})
    card = Scorecard(points_to_double_odds=0.02, decimals=6).fit(training(X, [0] * 499 + [1] * 500 + [0]), context)
    rows = edge_rows(card, None)
    check_alike(card.answers(rows), queried(postgresql, Query(card, export()), rows), rows, "sql")
