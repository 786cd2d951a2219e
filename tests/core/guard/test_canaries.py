"""Canaries: the search finds them in whatever form they come out; of those that nothing may let out it finds none."""

from __future__ import annotations

import gzip
import hashlib
import struct
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
TEXT, NUMBER, MOMENT = "zqxab12cd34e", 734_512_998_123, datetime(2001, 5, 17, 8, 9, 10, 123_456)
MICROS = int(MOMENT.replace(tzinfo=UTC).timestamp() * 1_000_000)


@pytest.fixture
def searcher(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from canary_search import Searcher

    return Searcher({"text": [TEXT], "number": [NUMBER], "moment": [MOMENT]})


@pytest.mark.parametrize(
    ("place", "content"),
    [
        ("text", TEXT.upper().encode()),
        ("text", f"'{TEXT}'".encode("utf-16")),
        ("text", gzip.compress(TEXT.encode(), mtime=0)),
        ("text", hashlib.sha1(TEXT.encode()).hexdigest().encode()),
        ("number", b"about 734,512,998,123 EUR"),
        ("number", b"734512998123.0"),
        ("number", b"7.34512998e+11"),
        ("number", b"x" + struct.pack("<q", NUMBER)),
        ("number", b"xyz" + struct.pack("<d", NUMBER)),
        ("number", hashlib.sha256(str(NUMBER).encode()).hexdigest().encode()),
        ("moment", b"2001-05-17T08:09:10.123456"),
        ("moment", b"ab" + struct.pack("<q", MICROS)),
    ],
)
def test_the_search_finds_one_in_bytes(searcher, tmp_path, place, content):
    (tmp_path / "file").write_bytes(b"before " + content + b" after" if content[:2] != b"\x1f\x8b" else content)
    searcher.folder(tmp_path)
    assert [name for name, found in searcher.found.items() if found] == [place]


def test_the_search_finds_them_in_parquet_and_in_arrays(searcher, tmp_path):
    struct_of = pa.array([{"a": TEXT}], pa.struct([("a", pa.string())]))
    table = pa.table({"s": struct_of, "n": pa.array([NUMBER], pa.int64()), "m": pa.array([MOMENT], pa.timestamp("us"))})
    pq.write_table(table, tmp_path / "t.parquet", compression="zstd", write_statistics=False)
    searcher.folder(tmp_path)
    assert all(searcher.found.values())


def test_the_search_finds_a_number_in_saved_arrays(searcher, tmp_path):
    np.savez_compressed(tmp_path / "a.npz", weights=np.array([0.5, float(NUMBER)]))
    searcher.folder(tmp_path)
    assert list(searcher.found["number"]) == [NUMBER]


def test_what_is_like_one_is_none(searcher, tmp_path):
    (tmp_path / "file").write_bytes(b"zqxab12cd34f 734512998124 7345129981231 2001-05-17 08:09:10.123457")
    searcher.folder(tmp_path)
    assert not any(searcher.found.values())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_none_of_a_thousand_comes_out():
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "canaries.py"), "--canaries", "1000", "--kills", "4"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0  in all; controls all found" in done.stdout
