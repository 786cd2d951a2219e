"""`tables.write`: what stands in the file, in each format, and that it is there whole or not at all."""

from __future__ import annotations

import csv
import json
import os
import resource
import stat
import subprocess
import sys
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sartor.delivery import Decisions
from sartor.errors import InputError, UsageError
from sartor.testing import SinkTests
from sartor_plugins.tables.write import Write
from sartor_plugins.tables.written_text import plain_text

TABLE = {
    "id": ["007", "008", "009"],
    "decision": ["accept", 'say "no", or wait', "über\nzwei"],
    "score": [0.1, None, float("nan")],
    "units": [3, 2**60, None],
    "urgent": [True, False, None],
    "day": [date(2024, 2, 29), None, date(1999, 12, 31)],
    "at": [datetime(2024, 2, 29, 23, 59, 59), datetime(2024, 1, 1, 0, 0, 0, 1), None],
    "reasons": [["low income", "new account"], [], None],
}


@pytest.fixture
def deliver(context):
    """Return a function that delivers columns by `tables.write`, and gives the receipt."""

    def run(values, own=("id",), **settings):
        table = values if isinstance(values, pa.Table) else pa.table(values)
        file = context.scratch / "recorded.parquet"
        pq.write_table(table, file)
        return Write(**settings).deliver(Decisions(file, own, lines=2), context)

    return run


class TestParquet:
    def test_values_and_types_stay_as_they_are(self, deliver, context):
        receipt = deliver(TABLE, path="out.parquet")
        written = pq.read_table(context.path("out.parquet"))
        assert written.schema.equals(pa.table(TABLE).schema)
        assert written.to_pylist()[0] == {name: values[0] for name, values in TABLE.items()}
        assert (receipt.rows, receipt.added, receipt.changed) == (3, None, None)

    def test_lines_that_are_added_stand_behind_the_others_and_replace_those_of_their_key(self, deliver, context):
        deliver({"id": [1, 2, 3], "say": ["a", "b", "c"]}, path="out.parquet", mode="append")
        receipt = deliver({"id": [4, 2, 3], "say": ["d", "B", "c"]}, path="out.parquet", mode="append")
        assert pq.read_table(context.path("out.parquet")).to_pydict() == {"id": [1, 4, 2, 3], "say": [*"adBc"]}
        assert receipt.in_words() == "3 rows, 1 new, 1 changed"

    def test_a_column_without_a_value_takes_the_type_that_stands_there(self, deliver, context):
        deliver({"id": [1], "say": ["a"]}, path="out.parquet", mode="append")
        deliver({"id": [2], "say": pa.nulls(1)}, path="out.parquet", mode="append")
        assert pq.read_table(context.path("out.parquet")).to_pydict() == {"id": [1, 2], "say": ["a", None]}


