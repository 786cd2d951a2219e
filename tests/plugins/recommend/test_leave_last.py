"""The last event of each user judges: which rows there are, what is known to them, and what models learn from."""

import numpy as np
import pandas as pd
import pytest

from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import ROW, Origins, Table, Tables, Training
from sartor.stages.framing import truth_of
from sartor_plugins.recommend.features import History
from sartor_plugins.recommend.interactions import learned_from
from sartor_plugins.recommend.tasks import NextItems

LINES = [("ann", "cup", 3), ("ann", "jug", 10), ("ann", "mug", 9), ("ann", "pot", 2), ("bob", "jug", 1),
         ("cid", "cup", 5), ("cid", "pot", 6)]  # fmt: skip


@pytest.fixture
def lines(engine):
    def make(told=LINES):
        frame = pd.DataFrame(told, columns=["user", "item", "position"])
        return Table("lines", engine.frame(frame), roles={"user": "user", "item": "item"})

    return make


def built(task, table, engine, origins=None):
    """Rows with their lists, by the name of the row."""
    rows = task.rows(Tables({"lines": table}), origins or Origins())
    data = engine.fetch(rows.frame, order_by=[ROW])
    past = engine.fetch(History().build(rows, Tables({"lines": table}), Context())).set_index(ROW)
    return rows, data, past.loc[data[ROW]].reset_index(drop=True)


def test_each_part_knows_what_came_before_it(lines, engine):
    _, data, past = built(NextItems(leave_last="position"), lines(), engine)
    told = {
        row: (list(before), list(wanted))
        for row, before, wanted in zip(data[ROW], past["history_items"], data["__target_items"], strict=True)
    }
    assert told == {
        "ann|train": ([], ["cup", "pot"]),
        "ann|validation": (["pot", "cup"], ["mug"]),
        "ann|test": (["pot", "cup", "mug"], ["jug"]),
        "bob|test": ([], ["jug"]),
        "cid|validation": ([], ["cup"]),
        "cid|test": (["cup"], ["pot"]),
    }
    assert data.set_index(ROW)["newcomer"].to_dict()["bob|test"]


def test_models_learn_each_event_once_and_in_order(lines, engine):
    rows, data, past = built(NextItems(leave_last="position"), lines(), engine)
    y, _ = truth_of(data, rows)
    shown = data[[name for name in data.columns if not name.startswith("__target")]]
    training = Training(shown, past, "slate", y=y).take((data["part"] != "test").to_numpy())
    catalogue, learned = learned_from(training, {})
    names = np.array(catalogue.items.to_pylist())
    assert [list(names[part]) for part in np.split(learned.item, learned.starts[1:-1])] == [
        ["pot", "cup", "mug"],
        ["cup"],
    ]


def test_what_comes_next_is_asked_of_everybody_with_all_that_is_known(lines, engine):
    _, data, past = built(NextItems(leave_last="position"), lines(), engine, Origins(unanswered=True))
    assert data[ROW].tolist() == ["ann|next", "bob|next", "cid|next"]
    assert [list(items) for items in past["history_items"]] == [["pot", "cup", "mug", "jug"], ["jug"], ["cup", "pot"]]


def test_a_split_can_go_by_the_part_that_rows_are_given():
    assert NextItems(leave_last="position").made_columns == ("part",)
    assert NextItems().made_columns == ()


def test_an_order_by_texts_is_refused(lines, engine):
    table = lines([("ann", "cup", "9"), ("ann", "jug", "10")])
    with pytest.raises(
        InputError, match="'position' of lines says which event of a user is the last, and holds string"
    ) as e:
        NextItems(leave_last="position").rows(Tables({"lines": table}), Origins())
    assert e.value.problems[0].code == "D309"
    assert e.value.problems[0].hints[0][1].endswith("contract: {columns: {position: {type: integer}}}")


def test_part_and_leave_last_exclude_each_other():
    with pytest.raises(ValueError, match="part and leave_last both say which lines judge"):
        NextItems(leave_last="position", part="fold", known=["train"])
