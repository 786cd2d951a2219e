from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sartor.parquet import read_frame, side_by_side, table_of, write_frame

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
    return read_frame(stored)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back_with_its_type(name):
    frame = pd.DataFrame({name: COLUMNS[name]})
    write_frame(frame, stored := io.BytesIO())
    pd.testing.assert_frame_equal(read_frame(stored), frame)


def test_what_pandas_writes_and_what_is_written_here_read_alike():
    frame = pd.DataFrame(COLUMNS)
    frame.to_parquet(theirs := io.BytesIO(), index=False)
    write_frame(frame, ours := io.BytesIO())
    pd.testing.assert_frame_equal(read_frame(theirs), pd.read_parquet(ours))


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
