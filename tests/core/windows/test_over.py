"""Windows over tables small enough to be counted by hand."""

import math
import re
from datetime import UTC, date, datetime, timedelta, timezone

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from by_hand import START, at, fetched, listed

from sartor.errors import InputError, SettingError
from sartor.rows import Rows, Table
from sartor.windows.over import Work, over

EVERYTHING = {
    "n": "count",
    "spent": ("sum", "amount"),
    "mean": ("mean", "amount"),
    "least": ("min", "amount"),
    "most": ("max", "amount"),
    "spread": ("std", "amount"),
    "shops": ("distinct", "shop"),
    "since": "since",
}


def cards(*lines):
    return pd.DataFrame(lines, columns=["id", "card", "moment", "amount", "shop"])


def test_every_measure_of_one_card(measure):
    lines = cards(
        (1, 7, at(0), 10.0, "a"),
        (2, 7, at(1), 30.0, "b"),
        (3, 7, at(2), -5.0, "a"),
        (4, 7, at(26), 2.0, "c"),
    )
    made = measure(lines, ["2 hours", "1 day"], EVERYTHING)
    assert listed(made, "n_2_hours") == [1, 2, 2, 1], "a line of exactly 2 hours ago is out of (t - 2 hours, t]"
    assert listed(made, "n_1_day") == [1, 2, 3, 1]
    assert listed(made, "spent_1_day") == [10, 40, 35, 2]
    assert listed(made, "mean_2_hours") == [10, 20, 12.5, 2]
    assert listed(made, "least_1_day") == [10, 10, -5, 2]
    assert listed(made, "most_2_hours") == [10, 30, 30, 2]
    assert listed(made, "spread_2_hours") == [None, math.sqrt(200), math.sqrt(2 * 17.5**2), None]
    assert listed(made, "shops_1_day") == [1, 2, 2, 1]
    assert listed(made, "since_1_day") == [None, 3600, 3600, None], "24 hours ago is out of the window of 1 day"


@pytest.mark.parametrize(
    ("upto", "counts", "since"),
    [
        ("before", [0, 0, 0, 3], [None, None, None, 3600]),
        ("own", [1, 2, 3, 4], [None, 0, 0, 3600]),
        ("including", [3, 3, 3, 4], [0, 0, 0, 3600]),
    ],
)
def test_lines_at_one_moment_count_as_upto_says(measure, upto, counts, since):
    lines = cards((1, 7, at(1), 1.0, "a"), (2, 7, at(1), 1.0, "a"), (3, 7, at(1), 1.0, "a"), (4, 7, at(2), 1.0, "a"))
    made = measure(lines, ["1 day"], {"n": "count", "since": "since"}, upto=upto)
    assert listed(made, "n_1_day") == counts
    assert listed(made, "since_1_day") == since, "the row's own line is not what came before it"


@pytest.mark.parametrize(
    ("upto", "counts"), [("before", [0, 0, 1, 1]), ("own", [0, 1, 1, 2]), ("including", [0, 1, 1, 2])]
)
def test_a_delay_ends_windows_earlier(measure, upto, counts):
    # Ends of the windows, 24 hours back: -24, 0, 1 and 24; they begin 48 hours before.
    lines = cards((1, 7, at(0), 1.0, "a"), (2, 7, at(24), 1.0, "a"), (3, 7, at(25), 1.0, "a"), (4, 7, at(48), 1.0, "a"))
    made = measure(lines, ["2 days"], {"n": "count"}, upto=upto, delay="1 day")
    assert listed(made, "n_2_days") == counts


def test_the_share_of_a_flag_is_its_mean(measure):
    lines = cards(*((number, 7, at(number), number == 3, "a") for number in range(1, 5)))
    made = measure(lines, ["ever"], {"fraud": ("mean", "amount"), "frauds": ("sum", "amount")}, delay="1 hour")
    assert listed(made, "fraud_ever") == [None, 0, 0, 1 / 3]
    assert listed(made, "frauds_ever") == [0, 0, 0, 1]


