"""JSON lines: keys of the first line are columns, types follow from all values."""

from __future__ import annotations

import bz2
import gzip
from datetime import datetime

import pytest


def test_values_have_the_types_that_json_gives_them_and_iso_texts_are_dates(read_json):
    found = read_json(
        '{"n":1,"x":1.5,"t":"a","b":true,"d":"2024-01-31","at":"2024-01-31T10:00:00+02:00","id":"007","none":null}\n'
        '{"n":-2,"x":2,"t":" ","b":false}\n'
        "\n"
        '{"x":1e3,"n":null}\n'
    )
    assert (found["n"], found["x"]) == ([1, -2, None], [1.5, 2.0, 1000.0])
    assert (found["t"], found["b"]) == (["a", None, None], [True, False, None])
    assert found["d"] == [datetime(2024, 1, 31), None, None]
    assert found["at"] == [datetime(2024, 1, 31, 8), None, None]
    assert (found["id"], found["none"]) == (["007", None, None], [None, None, None])
    assert found.notes == ()


def test_texts_that_hold_numbers_stay_text_unless_the_recipe_says_otherwise(read_json):
    assert read_json('{"a":"1"}\n{"a":"2"}\n')["a"] == ["1", "2"]
    assert read_json('{"a":"1"}\n{"a":2}\n', types={"a": "integer"})["a"] == [1, 2]


def test_numbers_mixed_with_texts_are_text_and_told(read_json):
    found = read_json('{"a":1}\n{"a":2}\n{"a":"many"}\n')
    assert found["a"] == ["1", "2", "many"]
    assert list(found.notes) == [
        (
            "column 'a' of t.jsonl is read as text: 1 of 3 values is not a number, at t.jsonl:3, of the form 'xxxx'; "
            "if that is wrong, repair them, or say types: {a: number}"
        )
    ]


def test_numbers_beyond_64_bits_keep_their_digits_as_text(read_json):
    found = read_json('{"a":12345678901234567890123}\n{"a":1}\n')
    assert found["a"] == ["12345678901234567890123", "1"]


def test_nan_is_missing_and_infinity_a_number(read_json):
    assert read_json('{"a":NaN}\n{"a":1.5}\n{"a":-Infinity}\n')["a"] == [None, 1.5, float("-inf")]


def test_nested_values_become_text_that_holds_json(read_json):
    found = read_json('{"a":{"k":[1, 2]},"b":[true]}\n{"a":5}\n')
    assert found["a"] == ['{"k":[1,2]}', "5"]
    assert found["b"] == ["[true]", None]


def test_keys_may_hold_any_sign(read_json):
    keys = ["a.b", '"', "$", "[0]", "select", "it's", "ü😀", "/", "*"]
    import json

    found = read_json(json.dumps({key: place for place, key in enumerate(keys)}))
    assert list(found.table.columns) == keys
    assert found.table.iloc[0].tolist() == list(range(len(keys)))


def test_a_key_that_comes_later_is_an_error_with_its_first_line_until_its_type_is_said(read_json, refused):
    content = '{"a":1}\n{"a":2}\n{"a":3,"b":4}\n{"b":5}\n'
    message = refused(read_json, content)
    assert message == (
        "t.jsonl:3 has the key 'b', which the first line does not have  D121\n"
        "  to mend: say its type, and it becomes a column: types: {b: text}"
    )
    found = read_json(content, types={"b": "number"})
    assert (found["a"], found["b"]) == ([1, 2, 3, None], [None, None, 4.0, 5.0])


def test_a_type_for_a_key_that_no_line_has_is_refused_with_the_nearest(read_json, refused):
    message = refused(read_json, '{"amount":1}\n', types={"amout": "number"})
    assert message.startswith("types names 'amout', and no line of t.jsonl has such a key  D119")
    assert "did you mean: amount" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"a":1}\n{"a":2\n{"a":3}\n', "t.jsonl:2 is not a JSON object  D120"),
        ('{"a":1}\n\n5\n', "t.jsonl:3 is not a JSON object  D120"),
        ('5\n{"a":1}\n', "t.jsonl:1 is not a JSON object  D120"),
        ('{"a":1}{"a":2}\n', "t.jsonl:1 is not a JSON object: Extra data  D120"),
        ('{"a":1}\n{"a":1,"a":2}\n', "t.jsonl:2 has the key 'a' twice  D120"),
        ('[{"a":1}]\n', "t.jsonl holds a JSON list, and an object a line is due  D118"),
        ('{\n  "a": 1\n}\n', "t.jsonl:1 is not a JSON object"),
        ("\n \n", "t.jsonl is empty  D105"),
        ('{"a":1,"A":2}\n', "columns 1 and 2 of t.jsonl differ only by capital letters: 'a' and 'A'  D110"),
        ('{"__row":1}\n', "column '__row' of t.jsonl begins with '__'"),
        ('{"":1}\n', "column 1 of t.jsonl has no name  D108"),
        (b'{"a":"x"}\n{"a":"\xfc"}\n', "t.jsonl:2 holds the byte 0xFC, which is not UTF-8 there  D114"),
        (b'{"a":"x"}\n\0\n', "t.jsonl:2 holds a NUL byte, which no text has  D113"),
        (
            gzip.compress(b'{"a":1}\n' * 1000, mtime=0)[:-9],
            "t.jsonl ends in the middle: its gzip content is cut off  D115",
        ),
    ],
)
def test_what_is_no_object_a_line_is_refused_with_its_line(read_json, refused, content, said):
    assert refused(read_json, content).startswith(said)


def test_wrong_values_of_a_given_type_are_counted_and_named_by_line(read_json, refused):
    message = refused(read_json, '{"a":1}\n\n{"a":1.5}\n{"a":"x"}\n{"a":null}\n', types={"a": "integer"})
    assert message.startswith("2 values of column 'a' are not whole numbers: t.jsonl:3 ('9.9'), t.jsonl:4 ('x')  D117")


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"a":"\xc3\xbc"}\r\n{"a":"y"}\r\n',
        '{"a":"ü"}\n{"a":"y"}'.encode("utf-16"),
        '{"a":"ü"}\r{"a":"y"}\r'.encode(),
        gzip.compress('{"a":"ü"}\n{"a":"y"}\n'.encode(), mtime=0),
        bz2.compress('{"a":"ü"}\n{"a":"y"}\n'.encode()),
    ],
)
def test_marks_encodings_line_ends_and_packing_make_no_difference(read_json, content):
    assert read_json(content)["a"] == ["ü", "y"]


def test_a_glob_is_one_table_with_rows_numbered_through(read_json):
    parts = {f"p{part}.jsonl": "".join(f'{{"n":{part * 20_000 + n}}}\n' for n in range(20_000)) for part in range(3)}
    parts["p9.jsonl"] = gzip.compress(b'{"n":60000}')
    found = read_json(parts, path="p*.jsonl", row_number="row")
    assert found["row"] == found["n"] == list(range(60_001))


def test_lines_may_be_millions_of_signs_long(read_json):
    found = read_json('{"a":"' + "x" * 20_000_000 + '"}\n{"a":"y"}\n')
    assert [len(value) for value in found["a"]] == [20_000_000, 1]
