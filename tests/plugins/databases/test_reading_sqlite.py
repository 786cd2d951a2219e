"""Reading from an SQLite file: declared and undeclared types, and what is said when something is wrong."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys

import pandas as pd
import pytest

from sartor.errors import InputError
from sartor_plugins.databases.query import DatabaseQuery
from sartor_plugins.databases.table import DatabaseTable

DB = "shop.db"


@pytest.mark.parametrize(
    ("declared", "written", "kind", "value"),
    [
        ("TEXT", "'007'", "text", "007"),
        ("VARCHAR(9)", "' x '", "text", " x "),
        ("TEXT", "17", "text", "17"),
        ("INTEGER", "9007199254740993", "integer", 9007199254740993),
        ("BIGINT", "'12'", "integer", 12),
        ("REAL", "3", "number", 3.0),
        ("DECIMAL(10, 2)", "1234.56", "number", 1234.56),
        ("NUMERIC", "7", "number", 7.0),
        ("DOUBLE PRECISION", "NULL", "number", None),
        ("BOOLEAN", "1", "boolean", True),
        ("BOOLEAN", "'false'", "boolean", False),
        ("DATE", "'2024-02-29'", "date", pd.Timestamp("2024-02-29")),
        ("DATETIME", "'2024-02-29 23:59:59.5'", "datetime", pd.Timestamp("2024-02-29 23:59:59.5")),
        ("TIMESTAMP", "'2024-02-29T23:30:00-02:00'", "datetime", pd.Timestamp("2024-03-01 01:30")),
        ("DATE", "''", "date", None),
        ("JSON", "'[1]'", "text", "[1]"),
    ],
)
def test_a_value_is_read_as_its_column_is_declared(shop, read, context, declared, written, kind, value):
    shop(f"CREATE TABLE t (x {declared})", f"INSERT INTO t VALUES ({written})")
    table = DatabaseTable(url=DB, table="t")
    assert table.columns(context) == {"x": kind}
    assert read(table) == {"x": [value]}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("(1), (NULL), (3)", [1, None, 3]),
        ("(1), (2.5)", [1.0, 2.5]),
        ("('a'), (1), (2.5)", ["a", "1", "2.5"]),
        ("(NULL)", [None]),
    ],
)
def test_a_column_without_a_type_has_the_one_that_holds_all_its_values(shop, read, context, values, found):
    shop("CREATE TABLE t (x)", f"INSERT INTO t VALUES {values}")
    table = DatabaseTable(url=DB, table="t")
    assert table.columns(context) == {"x": "unknown"}
    assert read(table) == {"x": found}


def test_values_that_come_late_are_read_as_well_as_the_first(shop, read):
    late = [(None, None, None)] * 3_000 + [("a", 2.5, 7)]
    shop("CREATE TABLE t (x TEXT, y REAL, z)", many=("INSERT INTO t VALUES (?, ?, ?)", late))
    found = read(DatabaseTable(url=DB, table="t"))
    assert [found[name][-1] for name in "xyz"] == ["a", 2.5, 7]


def test_a_query_knows_the_types_of_the_columns_that_it_passes_on(shop, read, context):
    shop("CREATE TABLE t (id TEXT, day DATE, n INTEGER)", "INSERT INTO t VALUES ('01', '2024-01-31', 4)")
    query = DatabaseQuery(
        url=DB, query="SELECT id, day, n * 2 AS twice FROM t WHERE n > :least OR id = ':n' -- :x", params={"least": 3}
    )
    assert query.columns(context) == {"id": "text", "day": "date", "twice": "unknown"}
    assert read(query) == {"id": ["01"], "day": [pd.Timestamp("2024-01-31")], "twice": [8]}


def test_a_value_never_becomes_a_part_of_the_query(shop, read):
    shop("CREATE TABLE t (id TEXT)", "INSERT INTO t VALUES ('a')")
    query = DatabaseQuery(url=DB, query="SELECT id FROM t WHERE id = :id", params={"id": "x' OR 1; DROP TABLE t; --"})
    assert read(query) == {"id": []}
    assert shop("SELECT id FROM t") == [("a",)]


def test_names_are_found_in_any_case_and_quoted(shop, read):
    name = '"My ""loans"""'
    shop(f'CREATE TABLE {name} ("a b" INTEGER, "select" TEXT)', f"INSERT INTO {name} VALUES (1, 'x')")
    assert read(DatabaseTable(url=DB, table='MY "LOANS"')) == {"a b": [1], "select": ["x"]}


