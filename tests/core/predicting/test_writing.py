"""Answers in columns: what comes before the first answer waits until the columns are known."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from sartor.errors import Problem
from sartor.predicting.answering import Written
from sartor.predicting.pieces import Refused
from sartor.predicting.writing import Csv, Parquet


def answered(line, loan, probability):
    table = pa.table({"loan": pa.array([loan]), "probability": pa.array([probability])})
    return Written(table, np.array([line]))


def refused(line, table=None):
    problem = Problem("D001", "no amount")
    return Written(pa.table({}) if table is None else table, np.array([], int), (Refused(line, problem),), whole=False)


@pytest.fixture(params=["csv", "parquet"])
def written(request, tmp_path):
    """Return what writes, and what it has written."""
    if request.param == "parquet":
        file = tmp_path / "answers.parquet"
        return lambda errors: Parquet(file, errors=errors), lambda: pq.read_table(file).to_pylist()
    out = io.BytesIO()
    texts = pa.csv.ConvertOptions(strings_can_be_null=True)
    return (
        lambda errors: Csv(out.write, errors=errors),
        lambda: pa.csv.read_csv(io.BytesIO(out.getvalue()), convert_options=texts).to_pylist(),
    )


def test_lines_refused_before_the_first_answer_come_before_it(written):
    make, lines = written
    writer = make(True)
    for one in (refused(1), refused(2), answered(3, 7, 0.25), refused(4)):
        writer.write(one)
    writer.close()
    nothing = {"loan": None, "probability": None, "error": "no amount (D001)"}
    assert lines() == [nothing, nothing, {"loan": 7, "probability": 0.25, "error": None}, nothing]


def test_where_no_line_has_an_answer_the_columns_are_those_that_are_known(written):
    make, lines = written
    writer = make(True)
    writer.write(refused(1))
    writer.write(refused(2, pa.table({"loan": pa.array([], pa.int64())})))
    writer.close()
    assert lines() == [{"loan": None, "error": "no amount (D001)"}] * 2


def test_later_answers_take_the_columns_of_the_first(written):
    make, lines = written
    writer = make(False)
    writer.write(answered(1, 7, 0.25))
    writer.write(Written(pa.table({"loan": pa.array([8])}), np.array([2])))
    writer.close()
    assert lines() == [{"loan": 7, "probability": 0.25}, {"loan": 8, "probability": None}]
