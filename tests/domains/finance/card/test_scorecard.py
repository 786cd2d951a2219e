"""A scorecard adds up by hand, says what it learned, and is loud about what it never saw."""

from __future__ import annotations

import json
from math import log

import numpy as np
import pandas as pd
import pytest
from cards import CLASSES, borrowers, chances, homes, training
from pydantic import ValidationError

from sartor.errors import InputError
from sartor.testing import make_scoring, make_training
from sartor_domains.finance.scorecard import Scorecard


def test_without_a_penalty_each_bin_gets_the_odds_that_it_showed(context):
    card = Scorecard(penalty=0, decimals=6).fit(homes(), context)
    assert chances(card, {"home": ["own", "rent"]}) == pytest.approx([0.2, 0.8], abs=1e-6)
    # Odds of 4 to 1 and 1 to 4; 20 points double the odds, 600 points are 50 to 1.
    assert card.score(pd.DataFrame({"home": ["own", "rent"]})).tolist() == pytest.approx(
        [600 + 20 / log(2) * (log(4) - log(50)), 600 + 20 / log(2) * (log(1 / 4) - log(50))], abs=1e-5
    )


def test_the_base_score_stands_for_the_base_odds_and_more_points_double_them(context):
    card = Scorecard(base_score=500, base_odds=9, points_to_double_odds=30, penalty=0, decimals=6).fit(homes(), context)
    log_odds = card.scale.log_odds(np.array([500.0, 530.0, 440.0]))
    assert np.exp(log_odds).tolist() == pytest.approx([9, 18, 9 / 4])


def test_points_add_up_by_hand_to_the_score_and_give_the_probability(context):
    X, bad = borrowers()
    card = Scorecard().fit(training(X, bad), context)
    table = {entry["name"]: entry for entry in card.learned()["characteristics"]}
    frame = pd.DataFrame(X).head(50)
    points = card.points(frame)
    for name in points:
        assert set(points[name]) <= {one["points"] for one in table[name]["bins"]}
        assert (points[name] == points[name].round()).all()
    by_hand = card.learned()["base_points"] + points.sum(axis=1)
    assert card.score(frame).tolist() == by_hand.tolist()
    odds = 50 * 2 ** ((by_hand - 600) / 20)
    assert chances(card, frame) == pytest.approx((1 / (1 + odds)).tolist())


def test_points_are_counted_from_the_average_applicant(context):
    X, bad = borrowers()
    data = training(X, bad)
    card = Scorecard(decimals=6).fit(data, context)
    assert card.points(data.X).mean().tolist() == pytest.approx([0, 0, 0], abs=1e-5)
    contributions = card.explain(data.without_truth())
    assert contributions.mean().tolist() == pytest.approx([0, 0, 0], abs=1e-5)


def test_explanations_are_the_points_turned_into_log_odds_of_bad(context):
    card = Scorecard().fit(homes(), context)
    explained = card.explain(make_scoring(pd.DataFrame({"home": ["own", "rent"]}), classes=CLASSES))
    points = card.points(pd.DataFrame({"home": ["own", "rent"]}))
    assert explained["home"].tolist() == pytest.approx((-points["home"] / (20 / log(2))).tolist())
    assert explained["home"][0] < 0 < explained["home"][1]


def test_more_risk_never_earns_more_points(context):
    X, bad = borrowers(seed=3)
    X["copy"] = X["income"] + np.random.default_rng(1).normal(0, 5, len(bad))
    card = Scorecard(min_information_value=0).fit(training(X, bad), context)
    assert card.characteristics
    for entry in card.characteristics:
        assert entry.coefficient > 0
        rates = [one.bad / one.rows for one in entry.bins]
        points = [one.points for one in entry.bins]
        by_risk = np.argsort(rates)
        assert (np.diff(np.array(points)[by_risk]) <= 0).all(), entry.name


def test_a_saved_card_is_json_that_a_person_can_read_and_scores_alike(context, tmp_path):
    X, bad = borrowers()
    card = Scorecard().fit(training(X, bad), context)
    (tmp_path / "saved").mkdir()
    card.save(tmp_path / "saved")
    assert [path.name for path in (tmp_path / "saved").iterdir()] == ["card.json"]
    read = json.loads((tmp_path / "saved" / "card.json").read_text(encoding="utf-8"))
    assert read["classes"] == ["good", "bad"]
    loaded = Scorecard().load(tmp_path / "saved")
    assert loaded == card
    assert chances(loaded, X) == chances(card, X)


