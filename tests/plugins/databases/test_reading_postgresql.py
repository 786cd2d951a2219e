"""Reading from a PostgreSQL server: types, names, queries, and what is said when something is wrong."""

from __future__ import annotations

import re
import sys

import pandas as pd
import pytest
from servers import PASSWORD

from sartor.engine import Engine
from sartor.errors import InputError, SartorError, UsageError
from sartor.recipe import Secret
from sartor.testing import make_context
from sartor_plugins.databases.query import DatabaseQuery
from sartor_plugins.databases.table import DatabaseTable

URL = Secret("WAREHOUSE_URL")

TYPES = [
    # declared, as written, type, read
    ("text", "'007'", "text", "007"),
    ("varchar(9)", "' x '", "text", " x "),
    ("char(5)", "'ab'", "text", "ab"),
    ("smallint", "-5", "integer", -5),
    ("integer", "2147483647", "integer", 2147483647),
    ("bigint", "9007199254740993", "integer", 9007199254740993),
    ("oid", "4294967295", "integer", 4294967295),
    ("numeric(20,0)", "9007199254740993", "integer", 9007199254740993),
    ("numeric(9,-2)", "12345", "integer", 12300),
    ("numeric(10,2)", "1234.56", "number", 1234.56),
    ("numeric", "0.1", "number", 0.1),
    ("numeric", "'NaN'", "number", None),
    ("numeric(3,0)", "'NaN'", "integer", None),
    ("real", "1.5", "number", 1.5),
    ("double precision", "1e300", "number", 1e300),
    ("double precision", "'NaN'", "number", None),
    ("money", "12.5", "number", 12.5),
    ("boolean", "true", "boolean", True),
    ("date", "'2024-02-29'", "date", pd.Timestamp("2024-02-29")),
    ("date", "'infinity'", "date", None),
    ("timestamp", "'2024-02-29 23:59:59.123456'", "datetime", pd.Timestamp("2024-02-29 23:59:59.123456")),
    ("timestamp", "'-infinity'", "datetime", None),
    ("timestamptz", "'2024-02-29 23:30-02'", "datetime", pd.Timestamp("2024-03-01 01:30")),
    ("timestamptz", "'infinity'", "datetime", None),
    ("time", "'12:30'", "text", "12:30:00"),
    ("interval", "'1 day 90 seconds'", "number", 86490.0),
    ("uuid", "'0f8fad5b-d9cb-469f-a165-70867728950e'", "text", "0f8fad5b-d9cb-469f-a165-70867728950e"),
    ("jsonb", "'{\"a\": [1, null]}'", "text", '{"a": [1, null]}'),
    ("inet", "'10.0.0.1'", "text", "10.0.0.1/32"),
    ("kinds.mood", "'happy'", "text", "happy"),
    ("kinds.amount", "3.25", "number", 3.25),
    ("bit(3)", "'101'", "text", "101"),
    ("text", "NULL", "text", None),
    ("boolean", "NULL", "boolean", None),
    ("bigint", "NULL", "integer", None),
]


@pytest.fixture(scope="module")
def one_of_each(postgresql, tmp_path_factory):
    """A table with a column for each of `TYPES`, read as a table and by a query: types by column, and two rows."""
    columns = ", ".join(f"c{place} {declared}" for place, (declared, *_) in enumerate(TYPES))
    values = ", ".join(written for _, written, *_ in TYPES)
    postgresql.run(
        "DROP SCHEMA IF EXISTS kinds CASCADE",
        "CREATE SCHEMA kinds",
        "CREATE TYPE kinds.mood AS ENUM ('happy', 'sad')",
        "CREATE DOMAIN kinds.amount AS numeric(9, 2)",
        f"CREATE TABLE kinds.t ({columns})",
        f"INSERT INTO kinds.t VALUES ({values})",
    )
    url = f"postgresql://owner@127.0.0.1:{postgresql.port}/shop"
    with Engine() as engine, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", PASSWORD)
        context = make_context(tmp_path_factory.mktemp("kinds"), engine=engine)
        readers = DatabaseTable(url=url, table="kinds.t"), DatabaseQuery(url=url, query="SELECT * FROM kinds.t")
        return [(reader.columns(context), engine.fetch(reader.read(context)).iloc[0]) for reader in readers]


