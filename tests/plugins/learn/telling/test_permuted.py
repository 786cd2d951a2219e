"""What a model leans on, told by shuffling: any model, held-out rows, readings of a window together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.context import Context
from sartor.rows import GROUP, Judged
from sartor.testing import make_training
from sartor_plugins.learn.models.nearest import Nearest
from sartor_plugins.learn.telling.permuted import loss_of, sections


@pytest.fixture
def people():
    rng = np.random.default_rng(0)
    return pd.DataFrame({"age": rng.normal(0, 2, 400), "noise": rng.normal(size=400)})


class ByAge:
    """Answers a number with the age."""

    def predict(self, scoring):
        return pd.DataFrame({"number": scoring.X["age"].to_numpy()})


def section_of(rows, context):
    (section,) = sections(ByAge(), rows, context)
    return section


def test_what_answers_follow_is_missed_by_twice_its_variance_and_what_they_ignore_is_not(people, context):
    rows = make_training(people, people["age"].to_numpy(), answers="number", classes=())
    section = section_of(rows, context)
    assert section.sentence == "**1 of 2 sources make answers worse when they are shuffled**: age is missed most."
    (age, loss, (low, high)), (noise, *nothing) = section.table.lines
    assert (age, noise) == ("age", "noise")
    assert loss == pytest.approx(8, rel=0.15)  # E (x - x')^2 = 2 * 2^2
    assert low < 8 < high
    assert nothing == [0, [0, 0]]


def test_readings_of_a_window_are_shuffled_together(people, context):
    X = pd.DataFrame({"age": people["age"], "heat: 0 before": people["noise"], "heat: 1 before": people["noise"] ** 2})
    section = section_of(make_training(X, people["age"].to_numpy(), answers="number", classes=()), context)
    assert [line[0] for line in section.table.lines] == ["age", "heat, its window"]


def test_rows_that_hang_together_make_the_interval_wider(people, context):
    X = pd.DataFrame({"age": np.repeat(people["age"].to_numpy()[:20], 20)})
    rows = make_training(X, X["age"].to_numpy(), answers="number", classes=())

    def width():
        low, high = section_of(rows, context).table.lines[0][2]
        return high - low

    alone = width()
    rows.rows[GROUP] = np.repeat(np.arange(20), 20)
    assert width() > 2 * alone


def test_classes_are_held_against_by_the_log_loss():
    shares = pd.DataFrame({"probability": [0.75, 0.5]})
    judged = Judged(np.array([1, 0]), shares, pd.DataFrame(index=range(2)), ("no", "yes"))
    assert loss_of("probability").losses(judged) == pytest.approx([-np.log(0.75), -np.log(0.5)])


def test_a_model_that_tells_no_contributions_tells_what_it_leans_on(context: Context):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.uniform(20, 60, 300), "noise": rng.normal(size=300)})
    kinds = ("young", "grown", "old")
    rows = make_training(X, [kinds[int((age - 20) // 13.4)] for age in X["age"]], classes=kinds)
    model = Nearest(neighbours=9).fit(rows, context)
    judged = Judged(rows.y, model.predict(rows.without_truth()), rows.rows, kinds, X=X)
    (section,) = [one for one in model.sections(judged, context) if one.id == "permuted"]
    assert section.sentence.startswith("**")
    assert "age is missed most" in section.sentence
    assert [line[0] for line in section.table.lines] == ["age", "noise"]
    assert section.table.lines[0][2][0] > 0
