"""Survival of patients: the same look at columns, with an event that comes in time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.context import telling
from sartor.errors import InputError
from sartor.rows import Origins
from sartor.testing import make_table, make_tables
from sartor_domains.healthcare.survival import Survival

N = 100


@pytest.fixture
def rows(context, said):
    def made(columns, **settings):
        frame = pd.DataFrame(columns)
        frame.insert(0, "patient", range(len(frame)))
        tables = make_tables([make_table("patients", frame, context, key=["patient"])], context)
        with telling(lambda text, caution=False: said.append((text, caution))):
            return Survival.model_validate({"time": "days", "event": "dead", **settings}).rows(tables, Origins())

    return made


@pytest.fixture
def patients():
    rng = np.random.default_rng(0)
    return {
        "age": rng.integers(30, 90, N),
        "days": np.floor(rng.exponential(400, N)),
        "dead": np.tile([0, 1], N // 2),
        "visit": np.repeat([1, 2], N // 2),
    }


def test_a_cause_of_death_is_refused(rows, patients):
    patients["chapter"] = np.where(patients["dead"] == 1, "Circulatory", None)
    with pytest.raises(InputError, match="'chapter' has a value in 50 of 50 lines with the event and in 0 of 50") as e:
        rows(patients)
    assert e.value.problems[0].code == "D193"
    assert rows(patients, known_after=["chapter"]).truth == ("dead", "days", "chapter")


def test_who_is_eligible_and_who_has_a_time_is_told_step_by_step(rows, patients):
    patients["days"][:3] = np.nan
    made = rows(patients, eligible={"visit": 1})
    assert made.facts["flow"] == [
        ["lines of the table", 100],
        ["with visit 1", 50],
        ["with 'days' and 'dead' known", 47],
    ]


def test_a_time_of_0_is_one(rows, patients):
    patients["days"][:3] = 0
    made = rows(patients)
    frame = made.frame.collect().to_pandas()
    assert int((frame["__target_time"] == 0).sum()) >= 3
    assert frame["__target_event"].notna().all()


def test_zeros_that_mean_missing_are_flagged_here_too(rows, patients, said):
    patients["systolic"] = np.where(np.arange(N) < 5, 0, np.random.default_rng(1).normal(130, 12, N).round())
    rows(patients)
    assert said[0][0].startswith("'systolic' is 0 in 5 of 100 lines")
    assert said[0][1]