@pytest.mark.parametrize(("place", "kind", "value"), [(n, *entry[2:]) for n, entry in enumerate(TYPES)], ids=str)
def test_a_value_of_every_type_is_read_as_what_it_is(one_of_each, place, kind, value):
    for types, row in one_of_each:
        found = row[f"c{place}"]
        assert types[f"c{place}"] == kind
        assert (None if pd.isna(found) else found) == value


def test_lists_stay_lists(warehouse, read):
    warehouse.run("CREATE TABLE t (a int[], b text[], c numeric[])", "INSERT INTO t VALUES ('{1,2}', '{x}', '{1.5}')")
    found = read(DatabaseTable(url=URL, table="t"))
    assert [list(found[name][0]) for name in "abc"] == [[1, 2], ["x"], [1.5]]


def test_bytes_are_refused_before_a_row_is_read_unless_they_are_left_out(warehouse, read, context):
    warehouse.run("CREATE TABLE t (id text, photo bytea)", "INSERT INTO t VALUES ('1', '\\x00')")
    said = r"column 'photo' of table t holds bytes \(bytea\), which no step can use  D203\n  to mend: name the other"
    with pytest.raises(InputError, match=said):
        DatabaseTable(url=URL, table="t").columns(context)
    assert read(DatabaseTable(url=URL, table="t", only=["id"])) == {"id": ["1"]}


def test_a_whole_number_beyond_64_bits_is_an_error_and_keeps_its_digits_as_text(warehouse, read):
    warehouse.run("CREATE TABLE t (n numeric(20,0))", "INSERT INTO t VALUES (12345678901234567890)")
    said = r"table t: a whole number does not fit into 64 bits  D207\n  to mend: types: \{COLUMN: text\} keeps all"
    with pytest.raises(InputError, match=said):
        read(DatabaseTable(url=URL, table="t"))
    assert read(DatabaseTable(url=URL, table="t", types={"n": "text"})) == {"n": ["12345678901234567890"]}
    assert read(DatabaseTable(url=URL, table="t", types={"n": "number"})) == {"n": [12345678901234567890.0]}


def test_types_read_texts_as_what_they_say(warehouse, read, context):
    warehouse.run("CREATE TABLE t (day text, n text)", "INSERT INTO t VALUES ('2024-02-29', ' 3'), (NULL, '')")
    table = DatabaseTable(url=URL, table="t", types={"day": "date", "n": "integer"})
    assert table.columns(context) == {"day": "date", "n": "integer"}
    assert read(table) == {"day": [pd.Timestamp("2024-02-29"), None], "n": [3, None]}


def test_texts_that_are_none_of_it_are_counted_and_masked(warehouse, read):
    warehouse.run("CREATE TABLE t (day text)", "INSERT INTO t VALUES ('31.12.2024'), ('30.12.2024'), ('2024-01-01')")
    said = (
        r"2 values of column 'day' of table t cannot be read as dates as in 2024-12-31: '99.99.9999'  D207\n"
        r"  to mend: say what they are, types: \{day: text\}, or mend them in a query"
    )
    with pytest.raises(InputError, match=said):
        read(DatabaseTable(url=URL, table="t", types={"day": "date"}))


def test_names_are_taken_as_they_are_written(warehouse, read):
    warehouse.run(
        'CREATE SCHEMA IF NOT EXISTS "Credit"',
        'DROP TABLE IF EXISTS "Credit"."Odd ""name"""',
        'CREATE TABLE "Credit"."Odd ""name""" ("Größe; DROP" int, "select" int)',
        'INSERT INTO "Credit"."Odd ""name""" VALUES (1, 2)',
    )
    table = DatabaseTable(url=URL, table='Credit."Odd ""name"""')
    assert read(table) == {"Größe; DROP": [1], "select": [2]}