def test_missing_values_are_skipped_and_their_lines_counted(measure):
    lines = cards(
        (1, 7, at(0), None, None), (2, 7, at(1), 4.0, "a"), (3, 7, at(2), math.nan, "a"), (4, 8, at(2), None, None)
    )
    made = measure(lines, ["1 day"], EVERYTHING)
    assert listed(made, "n_1_day") == [1, 2, 3, 1]
    assert listed(made, "spent_1_day") == [0, 4, 4, 0]
    assert listed(made, "mean_1_day") == [None, 4, 4, None]
    assert listed(made, "least_1_day") == [None, 4, 4, None]
    assert listed(made, "most_1_day") == [None, 4, 4, None]
    assert listed(made, "shops_1_day") == [0, 1, 1, 0]


def test_infinite_amounts_are_missing(measure):
    lines = cards((1, 7, at(0), math.inf, "a"), (2, 7, at(1), 4.0, "a"), (3, 7, at(2), -math.inf, "a"))
    made = measure(lines, ["1 day"], EVERYTHING, frame=pa.table)
    assert listed(made, "spent_1_day") == [0, 4, 4]
    assert listed(made, "most_1_day") == [None, 4, 4]


def test_rows_without_an_entity_or_a_moment_have_nothing_but_missing_values(measure):
    lines = cards((1, 7, at(0), 1.0, "a"), (2, None, at(1), 1.0, "a"), (3, 7, None, 1.0, "a"), (4, 7, at(3), 1.0, "a"))
    made = measure(lines, ["1 day"], {"n": "count", "spent": ("sum", "amount")})
    assert listed(made, "n_1_day") == [1, None, None, 2], "and they are in nobody's window"
    assert listed(made, "spent_1_day") == [1, None, None, 2]


@pytest.mark.parametrize("kind", ["text", "number with missing", "two columns", "flag", "date"])
def test_an_entity_may_be_of_any_kind(measure, kind):
    entities = {
        "text": ["x", "y", "x"],
        "number with missing": [1.0, 2.0, 1.0],
        "flag": [True, False, True],
        "date": [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 1)],
    }.get(kind, ["x", "y", "x"])
    lines = pd.DataFrame({"id": [1, 2, 3], "card": entities, "part": [1, 1, 1], "moment": [at(0), at(1), at(2)]})
    made = measure(lines, ["1 day"], {"n": "count"}, entity=["card", "part"] if kind == "two columns" else "card")
    assert listed(made, "n_1_day") == [1, 1, 2]


def test_two_columns_are_one_entity_only_together(measure):
    lines = pd.DataFrame(
        {"id": [1, 2, 3, 4], "card": ["x", "x", "y", "x"], "part": [1, 2, 1, 1], "moment": [at(0)] * 4}
    )
    made = measure(lines, ["1 day"], {"n": "count"}, entity=["card", "part"], upto="including")
    assert listed(made, "n_1_day") == [2, 1, 1, 2]


def test_keys_of_text_put_lines_of_one_moment_in_order(measure):
    lines = pd.DataFrame({"id": ["b", "c", "a"], "card": [7, 7, 7], "moment": [at(1)] * 3, "amount": [1.0, 2.0, 4.0]})
    made = measure(lines, ["1 day"], {"spent": ("sum", "amount")})
    assert made["spent_1_day"].to_dict() == {"a": 4, "b": 5, "c": 7}


def test_moments_are_compared_to_the_nanosecond_where_there_are_any(measure):
    moments = pd.to_datetime([1_000_000_000, 1_000_000_001, 3_601_000_000_000, 3_601_000_000_001], unit="ns")
    lines = pa.table(
        {"id": [1, 2, 3, 4], "card": [7, 7, 7, 7], "moment": pa.array(moments.to_numpy(), pa.timestamp("ns"))}
    )
    made = measure(lines, ["1 hour"], {"n": "count", "since": "since"}, frame=nw.from_native)
    assert listed(made, "n_1_hour") == [1, 2, 2, 2], "the first line is exactly 1 hour before the third"
    assert listed(made, "since_1_hour")[1] == 1e-9


def test_dates_are_their_midnights(measure):
    days = [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]
    lines = pa.table({"id": [1, 2, 3], "card": [7, 7, 7], "moment": pa.array(days, pa.date32())})
    made = measure(lines, ["1 day", "25 hours"], {"n": "count"}, frame=nw.from_native)
    assert listed(made, "n_1_day") == [1, 1, 1]
    assert listed(made, "n_25_hours") == [1, 2, 2]


