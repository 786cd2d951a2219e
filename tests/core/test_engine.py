"""One connection carries a run's frames: what comes from elsewhere crosses into it, what leaves has known types."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import date, datetime, timedelta

import duckdb
import narwhals as nw
import pandas as pd
import pyarrow as pa
import pytest

from sartor.engine import Engine, engine_of
from sartor.errors import InputError, PluginError, SettingError

TEXT = "str"


@pytest.fixture
def engine():
    with Engine(threads=2) as opened:
        yield opened


def setting(engine, name):
    return engine.connection.sql(f"SELECT current_setting('{name}')").fetchall()[0][0]


def test_the_connection_opens_when_it_is_first_needed_and_is_then_the_default():
    before = duckdb.default_connection()
    with Engine() as engine:
        assert duckdb.default_connection() is before
        assert engine.connection is duckdb.default_connection()
        assert engine_of(engine.connection) is engine
    assert duckdb.default_connection() is before


def test_an_engine_inside_another_gives_the_default_back():
    with Engine() as outer:
        connection = outer.connection
        with Engine() as inner:
            assert inner.connection is not connection
        assert duckdb.default_connection() is connection


def test_a_closed_engine_lets_go_of_its_tables_and_can_be_opened_anew():
    engine = Engine()
    frame = engine.store(pd.DataFrame({"a": [1]}), "a")
    engine.close()
    with pytest.raises(duckdb.ConnectionException):
        frame.collect()
    assert engine.fetch(pd.DataFrame({"a": [2]}))["a"].tolist() == [2]
    engine.close()


def test_threads_memory_and_spill_folder_are_what_was_said(tmp_path):
    with Engine(threads=3, memory="500 MB", spill=tmp_path / "spill") as engine:
        assert setting(engine, "threads") == 3
        assert setting(engine, "memory_limit") == "476.8 MiB"
        assert setting(engine, "temp_directory") == str(tmp_path / "spill")


def test_more_than_the_memory_is_sorted_with_the_help_of_the_spill_folder(tmp_path):
    with Engine(threads=1, memory="120MB", spill=tmp_path / "spill") as engine:
        rows = engine.connection.sql("SELECT hash(i) AS k, i, repeat('x', 40) AS t FROM range(2_000_000) r(i)")
        stored = engine.store(rows, "rows", order_by="k")
        assert stored.select(nw.len()).collect().item() == 2_000_000
        spilled = engine.connection.sql("SELECT sum(temporary_storage_bytes) FROM duckdb_memory()").fetchall()[0][0]
        assert spilled > 20e6


def test_memory_that_does_not_suffice_is_said_with_the_limit():
    for whole, said in ((None, "30MB"), ("120MB", "120MB, of which they may take 30MB here")):
        with Engine(threads=1, memory="30MB", whole=whole) as engine:
            lists = engine.connection.sql("SELECT list(repeat('x', 50) || i) AS l FROM range(3_000_000) r(i)")
            with pytest.raises(InputError, match=rf"do not fit into the memory limit of {said}  D140\n.*give more mem"):
                engine.store(lists, "lists")


def test_no_extension_is_fetched_or_loaded_by_itself(engine):
    for name in ("autoinstall_known_extensions", "autoload_known_extensions", "allow_community_extensions"):
        assert setting(engine, name) is False
    with pytest.raises(duckdb.Error, match="httpfs"):
        engine.connection.sql("SELECT * FROM read_csv('http://localhost:9/never.csv')")


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"threads": 0}, "threads must be at least 1, got 0"), ({"memory": "plenty"}, "the table engine does not start")],
)
def test_settings_that_make_no_sense_are_refused(settings, said):
    with pytest.raises(SettingError, match=said):
        Engine(**settings).store(pd.DataFrame({"a": [1]}), "a")


TABLE = {"n": [1, 2, None], "t": ["x", None, "z"]}

# Made when a test asks: a relation that lives until the interpreter ends makes DuckDB complain.
FRAMES = {
    "arrow table": lambda: pa.table(TABLE),
    "arrow reader": lambda: pa.table(TABLE).to_reader(),
    "arrow batch": lambda: pa.table(TABLE).to_batches()[0],
    "pandas frame": lambda: pd.DataFrame(TABLE),
    "pandas frame with other labels": lambda: pd.DataFrame(TABLE).set_axis([7, 3, 5]),
    "narwhals frame": lambda: nw.from_native(pd.DataFrame(TABLE)),
    "relation of another connection": lambda: duckdb.connect().sql(
        "SELECT * FROM (VALUES (1, 'x'), (2, NULL), (NULL, 'z')) v(n, t)"
    ),
}


@pytest.mark.parametrize("made", FRAMES)
def test_whatever_a_component_returns_becomes_a_frame_of_this_engine(engine, made):
    frame = engine.frame(FRAMES[made]())
    assert isinstance(frame, nw.LazyFrame)
    mine = engine.frame(engine.connection.sql("SELECT 2 AS n, 'joined' AS other"))
    joined = engine.fetch(frame.join(mine, on="n", how="left"), order_by="n")
    assert joined["n"].isna().tolist() == [False, False, True]
    assert joined["t"].isna().tolist() == [False, True, False]
    assert joined["other"].dropna().tolist() == ["joined"]


@pytest.mark.parametrize("lazy", [False, True])
def test_polars_frames_cross_too(engine, lazy):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"x": [1.5, float("nan"), None], "c": ["a", "b", None]}).with_columns(
        polars.col("c").cast(polars.Categorical)
    )
    fetched = engine.fetch(frame.lazy() if lazy else frame)
    assert fetched["x"].isna().tolist() == [False, True, True]
    assert (str(fetched["c"].dtype), fetched["c"].tolist()[:2]) == (TEXT, ["a", "b"])


def test_a_relation_of_this_engine_stays_lazy_and_is_not_copied(engine):
    relation = engine.connection.sql("SELECT 1 AS a")
    assert nw.to_native(engine.frame(relation)) is relation


def test_in_frames_from_elsewhere_missing_is_one_thing_and_moments_are_in_utc(engine):
    table = pa.table(
        {
            "x": [1.0, float("nan"), None],
            "c": pa.array(["a", "b", None]).dictionary_encode(),
            "at": pa.array([datetime(2024, 1, 1, 10)] * 3, pa.timestamp("ns", "Europe/Berlin")),
            "none": pa.nulls(3),
        }
    )
    frame = engine.frame(table)
    assert frame.select(nw.col("x").null_count()).collect().item() == 2
    assert [str(dtype) for dtype in frame.collect_schema().dtypes()] == [
        "Float64",
        "String",
        "Datetime(time_unit='us', time_zone=None)",
        "String",
    ]
    assert engine.fetch(frame)["at"].tolist() == [datetime(2024, 1, 1, 10)] * 3


@pytest.mark.parametrize("native", [5, {"a": [1]}, [1, 2], pd.Series([1]), "table"])
def test_what_is_no_table_is_a_fault_of_the_plugin(engine, native):
    with pytest.raises(PluginError, match=r"is not a table  X020\n.*return a Narwhals frame, a DuckDB relation"):
        engine.frame(native)


def test_a_column_of_several_kinds_is_named_with_them(engine):
    with pytest.raises(InputError, match="column 'x' holds values of kinds that do not go into one column: int, str"):
        engine.frame(pd.DataFrame({"y": [1, 2], "x": [1, "a"]}))


@pytest.mark.parametrize(
    ("names", "said"),
    [(["a", "A"], "columns 'a' and 'A' differ only by capital letters"), (["a", "a"], "column 'a' appears twice")],
)
def test_names_that_the_engine_would_take_for_one_another_are_refused(engine, names, said):
    with pytest.raises(InputError, match=said):
        engine.frame(pd.DataFrame([[1, 2]], columns=names))
    with pytest.raises(InputError, match=said):
        engine.frame(pa.table([[1], [2]], names=names))


@pytest.mark.parametrize(
    ("sql", "dtype", "values"),
    [
        ("SELECT unnest([1, 2])::TINYINT", "int64", [1, 2]),
        ("SELECT unnest([1, NULL])", "float64", [1.0, None]),
        ("SELECT unnest([9223372036854775807, 1])", "int64", [2**63 - 1, 1]),
        ("SELECT 5::HUGEINT", "float64", [5.0]),
        ("SELECT (SELECT sum(i) FROM range(4) r(i))", "float64", [6.0]),
        ("SELECT 1.25::DECIMAL(10, 2)", "float64", [1.25]),
        ("SELECT 1.5::FLOAT", "float64", [1.5]),
        ("SELECT unnest([true, false])", "bool", [True, False]),
        ("SELECT unnest([true, NULL])", "boolean", [True, None]),
        ("SELECT unnest(['a', NULL])", TEXT, ["a", None]),
        ("SELECT unnest([NULL, NULL]::VARCHAR[])", TEXT, [None, None]),
        ("SELECT NULL", TEXT, [None]),
        ("SELECT 'a'::ENUM('a', 'b')", TEXT, ["a"]),
        ("SELECT DATE '2024-02-29'", "datetime64[us]", [datetime(2024, 2, 29)]),
        ("SELECT DATE '9999-12-31'", "datetime64[us]", [datetime(9999, 12, 31)]),
        ("SELECT TIMESTAMP_NS '2024-01-01 10:00:00'", "datetime64[us]", [datetime(2024, 1, 1, 10)]),
        ("SELECT TIMESTAMPTZ '2024-01-01 10:00:00+02'", "datetime64[us]", [datetime(2024, 1, 1, 8)]),
        ("SELECT INTERVAL 36 HOURS", "timedelta64[us]", [timedelta(hours=36)]),
    ],
)
def test_fetched_columns_have_the_types_that_models_expect(engine, sql, dtype, values):
    column = engine.fetch(engine.connection.sql(f"{sql} AS x"))["x"]
    assert column.dtype == dtype
    assert [None if pd.isna(value) else value for value in column] == values


def test_lists_are_fetched_as_they_are(engine):
    assert engine.fetch(engine.connection.sql("SELECT [1, 2] AS x"))["x"][0].tolist() == [1, 2]


def test_lines_are_fetched_and_stored_in_the_order_that_is_asked_for_missing_ones_last(engine):
    frame = pd.DataFrame({"k": ["b", None, "a", "a"], "n": [1, 2, 4, 3]})
    assert engine.fetch(frame, order_by=["k", "n"])["n"].tolist() == [3, 4, 1, 2]
    stored = engine.store(frame, "table", order_by=["k", "n"])
    assert engine.fetch(stored)["n"].tolist() == [3, 4, 1, 2]
    assert engine.fetch(stored).index.tolist() == [0, 1, 2, 3]


def test_a_stored_table_keeps_the_order_of_lines_on_any_number_of_threads(engine):
    numbers = engine.connection.sql("SELECT i FROM range(500_000) r(i)")
    assert engine.fetch(engine.store(numbers, "numbers"))["i"].tolist() == list(range(500_000))


def test_a_frame_is_worked_out_once_when_it_is_stored(engine):
    engine.connection.sql("CREATE SEQUENCE calls")
    stored = engine.store(engine.connection.sql("SELECT nextval('calls') AS call FROM range(3)"), "calls")
    for _ in range(2):
        assert engine.fetch(stored)["call"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("name", ["select", "a b;\"'", "", "ü", "1"])
def test_tables_may_be_called_anything_and_twice_the_same(engine, name):
    first = engine.store(pd.DataFrame({"a": [1]}), name)
    second = engine.store(pd.DataFrame({"a": [2]}), name)
    assert (engine.fetch(first)["a"].tolist(), engine.fetch(second)["a"].tolist()) == ([1], [2])


def test_a_reader_may_say_what_a_failed_query_means_the_latest_first(engine):
    engine.explain_failures_with(lambda error: InputError("the first reader"))
    engine.explain_failures_with(lambda error: InputError("boom was read") if "boom" in str(error) else None)
    broken = engine.connection.sql("SELECT error('boom') AS x FROM range(2)")
    with pytest.raises(InputError, match="boom was read") as raised:
        engine.store(broken, "broken")
    assert isinstance(raised.value.__cause__, duckdb.Error)
    with pytest.raises(InputError, match="the first reader"):
        engine.fetch(engine.connection.sql("SELECT error('bang') AS x FROM range(2)"))


def test_a_failure_that_nobody_explains_stays_what_it_is(engine):
    with pytest.raises(duckdb.Error, match="boom"):
        engine.fetch(engine.connection.sql("SELECT error('boom') AS x"))


def test_dates_that_are_features_keep_their_day(engine):
    frame = engine.frame(pa.table({"d": [date(2024, 2, 29)]})).with_columns(next=nw.col("d").dt.offset_by("1d"))
    assert engine.fetch(frame)["next"].tolist() == [datetime(2024, 3, 1)]


@pytest.mark.parametrize("ending", ["", "raise SystemExit(0)", "engine.close()"])
def test_a_program_ends_without_a_word_from_the_engine(ending):
    program = """
        import narwhals as nw, pandas as pd
        from sartor.engine import Engine
        engine = Engine(threads=1)
        frame = engine.frame(pd.DataFrame({"a": [1, 2], "t": ["x", "y"], "d": pd.to_datetime(["2024-01-01", None])}))
        frame = frame.with_columns(b=nw.col("a").cast(nw.Float64)).group_by("t").agg(nw.col("b").sum())
        stored = engine.store(frame, "sums")
        stored.collect("pyarrow"), stored.collect("pandas"), engine.fetch(stored)
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program) + ending], capture_output=True, text=True, check=True
    )
    assert (ended.stdout, ended.stderr) == ("", "")
