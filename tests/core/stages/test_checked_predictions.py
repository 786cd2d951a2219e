"""A model may say more than its answer, such as why a row has none of its own; the answer keeps its form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.components import PROBABILITY, STATUS
from sartor.errors import PluginError
from sartor.predicting.answers import Answered
from sartor.rows import Scoring
from sartor.stages.fitting import checked
from sartor.testing.models import problem_in_answers

ROWS = pd.DataFrame({"__row": [1, 2]})
TWO = Scoring(ROWS, pd.DataFrame({"x": [1.0, 2.0]}), PROBABILITY, ("good", "bad"))


def said(**columns):
    return pd.DataFrame({"probability": [0.2, 0.3], **columns})


def test_a_status_and_a_score_stand_behind_the_answer_and_may_be_missing():
    frame = said(score=[612.0, np.nan], status=pd.Series([None, "cannot score"], dtype="str"))
    kept = checked(frame, TWO, "models.card")
    assert kept.columns.tolist() == ["probability", "score", "status"]
    assert kept[STATUS].isna().tolist() == [True, False]
    assert problem_in_answers(frame, TWO) is None


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (said(status=[1, 2]), "'status' holds int64 where texts are due"),
        (said(score=[np.inf, 1.0]), "'score' is infinite in 1 rows"),
        (said(status=["", ""]).set_axis(["probability", "probability"], axis=1), "are no names, each for itself"),
        (said(score=[1.0, 2.0])[["score", "probability"]], "columns score, probability where probability are due"),
        (said(score=[1.0, 2.0]).assign(probability=[np.nan, 0.1]), "1 predictions are not finite numbers"),
    ],
)
def test_what_stands_behind_the_answer_has_a_form_too(frame, message):
    with pytest.raises(PluginError, match=message):
        checked(frame, TWO, "models.card")
    assert problem_in_answers(frame, TWO) is not None


def test_rows_that_the_task_sets_aside_do_not_say_which_columns_a_model_has():
    def answered(probability):
        frame = pd.DataFrame({"probability": probability})
        return Answered(np.arange(2), None, {"card": frame}, {})

    assert not answered([np.nan, np.nan]).any_answer
    assert answered([np.nan, 0.2]).any_answer
