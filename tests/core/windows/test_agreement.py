"""However windows are worked out, the same comes out: by hand, in slices, compiled, on Polars, row by row."""

import math
import re
from itertools import product

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pytest
from by_hand import at, brute, fetched
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sartor.context import Context
from sartor.engine import Engine
from sartor.errors import InputError
from sartor.rows import Rows, Table
from sartor.windows.measures import Windows
from sartor.windows.over import Work, over
from sartor.windows.state import WindowState

MEASURES = {
    "n": "count",
    "sum": ("sum", "amount"),
    "mean": ("mean", "amount"),
    "min": ("min", "amount"),
    "max": ("max", "amount"),
    "std": ("std", "amount"),
    "distinct": ("distinct", "item"),
    "since": "since",
}
KINDS = {name: given if isinstance(given, str) else given[0] for name, given in MEASURES.items()}
LENGTHS = {"3 hours": 3, "1 hour": 1, "ever": None, "10 hours": 10}
AMOUNTS = st.none() | st.sampled_from([0.1, 0.2, -7.35, 12.34, 0.0, 1e16, -1e16, 1e-300, 1e300, -1e300])

lines_of = st.lists(
    st.tuples(
        st.sampled_from([7, 7, 8, -9, None]),
        st.none() | st.integers(0, 12),
        AMOUNTS,
        st.sampled_from(["a", "b", "c", None]),
    ),
    min_size=1,
    max_size=25,
).map(lambda lines: [(number, *line) for number, line in enumerate(lines)])
ends_of = st.tuples(st.sampled_from(["before", "own", "including"]), st.sampled_from([0, 2]))


def frame_of(lines):
    columns = dict(zip(["id", "card", "moment", "amount", "item"], zip(*lines, strict=True), strict=True))
    columns["moment"] = [None if hours is None else at(hours) for hours in columns["moment"]]
    kinds = [pa.int64(), pa.int64(), pa.timestamp("us"), pa.float64(), pa.string()]
    return pa.table(
        [pa.array(values, kind) for values, kind in zip(columns.values(), kinds, strict=True)], list(columns)
    )


def measured(native, upto, delay, work, context, lengths=LENGTHS, measures=MEASURES):
    frame = nw.from_native(native).lazy() if not isinstance(native, nw.LazyFrame) else native
    table = Table("lines", frame, key=("id",), time="moment")
    marks = {"__row": nw.col("id"), "__as_of": nw.col("moment")}
    rows = Rows(frame.select("id", **marks), keys=("id",), own="lines")
    return fetched(over(rows, table, "card", list(lengths), measures, context, upto=upto, delay=delay, work=work))


def in_duckdb(table, upto="own", delay=None, work=None, **more):
    with Engine() as engine:
        context = Context(connection_of=lambda: engine.connection)
        return measured(engine.frame(table), upto, delay, work, context, **more)


def column_of(name, length):
    return f"{name}_{length.replace(' ', '_')}"


def expected(lines, upto, delay):
    return {
        column_of(name, text): [
            brute(lines, (line[0], line[1], line[2]), KINDS[name], length, upto, delay) for line in lines
        ]
        for name, (text, length) in product(MEASURES, LENGTHS.items())
    }


def assert_equal(found, wanted, tolerance=0.0):
    for column, values in wanted.items():
        for one, other in zip(found[column], values, strict=True):
            if other is None:
                assert pd.isna(one), (column, one)
            else:
                assert one == other or math.isclose(one, other, rel_tol=tolerance), (column, one, other)