@pytest.mark.parametrize("url", ["shop.db", "sqlite:///shop.db", "sqlite://shop.db", "sqlite+pysqlite:///shop.db"])
def test_a_file_is_named_by_its_path_or_as_an_address(shop, read, url):
    shop("CREATE TABLE t (x INTEGER)", "INSERT INTO t VALUES (1)")
    assert read(DatabaseTable(url=url, table="t")) == {"x": [1]}


@pytest.mark.parametrize("name", ["a b%20#c.db", "ü;'x.sqlite3"])
def test_a_file_may_have_any_name(shop, read, tmp_path, name):
    shop("CREATE TABLE t (x INTEGER)", "INSERT INTO t VALUES (1)")
    (tmp_path / DB).rename(tmp_path / name)
    assert read(DatabaseTable(url=str(tmp_path / name), table="t")) == {"x": [1]}


class TestValuesOfAnotherType:
    @pytest.mark.parametrize(
        ("declared", "values", "said"),
        [
            (
                "INTEGER",
                "(1), ('canary'), ('canary2'), (NULL)",
                "2 values of column 'x' of table t are not a whole number  D207\n  to mend: read it as what it is",
            ),
            ("INTEGER", "(4000), (4000.5)", "1 value of column 'x' of table t is not a whole number  D207"),
            ("REAL", "(1.5), ('canary')", "1 value of column 'x' of table t is not a number  D207"),
            ("TEXT", "('a'), (x'00ff')", "1 value of column 'x' of table t is not a text  D207"),
            (
                "DATE",
                "('2024-01-31'), ('31/12/2024'), (1700000000)",
                "2 values of column 'x' of table t cannot be read as dates as in 2024-12-31: '99/99/9999', '99999",
            ),
            ("BOOLEAN", "(0), ('maybe')", "1 value of column 'x' of table t cannot be read as true or false: 'xxxxx'"),
        ],
    )
    def test_they_are_counted_and_never_shown(self, shop, read, declared, values, said):
        shop(f"CREATE TABLE t (x {declared})", f"INSERT INTO t VALUES {values}")
        with pytest.raises(InputError, match=re.escape(said)) as caught:
            read(DatabaseTable(url=DB, table="t"))
        assert "canary" not in str(caught.value)

    def test_bytes_are_refused_before_a_row_is_read_unless_they_are_left_out(self, shop, read, context):
        shop("CREATE TABLE t (id TEXT, photo BLOB)", "INSERT INTO t VALUES ('1', x'00')")
        with pytest.raises(InputError, match=r"column 'photo' of table t holds bytes \(BLOB\), which no step can use"):
            DatabaseTable(url=DB, table="t").columns(context)
        assert read(DatabaseTable(url=DB, table="t", only=["id"])) == {"id": ["1"]}

    def test_bytes_in_a_column_without_a_type_are_found_when_it_is_read(self, shop, context):
        shop("CREATE TABLE t (x)", "INSERT INTO t VALUES (x'00')")
        with pytest.raises(InputError, match="column 'x' of table t holds bytes, which no step can use  D203"):
            DatabaseTable(url=DB, table="t").read(context)

    def test_types_say_what_a_column_is(self, shop, read):
        shop("CREATE TABLE t (x INTEGER, at DATETIME)", "INSERT INTO t VALUES (4000.5, 1700000000), ('a', NULL)")
        table = DatabaseTable(url=DB, table="t", types={"x": "text", "at": "integer"})
        assert read(table) == {"x": ["4000.5", "a"], "at": [1700000000, None]}