def test_what_tells_too_little_is_left_out_with_its_reason(context, heard):
    X, bad = borrowers()
    X["noise"] = np.tile([0.0, 1.0], len(bad) // 2)
    X["same"] = ["x"] * len(bad)
    X["empty"] = [np.nan] * len(bad)
    card = Scorecard().fit(training(X, bad), context)
    why = card.learned()["left_out"]
    assert set(why) == {"noise", "same", "empty"}
    assert why["same"] == why["empty"] == "the same for everyone, as far as bins of this size show"
    assert why["noise"].startswith("information value 0.00")
    assert why["noise"].endswith("below 0.02")
    assert "3 of 6 characteristics are in the card; left out: noise, same, empty" in [event.text for event in heard]


def test_the_points_table_says_in_full_what_falls_into_each_bin(context):
    X = {
        "size": [1.0] * 100 + [2.0] * 60,
        "street": ["Main Street"] * 100 + [f"lane {place % 6}" for place in range(60)],
    }
    bad = [0] * 80 + [1] * 20 + [0] * 15 + [1] * 45
    table = Scorecard(min_share=0.1, min_information_value=0).fit(training(X, bad), context).learned()
    found = {entry["name"]: entry["bins"] for entry in table["characteristics"]}
    assert [(one["bin"], one["above"], one["up_to"]) for one in found["size"]] == [
        ("up to 1", None, 1),
        ("over 1", 1, None),
    ]
    assert [(one["rows"], one["bad"], one["bad_rate"]) for one in found["size"]] == [(100, 20, 0.2), (60, 45, 0.75)]
    assert [one["bin"] for one in found["street"]] == ["Main Street", "lane 0, lane 1, lane 2, lane 3 and 2 more"]
    assert found["street"][1]["levels"] == [f"lane {place}" for place in range(6)]


def test_a_card_of_nothing_gives_everyone_the_base_rate_and_says_so(context, heard):
    card = Scorecard(decimals=6).fit(training({"same": ["x"] * 40}, [0] * 30 + [1] * 10), context)
    assert chances(card, {"same": ["x", "y"]}) == pytest.approx([0.25, 0.25], abs=1e-6)
    assert card.base_points == pytest.approx(600 + 20 / log(2) * (log(3) - log(50)), abs=1e-6)
    cautions = [event.text for event in heard if event.caution]
    assert cautions[0] == "no characteristic tells enough: the card tells no one from another"
    assert cautions[1].startswith("2 of 2 rows cannot be scored")


def test_points_too_coarse_to_tell_anyone_apart_are_said_to_be(context, heard):
    X, bad = borrowers(rows=400)
    card = Scorecard(points_to_double_odds=0.001).fit(training(X, bad), context)
    assert not card.parts
    assert "points with 0 decimals are too coarse where 0.001 double the odds: the card tells no one from another" in [
        event.text for event in heard if event.caution
    ]


def test_training_rows_of_one_class_are_refused(context):
    with pytest.raises(InputError, match="all 20 training rows are 'good': a scorecard learns from both outcomes"):
        Scorecard().fit(training({"home": ["own"] * 20}, [0] * 20), context)


def test_rows_of_weight_zero_teach_nothing(context):
    X, bad = borrowers(rows=400)
    doubled = {name: np.concatenate([values, values]) for name, values in X.items()}
    flipped = np.concatenate([bad, 1 - bad])
    weight = np.repeat([1.0, 0.0], 400)
    plain = Scorecard().fit(training(X, bad), context)
    weighted = Scorecard().fit(training(doubled, flipped, weight=weight), context)
    assert chances(weighted, X) == pytest.approx(chances(plain, X))
    only_good = np.where(bad == 0, 1.0, 0.0)
    with pytest.raises(InputError, match="a scorecard learns from both outcomes"):
        Scorecard().fit(training(X, bad, weight=only_good), context)


def test_more_than_two_outcomes_are_refused(context):
    three = make_training(pd.DataFrame({"x": [1, 2, 3]}), ["a", "b", "c"], classes=("a", "b", "c"))
    with pytest.raises(InputError, match="tells two outcomes apart, and the task has 3: a, b, c"):
        Scorecard().fit(three, context)


def test_a_missing_column_is_named_with_the_nearest_one(context):
    card = Scorecard().fit(homes(), context)
    with pytest.raises(InputError, match="no column 'home', which the scorecard needs") as caught:
        chances(card, {"homes": ["own"]})
    assert ("did you mean", "homes") in caught.value.problems[0].hints


def test_row_labels_with_gaps_change_nothing(context):
    X, bad = borrowers()
    card = Scorecard().fit(training(X, bad), context)
    frame = pd.DataFrame(X)
    gaps = frame.iloc[[5, 17, 3]]
    assert card.score(gaps).tolist() == [card.score(frame)[5], card.score(frame)[17], card.score(frame)[3]]


def test_five_hundred_characteristics_are_no_obstacle(context):
    rng = np.random.default_rng(0)
    X, bad = borrowers(rows=500)
    wide = {f"noise_{place}": rng.normal(size=500) for place in range(500)}
    card = Scorecard(min_information_value=0.1).fit(training({**wide, **X}, bad), context)
    assert {"income", "years"} <= {entry.name for entry in card.characteristics}


@pytest.mark.parametrize(
    "settings",
    [
        {"max_bins": 1},
        {"min_share": 0},
        {"min_share": 0.6},
        {"penalty": -1},
        {"points_to_double_odds": 0},
        {"base_odds": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ValidationError, match=next(iter(settings))):
        Scorecard.model_validate(settings)
