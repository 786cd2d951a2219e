"""Features that are lists, at the door of a recorded model."""

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.predicting.door import scoring_of
from sartor.predicting.interface import FeatureColumn, Interface, kind_of

PAST = FeatureColumn("past", "lists", "object", "history")
INTERFACE = Interface("slate", (), None, ("user",), (), (PAST,), {}, ())


def asked(past):
    return pd.DataFrame({"__row": ["ann|1", "bob|1"], "user": ["ann", "bob"], "past": pd.Series(past, dtype=object)})


def test_lists_come_to_the_model_as_they_are():
    scoring = scoring_of(asked([np.array(["cup", "mug"]), np.array([])]), INTERFACE)
    assert [list(cell) for cell in scoring.X["past"]] == [["cup", "mug"], []]


def test_lists_that_are_missing_throughout_are_no_other_kind():
    assert scoring_of(asked([None, None]), INTERFACE).X["past"].isna().all()


def test_a_text_where_lists_were_learned_from_is_refused():
    with pytest.raises(
        InputError, match=r"'past', which features\.history builds, holds text, and held lists in training"
    ):
        scoring_of(asked(["cup", "mug"]), INTERFACE)


def test_a_column_of_lists_is_no_text():
    assert kind_of(pd.Series([None, np.array(["cup"])], dtype=object)) == "lists"