class TestWhatIsNotThere:
    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"url": "shp.db", "table": "t"}, "there is no database shp.db  D101\n  did you mean: shop.db"),
            ({"url": "none/x.db", "table": "t"}, "there is no database none/x.db  D101"),
            ({"url": "scratch", "table": "t"}, "scratch is a folder, and a database is due  D209"),
            ({"url": DB, "table": "lons"}, "shop.db has no table 'lons'  D202\n  did you mean: loans"),
            ({"url": DB, "table": "loans", "only": ["y"]}, "table loans of shop.db has no column 'y'  R041"),
            ({"url": DB, "table": "loans", "types": {"y": "text"}}, "types names column 'y', which is not there  R041"),
            ({"url": "junk.db", "table": "t"}, "junk.db is not an SQLite database  D209"),
        ],
    )
    def test_it_is_named_with_the_nearest(self, shop, context, settings, said):
        shop("CREATE TABLE loans (x INTEGER)")
        context.path("junk.db").write_text("no database at all " * 100, encoding="utf-8")
        with pytest.raises(InputError, match=re.escape(said)):
            DatabaseTable(**settings).columns(context)

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("SELEC x FROM loans", 'the query cannot be run: near "SELEC": syntax error  D206'),
            ("SELECT y FROM loans", "the query cannot be run: no such column: y  D206"),
            ("SELECT x FROM lons", "the query: no such table: lons  D202"),
            ("DELETE FROM loans", 'the query cannot be run: near "DELETE": syntax error  D206'),
            ("SELECT 1; DROP TABLE loans", "the query cannot be run: you can only execute one statement at a time."),
            ("SELECT x, x FROM loans", "the query of shop.db has the column 'x' more than once  D004"),
        ],
    )
    def test_what_is_wrong_with_a_query_is_said(self, shop, context, query, said):
        shop("CREATE TABLE loans (x INTEGER)")
        with pytest.raises(InputError, match=re.escape(said)):
            DatabaseQuery(url=DB, query=query).columns(context)
        assert shop("SELECT count(*) FROM loans") == [(0,)]

    def test_a_table_that_is_dropped_between_check_and_run_is_named(self, shop, context, engine):
        shop("CREATE TABLE loans (x INTEGER)")
        table = DatabaseTable(url=DB, table="loans")
        assert table.columns(context) == {"x": "integer"}
        frame = table.read(context)
        shop("DROP TABLE loans")
        with pytest.raises(InputError, match="table loans: no such table: loans  D202"):
            engine.store(frame, "loans")
        with pytest.raises(InputError, match=r"shop\.db has no table 'loans'  D202"):
            table.read(context)


LOCKING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_database_that_somebody_writes_to_is_named_after_a_while(shop, context, tmp_path, monkeypatch):
    shop("CREATE TABLE t (x INTEGER)", "INSERT INTO t VALUES (1)")
    monkeypatch.setattr("sartor_plugins.databases.sqlite.PATIENCE", 0.1)
    other = subprocess.Popen(
        [sys.executable, "-c", LOCKING, tmp_path / DB], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout.readline() == "locked\n"
        said = r"shop\.db is locked: somebody else writes to it  D205\n  to mend: wait until whoever writes to it"
        with pytest.raises(InputError, match=said):
            DatabaseTable(url=DB, table="t").read(context)
        other.stdin.close()
    assert DatabaseTable(url=DB, table="t").columns(context) == {"x": "integer"}


def test_a_read_changes_nothing_and_holds_nothing_open(shop, read, tmp_path, engine, context):
    shop("CREATE TABLE t (x INTEGER)", many=("INSERT INTO t VALUES (?)", [(n,) for n in range(50_000)]))
    before = (tmp_path / DB).read_bytes()
    frame = DatabaseTable(url=DB, table="t").read(context)
    assert engine.fetch(engine.frame(frame).head(2))["x"].tolist() == [0, 1]
    assert len(engine.fetch(frame)) == 50_000
    assert (tmp_path / DB).read_bytes() == before
    with sqlite3.connect(tmp_path / DB, timeout=0.1) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("DROP TABLE t")
    connection.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "url must not be empty"),
        ("mysql://db/shop", "there is no driver for 'mysql': SQLite and PostgreSQL are known"),
        ("postgresql://me:hush@db/shop", "url holds a password, which would stand in the recipe and its records"),
        ("postgresql://db/shop?password=hush", "url holds a password"),
    ],
)
def test_an_address_that_cannot_be_is_refused_without_its_password(url, said):
    with pytest.raises(ValueError, match=said) as caught:
        DatabaseTable(url=url, table="t")
    assert all("hush" not in error["msg"] for error in caught.value.errors())