@given(lines_of, ends_of, st.sampled_from([1, 3]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_windows_hold_what_looking_at_every_line_finds(lines, ends, slices):
    upto, delay = ends
    found = in_duckdb(frame_of(lines), upto, f"{delay} hours", Work(slices=slices, compiled=False))
    wanted = expected(lines, upto, delay)
    deviations = {column: wanted.pop(column) for column in list(wanted) if column.startswith("std")}
    assert_equal(found, wanted)
    # What is compared with works in fractions and rounds twice.
    assert_equal(found, deviations, tolerance=1e-15)


@given(lines_of, ends_of, st.randoms())
@settings(max_examples=25, deadline=None)
def test_the_order_of_lines_does_not_matter(lines, ends, random):
    upto, delay = ends
    shuffled = random.sample(lines, len(lines))
    one, other = (in_duckdb(frame_of(some), upto, f"{delay} hours") for some in (lines, shuffled))
    assert pa.Table.from_pandas(one).equals(pa.Table.from_pandas(other))


@given(lines_of, ends_of)
@settings(max_examples=60, deadline=None)
def test_one_row_at_a_time_equals_the_batch(lines, ends):
    upto, delay = ends
    batch = in_duckdb(frame_of(lines), upto, f"{delay} hours")
    windows = Windows.of(list(LENGTHS), MEASURES, upto, f"{delay} hours")
    states = {}
    for number, card, hours, amount, item in lines:
        state = states.setdefault(card, WindowState(windows))
        state.add(None if hours is None else at(hours), {"amount": amount, "item": item}, key=number)
    for number, card, hours, *_ in lines:
        if card is None:
            continue
        alone = states[card].measure(None if hours is None else at(hours), key=number)
        assert_equal(batch.loc[[number]], {name: [value] for name, value in alone.items()})


def test_a_row_that_is_measured_as_it_comes_equals_the_batch():
    """Lines come in order of time, each is measured when it has come, and what no window reaches is forgotten."""
    lines = [(number, 7 + number % 2, number // 3, 0.1 * number, "abc"[number % 3]) for number in range(60)]
    batch = in_duckdb(frame_of(lines), "own", None, lengths={"3 hours": 3})
    windows = Windows.of(["3 hours"], MEASURES, "own")
    states = {7: WindowState(windows), 8: WindowState(windows)}
    for number, card, hours, amount, item in lines:
        states[card].add(at(hours), {"amount": amount, "item": item}, key=number)
        alone = states[card].measure(at(hours), key=number)
        assert_equal(batch.loc[[number]], {name: [value] for name, value in alone.items()})
        states[card].forget(at(hours))
        assert len(states[card]) <= 7


def test_a_line_that_comes_alone_is_refused_for_the_numbers_for_which_the_batch_is():
    state = WindowState(Windows.of(["3 hours"], {"s": ("sum", "amount")}, "own"))
    state.add(at(0), {"amount": 2**53}, key=0)
    with pytest.raises(InputError, match=re.escape("column 'amount' holds 9,007,199,254,740,993, and windows")):
        state.add(at(1), {"amount": 2**53 + 1}, key=1)
    assert state.measure(at(0), key=0) == {"s_3_hours": 2.0**53}


@pytest.fixture(scope="module")
def many():
    """3,000 lines of 40 cards, with ties, gaps and amounts of all sizes, in no order of time."""
    import random

    dice = random.Random(4)
    lines = [
        (
            number,
            dice.choice([None, *range(40)]),
            dice.choice([None, *range(200)]),
            dice.choice([None, round(dice.lognormvariate(3, 2), 2), 10.0 ** dice.randrange(-200, 200)]),
            dice.choice([None, "a", "b", "c", "d"]),
        )
        for number in range(3000)
    ]
    return frame_of(lines)


@pytest.mark.parametrize("upto", ["before", "own", "including"])
def test_slices_and_spilling_change_no_byte(many, upto):
    one = pa.Table.from_pandas(in_duckdb(many, upto, "2 hours", Work(slices=1)))
    for work in (Work(slices=7), Work(slices=7, memory=1), Work(slices=1, memory=1), Work(slices=300)):
        assert one.equals(pa.Table.from_pandas(in_duckdb(many, upto, "2 hours", work)))


@pytest.mark.needs("numba")
@pytest.mark.parametrize("upto", ["before", "own", "including"])
def test_compiled_kernels_give_the_same_bytes(many, upto):
    plain, compiled = (in_duckdb(many, upto, "2 hours", Work(slices=3, compiled=how)) for how in (False, True))
    assert pa.Table.from_pandas(plain).equals(pa.Table.from_pandas(compiled))


@pytest.mark.needs("polars")
@pytest.mark.parametrize("upto", ["before", "own", "including"])
def test_polars_frames_give_the_same_bytes_and_stay_in_polars(many, upto):
    import polars as pl

    lazy = nw.from_native(pl.from_arrow(many).lazy())
    ours = measured(lazy, upto, "2 hours", Work(slices=3), Context())
    assert pa.Table.from_pandas(ours).equals(pa.Table.from_pandas(in_duckdb(many, upto, "2 hours")))
    rows = Rows(lazy.select("id", __row=nw.col("id"), __as_of=nw.col("moment")), keys=("id",), own="lines")
    made = over(rows, Table("lines", lazy, ("id",), "moment"), "card", ["1 day"], {"n": "count"}, Context())
    assert isinstance(nw.to_native(made), pl.LazyFrame)


def test_rows_named_by_text_equal_rows_named_by_numbers(many):
    """Their names are no numbers to be sorted or kept as such, and go through the file in another form."""
    names = [f"line {number:04d}" for number in many["id"].to_pylist()]
    texts = many.set_column(0, "id", pa.array(names))
    for work in (Work(slices=5), Work(slices=5, memory=1)):
        found = in_duckdb(texts, "own", None, work)
        wanted = in_duckdb(many, "own", None, Work(slices=1))
        assert found.index.tolist() == names
        assert pa.Table.from_pandas(found.reset_index(drop=True)).equals(
            pa.Table.from_pandas(wanted.reset_index(drop=True))
        )


def test_large_results_go_to_disk_and_stay_readable(many, engine, tmp_path):
    one = in_duckdb(many, "own", None)
    for scratch in (tmp_path, None):
        context = Context(connection_of=lambda: engine.connection, **({"scratch": scratch} if scratch else {}))
        found = measured(engine.store(many, "many"), "own", None, Work(slices=3, memory=1), context)
        assert pa.Table.from_pandas(found).equals(pa.Table.from_pandas(one))
    assert [file.suffix for file in tmp_path.iterdir()] == [".parquet"], "no other file is left behind"
