"""Files are found by name, by glob and in lists, read in order, and missed with the nearest name."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import os

import pyarrow as pa
import pytest

from sartor.errors import InputError
from sartor_plugins.tables.csv_files import CsvFiles

ROWS = "n,x\n" + "".join(f"{n},{n * 7}\n" for n in range(50_000))


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstd], ids=["gzip", "bz2", "zstd"])
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t"])
def test_packed_files_are_told_by_content_whatever_their_name(read_csv, pack, name):
    found = read_csv({name: pack(ROWS.encode())}, path=name)
    assert found["n"] == list(range(50_000))


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_parts_packed_one_after_the_other_are_one_file(read_csv, pack):
    assert read_csv(pack(b"a\n1\n") + pack(b"2\n3\n"))["a"] == [1, 2, 3]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstd], ids=["gzip", "bz2", "zstd"])
@pytest.mark.parametrize("kept", [0.5, -3])
@pytest.mark.parametrize("types", [{}, {"n": "integer", "x": "integer"}])
def test_a_packed_file_that_is_cut_off_is_said_to_end_in_the_middle(read_csv, refused, pack, kept, types):
    packed = pack(ROWS.encode())
    cut = packed[: int(len(packed) * kept)] if kept > 0 else packed[:kept]
    message = refused(read_csv, cut, types=types)
    assert message.startswith("t.csv ends in the middle: its ")
    assert "get the file again" in message


def test_a_packed_file_whose_checksum_does_not_fit_is_said_to_be_damaged(read_csv, refused):
    packed = gzip.compress(ROWS.encode())
    changed = packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:]
    assert refused(read_csv, changed).startswith("t.csv is damaged: its gzip content does not unpack  D115")


def test_a_glob_reads_its_files_sorted_by_name_and_numbers_rows_through(read_csv):
    found = read_csv(
        {
            "in/b.csv": "n,t\n20,b\n21,b\n",
            "in/a.csv": "t,n\na,10\n",
            "in/c.csv.gz": gzip.compress(b"n;t\n30;c\n"),
            "in/notes.txt": "no table",
        },
        path="in/*.csv*",
        row_number="row",
    )
    assert list(found.table.columns) == ["t", "n", "row"]
    assert (found["n"], found["t"], found["row"]) == ([10, 20, 21, 30], ["a", "b", "b", "c"], [0, 1, 2, 3])


def test_row_numbers_follow_the_order_of_the_files_at_any_size(read_csv):
    parts = {
        f"p{part}.csv": "n,t\n" + "".join(f'{part * 40_000 + n},"x\n{n}"\n' for n in range(40_000)) for part in range(5)
    }
    found = read_csv(parts, path="p*.csv", row_number="row", types={"n": "integer", "t": "text"})
    assert found["row"] == found["n"] == list(range(200_000))


def test_a_list_is_read_in_its_order_and_a_file_named_twice_once(read_csv):
    files = {"a.csv": "n\n1\n", "b.csv": "n\n2\n", "c.csv": "n\n3\n"}
    assert read_csv(files, path=["c.csv", "[ab].csv", "*.csv"])["n"] == [3, 1, 2]


def test_two_stars_go_down_into_folders(read_csv):
    assert read_csv({"2023/a.csv": "n\n1\n", "2024/q1/b.csv": "n\n2\n"}, path="**/*.csv")["n"] == [1, 2]


@pytest.mark.parametrize(
    "name",
    [
        "a[1].csv",
        "a*b.csv",
        "q?.csv",
        "it's.csv",
        "sp ace.csv",
        "ü€😀.csv",
        "{x}.csv",
        "year=2020.csv",
        "per%20cent.csv",
        "a;b,c.csv",
        'q"q.csv',
    ],
)
def test_names_may_hold_any_sign(read_csv, name):
    found = read_csv({name: "n\n1\n", "aXb.csv": "n\n9\n", "a1.csv": "n\n8\n"}, path=name)
    assert list(found.table.columns) == ["n"]
    assert found["n"] == [1]


def test_a_name_that_is_not_utf_8_is_found_by_a_glob(read_csv, tmp_path):
    try:
        (tmp_path / os.fsdecode(b"M\xfcller.csv")).write_text("n\n1\n")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert read_csv({}, path="M*.csv")["n"] == [1]


def test_a_folder_called_like_a_hive_partition_adds_no_column(read_csv):
    assert list(read_csv({"year=2020/a.csv": "n\n1\n"}, path="year=2020/a.csv").table.columns) == ["n"]


def test_files_of_one_glob_must_have_the_same_columns(read_csv, refused):
    message = refused(read_csv, {"a.csv": "x,y\n1,2\n", "b.csv": "x,z\n1,2\n"}, path="*.csv")
    assert message.startswith("b.csv lacks column 'y' of a.csv  D116")
    assert "a.csv lacks column 'z' of b.csv  D116" in message


def test_a_type_is_that_of_all_files_of_a_glob(read_csv):
    found = read_csv({"a.csv": "x\n1\n2\n", "b.csv": "x\n3\nfour\n"}, path="*.csv")
    assert found["x"] == ["1", "2", "3", "four"]
    assert "1 of 4 values is not a number, at b.csv:3, of the form 'xxxx'" in found.notes[0]


def test_some_files_of_a_glob_may_have_no_row(read_csv, refused):
    assert read_csv({"a.csv": "x\n", "b.csv": "x\n3\n"}, path="*.csv")["x"] == [3]
    assert refused(read_csv, {"a.csv": "x\n", "b.csv": "x\n"}, path="*.csv").startswith(
        "2 files have a header and no row, the first is a.csv  D002"
    )


def test_a_missing_file_comes_with_the_nearest_name_in_its_folder(read_csv, refused):
    message = refused(read_csv, {"loans.csv": "a\n1\n"}, path="laons.csv")
    assert message == "there is no file laons.csv  D101\n  did you mean: loans.csv"


def test_a_missing_folder_is_named(read_csv, refused, tmp_path):
    message = refused(read_csv, {"sets/finance/loans.csv": "a\n1\n"}, path="sets/finanze/loans.csv")
    assert "there is no file sets/finanze/loans.csv  D101" in message
    assert f"no folder: {tmp_path / 'sets' / 'finanze'}" in message
    assert "did you mean: finance" in message


def test_a_missing_folder_elsewhere_says_how_to_give_the_folder_of_the_data(read_csv, refused, tmp_path):
    message = refused(read_csv, {}, path=str(tmp_path / "sets" / "loans.csv"))
    assert "give the folder of the data with --data or SARTOR_DATA" in message


def test_a_file_missing_below_the_data_folder_says_how_to_give_that_folder(read_csv, refused, tmp_path, monkeypatch):
    (tmp_path / "sets").mkdir()
    monkeypatch.setenv("SARTOR_DATA", str(tmp_path / "sets"))
    message = refused(read_csv, {}, path="sets/loans.csv")
    assert "give the folder of the data with --data or SARTOR_DATA" in message
    monkeypatch.delenv("SARTOR_DATA")
    assert "SARTOR_DATA" not in refused(read_csv, {}, path="sets/loans.csv")


def test_a_folder_in_place_of_a_file_comes_with_the_glob_to_write(read_csv, refused):
    message = refused(read_csv, {"in/a.csv": "a\n1\n", "in/b.csv": "a\n1\n", "in/x.md": ""}, path="in")
    assert message == "in is a folder, and a file is due  D102\n  to mend: read all its files: in/*.csv"


def test_a_glob_that_finds_nothing_names_what_is_there(read_csv, refused):
    message = refused(read_csv, {"in/loans.csv": "a\n1\n"}, path="in/*.tsv")
    assert message.startswith("no file matches in/*.tsv  D103")
    assert "loans.csv" in message


def test_a_file_that_may_not_be_read_is_said_to_be(context, written, monkeypatch):
    written("a\n1\n", "t.csv")
    real = type(context.folder).open

    def closed(path, *arguments, **options):
        if path.name == "t.csv":
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)

    # Whoever runs the tests as root may read everything.
    monkeypatch.setattr(type(context.folder), "open", closed)
    with pytest.raises(InputError, match=r"t\.csv cannot be opened: permission denied  D104\n.*chmod u\+r t\.csv"):
        CsvFiles(path="t.csv").columns(context)


def test_a_pipe_is_no_regular_file(read_csv, refused, tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    assert refused(read_csv, {}, path="t.csv").startswith("t.csv is not a regular file  D102")


def test_a_file_that_is_taken_away_before_it_is_read_is_said_to_be(context, engine, written, tmp_path):
    written("a\n1\n", "t.csv")
    relation = CsvFiles(path="t.csv", types={"a": "integer"}).read(context)
    (tmp_path / "t.csv").unlink()
    with pytest.raises(InputError, match=r"t\.csv was taken away while it was read  D101"):
        engine.store(relation, "table")


def test_the_record_gets_name_path_size_and_digest_of_every_file(context, written, tmp_path):
    written({"a.csv": "n\n1\n", "b.csv": "n\n2\n"}, "")
    component = CsvFiles(path="*.csv")
    assert component.inputs(context) == [
        {
            "name": name,
            "path": str(tmp_path / name),
            "bytes": 4,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, content in (("a.csv", b"n\n1\n"), ("b.csv", b"n\n2\n"))
    ]


def test_the_fingerprint_changes_with_one_byte_of_the_files(context, written):
    written("n\n1\n", "t.csv")
    component = CsvFiles(path="t.csv")
    before = component.fingerprint(context)
    assert component.fingerprint(context) == before
    written("n\n2\n", "t.csv")
    assert component.fingerprint(context) != before