def test_views_and_chosen_columns_are_read(warehouse, read):
    warehouse.run("CREATE VIEW v AS SELECT 1 AS a, 'x' AS b, NULL AS c")
    assert read(DatabaseTable(url=URL, table="v")) == {"a": [1], "b": ["x"], "c": [None]}
    assert read(DatabaseTable(url=URL, table="v", only=["b", "a"])) == {"b": ["x"], "a": [1]}


def test_an_empty_table_has_its_columns(warehouse, read):
    warehouse.run("CREATE TABLE t (a int, at timestamptz)")
    assert read(DatabaseTable(url=URL, table="t")) == {"a": [], "at": []}


class TestAQuery:
    def test_parameters_are_bound_as_what_the_query_compares_them_with(self, warehouse, read):
        warehouse.run(
            "CREATE TABLE t (id text, day date, at timestamptz, n int, amount numeric, ok bool)",
            "INSERT INTO t VALUES ('a', '2024-01-01', '2024-01-01 12:00Z', 1, 1.5, true), "
            "('b', '2024-02-01', '2024-02-01 12:00Z', 2, 2.5, false)",
        )
        params = {"since": "2024-01-15", "before": "2024-02-01T13:00", "n": 2, "least": 2.25, "ok": False, "id": "b"}
        query = (
            "SELECT id FROM t WHERE day >= :since AND at < :before AND n = :n AND amount > :least AND ok = :ok "
            "AND id = :id AND ':since' <> id::text -- :nothing\n;"
        )
        assert read(DatabaseQuery(url=URL, query=query, params=params)) == {"id": ["b"]}

    def test_a_value_never_becomes_a_part_of_the_query(self, warehouse, read):
        warehouse.run("CREATE TABLE t (id text)", "INSERT INTO t VALUES ('a')")
        evil = "x' OR true; DROP TABLE t; --"
        assert read(DatabaseQuery(url=URL, query="SELECT id FROM t WHERE id = :id", params={"id": evil})) == {"id": []}
        assert read(DatabaseTable(url=URL, table="t")) == {"id": ["a"]}

    def test_many_rows_of_a_query_with_parameters_arrive_in_pieces_and_whole(self, warehouse, read, monkeypatch):
        monkeypatch.setattr("sartor_plugins.databases.postgresql.LINES", 1_000)
        query = "SELECT n FROM generate_series(1, 4500) AS n WHERE n > :least"
        assert read(DatabaseQuery(url=URL, query=query, params={"least": 500})) == {"n": list(range(501, 4501))}

    @pytest.mark.parametrize(
        ("query", "params", "said"),
        [
            ("SELEC 1", {}, 'the query cannot be run: syntax error at or near "SELEC"  D206\n  to mend: try it in'),
            ("SELECT nope FROM t", {}, 'the query cannot be run: column "nope" does not exist  D206'),
            ("SELECT * FROM nope", {}, 'the query: relation "nope" does not exist  D202'),
            ("DELETE FROM t RETURNING id", {}, "the query cannot be run: syntax error at or near"),
            ("SELECT 1; DROP TABLE t", {}, "the query cannot be run: cannot insert multiple commands"),
            ("SELECT id, id FROM t", {}, "the query of secret:WAREHOUSE_URL has the column 'id' more than once  D004"),
            ("SELECT 1 / n AS x FROM t", {}, "the query: division by zero  D207"),
            ("SELECT id::int FROM t", {}, "the query: invalid input syntax for type integer  D207"),
            (
                "SELECT id FROM t WHERE day = :day",
                {"day": "yesterday"},
                "params: 'day' is compared with a date such as 2024-12-31, and is 'yesterday'  D210",
            ),
            ("SELECT id FROM t WHERE n = :n", {"n": "two"}, "params: 'n' is compared with int32, and is 'two'  D210"),
            ("SELECT id FROM t WHERE id = :id", {"id": 7}, "params: 'id' is compared with string, and is 7  D210"),
        ],
    )
    def test_what_is_wrong_with_it_is_said_without_a_value_of_the_table(self, warehouse, read, query, params, said):
        warehouse.run("CREATE TABLE t (id text, n int, day date)", "INSERT INTO t VALUES ('canary', 0, NULL)")
        with pytest.raises(InputError) as caught:
            read(DatabaseQuery(url=URL, query=query, params=params))
        assert str(caught.value).startswith(said)
        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize(
        ("query", "params", "said"),
        [
            ("SELECT :a", {}, "the query names ':a', and params does not  D210\n  to mend: write params: {a: ...}"),
            ("SELECT :since", {"sinc": 1}, "the query names ':since', and params does not  D210\n  did you mean: sinc"),
            ("SELECT 1", {"a": 1}, "params names 'a', and the query does not  D210\n  to mend: write :a in the query"),
        ],
    )
    def test_its_parameters_must_be_named_on_both_sides(self, query, params, said):
        with pytest.raises(ValueError, match=re.escape(said)):
            DatabaseQuery(url=URL, query=query, params=params)


