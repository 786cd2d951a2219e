from __future__ import annotations

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from sartor.errors import InputError
from sartor.evidence.bootstrap import Interval, Measured, Redraws, measure, totals
from sartor.evidence.metric import Metric


def weights_of(redraws: Redraws) -> np.ndarray:
    return np.concatenate(list(redraws.blocks()))


def rows(values) -> SimpleNamespace:
    return SimpleNamespace(truth=np.array(values, dtype=float))


MEAN = Metric("mean", "mean", "higher", "The mean.", per_row=lambda judged: judged.truth)
ROOT = Metric("root", "root", "higher", "Its root.", per_row=lambda judged: judged.truth, then=np.sqrt)
DRAWN = Metric("drawn", "drawn", "higher", "How many.", overall=lambda judged, weights: weights.sum(axis=1))


def test_every_redraw_draws_as_many_rows_as_there_are():
    weights = weights_of(Redraws(50, count=200))
    assert weights.shape == (200, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert set(np.unique(weights)) >= {0, 1, 2, 3}


def test_each_row_is_drawn_once_on_average_with_the_variance_of_drawing_again():
    weights = weights_of(Redraws(40, count=5000))
    assert weights.mean(axis=0) == pytest.approx(np.ones(40), abs=0.08)
    assert weights.var() == pytest.approx(1 - 1 / 40, rel=0.02)


def test_rows_of_a_group_are_drawn_together():
    groups = ["x", "y", "x", "z", "v", "w", "z"]
    weights = weights_of(Redraws(7, groups=groups, count=100))
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 3] == weights[:, 6]).all()
    assert (weights[:, [0, 1, 3, 4, 5]].sum(axis=1) == 5).all()


def test_the_same_seed_draws_the_same_and_another_does_not():
    assert (weights_of(Redraws(30, count=50, seed=4)) == weights_of(Redraws(30, count=50, seed=4))).all()
    assert (weights_of(Redraws(30, count=50, seed=4)) != weights_of(Redraws(30, count=50, seed=5))).any()


@pytest.mark.parametrize("kept", [0, 10**9])
def test_every_call_gives_the_same_redraws_kept_or_drawn_anew(monkeypatch, kept):
    monkeypatch.setattr("sartor.evidence.bootstrap._KEPT", kept)
    redraws = Redraws(30, count=50)
    assert (weights_of(redraws) == weights_of(redraws)).all()


def test_a_look_at_the_first_block_spoils_nothing(monkeypatch):
    monkeypatch.setattr("sartor.evidence.bootstrap._BLOCK", 300)
    redraws = Redraws(30, count=50)
    first = next(redraws.blocks())
    assert first.shape == (10, 30)
    assert (weights_of(redraws)[:10] == first).all()


def test_blocks_change_nothing(monkeypatch):
    whole = weights_of(Redraws(30, count=50))
    monkeypatch.setattr("sartor.evidence.bootstrap._BLOCK", 100)
    assert (weights_of(Redraws(30, count=50)) == whole).all()


@pytest.mark.parametrize(
    ("n_rows", "count", "note"),
    [
        (100_000, 1000, ""),
        (200_000, 500, "500 redraws instead of 1,000, for 200,000 rows"),
        (5_000_000, 100, "100 redraws instead of 1,000, for 5,000,000 rows"),
    ],
)
def test_more_rows_are_redrawn_less_often_and_that_is_said(n_rows, count, note):
    redraws = Redraws(n_rows)
    assert (redraws.count, redraws.note) == (count, note)


def test_fewer_redraws_that_were_asked_for_are_no_news():
    assert Redraws(200_000, count=300).note == ""


def test_four_groups_are_too_few_to_redraw():
    redraws = Redraws(8, groups=list("aabbccdd"))
    assert redraws.note == "no intervals: 4 independent groups of rows, at least 5 are needed"
    mean = measure({"model": rows(range(8))}, [MEAN], redraws)["model"]["mean"]
    assert mean.value == 3.5
    assert mean.interval() is None
    assert mean.why_no_interval == "fewer than 5 independent groups of rows"


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_row_without_a_group_is_counted_and_said(missing):
    with pytest.raises(InputError, match="1 of 3 rows has no group to be redrawn with"):
        Redraws(3, groups=[1, missing, 2])


def test_what_cannot_be_redrawn_is_refused():
    with pytest.raises(InputError, match="2 groups do not fit 3 rows; one a row is due"):
        Redraws(3, groups=["a", "b"])
    with pytest.raises(InputError, match="there are no rows to judge"):
        Redraws(0)


