"""Columns of lazy frames, chosen and joined by SQL: the same as by Narwhals, only sooner."""

import narwhals as nw
import pandas as pd
import pytest

from sartor.engine import Engine
from sartor.wide import chosen, left_joined

AWKWARD = ["select", 'say "hi"', "a.b", "Größe in m²", "  spaces  ", "CASE", "1"]


@pytest.fixture
def engine():
    with Engine() as engine:
        yield engine


def test_columns_come_in_the_order_in_which_they_are_named_whatever_they_are_called(engine):
    frame = engine.frame(pd.DataFrame({name: [place] for place, name in enumerate(AWKWARD)}))

    found = engine.fetch(chosen(frame, reversed(AWKWARD)))

    assert found.columns.tolist() == AWKWARD[::-1]
    assert found.iloc[0].tolist() == [6, 5, 4, 3, 2, 1, 0]


def test_a_join_keeps_every_line_of_the_left_and_finds_no_partner_for_a_missing_key(engine):
    left = pd.DataFrame({"a.b": ["x", None, "z"], "at": pd.to_datetime(["2024-01-01"] * 3), "n": [1, 2, 3]})
    right = pd.DataFrame({"at": pd.to_datetime(["2024-01-01"] * 2), "a.b": ["x", None], "paid": [10.0, 20.0]})
    ours, theirs = engine.frame(left), engine.frame(right)

    found = engine.fetch(left_joined(ours, theirs, ["a.b", "at"]), order_by="n")
    by_narwhals = engine.fetch(ours.join(theirs, on=["a.b", "at"], how="left"), order_by="n")

    assert found.columns.tolist() == ["a.b", "at", "n", "paid"]
    assert found["paid"].fillna(-1).tolist() == [10.0, -1.0, -1.0]
    pd.testing.assert_frame_equal(found, by_narwhals)


def test_frames_of_other_engines_take_the_way_of_narwhals():
    frame = nw.from_native(pd.DataFrame({"loan": [1, 2], "amount": [10, 20]}))

    assert chosen(frame, ["amount"]).columns == ["amount"]
    assert left_joined(chosen(frame, ["loan"]), frame, ["loan"])["amount"].to_list() == [10, 20]


def test_two_thousand_columns_are_no_matter(engine):
    wide = engine.store(engine.frame(pd.DataFrame({f"gene {place}": [place] for place in range(2_000)})), "genes")
    names = wide.collect_schema().names()

    found = left_joined(chosen(wide, names[:1]), chosen(wide, names), names[:1])

    assert engine.fetch(found).iloc[0].tolist() == list(range(2_000))