def test_moments_with_a_zone_are_compared_in_utc(measure):
    berlin = timezone(timedelta(hours=2))
    moments = [datetime(2024, 5, 1, 12, tzinfo=berlin), datetime(2024, 5, 1, 11, tzinfo=UTC)]
    lines = pd.DataFrame({"id": [1, 2], "card": [7, 7], "moment": pd.to_datetime(moments, utc=True)})
    made = measure(lines, ["90 minutes", "1 hour"], {"n": "count"})
    assert listed(made, "n_90_minutes") == [1, 2]
    assert listed(made, "n_1_hour") == [1, 1], "12:00 in Berlin is 10:00 in UTC: exactly 1 hour"


def test_cents_add_up_to_the_cent_and_a_huge_amount_leaves_no_trace(measure):
    amounts = [0.1] * 10 + [1e300] + [0.1] * 10
    lines = cards(*((number, 7, at(number), amount, "a") for number, amount in enumerate(amounts)))
    made = measure(lines, ["10 hours"], {"spent": ("sum", "amount")})
    assert made["spent_10_hours"][9] == 1.0
    assert made["spent_10_hours"][10] == 1e300
    assert made["spent_10_hours"][20] == 1.0, "a running sum would say 0"


def test_a_sum_beyond_the_largest_float_is_infinite_and_its_mean_is_not(measure):
    lines = cards((1, 7, at(0), 1.5e308, "a"), (2, 7, at(1), 1.5e308, "a"))
    made = measure(lines, ["1 day"], {"spent": ("sum", "amount"), "mean": ("mean", "amount")}, frame=pa.table)
    assert made["spent_1_day"].tolist() == [1.5e308, math.inf]
    assert made["mean_1_day"].tolist() == [1.5e308, 1.5e308]


LARGEST = 2**53


@pytest.mark.parametrize("frame", [None, pa.table], ids=["duckdb", "arrow"])
def test_whole_numbers_that_a_float_holds_are_exact_to_the_last_unit(measure, frame):
    amounts = [LARGEST, -LARGEST + 1, 3, 2**60]
    lines = cards(*((number, 7, at(number), amount, "a") for number, amount in enumerate(amounts)))
    assert lines["amount"].dtype == "int64"
    asks = {"spent": ("sum", "amount"), "least": ("min", "amount"), "most": ("max", "amount")}
    made = measure(lines, ["3 hours", "1 hour"], asks, **({"frame": frame} if frame else {}))
    assert made["spent_3_hours"].tolist()[:3] == [LARGEST, 1, 4]
    assert made["spent_3_hours"].tolist()[3] == float(-LARGEST + 1 + 3 + 2**60), "rounded once, at the end"
    assert made["least_3_hours"].tolist() == [LARGEST, -LARGEST + 1, -LARGEST + 1, -LARGEST + 1]
    assert made["most_1_hour"].tolist() == amounts


@pytest.mark.parametrize("amount", [LARGEST + 1, -LARGEST - 1, 2**63 - 1])
@pytest.mark.parametrize("what", ["sum", "min", "max", "mean", "std"])
def test_a_whole_number_that_would_be_rounded_is_refused(measure, amount, what):
    lines = cards((1, 7, at(0), 5, "a"), (2, 7, at(1), amount, "a"))
    message = (
        f"column 'amount' of table lines holds {amount:,}, and windows measure in floats, which hold whole numbers "
        "exactly up to 9,007,199,254,740,992"
    )
    with pytest.raises(InputError, match=re.escape(message)) as raised:
        measure(lines, ["1 day"], {"made": (what, "amount")})
    (problem,) = raised.value.problems
    assert problem.code == "D093"
    assert dict(problem.hints)["to mend"]


def test_a_large_number_that_is_a_name_is_counted_exactly(measure):
    lines = cards(*((number, 7, at(number), LARGEST + number, "a") for number in range(4)))
    made = measure(lines, ["1 day"], {"n": "count", "different": ("distinct", "amount")})
    assert listed(made, "different_1_day") == [1, 2, 3, 4]


def test_equal_amounts_have_no_deviation_at_all(measure):
    lines = cards(*((number, 7, at(number), 0.1, "a") for number in range(50)))
    made = measure(lines, ["ever"], {"spread": ("std", "amount")})
    assert listed(made, "spread_ever") == [None, *[0.0] * 49]


