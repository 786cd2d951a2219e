from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sartor.arrow_tables import arrow_of, read_frame, read_parquet, side_by_side, table_of, write_frame

COLUMNS = {
    "numbers": pd.Series([1.5, np.nan]),
    "small": pd.Series([1.5, 2.5], dtype="float32"),
    "whole": pd.Series([1, 2]),
    "whole or missing": pd.Series([1, None], dtype="Int64"),
    "texts": pd.Series(["a", None], dtype="str"),
    "flags": pd.Series([True, False]),
    "flags or missing": pd.Series([True, None], dtype="boolean"),
    "levels": pd.Series(pd.Categorical(["low", "high"], categories=["low", "high"], ordered=True)),
    "moments": pd.Series(pd.to_datetime(["2024-01-01", None])).astype("datetime64[us]"),
    "lengths": pd.Series(pd.to_timedelta([1, None], unit="D")).astype("timedelta64[us]"),
}


def given_back(table: pa.Table) -> pd.DataFrame:
    stored = io.BytesIO()
    pq.write_table(table, stored)
    return read_parquet(stored)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back_with_its_type(name, tmp_path):
    frame = pd.DataFrame({name: COLUMNS[name]})
    write_frame(frame, tmp_path / "table.arrow")
    pd.testing.assert_frame_equal(read_frame(tmp_path / "table.arrow"), frame)
    pd.testing.assert_frame_equal(given_back(arrow_of(frame)), frame)


def test_the_same_table_is_the_same_file(tmp_path):
    for name in ("one", "other"):
        write_frame(pd.DataFrame(COLUMNS), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize("lines", [10_000, 10_001])
def test_many_lines_are_kept_as_parquet_and_come_back_all_the_same(lines, tmp_path):
    frame = pd.DataFrame({"town": ["Eastham", None] * 5001, "late": pd.array([True, None] * 5001, dtype="boolean")})[
        :lines
    ]
    write_frame(frame, tmp_path / "table")
    assert (tmp_path / "table").read_bytes().startswith(b"PAR1" if lines > 10_000 else b"ARROW1")
    pd.testing.assert_frame_equal(read_frame(tmp_path / "table"), frame)


def test_what_pandas_writes_is_read_as_pandas_reads_it():
    pd.DataFrame(COLUMNS).to_parquet(stored := io.BytesIO(), index=False)
    pd.testing.assert_frame_equal(read_parquet(stored), pd.read_parquet(stored))


def test_columns_of_arrow_and_of_pandas_stand_in_one_table_in_their_order():
    table = table_of({"late": COLUMNS["flags or missing"], "age": pa.array([31, 42]), "grade": COLUMNS["levels"]})
    expected = pd.DataFrame({"late": COLUMNS["flags or missing"], "age": [31, 42], "grade": COLUMNS["levels"]})
    pd.testing.assert_frame_equal(given_back(table), expected)


def test_two_tables_side_by_side_keep_the_types_of_both():
    left = table_of({"age": pa.array([31, 42]), "late": COLUMNS["flags or missing"]})
    right = pa.Table.from_pandas(pd.DataFrame({"count": COLUMNS["whole or missing"]}), preserve_index=False)
    expected = pd.DataFrame(
        {"age": [31, 42], "late": COLUMNS["flags or missing"], "count": COLUMNS["whole or missing"]}
    )
    pd.testing.assert_frame_equal(given_back(side_by_side(left, right)), expected)
