"""Types of CSV columns follow from all their values, without loss."""

from __future__ import annotations

from datetime import datetime

import pytest


def column(*values: object) -> str:
    return "x\n" + "\n".join(map(str, values)) + "\n"


@pytest.mark.parametrize(
    ("values", "dtype", "read"),
    [
        (("1", "-2", "+3"), "int64", [1, -2, 3]),
        (("9223372036854775807", "-9223372036854775808"), "int64", [2**63 - 1, -(2**63)]),
        (("1", "2.5"), "float64", [1.0, 2.5]),
        (("1e5", "2"), "float64", [100000.0, 2.0]),
        ((".5", "5.", "-1.5E-3"), "float64", [0.5, 5.0, -0.0015]),
        ((" 12 ", "3"), "int64", [12, 3]),
        (("  1.5", "2"), "float64", [1.5, 2.0]),
        (("true", "FALSE", "True"), "bool", [True, False, True]),
        (("0", "1"), "int64", [0, 1]),
        (("2024-02-29", "1999-12-31"), "datetime64[us]", [datetime(2024, 2, 29), datetime(1999, 12, 31)]),
        (("9999-12-31",), "datetime64[us]", [datetime(9999, 12, 31)]),
        (
            ("2024-01-31T10:00", "2024-01-31 10:00:05.25"),
            "datetime64[us]",
            [datetime(2024, 1, 31, 10), datetime(2024, 1, 31, 10, 0, 5, 250000)],
        ),
        (
            ("2024-01-31", "2024-01-31 10:00:00"),
            "datetime64[us]",
            [datetime(2024, 1, 31), datetime(2024, 1, 31, 10)],
        ),
        (
            ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00+02:00", "2024-01-31 10:00-0330"),
            "datetime64[us]",
            [datetime(2024, 1, 31, 10), datetime(2024, 1, 31, 8), datetime(2024, 1, 31, 13, 30)],
        ),
    ],
)
def test_a_column_has_the_type_that_holds_all_its_values(read_csv, values, dtype, read):
    found = read_csv(column(*values))
    assert found.dtype("x") == dtype
    assert found["x"] == read
    assert found.notes == ()


@pytest.mark.parametrize(
    "values",
    [
        ("007", "008"),
        ("00.5", "00.6"),
        ("31.12.2024", "01.02.2024"),
        ("12/31/2024", "01/31/2024"),
        ("1,500", "2,500"),
        ("1_000", "2_000"),
        ("0x1F", "0x2F"),
        ("yes", "no"),
        ("24:00", "10:30"),
        ("2024-1-5", "2024-1-6"),
        ("\uff11\uff12", "\u0663"),
        ("--1", "- 1"),
        ("1e", "e5"),
    ],
)
def test_what_is_not_plainly_a_number_or_a_date_stays_text_as_it_is_written(read_csv, values):
    found = read_csv("x;y\n" + "".join(f"{value};1\n" for value in values))
    assert found["x"] == list(values)
    assert found.dtype("x") == "str"


def test_one_id_beyond_64_bits_keeps_all_of_them_text(read_csv):
    found = read_csv(column("1", "9223372036854775808", "2"))
    assert found["x"] == ["1", "9223372036854775808", "2"]
    assert list(found.notes) == [
        (
            "column 'x' of t.csv is read as text: 1 of 3 values has too many digits for a whole number, at t.csv:3, "
            "of the form '9999999999999999999'"
        )
    ]


def test_one_leading_zero_far_down_keeps_all_ids_text(read_csv):
    found = read_csv(column(*range(1000, 6000), "0999"))
    assert found["x"][:2] + found["x"][-1:] == ["1000", "1001", "0999"]
    assert found.notes == (
        "column 'x' of t.csv is read as text: 1 of 5,001 values begins with a zero, at t.csv:5002, of the form '9999'",
    )


def test_one_odd_value_far_down_makes_a_column_text_and_is_told_with_its_line_and_form(read_csv):
    found = read_csv(column(*range(20_000), "n.a. 7"))
    assert found["x"][:2] + found["x"][-1:] == ["0", "1", "n.a. 7"]
    assert list(found.notes) == [
        (
            "column 'x' of t.csv is read as text: 1 of 20,001 values is not a number, at t.csv:20002, "
            "of the form 'x.x. 9'; if that is wrong, repair them, say which texts mean a missing value "
            "(missing: [...]), or say types: {x: number}"
        )
    ]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("2024-02-28", "2024-02-30", "2024-03-01"), "is not a date, at t.csv:3, of the form '9999-99-99'"),
        (("true", "false", "maybe"), "is neither true nor false, at t.csv:4, of the form 'xxxxx'"),
        (("2024-01-01T10:00", "2024-01-01T11:00", "2024-01-01T10:00Z"), "is not a moment without a zone, at t.csv:4"),
        (("2024-01-01T10:00Z", "2024-01-01T11:00Z", "2024-01-01T10:00"), "is not a moment with a zone, at t.csv:4"),
    ],
)
def test_what_keeps_a_column_from_being_a_date_or_a_flag_is_told(read_csv, values, said):
    found = read_csv(column(*values))
    assert found["x"] == list(values)
    assert len(found.notes) == 1
    assert f"column 'x' of t.csv is read as text: 1 of 3 values {said}" in found.notes[0]


def test_a_column_of_words_with_a_few_numbers_is_no_matter_to_note(read_csv):
    found = read_csv(column("a", "b", "c", "1"))
    assert (found["x"], found.notes) == (["a", "b", "c", "1"], ())


def test_a_float_after_thousands_of_whole_numbers_makes_numbers(read_csv):
    found = read_csv(column(*range(5000), "0.5"))
    assert found.dtype("x") == "float64"
    assert found["x"][-2:] == [4999.0, 0.5]


