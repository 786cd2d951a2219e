"""What the recipe leaves open is chosen on rows held out inside the training part; rounding keeps what was found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cards import borrowers, training

from sartor_domains.finance.card.binning import Sample
from sartor_domains.finance.card.choosing import chosen
from sartor_domains.finance.card.rounding import Exact, rounded
from sartor_domains.finance.card.scale import Scale
from sartor_domains.finance.scorecard import Scorecard


def test_nothing_is_tried_unless_it_is_asked_for(context):
    def no_split(_):
        raise AssertionError("nobody asked to hold rows out")

    X, bad = borrowers(rows=600)
    card = Scorecard().fit(replace(training(X, bad), split_again=no_split), context)
    assert card.learned()["chosen"] == {}


def test_the_stiffest_is_chosen_that_is_not_shown_to_be_worse(context):
    X, bad = borrowers(rows=1500)
    record = Scorecard(stiffness="chosen").fit(training(X, bad), context).learned()["chosen"]
    tried = record["stiffness"]["tried"]
    assert [one["stiffness"] for one in tried] == ["one coefficient", 300.0, 30.0, 3.0]
    best = min(one["log_loss"] for one in tried)
    for one in tried:
        assert one["behind"] == pytest.approx(one["log_loss"] - best)
    first = next(one for one in tried if one["behind"] <= one["standard_error"])
    assert record["stiffness"]["chosen"] == first["stiffness"]


def test_bins_whose_weights_mislead_are_given_more_freedom(context):
    rng = np.random.default_rng(0)
    rows = 12_000
    late = rng.integers(0, 4, rows)
    # Who is late twice mostly has a debt, and it is the debt that counts: alone, the second step of late looks longer.
    other = (rng.random(rows) < np.where(late >= 2, 0.85, 0.15)).astype(int)
    log_odds = -3 + 0.7 * late - 0.7 * (late >= 2) + 2.5 * other
    bad = (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int)
    X = {"late": late.astype(float), "other": other.astype(float)}
    record = Scorecard(stiffness="chosen").fit(training(X, bad), context).learned()["chosen"]
    assert record["stiffness"]["chosen"] != "one coefficient"


def test_with_too_few_rows_each_characteristic_has_one_coefficient_and_the_record_says_why(context):
    X, bad = borrowers(rows=60)
    settings = Scorecard(stiffness="chosen", pairs=2)
    choice = chosen(settings, training(X, bad), context)
    assert choice.stiff == np.inf
    assert choice.pairs == ()
    assert choice.record == {"rows": 0, "why": "too few rows can be held out to choose by"}


def test_other_rows_cannot_change_what_is_chosen(context):
    X, bad = borrowers(rows=1500)
    whole = training(X, bad)
    learn, held = whole.inner()
    settings = Scorecard(stiffness="chosen")
    before = settings.fit(learn, context)
    # The same rows again, after others were turned round that are not among them.
    held.y[:] = 1 - held.y
    assert settings.fit(whole.inner()[0], context) == before


class TestRounding:
    def sample(self, bad):
        return Sample(np.asarray(bad, dtype=float), np.ones(len(bad)), 6, 0.05)

    def test_as_many_bad_rows_are_expected_as_there_were(self):
        X, bad = borrowers(rows=3000)
        place = pd.qcut(X["income"], 5, labels=False)
        sample, scale = self.sample(bad), Scale()
        points = np.array([-31.4, -11.3, 2.45, 14.2, 33.3, 0.0])
        base, (found,) = rounded([Exact(points, np.array([-1.0, -0.5, 0.1, 0.5, 1.0, 0.0]), place)], sample, scale)
        assert (np.abs(found - points) < 1).all()
        chance = scale.probability(base + found[place])
        # A whole point more or less of the base moves the expected share by some 0.7 of a percentage point at most.
        assert abs(chance.mean() - bad.mean()) < 0.0035

    def test_a_bin_is_turned_to_where_the_rows_are(self):
        scale = Scale()
        # 2.4 would be rounded to 2, but the odds of the second bin are 21 to 19, those of the first even: 2.9 points.
        place = np.repeat([0, 1], 4000)
        bad = np.concatenate([np.ones(2000), np.zeros(2000), np.ones(1900), np.zeros(2100)])
        exact = Exact(np.array([0.0, 2.4, 0.0]), np.array([-0.05, 0.05, 0.0]), place)
        base, (found,) = rounded([exact], self.sample(bad), scale)
        assert found.tolist()[:2] == [0.0, 3.0]
        assert base == round(scale.score(0.0))

    def test_points_still_rise_with_the_weights_of_evidence(self):
        rng = np.random.default_rng(0)
        woes = np.array([-0.6, -0.2, 0.0, 0.3, 0.9, 0.0])
        for seed in range(30):
            rng = np.random.default_rng(seed)
            place = rng.integers(0, 5, 800)
            points = np.sort(rng.uniform(-4, 4, 6))[[0, 1, 2, 4, 5, 3]]
            bad = (rng.random(800) < 0.3).astype(float)
            _, (found,) = rounded([Exact(points, woes, place)], self.sample(bad), Scale())
            assert (np.diff(found[:5]) >= 0).all()

    def test_decimals_are_kept(self):
        place = np.tile([0, 1], 100)
        bad = np.tile([1.0, 0.0, 0.0, 0.0], 50)
        exact = Exact(np.array([-1.2345, 1.2345, 0.0]), np.array([-1.0, 1.0, 0.0]), place)
        base, (found,) = rounded([exact], self.sample(bad), Scale(decimals=2))
        assert [round(value, 2) for value in found.tolist()] == found.tolist()
        assert base == round(base, 2)

    def test_sums_of_decimals_are_exact(self):
        scale = Scale(decimals=2)
        points = np.array([0.1, 0.2, -0.07])
        assert scale.from_units(scale.units(points).sum()) == 0.23
