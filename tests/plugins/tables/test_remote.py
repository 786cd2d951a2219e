"""Files elsewhere: fetched by fsspec, read like any other, and what is said where they cannot be."""

from __future__ import annotations

import io
import re
import sys

import pytest

from sartor.context import Context
from sartor.errors import InputError
from sartor_plugins.tables.csv_files import CsvFiles
from sartor_plugins.tables.json_lines import JsonLines
from sartor_plugins.tables.parquet_files import ParquetFiles

pytestmark = pytest.mark.needs("fsspec")


@pytest.fixture
def elsewhere():
    """Return a function that puts a file into fsspec's memory, which is empty before and after."""
    import fsspec

    memory = fsspec.filesystem("memory")

    def put(name, content):
        with memory.open(f"/{name}", "wb") as stream:
            stream.write(content)

    yield put
    memory.store.clear()


@pytest.fixture
def read(context, engine):
    return lambda component: engine.fetch(engine.store(component.read(context), "table")).to_dict("list")


def parquet(**columns):
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def test_every_reader_reads_them(elsewhere, read, context):
    elsewhere("shop/a.csv", b"id;n\n007;1\n")
    elsewhere("shop/a.jsonl", b'{"id": "007", "n": 1}\n')
    elsewhere("shop/a.parquet", parquet(id=["007"], n=[1]))
    for reader, ending in ((CsvFiles, "csv"), (JsonLines, "jsonl"), (ParquetFiles, "parquet")):
        component = reader(path=f"memory://shop/a.{ending}")
        assert read(component) == {"id": ["007"], "n": [1]}
        assert list(component.columns(context)) == ["id", "n"]


def test_a_glob_means_all_that_match_in_the_order_of_their_names(elsewhere, read):
    for name in ("b", "a", "c"):
        elsewhere(f"shop/{name}.csv", f"x\n{name}\n".encode())
    elsewhere("shop/d.txt", b"x\nd\n")
    assert read(CsvFiles(path="memory://shop/*.csv")) == {"x": ["a", "b", "c"]}


def test_the_record_names_them_by_their_address(elsewhere, context):
    elsewhere("shop/a.csv", b"x\n1\n")
    (record,) = CsvFiles(path="memory://shop/a.csv").inputs(context)
    assert (record["name"], record["bytes"], len(record["sha256"])) == ("memory://shop/a.csv", 4, 64)


def test_a_run_sees_one_state_of_a_file(elsewhere, read, context, tmp_path):
    elsewhere("shop/a.csv", b"x\n1\n")
    component = CsvFiles(path="memory://shop/a.csv")
    first = component.fingerprint(context)
    elsewhere("shop/a.csv", b"x\n1\n2\n")
    assert read(component) == {"x": [1]}
    assert component.fingerprint(context) == first
    from dataclasses import replace

    assert component.fingerprint(replace(context, scratch=tmp_path / "another run")) != first


def test_a_check_fetches_nothing(elsewhere, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CsvFiles(path="memory://shop/not-there.csv").columns(Context(folder=tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("memory://shop/none.csv", "there is no file memory://shop/none.csv  D101"),
        ("memory://shop/*.tsv", "no file matches memory://shop/*.tsv  D103"),
        ("gopher://shop/a.csv", "nothing is known that fetches gopher://  D240"),
        ("ftp://me:hush@shop/a.csv", "a path holds a password, which would stand in the recipe and its records  D240"),
    ],
)
def test_what_cannot_be_had_is_said(elsewhere, context, path, said):
    elsewhere("shop/a.csv", b"x\n1\n")
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        CsvFiles(path=path).read(context)
    assert "hush" not in str(caught.value)


def test_a_package_that_is_missing_is_named(context, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    said = r"s3://bucket/a\.csv needs s3fs, which is not installed  R024\n  to mend: pip install s3fs"
    with pytest.raises(InputError, match=said):
        CsvFiles(path="s3://bucket/a.csv").read(context)
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    said = r"s3://bucket/a\.csv needs fsspec, which is not installed  R024\n  to mend: pip install \"sartor\[remote\]\""
    with pytest.raises(InputError, match=said):
        CsvFiles(path="s3://bucket/a.csv").read(context)


def test_what_a_system_of_files_says_is_not_shown(elsewhere, context, monkeypatch):
    import fsspec

    def refuse(*_, **__):
        raise PermissionError("token=canary")

    elsewhere("shop/a.csv", b"x\n1\n")
    monkeypatch.setattr(type(fsspec.filesystem("memory")), "_open", refuse)
    said = r"memory://shop/a\.csv cannot be fetched: PermissionError  D241\n  to mend: see that it can be reached"
    with pytest.raises(InputError, match=said) as caught:
        CsvFiles(path="memory://shop/a.csv").read(context)
    assert "canary" not in str(caught.value)


def test_a_file_that_breaks_off_leaves_no_copy(elsewhere, context):
    import fsspec

    elsewhere("shop/a.csv", b"x\n1\n")
    memory = type(fsspec.filesystem("memory"))

    class BreaksOff(io.BytesIO):
        def read(self, *_):
            if self.tell():
                raise OSError("broke off")
            return super().read(2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "_open", lambda *_, **__: BreaksOff(b"x\n1\n"))
        with pytest.raises(InputError, match="cannot be fetched: OSError  D241"):
            CsvFiles(path="memory://shop/a.csv").read(context)
    assert CsvFiles(path="memory://shop/a.csv").inputs(context)[0]["bytes"] == 4