# -- rows that are no lines of the table ----------------------------------------------------------------------------


def asked(engine, rows, keys, own=None):
    return Rows(engine.frame(pd.DataFrame(rows)), keys=keys, own=own)


def table(engine, *lines, **more):
    return Table("cards", engine.frame(cards(*lines)), **{"key": ("id",), "time": "moment", **more})


def test_rows_ask_by_their_own_keys_also_for_entities_without_a_line(engine, context):
    lines = table(engine, (1, 7, at(0), 5.0, "a"), (2, 7, at(3), 6.0, "b"))
    rows = asked(engine, {"__row": ["x", "y", "z"], "card": [7, 7, 9], "__as_of": [at(3), at(30), at(3)]}, ("card",))
    made = fetched(rows.over(lines, "card", ["1 day"], EVERYTHING, context))
    assert listed(made, "n_1_day") == [1, 0, 0]
    assert listed(made, "spent_1_day") == [5, 0, 0]
    assert listed(made, "shops_1_day") == [1, 0, 0]
    for name in ("mean", "least", "most", "since", "spread"):
        assert listed(made, f"{name}_1_day")[1:] == [None, None]


def test_rows_ask_another_table_through_their_own_line(engine, context):
    orders = Table("orders", engine.frame(pd.DataFrame({"order": [1, 2], "customer": ["u", "v"]})), key=("order",))
    calls = pd.DataFrame({"call": [1, 2, 3], "client": ["v", "v", "u"], "called_at": [at(0), at(1), at(2)]})
    lines = Table("calls", engine.frame(calls), key=("call",), time="called_at", roles={"customer": "client"})
    rows = asked(engine, {"__row": [1, 2], "order": [1, 2], "__as_of": [at(5), at(5)]}, ("order",), own="orders")
    made = fetched(rows.over(lines, "customer", ["1 day"], {"n": "count"}, context, own=orders))
    assert listed(made, "n_1_day") == [1, 2]
    with pytest.raises(
        InputError, match="which customer a row belongs to is not known: it is no key of the rows  D092"
    ) as refused:
        rows.over(lines, "customer", ["1 day"], {"n": "count"}, context)
    assert refused.value.problems[0].hints == (
        ("to mend", "name orders too under 'from' of the feature: its lines are the rows, and may say it"),
        ("or", "a feature of your own gives it: own=tables[rows.own]"),
    )


def test_rows_asked_later_than_their_line_count_all_that_came_before(engine, context):
    lines = table(engine, (1, 7, at(0), 5.0, "a"), (2, 7, at(1), 6.0, "b"))
    rows = asked(engine, {"__row": [1, 2], "id": [1, 2], "__as_of": [at(2), at(2)]}, ("id",), own="cards")
    made = fetched(rows.over(lines, "card", ["1 day"], {"n": "count", "since": "since"}, context))
    assert listed(made, "n_1_day") == [2, 2]
    assert listed(made, "since_1_day") == [3600, 7200], "the own line of row 2 is not what came before it"


def test_an_identity_that_was_read_as_a_float_equals_the_whole_number(engine, context):
    lines = table(engine, (1, 7.0, at(0), 5.0, "a"), (2, None, at(0), 5.0, "a"))
    rows = asked(engine, {"__row": [1], "card": [7], "__as_of": [at(1)]}, ("card",))
    assert listed(fetched(rows.over(lines, "card", ["1 day"], {"n": "count"}, context)), "n_1_day") == [1]


def test_no_rows_give_no_lines(engine, context):
    lines = table(engine, (1, 7, at(0), 5.0, "a"))
    rows = Rows(
        asked(engine, {"__row": [1], "card": [7], "__as_of": [at(1)]}, ("card",)).frame.filter(nw.col("card") > 9),
        ("card",),
    )
    made = rows.over(lines, "card", ["1 day"], EVERYTHING, context).collect("pyarrow").to_native()
    assert made.num_rows == 0
    assert made.column_names == ["__row", *(f"{name}_1_day" for name in EVERYTHING)]


def test_a_table_without_lines_is_no_mistake(engine, context):
    lines = table(engine, (1, 7, at(0), 5.0, "a"))
    lines = lines.with_frame(lines.frame.filter(nw.col("id") > 9))
    rows = asked(engine, {"__row": [1], "card": [7], "__as_of": [at(1)]}, ("card",))
    assert listed(fetched(rows.over(lines, "card", ["1 day"], EVERYTHING, context)), "n_1_day") == [0]


