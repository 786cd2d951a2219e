"""The follow-up simulator: a known hazard, people who are watched for less, and the same rows each time."""

from __future__ import annotations

import numpy as np
import pytest

from sartor.context import Context
from sartor_plugins.samples.follow_up import FollowUp
from sartor_plugins.samples.patients import BASE, log_hazard


def table(**settings):
    return FollowUp(**settings).read(Context()).to_pandas()


def expected(patients):
    """Deaths that the hazard says, of each patient; a day has begun when somebody dies in it."""
    flags = (patients["smoker"] == "yes").astype(float), (patients["heart_failure"] == "yes").astype(float)
    hazard = BASE * np.exp(log_hazard(patients["age"].astype(float), patients["systolic"].astype(float), *flags))
    return hazard * (patients["days"] + 0.5)


@pytest.fixture(scope="module")
def patients():
    return table(rows=20_000)


def test_as_many_die_as_the_hazard_says(patients):
    assert (patients["died"] == "yes").sum() == pytest.approx(expected(patients).sum(), rel=0.03)


def test_the_last_to_enter_are_watched_for_less(patients):
    living = patients[patients["died"] == "no"]
    assert (
        living["days"] == (np.datetime64("2022-12-31") - living["admitted"].to_numpy("datetime64[D]")).astype(int)
    ).all()
    assert patients["days"].min() == 0


def test_at_the_south_they_die_faster_where_it_is_said():
    patients = table(rows=20_000, south_ratio=2.0)
    died = (patients["died"] == "yes").groupby(patients["hospital"]).sum()
    ratio = died / expected(patients).groupby(patients["hospital"]).sum()
    assert ratio["south"] == pytest.approx(2.0, rel=0.06)
    assert ratio["north"] == pytest.approx(1.0, rel=0.06)


def test_the_stay_is_longer_before_a_death(patients):
    soon = (patients["died"] == "yes") & patients["days"].between(20, 59)
    assert patients.loc[soon, "stay"].mean() > patients.loc[patients["died"] == "no", "stay"].mean() + 4


def test_the_same_settings_give_the_same_rows_and_another_seed_others():
    assert table(rows=50).equals(table(rows=50))
    assert not table(rows=50).equals(table(rows=50, seed=1))
