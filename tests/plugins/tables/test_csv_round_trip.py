"""What Python's csv module writes, whatever it holds, is read back as it was."""

from __future__ import annotations

import csv
import io
import math
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sartor.engine import Engine
from sartor.testing import make_context
from sartor_plugins.tables.csv_files import CsvFiles

QUIETLY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
AWKWARD = st.sampled_from(["", " ", '"', '""', ",", ";", "\n", "\r\n", "\r", "NA", "a,b", '"x"', " 'y", "#", "\\", "é"])
FIELDS = st.lists(st.text(SIGNS, max_size=6) | AWKWARD, max_size=4).map("".join)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(1, 5))
    return draw(st.lists(st.lists(FIELDS, min_size=width, max_size=width), min_size=1, max_size=20))


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    with Engine(threads=2) as engine:
        yield make_context(tmp_path_factory.mktemp("written"), engine=engine)


def read(context, text, encoding="utf-8", **said):
    (context.folder / "t.csv").write_bytes(text.encode(encoding))
    relation = CsvFiles(path="t.csv", **said).read(context)
    # A relation has the types of DuckDB; fetched as Python values they are what was written.
    return relation.columns, relation.fetchall()


def as_csv(header, rows, **dialect):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, **dialect)
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


@QUIETLY
@given(
    rows=tables(),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@example(rows=[["\r"], [" "]], delimiter=",", end="\n", quoting=csv.QUOTE_ALL, encoding="utf-8")
def test_texts_come_back_as_they_were_but_for_blank_ones(context, rows, delimiter, end, quoting, encoding):
    header = [f"c{place}" for place in range(len(rows[0]))]
    if any("\r" in value or "\n" in value for row in rows for value in row):
        # Before Python 3.13 the writer leaves a lone return outside quotes, where it ends a line.
        quoting = csv.QUOTE_ALL
    text = as_csv(header, rows, delimiter=delimiter, lineterminator=end, quoting=quoting)
    types = dict.fromkeys(header, "text")
    names, found = read(context, text, encoding, delimiter=delimiter, types=types, missing=[])
    assert names == header
    assert found == [tuple(value if value.strip(" ") else None for value in row) for row in rows]


VALUES = {
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "date": st.dates(date(1, 1, 1)),
    "datetime": st.datetimes(datetime(1, 1, 1)),
}


@st.composite
def typed_columns(draw: st.DrawFn) -> tuple[str, list[object]]:
    kind = draw(st.sampled_from(sorted(VALUES)))
    return kind, draw(st.lists(st.none() | VALUES[kind], min_size=1, max_size=30).filter(any_value))


def any_value(values: list[object]) -> bool:
    return any(value is not None for value in values)


@QUIETLY
@given(column=typed_columns(), given_type=st.booleans())
def test_typed_values_come_back_as_they_were_whether_types_are_found_or_given(context, column, given_type):
    kind, values = column
    rows = [["" if value is None else str(value), "x"] for value in values]
    types = {"v": kind} if given_type else {}
    _, found = read(context, as_csv(["v", "t"], rows), types=types)
    read_back = [row[0] for row in found]
    assert [value is None for value in read_back] == [value is None for value in values]
    for got, was in zip(read_back, values, strict=True):
        assert got == was or (isinstance(got, float) and math.isclose(got, float(was), rel_tol=0, abs_tol=0))
    if kind == "number":
        assert {type(value) for value in read_back if value is not None} == {float}


@QUIETLY
@given(
    st.lists(st.sampled_from(["1", "2.5", "007", "x", "true", "2024-01-01", "", "1e3", " 4 "]), min_size=1, max_size=8)
)
def test_the_order_of_rows_does_not_change_a_type(context, values):
    ahead = read(context, as_csv(["v", "t"], [[value, "x"] for value in values]))[1]
    back = read(context, as_csv(["v", "t"], [[value, "x"] for value in reversed(values)]))[1]
    assert [row[0] for row in ahead] == [row[0] for row in reversed(back)]
