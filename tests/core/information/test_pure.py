"""Shares, verdicts and half-lives, on numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sartor.information.decay import days_in_words, half_life
from sartor.information.saying import half_life_sentence, sentence_of
from sartor.information.scoring import Spread
from sartor.information.shares import coalitions, exact_shares, sampled_shares
from sartor.information.worth import judged, spread_out


def test_two_sources_that_say_the_same_share_what_they_bring():
    worth = {present: float(bool(present & {"a", "b"})) + 2.0 * ("c" in present) for present in coalitions("abc")}
    shares = {name: float(share) for name, share in exact_shares(worth, "abc").items()}
    assert shares == pytest.approx({"a": 0.5, "b": 0.5, "c": 2.0})


def test_sampled_shares_come_near_the_exact_ones():
    names = "abcdefg"
    rng = np.random.default_rng(0)
    alone = dict(zip(names, rng.uniform(0.5, 1.5, len(names)), strict=True))

    def worth(present):
        return np.array([sum(alone[name] for name in present) - 0.05 * len(present) ** 2])

    exact = exact_shares({present: worth(present) for present in coalitions(names)}, names)
    sampled, errors, drawn = sampled_shares(worth, names, seed=1)
    assert 4 <= drawn < 100
    for name in names:
        assert float(sampled[name][0]) == pytest.approx(float(exact[name][0]), abs=4 * errors[name] + 1e-9)
    assert sum(float(share[0]) for share in sampled.values()) == pytest.approx(float(worth(frozenset(names))[0]))


def test_too_few_orders_are_no_shares():
    left = iter(range(9))

    def worth(present):
        return None if next(left, None) is None else np.array([float(len(present))])

    assert sampled_shares(worth, "abc", seed=0) == ({}, {}, 2)


@pytest.mark.parametrize(
    ("value", "error", "verdict"),
    [(1.0, 0.4, "worth it"), (-1.0, 0.4, "not worth it"), (1.0, 0.7, "cannot tell yet")],
)
def test_three_verdicts(value, error, verdict):
    redraws = value + error * np.random.default_rng(0).normal(size=4000)
    assert judged(np.append(value, redraws), 100, 0.95).verdict == verdict


def test_how_many_rows_would_tell():
    # The interval is half of 1.96 times 0.7 too wide: (1.96 + 0.84)^2 * 0.7^2 = 3.85 times the rows.
    redraws = 1.0 + 0.7 * np.random.default_rng(0).normal(size=20_000)
    assert judged(np.append(1.0, redraws), 100, 0.95).rows == pytest.approx(385, rel=0.03)
    nothing = judged(np.append(0.001, redraws - 0.999), 100, 0.95)
    assert (nothing.verdict, nothing.rows) == ("cannot tell yet", None)


def test_without_redraws_nothing_can_be_told():
    told = judged(np.array([1.0]), 3, 0.95)
    assert (told.verdict, told.interval) == ("cannot tell yet", None)


def test_the_chance_of_a_fit_makes_intervals_wider():
    line = np.append(0.0, np.random.default_rng(0).normal(size=4000))
    wider = spread_out(line, 2.0, 3, seed=0)
    assert wider[0] == 0.0
    assert np.std(line[1:]) < 1.1 < 2.5 < np.std(wider[1:])
    assert (spread_out(line, 2.0, 3, seed=0) == wider).all()


AGES = np.array([0.0, 1.0, 7.0, 30.0])


def lines(values, error=0.001):
    return np.column_stack([values, values[:, None] + error * np.random.default_rng(0).normal(size=(len(values), 300))])


@pytest.mark.parametrize("days", [0.5, 3.0, 20.0, 60.0])
def test_a_half_life_is_found(days):
    found = half_life(AGES, lines(0.2 * 2 ** (-AGES / days)))
    assert found.days == pytest.approx(days, rel=0.03)
    assert found.low < days < found.high
    assert found.fresh == pytest.approx(0.2, abs=0.002)


@pytest.mark.parametrize(
    ("values", "error", "why"),
    [
        (np.zeros(4), 0.001, "it is not shown that the source brings anything while it is fresh"),
        (np.full(4, 0.2), 0.001, "nothing shows that it is worth less when it is 30 days old"),
        (0.2 * 2 ** (-AGES / 400), 1e-5, "it goes stale more slowly than 30 days can show"),
    ],
)
def test_where_it_cannot_be_told_it_is_said_why(values, error, why):
    found = half_life(AGES, lines(values, error))
    assert (found.days, found.why) == (None, why)
    told = {"days": None, "why": found.why}
    assert half_life_sentence("web", told) == f"How fast 'web' goes stale cannot be told: {why}."


def test_lengths_of_time_are_said_as_people_do():
    assert [days_in_words(days) for days in (0.001, 0.5, 3.2, 100.0, 400.0)] == [
        "1 minute", "12 hours", "3 days", "14 weeks", "13 months",
    ]  # fmt: skip


def test_errors_with_long_tails_are_laplace():
    errors = np.random.default_rng(0).laplace(0, 2.0, 5000)
    found = Spread.of(errors, errors)
    assert found.form == "Laplace"
    assert found.width == pytest.approx(2.0, rel=0.05)
    assert found.log_density(np.zeros(1))[0] == pytest.approx(-np.log(2 * found.width))


WORDS = {"in_bits": True, "label": "bits", "currency": "DM", "judged": 298, "of": "rows"}


def of(value, low, high):
    return {"value": value, "low": low, "high": high}


def test_a_source_that_cannot_be_told_yet_says_how_many_rows_would():
    told = {
        "without": {"score": of(0.028, -0.018, 0.073), "money": {**of(42.0, -18.0, 105.0), "per_month": None}},
        "price": None, "net": of(42.0, -18.0, 105.0), "break_even": None, "verdict": "cannot tell yet", "rows": 1312,
    }  # fmt: skip
    assert sentence_of("account", told, WORDS) == (
        "Whether 'account' is worth it cannot be told yet: it brings 0.028 (−0.018 to 0.073) bits a row and DM 42 "
        "(−18 to 105) a decision. About 1,300 would tell; 298 rows judge now."
    )


def test_a_monthly_price_takes_how_often_it_is_decided():
    told = {
        "without": {"score": of(0.05, 0.01, 0.09), "money": {**of(42.0, 18.0, 105.0), "per_month": None}},
        "price": {"amount": 900.0, "per": "month"}, "net": None, "verdict": "cannot tell yet",
    }  # fmt: skip
    assert sentence_of("bureau", told, WORDS).endswith(
        "Whether that is worth DM 900.00 a month cannot be said: nobody knows how often it is decided. Say it: "
        "information: {decisions_per_month: N}."
    )
