"""Published tables are read as pandas reads them, value by value."""

from __future__ import annotations

import pandas as pd
import pytest

from sartor.engine import Engine
from sartor.testing import make_context
from sartor_plugins.tables.csv_files import MISSING, CsvFiles
from sartor_plugins.tables.parquet_files import ParquetFiles


@pytest.fixture
def read(tmp_path):
    heard = []
    with Engine(threads=2) as engine:
        context = make_context(tmp_path, engine=engine, heard=heard)
        yield lambda reader: (engine.fetch(reader.read(context)), [event.text for event in heard])


@pytest.mark.parametrize(
    ("dataset", "file", "rows"),
    [
        ("finance/credit-default-taiwan", "credit_default_taiwan.csv.gz", 30_000),
        ("finance/bank-marketing", "bank_marketing.csv.gz", 41_188),
        ("finance/german-credit", "german_credit.csv.gz", 1_000),
        ("retail/carparts", "sales.csv.gz", 136_374),
        ("healthcare/golub-leukaemia", "golub.csv.gz", 72),
    ],
)
def test_every_value_is_what_pandas_reads(data_folder, read, dataset, file, rows):
    path = data_folder(dataset) / file
    table, notes = read(CsvFiles(path=str(path)))
    expected = pd.read_csv(path, keep_default_na=False, na_values=["", *MISSING], low_memory=False)
    assert len(table) == rows
    for name in table.columns[table.dtypes == "datetime64[us]"]:
        expected[name] = pd.to_datetime(expected[name], format="ISO8601").astype("datetime64[us]")
    pd.testing.assert_frame_equal(table, expected, check_exact=True)
    assert notes == []


def test_numbers_that_pandas_takes_for_text_because_of_blanks_are_numbers(data_folder, read):
    path = data_folder("ecommerce/telco_churn") / "telco_churn.csv.gz"
    charges = read(CsvFiles(path=str(path)))[0]["TotalCharges"]
    assert (str(charges.dtype), int(charges.isna().sum()), float(charges.iloc[0])) == ("float64", 11, 29.85)


def test_ids_with_letters_in_a_few_rows_stay_text_and_are_told(data_folder, read):
    path = data_folder("ecommerce/online_retail") / "online_retail.csv.gz"
    table, notes = read(CsvFiles(path=str(path)))
    assert table["InvoiceNo"].str.startswith("C").sum() == 9_288
    assert str(table["InvoiceDate"].dtype) == "datetime64[us]"
    assert [note.split(" of /")[0] for note in notes] == ["column 'InvoiceNo'"]
    assert "9,291 of 541,909 values are not numbers" in notes[0]


def test_a_parquet_table_has_the_values_that_pandas_reads(data_folder, read):
    path = data_folder("finance/fdh-card-transactions") / "fdh_transactions.parquet"
    table = read(ParquetFiles(path=str(path)))[0]
    expected = pd.read_parquet(path)
    assert table.shape == expected.shape
    for name in expected.columns:
        column = expected[name]
        if column.dtype.kind in "mM":
            column = column.astype("datetime64[us]")
        elif column.dtype.kind in "iu":
            column = column.astype("int64")
        elif column.dtype.kind == "f":
            column = column.astype("float64")
        pd.testing.assert_series_equal(table[name], column, check_exact=True)
