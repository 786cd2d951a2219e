"""``sartor predict``: the call, what goes to stdout and what to stderr, and how it ends."""

from __future__ import annotations

import io
import json
import sys

import pytest

HEADER = "application_id,probability,score,status"


@pytest.fixture
def data(credit, applications, tmp_path):
    """A file of five applications whose outcome is not known."""
    file = tmp_path / "new.csv"
    applications.drop_columns("creditability").slice(0, 5).to_pandas().to_csv(file, index=False)
    return file


@pytest.fixture
def stdin(monkeypatch):
    """Return a function that puts text on standard input."""

    def put(text):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return put


def test_answers_go_to_stdout_and_what_is_told_of_them_to_stderr(sartor, data):
    said = sartor("predict", "@last", "--data", str(data))
    assert said.code == 0
    assert said.out.splitlines()[0] == HEADER
    assert [line.split(",")[0] for line in said.out.splitlines()[1:]] == ["0", "1", "2", "3", "4"]
    assert said.err.startswith("   predict  5 rows answered by scorecard")


def test_quiet_says_nothing_but_the_answers(sartor, data):
    assert sartor("predict", "@last", "--data", str(data), "--quiet").err == ""


def test_decisions_come_with_their_reasons(sartor, data):
    said = sartor("predict", "@last", "--data", str(data), "--decide", "--format", "jsonl")
    rows = [json.loads(line) for line in said.out.splitlines()]
    decided = ["decision", "amount", "expected_value", "reasons", "reason_factors", "reasons_from"]
    assert list(rows[0]) == [*HEADER.split(","), *decided]
    assert rows[1]["decision"] == "decline"
    assert len(rows[1]["reasons"]) == 4
    assert rows[0]["reasons_from"] is None
    assert "5 rows answered by scorecard, decided by decision" in said.err


def test_a_file_is_written_in_the_form_that_its_name_tells(sartor, data, tmp_path):
    import pandas as pd

    out = tmp_path / "answers.parquet"
    said = sartor("predict", "@last", "--data", str(data), "--out", str(out), "--model", "forest")
    assert (said.code, said.out) == (0, "")
    assert "5 rows answered by forest" in said.err
    assert pd.read_parquet(out)["application_id"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_stream_is_answered_in_its_own_form(sartor, credit, applications, stdin, form):
    frame = applications.drop_columns("creditability").slice(0, 3).to_pandas()
    stdin(frame.to_csv(index=False) if form == "csv" else frame.to_json(orient="records", lines=True))
    said = sartor("predict", "@last", "--data", "-")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == HEADER if form == "csv" else json.loads(lines[0])["application_id"] == 0
    other = "jsonl" if form == "csv" else "csv"
    stdin(frame.to_csv(index=False) if form == "csv" else frame.to_json(orient="records", lines=True))
    lines = sartor("predict", "@last", "--data", "-", "--format", other).out.splitlines()
    assert lines[0] == HEADER if other == "csv" else json.loads(lines[0])["application_id"] == 0


class TestBrokenLines:
    @pytest.fixture
    def lines(self, applications):
        rows = applications.drop_columns("creditability").slice(0, 3).to_pylist()
        return [json.dumps(row) for row in rows]

    def test_the_stream_stops_behind_the_answers_before_it(self, sartor, credit, lines, stdin):
        stdin("\n".join([lines[0], "{", *lines[1:]]))
        said = sartor("predict", "@last", "--data", "-")
        assert said.code == 2
        assert len(said.out.splitlines()) == 1
        assert said.err.startswith("line 2 is not a JSON object")

    def test_or_it_is_told_of_in_its_place(self, sartor, credit, lines, stdin):
        stdin("\n".join([lines[0], "{", *lines[1:]]))
        said = sartor("predict", "@last", "--data", "-", "--on-error", "skip")
        assert said.code == 1
        rows = [json.loads(line) for line in said.out.splitlines()]
        assert [row.get("application_id") for row in rows] == [0, None, 1, 2]
        assert (rows[1]["line"], rows[1]["code"]) == (2, "D164")
        assert rows[1]["error"].startswith("line 2 is not a JSON object")
        assert "3 rows answered by scorecard; 1 line passed over" in said.err

    def test_in_csv_a_column_tells_of_it(self, sartor, credit, applications, stdin):
        text = applications.drop_columns("creditability").slice(0, 2).to_pandas().to_csv(index=False).splitlines()
        stdin("\n".join([text[0], "too,few", *text[1:]]))
        said = sartor("predict", "@last", "--data", "-", "--on-error", "skip")
        lines = said.out.splitlines()
        assert said.code == 1
        assert lines[0] == f"{HEADER},error"
        assert lines[1] == ',,,,"line 2 has 2 fields where the header names 21 (D164)"'
        assert lines[2].startswith("0,")
        assert lines[2].endswith(",")

    def test_a_stream_of_nothing_but_broken_lines(self, sartor, credit, applications, stdin):
        header = ",".join(applications.drop_columns("creditability").column_names)
        stdin(f"{header}\nx\ny\n")
        said = sartor("predict", "@last", "--data", "-", "--on-error", "skip")
        assert (said.code, len(said.out.splitlines())) == (1, 3)
        assert said.out.splitlines()[0] == "error"

    def test_an_empty_stream_is_an_error(self, sartor, credit, stdin):
        stdin("")
        said = sartor("predict", "@last", "--data", "-")
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("no row came from the stream")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--data", "DATA", "--model", "forrest"), "has no model 'forrest'"),
        (("--data", "DATA", "--table", "loans"), "finance/credit-scoring has no table 'loans'"),
        (("--data", "DATA", "--format", "parquet"), "Parquet cannot be written to stdout"),
        (("--data", "DATA", "--format", "xlsx"), "--format must be one of csv, jsonl, parquet, got 'xlsx'"),
        (("--data", "DATA", "--out", "answers.xlsx"), "answers.xlsx: the end of its name does not tell"),
        (("--data", "DATA", "--out", "DATA"), "is the data itself, and would be written over"),
        (("--data", "DATA", "--data", "DATA"), "data is given twice for table applications"),
        (("--data", "nowhere.csv"), "there is no file nowhere.csv"),
        (("--data", "DATA", "--memory", "much"), "--memory must be a number and a unit such as '4 GB', got 'much'"),
        (("--data", "DATA", "--as-of", "soon"), "--as-of must be a date"),
        (("--data", "DATA", "--on-error", "cry"), "--on-error must be one of stop, skip, got 'cry'"),
        ((), "'sartor predict' needs --data"),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_why(sartor, data, arguments, said):
    ended = sartor("predict", "@last", *(str(data) if one == "DATA" else one for one in arguments))
    assert (ended.code, ended.out) == (2, "")
    assert said in " ".join(ended.err.split())


def test_a_run_that_there_is_not(sartor, data):
    ended = sartor("predict", "finance/credit-scorin/@last", "--data", str(data))
    assert ended.code == 2
    assert "no run of finance/credit-scorin is recorded" in ended.err


def test_a_reader_that_goes_away_ends_it_quietly(sartor_process, credit, applications, tmp_path):
    import subprocess

    file = tmp_path / "new.csv"
    applications.to_pandas().to_csv(file, index=False)
    command = f"{sys.executable} -m sartor.cli predict @last --data {file} | head -1"
    ended = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout.splitlines() == [HEADER]
    assert "bug" not in ended.stderr