class TestItOnlyReads:
    def test_a_query_cannot_write_even_where_its_user_may(self, warehouse, read):
        warehouse.run(
            "CREATE TABLE t (n int)",
            "CREATE FUNCTION sneak() RETURNS int AS 'INSERT INTO t VALUES (1) RETURNING n' LANGUAGE sql",
        )
        query = DatabaseQuery(url=Secret("OWNER_URL"), query="SELECT sneak()")
        with pytest.raises(
            InputError, match="does not allow it: cannot execute INSERT in a read-only transaction  D208"
        ):
            read(query)
        assert warehouse.run("SELECT count(*) FROM t") == [(0,)]

    def test_what_a_user_may_not_read_is_named(self, warehouse, read):
        warehouse.run("CREATE TABLE t (n int)", "REVOKE pg_read_all_data FROM reader")
        try:
            with pytest.raises(InputError, match=r"secret:WAREHOUSE_URL does not allow it: permission denied .* D208"):
                read(DatabaseTable(url=URL, table="t"))
        finally:
            warehouse.run("GRANT pg_read_all_data TO reader")


class TestWhatIsNotThere:
    def test_a_table_that_is_not_there_is_named_with_the_nearest(self, warehouse, context):
        warehouse.run("CREATE TABLE loans (n int)", "CREATE SCHEMA IF NOT EXISTS credit")
        for name in ("loan", "Loans"):
            said = rf"secret:WAREHOUSE_URL has no table '{name}'  D202\n  did you mean: loans"
            with pytest.raises(InputError, match=said):
                DatabaseTable(url=URL, table=name).columns(context)

    def test_columns_that_are_not_there_are_named_with_the_nearest(self, warehouse, context):
        warehouse.run("CREATE TABLE loans (amount int)")
        said = r"table loans of secret:WAREHOUSE_URL has no column 'amonut'  R041\n  did you mean: amount"
        with pytest.raises(InputError, match=said):
            DatabaseTable(url=URL, table="loans", only=["amonut"]).columns(context)
        with pytest.raises(InputError, match="types names column 'amonut', which is not there  R041"):
            DatabaseTable(url=URL, table="loans", types={"amonut": "text"}).columns(context)

    def test_a_table_that_is_dropped_between_check_and_run_is_named(self, warehouse, context):
        warehouse.run("CREATE TABLE loans (amount int)")
        table = DatabaseTable(url=URL, table="loans")
        assert table.columns(context) == {"amount": "integer"}
        warehouse.run("DROP TABLE loans")
        with pytest.raises(InputError, match="secret:WAREHOUSE_URL has no table 'loans'  D202"):
            table.read(context)

    def test_a_table_that_is_dropped_before_its_rows_are_asked_for_is_named(self, warehouse, context, engine):
        warehouse.run("CREATE TABLE loans (amount int)", "INSERT INTO loans VALUES (1)")
        frame = DatabaseTable(url=URL, table="loans").read(context)
        warehouse.run("DROP TABLE loans")
        with pytest.raises(InputError, match='table loans: relation "loans" does not exist  D202'):
            engine.store(frame, "loans")

    def test_a_missing_secret_stops_a_run_and_no_check(self, warehouse, context, monkeypatch):
        monkeypatch.delenv("WAREHOUSE_URL")
        table = DatabaseTable(url=URL, table="loans")
        assert table.columns(context) is None
        said = r"the secret WAREHOUSE_URL is not set  U006\n  to mend: set the environment variable WAREHOUSE_URL"
        with pytest.raises(UsageError, match=said):
            table.read(context)

    @pytest.mark.parametrize("value", ["hunter2-canary", "mysql://me:hunter2-canary@db/shop", ":memory:"])
    def test_a_secret_that_holds_something_else_is_named_without_it(self, context, monkeypatch, value):
        monkeypatch.setenv("WAREHOUSE_URL", value)
        with pytest.raises(SartorError) as caught:
            DatabaseTable(url=URL, table="loans").read(context)
        assert "hunter2" not in str(caught.value)
        assert "WAREHOUSE_URL" in str(caught.value)


