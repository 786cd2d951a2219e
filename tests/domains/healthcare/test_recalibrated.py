"""Recalibration at a new site: risks that were learned elsewhere are put right by what happens there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from sartor.errors import InputError
from sartor.testing import make_context, make_training
from sartor_domains.healthcare.recalibrated import Recalibrated
from sartor_domains.healthcare.recalibrating import line_of

SITES = ("north", "south")


def patients(n=4000, shift=1.2, stretch=1.0, seed=0):
    """Risks follow age; in the south the log-odds are higher by `shift`, and `stretch` times as wide."""
    rng = np.random.default_rng(seed)
    age = rng.normal(0, 1, n)
    south = np.arange(n) % 4 == 0
    odds = np.where(south, shift + stretch * (age - 1), age - 1)
    ill = rng.random(n) < expit(odds)
    rows = pd.DataFrame({"site": np.where(south, "south", "north")})
    return make_training(pd.DataFrame({"age": age}), ["well" if not one else "ill" for one in ill],
                         classes=("well", "ill"), rows=rows), odds, south  # fmt: skip


def recalibrated(**more):
    return Recalibrated.model_validate({"model": {"use": "learn.logistic"}, "site": "site", "at": ["south"], **more})


@pytest.fixture
def heard():
    return []


@pytest.fixture
def context(tmp_path, heard):
    return make_context(tmp_path, heard=heard)


def test_the_intercept_is_moved_by_as_much_as_the_site_differs(context):
    training, odds, south = patients()
    fitted = recalibrated().fit(training, context)
    assert fitted.learned()["sites"]["south"]["intercept"] == pytest.approx(1.2, abs=0.2)
    said = fitted.predict(training.without_truth())["probability"].to_numpy()
    assert said[south].mean() == pytest.approx(np.mean(training.y[south]), abs=1e-6)
    assert said[south] == pytest.approx(expit(odds[south]), abs=0.06)


def test_elsewhere_risks_are_those_of_a_model_that_never_saw_the_site(context):
    from sartor.components import ModelStep

    training, _, south = patients()
    alone = context.fit(ModelStep(use="learn.logistic"), training.take(~south), "model")
    said = recalibrated().fit(training, context).predict(training.take(~south).without_truth())
    assert said.equals(alone.predict(training.take(~south).without_truth()))


def test_a_slope_is_found_where_it_is_asked_for(context):
    training, _, _ = patients(n=8000, stretch=0.4)
    line = recalibrated(method="slope").fit(training, context).learned()["sites"]["south"]
    assert line["slope"] == pytest.approx(0.4, abs=0.1)


def test_a_site_with_too_few_patients_keeps_its_risks_and_that_is_said(context, heard):
    training, _, _ = patients(n=40)
    fitted = recalibrated().fit(training, context)
    assert fitted.lines == {}
    (note,) = [one for one in heard if hasattr(one, "text")]
    assert "and 10 of either are needed: its risks stay as they are" in note.text
    assert note.caution


def test_all_sites_new_is_an_error(context):
    training, _, _ = patients(n=200)
    with pytest.raises(InputError, match="all 200 training rows are of the new sites north, south") as error:
        recalibrated(at=["north", "south"]).fit(training, context)
    assert error.value.problems[0].code == "D199"


def test_rows_that_do_not_say_their_site_are_an_error(context):
    training, _, _ = patients(n=400)
    fitted = recalibrated().fit(training, context)
    unsited = make_training(pd.DataFrame({"age": [0.0]}), ["ill"], classes=("well", "ill"))
    with pytest.raises(InputError, match="the rows have no column 'site' that tells their site"):
        fitted.predict(unsited.without_truth())


def test_a_falling_slope_is_0_and_everybody_has_the_share_of_events():
    odds, event = np.array([-1.0, -1, 1, 1]), np.array([1.0, 1, 0, 1])
    intercept, slope = line_of(odds, event, np.ones(4), slope=True)
    assert (intercept, slope) == (pytest.approx(np.log(3)), 0.0)
