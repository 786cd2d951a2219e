"""Parquet: every kind of column comes in one form, files of one glob go together, broken ones are told."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sartor_plugins.tables.parquet_files import ParquetFiles


def parquet(**columns) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("values", "said", "dtype", "read"),
    [
        (pa.array([1, None], pa.int8()), "integer", "float64", [1.0, None]),
        (pa.array([1, 2], pa.uint32()), "integer", "int64", [1, 2]),
        (pa.array([1.5, float("nan")], pa.float32()), "number", "float64", [1.5, None]),
        (pa.array([Decimal("1.50"), Decimal("-0.25")]), "number", "float64", [1.5, -0.25]),
        (pa.array(["007", None]), "text", "str", ["007", None]),
        (pa.array(["a", "b"]).dictionary_encode(), "text", "str", ["a", "b"]),
        (pa.array([True, False]), "boolean", "bool", [True, False]),
        (pa.array([date(2024, 2, 29), None]), "date", "datetime64[us]", [datetime(2024, 2, 29), None]),
        (
            pa.array([datetime(2024, 1, 1, 10)], pa.timestamp("ns")),
            "datetime",
            "datetime64[us]",
            [datetime(2024, 1, 1, 10)],
        ),
        (
            pa.array([datetime(2024, 1, 1, 10)], pa.timestamp("ms", "Europe/Berlin")),
            "datetime",
            "datetime64[us]",
            [datetime(2024, 1, 1, 10)],
        ),
        (pa.array([time(10, 30)]), "text", "str", ["10:30:00"]),
        (pa.array([[1, 2], None]), "text", "str", ["[1,2]", None]),
        (pa.array([{"a": 1}]), "text", "str", ['{"a":1}']),
        (pa.nulls(2), "text", "str", [None, None]),
    ],
)
def test_every_kind_of_column_has_one_form(read_parquet, written, context, values, said, dtype, read):
    content = parquet(x=values)
    written(content, "t.parquet")
    assert dict(ParquetFiles(path="t.parquet").columns(context)) == {"x": said}
    found = read_parquet(content)
    assert found.dtype("x") == dtype
    assert found["x"] == read


def test_the_labels_of_rows_that_pandas_stores_are_left_out(read_parquet):
    stream = io.BytesIO()
    pd.DataFrame({"a": [1, 2]}, index=[5, 7]).to_parquet(stream)
    assert list(read_parquet(stream.getvalue()).table.columns) == ["a"]


def test_files_of_a_glob_go_together_in_any_order_of_columns_and_width_of_numbers(read_parquet):
    found = read_parquet(
        {
            "b.parquet": parquet(y=["v"], x=pa.array([2], pa.int8())),
            "a.parquet": parquet(x=[1], y=pa.nulls(1)),
        },
        path="*.parquet",
        row_number="row",
    )
    assert list(found.table.columns) == ["x", "y", "row"]
    assert (found["x"], found["y"], found["row"]) == ([1, 2], [None, "v"], [0, 1])


def test_row_numbers_follow_the_order_of_the_files_at_any_size(read_parquet):
    parts = {f"p{part}.parquet": parquet(n=list(range(part * 150_000, (part + 1) * 150_000))) for part in range(3)}
    found = read_parquet(parts, path="p*.parquet", row_number="row")
    assert found["row"] == found["n"] == list(range(450_000))


def test_a_column_of_another_type_in_one_file_is_named(read_parquet, refused):
    files = {"a.parquet": parquet(x=[1], y=["u"]), "b.parquet": parquet(x=[1], y=[1.5])}
    message = refused(read_parquet, files, path="*.parquet")
    assert message.startswith("column 'y' is number in b.parquet and text in a.parquet  D116")


def test_a_column_that_one_file_lacks_is_named(read_parquet, refused):
    files = {"a.parquet": parquet(x=[1], y=["u"]), "b.parquet": parquet(x=[1])}
    assert refused(read_parquet, files, path="*.parquet").startswith("b.parquet lacks column 'y' of a.parquet  D116")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "t.parquet is empty  D105"),
        (b"a,b\n1,2\n", "t.parquet is not a Parquet file  D118"),
        (parquet(x=[1])[:-9], "t.parquet ends in the middle: the footer is missing  D115"),
        (parquet(x=pa.array([], pa.int64())), "t.parquet has columns and no row  D002"),
        (parquet(x=[1], X=[2]), "columns 1 and 2 of t.parquet differ only by capital letters: 'x' and 'X'  D110"),
        (parquet(__x=[1]), "column '__x' of t.parquet begins with '__'"),
    ],
)
def test_what_is_no_usable_parquet_file_is_refused(read_parquet, refused, content, said):
    assert refused(read_parquet, content).startswith(said)


@pytest.mark.parametrize("place", [slice(5000, 5200), slice(-200, -100)], ids=["page", "footer"])
def test_a_file_with_changed_bytes_is_said_to_be_damaged(read_parquet, refused, place):
    content = bytearray(parquet(x=list(range(100_000))))
    content[place] = b"\xff" * len(content[place])
    assert refused(read_parquet, bytes(content)).startswith("t.parquet is damaged: it cannot be read as Parquet  D115")


def test_names_of_files_and_columns_may_hold_any_sign(read_parquet):
    found = read_parquet({"a[1] it's ü*.parquet": parquet(**{'a"b': [1], "select": [2]})}, path="a[1] it's ü*.parquet")
    assert (found['a"b'], found["select"]) == ([1], [2])