class TestAServerThatIsNotThere:
    @pytest.mark.parametrize(
        ("change", "said", "known"),
        [
            ({"host": "no-such-host.invalid"}, "cannot be reached: its host is not known  D200\n  to mend: see", None),
            (
                {"port": 1},
                "cannot be reached: nothing answers there  D200\n  to mend: see whether the server runs",
                None,
            ),
            (
                {"password": "wrong-canary"},
                "refuses the login: user or password is wrong  D201\n  to mend: see user",
                "",
            ),
            ({"user": "nobody-canary"}, "refuses the login: user or password is wrong  D201", ""),
            ({"database": "nowhere"}, "refuses the login: there is no such database  D201", ""),
            ({"port": "x"}, "does not hold an address that can be used  D209", ""),
            ({"option": "&shoe_size=9"}, "does not hold an address that can be used  D209", ""),
        ],
    )
    def test_why_is_said_and_no_part_of_the_address(self, postgresql, context, monkeypatch, change, said, known):
        parts = {
            "user": "reader", "password": "hunter2-canary", "host": "127.0.0.1", "port": postgresql.port,
            "database": "shop", "option": "", **change,
        }  # fmt: skip
        url = "postgresql://{user}:{password}@{host}:{port}/{database}?connect_timeout=5{option}".format(**parts)
        monkeypatch.setenv("WAREHOUSE_URL", url)
        table = DatabaseTable(url=URL, table="loans")
        with pytest.raises(SartorError) as caught:
            table.read(context)
        assert str(caught.value).startswith(f"secret:WAREHOUSE_URL {said}")
        assert "canary" not in str(caught.value)
        # What cannot be reached is passed over by a check; what is certainly wrong is not.
        if known is None:
            assert table.columns(context) is None
        else:
            with pytest.raises(SartorError):
                table.columns(context)

    def test_a_driver_that_is_missing_is_named_with_its_extra(self, context, monkeypatch):
        monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
        said = (
            r"PostgreSQL needs adbc_driver_postgresql, which is not installed  R024\n  to mend: pip install \"sartor\["
        )
        with pytest.raises(InputError, match=said):
            DatabaseTable(url="postgresql://db/shop", table="loans").read(context)

    def test_a_server_that_goes_away_half_way_ends_the_read(self, warehouse, context, engine):
        warehouse.run("CREATE TABLE big AS SELECT n, repeat('x', 200) AS x FROM generate_series(1, 400000) AS n")
        from sartor_plugins.databases import postgresql as module

        def ended(batch, schema, original=module._as):
            kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sartor'"
            warehouse.run(kill)
            return original(batch, schema)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_as", ended)
            frame = DatabaseTable(url=URL, table="big").read(context)
            said = r"secret:WAREHOUSE_URL went away while table big was worked on  D204\n  to mend: run it again"
            with pytest.raises(InputError, match=said):
                engine.store(frame, "big")
        assert engine.connection.sql("SELECT 1").fetchall() == [(1,)]


def test_no_connection_is_left_open(warehouse, context, engine):
    warehouse.run("CREATE TABLE t AS SELECT * FROM generate_series(1, 200000) AS n")
    table = DatabaseTable(url=URL, table="t")
    table.columns(context)
    frame = table.read(context)
    assert len(engine.fetch(engine.frame(frame).head(3))) == 3
    assert len(engine.fetch(frame)) == 200_000
    open_ones = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sartor'"
    assert warehouse.run("SELECT pg_sleep(0.1)", open_ones) == [(0,)]
