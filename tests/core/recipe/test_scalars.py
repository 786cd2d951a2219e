"""Plain words: YAML 1.2, and an error where other readers would read something else."""

import pytest

from sartor.recipe.scalars import Surprise, read_plain


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("0", 0),
        ("30", 30),
        ("-7", -7),
        ("+7", 7),
        ("0.25", 0.25),
        ("-12.50", -12.5),
        ("true", True),
        ("false", False),
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31 18:30:00", "2024-01-31 18:30:00"),
        ("1.2.3", "1.2.3"),
        ("-b", "-b"),
        ("0xZZ", "0xZZ"),
        ("nan", "nan"),
        ("12a", "12a"),
        ("yesterday", "yesterday"),
        ("30 days", "30 days"),
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
    ],
)
def test_a_plain_word_is_read_as_in_yaml_1_2(word, value):
    found = read_plain(word)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("word", "message", "write"),
    [
        ("1e-3", "1e-3 is 0.001 to some YAML readers and text to others", "write 0.001"),
        ("1E+5", "1E+5 is 100000 to some YAML readers and text to others", "write 100000"),
        ("1.50e2", "1.50e2 is 150 to some YAML readers and text to others", "write 150"),
        ("-2.5e-2", "-2.5e-2 is -0.025 to some YAML readers and text to others", "write -0.025"),
        ("012", "012 is 10 to some YAML readers and 12 to others", "write 12, or '012' in quotes if it is text"),
        ("-012", "-012 is -10 to some YAML readers and -12 to others", "write -12, or '-012' in quotes if it is text"),
        ("09", "09 is text to some YAML readers and 9 to others", "write 9, or '09' in quotes if it is text"),
        ("0x1F", "0x1F is 31 to some YAML readers and text to others", "write 31, or '0x1F' in quotes if it is text"),
        ("0o17", "0o17 is 15 to some YAML readers and text to others", "write 15, or '0o17' in quotes if it is text"),
        ("0b11", "0b11 is 3 to some YAML readers and text to others", "write 3, or '0b11' in quotes if it is text"),
        (
            "1_000",
            "1_000 is 1000 to some YAML readers and text to others",
            "write 1000, or '1_000' in quotes if it is text",
        ),
        (
            "1:30",
            "1:30 is 90 to some YAML readers and text to others",
            "write '1:30' in quotes, or 90 if it is a number",
        ),
        (
            "8:30:15",
            "8:30:15 is 30615 to some YAML readers and text to others",
            "write '8:30:15' in quotes, or 30615 if it is a number",
        ),
        ("yes", "'yes' is true to some YAML readers and text to others", "write true, or 'yes' in quotes"),
        ("No", "'No' is false to some YAML readers and text to others", "write false, or 'No' in quotes"),
        ("ON", "'ON' is true to some YAML readers and text to others", "write true, or 'ON' in quotes"),
        ("off", "'off' is false to some YAML readers and text to others", "write false, or 'off' in quotes"),
        ("y", "'y' is true to some YAML readers and text to others", "write true, or 'y' in quotes"),
        ("N", "'N' is false to some YAML readers and text to others", "write false, or 'N' in quotes"),
        ("True", "'True' is true to some YAML readers and text to others", "write true, or 'True' in quotes"),
        ("FALSE", "'FALSE' is false to some YAML readers and text to others", "write false, or 'FALSE' in quotes"),
        (".inf", "'.inf' is not a number that a recipe can hold", "write a finite number"),
        ("-.INF", "'-.INF' is not a number that a recipe can hold", "write a finite number"),
        (".NaN", "'.NaN' is not a number that a recipe can hold", "write a finite number"),
        (".5", "'.5' is not how a recipe writes a number", "write 0.5"),
        ("1.", "'1.' is not how a recipe writes a number", "write 1"),
        ("05.50", "'05.50' is not how a recipe writes a number", "write 5.5"),
        ("-0", "'-0' is a zero with a sign", "write 0"),
        ("1e999", "'1e999' is not a number that a recipe can hold", "put it in quotes if it is text"),
        ("1" * 401, "a number of 401 characters is too long", "shorten it, or put it in quotes if it is text"),
    ],
)
def test_a_word_that_not_everybody_reads_alike_says_what_to_write(word, message, write):
    found = read_plain(word)
    assert isinstance(found, Surprise)
    assert found.message == message
    assert found.write == write


@pytest.mark.parametrize("word", ["1e-3", "0x1F", "1_000", "1:30", "012", "-2.5e-2", "1E+5", ".5"])
def test_the_number_to_write_is_read_as_the_number_that_was_meant(word):
    surprise = read_plain(word)
    assert isinstance(surprise, Surprise)
    number = next(part.strip(",") for part in surprise.write.split() if part.strip(",-").replace(".", "").isdigit())
    assert read_plain(number) == pytest.approx(surprise.value)
