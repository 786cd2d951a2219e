"""Columns of lists, on their way through everything that was written for plain values."""

import numpy as np
import pandas as pd
import pytest

from sartor.evidence.future import _changed
from sartor.lists import different, hashes_of, holds_lists
from sartor.rows import Training
from sartor.runs.made_up import ROWS, made_up
from sartor.stages.fitting import digest_of
from sartor.stages.narrowing import _names_rows


def column(*cells):
    return pd.Series([None if cell is None else np.array(cell) for cell in cells], dtype=object)


def remembered(*cells):
    frame = pd.DataFrame({"past": column(*cells)})
    rows = pd.DataFrame({"__row": range(len(cells))})
    return Training(rows, frame, "slate", y=pd.DataFrame({"items": column(*cells)}))


def test_the_same_lists_have_the_same_digest_wherever_they_lie_in_memory():
    assert digest_of(remembered(["cup", "mug"], [])) == digest_of(remembered(["cup", "mug"], []))


@pytest.mark.parametrize(
    "other", [(["cup"], ["mug"]), (["mug", "cup"], []), (["cup", "mug"], None)], ids=["cut elsewhere", "order", "none"]
)
def test_lists_that_differ_have_another_digest(other):
    assert digest_of(remembered(["cup", "mug"], [])) != digest_of(remembered(*other))


def test_a_list_that_lost_an_element_has_seen_the_future():
    assert _changed(column(["a", "b"], ["c"]), column(["a"], ["c"])) == 1
    assert different(column([1.0], None), column([1.0], None)) == 0


def test_many_different_lists_are_no_identifier():
    assert not _names_rows(100, column(*[[f"item {n}"] for n in range(100)]))


def test_missing_lists_count_among_the_numbers():
    assert len(hashes_of(column(["a", "b"], None))) == 2 + 2
    assert not holds_lists(pd.Series([None, None], dtype=object))


def test_made_up_lists_hold_common_elements_only_and_have_one_length_in_a_line():
    cells = [["cup", "mug"], ["cup"], ["cup", "plate of the one customer"]] * 5
    frame = pd.DataFrame({"items": column(*cells, ["once"]), "days": column(*[[1.0] * len(c) for c in cells], [9.0])})
    drawn = made_up(frame, np.random.default_rng(0), {"items": [0]})
    items, days = drawn["items"].to_pylist(), drawn["days"].to_pylist()
    assert items[0] is None
    assert {item for line in items[1:] for item in line} == {"cup"}
    assert [len(line) for line in items[1:]] == [len(line) for line in days[1:]]
    assert len(items) == ROWS
