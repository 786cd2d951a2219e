"""What cannot be read is refused with the file, the line, and a way to mend it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sartor_plugins.tables.csv_files import CsvFiles


@pytest.mark.parametrize("content", [b"", b"\n\n", b"   \n", b"\xef\xbb\xbf", b"\r\n"])
def test_an_empty_file_is_said_to_be_empty(read_csv, refused, content):
    assert refused(read_csv, content) == (
        "t.csv is empty  D105\n  to mend: look at what wrote it, or read another file"
    )


@pytest.mark.parametrize("content", ["a,b\n", "a,b", "\na,b\n\n"])
def test_a_header_alone_is_no_table(read_csv, refused, content):
    assert refused(read_csv, content).startswith("t.csv has a header and no row  D002")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("a,b,a", "columns 1 and 3 of t.csv are both called 'a'  D004"),
        ("a,b,a,c, a ", "columns 1, 3 and 5 of t.csv are all called 'a'  D004"),
        ("Age,b,age", "columns 1 and 3 of t.csv differ only by capital letters: 'Age' and 'age'  D110"),
        ("a,,b", "column 2 of t.csv has no name  D108"),
        ("a,__row,b", "column '__row' of t.csv begins with '__', which is kept for the columns that sartor adds  D005"),
    ],
)
def test_names_that_nobody_could_tell_apart_or_use_are_refused(read_csv, refused, header, said):
    message = refused(read_csv, f"{header}\n" + ",".join("1" * len(header.split(","))) + "\n")
    assert message.startswith(said)
    assert "give the columns other names in the file, or here: header: true, names: [...]" in message


def test_all_bad_names_are_told_in_one_go(read_csv, refused):
    message = refused(read_csv, "a,,A,__x\n1,2,3,4\n")
    assert [code for code in ("D108", "D005", "D110") if code in message] == ["D108", "D005", "D110"]


def test_the_labels_of_rows_that_pandas_writes_come_with_the_way_to_leave_them_out(read_csv, refused):
    message = refused(read_csv, ",a\n0,1\n")
    assert message.startswith("column 1 of t.csv has no name  D108")
    assert "to_csv(..., index=False)" in message


def test_names_must_be_as_many_as_the_columns(read_csv, refused):
    assert refused(read_csv, "1,2\n", names=["a"]).startswith("names gives 1 column and t.csv has 2  D119")


def test_lines_with_too_few_or_too_many_fields_are_named_the_first_three(read_csv, refused):
    message = refused(read_csv, 'a,b,c\n1,2\n3,"4\n4",5\n1,2,3,4\n\n5\n6\n')
    assert message == (
        "t.csv:2 has 2 fields, t.csv:5 has 4 fields, t.csv:7 has 1 field where the header names 3  D111\n"
        "  to mend: repair them: a field that holds ',' must stand in quotes; or say another delimiter than ','"
    )


def test_a_ragged_line_far_down_is_found_also_when_types_are_given(read_csv, refused):
    content = "a,b\n" + "1,2\n" * 100_000 + "1,2,3\n" + "1,2\n" * 10
    for settings in ({}, {"types": {"a": "integer", "b": "number"}}):
        message = refused(read_csv, content, **settings)
        assert message.startswith("t.csv:100002 has 3 fields where the header names 2  D111")


def test_a_value_beyond_a_header_that_ends_in_a_delimiter_is_a_field_too_many(read_csv, refused):
    assert refused(read_csv, "a,b,\n1,2,\n1,2,3\n").startswith("t.csv:3 has 3 fields where the header names 2")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('a,b\n1,"x\n3,4\n5,6\n', "t.csv:2 opens a quote that never closes  D112"),
        ('a,b\n"x,1\n3,4\n', "t.csv:2 opens a quote that never closes  D112"),
        ('a,b\n1,2\n"5" nail,4\n', "t.csv:3 has text after a closing quote  D112"),
        (
            'a,b\n1,"x\n3,4"y\n5,6\n',
            "t.csv:3 has text after a closing quote, in a record that begins in line 2  D112",
        ),
    ],
)
def test_a_quote_that_does_not_close_is_named_by_its_line(read_csv, refused, content, said):
    message = refused(read_csv, content)
    assert message.startswith(said)
    assert "or say that there are no quotes: quote: ''" in message


@pytest.mark.parametrize("before", [1, 200_000])
def test_a_nul_byte_is_named_by_its_line(read_csv, refused, before):
    message = refused(read_csv, "a,b\n" + "1,2\n" * before + "3,\0\n")
    assert message.startswith(f"t.csv:{before + 2} holds a NUL byte, which no text has  D113")


def test_utf_16_without_a_mark_is_recognised(read_csv, refused):
    message = refused(read_csv, "name,b\nMüller,1\n".encode("utf-16-le"))
    assert "every other byte is NUL, as in UTF-16 without a mark; say encoding: utf-16-le" in message


@pytest.mark.parametrize("before", [1, 200_000])
def test_bytes_that_are_not_utf_8_are_named_by_line_with_the_likely_encodings(read_csv, refused, before):
    message = refused(read_csv, b"a,b\n" + b"1,x\n" * before + b"3,M\xfcller\n")
    assert message.startswith(f"t.csv:{before + 2} holds the byte 0xFC, which is not UTF-8 there  D114")
    assert "encoding: cp1252 (reads the byte as 'ü'), cp850 (reads the byte as '³')" in message


def test_bytes_of_the_header_are_checked_too(read_csv, refused):
    assert refused(read_csv, b"a,M\xfc\n1,2\n").startswith("t.csv:1 holds the byte 0xFC, which is not UTF-8 there")


def test_bytes_that_are_not_of_the_encoding_that_is_said_are_named(read_csv, refused):
    message = refused(read_csv, b"a\nx\n\x81\n", encoding="cp1252")
    assert message.startswith("t.csv:3 holds the byte 0x81, which is not CP1252 there  D114")


def test_text_that_is_cut_off_within_a_character_is_said_to_be(read_csv, refused):
    message = refused(read_csv, "a\nMü".encode("utf-16")[:-1])
    assert message.startswith("t.csv:2 ends in the middle of a character of utf-16-le  D114")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PAR1....", "t.csv is a Parquet file  D118\n  to mend: use: tables.parquet"),
        (b"PK\x03\x04....", "t.csv is a zip archive or an Excel file  D118"),
        (b"\xfd7zXZ\x00....", "t.csv is packed with xz  D118"),
        (b"SQLite format 3\x00", "t.csv is an SQLite database  D118"),
    ],
)
def test_files_of_other_formats_are_told_by_their_first_bytes(read_csv, refused, content, said):
    assert refused(read_csv, content).startswith(said)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"encoding": "klingon"}, "no encoding is called 'klingon'"),
        ({"encoding": "rot13"}, "no encoding is called 'rot13'"),
        ({"delimiter": ",,"}, "is one sign such as ',' or ';', and not ',,'"),
        ({"delimiter": "x"}, "is one sign"),
        ({"quote": "ab"}, "is one sign"),
        ({"row_number": "__row"}, "names that begin with '__' are sartor's own"),
        ({"types": {"a": "float"}}, "Input should be 'text', 'integer', 'number'"),
        ({"path": []}, "at least 1 item"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, said):
    with pytest.raises(ValidationError, match=said):
        CsvFiles(**{"path": "t.csv", **settings})


def test_a_row_number_needs_a_free_name(read_csv, refused):
    message = refused(read_csv, "Id,b\n1,2\n", row_number="id")
    assert message.startswith("row_number is 'id', and t.csv has such a column  D119")