class TestCsv:
    def test_every_value_is_written_as_one_reads_it(self, deliver, context):
        deliver(TABLE, path="out.csv")
        assert context.path("out.csv").read_bytes().decode() == (
            "id,decision,score,units,urgent,day,at,reasons\n"
            "007,accept,0.1,3,true,2024-02-29,2024-02-29 23:59:59,low income; new account\n"
            '008,"say ""no"", or wait",,1152921504606846976,false,,2024-01-01 00:00:00.000001,""\n'
            '009,"über\nzwei",,,,1999-12-31,,\n'
        )

    @pytest.mark.parametrize(
        ("text", "field"),
        [
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+1 if", "'+1 if"),
            ("-1-1", "'-1-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("  =1", "'  =1"),
            ("\uff1d1", "'\uff1d1"),
            ("-17", "-17"),
            ("+4.5", "+4.5"),
            ("a=b", "a=b"),
            ("", ""),
        ],
    )
    def test_a_text_that_would_be_a_formula_gets_an_apostrophe(self, deliver, context, text, field):
        deliver({"id": ["1"], "say": [text], "why": [[text]]}, path="out.csv")
        with context.path("out.csv").open(newline="", encoding="utf-8") as lines:
            assert list(csv.reader(lines)) == [["id", "say", "why"], ["1", field, field]]
        deliver({"id": ["1"], "say": [text]}, path="out.csv", formulas="keep")
        with context.path("out.csv").open(newline="", encoding="utf-8") as lines:
            assert list(csv.reader(lines))[1] == ["1", text]

    def test_a_number_below_zero_is_no_formula(self, deliver, context):
        deliver({"id": [1], "score": [-0.5], "units": [-3]}, path="out.csv")
        assert context.path("out.csv").read_text() == "id,score,units\n1,-0.5,-3\n"

    @pytest.mark.parametrize(
        ("settings", "line"),
        [({"delimiter": ";"}, '1;"a;b";a,b'), ({"delimiter": "tab"}, "1\ta;b\ta,b"), ({}, '1,a;b,"a,b"')],
    )
    def test_fields_stand_in_quotes_where_the_delimiter_asks_for_it(self, deliver, context, settings, line):
        deliver({"id": [1], "x": ["a;b"], "y": ["a,b"]}, path="out.csv", **settings)
        assert context.path("out.csv").read_text().splitlines()[1] == line

    def test_a_name_that_ends_in_tsv_means_tabs(self, deliver, context):
        deliver({"id": [1], "x": ["a"]}, path="out.tsv")
        assert context.path("out.tsv").read_text() == "id\tx\n1\ta\n"

    def test_lines_that_are_added_leave_the_others_byte_for_byte(self, deliver, context):
        there = 'id,say\n1,"a\nb"\n2,\n3,"three"'
        context.path("out.csv").write_text(there, encoding="utf-8")
        receipt = deliver({"id": ["2", "4"], "say": ["B", "-x"]}, path="out.csv", mode="append")
        assert context.path("out.csv").read_text() == 'id,say\n1,"a\nb"\n3,"three"\n2,B\n4,\'-x\n'
        assert receipt.in_words() == "2 rows, 1 new, 1 changed"
        again = deliver({"id": ["2", "4"], "say": ["B", "-x"]}, path="out.csv", mode="append")
        assert again.in_words() == "2 rows, all there already"

    def test_keys_that_are_written_with_an_apostrophe_are_found_again(self, deliver, context):
        for say in ("a", "b"):
            deliver({"id": ["=1"], "say": [say]}, path="out.csv", mode="append")
        assert context.path("out.csv").read_text() == "id,say\n'=1,b\n"


class TestJsonLines:
    def test_every_line_is_an_object_in_json_types(self, deliver, context):
        deliver(TABLE, path="out.jsonl")
        first, second, third = map(json.loads, context.path("out.jsonl").read_text(encoding="utf-8").splitlines())
        assert first == {
            "id": "007",
            "decision": "accept",
            "score": 0.1,
            "units": 3,
            "urgent": True,
            "day": "2024-02-29",
            "at": "2024-02-29 23:59:59",
            "reasons": ["low income", "new account"],
        }
        assert (second["score"], second["reasons"], second["units"]) == (None, [], 2**60)
        assert (third["score"], third["reasons"], third["decision"]) == (None, None, "über\nzwei")
        assert "über" in context.path("out.jsonl").read_text(encoding="utf-8")

    def test_lines_that_are_added_replace_those_of_their_key(self, deliver, context):
        deliver({"id": [1, 2], "say": ["a", "b"]}, path="out.jsonl", mode="append")
        receipt = deliver({"id": [2], "say": ["B"]}, path="out.jsonl", mode="append")
        assert context.path("out.jsonl").read_text() == '{"id": 1, "say": "a"}\n{"id": 2, "say": "B"}\n'
        assert receipt.in_words() == "1 row, 1 changed"


class TestColumnsAndKeys:
    def test_only_the_named_columns_are_written_in_their_order(self, deliver, context):
        deliver({"id": [1], "a": ["x"], "b": ["y"]}, path="out.csv", columns=["b", "id"])
        assert context.path("out.csv").read_text() == "b,id\ny,1\n"

    def test_another_key_than_that_of_the_rows_may_be_named(self, deliver, context):
        plan = {"machine": ["m1", "m1", "m2"], "day": [1, 2, 1], "do": [*"abc"]}
        for table in (plan, {"machine": ["m1"], "day": [2], "do": ["B"]}):
            deliver(table, (), path="plan.csv", mode="append", key=["machine", "day"])
        assert context.path("plan.csv").read_text() == "machine,day,do\nm1,1,a\nm2,1,c\nm1,2,B\n"

    @pytest.mark.parametrize(
        ("columns", "key", "settings", "said"),
        [
            ({"a": [1]}, ("a",), {"columns": ["b"]}, "the decisions have no column 'b'  R041"),
            ({"a": [1]}, (), {"mode": "append"}, "the decisions have no key by which they could be added.*D220"),
            (
                {"a": [1, 1]},
                (),
                {"mode": "append", "key": ["a"]},
                "the key a does not tell decisions apart: 2 lines, 1",
            ),
            ({"a": [1, None]}, (), {"mode": "append", "key": ["a"]}, "the key a is missing in 1 of 2 decisions  D220"),
            ({"a": [1], "b": [1]}, ("a",), {"mode": "append", "columns": ["b"]}, "columns leaves out 'a', by which"),
        ],
    )
    def test_what_cannot_be_written_so_is_said(self, deliver, context, columns, key, settings, said):
        with pytest.raises(InputError, match=said):
            deliver(columns, key, path="out.csv", **settings)
        assert not context.path("out.csv").exists()


class TestAFileThatIsThere:
    @pytest.mark.parametrize(
        ("name", "there", "said"),
        [
            ("out.csv", b"id,tell\n1,a\n", "out.csv has the columns id, tell, and id, say are to be added  D222"),
            ("out.csv", b"say,id\na,1\n", "out.csv has the columns say, id, and id, say are to be added  D222"),
            ("out.csv", b"id,say\n1,a,b\n", "out.csv cannot be added to: line 2 has 3 fields where the header has 2"),
            ("out.csv", b'id,say\n1,"a\n', "out.csv cannot be added to: line 2: unexpected end of data  D222"),
            ("out.csv", b"id,say\n1,\xfc\n", "out.csv cannot be added to: it is not in UTF-8  D222"),
            ("out.jsonl", b'{"id": 1}\n', "out.jsonl has the columns id, and id, say are to be added  D222"),
            ("out.jsonl", b"[1]\n", "out.jsonl has the columns none, and id, say are to be added  D222"),
            ("out.jsonl", b"hello\n", "out.jsonl cannot be added to: line 1 is not JSON  D222"),
            ("out.parquet", b"PAR1 no", "out.parquet cannot be added to: it is not a Parquet file  D222"),
        ],
    )
    def test_it_is_left_as_it_is_where_lines_cannot_be_added(self, deliver, context, name, there, said):
        context.path(name).write_bytes(there)
        with pytest.raises(InputError, match=said):
            deliver({"id": [1], "say": ["b"]}, path=name, mode="append")
        assert context.path(name).read_bytes() == there
        assert sorted(file.name for file in context.folder.iterdir()) == [name, "scratch"]

    def test_other_types_in_a_parquet_file_are_other_columns(self, deliver, context):
        deliver({"id": [1], "say": ["b"]}, path="out.parquet")
        said = "out.parquet has the columns id int64, say string, and id, say are to be added"
        with pytest.raises(InputError, match=said):
            deliver({"id": ["1"], "say": ["b"]}, path="out.parquet", mode="append")

    def test_it_keeps_its_permissions_and_a_link_still_leads_to_it(self, deliver, context):
        real, link = context.path("real.csv"), context.path("out.csv")
        real.write_text("old", encoding="utf-8")
        real.chmod(0o640)
        link.symlink_to(real)
        deliver({"id": [1]}, path="out.csv")
        assert link.is_symlink()
        assert (real.read_text(), stat.S_IMODE(real.stat().st_mode)) == ("id\n1\n", 0o640)

    def test_what_a_killed_delivery_left_is_in_nobodys_way(self, deliver, context):
        context.path(".out.csv.part").write_text("half a li", encoding="utf-8")
        deliver({"id": [1]}, path="out.csv")
        assert context.path("out.csv").read_text() == "id\n1\n"
        assert not context.path(".out.csv.part").exists()


@contextmanager
def files_of_at_most(size: int):
    """Let no file grow beyond some bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestADiskThatIsFullOrReadOnly:
    @pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.jsonl"])
    def test_a_full_disk_leaves_the_old_file(self, context, name):
        many = pa.table({"id": range(100_000), "say": [f"{n * 7919 % 10_007}" for n in range(100_000)]})
        recorded = context.scratch / "recorded.parquet"
        pq.write_table(many, recorded)
        context.path(name).write_text("old", encoding="utf-8")
        with files_of_at_most(50_000), pytest.raises(UsageError) as caught:
            Write(path=name).deliver(Decisions(recorded, ("id",)), context)
        assert str(caught.value).startswith(f"{name} cannot be written: file too large  U043\n  to mend: make room")
        assert context.path(name).read_text() == "old"
        assert sorted(file.name for file in context.folder.iterdir()) == [name, "scratch"]

    def test_a_folder_that_may_not_be_written_is_named_before_the_run(self, context):
        if os.geteuid() == 0:
            # For the superuser only a file in the folder's place stands in the way.
            context.path("closed").write_text("", encoding="utf-8")
        else:
            context.path("closed").mkdir(mode=0o500)
        with pytest.raises(UsageError, match=r"closed/out.csv cannot be written: .*closed (is a file|may not be wri)"):
            Write(path="closed/out.csv").check_target(None, context)

    def test_a_read_only_disk_is_named(self, context, monkeypatch):
        def refuse(*_: object) -> int:
            raise OSError(30, "Read-only file system", "out.csv")

        recorded = context.scratch / "recorded.parquet"
        pq.write_table(pa.table({"id": [1]}), recorded)
        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(UsageError, match=r"out\.csv cannot be written: read-only file system  U043"):
            Write(path="out.csv").deliver(Decisions(recorded, ("id",)), context)

    def test_a_folder_in_its_place_is_named_before_the_run(self, context):
        context.path("out.csv").mkdir()
        with pytest.raises(UsageError, match=r"out\.csv is a folder, and a file is to be written  U043"):
            Write(path="out.csv").check_target(None, context)

    def test_folders_on_the_way_are_made(self, deliver, context):
        Write(path="a/b/out.csv").check_target(None, context)
        assert not context.path("a").exists()
        deliver({"id": [1]}, path="a/b/out.csv")
        assert context.path("a/b/out.csv").read_text() == "id\n1\n"


APPENDING = """
import sys
from pathlib import Path
from sartor.delivery import Decisions
from sartor.testing import make_context
from sartor_plugins.tables.write import Write
folder = Path(sys.argv[1])
for place in range(int(sys.argv[2]), 20, 2):
    context = make_context(folder)
    Write(path="out.csv", mode="append").deliver(Decisions(folder / f"{place}.parquet", ("id",)), context)
"""


def test_two_that_add_at_once_lose_none_of_each_others_lines(tmp_path):
    for place in range(20):
        pq.write_table(pa.table({"id": [place]}), tmp_path / f"{place}.parquet")
    started = [subprocess.Popen([sys.executable, "-c", APPENDING, tmp_path, str(half)]) for half in (0, 1)]
    assert [one.wait(timeout=60) for one in started] == [0, 0]
    assert sorted(map(int, (tmp_path / "out.csv").read_text().split()[1:])) == list(range(20))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"path": "out.txt"}, "the name out.txt does not tell its format"),
        ({"path": "s3://bucket/out.csv"}, "path must be a file of this machine, got s3://bucket/out.csv"),
        ({"path": "a.csv", "columns": ["a"], "key": ["b"]}, "columns leaves out 'b', which is a part of the key"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        Write(**settings)


def test_a_nested_value_becomes_json():
    assert plain_text({"a": [1, date(2024, 1, 1)], "b": None}) == '{"a": [1, "2024-01-01"], "b": null}'


class Written(SinkTests):
    entry = "tables.write"
    settings: ClassVar = {"path": "out/decisions.parquet", "mode": "append"}

    def arrived(self, context):
        file = context.path(self.settings["path"])
        if not file.exists():
            return None
        read = {
            ".parquet": pd.read_parquet,
            ".csv": lambda file: pd.read_csv(file, dtype=str),
            ".jsonl": lambda file: pd.read_json(file, lines=True, dtype=False),
        }
        found = read[file.suffix](file)
        return found if len(found) else None


class TestParquetKeepsTheContract(Written):
    pass


class TestReplacedParquetKeepsTheContract(Written):
    settings: ClassVar = {"path": "decisions.parquet"}


class TestCsvKeepsTheContract(Written):
    settings: ClassVar = {"path": "decisions.csv", "mode": "append"}


class TestJsonLinesKeepTheContract(Written):
    settings: ClassVar = {"path": "decisions.jsonl", "mode": "append"}