@pytest.mark.parametrize(
    ("change", "asks", "code", "message"),
    [
        ({"time": None}, {}, "D090", "table cards has no time, and windows go by time"),
        ({"time": "amount"}, {}, "D090", "column 'amount' is to be a moment and is a number"),
        ({}, {"measures": {"s": ("sum", "amuont")}}, "R041", "table cards has no column 'amuont'"),
        ({}, {"measures": {"s": ("sum", "shop")}}, "D091", "column 'shop' of table cards is text"),
        ({}, {"entity": "account"}, "D020", "table cards has no column in the role 'account'"),
        ({}, {"entity": "shop"}, "D092", "which shop a row belongs to is not known"),
    ],
)
def test_what_cannot_be_measured_says_how_to_mend_it(engine, context, change, asks, code, message):
    lines = table(engine, (1, 7, at(0), 5.0, "a"), **change)
    rows = asked(engine, {"__row": [1], "card": [7], "__as_of": [at(1)]}, ("card",))
    given = {"entity": "card", "windows": ["1 day"], "measures": {"n": "count"}, **asks}
    with pytest.raises(InputError, match=re.escape(message)) as raised:
        rows.over(lines, context=context, **given)
    assert raised.value.problems[0].code == code
    assert raised.value.problems[0].hints


def test_own_lines_are_asked_of_the_rows_own_table_only(engine, context):
    lines = table(engine, (1, 7, at(0), 5.0, "a"))
    rows = asked(engine, {"__row": [1], "card": [7], "__as_of": [at(1)]}, ("card",))
    with pytest.raises(SettingError, match="the rows are not lines of table cards"):
        rows.over(lines, "card", ["1 day"], {"n": "count"}, context, upto="own")


def test_timeless_rows_and_entities_of_other_types_are_refused(engine, context):
    lines = table(engine, (1, 7, at(0), 5.0, "a"))
    timeless = asked(engine, {"__row": [1], "card": [7]}, ("card",))
    with pytest.raises(InputError, match=r"the rows have no moment \(__as_of\), and windows end at it  D090"):
        timeless.over(lines, "card", ["1 day"], {"n": "count"}, context)
    text = asked(engine, {"__row": [1], "card": ["7"], "__as_of": [at(1)]}, ("card",))
    with pytest.raises(
        InputError, match="'card' is a number in the table and 'card' is text in the rows: they are never equal"
    ):
        text.over(lines, "card", ["1 day"], {"n": "count"}, context)


def test_names_of_rows_keep_their_type(engine, context):
    lines = table(engine, (1, 7, at(0), 5.0, "a"))
    for names, kind in (([1], pa.int16()), (["x"], pa.string()), ([START.date()], pa.date32())):
        frame = engine.frame(pa.table({"__row": pa.array(names, kind), "card": [7], "__as_of": [at(1)]}))
        made = over(Rows(frame, ("card",)), lines, "card", ["1 day"], {"n": "count"}, context, work=Work(slices=3))
        assert made.collect("pyarrow").to_native().schema.field("__row").type == kind
        assert np.array_equal(fetched(made).index.to_list(), names)


@pytest.mark.parametrize("names", [("a", "b"), (1, 2)], ids=["texts", "numbers"])
def test_windows_of_whom_the_table_has_no_line_are_empty_and_not_unknown(names, engine, context):
    """Whether somebody will have a line later must not show now: a text is met as a number is."""
    known, strange = names
    events = pd.DataFrame({"id": [1], "who": [known], "at": [at(0)], "amount": [5.0]})
    asked = pd.DataFrame({"__row": [1, 2, 3], "who": [known, strange, None], "__as_of": [at(1)] * 3})
    if isinstance(known, int):
        asked["who"] = asked["who"].astype("Int64")
    table = Table("events", engine.frame(events), key=("id",), time="at")
    rows = Rows(engine.frame(asked), keys=("who",))
    made = fetched(over(rows, table, "who", ["1 day"], {"n": "count", "spent": ("sum", "amount")}, context))
    assert listed(made, "n_1_day") == [1, 0, None]
    assert listed(made, "spent_1_day") == [5, 0, None]