def test_a_column_of_nothing_but_missing_values_is_text(read_csv):
    found = read_csv("x,y\n,1\nNA,2\n")
    assert found["x"] == [None, None]
    assert found.dtype("x") == "str"


def test_missing_is_an_empty_field_one_of_spaces_and_the_usual_texts(read_csv):
    found = read_csv('n,t\n1,a\n,\n"",""\n   ,   \nNA,N/A\nNaN,null\n NULL ,NULL\n')
    assert found["n"] == [1.0, None, None, None, None, None, None]
    assert found["t"] == ["a", None, None, None, None, None, None]


def test_texts_that_mean_missing_are_those_of_the_recipe_when_it_says_so(read_csv):
    found = read_csv('n;t\n-;?\n1;NA\n;\n"1;2";x\n', missing=["-", "?", "1;2"])
    assert found["n"] == [None, 1.0, None, None]
    assert found["t"] == [None, "NA", None, "x"]


def test_spaces_around_texts_stay(read_csv):
    assert read_csv("t,u\n a ,1\nb  ,2\n")["t"] == [" a ", "b  "]


def test_infinite_values_are_numbers_that_ingest_can_count(read_csv):
    found = read_csv(column("1", "inf", "-Infinity", "+INF", "1e400"))
    infinite = float("inf")
    assert found["x"] == [1.0, infinite, -infinite, infinite, infinite]


def test_a_decimal_comma_is_read_where_it_is_said_and_a_point_is_then_no_decimal(read_csv):
    german = read_csv("a;b\n1,5;1.000\n-2;2.000\n", decimal=",")
    assert german["a"] == [1.5, -2.0]
    assert german["b"] == ["1.000", "2.000"]
    assert read_csv("a;b\n1,5;1\n", decimal=",", types={"a": "number", "b": "integer"})["a"] == [1.5]


def test_given_types_are_read_whatever_the_values_look_like(read_csv):
    found = read_csv(
        "zip,n,x,flag,day,at\n"
        "01234,7,1,yes,2024-01-05,2024-01-05 10:00:00+01:00\n"
        " 5 , 8 ,NA,0,2024-01-06 00:00:00,2024-01-05T10:00:00.123456789\n"
        ",,,,,\n",
        types={
            "zip": "text",
            "n": "integer",
            "x": "number",
            "flag": "boolean",
            "day": "date",
            "at": "datetime",
        },
    )
    assert found["zip"] == ["01234", " 5 ", None]
    assert found["n"] == [7, 8, None]
    assert found["x"] == [1.0, None, None]
    assert found["flag"] == [True, False, None]
    assert found["day"] == [datetime(2024, 1, 5), datetime(2024, 1, 6), None]
    assert found["at"] == [datetime(2024, 1, 5, 9), datetime(2024, 1, 5, 10, 0, 0, 123456), None]


@pytest.mark.parametrize(
    ("to", "wrong", "said"),
    [
        ("integer", "1.5", "is not a whole number: t.csv:3 ('9.9')"),
        ("integer", "15e-1", "is not a whole number: t.csv:3 ('99x-9')"),
        ("integer", "99999999999999999999", "is not a whole number: t.csv:3 ('99999999999999999999')"),
        ("number", "1,5", "is not a number: t.csv:3 ('9,9')"),
        ("boolean", "2", "is neither true nor false: t.csv:3 ('9')"),
        ("date", "2023-02-29", "is not a date as in 2024-12-31: t.csv:3 ('9999-99-99')"),
        ("date", "2024-02-28 10:00:00", "is not a date as in 2024-12-31: t.csv:3 ('9999-99-99 99:99:99')"),
        ("date", "infinity", "is not a date as in 2024-12-31: t.csv:3 ('xxxxxxxx')"),
        ("datetime", "2024-01-01 25:00:00", "is not a moment as in 2024-12-31 23:59:59: t.csv:3"),
    ],
)
def test_a_value_that_is_not_of_the_given_type_is_an_error_with_line_and_form(read_csv, refused, to, wrong, said):
    good = {"integer": "1", "number": "1", "boolean": "true", "date": "2024-01-01", "datetime": "2024-01-01 10:00:00"}
    message = refused(read_csv, f'a,x\n"1\n2",{good[to]}\n'.replace("\n2", "2") + f'2,"{wrong}"\n', types={"x": to})
    assert f"1 value of column 'x' {said}" in message
    assert "D117" in message


def test_many_wrong_values_are_counted_and_the_first_three_named_by_line(read_csv, refused):
    message = refused(
        read_csv, 'x,y\n1,"two\nlines"\nq,1\n2,1\n2.5,1\n,1\nr,1\ns,1\n', types={"x": "integer", "y": "text"}
    )
    assert message.startswith(
        "4 values of column 'x' are not whole numbers: t.csv:4 ('x'), t.csv:6 ('9.9'), t.csv:8 ('x'), ..."
    )
    assert "say which texts mean a missing value (missing: [...]), or say types: {x: text}" in message


def test_values_are_never_shown_in_errors_and_notes(read_csv, refused):
    noted = read_csv(column(*range(10), "Erika Mustermann"))
    assert "Erika" not in str(noted.notes)
    message = refused(read_csv, column("1", "Erika"), types={"x": "integer"})
    assert "Erika" not in message
    assert "('Xxxxx')" in message


def test_a_type_for_a_column_that_is_not_there_is_refused_with_the_nearest_name(read_csv, refused):
    message = refused(read_csv, "amount,term\n1,2\n", types={"amout": "number"})
    assert message == ("types names column 'amout', which t.csv does not have  D119\n  did you mean: amount")
