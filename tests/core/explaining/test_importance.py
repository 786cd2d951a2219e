"""What answers lean on, in the metric's own unit: for probabilities, numbers, truths of several parts and slates."""

import numpy as np
import pandas as pd
import pytest

from sartor.evidence.metric import Metric
from sartor.explaining.importance import HeldOut, importances
from sartor.explaining.leaning import sentence
from sartor.explaining.sources import sources_of
from sartor.rows import GROUP, ROW
from sartor.testing import make_training

MSE = Metric(
    "mse",
    "mean squared error",
    "lower",
    "How far off.",
    per_row=lambda judged: (judged.truth - judged.predictions["number"].to_numpy()) ** 2,
)


def held(X, y, predict, group=None):
    training = make_training(X, y, answers="number", classes=())
    if group is not None:
        training.rows[GROUP] = group
    return HeldOut(training, predict)


def by_age(scoring):
    return pd.DataFrame({"number": scoring.X["age"].to_numpy()})


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(0)
    return pd.DataFrame({"age": rng.normal(0, 2, 2000), "noise": rng.normal(size=2000)})


def test_what_answers_follow_is_missed_by_twice_its_variance_and_what_they_ignore_is_not(people):
    part = held(people, people["age"].to_numpy(), by_age)
    before, found = importances([part], sources_of(people), MSE, seed=1)
    assert before.value == 0
    assert [one.source for one in found] == ["age", "noise"]
    interval = found[0].measured.interval()
    assert interval.value == pytest.approx(8, rel=0.1)  # E (x - x')^2 = 2 * 2^2
    assert interval.low < 8 < interval.high
    assert found[1].measured.value == 0
    assert found[1].measured.interval() is not None


def test_a_metric_that_is_better_higher_is_worse_when_it_falls(people):
    def auc(judged, weights):
        score, truth = judged.predictions["number"].to_numpy(), judged.truth > 0
        pairs = (score[truth][:, None] > score[~truth][None, :]).astype(float)
        return np.array([w[truth] @ pairs @ w[~truth] / (w[truth].sum() * w[~truth].sum()) for w in weights])

    some = people.iloc[:300].reset_index(drop=True)
    part = held(some, some["age"].to_numpy(), by_age)
    measured = Metric("auc", "AUC", "higher", "Ranks.", overall=auc)
    before, found = importances([part], sources_of(some), measured, seed=1, redraws=50)
    assert before.value == 1
    # Shuffled, the score says nothing: half of all pairs stand right.
    assert found[0].measured.value == pytest.approx(0.5, abs=0.05)


def test_rows_that_hang_together_make_the_interval_wider(people):
    X = pd.DataFrame({"age": np.repeat(people["age"].to_numpy()[:40], 25)})

    def width(group):
        _, found = importances([held(X, X["age"].to_numpy(), by_age, group)], {"age": ["age"]}, MSE, seed=1)
        interval = found[0].measured.interval()
        return interval.high - interval.low

    assert width(np.repeat(np.arange(40), 25)) > 2 * width(np.arange(1000))


def test_the_interval_holds_what_a_whole_population_would_tell(people):
    inside = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X = pd.DataFrame({"age": rng.normal(0, 2, 200)})
        y = X["age"].to_numpy() + rng.normal(size=200)
        _, found = importances([held(X, y, by_age)], {"age": ["age"]}, MSE, seed=seed)
        interval = found[0].measured.interval()
        inside += interval.low <= 8 <= interval.high
    assert inside >= 34


def test_rounds_are_shuffled_each_in_itself_and_judged_together_or_each(people):
    halves = [people.iloc[:1000].reset_index(drop=True), people.iloc[1000:].reset_index(drop=True)]
    parts = [held(half, half["age"].to_numpy(), by_age) for half in halves]
    values = [
        importances(parts, {"age": ["age"]}, MSE, seed=1, pooled=pooled)[1][0].measured.value
        for pooled in (True, False)
    ]
    assert values[0] == pytest.approx(values[1])
    assert values[0] == pytest.approx(8, rel=0.15)


def test_truths_of_parts_and_answers_of_lists_are_no_other_case():
    X = pd.DataFrame({"history": [["cup"], ["spade"], ["cup"], ["spade"]] * 10, "age": range(40)})
    training = make_training(X[["age"]], np.zeros(40), answers="slate", classes=()).with_features(X)
    training = training.with_truth(pd.DataFrame({"items": X["history"]}), None)
    hit = Metric("hit", "hits", "higher", "Whether it was found.", per_row=lambda judged: np.array(
        [float(a == b) for a, b in zip(judged.truth["items"], judged.predictions["items"], strict=True)]))  # fmt: skip
    answers = lambda scoring: pd.DataFrame({"items": scoring.X["history"]})  # noqa: E731
    before, found = importances([HeldOut(training, answers)], sources_of(X, {"history": "past"}), hit, seed=1)
    assert before.value == 1
    assert [one.source for one in found] == ["past", "age"]
    assert found[0].measured.value == pytest.approx(0.5, abs=0.12)


def test_a_copy_is_shuffled_with_what_it_copies(people):
    X = people.assign(days=people["age"] * 365 + 0.1, kind=np.where(people["age"] > 0, "old", "young"))
    X["letter"] = X["kind"].map({"old": "o", "young": "y"})
    assert sources_of(X) == {
        "age and 1 alike": ["age", "days"],
        "noise": ["noise"],
        "kind and 1 alike": ["kind", "letter"],
    }

    def both(scoring):
        return pd.DataFrame({"number": (scoring.X["age"] + scoring.X["days"] / 365).to_numpy() / 2})

    alone, together = (
        importances([held(X, X["age"].to_numpy(), both)], sources, MSE, seed=1)[1][0].measured.value
        for sources in ({"age": ["age"]}, sources_of(X))
    )
    # Shuffled alone, the copy stands in for half of it.
    assert alone == pytest.approx(2, rel=0.1)
    assert together == pytest.approx(8, rel=0.1)


def test_a_window_is_shuffled_with_a_number_that_copies_its_latest_reading(people):
    wear = people["age"].rank()
    windows = {f"{name}: {step} before": wear.shift(step).bfill() for name in ("wear", "length") for step in (0, 1)}
    told = sources_of(people[["age", "noise"]].assign(**windows))
    assert told == {"age and 2 alike": ["age", *windows], "noise": ["noise"]}


def test_too_few_groups_have_no_interval(people):
    some = people.iloc[:30].reset_index(drop=True)
    _, found = importances(
        [held(some, some["age"].to_numpy(), by_age, np.arange(30) % 3)], {"age": ["age"]}, MSE, seed=1
    )
    assert found[0].measured.interval() is None
    worse = {"value": 2.0, "low": None, "high": None}
    assert sentence("age", {"label": "error", "better": "lower"}, worse) == "without age the error rises by 2.00"


def test_what_harms_is_said_to_harm():
    worse = {"value": -0.02, "low": -0.03, "high": -0.01}
    assert sentence("noise", {"label": "AUC", "better": "higher"}, worse) == (
        "without noise the AUC rises by 0.020 (0.010 to 0.030), for the better"
    )
    worse = {"value": 0.2, "low": 0.1, "high": 0.3}
    assert sentence("age", {"label": "slope", "better": 1.0}, worse) == (
        "without age the slope is 0.200 further from 1 (0.100 to 0.300)"
    )
    assert ROW not in sources_of(pd.DataFrame({"age": [1, 2]}))
