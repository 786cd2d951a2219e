"""Pairs have points together, and more risk in either part never earns more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cards import answers, borrowers, chances, scoring, training
from pydantic import ValidationError
from scipy.optimize import minimize

from sartor.errors import InputError
from sartor_domains.finance.card.binning import Sample, binned
from sartor_domains.finance.card.pairs import paired, rising
from sartor_domains.finance.scorecard import Scorecard


def couples(seed=0, rows=4000):
    """Neither debt nor youth is dangerous alone; together they are."""
    rng = np.random.default_rng(seed)
    debt, young = rng.integers(0, 2, rows), rng.integers(0, 2, rows)
    chance = np.where((debt == 1) & (young == 1), 0.6, np.where((debt == 1) | (young == 1), 0.15, 0.1))
    X = {"debt": np.where(debt == 1, "much", "little"), "age": np.where(young == 1, 20.0, 50.0)}
    X["town"] = rng.choice(["A", "B"], rows)
    return X, (rng.random(rows) < chance).astype(int)


FOUR = {"debt": ["little", "little", "much", "much"], "age": [50.0, 20.0, 50.0, 20.0], "town": ["A"] * 4}


@pytest.mark.parametrize("seed", range(8))
def test_smoothing_finds_the_closest_rates_that_rise_both_ways(seed):
    rng = np.random.default_rng(seed)
    weight, rate = rng.uniform(0.2, 5, (3, 4)), rng.uniform(0, 1, (3, 4))
    found = rising(weight, rate)
    assert (np.diff(found, axis=0) >= 0).all()
    assert (np.diff(found, axis=1) >= 0).all()
    place = np.arange(12).reshape(3, 4)
    orders = [(place[i, j], place[i + 1, j]) for i in range(2) for j in range(4)]
    orders += [(place[i, j], place[i, j + 1]) for i in range(3) for j in range(3)]
    rows = np.zeros((len(orders), 12))
    for number, (low, high) in enumerate(orders):
        rows[number, low], rows[number, high] = -1, 1
    best = minimize(
        lambda values: float((weight.ravel() * (values - rate.ravel()) ** 2).sum()),
        np.full(12, 0.5),
        jac=lambda values: 2 * weight.ravel() * (values - rate.ravel()),
        constraints={"type": "ineq", "fun": lambda values: rows @ values, "jac": lambda values: rows},
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-13},
    )
    assert float((weight * (found - rate) ** 2).sum()) == pytest.approx(best.fun, abs=1e-6)


def test_cells_with_much_the_same_risk_are_one_bin():
    X, bad = couples()
    sample = Sample(bad.astype(float), np.ones(len(bad)), 2, 0.05)
    frame = pd.DataFrame(X)
    pair = paired(binned(frame["debt"], sample), binned(frame["age"], sample), frame, sample)
    risky, calm = sorted(pair.table.bins, key=lambda one: one.woe)
    assert pair.label(risky) == "debt much with age up to 20"
    assert pair.label(calm) == "debt little with age up to 20 or over 20; debt much with age over 20"
    both = (frame["debt"] == "much") & (frame["age"] == 20)
    assert (risky.rows, risky.bad) == (both.sum(), bad[both].sum())
    assert calm.rows == (~both).sum()


def test_a_pair_finds_what_neither_tells_alone(context):
    X, bad = couples()
    apart = Scorecard().fit(training(X, bad), context)
    together = Scorecard(pairs=[["debt", "age"]]).fit(training(X, bad), context)
    assert chances(apart, FOUR)[3] < 0.55
    assert chances(together, FOUR) == pytest.approx([0.1, 0.15, 0.15, 0.6], abs=0.04)
    assert [pair.name for pair in together.pairs] == ["debt × age"]


@pytest.mark.parametrize("seed", range(6))
def test_more_risk_in_one_part_never_earns_more_points(context, seed):
    rng = np.random.default_rng(seed)
    X, bad = borrowers(rows=1500, seed=seed)
    # Something that speaks for the wrong way round in one corner.
    bad = np.where((X["income"] > 4000) & (X["job"] == "nurse"), rng.random(len(bad)) < 0.8, bad).astype(int)
    card = Scorecard(pairs=[["income", "job"], ["years", "income"]], min_share=0.02).fit(training(X, bad), context)
    assert card.pairs
    for pair in card.pairs:
        own = {entry.name: entry for entry in card.characteristics}
        points = np.array([*(one.points for one in pair.table.bins), pair.table.neutral_points])
        total = points[pair.grid[:-1, :-1]]
        for axis, part in enumerate((pair.first, pair.second)):
            alone = np.zeros(len(part.bins))
            if part.name in own:
                alone = own[part.name].points[:-1]
            total = total + (alone[:, None] if axis == 0 else alone[None, :])
        for axis, part in enumerate((pair.first, pair.second)):
            order = np.argsort(part.woes[:-1], kind="stable")
            assert (np.diff(np.take(total, order, axis=axis), axis=axis) >= 0).all(), pair.name


def test_explanations_give_half_to_each_part(context):
    X, bad = couples()
    card = Scorecard(pairs=[["debt", "age"]]).fit(training(X, bad), context)
    points, added = card.points(pd.DataFrame(FOUR)), card.explain(scoring(FOUR))
    debt = points.get("debt", 0) + points["debt × age"] / 2
    assert added["debt"].tolist() == pytest.approx((-debt / card.scale.factor).tolist())
    log_odds = np.log(answers(card, FOUR)["probability"] / (1 - answers(card, FOUR)["probability"]))
    base = -card.scale.log_odds(np.array([card.base_points]))[0]
    assert log_odds.tolist() == pytest.approx((base + added.sum(axis=1)).tolist())


def test_pairs_are_chosen_on_rows_held_out_and_the_record_is_kept(context):
    X, bad = couples()
    card = Scorecard(pairs=3).fit(training(X, bad), context)
    assert [pair.name for pair in card.pairs] == ["debt × age"]
    record = card.learned()["chosen"]
    assert record["pairs"]["tried"][0]["pair"] == ["debt", "age"]
    assert record["pairs"]["tried"][0]["taken"]
    # Some 30 rows in 100 are held out, five times, as one time has too few bad ones to choose by.
    assert record["rounds"] == 5
    assert 0.25 < record["rows"] / 5 / len(bad) < 0.35


def test_no_pair_is_taken_where_none_is_shown_to_help(context):
    X, bad = borrowers(rows=1500)
    card = Scorecard(pairs=2).fit(training(X, bad), context)
    assert card.pairs == ()
    (only,) = card.learned()["chosen"]["pairs"]["tried"]
    assert not only["taken"]


def test_a_saved_card_with_pairs_scores_alike(context, tmp_path):
    X, bad = couples()
    card = Scorecard(pairs=[["debt", "age"]]).fit(training(X, bad), context)
    (tmp_path / "saved").mkdir()
    card.save(tmp_path / "saved")
    assert Scorecard().load(tmp_path / "saved") == card
    assert chances(Scorecard().load(tmp_path / "saved"), FOUR) == chances(card, FOUR)


def test_what_is_unseen_in_one_part_counts_neither_way(context):
    X, bad = couples()
    card = Scorecard(pairs=[["debt", "age"]]).fit(training(X, bad), context)
    points = card.points(pd.DataFrame({"debt": ["none"], "age": [20.0], "town": ["A"]}))
    assert points.loc[0, "debt × age"] == card.pairs[0].table.neutral_points


def test_a_pair_of_a_column_that_is_no_feature_is_refused(context):
    X, bad = couples()
    with pytest.raises(InputError, match="pairs names 'debts', and the scorecard sees no such feature") as caught:
        Scorecard(pairs=[["debts", "age"]]).fit(training(X, bad), context)
    assert ("did you mean", "debt") in caught.value.problems[0].hints


def test_a_pair_with_a_part_that_tells_nothing_is_left_out(context):
    X, bad = couples()
    X["same"] = ["x"] * len(bad)
    card = Scorecard(pairs=[["debt", "same"]]).fit(training(X, bad), context)
    assert card.left_out["debt × same"] == "same tells nothing by itself"


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([["a", "a"]], "names 'a' with itself"),
        ([["a", "b"], ["b", "a"]], "names two columns twice"),
        ([["a"]], "at least 2 items"),
        (-1, "greater than or equal to 0"),
    ],
)
def test_pairs_that_make_no_sense_are_refused(pairs, message):
    with pytest.raises((ValidationError, InputError), match=message):
        Scorecard(pairs=pairs)