def test_a_million_rows_need_little_memory():
    tracemalloc.start()
    blocks = Redraws(1_000_000, count=100).blocks()
    for _ in range(3):
        assert next(blocks).shape == (1, 1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000


def test_all_models_are_judged_on_the_same_redraws():
    redraws = Redraws(20, count=100)
    values = np.arange(20.0)
    measured = measure({"one": rows(values), "other": rows(values + 1)}, [MEAN, ROOT, DRAWN], redraws)
    assert measured["one"]["mean"].value == 9.5
    assert measured["one"]["root"].value == pytest.approx(np.sqrt(9.5))
    assert measured["other"]["mean"].draws - measured["one"]["mean"].draws == pytest.approx(np.ones(100))
    assert measured["one"]["root"].draws == pytest.approx(np.sqrt(measured["one"]["mean"].draws))
    assert (measured["one"]["drawn"].draws == 20).all()


def test_the_interval_of_a_mean_is_that_of_theory():
    values = np.random.default_rng(0).normal(size=400)
    interval = measure({"model": rows(values)}, [MEAN], Redraws(400, count=4000))["model"]["mean"].interval()
    error = values.std() / np.sqrt(400)
    assert interval.low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert interval.high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


def test_rows_that_depend_on_each_other_make_a_wider_interval():
    people = np.repeat(np.random.default_rng(0).normal(size=40), 9)

    def width(groups):
        interval = measure({"model": rows(people)}, [MEAN], Redraws(360, groups=groups))["model"]["mean"].interval()
        return interval.high - interval.low

    # Nine copies of a row say no more than one: three times the width that 360 rows alone would have.
    assert width(np.repeat(np.arange(40), 9)) / width(None) == pytest.approx(3, rel=0.1)


def test_rounds_are_measured_one_by_one_and_averaged():
    redraws = Redraws(5, count=200)
    parts = [rows([1.0, 3.0]), rows([10.0, 20.0, 30.0])]
    measured = measure({"model": parts}, [MEAN, DRAWN], redraws, rounds=[np.array([0, 1]), np.array([2, 3, 4])])
    assert measured["model"]["mean"].value == (2 + 20) / 2
    assert measured["model"]["drawn"].draws == pytest.approx(np.full(200, 2.5))
    # A redraw that leaves a round out altogether has no mean there.
    in_the_first = weights_of(redraws)[:, :2].sum(axis=1)
    assert measured["model"]["mean"].left_out == np.isin(in_the_first, [0, 5]).sum() > 0


def test_a_total_counts_every_row_and_every_redraw_for_as_many_rows():
    values = {"accept all": np.array([5.0, -1, 2, 3, 1]), "accept none": np.zeros(5)}
    money = totals(values, Redraws(5, groups=list("abcde"), count=300))
    assert money["accept all"].value == 10
    assert money["accept all"].draws.mean() == pytest.approx(10, abs=1)
    assert money["accept none"].interval() == Interval(0, 0, 0)


def test_a_total_does_not_change_with_the_size_of_the_groups_drawn():
    # One group has 16 rows, four have one: a redraw holds 4 to 80 rows, each worth 2.
    groups = ["big"] * 16 + list("abcd")
    assert totals({"same": np.full(20, 2.0)}, Redraws(20, groups=groups))["same"].interval() == Interval(40, 40, 40)


def test_an_interval_is_the_middle_of_the_redraws():
    draws = np.arange(1001) / 1000
    assert Measured(0.5, draws).interval() == Interval(0.5, pytest.approx(0.025), pytest.approx(0.975))
    assert Measured(0.5, draws).interval(0.8) == Interval(0.5, pytest.approx(0.1), pytest.approx(0.9))


def test_an_interval_is_moved_where_redraws_are_worse_by_luck():
    # Redraws of a calibration error of 0.01 lie around 0.016: the value must not stand outside its own interval.
    draws = np.linspace(0.012, 0.020, 1001)
    interval = Measured(0.010, draws).interval()
    assert (interval.low, interval.high) == pytest.approx((0.0062, 0.0138), abs=1e-9)


def test_an_interval_stays_where_values_can_be():
    draws = np.linspace(0.004, 0.020, 1001)
    assert Measured(0.003, draws).interval().low < 0
    assert Measured(0.003, draws, least=0.0).interval().low == 0
    assert Measured(0.999, draws, most=1.0).interval().high == 1


def test_a_range_that_is_told_wrong_does_not_shut_the_value_out():
    assert Measured(1.2, np.linspace(1.1, 1.3, 1000), most=1.0).interval().high == 1.2


def test_a_few_huge_redraws_do_not_move_the_interval():
    draws = np.concatenate([np.linspace(0.8, 1.2, 995), np.full(5, 1e6)])
    interval = Measured(1.0, draws).interval()
    assert (interval.low, interval.high) == pytest.approx((0.81, 1.19), abs=0.01)


def test_a_metric_says_what_it_can_be():
    share = Metric("share", "share", "higher", "It.", per_row=lambda judged: judged.truth, least=0.0, most=1.0)
    measured = measure({"model": rows([0, 1, 0, 1, 1])}, [share], Redraws(5))["model"]["share"]
    assert (measured.least, measured.most) == (0, 1)


def test_redraws_without_a_value_are_left_out_and_counted():
    draws = np.concatenate([np.full(60, np.nan), np.linspace(0, 1, 940)])
    some = Measured(0.5, draws)
    assert some.left_out == 60
    assert some.interval() == Interval(0.5, pytest.approx(0.025), pytest.approx(0.975))


def test_too_many_redraws_without_a_value_leave_no_interval():
    few = Measured(0.5, np.concatenate([np.full(101, np.nan), np.linspace(0, 1, 899)]))
    assert few.interval() is None
    assert few.why_no_interval == "it has no value in 101 of 1,000 redraws"


def test_what_has_no_value_has_no_interval():
    none = Measured(float("nan"), np.linspace(0, 1, 1000))
    assert none.interval() is None
    assert none.why_no_interval == "it has no value on these rows"


def test_a_value_that_no_redraw_moves_is_a_point():
    assert Measured(0.1, np.full(1000, 0.1)).interval() == Interval(0.1, 0.1, 0.1)
