"""However a CSV file is written, the same table comes out: delimiters, quotes, line ends, encodings, headers."""

from __future__ import annotations

import stat

import pytest


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read_csv, delimiter):
    found = read_csv(
        f"name{delimiter}n\nA, B; C{delimiter}1\n" if delimiter in "\t|" else f"name{delimiter}n\nA{delimiter}1\n"
    )
    assert found["n"] == [1]


def test_a_delimiter_inside_quotes_or_in_one_name_does_not_mislead(read_csv):
    found = read_csv('Name;"Amount, EUR";Day\n"Meier; Sons";1,5;x\n"a, b";2,5;y\n', decimal=",")
    assert found["Name"] == ["Meier; Sons", "a, b"]
    assert found["Amount, EUR"] == [1.5, 2.5]


def test_german_exports_with_mark_semicolon_and_decimal_comma_are_read(read_csv):
    content = b"\xef\xbb\xbf" + "Größe;Betrag\r\nÜber 10;1,5\r\nUnter 10;-2,25\r\n".encode()
    found = read_csv(content, decimal=",")
    assert found["Größe"] == ["Über 10", "Unter 10"]
    assert found["Betrag"] == [1.5, -2.25]


@pytest.mark.parametrize("delimiter", [":", "tab", "~"])
def test_any_other_delimiter_can_be_said(read_csv, delimiter):
    sign = "\t" if delimiter == "tab" else delimiter
    found = read_csv(f"a{sign}b\n1{sign}x,y\n", delimiter=delimiter)
    assert (found["a"], found["b"]) == ([1], ["x,y"])


def test_a_file_of_one_column_may_hold_any_delimiter(read_csv):
    assert read_csv("text\nhello, world\nfoo\n")["text"] == ["hello, world", "foo"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way_and_fields_hold_line_ends(read_csv, end):
    found = read_csv(f'a,b{end}1,"x\ny"{end}2,"p\r\nq"{end}')
    assert (found["a"], found["b"]) == ([1, 2], ["x\ny", "p\r\nq"])


@pytest.mark.parametrize("rows", [2, 60_000])
def test_lines_that_end_in_several_ways_are_read_alike(read_csv, rows):
    content = "a,b\r\n" + '1,"x\r\ny"\n' * rows + "2,z\r\n" + "3,u\r" + "4,v"
    found = read_csv(content)
    assert found["a"] == [1] * rows + [2, 3, 4]
    assert found["b"] == ["x\r\ny"] * rows + ["z", "u", "v"]


def test_quotes_inside_quotes_and_quotes_in_the_middle_are_signs(read_csv):
    found = read_csv('a,b\n"he said ""hi""",5" nail\n"",x"y"\n')
    assert found["a"] == ['he said "hi"', None]
    assert found["b"] == ['5" nail', 'x"y"']


def test_another_quote_or_none_can_be_said(read_csv):
    assert read_csv("a,b\n1,'x,y'\n2,'it''s'\n", quote="'")["b"] == ["x,y", "it's"]
    assert read_csv('a,b\n1,"x\n2,5" nail\n', quote="")["b"] == ['"x', '5" nail']


def test_blank_lines_are_left_out_and_a_last_line_needs_no_end(read_csv):
    found = read_csv("\n\na,b\n\n1,2\n\n\n3,4")
    assert (found["a"], found["b"]) == ([1, 3], [2, 4])


def test_lines_may_end_in_a_delimiter(read_csv):
    found = read_csv("a,b,\n1,2,\n3,4,\n")
    assert list(found.table.columns) == ["a", "b"]
    assert found["b"] == [2, 4]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(read_csv, encoding):
    found = read_csv("größe,b\nMü€😀,1\n".encode(encoding))
    assert found["größe"] == ["Mü€😀"]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "mac_roman", "cp850", "utf-16-le", "utf-16-be", "shift_jis"])
def test_an_encoding_that_is_said_is_read(read_csv, encoding):
    word = "日本" if encoding == "shift_jis" else "Müller"
    found = read_csv(f"wörd;n\n{word};1\n".replace("ö", "o").encode(encoding), encoding=encoding)
    assert found["word"] == [word]


def test_a_file_in_another_encoding_is_rewritten_for_nobody_else_to_read(read_csv, context):
    read_csv("a\nMüller\n".encode("cp1252"), encoding="cp1252")
    (copy,) = context.scratch.iterdir()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_large_file_in_another_encoding_keeps_every_row(read_csv):
    rows = 40_000
    found = read_csv(("name;n\r\n" + "".join(f"Müller {n};{n}\r\n" for n in range(rows))).encode("utf-16"))
    assert found["n"] == list(range(rows))
    assert found["name"][-1] == f"Müller {rows - 1}"


def test_names_lose_the_spaces_around_them_and_nothing_else(read_csv):
    names = ["select", "from", 'a"b', "[x]", "a,b", "it's", "ü😀", "a.b", "x y", "$", "1"]
    header = ",".join('" ' + name.replace('"', '""') + ' "' for name in names)
    found = read_csv(header + "\n" + ",".join(str(n) for n in range(len(names))) + "\n")
    assert list(found.table.columns) == names
    assert found.table.iloc[0].tolist() == list(range(len(names)))


def test_a_file_without_a_header_gets_names_from_the_recipe_or_numbers(read_csv):
    assert read_csv("1,x\n2,y\n", names=["n", "t"])["t"] == ["x", "y"]
    found = read_csv("1,x\n2,y\n", header=False)
    assert list(found.table.columns) == ["column_1", "column_2"]
    assert found["column_1"] == [1, 2]


def test_names_of_the_recipe_replace_those_of_the_header(read_csv):
    found = read_csv("A,a\n1,2\n", header=True, names=["first", "second"])
    assert (found["first"], found["second"]) == ([1], [2])


def test_five_thousand_columns_are_read(read_csv):
    width = 5000
    found = read_csv(",".join(f"c{n}" for n in range(width)) + "\n" + (",".join(["1.5"] * width) + "\n") * 3)
    assert found.table.shape == (3, width)
    assert set(map(str, found.table.dtypes)) == {"float64"}


def test_fields_may_be_millions_of_signs_long(read_csv):
    found = read_csv("a,b\n1," + "x" * 3_000_000 + '\n2,"' + "y\n" * 1_200_000 + '"\n')
    assert [len(value) for value in found["b"]] == [3_000_000, 2_400_000]


def test_the_same_file_gives_the_same_table_every_time(read_csv):
    content = "n,x\n" + "".join(f"{n},{n / 7}\n" for n in range(30_000))
    first = read_csv(content).table
    assert all(read_csv(content).table.equals(first) for _ in range(3))
