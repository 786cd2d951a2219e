"""Lengths of time in words."""

from datetime import datetime

import pytest
from pydantic import ValidationError

from sartor.components import Duration as DurationSetting
from sartor.components import Settings
from sartor.durations import Duration
from sartor.errors import SettingError


def day(year, month, of_month, hour=0):
    return datetime(year, month, of_month, hour)


@pytest.mark.parametrize(
    ("text", "duration", "written", "seconds"),
    [
        ("30 days", Duration(30, "day"), "30 days", 2_592_000),
        ("1 week", Duration(1, "week"), "1 week", 604_800),
        ("90 minutes", Duration(90, "minute"), "90 minutes", 5400),
        ("1d", Duration(1, "day"), "1 day", 86_400),
        ("2 W", Duration(2, "week"), "2 weeks", 1_209_600),
        (" 36h ", Duration(36, "hour"), "36 hours", 129_600),
        ("45 s", Duration(45, "second"), "45 seconds", 45),
        ("0 days", Duration(0, "day"), "0 days", 0),
    ],
)
def test_a_length_of_time_is_a_number_and_a_unit(text, duration, written, seconds):
    assert Duration.parse(text) == duration
    assert str(duration) == written
    assert Duration.parse(written) == duration
    assert duration.seconds == seconds


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        (day(2024, 1, 31), "1 month", day(2024, 2, 29)),
        (day(2023, 1, 31), "1 month", day(2023, 2, 28)),
        (day(2023, 8, 31), "6 months", day(2024, 2, 29)),
        (day(2024, 2, 29), "1 year", day(2025, 2, 28)),
        (day(2024, 12, 15, 18), "1 mo", day(2025, 1, 15, 18)),
        (day(2024, 2, 28), "2 days", day(2024, 3, 1)),
        (day(2024, 2, 28, 23), "90 minutes", datetime(2024, 2, 29, 0, 30)),
    ],
)
def test_months_and_years_follow_the_calendar(start, text, end):
    assert Duration.parse(text).to_offset(start) == end


def test_two_months_at_once_keep_the_day_that_two_steps_lose():
    month = Duration(1, "month")
    assert month.to_offset(month.to_offset(day(2023, 1, 31))) == day(2023, 3, 28)
    assert month.to_offset(day(2023, 1, 31), times=2) == day(2023, 3, 31)
    assert month.to_offset(day(2023, 3, 31), times=-1) == day(2023, 2, 28)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30", "'30' is not a length of time  R075\n  to mend: write it like 30 days, 1 week or 6 months"),
        ("-3 days", "'-3 days' is not a length of time  R075\n  to mend: write it like 30 days, 1 week or 6 months"),
        ("P30D", "'P30D' is not a length of time  R075\n  to mend: write it like 30 days, 1 week or 6 months"),
        (
            "3 moons",
            "'3 moons' has no unit of time that is known  R075\n  to mend: write it like 30 days, 1 week or 6 months",
        ),
        ("5 m", "'5 m' may be minutes or months  R075\n  to mend: write 5 minutes or 5 months"),
        ("1.5 days", "'1.5 days' is not a whole number of days  R075\n  to mend: write 36 hours"),
        ("0.5 days", "'0.5 days' is not a whole number of days  R075\n  to mend: write 12 hours"),
        ("0.5 minutes", "'0.5 minutes' is not a whole number of minutes  R075\n  to mend: write 30 seconds"),
        ("1.5 years", "'1.5 years' is not a whole number of years  R075\n  to mend: write 18 months"),
        ("0.01 days", "'0.01 days' is not a whole number of days  R075\n  to mend: write 864 seconds"),
        ("4000 years", "'4000 years' is longer than 3,000 years  R075\n  to mend: write a shorter time"),
        ("9" * 5000 + " days", f"'{'9' * 37}...' is longer than 3,000 years  R075\n  to mend: write a shorter time"),
    ],
)  # fmt: skip
def test_what_is_no_length_of_time_says_what_to_write(text, message):
    with pytest.raises(SettingError) as raised:
        Duration.parse(text)
    assert str(raised.value) == message


def test_months_have_no_length_in_seconds():
    with pytest.raises(
        SettingError, match=r"2 months have no fixed length.*\n.*write it in days or weeks, such as 60 days"
    ):
        _ = Duration(2, "month").seconds


def test_no_moment_lies_beyond_the_calendar():
    with pytest.raises(SettingError, match="3000 years from 9000-01-01T00:00:00 lies beyond the calendar"):
        Duration(3000, "year").to_offset(day(9000, 1, 1))
    with pytest.raises(SettingError, match="lies beyond the calendar"):
        Duration(900_000, "day").to_offset(day(9000, 1, 1))


class Window(Settings):
    """A setting of type Duration."""

    width: DurationSetting


def test_a_setting_takes_words_and_is_written_as_words():
    assert Window.model_validate({"width": "1d"}).model_dump(mode="json") == {"width": "1 day"}
    assert Window.model_json_schema()["properties"]["width"]["type"] == "string"
    with pytest.raises(ValidationError, match="must be a length of time in words, got 30"):
        Window.model_validate({"width": 30})
