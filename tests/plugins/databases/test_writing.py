"""`databases.write`: what stands in the table, on both databases, and that it stands there once or not at all."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, datetime
from typing import ClassVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from servers import OWNER, PASSWORD

from sartor.delivery import Decisions
from sartor.errors import InputError, UsageError
from sartor.recipe import Secret
from sartor.testing import SinkTests
from sartor_plugins.databases.table import DatabaseTable
from sartor_plugins.databases.write import DatabaseWrite

TABLE = {
    "id": ["007", "008"],
    "decision": ["accept", 'it\'s "no"; DROP TABLE t'],
    "score": [0.1, float("nan")],
    "units": [2**60, None],
    "urgent": [True, None],
    "day": [date(2024, 2, 29), None],
    "at": [datetime(2024, 2, 29, 23, 59, 59, 5), None],
    "reasons": [["low income", 'a "b"'], None],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, context):
    """Return the address of an empty database of each kind, and a function that runs statements on it."""
    if request.param == "sqlite":
        return "shop.db", request.getfixturevalue("shop")
    return Secret("OWNER_URL"), request.getfixturevalue("warehouse").run


@pytest.fixture
def deliver(context, database):
    """Return a function that delivers columns into table `t`, and gives the receipt."""
    url, _ = database

    def run(values, own=("id",), **settings):
        file = context.scratch / "recorded.parquet"
        pq.write_table(pa.table(values), file)
        return DatabaseWrite(url=url, table="t", **settings).deliver(Decisions(file, own, lines=3), context)

    return run


def test_a_table_that_is_made_holds_every_value_as_what_it_is(deliver, database, read):
    receipt = deliver(TABLE, create=True)
    found = read(DatabaseTable(url=database[0], table="t"))
    assert (receipt.rows, receipt.added, receipt.changed) == (2, 2, 0)
    assert {name: values[0] for name, values in found.items() if name != "reasons"} == {
        "id": "007",
        "decision": "accept",
        "score": 0.1,
        "units": 2**60,
        "urgent": True,
        "day": pd.Timestamp("2024-02-29"),
        "at": pd.Timestamp("2024-02-29 23:59:59.000005"),
    }
    assert json.loads(found["reasons"][0]) == ["low income", 'a "b"']
    assert found["decision"][1] == TABLE["decision"][1]
    assert [found[name][1] for name in ("score", "units", "urgent", "day", "at", "reasons")] == [None] * 6


def test_lines_are_added_changed_or_left_by_their_key(deliver, database):
    _, run = database
    run("CREATE TABLE t (id TEXT PRIMARY KEY, say TEXT, note TEXT DEFAULT 'ours')")
    run("INSERT INTO t VALUES ('1', 'a', 'kept'), ('2', 'b', 'kept'), ('9', 'z', 'kept')")
    receipt = deliver({"id": ["1", "2", "3", "4"], "say": ["a", "B", "c", "d"]})
    assert receipt.in_words() == "4 rows, 2 new, 1 changed"
    assert run("SELECT * FROM t ORDER BY id") == [
        ("1", "a", "kept"),
        ("2", "B", "kept"),
        ("3", "c", "ours"),
        ("4", "d", "ours"),
        ("9", "z", "kept"),
    ]
    assert deliver({"id": ["1", "2", "3", "4"], "say": ["a", "B", "c", "d"]}).in_words() == "4 rows, all there already"


def test_a_missing_value_is_a_value_that_can_change(deliver, database):
    _, run = database
    deliver({"id": ["1", "2"], "say": ["a", None]}, create=True)
    assert deliver({"id": ["1", "2"], "say": [None, None]}).changed == 1
    assert run("SELECT say FROM t ORDER BY id") == [(None,), (None,)]


def test_a_key_of_several_columns_tells_lines_apart(deliver, database):
    _, run = database
    plan = {"machine": ["m1", "m1", "m2"], "day": [1, 2, 1], "act": ["a", "b", "c"]}
    deliver(plan, (), key=["machine", "day"], create=True)
    receipt = deliver({"machine": ["m1"], "day": [2], "act": ["B"]}, (), key=["day", "machine"])
    assert (receipt.added, receipt.changed) == (0, 1)
    assert run("SELECT act FROM t ORDER BY machine, day") == [("a",), ("B",), ("c",)]


def test_a_table_of_nothing_but_its_key_is_filled_too(deliver, database):
    deliver({"id": ["1", "2"]}, create=True)
    assert deliver({"id": ["2", "3"]}).in_words() == "2 rows, 1 new"


def test_only_the_named_columns_are_written(deliver, database):
    _, run = database
    deliver({"id": ["1"], "say": ["a"], "more": [1]}, columns=["id", "say"], create=True)
    assert run("SELECT * FROM t") == [("1", "a")]


@pytest.mark.parametrize(
    ("there", "columns", "settings", "said"),
    [
        ("", {"id": ["1"]}, {}, "has no table 't'  D202\n"),
        ("id TEXT PRIMARY KEY", {"id": ["1"], "say": ["a"]}, {}, "has no column 'say'  D221"),
        (
            "id TEXT, say TEXT",
            {"id": ["1"], "say": ["a"]},
            {},
            "the key id does not tell lines of table t apart: it has no primary key or unique index of just these",
        ),
        ("id TEXT, say TEXT, UNIQUE (id, say)", {"id": ["1"], "say": ["a"]}, {}, "the key id does not tell lines"),
        (
            "id TEXT PRIMARY KEY, n INTEGER",
            {"id": ["1"], "n": [1.5]},
            {},
            "and the decisions hold numbers with decimals there  D221",
        ),
        (
            "id TEXT PRIMARY KEY",
            {"id": ["1", "1"]},
            {},
            "the key id does not tell decisions apart: 2 lines, 1 different",
        ),
        ("id TEXT PRIMARY KEY", {"id": ["1"]}, {"columns": ["x"]}, "have no column 'x'  R041"),
        ("id TEXT PRIMARY KEY, n INTEGER CHECK (n > 5)", {"id": ["1"], "n": [3]}, {}, "table t: "),
    ],
)
def test_a_table_that_cannot_take_the_decisions_is_left_as_it_is(deliver, database, there, columns, settings, said):
    _, run = database
    run(f"CREATE TABLE t ({there})" if there else "SELECT 1")
    with pytest.raises(InputError, match=re.escape(said)):
        deliver(columns, **settings)
    if there:
        assert run("SELECT count(*) FROM t") == [(0,)]


def test_keys_that_are_not_unique_in_the_table_are_counted(deliver, database):
    _, run = database
    run("CREATE TABLE t (id TEXT, say TEXT)")
    run("INSERT INTO t VALUES ('1', 'a'), ('1', 'b'), ('2', 'c'), ('2', 'd'), ('3', 'e')")
    said = r"the key id does not tell lines of table t apart: 2 keys stand in several lines  D221\n  to mend: leave one"
    with pytest.raises(InputError, match=said):
        deliver({"id": ["1"], "say": ["x"]})
    assert run("SELECT count(*) FROM t") == [(5,)]


def test_decisions_without_a_key_need_one_to_be_named(deliver):
    with pytest.raises(InputError, match=r"have no key by which they could be put into a table  D220\n  to mend: name"):
        deliver({"say": ["a"]}, ())


class TestPostgresqlOnly:
    @pytest.fixture
    def database(self, warehouse):
        return Secret("OWNER_URL"), warehouse.run

    def test_values_take_the_types_of_the_table(self, deliver, database):
        _, run = database
        run(
            "CREATE TYPE answer AS ENUM ('yes', 'no')",
            "CREATE TABLE t (id bigint PRIMARY KEY, price numeric(9, 2), at timestamptz, day timestamp, tags text[], "
            "more json, note varchar(9), said answer, uid uuid, n text)",
        )
        one = {
            "id": [7], "price": [1.25], "at": [datetime(2024, 7, 1, 12)], "day": [date(2024, 7, 1)],
            "tags": [["a", "b"]], "more": [["c"]], "note": ["short"], "said": ["yes"],
            "uid": ["0f8fad5b-d9cb-469f-a165-70867728950e"], "n": [5],
        }  # fmt: skip
        deliver(one)
        assert deliver(one).in_words() == "1 row, all there already"
        day = "to_char(day, 'YYYY-MM-DD')"
        found = run(
            f"SELECT price::text, at = '2024-07-01 12:00Z', {day}, tags = '{{a,b}}', more::text, said::text, n FROM t"
        )
        assert found == [("1.25", True, "2024-07-01", True, '["c"]', "yes", "5")]

    def test_a_text_that_is_too_long_is_refused_and_not_cut_off(self, deliver, database):
        _, run = database
        run("CREATE TABLE t (id text PRIMARY KEY, note varchar(3))")
        with pytest.raises(InputError, match=r"table t: value too long for type character varying\(3\)  D207"):
            deliver({"id": ["1", "2"], "note": ["ok", "canary"]})
        assert run("SELECT count(*) FROM t") == [(0,)]

    def test_a_text_that_is_no_value_of_the_type_is_refused_without_it(self, deliver, database):
        _, run = database
        run("CREATE TABLE t (id text PRIMARY KEY, n int)")
        with pytest.raises(InputError, match="table t: invalid input syntax for type integer  D207") as caught:
            deliver({"id": ["1"], "n": ["canary"]})
        assert "canary" not in str(caught.value)

    def test_a_user_who_may_only_read_is_told_so(self, context, warehouse):
        warehouse.run("CREATE TABLE t (id text PRIMARY KEY)")
        file = context.scratch / "recorded.parquet"
        pq.write_table(pa.table({"id": ["1"]}), file)
        sink = DatabaseWrite(url=Secret("WAREHOUSE_URL"), table="t")
        with pytest.raises(InputError, match="secret:WAREHOUSE_URL does not allow it: permission denied for table t"):
            sink.deliver(Decisions(file, ("id",)), context)

    def test_a_table_that_somebody_holds_is_given_up_after_a_while(self, deliver, database, warehouse, monkeypatch):
        monkeypatch.setattr("sartor_plugins.databases.postgresql_target.WAIT", 1)
        _, run = database
        run("CREATE TABLE t (id text PRIMARY KEY)")
        with warehouse.connected() as other:
            with other.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("LOCK TABLE t")
            with pytest.raises(InputError, match="is locked by others: canceling statement due to lock timeout  D205"):
                deliver({"id": ["1"]})
            with other.cursor() as cursor:
                cursor.execute("ROLLBACK")

    def test_a_server_that_goes_away_before_the_end_leaves_nothing(self, deliver, database, warehouse):
        from sartor_plugins.databases import postgresql_target as module

        _, run = database
        run("CREATE TABLE t (id text PRIMARY KEY)")

        def ended(target, columns, key, original=module.PostgresqlTarget._merging):
            warehouse.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sartor'")
            return original(target, columns, key)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module.PostgresqlTarget, "_merging", ended)
            with pytest.raises(InputError, match="went away while table t was worked on  D204"):
                deliver({"id": ["1", "2"]})
        assert run("SELECT count(*) FROM t") == [(0,)]
        assert deliver({"id": ["1", "2"]}).added == 2


LOCKING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


class TestSqliteOnly:
    @pytest.fixture
    def database(self, shop):
        return "shop.db", shop

    def test_a_locked_file_is_named_after_a_while(self, deliver, database, tmp_path, monkeypatch):
        _, run = database
        run("CREATE TABLE t (id TEXT PRIMARY KEY)")
        monkeypatch.setattr("sartor_plugins.databases.sqlite.PATIENCE", 0.1)
        command = [sys.executable, "-c", LOCKING, tmp_path / "shop.db"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout.readline() == "locked\n"
            with pytest.raises(InputError, match=r"shop\.db is locked: somebody else writes to it  D205"):
                deliver({"id": ["1"]})
            other.stdin.close()
        assert deliver({"id": ["1"]}).added == 1

    def test_a_file_is_made_only_where_it_is_asked_for(self, deliver, tmp_path):
        with pytest.raises(InputError, match=r"there is no database shop\.db  D101"):
            deliver({"id": ["1"]})
        assert not (tmp_path / "shop.db").exists()
        assert deliver({"id": ["1"]}, create=True).added == 1


class TestBeforeTheRun:
    def test_a_table_that_fits_is_fine(self, database, context):
        url, run = database
        run("CREATE TABLE t (id TEXT PRIMARY KEY, say TEXT)")
        DatabaseWrite(url=url, table="t").check_target(("id", "say"), context)
        DatabaseWrite(url=url, table="t").check_target(None, context)

    @pytest.mark.parametrize(
        ("table", "columns", "said"),
        [
            ("tt", ("id", "say"), "has no table 'tt'  D202\n  did you mean: t\n  to mend: make it"),
            ("t", ("id", "sya"), "has no column 'sya'  D221\n  did you mean: say"),
            ("t", ("say", "id"), "the key say does not tell lines of table t apart"),
        ],
    )
    def test_what_is_certain_to_fail_is_said(self, database, context, table, columns, said):
        url, run = database
        run("CREATE TABLE t (id TEXT PRIMARY KEY, say TEXT)")
        with pytest.raises(InputError, match=re.escape(said)):
            DatabaseWrite(url=url, table=table).check_target(columns, context)

    def test_a_server_that_cannot_be_reached_and_a_missing_secret_are_passed_over(self, context, monkeypatch):
        DatabaseWrite(url="postgresql://127.0.0.1:1/shop", table="t").check_target(("id",), context)
        monkeypatch.delenv("NOT_SET", raising=False)
        sink = DatabaseWrite(url=Secret("NOT_SET"), table="t")
        sink.check_target(("id",), context)
        assert sink.target(context) == "t of secret:NOT_SET"
        with pytest.raises(UsageError, match="the secret NOT_SET is not set  U006"):
            sink.deliver(Decisions(context.scratch / "none.parquet", ("id",)), context)

    def test_a_receipt_never_names_the_user(self, context):
        sink = DatabaseWrite(url="postgresql://me@db.example:5433/shop?sslmode=require", table="credit.t")
        assert sink.target(context) == "credit.t of postgresql://db.example:5433/shop"


class TestSqliteKeepsTheContract(SinkTests):
    entry = "databases.write"
    settings: ClassVar = {"url": "out.db", "table": "decisions", "create": True}

    def arrived(self, context):
        if not context.path("out.db").exists():
            return None
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(context.path("out.db"))) as connection:
            try:
                return pd.read_sql_query("SELECT id FROM decisions", connection)
            except pd.errors.DatabaseError:
                # The table is made with the first delivery that ends well.
                return None


class TestPostgresqlKeepsTheContract(SinkTests):
    entry = "databases.write"
    settings: ClassVar = {"url": "set by the test", "table": "decisions", "create": True}

    @pytest.fixture(autouse=True)
    def _own_server(self, warehouse, monkeypatch):
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
        url = f"postgresql://{OWNER}@127.0.0.1:{warehouse.port}/shop"
        monkeypatch.setattr(type(self), "settings", {**self.settings, "url": url})
        monkeypatch.setattr(type(self), "server", warehouse, raising=False)

    def arrived(self, context):
        if self.server.run("SELECT to_regclass('decisions')::text") == [(None,)]:
            return None
        return pd.DataFrame(self.server.run("SELECT id FROM decisions"), columns=["id"])
