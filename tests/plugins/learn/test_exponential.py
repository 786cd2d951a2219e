"""The exponential law of purchases, with the numbers of the text that sartor comes from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.errors import InputError
from sartor.events import Note
from sartor.rows import Judged
from sartor.testing import make_context, make_training
from sartor_plugins.learn.fitting.exponential import Law
from sartor_plugins.learn.models.exponential import Exponential


def purchases(amounts, weight=None):
    return make_training(pd.DataFrame({"shop": ["a"] * len(amounts)}), amounts, answers="number", weight=weight)


def drawn(rows: int = 400, mean: float = 500.0) -> np.ndarray:
    """Quantiles of the law at even shares: their mean is about the law's, and so is their variance."""
    return -mean * np.log1p(-(np.arange(rows) + 0.5) / rows)


def test_spending_600_or_more_where_500_is_the_mean():
    law = Law(500.0)
    assert law.rate == 1 / 500
    assert law.reaching(600) == pytest.approx(0.301, abs=5e-4)
    assert law.reaching(600) == pytest.approx(np.exp(-1.2))
    assert law.density(600) == pytest.approx(0.000602, abs=5e-7)
    # The integral of exp(-x / 500) is 500, and not 6,000: only so all chances add up to 1.
    x = np.linspace(0, 20_000, 200_001)
    assert np.trapezoid(np.exp(-x / 500), x) == pytest.approx(500, rel=1e-6)
    assert np.trapezoid([law.density(amount) for amount in x], x) == pytest.approx(1, rel=1e-6)


def test_the_mean_is_the_most_likely_one(context):
    amounts = np.array([100.0, 250.0, 400.0, 1_250.0])
    found = Exponential(at_least=[600]).fit(purchases(amounts), context)
    assert found.learned()["mean"] == 500
    assert found.learned()["at_least"]["600"] == pytest.approx({"chance": 0.301194, "density": 0.000602388}, rel=1e-5)

    def likelihood(mean: float) -> float:
        return float(np.sum(-np.log(mean) - amounts / mean))

    assert likelihood(500) > max(likelihood(499), likelihood(501), likelihood(300), likelihood(6_000))


def test_an_answer_is_the_mean_with_the_chances_behind_it(context):
    training = purchases([100.0, 250.0, 400.0, 1_250.0])
    answers = Exponential(at_least=[0, 600]).fit(training, context).predict(training.without_truth())
    assert list(answers) == ["number", "at_least:0", "at_least:600"]
    assert answers.iloc[0].tolist() == pytest.approx([500, 1, np.exp(-1.2)])
    assert answers.nunique().max() == 1


def test_a_variance_of_1000_contradicts_a_mean_of_500(tmp_path):
    heard = []
    amounts = 500 + np.sqrt(1_000) * np.tile([-1.0, 1.0], 50)
    found = Exponential().fit(purchases(amounts), make_context(tmp_path, heard=heard)).learned()
    assert found["deviation"] ** 2 == pytest.approx(1_000)
    assert found["deviation_of_the_law"] ** 2 == pytest.approx(250_000)
    # 10 x (31.6 / 500 - 1)
    assert found["standard_errors_off"] == pytest.approx(-9.37, abs=0.005)
    assert not found["fits"]
    (note,) = [event for event in heard if isinstance(event, Note)]
    assert note.caution
    assert note.text == (
        "the amounts do not follow an exponential law: their variance is 1000, and one of mean 500 has 250000; "
        "its chances of large amounts are not to be believed"
    )


def test_amounts_that_follow_the_law_are_not_doubted(tmp_path):
    heard = []
    found = Exponential().fit(purchases(drawn()), make_context(tmp_path, heard=heard))
    assert found.learned()["fits"]
    assert found.learned()["mean"] == pytest.approx(500, rel=0.01)
    assert heard == []


def test_the_check_is_wrong_about_as_seldom_as_it_says(context):
    rng = np.random.default_rng(0)
    off = [Exponential().fit(purchases(rng.exponential(500, 500)), context).spread.off for _ in range(300)]
    assert np.mean(np.abs(off) > 3) < 0.02
    assert np.std(off) == pytest.approx(1, abs=0.15)


def test_a_row_of_weight_2_counts_as_two(context):
    weighed = Exponential().fit(purchases([100.0, 400.0], weight=[2.0, 1.0]), context)
    assert weighed.learned()["mean"] == pytest.approx(200)
    # Weights of 2 and 1 tell as much as 9 / 5 rows alike.
    assert weighed.spread.rows == pytest.approx(1.8)


def test_the_law_may_begin_at_the_smallest_order(context):
    found = Exponential(start=20, at_least=[20, 120]).fit(purchases([20.0, 220.0]), context)
    assert found.law.reaching(20) == 1
    assert found.law.reaching(120) == pytest.approx(np.exp(-1))
    assert found.law.density(10) == 0


def test_amounts_below_the_start_are_refused(context):
    with pytest.raises(InputError, match="2 training rows have less than 0, where an exponential law begins") as raised:
        Exponential().fit(purchases([-5.0, -1.0, 10.0]), context)
    assert raised.value.problems[0].code == "D084"
    with pytest.raises(InputError, match="all training rows have 0, and an exponential law needs amounts above"):
        Exponential().fit(purchases([0.0, 0.0]), context)
    with pytest.raises(ValidationError, match="amounts must rise, and are 600, 100"):
        Exponential(at_least=[600, 100])


def test_amounts_of_1e300_have_a_mean(context):
    assert Exponential().fit(purchases([1e300, 1.5e300]), context).learned()["mean"] == pytest.approx(1.25e300)


def test_the_report_holds_the_chances_against_what_happened(context):
    training = purchases(drawn())
    found = Exponential(at_least=[600]).fit(training, context)
    judged = Judged(training.y, found.predict(training.without_truth()), training.rows, (), training, training.X)
    (section,) = found.sections(judged, context)
    assert "do not contradict an exponential law" in section.sentence
    ((amount, chance, reached),) = section.table.lines
    assert amount == "600"
    assert chance == pytest.approx(reached, abs=0.005)


def test_what_is_saved_answers_alike(context, tmp_path):
    training = purchases(drawn())
    found = Exponential(at_least=[600]).fit(training, context)
    (tmp_path / "law").mkdir()
    found.save(tmp_path / "law")
    again = Exponential(at_least=[600]).load(tmp_path / "law")
    pd.testing.assert_frame_equal(again.predict(training.without_truth()), found.predict(training.without_truth()))
    assert again.learned() == found.learned()
