"""Windows and measures as they are written."""

import re

import pytest

from sartor.durations import Duration
from sartor.errors import InputError, SettingError
from sartor.windows.measures import Measure, Windows


def test_columns_are_named_by_measure_and_length():
    windows = Windows.of(["7 days", "1 hour", "ever"], {"n": "count", "spent": ("sum", "amount")})
    assert windows.columns == ("n_7_days", "n_1_hour", "n_ever", "spent_7_days", "spent_1_hour", "spent_ever")


def test_a_measure_is_a_word_or_a_word_and_a_column():
    assert Measure.of("count") == Measure("count")
    assert Measure.of(["sum", "amount"]) == Measure.of(("sum", "amount")) == Measure("sum", "amount")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("counts", "no measure is called 'counts'  R034\n  did you mean: count"),
        (("count", "amount"), "'count' goes by lines and takes no column, got 'amount'"),
        ("sum", '\'sum\' is to measure a column, and none is named  R034\n  to mend: write ("sum", "COLUMN")'),
        (("sum", "a", "b"), "a measure is a word, or a word and a column, got ('sum', 'a', 'b')"),
        ((), "a measure is a word, or a word and a column, got ()"),
        (("sum", 3), "a measure is a word, or a word and a column, got ('sum', 3)"),
    ],
)
def test_what_is_no_measure_says_what_to_write(given, message):
    with pytest.raises(SettingError, match=re.escape(message)):
        Measure.of(given)


@pytest.mark.parametrize(
    ("windows", "measures", "more", "message"),
    [
        ([], {"n": "count"}, {}, "windows are a list of at least one length of time"),
        ("7 days", {"n": "count"}, {}, "windows are a list of at least one length of time"),
        (["0 days"], {"n": "count"}, {}, "a window of 0 days holds nothing"),
        (["1 day", "1d"], {"n": "count"}, {}, "two windows would give the same column 'n_1_day'"),
        (["2 months"], {"n": "count"}, {}, "2 months have no fixed length"),
        (["1 day"], {"n": "count"}, {"delay": "1 month"}, "1 month have no fixed length"),
        (["1 day"], {}, {}, "nothing is measured"),
        (["1 day"], {"__n": "count"}, {}, "'__n' is no name for a measure"),
        (["1 day"], {"": "count"}, {}, "'' is no name for a measure"),
        (["1 day"], {"n": "count"}, {"upto": "after"}, "upto is one of before, own, including, got 'after'"),
    ],
)
def test_windows_that_make_no_sense_are_refused(windows, measures, more, message):
    with pytest.raises(SettingError, match=re.escape(message)):
        Windows.of(windows, measures, **more)


def test_names_that_differ_only_by_capitals_are_refused():
    with pytest.raises(InputError, match="columns 'n_1_day' and 'N_1_day' differ only by capital letters"):
        Windows.of(["1 day"], {"n": "count", "N": "count"})


def test_equal_lengths_in_other_words_are_two_windows():
    assert Windows.of(["1 day", "24 hours"], {"n": "count"}).columns == ("n_1_day", "n_24_hours")
    assert Windows.of([Duration(1, "week")], {"n": "count"}).columns == ("n_1_week",)
